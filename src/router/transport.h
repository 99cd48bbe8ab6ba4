/* How a request reaches a subgraph. The executor knows only this face: production sends HTTP (transport_http), tests
 * answer from memory. */
#ifndef PAINTBOX_ROUTER_TRANSPORT_H
#define PAINTBOX_ROUTER_TRANSPORT_H

#include "io/http_client.h"
#include "planner/plan.h"
#include "router/inflight.h"

/* What has to be kept until the request has been answered. */
struct transport_lease {
    struct transport_lease *next;
    void (*release)(void *arg);
    void *arg;
};

struct transport_request {
    uint32_t subgraph;
    struct str headers;       /* "Name: value\r\n" lines that depend on the client's request */
    struct str identity;      /* of those, what the reply may depend on: the caller */
    const struct iovec *body;
    unsigned n_body;
    int64_t timeout_us;
    bool mutation;            /* never sent twice */
    bool shareable;           /* the reply may be one that an equal request of an equal caller waits for */
    struct transport_lease **leases; /* the transport adds what the reply points into */
};

void transport_leases_release(struct transport_lease **leases);

struct transport {
    /* Sends a body to a subgraph and parks until its reply, which lives in `a` or until its lease is released. -1 with
     * *err when there is none; code TIMEOUT after `timeout_us`, or when the fiber's deadline was earlier. */
    int (*send)(struct transport *t, struct arena *a, const struct transport_request *request,
                struct http_response *reply, struct err *err);
};

/* A reply lives in its request's arena, and while it grows so does what it has outgrown: two that are this large still
 * fit. */
#define TRANSPORT_REPLY_MAX (16u << 20)

struct transport_http_options {
    struct str service_token;   /* sent as paintbox-service-token; empty: not sent */
    struct http_client_options client; /* response_max 0: TRANSPORT_REPLY_MAX */
    bool sharing;               /* equal requests in flight are sent once */
    const uint64_t *writes;     /* atomic: see struct inflight_table */
};

#define TRANSPORT_SHARED_BODY_MAX (256u << 10) /* larger ones are sent without being compared */

/* HTTP with keep-alive, from one loop: what all requests of a worker share. */
struct transport_http;
struct transport_http *transport_http_new(struct loop *loop, const struct transport_http_options *options);
void transport_http_free(struct transport_http **t); /* parks until what was abandoned has ended */

/* Frees what is kept for the next requests. */
void transport_http_trim(struct transport_http *t);

/* The face for one request, with the addresses of the graph that it runs on. */
struct transport_route {
    struct transport face;
    struct transport_http *http;
    const struct http_target *targets; /* by subgraph id */
};
struct transport_route transport_route(struct transport_http *t, const struct http_target *targets);

#endif
