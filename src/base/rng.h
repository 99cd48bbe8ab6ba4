/* Repeatable pseudo-random numbers (xoshiro256**), for the simulator, generators of tests and demo data. Never for
 * secrets: those come from random_bytes(). The same seed gives the same numbers on every machine. */
#ifndef PAINTBOX_BASE_RNG_H
#define PAINTBOX_BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
/* 0 … n-1, without bias; n ≥ 1. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* lo … hi, both included. */
int64_t rng_range(struct rng *r, int64_t lo, int64_t hi);
/* 0 ≤ x < 1. */
double rng_unit(struct rng *r);
bool rng_chance(struct rng *r, double p);
/* Standard normal. */
double rng_normal(struct rng *r);

#endif
