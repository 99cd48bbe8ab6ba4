#include "base/arena.h"

#include "base/panic.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SEPARATE 1
#endif
#endif
#ifndef ARENA_SEPARATE
#define ARENA_SEPARATE 0
#endif

#define ALIGN _Alignof(max_align_t)
#define BLOCK_FIRST (8u << 10)
#define BLOCK_LARGEST (64u << 10)

/* Blocks form a list, newest first. The bytes follow the header. */
struct block {
    struct block *next;
    size_t size;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    char *p, *end; /* what is free in the block that is being filled */
    struct block *blocks;
    size_t used, max;
    size_t next_size;
};

static struct block *block_push(struct arena *a, size_t size)
{
    struct block *b = xmalloc(sizeof *b + size);
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

struct arena *arena_new(size_t max)
{
    struct arena *a = xcalloc(1, sizeof *a);
    a->max = max ? max : ARENA_MAX_DEFAULT;
    a->next_size = BLOCK_FIRST;
    return a;
}

static void blocks_free(struct block *b)
{
    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_free(struct arena **a)
{
    if (!*a)
        return;
    blocks_free((*a)->blocks);
    free(*a);
    *a = NULL;
}

void arena_reset(struct arena *a)
{
    struct block **link = &a->blocks;
    while (*link && (ARENA_SEPARATE || (*link)->bytes + (*link)->size != a->end))
        link = &(*link)->next;
    struct block *keep = *link;
    if (keep) {
        *link = keep->next;
        keep->next = NULL;
    }
    blocks_free(a->blocks);
    a->blocks = keep;
    a->p = keep ? keep->bytes : NULL;
    a->end = keep ? keep->bytes + keep->size : NULL;
    a->used = 0;
}

bool arena_exhausted(const struct arena *a)
{
    return a->used > a->max;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

/* A request that would waste much of a fresh block gets a block of its own, and the current one
 * goes on. */
static char *take_slow(struct arena *a, size_t n)
{
    if (ARENA_SEPARATE || n > a->next_size / 4)
        return block_push(a, n)->bytes;
    struct block *b = block_push(a, a->next_size);
    if (a->next_size < BLOCK_LARGEST)
        a->next_size *= 2;
    a->p = b->bytes + n;
    a->end = b->bytes + b->size;
    return b->bytes;
}

static inline char *take(struct arena *a, size_t n, size_t align)
{
    if (n > PTRDIFF_MAX - sizeof(struct block))
        PB_PANIC("an allocation of %zu bytes: its size overflowed", n);
    a->used += n;
    size_t pad = -(uintptr_t)a->p & (align - 1);
    if (__builtin_expect(ARENA_SEPARATE || pad + n > (size_t)(a->end - a->p) || !a->p, 0))
        return take_slow(a, n);
    char *p = a->p + pad;
    a->p = p + n;
    return p;
}

void *arena_alloc_raw(struct arena *a, size_t n)
{
    return take(a, n, ALIGN);
}

void *arena_alloc(struct arena *a, size_t n)
{
    return memset(take(a, n, ALIGN), 0, n);
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
    void *copy = take(a, n, ALIGN);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

char *arena_cstr(struct arena *a, struct str s)
{
    char *copy = take(a, s.len + 1, 1);
    if (s.len)
        memcpy(copy, s.p, s.len);
    copy[s.len] = '\0';
    return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
    return str_mem(arena_cstr(a, s), s.len);
}

struct str arena_concat(struct arena *a, const struct str *parts, unsigned n)
{
    size_t len = 0;

    for (unsigned i = 0; i < n; i++)
        len += parts[i].len;
    char *text = arena_alloc_raw(a, len + 1), *p = text;
    for (unsigned i = 0; i < n; p += parts[i++].len)
        if (parts[i].len)
            memcpy(p, parts[i].p, parts[i].len);
    *p = '\0';
    return str_mem(text, len);
}

struct str arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    PB_ASSERT(n >= 0);
    char *text = take(a, (size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return str_mem(text, (size_t)n);
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}
