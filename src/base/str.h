/* Slices: text that somebody else owns.
 *
 * A `struct str` points at bytes and knows their number. It is passed by value, it is never freed, and
 * it lives as long as what it points into: a literal, an arena, the body of a request. The bytes need
 * not end in NUL. The empty slice may have p == NULL.
 *
 *     struct str name = STR("customer");
 *     if (str_eq(name, field->name)) log_info("field %.*s", STR_ARG(name));
 */
#ifndef PAINTBOX_BASE_STR_H
#define PAINTBOX_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t len;
};

#define STR(literal) ((struct str){("" literal), sizeof(literal) - 1})
#define STR_INIT(literal) {("" literal), sizeof(literal) - 1} /* for static initialisers */
#define STR_NONE ((struct str){NULL, 0})
#define STR_ARG(s) (int)(s).len, (s).p /* for "%.*s" */

static inline struct str str_c(const char *c) { return (struct str){c, c ? strlen(c) : 0}; }
static inline struct str str_mem(const void *p, size_t len) { return (struct str){(const char *)p, len}; }

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool str_eq_c(struct str a, const char *c) { return str_eq(a, str_c(c)); }

/* ASCII letters compare without case, as HTTP field names do. */
bool str_eq_nocase(struct str a, struct str b);

/* Order by bytes, then by length: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Index of the first `c`, or -1. */
ptrdiff_t str_find_char(struct str s, char c);
/* Index of the first `needle`, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);

/* The slice from `from` (clamped) for at most `len` bytes. */
struct str str_sub(struct str s, size_t from, size_t len);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/* Takes the part before the first `sep` off the front of `*rest` and puts it into `*part`. The last part
 * is what is left without a separator. False when nothing is left. */
bool str_split(struct str *rest, char sep, struct str *part);

/* The whole of `s` as a decimal integer. False on an empty slice, a foreign byte or overflow. */
bool str_to_i64(struct str s, int64_t *out);
bool str_to_u64(struct str s, uint64_t *out);

/* 64-bit XXH3 with a seed that each process draws, so that nobody can choose keys that collide. For tables only: a hash
 * never stands for its key (keys are compared whole), and it never leaves the process. */
uint64_t str_hash(struct str s);

#endif
