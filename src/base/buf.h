/* Byte buffers that grow, with a named maximum.
 *
 *     struct buf out;
 *     buf_init(&out, BODY_MAX);
 *     buf_add(&out, STR("{\"data\":"));
 *     buf_printf(&out, "%d", n);
 *     if (buf_overflowed(&out)) …; // appends past the maximum were dropped
 *     buf_free(&out);
 *
 * A buffer owns malloc memory. Past the maximum an append adds nothing and the buffer remembers it, so a
 * writer checks once at its end.
 */
#ifndef PAINTBOX_BASE_BUF_H
#define PAINTBOX_BASE_BUF_H

#include "base/arena.h"

struct buf {
    char *p;
    size_t len, cap, max;
    bool overflowed;
};

void buf_init(struct buf *b, size_t max); /* allocates nothing yet */
void buf_free(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
static inline bool buf_overflowed(const struct buf *b) { return b->overflowed; }
static inline struct str buf_str(const struct buf *b) { return (struct str){b->p, b->len}; }

/* Room for n more bytes at the end, to be filled and then claimed with buf_advance(). NULL past the maximum. */
char *buf_reserve(struct buf *b, size_t n);
static inline void buf_advance(struct buf *b, size_t n) { b->len += n; }

bool buf_add_slow(struct buf *b, const void *p, size_t n);
static inline bool buf_add_mem(struct buf *b, const void *p, size_t n)
{
    if (__builtin_expect(n > b->cap - b->len, 0))
        return buf_add_slow(b, p, n);
    if (n) {
        memcpy(b->p + b->len, p, n);
        b->len += n;
    }
    return true;
}
static inline bool buf_add(struct buf *b, struct str s) { return buf_add_mem(b, s.p, s.len); }
static inline bool buf_add_c(struct buf *b, const char *c) { return buf_add_mem(b, c, strlen(c)); }
static inline bool buf_add_char(struct buf *b, char c) { return buf_add_mem(b, &c, 1); }
bool buf_add_u64(struct buf *b, uint64_t n);
bool buf_add_i64(struct buf *b, int64_t n);
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Shortens to `len`, which is a length the buffer once had. */
static inline void buf_truncate(struct buf *b, size_t len) { if (len < b->len) b->len = len; }
/* Drops n bytes at the front. */
void buf_consume(struct buf *b, size_t n);

#endif
