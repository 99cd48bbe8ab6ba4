/* Private to json and to who compares JSON with a text that is expected: 32 bytes that are looked at in two ways at
 * once.
 *
 * Compiled with AVX2 it is one vector, with SSE2 two, elsewhere words of eight bytes. */
#ifndef PAINTBOX_JSON_WINDOW_H
#define PAINTBOX_JSON_WINDOW_H

#include "json/scan.h"

#define JSON_WINDOW 32

#if defined(__AVX2__) && !defined(JSON_SCAN_PORTABLE)

#include <immintrin.h>

struct json_window {
    __m256i v;
};

static inline struct json_window json_window_at(const char *p)
{
    return (struct json_window){_mm256_loadu_si256((const __m256i *)p)};
}

/* One bit per byte that is the same. */
static inline uint32_t json_window_same(struct json_window a, struct json_window b)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.v, b.v));
}

#define JSON_WINDOW_WORD(c) (INT64_C(0x0101010101010101) * (c))
#define JSON_WINDOW_OF(c) {JSON_WINDOW_WORD(c), JSON_WINDOW_WORD(c), JSON_WINDOW_WORD(c), JSON_WINDOW_WORD(c)}

/* One bit per byte that is not plain, as in json_scan_step(). */
static inline uint32_t json_window_stops(struct json_window w)
{
    static const __m256i EDGES[] = {JSON_WINDOW_OF('"'), JSON_WINDOW_OF('\\'), JSON_WINDOW_OF(' ')};
    const __m256i *edges = EDGES;

    /* Else the compiler makes them anew at each use, by spreading a byte over a vector, which takes longer. */
    __asm__("" : "+r"(edges));
    __m256i stop = _mm256_or_si256(_mm256_cmpeq_epi8(w.v, edges[0]), _mm256_cmpeq_epi8(w.v, edges[1]));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(stop, _mm256_cmpgt_epi8(edges[2], w.v)));
}

#elif JSON_SCAN_STEP == 16

struct json_window {
    const char *p;
};

static inline struct json_window json_window_at(const char *p)
{
    return (struct json_window){p};
}

static inline uint32_t json_window_same_half(const char *p, const char *q)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p), w = _mm_loadu_si128((const __m128i *)q);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, w));
}

static inline uint32_t json_window_same(struct json_window a, struct json_window b)
{
    return json_window_same_half(a.p, b.p) | json_window_same_half(a.p + 16, b.p + 16) << 16;
}

static inline uint32_t json_window_stops(struct json_window w)
{
    return json_scan_step(w.p) | json_scan_step(w.p + 16) << 16;
}

#endif

#if JSON_SCAN_STEP == 16

/* Does it begin with the first n bytes of the text, n below 32? 32 bytes can be read there. */
static inline bool json_window_begins(struct json_window w, const char *text, unsigned n)
{
    return (~json_window_same(w, json_window_at(text)) & ((UINT32_C(1) << n) - 1)) == 0;
}

/* Where the first byte is that is not plain, of those from `from` on, which is below 32; 32 when there is none. */
static inline unsigned json_window_stop(struct json_window w, unsigned from)
{
    uint32_t stops = json_window_stops(w) >> from;
    return stops ? from + (unsigned)__builtin_ctz(stops) : JSON_WINDOW;
}

#else

struct json_window {
    const char *p;
};

static inline struct json_window json_window_at(const char *p)
{
    return (struct json_window){p};
}

static inline bool json_window_begins(struct json_window w, const char *text, unsigned n)
{
    return memcmp(w.p, text, n) == 0;
}

static inline unsigned json_window_stop(struct json_window w, unsigned from)
{
    return (unsigned)(json_scan_plain(w.p + from, w.p + JSON_WINDOW) - w.p);
}

#endif

#endif
