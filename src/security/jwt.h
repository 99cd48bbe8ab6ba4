/* JSON Web Tokens (RFC 7515, 7517, 7519): who a caller is.
 *
 *     struct jwt_keys *keys = jwt_keys_load(STR("/etc/paintbox/jwks.json"), &err);  // or http(s)://…
 *     int rc = jwt_verify(keys, &rules, arena, token, now_us, &identity, &expires_us, &err);
 *
 * HS256, RS256 and ES256, by cjose. `alg: none`, other algorithms, a key of the wrong type for the algorithm, unknown
 * critical headers, an expired or not yet valid token, a wrong issuer or audience are refused, each with its own
 * message and code UNAUTHENTICATED. A token without `kid` is tried with every key of the right type.
 *
 * Claims: `sub` user, `role`, `scope` (space separated, RFC 8693) or `scopes` (array), `customer`. Without scopes the
 * role's own are used.
 *
 * A key set is counted and may be used by several threads. Whoever owns it asks jwt_keys_stale() now and then and calls
 * jwt_keys_refresh() on a helper thread: after JWKS_REFRESH_US, or JWKS_RETRY_US after a token named an unknown key.
 * While the source is away the old keys stay.
 */
#ifndef PAINTBOX_SECURITY_JWT_H
#define PAINTBOX_SECURITY_JWT_H

#include "security/identity.h"

#define JWT_BYTES_MAX 8192
#define JWT_LEEWAY_US (30 * INT64_C(1000000)) /* for exp and nbf */
#define JWKS_REFRESH_US (3600 * INT64_C(1000000))
#define JWKS_RETRY_US (60 * INT64_C(1000000))

struct jwt_keys;

/* `source`: a path, file:///path, http://… or https://… (fetched with libcurl, blocking: at start and on helper
 * threads). */
struct jwt_keys *jwt_keys_load(struct str source, struct err *err);
/* From the JSON text of a key set. */
struct jwt_keys *jwt_keys_parse(struct str jwks, struct err *err);
struct jwt_keys *jwt_keys_ref(struct jwt_keys *k);
void jwt_keys_unref(struct jwt_keys **k);
unsigned jwt_keys_count(const struct jwt_keys *k);
bool jwt_keys_stale(const struct jwt_keys *k);
int jwt_keys_refresh(struct jwt_keys *k, struct err *err); /* blocks */

struct jwt_rules {
    struct str issuer;   /* .p NULL: any */
    struct str audience; /* .p NULL: any */
};

/* 0, or -1 with *err. Slices of the identity live in `a`. `expires_us` (wall clock) bounds how long the result may be
 * remembered. Several threads may verify with the same keys. */
int jwt_verify(const struct jwt_keys *keys, const struct jwt_rules *rules, struct arena *a, struct str token,
               int64_t now_us, struct identity *out, int64_t *expires_us, struct err *err);

/* Signs a token with the first key of the set that can sign: HS256, RS256 or ES256. STR_NONE with *err. */
struct str jwt_sign(const struct jwt_keys *keys, struct arena *a, const struct identity *id, struct str issuer,
                    struct str audience, int64_t now_us, int64_t lifetime_us, struct err *err);

/* A new key set with one random HS256 key, as JSON. */
struct str jwt_keys_generate(struct arena *a);

#endif
