/* Tokens for comparison with other implementations (test/conformance/jwt.test.mjs).
 *
 *     security-test-driver JWKS sign              a token for user "u-1" with scopes "a" and "b"
 *     security-test-driver JWKS verify TOKEN…     for each the caller as JSON, or the refusal
 */
#include "security/jwt.h"

#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

static const struct jwt_rules RULES = {.issuer = STR_INIT("us"), .audience = STR_INIT("paintbox")};

static int sign(const struct jwt_keys *keys, struct arena *a, struct err *err)
{
    struct identity id = {
        .signed_in = true, .user = STR("u-1"), .role = ROLE_PAINTER, .scopes = {STR("a"), STR("b")}, .n_scopes = 2};
    struct str token = jwt_sign(keys, a, &id, RULES.issuer, RULES.audience, clock_wall_us(), 600 * US_PER_SEC, err);
    printf("%.*s\n", STR_ARG(token.p ? token : str_c(err->msg)));
    return token.p ? 0 : 1;
}

static void verify(const struct jwt_keys *keys, struct arena *a, struct str token)
{
    struct identity id;
    int64_t expires_us;
    struct err err;
    if (jwt_verify(keys, &RULES, a, token, clock_wall_us(), &id, &expires_us, &err) < 0)
        printf("%s\n", err.msg);
    else
        printf("%.*s\n", STR_ARG(identity_write(a, &id)));
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct jwt_keys *keys = argc > 2 ? jwt_keys_load(str_c(argv[1]), &err) : NULL;
    int rc = 0;

    if (!keys) {
        printf("%s\n", argc > 2 ? err.msg : "usage: security-test-driver JWKS sign|verify [TOKEN…]");
        return 2;
    }
    struct arena *a = arena_new(0);
    if (strcmp(argv[2], "sign") == 0)
        rc = sign(keys, a, &err);
    for (int i = 3; i < argc; i++)
        verify(keys, a, str_c(argv[i]));
    arena_free(&a);
    jwt_keys_unref(&keys);
    return rc;
}
