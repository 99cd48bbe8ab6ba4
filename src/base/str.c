#include "base/str.h"

#include "base/random.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.p + s.len - suffix.len, suffix.p, suffix.len) == 0);
}

ptrdiff_t str_find_char(struct str s, char c)
{
    const char *at = s.len ? memchr(s.p, c, s.len) : NULL;
    return at ? at - s.p : -1;
}

ptrdiff_t str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    const char *at = s.len ? memmem(s.p, s.len, needle.p, needle.len) : NULL;
    return at ? at - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
    if (from >= s.len)
        return (struct str){s.p ? s.p + s.len : NULL, 0};
    size_t left = s.len - from;
    return (struct str){s.p + from, len < left ? len : left};
}

static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len && is_space(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

bool str_split(struct str *rest, char sep, struct str *part)
{
    if (rest->len == 0)
        return false;
    ptrdiff_t at = str_find_char(*rest, sep);
    *part = str_sub(*rest, 0, at < 0 ? rest->len : (size_t)at);
    *rest = str_sub(*rest, at < 0 ? rest->len : (size_t)at + 1, rest->len);
    return true;
}

bool str_to_u64(struct str s, uint64_t *out)
{
    uint64_t n = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(n, 10u, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
            return false;
    }
    *out = n;
    return true;
}

bool str_to_i64(struct str s, int64_t *out)
{
    bool negative = s.len && s.p[0] == '-';
    uint64_t n;
    if (!str_to_u64(negative ? str_sub(s, 1, s.len) : s, &n))
        return false;
    if (n > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? -n : n);
    return true;
}

static uint64_t hash_seed;

/* Before main(), so that no thread sees two seeds. */
__attribute__((constructor)) static void draw_hash_seed(void)
{
    random_bytes(&hash_seed, sizeof hash_seed);
}

uint64_t str_hash(struct str s)
{
    return XXH3_64bits_withSeed(s.p, s.len, hash_seed);
}
