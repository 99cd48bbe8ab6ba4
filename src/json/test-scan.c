/* Compiled twice: with the machine's vector step and with the portable one (JSON_SCAN_PORTABLE). */
#include "base/rng.h"
#include "base/test.h"
#include "json/scan.h"

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

int main(void)
{
    return RUN_TESTS(plain_is_what_needs_no_look, stops_at_every_byte_in_every_place,
                     finds_the_first_of_many);
}
