#include "base/fuzz-mutate.h"

#include <string.h>

#define TOKENS_MAX 8192
#define SPLICE_MAX 4096

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

struct token {
    size_t at, len;
};

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

static size_t tokenize(const uint8_t *p, size_t from, size_t to, struct token *out)
{
    size_t n = 0;
    for (size_t i = from; i < to && n < TOKENS_MAX;) {
        size_t begin = i++;
        if (is_word(p[begin]))
            while (i < to && is_word(p[i]))
                i++;
        if (p[begin] > ' ')
            out[n++] = (struct token){begin, i - begin};
    }
    return n;
}

/* Up to the bracket that closes the one at `i`, or that token alone. */
static size_t group_end(const uint8_t *p, const struct token *t, size_t n, size_t i)
{
    int depth = 0;
    for (size_t k = i; k < n; k++) {
        uint8_t c = p[t[k].at];
        depth += (c == '{' || c == '(' || c == '[') - (c == '}' || c == ')' || c == ']');
        if (depth <= 0)
            return k;
    }
    return i;
}

size_t fuzz_splice(uint8_t *data, size_t size, size_t max, size_t from, size_t to, const uint8_t *text, size_t len)
{
    uint8_t copy[SPLICE_MAX];
    if (len > sizeof copy || size - (to - from) + len > max)
        return size;
    memcpy(copy, text, len);
    memmove(data + from + len, data + to, size - to);
    memcpy(data + from, copy, len);
    return size - (to - from) + len;
}

size_t fuzz_change_bytes(uint8_t *data, size_t size, size_t max, size_t from, size_t to)
{
    uint8_t copy[SPLICE_MAX];
    size_t len = to - from, room = sizeof copy < max - size + len ? sizeof copy : max - size + len;
    if (len > room)
        return size;
    memcpy(copy, data + from, len);
    return fuzz_splice(data, size, max, from, to, copy, LLVMFuzzerMutate(copy, len, room));
}

size_t fuzz_change_tokens(struct rng *r, uint8_t *data, size_t size, size_t max, size_t from, size_t to)
{
    static struct token t[TOKENS_MAX], all[TOKENS_MAX];
    size_t n = tokenize(data, from, to, t), m = tokenize(data, 0, size, all);
    if (!n || !m)
        return fuzz_change_bytes(data, size, max, from, to);
    size_t i = (size_t)rng_below(r, n), k = (size_t)rng_below(r, m);
    struct token last = t[group_end(data, t, n, i)], other = all[k], other_last = all[group_end(data, all, m, k)];
    size_t at = t[i].at, end = last.at + last.len, other_end = other_last.at + other_last.len;
    switch (rng_below(r, 6)) {
    case 0: return fuzz_splice(data, size, max, at, end, data, 0);
    case 1: return fuzz_splice(data, size, max, at, at + t[i].len, data + other.at, other.len);
    case 2: return fuzz_splice(data, size, max, at, at, (const uint8_t *)" ", 1);
    case 3: return fuzz_splice(data, size, max, at, at, data + other.at, other_end - other.at);
    case 4: return fuzz_splice(data, size, max, at, at, data + at, end - at);
    default: return fuzz_splice(data, size, max, at, end, data + other.at, other_end - other.at);
    }
}
