/* Private to io: heads of messages are put together in memory that has room for them. Each gives where the next byte
 * goes. */
#ifndef PAINTBOX_IO_HTTP_PUT_H
#define PAINTBOX_IO_HTTP_PUT_H

#include "base/str.h"

static inline char *http_put(char *p, struct str s)
{
    if (s.len)
        memcpy(p, s.p, s.len);
    return p + s.len;
}

static inline char *http_put_header(char *p, struct str name, struct str value)
{
    p = http_put(p, name);
    p = http_put(p, STR(": "));
    p = http_put(p, value);
    return http_put(p, STR("\r\n"));
}

static inline char *http_put_u64(char *p, uint64_t n)
{
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    return http_put(p, str_mem(digits + i, sizeof digits - i));
}

#endif
