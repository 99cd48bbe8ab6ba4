#include "base/test.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#include <time.h>

static void agrees_with_the_c_library(void **state)
{
    for (int64_t day = -719528; day <= 2932896; day += 13) {
        time_t t = (time_t)(day * 86400 + 45296);
        struct tm tm;
        char want[64], got[TIMESTAMP_RFC3339_LEN + 1], date[11];
        gmtime_r(&t, &tm);
        snprintf(want, sizeof want, "%04d-%02d-%02dT12:34:56.789Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday);
        timestamp_format(t * US_PER_SEC + 789012, got);
        assert_string_equal(got, want);
        int64_t back;
        assert_true(timestamp_parse(str_c(got), &back));
        assert_true(back == t * US_PER_SEC + 789000);
        int32_t days;
        date_format((int32_t)day, date);
        assert_true(date_parse(str_c(date), &days));
        assert_int_equal(days, day);
    }
}

static void reads_offsets_and_fractions(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00.1Z", 100000},
        {"1970-01-01T00:00:00.123456789Z", 123456},
        {"1970-01-01T02:00:00+02:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
        {"2017-01-01T00:59:60+01:00", INT64_C(1483228800000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t us = 42;
        if (!timestamp_parse(str_c(cases[i].text), &us) || us != cases[i].us)
            fail_msg("%s: %lld", cases[i].text, (long long)us);
    }
}

static void refuses_what_is_not_a_time(void **state)
{
    static const char *const bad[] = {"",
                                      "2026-11-22",
                                      "2026-11-22T10:00:00",
                                      "2026-11-22 10:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2100-02-29T00:00:00Z",
                                      "2026-01-32T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:61Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00.1234567890Z",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+0100",
                                      "2026-01-01T00:00:00Zx",
                                      "02026-01-01T00:00:00Z",
                                      "2026-1-01T00:00:00Z",
                                      "2026-01-01T0:00:00Z"};
    int64_t us;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (timestamp_parse(str_c(bad[i]), &us))
            fail_msg("accepted %s", bad[i]);
    int32_t days;
    assert_true(date_parse(STR("2000-02-29"), &days));
    assert_false(date_parse(STR("1900-02-29"), &days));
    assert_false(date_parse(STR("2026-11-22Z"), &days));
}

static void clamps_what_has_no_four_digit_year(void **state)
{
    char out[TIMESTAMP_RFC3339_LEN + 1];
    timestamp_format(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999Z");
    timestamp_format(INT64_MIN, out);
    assert_string_equal(out, "0000-01-01T00:00:00.000Z");
    char date[11];
    date_format(INT32_MAX, date);
    assert_string_equal(date, "9999-12-31");
}

static void clocks_run(void **state)
{
    int64_t a = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= a);
    assert_true(clock_wall_us() > INT64_C(1700000000000000));
}

static void uuid_v7_has_its_parts(void **state)
{
    uint8_t random[10] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xff};
    struct uuid u = uuid_v7(INT64_C(1645557742000) * 1000 + 500, random);
    char text[UUID_LEN + 1];
    uuid_format(&u, text);
    assert_string_equal(text, "017f22e2-79b0-7803-bf01-020304050607");
    struct uuid back;
    assert_true(uuid_parse(STR("017F22E2-79B0-7803-BF01-020304050607"), &back));
    assert_memory_equal(&back, &u, sizeof u);
}

static void uuid_order_is_time_order(void **state)
{
    uint8_t low[10] = {0}, high[10];
    memset(high, 0xff, sizeof high);
    for (int64_t us = INT64_C(1764000000000000); us < INT64_C(1764000000003000); us++) {
        struct uuid earlier = uuid_v7(us, high), later = uuid_v7(us + 1, low);
        assert_true(memcmp(&earlier, &later, sizeof earlier) < 0);
    }
    struct uuid a = uuid_new(), b = uuid_new();
    assert_memory_not_equal(&a, &b, sizeof a);
    assert_int_equal(a.b[6] >> 4, 7);
    assert_int_equal(a.b[8] >> 6, 2);
}

static void refuses_what_is_not_a_uuid(void **state)
{
    static const char *const bad[] = {"",
                                      "017f22e2-79b0-7803-bf01-02030405060",
                                      "017f22e2-79b0-7803-bf01-0203040506070",
                                      "017f22e2079b0-7803-bf01-020304050607",
                                      "017f22e2-79b0-7803-bf01-02030405060g",
                                      "{17f22e2-79b0-7803-bf01-02030405060}"};
    struct uuid u;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (uuid_parse(str_c(bad[i]), &u))
            fail_msg("accepted %s", bad[i]);
}

int main(void)
{
    return RUN_TESTS(agrees_with_the_c_library, reads_offsets_and_fractions,
                     refuses_what_is_not_a_time, clamps_what_has_no_four_digit_year, clocks_run,
                     uuid_v7_has_its_parts, uuid_order_is_time_order, refuses_what_is_not_a_uuid);
}
