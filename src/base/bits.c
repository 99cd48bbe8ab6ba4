#include "base/bits.h"

#include "base/panic.h"

static inline uint32_t words(const struct bits *b)
{
    return (uint32_t)(((uint64_t)b->cap + 63) >> 6);
}

struct bits *bits_new(struct arena *a, uint32_t cap)
{
    size_t n = ((size_t)cap + 63) >> 6;
    struct bits *b = arena_alloc(a, sizeof *b + n * sizeof b->w[0]);
    b->cap = cap;
    return b;
}

struct bits *bits_copy(struct arena *a, const struct bits *b)
{
    return arena_memdup(a, b, sizeof *b + words(b) * sizeof b->w[0]);
}

uint32_t bits_count(const struct bits *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < words(b); i++)
        n += (uint32_t)__builtin_popcountll(b->w[i]);
    return n;
}

bool bits_empty(const struct bits *b)
{
    for (uint32_t i = 0; i < words(b); i++)
        if (b->w[i])
            return false;
    return true;
}

bool bits_equal(const struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    return memcmp(a->w, b->w, words(a) * sizeof a->w[0]) == 0;
}

bool bits_subset(const struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    for (uint32_t i = 0; i < words(a); i++)
        if (a->w[i] & ~b->w[i])
            return false;
    return true;
}

bool bits_overlap(const struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    for (uint32_t i = 0; i < words(a); i++)
        if (a->w[i] & b->w[i])
            return true;
    return false;
}

void bits_or(struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    for (uint32_t i = 0; i < words(a); i++)
        a->w[i] |= b->w[i];
}

void bits_and(struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    for (uint32_t i = 0; i < words(a); i++)
        a->w[i] &= b->w[i];
}

void bits_minus(struct bits *a, const struct bits *b)
{
    PB_ASSERT(a->cap == b->cap);
    for (uint32_t i = 0; i < words(a); i++)
        a->w[i] &= ~b->w[i];
}

int bits_next(const struct bits *b, uint32_t from)
{
    if (from >= b->cap)
        return -1;
    uint32_t i = from >> 6;
    uint64_t w = b->w[i] & (~UINT64_C(0) << (from & 63));
    while (!w) {
        if (++i == words(b))
            return -1;
        w = b->w[i];
    }
    return (int)(i * 64 + (uint32_t)__builtin_ctzll(w));
}
