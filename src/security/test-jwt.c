#include "base/buf.h"
#include "base/encoding.h"
#include "base/test.h"
#include "base/timestamp.h"
#include "io/fiber.h"
#include "security/jwt.h"

#define NOW (INT64_C(1800000000) * US_PER_SEC)
#define HOUR (3600 * US_PER_SEC)

static const char SECRET_SET[] =
    "{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"k1\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
    "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}]}";

struct scene {
    struct arena *a;
    struct jwt_keys *keys;
    struct jwt_rules rules;
    struct identity who;
    int64_t expires_us;
    struct err err;
};

static void begin(struct scene *s)
{
    *s = (struct scene){.a = arena_new(0), .keys = jwt_keys_parse(str_c(SECRET_SET), NULL)};
    assert_non_null(s->keys);
}

static void end(struct scene *s)
{
    jwt_keys_unref(&s->keys);
    arena_free(&s->a);
}

static int verify(struct scene *s, struct str token)
{
    s->err = (struct err){0};
    return jwt_verify(s->keys, &s->rules, s->a, token, NOW, &s->who, &s->expires_us, &s->err);
}

static void assert_refused(struct scene *s, struct str token, const char *why)
{
    assert_int_equal(verify(s, token), -1);
    assert_string_equal(s->err.code, "UNAUTHENTICATED");
    if (!strstr(s->err.msg, why))
        fail_msg("\"%s\" does not say \"%s\"", s->err.msg, why);
}

static struct str sign(struct scene *s, const struct identity *id, int64_t now_us, int64_t lifetime_us)
{
    return jwt_sign(s->keys, s->a, id, STR("paintbox"), STR("graph"), now_us, lifetime_us, &s->err);
}

static const struct identity PAINTER = {.signed_in = true, .user = STR_INIT("u-1"), .role = ROLE_PAINTER};

static struct str part(struct str token, int i)
{
    struct str piece = STR_NONE;
    for (; i >= 0; i--)
        assert_true(str_split(&token, '.', &piece));
    return piece;
}

/* A token with this header and the claims and signature of a good one. */
static struct str with_header(struct scene *s, struct str header)
{
    struct str good = sign(s, &PAINTER, NOW, HOUR);
    return arena_printf(s->a, "%.*s.%.*s.%.*s", STR_ARG(base64url_encode(s->a, header)), STR_ARG(part(good, 1)),
                        STR_ARG(part(good, 2)));
}

static void what_was_signed_is_read_back(void **state)
{
    struct scene s;
    begin(&s);
    s.rules = (struct jwt_rules){.issuer = STR("paintbox"), .audience = STR("graph")};
    assert_int_equal(verify(&s, sign(&s, &PAINTER, NOW, HOUR)), 0);
    assert_str(s.who.user, "u-1");
    assert_int_equal(s.who.role, ROLE_PAINTER);
    assert_true(identity_has_scope(&s.who, STR("projects:progress")));
    assert_false(identity_has_scope(&s.who, STR("customers:read")));
    assert_int_equal(s.expires_us, NOW + HOUR + JWT_LEEWAY_US);
    end(&s);
}

static void scopes_of_the_token_replace_those_of_the_role(void **state)
{
    struct scene s;
    struct identity id = PAINTER;
    begin(&s);
    id.role = ROLE_OWNER;
    id.scopes[id.n_scopes++] = STR("prices:read");
    assert_int_equal(verify(&s, sign(&s, &id, NOW, HOUR)), 0);
    assert_int_equal(s.who.n_scopes, 1);
    assert_str(s.who.scopes[0], "prices:read");
    end(&s);
}

static void times_issuer_and_audience_are_checked(void **state)
{
    struct scene s;
    begin(&s);
    assert_refused(&s, sign(&s, &PAINTER, NOW - 2 * HOUR, HOUR), "expired");
    s.rules.issuer = STR("somebody else");
    assert_refused(&s, sign(&s, &PAINTER, NOW, HOUR), "issuer");
    s.rules = (struct jwt_rules){.audience = STR("somebody else")};
    assert_refused(&s, sign(&s, &PAINTER, NOW, HOUR), "audience");
    end(&s);
}

static void signatures_and_algorithms_are_checked(void **state)
{
    struct scene s;
    begin(&s);
    struct str good = sign(&s, &PAINTER, NOW, HOUR), other;
    struct jwt_keys *mine = s.keys;
    s.keys = jwt_keys_parse(jwt_keys_generate(s.a), NULL);
    other = sign(&s, &PAINTER, NOW, HOUR);
    jwt_keys_unref(&s.keys);
    s.keys = mine;
    assert_refused(&s, other, "key that is not known");
    assert_refused(&s, with_header(&s, STR("{\"alg\":\"HS256\"}")), "signature");
    assert_refused(&s, with_header(&s, STR("{\"alg\":\"none\"}")), "HS256, RS256, ES256");
    assert_refused(&s, with_header(&s, STR("{\"alg\":\"RS256\"}")), "key that is not known");
    assert_refused(&s, with_header(&s, STR("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}")), "crit");
    assert_refused(&s, arena_printf(s.a, "%.*s.%.*s.", STR_ARG(part(good, 0)), STR_ARG(part(good, 1))), "");
    end(&s);
}

static void what_is_no_token_is_refused(void **state)
{
    static const char *const TEXTS[] = {"a", "a.b", "a.b.c", "..", "a.b.c.d", "e30.e30.e30", "!.!.!"};
    struct scene s;
    begin(&s);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_refused(&s, str_c(TEXTS[i]), "");
    assert_refused(&s, STR(""), "empty");
    char *large = arena_alloc(s.a, JWT_BYTES_MAX + 1);
    memset(large, 'a', JWT_BYTES_MAX + 1);
    assert_refused(&s, str_mem(large, JWT_BYTES_MAX + 1), "8 KiB");
    end(&s);
}

/* Tokens are checked on the stack of a fiber, which is small, before anybody knows who sent them. */
static void check_deep_header(void *arg)
{
    struct scene *s = arg;
    struct buf header;
    buf_init(&header, JWT_BYTES_MAX);
    buf_add(&header, STR("{\"alg\":\"HS256\",\"x\":"));
    for (int i = 0; i < 2000; i++)
        buf_add_char(&header, '[');
    for (int i = 0; i < 2000; i++)
        buf_add_char(&header, ']');
    buf_add_char(&header, '}');
    assert_refused(s, with_header(s, buf_str(&header)), "header");
    buf_free(&header);
}

static void a_deep_header_does_not_overflow_the_stack(void **state)
{
    struct scene s;
    struct loop *loop = loop_new();
    begin(&s);
    loop_go(loop, check_deep_header, &s);
    loop_run(loop);
    loop_free(&loop);
    assert_string_equal(s.err.code, "UNAUTHENTICATED");
    end(&s);
}

static void a_token_that_would_be_too_large_is_not_signed(void **state)
{
    struct scene s;
    struct identity id = PAINTER;
    begin(&s);
    char *scope = arena_alloc(s.a, 300);
    memset(scope, 's', 300);
    for (unsigned i = 0; i < IDENTITY_SCOPES_MAX; i++)
        id.scopes[id.n_scopes++] = str_mem(scope, 300);
    assert_null(sign(&s, &id, NOW, HOUR).p);
    assert_string_equal(s.err.code, "TOKEN_TOO_LARGE");
    end(&s);
}

static void key_sets_say_what_is_wrong_with_them(void **state)
{
    struct err err;
    assert_null(jwt_keys_parse(STR("{\"keys\":[]}"), &err));
    assert_string_equal(err.code, "JWKS_EMPTY");
    assert_null(
        jwt_keys_parse(STR("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"AyM1SysPpbyDfgZl\"}]}"), &err));
    assert_string_equal(err.code, "JWKS_EMPTY");
    assert_null(jwt_keys_load(STR("/no/such/file"), &err));
    assert_string_equal(err.msg, "the key set: cannot read /no/such/file: No such file or directory");
    assert_null(jwt_keys_load(STR("/tmp"), &err));
    assert_string_equal(err.msg, "the key set: cannot read /tmp: Is a directory");
    assert_null(jwt_keys_load(STR("/dev/zero"), &err));
    assert_string_equal(err.msg, "the key set: cannot read /dev/zero: larger than 1024 KiB");
    assert_null(jwt_keys_load(STR("/dev/null"), &err));
    assert_string_equal(err.code, "JSON_INVALID");
    assert_non_null(strstr(err.msg, "/dev/null: line 1"));
}

int main(void)
{
    return RUN_TESTS(what_was_signed_is_read_back, scopes_of_the_token_replace_those_of_the_role,
                     times_issuer_and_audience_are_checked, signatures_and_algorithms_are_checked,
                     what_is_no_token_is_refused, a_deep_header_does_not_overflow_the_stack,
                     a_token_that_would_be_too_large_is_not_signed, key_sets_say_what_is_wrong_with_them);
}
