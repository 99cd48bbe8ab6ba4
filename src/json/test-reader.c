#include "base/test.h"
#include "json/json.h"

static struct json_reader reader(const char *text, struct err *err)
{
    struct json_reader r;
    json_reader_init(&r, str_c(text), err);
    return r;
}

static void reads_an_object_step_by_step(void **state)
{
    struct err err;
    struct json_reader r = reader(
        " {\"id\" : 7, \"t\\u0061g\":\"a\\nb\" , \"list\":[true,null,-1.5e3],\"x\":{}} ", &err);
    struct str name, raw;
    bool first = true, escapes, integer, yes;
    assert_int_equal(json_peek(&r), JSON_OBJECT);
    assert_true(json_enter_object(&r));

    assert_true(json_next_member(&r, &first, &name, &escapes));
    assert_str(name, "id");
    assert_int_equal(json_peek(&r), JSON_NUMBER);
    assert_true(json_read_number(&r, &raw, &integer) && integer);
    assert_str(raw, "7");

    assert_true(json_next_member(&r, &first, &name, &escapes) && escapes);
    assert_str(name, "t\\u0061g");
    assert_true(json_read_string(&r, &raw, &escapes) && escapes);
    assert_str(raw, "a\\nb");

    assert_true(json_next_member(&r, &first, &name, &escapes) && !escapes);
    bool first_item = true;
    assert_int_equal(json_peek(&r), JSON_ARRAY);
    assert_true(json_enter_array(&r));
    assert_true(json_next_item(&r, &first_item) && json_peek(&r) == JSON_BOOL);
    assert_true(json_read_bool(&r, &yes) && yes);
    assert_true(json_next_item(&r, &first_item) && json_peek(&r) == JSON_NULL);
    assert_true(json_read_null(&r));
    assert_true(json_next_item(&r, &first_item));
    assert_true(json_read_number(&r, &raw, &integer) && !integer);
    assert_str(raw, "-1.5e3");
    assert_false(json_next_item(&r, &first_item) || r.failed);

    assert_true(json_next_member(&r, &first, &name, &escapes));
    assert_true(json_skip(&r, &raw));
    assert_str(raw, "{}");
    assert_false(json_next_member(&r, &first, &name, &escapes) || r.failed);
    assert_true(json_at_end(&r));
    assert_int_equal(r.depth, 0);
}

static void skip_gives_the_source_text(void **state)
{
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "0",
                                         "-0.0E+07",
                                         "\"\"",
                                         "\"a\\\"b\\ud83c\\udfa8\"",
                                         "[]",
                                         "[ ]",
                                         "{}",
                                         "{ \n}",
                                         "[1,[2,[{\"a\":[]}]],\"]\"]",
                                         "{\"a\":{\"b\":{\"a\":1}},\"c\":[{},{}]}",
                                         "[[],[],{}]"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[200];
        snprintf(text, sizeof text, " [ %s\t, 1]", values[i]);
        struct err err;
        struct json_reader r = reader(text, &err);
        struct str raw = STR_NONE;
        bool first = true;
        json_enter_array(&r);
        assert_true(json_next_item(&r, &first) && json_skip(&r, &raw));
        assert_str(raw, values[i]);
        assert_true(json_next_item(&r, &first) && json_skip(&r, &raw));
        assert_str(raw, "1");
        assert_false(json_next_item(&r, &first));
        assert_true(json_at_end(&r));
    }
}

static void errors_say_what_and_where(void **state)
{
    static const char *const cases[][2] = {
        {"",
         "line 1, column 1 (byte 0): a value was expected: an object, an array, a string, a "
         "number, true, false or null, but the text ends here"},
        {"[1,\n2,\n x]",
         "line 3, column 2 (byte 8): a value was expected: an object, an array, a string, a "
         "number, true, false or null"},
        {"[1 2]", "line 1, column 4 (byte 3): a comma or ] was expected"},
        {"[1", "line 1, column 3 (byte 2): a comma or ] was expected, but the text ends here"},
        {"[1,]", "line 1, column 3 (byte 2): a comma stands only between two items"},
        {"{\"a\":1,}", "line 1, column 7 (byte 6): a comma stands only between two items"},
        {"{\"a\" 1}", "line 1, column 6 (byte 5): a colon was expected"},
        {"{a:1}", "line 1, column 2 (byte 1): a member's name in quotes was expected"},
        {"{\"a\":1]", "line 1, column 7 (byte 6): a comma or } was expected"},
        {"\"\xC3\xA9\xC3\xA9\n\"",
         "line 1, column 4 (byte 5): a control character in a string is written as an escape"},
        {"\"abc", "line 1, column 5 (byte 4): a string ends with a quote, but the text ends here"},
        {"\"\\x\"",
         "line 1, column 2 (byte 1): an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
        {"\"\\u12G4\"", "line 1, column 2 (byte 1): \\u is followed by four hexadecimal digits"},
        {"\"\\ud800\"",
         "line 1, column 2 (byte 1): a surrogate stands alone: a character above U+FFFF is a "
         "high and then a low surrogate"},
        {"\"\\udc00\\ud800\"",
         "line 1, column 2 (byte 1): a surrogate stands alone: a character above U+FFFF is a "
         "high and then a low surrogate"},
        {"\"\xff\"", "line 1, column 2 (byte 1): the text is not valid UTF-8"},
        {"01", "line 1, column 1 (byte 0): a number has no leading zeros"},
        {"-", "line 1, column 2 (byte 1): a digit was expected, but the text ends here"},
        {"1.", "line 1, column 3 (byte 2): a digit was expected, but the text ends here"},
        {"1.e3", "line 1, column 3 (byte 2): a digit was expected"},
        {"1e+", "line 1, column 4 (byte 3): a digit was expected, but the text ends here"},
        {"1 1", "line 1, column 3 (byte 2): nothing may follow the value"},
        {"\xEF\xBB\xBF{}", "line 1, column 1 (byte 0): JSON text begins without a byte order mark"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        struct json_reader r = reader(cases[i][0], &err);
        struct str raw;
        if (json_skip(&r, &raw))
            assert_false(json_at_end(&r));
        assert_true(r.failed);
        assert_string_equal(err.code, "JSON_INVALID");
        assert_string_equal(err.msg, cases[i][1]);
    }
}

static void asking_for_another_kind_fails(void **state)
{
    struct err err;
    struct str raw;
    bool flag;
    struct json_reader r = reader("1", &err);
    assert_false(json_read_string(&r, &raw, &flag));
    assert_string_equal(err.msg, "line 1, column 1 (byte 0): a string was expected");
    r = reader("\"1\"", &err);
    assert_false(json_read_number(&r, &raw, &flag));
    r = reader("[]", &err);
    assert_false(json_enter_object(&r));
    r = reader("{}", &err);
    assert_false(json_enter_array(&r));
    r = reader("tru", &err);
    assert_false(json_read_bool(&r, &flag));
    r = reader("nul", &err);
    assert_false(json_read_null(&r));
}

/* After a failure every call fails and the first error stays. */
static void a_failure_stays(void **state)
{
    struct err err;
    struct str raw;
    bool flag, first = true;
    struct json_reader r = reader("[?,1]", &err);
    json_enter_array(&r);
    assert_true(json_next_item(&r, &first));
    assert_int_equal(json_peek(&r), -1);
    char before[sizeof err.msg];
    memcpy(before, err.msg, sizeof before);
    assert_false(json_skip(&r, &raw));
    assert_false(json_next_item(&r, &first));
    assert_false(json_next_member(&r, &first, &raw, &flag));
    assert_false(json_read_string(&r, &raw, &flag));
    assert_false(json_read_number(&r, &raw, &flag));
    assert_false(json_read_bool(&r, &flag));
    assert_false(json_read_null(&r));
    assert_false(json_enter_object(&r));
    assert_false(json_at_end(&r));
    assert_string_equal(before, err.msg);
}

static void nesting_is_limited(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 3] = {0};
    struct err err;
    struct str raw;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    struct json_reader r = reader(text, &err);
    assert_true(json_skip(&r, &raw) && json_at_end(&r));
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    r = reader(text, &err);
    assert_false(json_skip(&r, &raw));
    assert_string_equal(err.code, "JSON_TOO_DEEP");
    assert_string_equal(err.msg,
                        "line 1, column 129 (byte 128): arrays and objects nest at most 128 deep");
    r = reader(text, &err); /* the depth that was entered counts too */
    for (int i = 0; i < 100; i++)
        assert_true(json_enter_array(&r));
    assert_false(json_skip(&r, &raw));
}

static void unescapes(void **state)
{
    struct arena *a = arena_new(0);
    struct str plain = STR("plain");
    assert_ptr_equal(json_unescape(a, plain).p, plain.p);
    assert_str(json_unescape(a, STR("\\\"\\\\\\/\\b\\f\\n\\r\\t")), "\"\\/\b\f\n\r\t");
    assert_str(json_unescape(a, STR("\\u00e9\\u20AC\\ud83c\\udfa8x")), "é€🎨x");
    struct str nul = json_unescape(a, STR("a\\u0000b"));
    assert_true(str_eq(nul, str_mem("a\0b", 3)));
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(reads_an_object_step_by_step, skip_gives_the_source_text,
                     errors_say_what_and_where, asking_for_another_kind_fails, a_failure_stays,
                     nesting_is_limited, unescapes);
}
