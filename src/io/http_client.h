/* HTTP/1.1 client with keep-alive pools: what the router asks subgraphs with. One client per loop.
 *
 *     struct http_target target;
 *     http_target_parse(arena, STR("http://127.0.0.1:4003/graphql"), &target, &err);
 *     struct http_call call = {
 *         .target = &target, .method = STR("POST"), .header_block = headers, .body = iov, .n_body = 3};
 *     if (http_call(client, arena, &call, &response, &err) < 0) …
 *
 * A request goes out with one writev. A kept connection that turns out to be closed before the first byte of the
 * reply is replaced once, without the caller seeing it (the request had not been processed). Waits obey the fiber's
 * deadline. Error codes: CONNECT_FAILED, CONNECTION_RESET, TIMEOUT, CANCELLED, BAD_RESPONSE, RESPONSE_TOO_LARGE;
 * BAD_URL from http_target_parse(). After a time-out or cancellation the connection is closed: its reply can no
 * longer be told from the next.
 */
#ifndef PAINTBOX_IO_HTTP_CLIENT_H
#define PAINTBOX_IO_HTTP_CLIENT_H

#include "io/http.h"
#include "io/stream.h"

struct http_client;

struct http_client_options {
    unsigned connections_max;  /* per target; 0: 256. One more call waits */
    unsigned idle_max; /* kept per target; 0: all. Load comes in bursts: a new connection costs more than a request */
    int64_t idle_timeout_us;   /* 0: 30 s */
    int64_t connect_timeout_us; /* 0: 5 s */
    size_t response_max;       /* 0: 64 MiB */
};

/* `options` may be NULL. Freed with http_client_free() when no call is running, else by loop_free(). */
struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options);
void http_client_free(struct http_client **c);

struct http_target {
    struct str url;
    struct str address;   /* for stream_connect(): host:port or unix:/path */
    struct str host;      /* Host header */
    struct str path;      /* with query; at least "/" */
};
/* http:// URLs, and unix:///path/to.sock?path=/graphql. -1 with what is wrong. */
int http_target_parse(struct arena *a, struct str url, struct http_target *out, struct err *err);

struct http_call {
    const struct http_target *target;
    struct str method;
    struct str header_block; /* prebuilt "Name: value\r\n" lines, without Host and Content-Length */
    struct str extra_headers; /* the same, per request */
    const struct iovec *body;
    unsigned n_body;
    bool once; /* never sent twice, not even when a kept connection turns out stale: for what changes something */
};

/* The response's head and body live in `a`. Any status is a success here. */
int http_call(struct http_client *c, struct arena *a, const struct http_call *call, struct http_response *out,
              struct err *err);

#endif
