#include "base/uuid.h"

#include "base/encoding.h"
#include "base/random.h"
#include "base/timestamp.h"

/* RFC 9562, section 6.2, method 3: the 12 bits after the milliseconds hold their fraction, so that
 * rows made within one millisecond keep their order to the microsecond. */
struct uuid uuid_v7(int64_t wall_us, const uint8_t random[10])
{
    struct uuid u;
    uint64_t ms = (uint64_t)(wall_us / US_PER_MS);
    uint32_t fraction = (uint32_t)(wall_us % US_PER_MS) * 4096 / 1000;
    for (int i = 0; i < 6; i++)
        u.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    u.b[6] = (uint8_t)(0x70 | fraction >> 8);
    u.b[7] = (uint8_t)((fraction & 0xFC) | (random[9] & 3));
    u.b[8] = (uint8_t)(0x80 | (random[0] & 0x3F));
    memcpy(u.b + 9, random + 1, 7);
    return u;
}

struct uuid uuid_new(void)
{
    uint8_t random[10];
    random_bytes(random, sizeof random);
    return uuid_v7(clock_wall_us(), random);
}

void uuid_format(const struct uuid *u, char out[UUID_LEN + 1])
{
    char hex[33];
    hex_encode(u->b, sizeof u->b, hex);
    static const uint8_t starts[] = {0, 8, 12, 16, 20, 32};
    for (int i = 0; i < 5; i++) {
        memcpy(out + starts[i] + i, hex + starts[i], (size_t)(starts[i + 1] - starts[i]));
        out[starts[i + 1] + i] = i < 4 ? '-' : '\0';
    }
}

bool uuid_parse(struct str s, struct uuid *out)
{
    char hex[32];
    size_t n = 0;
    if (s.len != UUID_LEN)
        return false;
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash && s.p[i] != '-')
            return false;
        if (!dash)
            hex[n++] = s.p[i];
    }
    return hex_decode(str_mem(hex, sizeof hex), out->b, sizeof out->b);
}
