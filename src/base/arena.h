/* Arenas: memory with one lifetime.
 *
 * A request, a schema, a plan each own one arena; everything they need is allocated from it and dropped
 * with it in one step. Nothing is freed singly. An arena belongs to one thread at a time.
 *
 * Limits. `max` is a soft limit in bytes. Allocation never fails: past `max` it still succeeds but
 * arena_exhausted() turns true, and the owner checks that at its stage boundaries and answers with a clear
 * error. What is allocated between two checks is bounded by limits of its own (body size, tokens, depth).
 * When the system itself has no memory the process ends with a message: nothing sensible could go on.
 *
 * Under AddressSanitizer every allocation is its own block with red zones, so overruns are found.
 */
#ifndef PAINTBOX_BASE_ARENA_H
#define PAINTBOX_BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>

struct arena;

#define ARENA_MAX_DEFAULT (64u << 20)

/* `max` 0 means ARENA_MAX_DEFAULT. */
struct arena *arena_new(size_t max);
/* Drops everything and sets *a to NULL. NULL inside is fine. */
void arena_free(struct arena **a);
/* Drops the contents and keeps one block for the next use. */
void arena_reset(struct arena *a);

bool arena_exhausted(const struct arena *a);
/* Bytes handed out since creation or reset. */
size_t arena_used(const struct arena *a);

/* Zeroed memory, aligned for any type. n may be 0. */
void *arena_alloc(struct arena *a, size_t n);
/* Not zeroed. */
void *arena_alloc_raw(struct arena *a, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
struct str arena_str(struct arena *a, struct str s); /* copy; also NUL-terminated after its end */
char *arena_cstr(struct arena *a, struct str s);     /* copy with NUL */
/* n texts, one behind the other; also NUL-terminated after its end. */
struct str arena_concat(struct arena *a, const struct str *parts, unsigned n);
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vprintf(struct arena *a, const char *fmt, va_list ap);

/* n items of `size` bytes; a product that does not fit becomes a size that no allocation accepts. */
static inline size_t arena_size(size_t size, size_t n)
{
    size_t bytes;
    return __builtin_mul_overflow(size, n, &bytes) ? SIZE_MAX : bytes;
}

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), arena_size(sizeof(type), (size_t)(n))))

#endif
