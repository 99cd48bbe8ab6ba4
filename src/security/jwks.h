/* Sets of keys (RFC 7517), inside the room: jwt.c verifies and signs with them. */
#ifndef PAINTBOX_SECURITY_JWKS_H
#define PAINTBOX_SECURITY_JWKS_H

#include "base/arena.h"
#include "base/err.h"

#include <cjose/cjose.h>
#include <pthread.h>

#define JWKS_KEYS_MAX 64
#define JWKS_BYTES_MAX (1u << 20)

enum jwt_alg { JWT_ALG_OTHER, JWT_HS256, JWT_RS256, JWT_ES256 };

const char *jwt_alg_name(enum jwt_alg alg);
enum jwt_alg jwt_alg_parse(struct str name);

struct jwks_key {
    cjose_jwk_t *jwk;
    enum jwt_alg alg; /* the one this key is for */
    char *kid;        /* NULL without */
    bool can_sign;
};

struct jwks {
    int refs;
    unsigned n;
    struct jwks_key keys[JWKS_KEYS_MAX];
};

/* Keys that are not for HS256, RS256 or ES256 signatures are passed over; none left is an error. */
struct jwks *jwks_parse(struct str json, struct err *err);
/* Reads a file or fetches a URL. Blocks. */
struct jwks *jwks_load(struct str source, struct err *err);
struct jwks *jwks_ref(struct jwks *s);
void jwks_unref(struct jwks **s);

#endif
