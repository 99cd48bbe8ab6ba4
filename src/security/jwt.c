#include "security/jwt.h"

#include "base/encoding.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/timestamp.h"
#include "json/json.h"
#include "security/jwks.h"

struct jwt_keys {
    int refs;
    char *source; /* NULL: from text */
    pthread_mutex_t mutex; /* guards `set` */
    struct jwks *set;
    int64_t refreshed_us; /* monotonic */
    bool unknown_kid;     /* a token named a key that is not here */
};

/* ---- key sets ---- */

static struct jwt_keys *keys_new(struct jwks *set, char *source)
{
    if (!set) {
        free(source);
        return NULL;
    }
    struct jwt_keys *k = xcalloc(1, sizeof *k);
    k->refs = 1;
    k->source = source;
    k->set = set;
    k->refreshed_us = clock_monotonic_us();
    pthread_mutex_init(&k->mutex, NULL);
    return k;
}

struct jwt_keys *jwt_keys_load(struct str source, struct err *err)
{
    return keys_new(jwks_load(source, err), strndup(source.p, source.len));
}

struct jwt_keys *jwt_keys_parse(struct str text, struct err *err)
{
    return keys_new(jwks_parse(text, err), NULL);
}

struct jwt_keys *jwt_keys_ref(struct jwt_keys *k)
{
    __atomic_fetch_add(&k->refs, 1, __ATOMIC_RELAXED);
    return k;
}

void jwt_keys_unref(struct jwt_keys **pk)
{
    struct jwt_keys *k = *pk;
    *pk = NULL;
    if (!k || __atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    jwks_unref(&k->set);
    pthread_mutex_destroy(&k->mutex);
    free(k->source);
    free(k);
}

static struct jwks *current_set(const struct jwt_keys *keys)
{
    struct jwt_keys *k = (struct jwt_keys *)keys;
    pthread_mutex_lock(&k->mutex);
    struct jwks *set = jwks_ref(k->set);
    pthread_mutex_unlock(&k->mutex);
    return set;
}

unsigned jwt_keys_count(const struct jwt_keys *k)
{
    struct jwks *set = current_set(k);
    unsigned n = set->n;
    jwks_unref(&set);
    return n;
}

bool jwt_keys_stale(const struct jwt_keys *k)
{
    int64_t age = clock_monotonic_us() - __atomic_load_n(&k->refreshed_us, __ATOMIC_RELAXED);
    return k->source &&
           (age > JWKS_REFRESH_US || (age > JWKS_RETRY_US && __atomic_load_n(&k->unknown_kid, __ATOMIC_RELAXED)));
}

int jwt_keys_refresh(struct jwt_keys *k, struct err *err)
{
    struct jwks *fresh = jwks_load(str_c(k->source), err);
    __atomic_store_n(&k->refreshed_us, clock_monotonic_us(), __ATOMIC_RELAXED);
    __atomic_store_n(&k->unknown_kid, false, __ATOMIC_RELAXED);
    if (!fresh)
        return -1;
    pthread_mutex_lock(&k->mutex);
    struct jwks *old = k->set;
    k->set = fresh;
    pthread_mutex_unlock(&k->mutex);
    jwks_unref(&old);
    return 0;
}

/* ---- claims ---- */

static int refuse(struct err *err, const char *why)
{
    return err_set(err, "UNAUTHENTICATED", "The token is not valid: %s", why);
}

static bool audience_matches(const struct json *aud, struct str wanted)
{
    if (!aud)
        return false;
    if (aud->kind == JSON_STRING)
        return str_eq(aud->text, wanted);
    for (uint32_t i = 0; aud->kind == JSON_ARRAY && i < aud->n; i++)
        if (str_eq(aud->items[i]->text, wanted))
            return true;
    return false;
}

/* NumericDate: seconds, perhaps with a fraction. */
static bool claim_time(const struct json *claims, struct str name, int64_t *us, bool *present)
{
    const struct json *v = json_get(claims, name);
    double seconds;
    *present = v != NULL;
    if (!v)
        return true;
    if (!json_to_double(v, &seconds) || seconds < 0 || seconds > 1e12)
        return false;
    *us = (int64_t)(seconds * (double)US_PER_SEC);
    return true;
}

static int check_times(const struct json *claims, int64_t now_us, int64_t *expires_us, struct err *err)
{
    int64_t exp = 0, nbf = 0;
    bool has_exp, has_nbf;

    if (!claim_time(claims, STR("exp"), &exp, &has_exp) || !claim_time(claims, STR("nbf"), &nbf, &has_nbf))
        return refuse(err, "\"exp\" and \"nbf\" have to be numbers of seconds");
    if (!has_exp)
        return refuse(err, "it has no expiry (\"exp\")");
    if (now_us > exp + JWT_LEEWAY_US)
        return refuse(err, "it has expired: get a new one");
    if (has_nbf && now_us < nbf - JWT_LEEWAY_US)
        return refuse(err, "it is not valid yet (\"nbf\")");
    *expires_us = exp + JWT_LEEWAY_US;
    return 0;
}

static void add_scope(struct identity *id, struct str scope)
{
    if (scope.len && id->n_scopes < IDENTITY_SCOPES_MAX && !identity_has_scope(id, scope))
        id->scopes[id->n_scopes++] = scope;
}

static void take_scopes(struct identity *id, const struct json *claims)
{
    const struct json *text = json_get(claims, STR("scope")), *list = json_get(claims, STR("scopes"));
    struct str part;

    if (text && text->kind == JSON_STRING) {
        struct str rest = text->text;
        while (str_split(&rest, ' ', &part))
            add_scope(id, part);
    }
    for (uint32_t i = 0; list && list->kind == JSON_ARRAY && i < list->n; i++)
        add_scope(id, list->items[i]->text);
    if (!text && !list)
        for (const struct str *s = role_scopes(id->role); s->p; s++)
            add_scope(id, *s);
}

static int take_claims(const struct json *claims, const struct jwt_rules *rules, int64_t now_us, struct identity *out,
                       int64_t *expires_us, struct err *err)
{
    struct str user = json_get_str(claims, STR("sub")), role = json_get_str(claims, STR("role"));

    if (check_times(claims, now_us, expires_us, err) < 0)
        return -1;
    if (rules->issuer.p && !str_eq(json_get_str(claims, STR("iss")), rules->issuer))
        return refuse(err, "it comes from another issuer (\"iss\")");
    if (rules->audience.p && !audience_matches(json_get(claims, STR("aud")), rules->audience))
        return refuse(err, "it is meant for another audience (\"aud\")");
    if (!user.len)
        return refuse(err, "it does not say whose it is (\"sub\")");
    *out = (struct identity){.signed_in = true, .user = user, .role = role_parse(role)};
    if (role.p && out->role == ROLE_NONE)
        return refuse(err, "its \"role\" is unknown");
    out->customer = json_get_str(claims, STR("customer"));
    take_scopes(out, claims);
    return 0;
}

/* ---- verification ---- */

static int verify_with(struct jwt_keys *keys, cjose_jws_t *jws, struct err *err)
{
    cjose_header_t *header = cjose_jws_get_protected(jws);
    cjose_err e;
    const char *alg_name = cjose_header_get(header, CJOSE_HDR_ALG, &e);
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, &e);
    enum jwt_alg alg = alg_name ? jwt_alg_parse(str_c(alg_name)) : JWT_ALG_OTHER;
    char *crit = cjose_header_get_raw(header, "crit", &e);
    bool known = false, good = false;

    if (crit) {
        free(crit);
        return refuse(err, "it has critical header parameters (\"crit\") that are not understood");
    }
    if (alg == JWT_ALG_OTHER)
        return refuse(err, "its algorithm is none of HS256, RS256, ES256");
    struct jwks *set = current_set(keys);
    for (unsigned i = 0; i < set->n && !good; i++) {
        const struct jwks_key *key = &set->keys[i];
        if (key->alg != alg || (kid && key->kid && strcmp(kid, key->kid) != 0))
            continue;
        known = true;
        good = cjose_jws_verify(jws, key->jwk, &e);
    }
    jwks_unref(&set);
    if (!known)
        __atomic_store_n(&keys->unknown_kid, true, __ATOMIC_RELAXED);
    if (!good)
        return refuse(err, known ? "its signature does not fit" : "it was signed with a key that is not known here");
    return 0;
}

/* cjose's JSON library recurses 2,048 levels deep, which no fiber's stack has room for: ours sees the header first. */
static bool header_is_readable(struct arena *a, struct str token)
{
    struct str encoded, text;
    if (!str_split(&token, '.', &encoded) || !base64_decode(a, encoded, &text))
        return false;
    const struct json *header = json_parse(a, text, NULL);
    return header && header->kind == JSON_OBJECT;
}

int jwt_verify(const struct jwt_keys *keys, const struct jwt_rules *rules, struct arena *a, struct str token,
               int64_t now_us, struct identity *out, int64_t *expires_us, struct err *err)
{
    cjose_err e;
    uint8_t *plain = NULL;
    size_t n = 0;

    if (token.len == 0 || token.len > JWT_BYTES_MAX)
        return refuse(err, token.len ? "it is larger than 8 KiB" : "it is empty");
    if (!header_is_readable(a, token))
        return refuse(err, "its header is not a JSON object in base64url");
    cjose_jws_t *jws = cjose_jws_import(token.p, token.len, &e);
    if (!jws)
        return refuse(err, "it is not a signed JSON Web Token (three parts, base64url)");
    int rc = verify_with((struct jwt_keys *)keys, jws, err);
    if (rc == 0 && cjose_jws_get_plaintext(jws, &plain, &n, &e)) {
        struct json *claims = json_parse(a, arena_str(a, str_mem(plain, n)), NULL);
        rc = claims && claims->kind == JSON_OBJECT ? take_claims(claims, rules, now_us, out, expires_us, err)
                                                   : refuse(err, "its claims are not a JSON object");
    }
    cjose_jws_release(jws);
    return rc;
}

/* ---- signing ---- */

/* STR_NONE when they are more than any verifier of ours would read. */
static struct str claims_of(struct arena *a, const struct identity *id, struct str issuer, struct str audience,
                            int64_t now_us, int64_t lifetime_us)
{
    struct buf b;
    buf_init(&b, JWT_BYTES_MAX / 4 * 3 - 512); /* base64 adds a third, header and signature the rest */
    struct json_writer w = json_writer(&b);

    jw_begin_object(&w);
    jw_name(&w, STR("sub"));
    jw_string(&w, id->user);
    if (issuer.len) {
        jw_name(&w, STR("iss"));
        jw_string(&w, issuer);
    }
    if (audience.len) {
        jw_name(&w, STR("aud"));
        jw_string(&w, audience);
    }
    jw_name(&w, STR("iat"));
    jw_i64(&w, now_us / US_PER_SEC);
    jw_name(&w, STR("exp"));
    jw_i64(&w, (now_us + lifetime_us) / US_PER_SEC);
    if (id->role != ROLE_NONE) {
        jw_name(&w, STR("role"));
        jw_string(&w, role_name(id->role));
    }
    if (id->customer.len) {
        jw_name(&w, STR("customer"));
        jw_string(&w, id->customer);
    }
    if (id->n_scopes) {
        jw_name(&w, STR("scopes"));
        jw_begin_array(&w);
        for (unsigned i = 0; i < id->n_scopes; i++)
            jw_string(&w, id->scopes[i]);
        jw_end_array(&w);
    }
    jw_end_object(&w);
    struct str text = buf_overflowed(&b) ? STR_NONE : arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct str sign_with(const struct jwks_key *key, struct arena *a, struct str claims, struct err *err)
{
    cjose_err e;
    const char *compact = NULL;
    struct str token = STR_NONE;
    cjose_header_t *header = cjose_header_new(&e);

    cjose_header_set(header, CJOSE_HDR_ALG, jwt_alg_name(key->alg), &e);
    cjose_header_set(header, "typ", "JWT", &e);
    if (key->kid)
        cjose_header_set(header, CJOSE_HDR_KID, key->kid, &e);
    cjose_jws_t *jws = cjose_jws_sign(key->jwk, header, (const uint8_t *)claims.p, claims.len, &e);
    if (jws && cjose_jws_export(jws, &compact, &e))
        token = arena_str(a, str_c(compact));
    else
        err_set(err, "SIGNING_FAILED", "the token could not be signed: %s", e.message);
    if (jws)
        cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
}

struct str jwt_sign(const struct jwt_keys *keys, struct arena *a, const struct identity *id, struct str issuer,
                    struct str audience, int64_t now_us, int64_t lifetime_us, struct err *err)
{
    struct str claims = claims_of(a, id, issuer, audience, now_us, lifetime_us);
    if (!claims.p) {
        err_set(err, "TOKEN_TOO_LARGE", "the token would be larger than 8 KiB: give it fewer scopes");
        return STR_NONE;
    }
    struct jwks *set = current_set(keys);
    struct str token = STR_NONE;
    bool found = false;

    for (unsigned i = 0; i < set->n && !found; i++)
        if (set->keys[i].can_sign) {
            found = true;
            token = sign_with(&set->keys[i], a, claims, err);
        }
    jwks_unref(&set);
    if (!found)
        err_set(err, "NO_SIGNING_KEY",
                "the key set has public keys only: tokens come from whoever has the private key");
    return token;
}

struct str jwt_keys_generate(struct arena *a)
{
    uint8_t secret[32], id[8];
    char kid[2 * sizeof id + 1];

    random_bytes(secret, sizeof secret);
    random_bytes(id, sizeof id);
    hex_encode(id, sizeof id, kid);
    struct str k = base64url_encode(a, str_mem(secret, sizeof secret));
    return arena_printf(a, "{\"keys\":[{\"kty\":\"oct\",\"use\":\"sig\",\"alg\":\"HS256\",\"kid\":\"%s\",\"k\":\"%.*s\"}]}\n", kid,
                        STR_ARG(k));
}
