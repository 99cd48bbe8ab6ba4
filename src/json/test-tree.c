#include "base/test.h"
#include "json/json.h"

static void builds_a_tree(void **state)
{
    struct arena *a = arena_new(0);
    struct json *v = json_parse(
        a,
        STR(" {\"n\\u0061me\": \"P\\u00e9tra\", \"tags\": [\"a\", true, null, 1.50], \"o\": {} } "),
        NULL);
    assert_int_equal(v->kind, JSON_OBJECT);
    assert_int_equal(v->n, 3);
    assert_str(
        v->raw,
        "{\"n\\u0061me\": \"P\\u00e9tra\", \"tags\": [\"a\", true, null, 1.50], \"o\": {} }");
    assert_str(json_get_str(v, STR("name")), "Pétra");
    assert_str(json_get(v, STR("name"))->raw, "\"P\\u00e9tra\"");
    struct json *tags = json_get(v, STR("tags"));
    assert_int_equal(tags->n, 4);
    assert_str(tags->raw, "[\"a\", true, null, 1.50]");
    assert_true(tags->items[1]->kind == JSON_BOOL && tags->items[1]->boolean);
    assert_str(tags->items[1]->raw, "true");
    assert_int_equal(tags->items[2]->kind, JSON_NULL);
    assert_str(tags->items[3]->text, "1.50");
    assert_int_equal(json_get(v, STR("o"))->n, 0);
    assert_null(json_get(v, STR("none")));
    assert_null(json_get(NULL, STR("none")));
    assert_null(json_get(tags, STR("none")));
    assert_null(json_get_str(v, STR("tags")).p);
    arena_free(&a);
}

static void the_last_of_equal_names_counts(void **state)
{
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, 1 << 20);
    json_write(
        &b, json_parse(a, STR("{\"a\":1,\"b\":2,\"\\u0061\":{\"x\":1,\"x\":2},\"ab\":3,\"b\":4}"),
                       NULL));
    assert_str(buf_str(&b), "{\"a\":{\"x\":2},\"b\":4,\"ab\":3}");
    buf_free(&b);
    arena_free(&a);
}

static void many_equal_names(void **state)
{
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, 16 << 20);
    buf_add_char(&b, '{');
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", i % 1000, i);
    buf_add_char(&b, '}');
    struct json *v = json_parse(a, buf_str(&b), NULL);
    assert_int_equal(v->n, 1000);
    for (int i = 0; i < 1000; i++) {
        int64_t n;
        assert_str(v->members[i].name, arena_cstr(a, arena_printf(a, "k%d", i)));
        assert_true(json_to_i64(v->members[i].value, &n));
        assert_int_equal(n, 99000 + i);
    }
    buf_free(&b);
    arena_free(&a);
}

static void refuses_with_a_reason(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;
    assert_null(json_parse(a, STR("{\"a\":[1,{\"b\":}]}"), &err));
    assert_string_equal(err.code, "JSON_INVALID");
    assert_string_equal(
        err.msg,
        "line 1, column 14 (byte 13): a value was expected: an object, an array, a string, "
        "a number, true, false or null");
    assert_null(json_parse(a, STR("{} {}"), &err));
    assert_null(json_parse(a, STR_NONE, &err));
    char deep[200];
    memset(deep, '[', sizeof deep);
    assert_null(json_parse(a, str_mem(deep, sizeof deep), &err));
    assert_string_equal(err.code, "JSON_TOO_DEEP");
    arena_free(&a);
}

/* Two bytes of text may cost fifty of memory. */
static void ends_where_the_memory_does(void **state)
{
    struct arena *a = arena_new(1 << 20);
    char *text = arena_alloc(a, 1 << 19);
    struct err err;
    for (size_t i = 0; i < 1 << 19; i += 2)
        memcpy(text + i, i ? ",1" : "[1", 2);
    assert_null(json_parse(a, str_mem(text, 1 << 19), &err));
    assert_string_equal(err.code, "JSON_TOO_LARGE");
    assert_true(arena_used(a) < 3 << 20);
    arena_free(&a);
}

static void reads_integers_however_written(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"-0.0e5", true, 0},
        {"0e999999999999999999", true, 0},
        {"42", true, 42},
        {"1e3", true, 1000},
        {"1.0", true, 1},
        {"1.50e1", true, 15},
        {"1500e-2", true, 15},
        {"0.00012e+6", true, 120},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775807.000", true, INT64_MAX},
        {"92233720368547758.07e2", true, INT64_MAX},
        {"-1e18", true, INT64_C(-1000000000000000000)},
        {"9223372036854775808", false, 0},
        {"1e19", false, 0},
        {"1.5", false, 0},
        {"1e-1", false, 0},
        {"1e99999999999999999999", false, 0},
        {"1e-99999999999999999999", false, 0},
    };
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t n = -1;
        bool ok = json_to_i64(json_parse(a, str_c(cases[i].text), NULL), &n);
        if (ok != cases[i].ok || (ok && n != cases[i].value))
            fail_msg("%s: %d %lld", cases[i].text, ok, (long long)n);
    }
    int64_t n;
    struct buf zeros;
    buf_init(&zeros, 1 << 20);
    buf_printf(&zeros, "1%0100000de-100000", 0);
    assert_true(json_to_i64(json_parse(a, buf_str(&zeros), NULL), &n) && n == 1);
    buf_free(&zeros);
    assert_false(json_to_i64(json_parse(a, STR("\"1\""), NULL), &n));
    assert_false(json_to_i64(NULL, &n));
    arena_free(&a);
}

static void reads_doubles(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"-1.5", -1.5},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"123456789012345678", 123456789012345678.0},
        {"5e-324", 5e-324},
        {"1e-400", 0.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"0.0000001", 1e-7},
        {"9007199254740993", 9007199254740992.0},
    };
    struct arena *a = arena_new(0);
    double d;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!json_to_double(json_parse(a, str_c(cases[i].text), NULL), &d) || d != cases[i].value)
            fail_msg("%s: %.17g", cases[i].text, d);
    }
    assert_false(json_to_double(json_parse(a, STR("1e400"), NULL), &d));
    assert_false(json_to_double(json_parse(a, STR("null"), NULL), &d));
    assert_false(json_to_double(NULL, &d));
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(builds_a_tree, the_last_of_equal_names_counts, many_equal_names,
                     refuses_with_a_reason, ends_where_the_memory_does, reads_integers_however_written, reads_doubles);
}
