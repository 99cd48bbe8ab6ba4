/* HTTP/1.1 server: keep-alive, pipelining in order, Content-Length and chunked bodies, Expect: 100-continue.
 *
 * Each request runs in a fiber with an arena of its own that is dropped after the response is written. The handler
 * fills `x->status`, headers and body pieces and returns; the server writes head and pieces with one writev. Pieces
 * are not copied: they must live until the handler's arena is dropped (allocate them from x->arena, or point to
 * static text).
 *
 *     static void hello(struct http_exchange *x, void *arg)
 *     {
 *         http_reply(x, 200, STR("text/plain; charset=utf-8"), STR("hello\n"));
 *     }
 *
 * A client that disconnects while its request runs cancels the handler's fiber. That includes one that only shuts down
 * its sending side: it cannot be told from the other. Broken requests are answered with 400, 408, 413, 414, 417, 431,
 * 501 or 505 and a JSON body {"errors":[{"message":…}]}, and the connection is closed. A handler that returns without
 * a status is answered for with 503 after its deadline, else with 500.
 *
 * A connection at rest has no fiber, no arena and no buffer, only its struct.
 */
#ifndef PAINTBOX_IO_HTTP_SERVER_H
#define PAINTBOX_IO_HTTP_SERVER_H

#include "base/vec.h"
#include "io/http.h"
#include "io/stream.h"

struct http_server;

struct http_exchange {
    struct http_request request;
    struct arena *arena;
    struct str peer;
    int64_t started_us; /* loop time when the request's first byte was there */
    struct http_connection *connection; /* the server's */

    int status;
    VEC(struct http_header) out_headers; /* Content-Length, Connection and Date are the server's */
    VEC(struct str) out_body;
    /* Called after the response has been written or the client is gone, to release what `out_body` points into. */
    void (*release)(void *arg);
    void *release_arg;
};

/* The name is a token, the value has no control characters; a header that breaks this is dropped with a warning. */
void http_add_header(struct http_exchange *x, struct str name, struct str value);
/* Sets status, Content-Type and a body of one piece. */
void http_reply(struct http_exchange *x, int status, struct str content_type, struct str body);
/* {"errors":[{"message":…,"extensions":{"code":…}}]} */
void http_reply_json_error(struct http_exchange *x, int status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Streaming responses (server-sent events, multipart): the head is written at once, then chunks. -1 when the client
 * is gone. From here on the request's deadline does not hold any more; each write has one of 30 s, and more for long
 * data. `data` may be freed afterwards. */
int http_stream_begin(struct http_exchange *x, struct err *err);
int http_stream_chunk(struct http_exchange *x, struct str data, struct err *err);
/* Writes a 101 reply with the headers that were added and takes the connection over (WebSocket). The handler then
 * owns the stream, also after it has returned; the deadline does not hold any more. `rest`: bytes already read, in
 * x->arena. */
struct stream *http_upgrade(struct http_exchange *x, struct str *rest, struct err *err);

struct http_server_options {
    struct str listen;        /* address, see listener_open() */
    bool reuse_port;
    size_t body_max;          /* 0: HTTP_BODY_MAX_DEFAULT */
    int64_t idle_timeout_us;  /* keep-alive; 0: 75 s */
    int64_t header_timeout_us; /* from the first byte to the end of the body; 0: 30 s → 408 */
    int64_t request_timeout_us; /* deadline of the handler's fiber; 0: 60 s */
    unsigned connections_max; /* per loop; 0: 10000. One more is accepted and closed with 503 */
};

typedef void (*http_handler)(struct http_exchange *x, void *arg);

/* Closed with http_server_close(), else by loop_free(). */
struct http_server *http_server_open(struct loop *loop, const struct http_server_options *options, http_handler handler,
                                     void *arg, struct err *err);
struct str http_server_address(const struct http_server *s);
/* Stops accepting, lets running requests finish until `grace_us` has passed, then cancels them. Parks. */
void http_server_close(struct http_server **s, int64_t grace_us);

/* Frees what is kept for the next requests: for a server that has become idle. */
void http_server_trim(struct http_server *s);

struct http_server_stats {
    unsigned connections, running;
    uint64_t requests, bad_requests;
};
void http_server_stats(const struct http_server *s, struct http_server_stats *out);

#endif
