#include "base/bits.h"
#include "base/test.h"

static struct bits *of(struct arena *a, uint32_t cap, int n, ...)
{
    struct bits *b = bits_new(a, cap);
    va_list ap;
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        bits_set(b, va_arg(ap, uint32_t));
    va_end(ap);
    return b;
}

static void membership(void **state)
{
    struct arena *a = arena_new(0);
    struct bits *b = of(a, 130, 4, 0u, 63u, 64u, 129u);
    assert_int_equal(bits_count(b), 4);
    assert_true(bits_has(b, 129));
    assert_false(bits_has(b, 128));
    assert_false(bits_has(b, 4000));
    bits_clear(b, 63);
    assert_false(bits_has(b, 63));
    assert_true(bits_empty(bits_new(a, 130)));
    assert_true(bits_empty(bits_new(a, 0)));
    assert_int_equal(bits_next(bits_new(a, 0), 0), -1);
    arena_free(&a);
}

static void algebra(void **state)
{
    struct arena *a = arena_new(0);
    struct bits *x = of(a, 200, 3, 1u, 70u, 199u), *y = of(a, 200, 2, 70u, 150u);
    assert_true(bits_overlap(x, y));
    assert_false(bits_subset(y, x));
    struct bits *both = bits_copy(a, x);
    bits_and(both, y);
    assert_true(bits_equal(both, of(a, 200, 1, 70u)));
    assert_true(bits_subset(both, x));
    struct bits *either = bits_copy(a, x);
    bits_or(either, y);
    assert_int_equal(bits_count(either), 4);
    bits_minus(either, y);
    assert_true(bits_equal(either, of(a, 200, 2, 1u, 199u)));
    assert_false(bits_overlap(either, y));
    arena_free(&a);
}

static void walks_members_in_order(void **state)
{
    struct arena *a = arena_new(0);
    struct bits *b = of(a, 64, 3, 5u, 0u, 63u);
    int want[] = {0, 5, 63}, n = 0;
    for (int i = bits_next(b, 0); i >= 0; i = bits_next(b, (uint32_t)i + 1))
        assert_int_equal(i, want[n++]);
    assert_int_equal(n, 3);
    assert_int_equal(bits_next(b, 64), -1);
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(membership, algebra, walks_members_in_order);
}
