/* Base64 (RFC 4648, standard and URL alphabets), hexadecimal, SHA-256. */
#ifndef PAINTBOX_BASE_ENCODING_H
#define PAINTBOX_BASE_ENCODING_H

#include "base/arena.h"

struct str base64_encode(struct arena *a, struct str bytes);       /* padded */
struct str base64url_encode(struct arena *a, struct str bytes);    /* no padding */
/* Accepts both alphabets, with or without padding. False on anything else. */
bool base64_decode(struct arena *a, struct str text, struct str *bytes);

void hex_encode(const uint8_t *bytes, size_t n, char *out); /* 2n bytes and a NUL, lower case */
bool hex_decode(struct str text, uint8_t *bytes, size_t n); /* exactly n bytes */

#define SHA256_HEX_LEN 64
void sha256_hex(struct str bytes, char out[SHA256_HEX_LEN + 1]);

/* True when equal, in a time that does not depend on where they differ. */
bool constant_time_eq(struct str a, struct str b);

#endif
