#include "base/buf.h"
#include "base/test.h"

static void appends(void **state)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, STR_NONE);
    assert_null(b.p);
    buf_add(&b, STR("{\"n\":"));
    buf_add_u64(&b, UINT64_MAX);
    buf_add_char(&b, ',');
    buf_add_i64(&b, INT64_MIN);
    buf_add_char(&b, ',');
    buf_add_i64(&b, 0);
    buf_printf(&b, ",%s", "x");
    buf_add_c(&b, "}");
    assert_str(buf_str(&b), "{\"n\":18446744073709551615,-9223372036854775808,0,x}");
    buf_truncate(&b, 2);
    assert_str(buf_str(&b), "{\"");
    buf_consume(&b, 1);
    assert_str(buf_str(&b), "\"");
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    buf_free(&b);
    assert_null(b.p);
}

static void grows_by_every_way_of_appending(void **state)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        buf_printf(&b, "%d;", i);
        char *room = buf_reserve(&b, 3);
        memcpy(room, "abc", 3);
        buf_advance(&b, 3);
    }
    struct buf again;
    buf_init(&again, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        buf_add_i64(&again, i);
        buf_add(&again, STR(";abc"));
    }
    assert_int_equal(b.len, again.len);
    assert_memory_equal(b.p, again.p, b.len);
    buf_free(&b);
    buf_free(&again);
}

static void drops_what_passes_the_maximum_and_says_so(void **state)
{
    struct buf b;
    buf_init(&b, 300);
    for (int i = 0; i < 30; i++)
        assert_true(buf_add(&b, STR("0123456789")));
    assert_false(buf_overflowed(&b));
    assert_int_equal(b.len, 300);
    assert_false(buf_add_char(&b, 'x'));
    assert_false(buf_printf(&b, "%d", 1));
    assert_null(buf_reserve(&b, 1));
    assert_true(buf_overflowed(&b));
    assert_int_equal(b.len, 300);
    buf_clear(&b);
    assert_false(buf_overflowed(&b));
    assert_true(buf_printf(&b, "%0300d", 1)); /* exactly the maximum */
    assert_int_equal(b.len, 300);
    buf_free(&b);
}

int main(void)
{
    return RUN_TESTS(appends, grows_by_every_way_of_appending,
                     drops_what_passes_the_maximum_and_says_so);
}
