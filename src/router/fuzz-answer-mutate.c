/* Mutations at the level of tokens for fuzz-answer.c: bytes flipped in SDL hardly ever leave a schema. */
#include "router/fuzz-answer.h"

#include <string.h>

#define TOKENS_MAX 8192

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

struct token {
    size_t at, len;
};

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
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

/* Puts `text` in the place of [from, to). */
static size_t splice(uint8_t *data, size_t size, size_t max, size_t from, size_t to, const uint8_t *text, size_t len)
{
    uint8_t copy[4096];
    if (len > sizeof copy || size - (to - from) + len > max)
        return size;
    memcpy(copy, text, len);
    memmove(data + from + len, data + to, size - to);
    memcpy(data + from, copy, len);
    return size - (to - from) + len;
}

/* Where the part that is changed begins and ends: operations and replies twice as often as schemas. */
static void choose_part(struct rng *r, const uint8_t *data, size_t size, size_t *from, size_t *to)
{
    struct str rest = str_mem(data, size), word, more, text;
    *from = 0;
    *to = size;
    for (uint64_t seen = 0; fuzz_next_part(&rest, &word, &more, &text);) {
        uint64_t weight = str_starts(word, STR("su")) ? 1 : str_eq_c(word, "operation") ? 6 : 3;
        if (rng_below(r, seen += weight) >= weight)
            continue;
        *from = str_eq_c(word, "seed") ? (size_t)((const uint8_t *)more.p - data) : (size_t)((const uint8_t *)text.p - data);
        *to = (size_t)((const uint8_t *)text.p - data) + text.len;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static struct token t[TOKENS_MAX], all[TOKENS_MAX];
    struct rng r;
    size_t from, to;

    rng_seed(&r, seed);
    if (rng_below(&r, 8) == 0)
        return LLVMFuzzerMutate(data, size, max);
    for (uint64_t times = 1 + rng_below(&r, 4); times > 0; times--) {
        choose_part(&r, data, size, &from, &to);
        size_t n = tokenize(data, from, to, t), m = tokenize(data, 0, size, all);
        if (!n || !m)
            return LLVMFuzzerMutate(data, size, max);
        size_t i = (size_t)rng_below(&r, n), k = (size_t)rng_below(&r, m);
        struct token last = t[group_end(data, t, n, i)], other = all[k];
        size_t end = last.at + last.len;
        struct token other_last = all[group_end(data, all, m, k)];
        switch (rng_below(&r, 6)) {
        case 0: size = splice(data, size, max, t[i].at, end, data, 0); break;
        case 1: size = splice(data, size, max, t[i].at, t[i].at + t[i].len, data + other.at, other.len); break;
        case 2: size = splice(data, size, max, t[i].at, t[i].at, (const uint8_t *)" ", 1); break;
        case 3: size = splice(data, size, max, t[i].at, t[i].at, data + other.at, other_last.at + other_last.len - other.at); break;
        case 4: size = splice(data, size, max, t[i].at, t[i].at, data + t[i].at, end - t[i].at); break;
        case 5: size = splice(data, size, max, t[i].at, end, data + other.at, other_last.at + other_last.len - other.at); break;
        }
    }
    return size;
}
