/* Mutations for fuzz-compose.c: one subgraph changes, with tokens of all. */
#include "base/fuzz-mutate.h"
#include "base/str.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

static void choose_subgraph(struct rng *r, struct str text, size_t *from, size_t *to)
{
    size_t at = 0;
    ptrdiff_t end;
    for (uint64_t seen = 1; at < text.len; seen++, at += (size_t)end + 4) {
        struct str rest = str_sub(text, at, text.len);
        end = str_find(rest, STR("\n---"));
        if (rng_below(r, seen) == 0) {
            *from = at;
            *to = end < 0 ? text.len : at + (size_t)end;
        }
        if (end < 0)
            return;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct rng r;

    rng_seed(&r, seed);
    if (rng_below(&r, 8) == 0)
        return LLVMFuzzerMutate(data, size, max);
    for (uint64_t times = 1 + rng_below(&r, 4); times > 0; times--) {
        size_t from = 0, to = size;
        choose_subgraph(&r, str_mem(data, size), &from, &to);
        size = rng_below(&r, 8) ? fuzz_change_tokens(&r, data, size, max, from, to)
                                : fuzz_change_bytes(data, size, max, from, to);
    }
    return size;
}
