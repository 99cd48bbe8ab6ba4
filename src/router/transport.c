#include "router/transport.h"

#include "base/panic.h"
#include "security/identity.h"

struct transport_http {
    struct http_client *client;
    struct arena *arena;
    struct str header_block;
};

static int send_http(struct transport *face, struct arena *a, const struct transport_request *request,
                     struct http_response *reply, struct err *err)
{
    struct transport_route *route = PB_CONTAINER_OF(face, struct transport_route, face);
    struct http_call call = {
        .target = &route->targets[request->subgraph],
        .method = STR("POST"),
        .header_block = route->http->header_block,
        .extra_headers = request->headers,
        .body = request->body,
        .n_body = request->n_body,
        .once = request->mutation,
    };
    return http_call(route->http->client, a, &call, reply, err);
}

struct transport_route transport_route(struct transport_http *t, const struct http_target *targets)
{
    return (struct transport_route){.face.send = send_http, .http = t, .targets = targets};
}

struct transport_http *transport_http_new(struct loop *loop, const struct transport_http_options *options)
{
    struct arena *arena = arena_new(0);
    struct transport_http *t = arena_new_of(arena, struct transport_http);

    t->arena = arena;
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

void transport_http_free(struct transport_http **t)
{
    if (!*t)
        return;
    struct arena *arena = (*t)->arena;
    http_client_free(&(*t)->client);
    arena_free(&arena);
    *t = NULL;
}
