#include "base/rng.h"
#include "base/test.h"
#include "json/json.h"

#include <math.h>

static struct buf out;

static void make_buffer(void)
{
    buf_init(&out, 1 << 20);
}

static struct str of_string(struct str s)
{
    buf_free(&out);
    json_write_string(&out, s);
    return buf_str(&out);
}

static struct str of_double(double d)
{
    buf_free(&out);
    json_write_double(&out, d);
    return buf_str(&out);
}

static void writes_strings(void **state)
{
    make_buffer();
    assert_str(of_string(STR_NONE), "\"\"");
    assert_str(of_string(STR("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f")),
               "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    assert_str(of_string(str_mem("a\0b", 3)), "\"a\\u0000b\"");
    assert_str(of_string(STR("Größe 🎨")), "\"Größe 🎨\"");
    buf_free(&out);
}

/* As many U+FFFD as a WHATWG decoder gives. */
static void replaces_bad_utf8(void **state)
{
    make_buffer();
    assert_str(of_string(STR("\xff\xfe.")), "\"\uFFFD\uFFFD.\"");
    assert_str(of_string(STR("\xe2\x82.")), "\"\uFFFD.\"");
    assert_str(of_string(STR("\xe2\x82")), "\"\uFFFD\"");
    assert_str(of_string(STR("\xed\xa0\x80.")), "\"\uFFFD\uFFFD\uFFFD.\"");
    assert_str(of_string(STR("\xf0\x9f\x8e\"")), "\"\uFFFD\\\"\"");
    assert_str(of_string(STR("\xc0\xaf")), "\"\uFFFD\uFFFD\"");
    buf_free(&out);
}

static void writes_doubles_as_javascript(void **state)
{
    static const struct {
        double d;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100, "100"},
        {1e15, "1000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {0.000001, "0.000001"},
        {0.0000001, "1e-7"},
        {0.00000123, "0.00000123"},
        {1.5e-7, "1.5e-7"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {9007199254740993.0, "9007199254740992"},
        {0x1p-44, "5.684341886080802e-14"},
        {4.35, "4.35"},
        {1.005, "1.005"},
        {1234.5678, "1234.5678"},
        {9.5e-7, "9.5e-7"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
        {NAN, "null"},
    };
    make_buffer();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_str(of_double(cases[i].d), cases[i].text);
    buf_free(&out);
}

/* No shorter text and no other of the same length may stand closer: checked against every precision
 * of the library. */
static void doubles_read_back_and_are_shortest(void **state)
{
    struct rng r;
    rng_seed(&r, 5);
    make_buffer();
    for (int i = 0; i < 3000; i++) {
        uint64_t bits =
            i % 3 ? rng_next(&r) : rng_below(&r, 2047) << 52; /* powers of two are the odd ones */
        double d;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d))
            continue;
        struct str s = of_double(d);
        char text[64];
        snprintf(text, sizeof text, "%.*s", STR_ARG(s));
        assert_true(strtod(text, NULL) == d);
        size_t digits = 0;
        for (const char *p = text; *p && *p != 'e'; p++)
            digits += *p >= '0' && *p <= '9';
        for (int places = 0; places + 1 < (int)digits; places++) {
            char shorter[64];
            snprintf(shorter, sizeof shorter, "%.*e", places, d);
            assert_true(fabs(d) < 1e21 || strtod(shorter, NULL) != d);
        }
    }
    buf_free(&out);
}

static void canonical_is_one_text_per_value(void **state)
{
    static const char *const same[][2] = {
        {"{ \"b\" : 1.0, \"a\" : [1e2, -0, 0.10] }", "{\"a\":[100,0,0.1],\"b\":1}"},
        {"123456789012345678901234567890", "1.2345678901234567890123456789e+29"},
        {"100000000000000000001", "100000000000000000001"},
        {"0.0000001", "1e-7"},
        {"1e-7", "1e-7"},
        {"-10.50e-1", "-1.05"},
        {"1e99999999999999999999", "1e99999999999999999999"},
        {"\"\\u00e9\\n\\/\"", "\"é\\n/\""},
        {"{\"\\uFB33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"\\r\":4,\"1\":5,\"\\u0080\":6,\"\\u00f6\":7,\"1a\":8}",
         "{\"\\r\":4,\"1\":5,\"1a\":8,\"\xc2\x80\":6,\"ö\":7,\"€\":3,\"😀\":2,\"\uFB33\":1}"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[true,false,null]", "[true,false,null]"},
    };
    struct arena *a = arena_new(0);
    make_buffer();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        buf_clear(&out);
        json_write_canonical(&out, json_parse(a, str_c(same[i][0]), NULL));
        assert_str(buf_str(&out), same[i][1]);
    }
    buf_free(&out);
    arena_free(&a);
}

static void the_writer_puts_the_commas(void **state)
{
    make_buffer();
    struct json_writer w = json_writer(&out);
    jw_begin_object(&w);
    jw_name(&w, STR("id"));
    jw_string(&w, STR("c1"));
    jw_name(&w, STR("list"));
    jw_begin_array(&w);
    jw_i64(&w, INT64_MIN);
    jw_double(&w, 2.5);
    jw_begin_object(&w);
    jw_end_object(&w);
    jw_bool(&w, true);
    jw_bool(&w, false);
    jw_null(&w);
    jw_end_array(&w);
    jw_name(&w, STR("raw"));
    jw_raw(&w, STR("[1]"));
    jw_name(&w, STR("empty"));
    jw_begin_array(&w);
    jw_end_array(&w);
    jw_end_object(&w);
    assert_str(
        buf_str(&out),
        "{\"id\":\"c1\",\"list\":[-9223372036854775808,2.5,{},true,false,null],\"raw\":[1],\"empty\":[]}");
    buf_free(&out);
}

int main(void)
{
    return RUN_TESTS(writes_strings, replaces_bad_utf8, writes_doubles_as_javascript,
                     doubles_read_back_and_are_shortest, canonical_is_one_text_per_value,
                     the_writer_puts_the_commas);
}
