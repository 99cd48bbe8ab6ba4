/* Exact rationals: the few operations that pricing needs, over GMP's mpq. A ratio owns memory between ratio_init() and
 * ratio_clear(). */
#ifndef PAINTBOX_SERVICES_ESTIMATES_RATIO_H
#define PAINTBOX_SERVICES_ESTIMATES_RATIO_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

_Static_assert(sizeof(long) == 8, "GMP's _si calls must take an int64_t");

struct ratio {
    mpq_t q;
};

void ratio_init(struct ratio *r);
void ratio_clear(struct ratio *r);

void ratio_set(struct ratio *r, int64_t n, int64_t d);
void ratio_mul(struct ratio *r, int64_t n, int64_t d); /* r := r · n/d */
void ratio_add(struct ratio *r, const struct ratio *other);
void ratio_sub(struct ratio *r, const struct ratio *other);
int ratio_sign(const struct ratio *r);

/* Rounded to an integer; false when it is beyond ±2^53. half-up is ⌊x + ½⌋. */
bool ratio_half_up(const struct ratio *r, int64_t *out);
bool ratio_floor(const struct ratio *r, int64_t *out);
bool ratio_ceil(const struct ratio *r, int64_t *out);

#endif
