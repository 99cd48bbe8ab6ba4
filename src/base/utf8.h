/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef PAINTBOX_BASE_UTF8_H
#define PAINTBOX_BASE_UTF8_H

#include "base/str.h"

/* Bytes of the character at p (1–4), 0 when there is no whole valid one before `end`. p < end. */
static inline unsigned utf8_length(const char *p, const char *end)
{
    const unsigned char *s = (const unsigned char *)p;
    size_t left = (size_t)(end - p);
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xE0)
        return s[0] >= 0xC2 && left >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
    if (s[0] < 0xF0) {
        if (left < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
            return 0;
        return (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ? 0 : 3;
    }
    if (s[0] > 0xF4 || left < 4 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 ||
        (s[3] & 0xC0) != 0x80)
        return 0;
    return (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F) ? 0 : 4;
}

/* How many bytes at p one U+FFFD stands for when utf8_length() gave 0: as many as begin a valid
 * character (the rule of Unicode's chapter 3 and of the WHATWG decoder), at least 1. */
size_t utf8_bad_length(const char *p, const char *end);

bool utf8_valid(struct str s);

/* Writes 1–4 bytes for a code point that is no surrogate and at most U+10FFFF. */
unsigned utf8_put(char *out, uint32_t code_point);

#endif
