/* Mutations at the level of tokens for fuzz-answer.c: bytes flipped in SDL hardly ever leave a schema. */
#include "router/fuzz-answer.h"

#include <stdio.h>
#include <string.h>

#define TOKENS_MAX 8192
#define SPLICE_MAX 4096

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
    uint8_t copy[SPLICE_MAX];
    if (len > sizeof copy || size - (to - from) + len > max)
        return size;
    memcpy(copy, text, len);
    memmove(data + from + len, data + to, size - to);
    memcpy(data + from, copy, len);
    return size - (to - from) + len;
}

/* Where the part that is changed begins and ends. A schema is seldom changed: each new one has to be composed. Of a part without text
 * it is what stands behind its word. */
static void choose_part(struct rng *r, const uint8_t *data, size_t size, size_t *from, size_t *to)
{
    struct str rest = str_mem(data, size), word, more, text;
    bool schema = rng_below(r, 12) == 0;
    *from = 0;
    *to = size;
    for (uint64_t seen = 0; fuzz_next_part(&rest, &word, &more, &text);) {
        bool number = !str_trim(text).len && more.p;
        uint64_t weight = str_eq_c(word, "operation") ? 6 : number ? 1 : 3;
        if (str_starts(word, STR("su")) != schema || !text.p)
            continue;
        seen += weight;
        if (rng_below(r, seen) >= weight)
            continue;
        *from = (size_t)((const uint8_t *)(number ? more.p : text.p) - data);
        *to = number ? *from + more.len : *from + text.len;
    }
}

/* Other replies to the same operation. */
static size_t add_seed(struct rng *r, uint8_t *data, size_t size, size_t max)
{
    struct str rest = str_mem(data, size), word, more, text;
    char number[24];
    size_t n = (size_t)snprintf(number, sizeof number, "%u", (unsigned)rng_below(r, 100000));
    while (fuzz_next_part(&rest, &word, &more, &text)) {
        size_t from = (size_t)((const uint8_t *)more.p - data);
        if (str_eq_c(word, "seed") && more.p)
            return splice(data, size, max, from, from + more.len, (const uint8_t *)number, n);
    }
    return size;
}

static size_t change_bytes(uint8_t *data, size_t size, size_t max, size_t from, size_t to)
{
    uint8_t copy[SPLICE_MAX];
    size_t len = to - from, room = sizeof copy < max - size + len ? sizeof copy : max - size + len;
    if (len > room)
        return size;
    memcpy(copy, data + from, len);
    return splice(data, size, max, from, to, copy, LLVMFuzzerMutate(copy, len, room));
}

static size_t change_tokens(struct rng *r, uint8_t *data, size_t size, size_t max, size_t from, size_t to)
{
    static struct token t[TOKENS_MAX], all[TOKENS_MAX];
    size_t n = tokenize(data, from, to, t), m = tokenize(data, 0, size, all);
    if (!n || !m)
        return change_bytes(data, size, max, from, to);
    size_t i = (size_t)rng_below(r, n), k = (size_t)rng_below(r, m);
    struct token last = t[group_end(data, t, n, i)], other = all[k], other_last = all[group_end(data, all, m, k)];
    size_t at = t[i].at, end = last.at + last.len, other_end = other_last.at + other_last.len;
    switch (rng_below(r, 6)) {
    case 0: return splice(data, size, max, at, end, data, 0);
    case 1: return splice(data, size, max, at, at + t[i].len, data + other.at, other.len);
    case 2: return splice(data, size, max, at, at, (const uint8_t *)" ", 1);
    case 3: return splice(data, size, max, at, at, data + other.at, other_end - other.at);
    case 4: return splice(data, size, max, at, at, data + at, end - at);
    default: return splice(data, size, max, at, end, data + other.at, other_end - other.at);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct rng r;
    size_t from, to;

    rng_seed(&r, seed);
    if (rng_below(&r, 60) == 0)
        return LLVMFuzzerMutate(data, size, max);
    if (rng_below(&r, 3) == 0)
        size = add_seed(&r, data, size, max);
    for (uint64_t times = 1 + rng_below(&r, 4); times > 0; times--) {
        choose_part(&r, data, size, &from, &to);
        size = rng_below(&r, 8) ? change_tokens(&r, data, size, max, from, to) : change_bytes(data, size, max, from, to);
    }
    return size;
}
