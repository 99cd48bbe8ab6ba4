/* Private to json: finds the end of the plain part of a string, many bytes at a time.
 *
 * Plain are printable ASCII and DEL without the quote and the backslash: what stands in most strings and needs
 * neither checking nor changing. SSE2 belongs to every x86-64; elsewhere eight bytes go through a 64-bit word. */
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

#if JSON_SCAN_STEP == 16

/* One bit per byte that is not plain. The comparison is signed: bytes from 0x80 count as below the space. */
static inline uint32_t json_scan_step(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    stop = _mm_or_si128(stop, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));
    return (uint32_t)_mm_movemask_epi8(stop);
}

#define JSON_SCAN_INDEX(mask) __builtin_ctz(mask)

#else

/* The top bit of each byte that is not plain. A borrow may set bits above the first one set, never below it. */
static inline uint64_t json_scan_step(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    uint64_t quote = v ^ ones * '"', backslash = v ^ ones * '\\';
    return ((quote - ones) | (backslash - ones) | (v - ones * 0x20) | v) & tops;
}

#define JSON_SCAN_INDEX(mask) (__builtin_ctzll(mask) / 8)

#endif

/* The first byte that is not plain, or `end`. */
static inline const char *json_scan_plain(const char *p, const char *end)
{
    while (end - p >= JSON_SCAN_STEP) {
        __auto_type mask = json_scan_step(p);
        if (mask)
            return p + JSON_SCAN_INDEX(mask);
        p += JSON_SCAN_STEP;
    }
    while (p < end && json_is_plain(*p))
        p++;
    return p;
}

#endif
