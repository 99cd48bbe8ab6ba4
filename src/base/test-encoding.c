#include "base/encoding.h"
#include "base/random.h"
#include "base/test.h"

static void base64_of_rfc_4648(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str back;
        assert_str(base64_encode(a, str_c(pairs[i][0])), pairs[i][1]);
        assert_true(base64_decode(a, str_c(pairs[i][1]), &back));
        assert_str(back, pairs[i][0]);
        struct str unpadded = base64url_encode(a, str_c(pairs[i][0]));
        assert_true(base64_decode(a, unpadded, &back));
        assert_str(back, pairs[i][0]);
    }
    assert_str(base64_encode(a, STR("\xfb\xff")), "+/8=");
    assert_str(base64url_encode(a, STR("\xfb\xff")), "-_8");
    arena_free(&a);
}

static void refuses_what_is_not_base64(void **state)
{
    static const char *const bad[] = {"A",    "Zg=",  "Zg===",   "Z===",   "Zm9v=",
                                      "Zh==", "Zm9=", "Zm 9v",   "Zm9v\n", "=",
                                      "====", "Z*9v", "Zg==Zg=="};
    struct arena *a = arena_new(0);
    struct str out;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (base64_decode(a, str_c(bad[i]), &out))
            fail_msg("accepted %s", bad[i]);
    arena_free(&a);
}

static void every_byte_and_length_survives(void **state)
{
    struct arena *a = arena_new(0);
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(i * 7);
    for (size_t n = 0; n <= 256; n++) {
        struct str back;
        assert_true(base64_decode(a, base64url_encode(a, str_mem(bytes, n)), &back));
        assert_true(str_eq(back, str_mem(bytes, n)));
        char hex[513];
        uint8_t unhexed[256];
        hex_encode((const uint8_t *)bytes, n, hex);
        assert_true(hex_decode(str_c(hex), unhexed, n));
        assert_memory_equal(unhexed, bytes, n);
    }
    uint8_t one;
    assert_true(hex_decode(STR("Fa"), &one, 1));
    assert_int_equal(one, 0xfa);
    assert_false(hex_decode(STR("f"), &one, 1));
    assert_false(hex_decode(STR("fg"), &one, 1));
    assert_false(hex_decode(STR("ffff"), &one, 1));
    arena_free(&a);
}

static void sha256_vectors_of_fips_180(void **state)
{
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(STR_NONE, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex(STR("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void random_bytes_differ(void **state)
{
    uint8_t x[32] = {0}, y[32] = {0};
    random_bytes(x, sizeof x);
    random_bytes(y, sizeof y);
    assert_memory_not_equal(x, y, sizeof x);
}

static void compares_whole(void **state)
{
    assert_true(constant_time_eq(STR("token"), STR("token")));
    assert_true(constant_time_eq(STR_NONE, STR("")));
    assert_false(constant_time_eq(STR("token"), STR("tokem")));
    assert_false(constant_time_eq(STR("token"), STR("toke")));
}

int main(void)
{
    return RUN_TESTS(base64_of_rfc_4648, refuses_what_is_not_base64, every_byte_and_length_survives,
                     sha256_vectors_of_fips_180, random_bytes_differ, compares_whole);
}
