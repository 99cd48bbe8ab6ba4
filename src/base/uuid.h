/* UUIDs (RFC 9562). Rows are named by version 7, whose order is the order of creation. */
#ifndef PAINTBOX_BASE_UUID_H
#define PAINTBOX_BASE_UUID_H

#include "base/str.h"

#define UUID_LEN 36

struct uuid {
    uint8_t b[16];
};

/* Version 7 from a wall-clock instant and 10 random bytes. Two of different microseconds sort by them. */
struct uuid uuid_v7(int64_t wall_us, const uint8_t random[10]);
/* Version 7 from now and the system's randomness. */
struct uuid uuid_new(void);
/* Lower-case canonical text and a NUL. */
void uuid_format(const struct uuid *u, char out[UUID_LEN + 1]);
/* Canonical form, any case. False when it is not one. */
bool uuid_parse(struct str s, struct uuid *out);

#endif
