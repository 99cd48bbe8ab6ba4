#include "base/rng.h"

#include "base/panic.h"

static inline uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

/* splitmix64 spreads a seed, even 0, over the whole state. */
void rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ z >> 31;
    }
}

uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    PB_ASSERT(n > 0);
    uint64_t uneven = -n % n; /* 2^64 mod n: so many numbers are turned away */
    uint64_t x;
    do
        x = rng_next(r);
    while (x < uneven);
    return x % n;
}

int64_t rng_range(struct rng *r, int64_t lo, int64_t hi)
{
    PB_ASSERT(lo <= hi);
    uint64_t span = (uint64_t)hi - (uint64_t)lo;
    uint64_t x = span == UINT64_MAX ? rng_next(r) : rng_below(r, span + 1);
    return (int64_t)((uint64_t)lo + x);
}

double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

bool rng_chance(struct rng *r, double p)
{
    return rng_unit(r) < p;
}

/* True with probability exp(-x), 0 ≤ x ≤ 1 (von Neumann): the parity of the length of a falling run
 * below x. */
static bool chance_exp(struct rng *r, double x)
{
    bool even = true;
    for (double u = rng_unit(r); u < x; u = rng_unit(r)) {
        x = u;
        even = !even;
    }
    return even;
}

static bool chance_exp_times(struct rng *r, double x, int times)
{
    for (int i = 0; i < times; i++)
        if (!chance_exp(r, x))
            return false;
    return true;
}

/* Karney's method: whole part k and fraction x, each accepted with its share of exp(-(k+x)²/2).
 * Comparisons only, no logarithm: the last bits of libm differ between machines, and the numbers
 * must not. */
double rng_normal(struct rng *r)
{
    for (;;) {
        int k = 0;
        while (chance_exp(r, 0.5))
            k++;
        if (!chance_exp_times(r, 0.5, k * (k - 1)))
            continue;
        double x = rng_unit(r);
        if (chance_exp_times(r, x * (2 * k + x) / (2 * k + 2), k + 1))
            return rng_next(r) >> 63 ? -(k + x) : k + x;
    }
}
