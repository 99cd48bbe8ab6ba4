/* Who calls: the bearer token becomes an identity, the identity becomes permissions.
 *
 * Verified tokens are remembered per worker by their whole text until they expire, so that a client's second request
 * costs no signature. */
#include "router/exchange.h"

#include "base/panic.h"

#define CALLERS_REMEMBERED 1024 /* per worker; a new one takes the place of an old one with the same hash */

struct caller_entry {
    struct arena *arena;
    struct str token;
    int64_t expires_us; /* wall clock */
    uint32_t keys_generation;
    uint64_t supergraph; /* id of the one that the permissions are for */
    struct caller caller;
};

struct caller_cache {
    struct caller_entry entries[CALLERS_REMEMBERED];
};

static bool has_all(const struct identity *id, const struct sg_scope_set *set)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (!identity_has_scope(id, set->scopes[i]))
            return false;
    return true;
}

/* Policies are decided by nobody yet, so whoever needs one is refused. */
static bool satisfies(const struct identity *id, const struct sg_auth *need)
{
    if (need->n_policies_any_of || (need->authenticated && !id->signed_in))
        return false;
    for (uint32_t i = 0; i < need->n_any_of; i++)
        if (has_all(id, &need->any_of[i]))
            return id->signed_in;
    return need->n_any_of == 0;
}

static const struct bits *permissions(struct arena *a, const struct supergraph *s, const struct identity *id)
{
    struct bits *auth = bits_new(a, s->n_auth);
    for (uint32_t i = 0; i < s->n_auth; i++)
        if (satisfies(id, &s->auth[i]))
            bits_set(auth, i);
    return auth;
}

struct caller_cache *caller_cache_new(void)
{
    return xcalloc(1, sizeof(struct caller_cache));
}

void caller_cache_free(struct caller_cache **pc)
{
    struct caller_cache *c = *pc;
    *pc = NULL;
    if (!c)
        return;
    for (size_t i = 0; i < CALLERS_REMEMBERED; i++)
        arena_free(&c->entries[i].arena);
    free(c);
}

/* Verifies a token and remembers who it stands for. */
static int verify(struct exchange *x, struct str token, uint32_t generation, struct caller_entry *e, struct err *err)
{
    struct router *router = x->worker->router;
    struct jwt_rules rules = {.issuer = router->options->issuer, .audience = router->options->audience};
    struct arena *a = arena_new(0);
    struct caller_entry fresh = {.arena = a, .token = arena_str(a, token), .keys_generation = generation};
    int64_t now = loop_wall_us(x->worker->loop);

    if (jwt_verify(router->keys, &rules, a, fresh.token, now, &fresh.caller.identity, &fresh.expires_us, err) < 0) {
        arena_free(&a);
        return -1;
    }
    if (fresh.caller.identity.signed_in) {
        struct str json = identity_write(a, &fresh.caller.identity);
        fresh.caller.header = arena_printf(a, "%s: %.*s\r\n", IDENTITY_CALLER_HEADER, STR_ARG(json));
    }
    arena_free(&e->arena);
    *e = fresh;
    return 0;
}

/* The cache may forget a caller while this request still runs, so the request has a copy. */
static struct caller *caller_of_token(struct exchange *x, struct str token, struct err *err)
{
    struct router *router = x->worker->router;
    struct caller_entry *e = &x->worker->callers->entries[str_hash(token) % CALLERS_REMEMBERED];
    const struct supergraph *s = x->graph->supergraph;
    uint32_t generation = __atomic_load_n(&router->keys_generation, __ATOMIC_ACQUIRE);
    bool known = e->arena && e->keys_generation == generation && loop_wall_us(x->worker->loop) < e->expires_us &&
                 str_eq(e->token, token);

    if (!known && verify(x, token, generation, e, err) < 0)
        return NULL;
    struct caller *c = arena_memdup(x->arena, &e->caller, sizeof e->caller);
    c->header = arena_str(x->arena, e->caller.header);
    if (e->supergraph == s->id) {
        c->auth = bits_copy(x->arena, e->caller.auth);
    } else {
        c->auth = permissions(x->arena, s, &e->caller.identity);
        e->caller.auth = bits_copy(e->arena, c->auth);
        e->supergraph = s->id;
    }
    return c;
}

static const struct caller *anonymous(struct exchange *x)
{
    struct caller *c = arena_new_of(x->arena, struct caller);
    c->auth = permissions(x->arena, x->graph->supergraph, &c->identity);
    return c;
}

enum flow stage_authenticate(struct exchange *x)
{
    struct str header = http_header_get(&x->http->request.headers, STR("authorization"));
    struct err err = {0};

    if (!header.p) {
        x->caller = anonymous(x);
        return FLOW_NEXT;
    }
    if (header.len < 7 || !str_eq_nocase(str_sub(header, 0, 7), STR("Bearer ")))
        return reply_error(x, 401, "UNAUTHENTICATED", "The Authorization header has to be \"Bearer <token>\"");
    struct str token = str_trim(str_sub(header, 7, header.len));
    if (!x->worker->router->keys)
        return reply_error(x, 401, "UNAUTHENTICATED",
                           "A token was sent, but this router has no keys to check it with: configure "
                           "router.authentication.jwt.jwks");
    x->caller = caller_of_token(x, token, &err);
    if (!x->caller)
        return reply_error(x, 401, "UNAUTHENTICATED", "%s", err.msg);
    return FLOW_NEXT;
}
