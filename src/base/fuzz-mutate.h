/* Mutations at the level of tokens, for fuzz targets that read GraphQL: bytes flipped in SDL hardly ever leave a
 * schema. All change [from, to) of the input, keep to `max` bytes and give the new size. Only with libFuzzer. */
#ifndef PAINTBOX_BASE_FUZZ_MUTATE_H
#define PAINTBOX_BASE_FUZZ_MUTATE_H

#include "base/rng.h"

#include <stddef.h>

/* Puts `text` in its place. */
size_t fuzz_splice(uint8_t *data, size_t size, size_t max, size_t from, size_t to, const uint8_t *text, size_t len);

/* One change as libFuzzer makes it. */
size_t fuzz_change_bytes(uint8_t *data, size_t size, size_t max, size_t from, size_t to);

/* Tokens, or groups in brackets, go, are doubled, or give way to others of the whole input. */
size_t fuzz_change_tokens(struct rng *r, uint8_t *data, size_t size, size_t max, size_t from, size_t to);

#endif
