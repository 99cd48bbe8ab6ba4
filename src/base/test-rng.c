#include "base/rng.h"
#include "base/test.h"

#include <math.h>

/* Reference numbers of xoshiro256** from the state {1, 2, 3, 4}. */
static void follows_the_reference(void **state)
{
    static const uint64_t want[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(rng_next(&r), want[i]);
}

static void one_seed_one_sequence(void **state)
{
    struct rng x, y, z;
    rng_seed(&x, 0);
    rng_seed(&y, 0);
    rng_seed(&z, 1);
    assert_int_equal(x.s[0], UINT64_C(0xe220a8397b1dcdaf)); /* splitmix64's first number for 0 */
    for (int i = 0; i < 100; i++) {
        double n = rng_normal(&x);
        assert_true(n == rng_normal(&y));
        assert_true(n != rng_normal(&z));
    }
}

static void stays_in_its_range(void **state)
{
    struct rng r;
    rng_seed(&r, 7);
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++)
        seen[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(seen[i], 850, 1150);
    for (int i = 0; i < 1000; i++) {
        int64_t v = rng_range(&r, -3, 3);
        assert_true(v >= -3 && v <= 3);
        double u = rng_unit(&r);
        assert_true(u >= 0 && u < 1);
    }
    rng_range(&r, INT64_MIN, INT64_MAX);
    assert_int_equal(rng_range(&r, INT64_MIN, INT64_MIN), INT64_MIN);
    assert_false(rng_chance(&r, 0));
    assert_true(rng_chance(&r, 1));
}

/* Moments and the mass within one, two and three standard deviations. */
static void normal_is_normal(void **state)
{
    enum { N = 200000 };
    struct rng r;
    rng_seed(&r, 2026);
    double sum = 0, squares = 0, fourth = 0;
    int within[4] = {0};
    for (int i = 0; i < N; i++) {
        double x = rng_normal(&r);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        for (int s = 1; s <= 3; s++)
            within[s] += fabs(x) < s;
    }
    assert_true(fabs(sum / N) < 0.01);
    assert_true(fabs(squares / N - 1) < 0.02);
    assert_true(fabs(fourth / N - 3) < 0.1);
    assert_true(fabs(within[1] / (double)N - 0.6827) < 0.005);
    assert_true(fabs(within[2] / (double)N - 0.9545) < 0.003);
    assert_true(fabs(within[3] / (double)N - 0.9973) < 0.001);
}

int main(void)
{
    return RUN_TESTS(follows_the_reference, one_seed_one_sequence, stays_in_its_range,
                     normal_is_normal);
}
