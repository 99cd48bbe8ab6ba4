/* Sets of small integers (type ids, subgraph ids) as bits in an arena.
 *
 * All sets of one kind have the same capacity; mixing capacities is a bug and is asserted. */
#ifndef PAINTBOX_BASE_BITS_H
#define PAINTBOX_BASE_BITS_H

#include "base/arena.h"

struct bits {
    uint32_t cap; /* number of bits */
    uint64_t w[];
};

struct bits *bits_new(struct arena *a, uint32_t cap);
struct bits *bits_copy(struct arena *a, const struct bits *b);

static inline void bits_set(struct bits *b, uint32_t i) { b->w[i >> 6] |= UINT64_C(1) << (i & 63); }
static inline void bits_clear(struct bits *b, uint32_t i) { b->w[i >> 6] &= ~(UINT64_C(1) << (i & 63)); }
static inline bool bits_has(const struct bits *b, uint32_t i) { return i < b->cap && (b->w[i >> 6] >> (i & 63) & 1); }

uint32_t bits_count(const struct bits *b);
bool bits_empty(const struct bits *b);
bool bits_equal(const struct bits *a, const struct bits *b);
bool bits_subset(const struct bits *a, const struct bits *b); /* a ⊆ b */
bool bits_overlap(const struct bits *a, const struct bits *b);
void bits_or(struct bits *a, const struct bits *b);   /* a ∪= b */
void bits_and(struct bits *a, const struct bits *b);  /* a ∩= b */
void bits_minus(struct bits *a, const struct bits *b); /* a ∖= b */
/* The first member at or after `from`, or -1: for (int i = bits_next(b, 0); i >= 0; i = bits_next(b, i + 1)) */
int bits_next(const struct bits *b, uint32_t from);

#endif
