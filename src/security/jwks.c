#include "security/jwks.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/panic.h"
#include "json/json.h"

#include <curl/curl.h>

static const char *const ALG_NAMES[] = {"", "HS256", "RS256", "ES256"};

const char *jwt_alg_name(enum jwt_alg alg)
{
    return ALG_NAMES[alg];
}

enum jwt_alg jwt_alg_parse(struct str name)
{
    for (enum jwt_alg a = JWT_HS256; a <= JWT_ES256; a++)
        if (str_eq_c(name, ALG_NAMES[a]))
            return a;
    return JWT_ALG_OTHER;
}

static enum jwt_alg alg_of_type(const cjose_jwk_t *jwk)
{
    cjose_err e;
    switch (cjose_jwk_get_kty(jwk, &e)) {
    case CJOSE_JWK_KTY_OCT:
        return JWT_HS256;
    case CJOSE_JWK_KTY_RSA:
        return JWT_RS256;
    case CJOSE_JWK_KTY_EC:
        return cjose_jwk_EC_get_curve(jwk, &e) == CJOSE_JWK_EC_P_256 ? JWT_ES256 : JWT_ALG_OTHER;
    default:
        return JWT_ALG_OTHER;
    }
}

static void key_add(struct jwks *set, const struct json *key)
{
    struct str use = json_get_str(key, STR("use")), alg = json_get_str(key, STR("alg")),
               kid = json_get_str(key, STR("kid"));
    cjose_err e;

    if (key->kind != JSON_OBJECT || set->n == JWKS_KEYS_MAX || (use.p && !str_eq(use, STR("sig"))))
        return;
    cjose_jwk_t *jwk = cjose_jwk_import(key->raw.p, key->raw.len, &e);
    if (!jwk)
        return;
    enum jwt_alg type = alg_of_type(jwk);
    if (type == JWT_ALG_OTHER || (alg.p && jwt_alg_parse(alg) != type)) {
        cjose_jwk_release(jwk);
        return;
    }
    set->keys[set->n++] = (struct jwks_key){
        .jwk = jwk,
        .alg = type,
        .kid = kid.p ? strndup(kid.p, kid.len) : NULL,
        .can_sign = type == JWT_HS256 || json_get(key, STR("d")) != NULL,
    };
}

struct jwks *jwks_parse(struct str json, struct err *err)
{
    struct arena *a = arena_new(0);
    struct jwks *set = xcalloc(1, sizeof *set);
    struct json *doc = json_parse(a, json, err);
    const struct json *keys = json_get(doc, STR("keys"));

    set->refs = 1;
    for (uint32_t i = 0; keys && keys->kind == JSON_ARRAY && i < keys->n; i++)
        key_add(set, keys->items[i]);
    if (set->n == 0) {
        if (doc)
            err_set(err, "JWKS_EMPTY", "the key set has no key for HS256, RS256 or ES256 signatures");
        jwks_unref(&set);
    }
    arena_free(&a);
    return set;
}

static size_t take_bytes(char *data, size_t size, size_t n, void *arg)
{
    return buf_add_mem(arg, data, size * n) ? size * n : 0;
}

static struct str fetch_url(struct arena *a, const char *url, struct err *err)
{
    CURL *curl = curl_easy_init();
    struct str text = STR_NONE;
    struct buf out;
    long status = 0;

    buf_init(&out, JWKS_BYTES_MAX);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out);
    CURLcode rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (rc != CURLE_OK)
        err_set(err, "JWKS_UNREADABLE", "cannot fetch %s: %s", url, curl_easy_strerror(rc));
    else if (status != 200)
        err_set(err, "JWKS_UNREADABLE", "cannot fetch %s: HTTP status %ld", url, status);
    else
        text = arena_str(a, buf_str(&out));
    buf_free(&out);
    return text;
}

struct jwks *jwks_load(struct str source, struct err *err)
{
    struct arena *a = arena_new(0);
    const char *where = arena_cstr(a, source);
    bool url = str_starts(source, STR("http://")) || str_starts(source, STR("https://"));
    const char *path = str_starts(source, STR("file://")) ? where + strlen("file://") : where;
    struct str text = url ? fetch_url(a, where, err) : file_read(a, path, JWKS_BYTES_MAX, err);
    struct jwks *set = text.p ? jwks_parse(text, err) : NULL;

    if (!text.p)
        err_prefix(err, "the key set");
    else if (!set)
        err_prefix(err, "%s", where);
    arena_free(&a);
    return set;
}

struct jwks *jwks_ref(struct jwks *s)
{
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return s;
}

void jwks_unref(struct jwks **ps)
{
    struct jwks *s = *ps;
    *ps = NULL;
    if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (unsigned i = 0; i < s->n; i++) {
        cjose_jwk_release(s->keys[i].jwk);
        free(s->keys[i].kid);
    }
    free(s);
}
