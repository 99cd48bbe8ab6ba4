#include "base/map.h"
#include "base/test.h"

static void puts_gets_and_replaces(void **state)
{
    struct arena *a = arena_new(0);
    struct map m = {0};
    int one = 1, two = 2;
    assert_null(map_get(&m, STR("id")));
    assert_null(map_put(a, &m, STR("id"), &one));
    assert_ptr_equal(map_get(&m, STR("id")), &one);
    assert_ptr_equal(map_put(a, &m, STR("id"), &two), &one);
    assert_int_equal(m.n, 1);
    assert_null(map_put(a, &m, STR(""), NULL));
    assert_true(map_has(&m, STR_NONE));
    assert_null(map_get(&m, STR("")));
    assert_false(map_has(&m, STR("i")));
    arena_free(&a);
}

static void many_entries_keep_their_order(void **state)
{
    struct arena *a = arena_new(0);
    struct map m = {0};
    for (int i = 0; i < 5000; i++)
        assert_null(
            map_put(a, &m, arena_printf(a, "key%d", i * 7919 % 5000), (void *)(intptr_t)(i + 1)));
    assert_int_equal(m.n, 5000);
    for (int i = 0; i < 5000; i++) {
        struct str key = arena_printf(a, "key%d", i * 7919 % 5000);
        assert_int_equal((intptr_t)map_get(&m, key), i + 1);
        assert_true(str_eq(m.entries[i].key, key));
        assert_false(map_has(&m, arena_printf(a, "none%d", i)));
    }
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(puts_gets_and_replaces, many_entries_keep_their_order);
}
