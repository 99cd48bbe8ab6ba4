#include "base/str.h"
#include "base/test.h"
#include "base/utf8.h"

static void compares(void **state)
{
    assert_true(str_eq(STR_NONE, STR("")));
    assert_false(str_eq(STR("a"), STR("b")));
    assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_eq_nocase(STR("a["), STR("A{"))); /* 0x20 apart and no letters */
    assert_false(str_eq_nocase(STR("ab"), STR("a")));
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
    assert_true(str_starts(STR("_entities"), STR("_")));
    assert_true(str_starts(STR_NONE, STR_NONE));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("schema.graphql"), STR(".graphql")));
    assert_false(str_ends(STR("l"), STR(".graphql")));
}

static void finds_and_cuts(void **state)
{
    assert_int_equal(str_find_char(STR("a=b=c"), '='), 1);
    assert_int_equal(str_find_char(STR_NONE, '='), -1);
    assert_int_equal(str_find(STR("aab"), STR("ab")), 1);
    assert_int_equal(str_find(STR("aab"), STR("b ")), -1);
    assert_int_equal(str_find(STR("aab"), STR("")), 0);
    assert_int_equal(str_find(STR_NONE, STR("x")), -1);
    assert_str(str_sub(STR("customer"), 3, 2), "to");
    assert_str(str_sub(STR("customer"), 6, 99), "er");
    assert_str(str_sub(STR("customer"), 99, 1), "");
    assert_str(str_sub(STR("customer"), 1, SIZE_MAX), "ustomer");
    assert_str(str_trim(STR(" \t\r\n\f\v x y \n")), "x y");
    assert_str(str_trim(STR("   ")), "");
    assert_str(str_trim(STR_NONE), "");
}

static void splits(void **state)
{
    struct str rest = STR("a,,b"), part;
    const char *want[] = {"a", "", "b"};
    int n = 0;
    while (str_split(&rest, ',', &part))
        assert_str(part, want[n++]);
    assert_int_equal(n, 3);
    rest = STR_NONE;
    assert_false(str_split(&rest, ',', &part));
    rest = STR("a,");
    assert_true(str_split(&rest, ',', &part));
    assert_false(str_split(&rest, ',', &part));
}

static void reads_integers(void **state)
{
    int64_t i;
    uint64_t u;
    assert_true(str_to_i64(STR("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
    assert_true(str_to_u64(STR("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "1 ",
                                      " 1",
                                      "0x1",
                                      "1.0",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        if (str_to_i64(str_c(bad[k]), &i))
            fail_msg("accepted %s", bad[k]);
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_u64(STR("-1"), &u));
}

static void hashes_by_content(void **state)
{
    char copy[] = "customer";
    assert_true(str_hash(str_c(copy)) == str_hash(STR("customer")));
    assert_true(str_hash(STR("customer")) != str_hash(STR("customes")));
    assert_true(str_hash(STR_NONE) == str_hash(STR("")));
}

/* Every sequence of up to four bytes from the edges of UTF-8's table, against the definition by
 * code points. */
static bool is_valid_by_decoding(const unsigned char *s, unsigned n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
    unsigned ones = s[0] < 0x80   ? 1
                    : s[0] < 0xC0 ? 0
                    : s[0] < 0xE0 ? 2
                    : s[0] < 0xF0 ? 3
                    : s[0] < 0xF8 ? 4
                                  : 0;
    if (ones != n)
        return false;
    for (unsigned i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return false;
        c = c << 6 | (s[i] & 0x3F);
    }
    return c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

static void utf8_by_its_definition(void **state)
{
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0,
                                          0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
                                          0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};
    enum { E = sizeof edges };
    for (int i = 0; i < E * E * E * E; i++) {
        unsigned char s[4] = {edges[i % E], edges[i / E % E], edges[i / E / E % E],
                              edges[i / E / E / E]};
        unsigned n = utf8_length((const char *)s, (const char *)s + 4), want = 0;
        for (unsigned k = 1; k <= 4 && !want; k++)
            want = is_valid_by_decoding(s, k) ? k : 0;
        if (n != want)
            fail_msg("%02x %02x %02x %02x: %u instead of %u", s[0], s[1], s[2], s[3], n, want);
        for (unsigned k = 1; k < n; k++) /* cut short it is invalid */
            assert_int_equal(utf8_length((const char *)s, (const char *)s + k), 0);
    }
}

static void utf8_writes_what_it_accepts(void **state)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c += 7) {
        char out[4];
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        unsigned n = utf8_put(out, c);
        assert_int_equal(utf8_length(out, out + n), n);
    }
    assert_true(utf8_valid(STR("eight plain bytes and Größe 🎨")));
    assert_false(utf8_valid(STR("eight plain bytes and \xed\xa0\x80")));
    assert_true(utf8_valid(STR_NONE));
}

int main(void)
{
    return RUN_TESTS(compares, finds_and_cuts, splits, reads_integers, hashes_by_content,
                     utf8_by_its_definition, utf8_writes_what_it_accepts);
}
