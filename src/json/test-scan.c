/* Compiled three times: with the vectors that every machine of this kind has, with wider ones, and with the portable
 * step (JSON_SCAN_PORTABLE). */
#include "base/rng.h"
#include "base/test.h"
#include "json/scan.h"
#include "json/window.h"

static const char *by_bytes(const char *p, const char *end)
{
    while (p < end && json_is_plain(*p))
        p++;
    return p;
}

static void plain_is_what_needs_no_look(void **state)
{
    for (int c = 0; c < 256; c++)
        assert_int_equal(json_is_plain((char)c), c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
}

static void stops_at_every_byte_in_every_place(void **state)
{
    char text[40];
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            const char *end = text + sizeof text;
            assert_ptr_equal(json_scan_plain(text, end), by_bytes(text, end));
        }
    }
}

static void finds_the_first_of_many(void **state)
{
    struct rng r;
    rng_seed(&r, 3);
    for (int round = 0; round < 20000; round++) {
        size_t n = rng_below(&r, 70);
        char *exact = malloc(n ? n : 1); /* so that reading past the end is found */
        for (size_t i = 0; i < n; i++)
            exact[i] = rng_chance(&r, 0.1) ? (char)rng_next(&r) : (char)rng_range(&r, 0x1E, 0x23);
        assert_ptr_equal(json_scan_plain(exact, exact + n), by_bytes(exact, exact + n));
        free(exact);
    }
}

static void a_window_stops_at_every_byte_in_every_place(void **state)
{
    char *exact = malloc(JSON_WINDOW);
    for (int c = 0; c < 256; c++)
        for (unsigned at = 0; at < JSON_WINDOW; at++) {
            memset(exact, at % 2 ? '"' : 'x', at);
            memset(exact + at, c, 1);
            memset(exact + at + 1, 'x', JSON_WINDOW - at - 1);
            for (unsigned from = 0; from < JSON_WINDOW; from++) {
                const char *stop = by_bytes(exact + from, exact + JSON_WINDOW);
                assert_int_equal(json_window_stop(json_window_at(exact), from), stop - exact);
            }
        }
    free(exact);
}

static void a_window_begins_with_a_text(void **state)
{
    char *exact = malloc(JSON_WINDOW), text[JSON_WINDOW];
    struct rng r;
    rng_seed(&r, 5);
    for (unsigned other = 0; other < JSON_WINDOW; other++)
        for (unsigned n = 0; n < JSON_WINDOW; n++) {
            for (unsigned i = 0; i < JSON_WINDOW; i++)
                text[i] = (char)rng_next(&r);
            memcpy(exact, text, JSON_WINDOW);
            assert_true(json_window_begins(json_window_at(exact), text, n));
            exact[other] = (char)(exact[other] ^ 1 << rng_below(&r, 8));
            assert_int_equal(json_window_begins(json_window_at(exact), text, n), n <= other);
        }
    free(exact);
}

int main(void)
{
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2"))
        return 77; /* skipped */
#endif
    return RUN_TESTS(plain_is_what_needs_no_look, stops_at_every_byte_in_every_place,
                     finds_the_first_of_many, a_window_stops_at_every_byte_in_every_place, a_window_begins_with_a_text);
}
