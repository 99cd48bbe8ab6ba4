#include "router/transport.h"

#include "base/panic.h"
#include "security/identity.h"

struct transport_http {
    struct transport face;
    struct http_client *client;
    struct arena *arena;
    struct http_target *targets; /* by subgraph id */
    struct str header_block;
};

static int send_http(struct transport *face, struct arena *a, const struct transport_request *request,
                     struct http_response *reply, struct err *err)
{
    struct transport_http *t = PB_CONTAINER_OF(face, struct transport_http, face);
    struct http_call call = {
        .target = &t->targets[request->subgraph],
        .method = STR("POST"),
        .header_block = t->header_block,
        .extra_headers = request->headers,
        .body = request->body,
        .n_body = request->n_body,
        .once = request->mutation,
    };
    return http_call(t->client, a, &call, reply, err);
}

struct transport_http *transport_http_new(struct loop *loop, const struct supergraph *s, const struct transport_http_options *options,
                                          struct str (*override_url)(void *arg, struct str subgraph), void *arg,
                                          struct err *err)
{
    struct arena *arena = arena_new(0);
    struct transport_http *t = arena_new_of(arena, struct transport_http);

    t->face.send = send_http;
    t->arena = arena;
    t->targets = arena_array(arena, struct http_target, s->n_subgraphs);
    for (uint32_t i = 0; i < s->n_subgraphs; i++) {
        struct str name = s->subgraphs[i].name;
        struct str url = override_url ? override_url(arg, name) : STR_NONE;
        if (http_target_parse(arena, arena_str(arena, url.p ? url : s->subgraphs[i].url), &t->targets[i], err) < 0) {
            err_prefix(err, "subgraph \"%.*s\"", STR_ARG(name));
            arena_free(&arena);
            return NULL;
        }
    }
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

struct transport *transport_http_face(struct transport_http *t)
{
    return &t->face;
}

void transport_http_free(struct transport_http **t)
{
    if (!*t)
        return;
    struct arena *arena = (*t)->arena;
    http_client_free(&(*t)->client);
    arena_free(&arena);
    *t = NULL;
}
