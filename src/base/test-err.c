#include "base/err.h"
#include "base/test.h"
#include "base/utf8.h"

static void sets_and_prefixes(void **state)
{
    struct err e;
    assert_int_equal(err_set(&e, "PORT_TAKEN", "port %d is in use", 4000), -1);
    assert_string_equal(e.code, "PORT_TAKEN");
    assert_string_equal(e.msg, "port 4000 is in use");
    err_prefix(&e, "router %s", "A");
    assert_string_equal(e.msg, "router A: port 4000 is in use");
    assert_string_equal(e.code, "PORT_TAKEN");
    err_set(&e, e.code, "again: %s", e.msg);
    assert_string_equal(e.msg, "again: router A: port 4000 is in use");
    assert_int_equal(err_set(NULL, "X", "x"), -1);
    assert_int_equal(err_prefix(NULL, "x"), -1);
}

static void stays_one_line(void **state)
{
    struct err e;
    err_set(&e, "X", "a\nb\tc\x1b[31m");
    assert_string_equal(e.msg, "a b c [31m");
}

static void is_cut_at_a_whole_character(void **state)
{
    struct err e;
    char text[4000];
    for (int shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = (size_t)shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xF0\x9F\x8E\xA8", 4);
        text[sizeof text - 1] = '\0';
        err_set(&e, "X", "%s", text);
        assert_true(strlen(e.msg) > sizeof e.msg - 6);
        assert_true(utf8_valid(str_c(e.msg)));
        err_prefix(&e, "%s", text);
        assert_true(utf8_valid(str_c(e.msg)));
    }
}

int main(void)
{
    return RUN_TESTS(sets_and_prefixes, stays_one_line, is_cut_at_a_whole_character);
}
