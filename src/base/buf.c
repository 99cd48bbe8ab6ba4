#include "base/buf.h"

#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CAP_FIRST 256u

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->overflowed = false;
}

static bool grow(struct buf *b, size_t n)
{
    if (n > b->max - b->len) {
        b->overflowed = true;
        return false;
    }
    size_t need = b->len + n;
    size_t cap = b->cap ? b->cap : CAP_FIRST;
    while (cap < need)
        cap = cap > b->max / 2 ? b->max : cap * 2;
    b->p = xrealloc(b->p, cap);
    b->cap = cap;
    return true;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if ((n > b->cap - b->len || !b->p) && !grow(b, n))
        return NULL;
    return b->p + b->len;
}

bool buf_add_slow(struct buf *b, const void *p, size_t n)
{
    if (!grow(b, n))
        return false;
    memcpy(b->p + b->len, p, n);
    b->len += n;
    return true;
}

bool buf_add_u64(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    return buf_add_mem(b, digits + at, sizeof digits - at);
}

bool buf_add_i64(struct buf *b, int64_t n)
{
    char text[21];
    size_t at = sizeof text;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do
        text[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        text[--at] = '-';
    return buf_add_mem(b, text + at, sizeof text - at);
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    size_t room = b->cap - b->len;
    va_start(ap, fmt);
    int n = vsnprintf(b->p ? b->p + b->len : NULL, room, fmt, ap);
    va_end(ap);
    PB_ASSERT(n >= 0);
    if ((size_t)n >= room) {
        /* vsnprintf wants a byte for its NUL, which the buffer need not have within its maximum. */
        char *text = xmalloc((size_t)n + 1);
        va_start(ap, fmt);
        vsnprintf(text, (size_t)n + 1, fmt, ap);
        va_end(ap);
        bool fits = buf_add_mem(b, text, (size_t)n);
        free(text);
        return fits;
    }
    b->len += (size_t)n;
    return true;
}

void buf_consume(struct buf *b, size_t n)
{
    PB_ASSERT(n <= b->len);
    b->len -= n;
    if (b->len)
        memmove(b->p, b->p + n, b->len);
}
