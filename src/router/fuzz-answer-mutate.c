/* Mutations for fuzz-answer.c: most change the operation or a reply. */
#include "base/fuzz-mutate.h"
#include "router/fuzz-answer.h"

#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/* Where the part that is changed begins and ends. A schema is seldom changed: each new one has to be composed. Of a
 * part without text it is what stands behind its word. */
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
            return fuzz_splice(data, size, max, from, from + more.len, (const uint8_t *)number, n);
    }
    return size;
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
        size = rng_below(&r, 8) ? fuzz_change_tokens(&r, data, size, max, from, to)
                                : fuzz_change_bytes(data, size, max, from, to);
    }
    return size;
}
