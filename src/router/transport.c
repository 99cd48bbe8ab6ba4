#include "router/transport.h"

#include "base/panic.h"
#include "security/identity.h"

#include <stdlib.h>

#define ARENAS_POOLED 16u

struct transport_http {
    struct http_client *client;
    struct arena *arena;
    struct str header_block;
    bool sharing;
    struct inflight_table flights;
    struct arena *pool[ARENAS_POOLED];
    unsigned n_pool;
};

void transport_leases_release(struct transport_lease **leases)
{
    for (struct transport_lease *l = *leases, *next; l; l = next) {
        next = l->next;
        l->release(l->arg);
    }
    *leases = NULL;
}

static struct http_call call_of(const struct transport_route *route, const struct transport_request *request)
{
    return (struct http_call){
        .target = &route->targets[request->subgraph],
        .method = STR("POST"),
        .header_block = route->http->header_block,
        .extra_headers = request->headers,
        .body = request->body,
        .n_body = request->n_body,
        .once = request->mutation,
    };
}

/* ---- one request for several ---- */

/* In an arena of its own, with all that it needs: it may outlive each of its participants. */
struct shared_call {
    struct inflight flight;
    struct transport_http *http;
    struct arena *arena;
    struct http_target target;
    struct iovec body;
    struct http_call call;
    int64_t timeout_us;
    struct http_response reply;
    int rc;
    struct err err;
};

static struct arena *arena_take(struct transport_http *t)
{
    return t->n_pool ? t->pool[--t->n_pool] : arena_new(0);
}

static void arena_give(struct transport_http *t, struct arena *a)
{
    if (t->n_pool == ARENAS_POOLED) {
        arena_free(&a);
        return;
    }
    arena_reset(a);
    t->pool[t->n_pool++] = a;
}

static int call_in_time(struct transport_http *t, struct arena *a, const struct http_call *call, int64_t timeout_us,
                        struct http_response *reply, struct err *err)
{
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + timeout_us);
    int rc = http_call(t->client, a, call, reply, err);
    fiber_deadline_pop(old);
    return rc;
}

static void shared_run(struct inflight *f)
{
    struct shared_call *c = PB_CONTAINER_OF(f, struct shared_call, flight);
    c->rc = call_in_time(c->http, c->arena, &c->call, c->timeout_us, &c->reply, &c->err);
}

static void shared_destroy(struct inflight *f)
{
    struct shared_call *c = PB_CONTAINER_OF(f, struct shared_call, flight);
    arena_give(c->http, c->arena);
}

static size_t body_size(const struct transport_request *request)
{
    size_t n = 0;
    for (unsigned i = 0; i < request->n_body; i++)
        n += request->body[i].iov_len;
    return n;
}

static char *put(char *p, struct str s)
{
    if (s.len)
        memcpy(p, s.p, s.len);
    return p + s.len;
}

/* Lengths first, so that no two requests have the same key; the body is its end. */
static struct str shared_key(struct arena *a, const struct http_target *target, const struct transport_request *request,
                             size_t n_body)
{
    uint32_t lengths[4] = {request->subgraph, (uint32_t)target->url.len, (uint32_t)request->identity.len,
                           (uint32_t)n_body};
    size_t size = sizeof lengths + target->url.len + request->identity.len + n_body;
    char *key = arena_alloc_raw(a, size), *p = put(key, str_mem(lengths, sizeof lengths));

    p = put(put(p, target->url), request->identity);
    for (unsigned i = 0; i < request->n_body; i++)
        p = put(p, str_mem(request->body[i].iov_base, request->body[i].iov_len));
    return str_mem(key, size);
}

static struct shared_call *shared_new(const struct transport_route *route, const struct transport_request *request)
{
    struct arena *a = arena_take(route->http);
    struct shared_call *c = arena_new_of(a, struct shared_call);
    const struct http_target *target = &route->targets[request->subgraph];
    size_t n_body = body_size(request);

    c->flight =
        (struct inflight){.key = shared_key(a, target, request, n_body), .run = shared_run, .destroy = shared_destroy};
    c->http = route->http;
    c->arena = a;
    c->target = (struct http_target){.address = arena_str(a, target->address), .host = arena_str(a, target->host),
                                     .path = arena_str(a, target->path)};
    c->body = (struct iovec){(char *)c->flight.key.p + c->flight.key.len - n_body, n_body};
    c->call = call_of(route, request);
    c->call.target = &c->target;
    c->call.extra_headers = arena_str(a, request->headers);
    c->call.body = &c->body;
    c->call.n_body = 1;
    c->timeout_us = request->timeout_us;
    return c;
}

/* With a reference: a call that is under way, or a new one. NULL when there is no fiber for it. */
static struct shared_call *join_or_begin(const struct transport_route *route, const struct transport_request *request,
                                         int64_t since_us)
{
    struct transport_http *t = route->http;
    struct shared_call *fresh = shared_new(route, request);
    struct inflight *known = inflight_find(&t->flights, fresh->flight.key, since_us);

    if (!known && inflight_begin(&t->flights, &fresh->flight))
        return fresh;
    arena_give(t, fresh->arena);
    return known ? PB_CONTAINER_OF(known, struct shared_call, flight) : NULL;
}

static void shared_release(void *arg)
{
    inflight_unref(arg);
}

static int shared_wait(struct shared_call *c, struct arena *a, struct transport_lease **leases,
                       struct http_response *reply, struct err *err)
{
    enum wait_result waited = inflight_wait(&c->flight);

    if (waited == WAIT_OK && c->rc == 0) {
        struct transport_lease *lease = arena_new_of(a, struct transport_lease);
        *lease = (struct transport_lease){*leases, shared_release, &c->flight};
        *leases = lease;
        *reply = c->reply;
        return 0;
    }
    if (waited == WAIT_OK)
        *err = c->err;
    else
        err_set(err, waited == WAIT_DEADLINE ? "TIMEOUT" : "CANCELLED", "no reply: %s", wait_result_text(waited));
    inflight_unref(&c->flight);
    return -1;
}

static bool is_timeout(int rc, const struct err *err)
{
    return rc < 0 && strcmp(err->code, "TIMEOUT") == 0;
}

/* False when there is no fiber for it. Otherwise *rc is the result. */
static bool send_shared(const struct transport_route *route, struct arena *a, const struct transport_request *request,
                        struct http_response *reply, int *rc, struct err *err)
{
    int64_t arrived = loop_now_us(loop_current());
    struct shared_call *c = join_or_begin(route, request, INT64_MIN);

    if (!c)
        return false;
    bool joined = c->flight.began_us < arrived;
    *rc = shared_wait(c, a, request->leases, reply, err);
    /* Its time began before ours: whoever asks alone might still have got a reply. */
    if (joined && is_timeout(*rc, err) && fiber_deadline() > loop_now_us(loop_current()) &&
        (c = join_or_begin(route, request, arrived)))
        *rc = shared_wait(c, a, request->leases, reply, err);
    return true;
}

static int send_http(struct transport *face, struct arena *a, const struct transport_request *request,
                     struct http_response *reply, struct err *err)
{
    struct transport_route *route = PB_CONTAINER_OF(face, struct transport_route, face);
    int rc;

    if (route->http->sharing && request->shareable && body_size(request) <= TRANSPORT_SHARED_BODY_MAX &&
        send_shared(route, a, request, reply, &rc, err))
        return rc;
    struct http_call call = call_of(route, request);
    return call_in_time(route->http, a, &call, request->timeout_us, reply, err);
}

/* ---- life ---- */

struct transport_route transport_route(struct transport_http *t, const struct http_target *targets)
{
    return (struct transport_route){.face.send = send_http, .http = t, .targets = targets};
}

struct transport_http *transport_http_new(struct loop *loop, const struct transport_http_options *options)
{
    struct arena *arena = arena_new(0);
    struct transport_http *t = arena_new_of(arena, struct transport_http);

    t->arena = arena;
    t->sharing = options->sharing;
    t->flights = (struct inflight_table){.loop = loop, .writes = options->writes};
    t->header_block = STR("Content-Type: application/json\r\n"
                          "Accept: application/graphql-response+json, application/json\r\n");
    if (options->service_token.len)
        t->header_block = arena_printf(arena, "%.*s%s: %.*s\r\n", STR_ARG(t->header_block), IDENTITY_SERVICE_HEADER,
                                       STR_ARG(options->service_token));
    struct http_client_options client = options->client;
    if (!client.response_max)
        client.response_max = TRANSPORT_REPLY_MAX;
    t->client = http_client_new(loop, &client);
    return t;
}

void transport_http_trim(struct transport_http *t)
{
    while (t->n_pool)
        arena_free(&t->pool[--t->n_pool]);
}

void transport_http_free(struct transport_http **pt)
{
    struct transport_http *t = *pt;
    *pt = NULL;
    if (!t)
        return;
    struct arena *arena = t->arena;
    inflight_drain(&t->flights);
    http_client_free(&t->client);
    transport_http_trim(t);
    arena_free(&arena);
}
