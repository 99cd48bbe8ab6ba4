/* Private to json: finds the end of the plain part of a string, many bytes at a time.
 *
 * Plain are printable ASCII and DEL without the quote and the backslash: what stands in most
 * strings and needs neither checking nor changing. SSE2 belongs to every x86-64; elsewhere eight
 * bytes go through a 64-bit word. */
#ifndef PAINTBOX_JSON_SCAN_H
#define PAINTBOX_JSON_SCAN_H

#include "base/str.h"

#if defined(__SSE2__) && !defined(JSON_SCAN_PORTABLE)
#include <emmintrin.h>
#define JSON_SCAN_STEP 16
#else
#define JSON_SCAN_STEP 8
#endif

static inline bool json_is_plain(char c)
{
    return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* The top bit of each byte of the word that is not plain. A borrow may set bits above the first one
 * set, never below: the word as a whole and its lowest bit are right. */
static inline uint64_t json_scan_word(uint64_t v)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = v ^ ones * '"', backslash = v ^ ones * '\\';
    return ((quote - ones) | (backslash - ones) | (v - ones * 0x20) | v) & tops;
}

#if JSON_SCAN_STEP == 16

/* One bit per byte that is not plain. The comparison is signed: bytes from 0x80 count as below the
 * space. */
static inline uint32_t json_scan_step(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i stop =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    stop = _mm_or_si128(stop, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));
    return (uint32_t)_mm_movemask_epi8(stop);
}

#define JSON_SCAN_INDEX(mask) __builtin_ctz(mask)

#else

static inline uint64_t json_scan_step(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return json_scan_word(v);
}

#define JSON_SCAN_INDEX(mask) (__builtin_ctzll(mask) / 8)

#endif

/* The end of a text, shorter than a step: names and short values when they are written. */
static inline const char *json_scan_tail(const char *p, const char *end)
{
    uint64_t v;
    uint32_t low, high;
    if (end - p >= 8) {
        memcpy(&v, p, sizeof v);
        if (json_scan_word(v) == 0)
            p += 8;
    }
    if (end - p >= 4 && end - p <= 8) {
        memcpy(&low, p, sizeof low);
        memcpy(&high, end - 4, sizeof high);
        if (json_scan_word(low | (uint64_t)high << 32) == 0)
            return end;
    }
    while (p < end && json_is_plain(*p))
        p++;
    return p;
}

/* The first byte that is not plain, or `end`. */
static inline const char *json_scan_plain(const char *p, const char *end)
{
    while (end - p >= JSON_SCAN_STEP) {
        __auto_type mask = json_scan_step(p);
        if (mask)
            return p + JSON_SCAN_INDEX(mask);
        p += JSON_SCAN_STEP;
    }
    return json_scan_tail(p, end);
}

#endif
