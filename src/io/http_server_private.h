/* A server's connections, for its two files: http_server.c (connections and requests) and http_reply.c (responses). */
#ifndef PAINTBOX_IO_HTTP_SERVER_PRIVATE_H
#define PAINTBOX_IO_HTTP_SERVER_PRIVATE_H

#include "io/http_codec.h"
#include "io/http_server.h"
#include "io/loop_private.h"

#define HTTP_READ_MIN (4u << 10)        /* room before each read */
#define HTTP_READ_FIRST (16u << 10)     /* the buffer of a new connection */
#define HTTP_READ_MAX (256u << 10)      /* room made at once for a body that has only been announced */
#define HTTP_WORKS_POOLED 64u           /* arenas and buffers kept for the next requests */
#define HTTP_WORK_BUFFER_KEPT (64u << 10)
#define HTTP_WRITE_TIMEOUT_US (30 * US_PER_SEC)
#define HTTP_WRITE_RATE_MIN (16u << 10) /* bytes per second that a slow client is given time for beyond that */
#define HTTP_LINGER_US (2 * US_PER_SEC) /* after an error: how long the rest of the request is read and dropped */
#define HTTP_LINGER_BYTES (1u << 20)

enum http_connection_state {
    HTTP_CONN_REST,      /* between requests; no fiber; its stream is watched */
    HTTP_CONN_READING,   /* a request is being read */
    HTTP_CONN_RUNNING,   /* the handler runs; its stream is watched for the client's end */
    HTTP_CONN_WRITING,   /* the response is being written, or nothing of it yet */
    HTTP_CONN_STREAMING, /* the handler writes the response in pieces */
    HTTP_CONN_UPGRADED,  /* the handler has taken the stream */
};

/* What a connection needs only while it has a request. */
struct http_work {
    struct http_work *next;
    struct arena *arena;
    struct buf in;
    struct http_parser parser;
    struct http_exchange x;
};

#define HTTP_CONN_MAGIC 0x68636f6eu

struct http_connection {
    uint32_t magic;
    enum http_connection_state state;
    struct http_server *server;
    struct stream *stream;
    struct fiber *fiber; /* NULL at rest */
    struct http_work *work;
    struct http_connection *next, **link;
    struct loop_timer idle;
    int64_t used_us;
    bool gone;    /* the client has closed, or a write has failed */
    bool chunked; /* while streaming */
    bool close;   /* after this response */
};

#define HTTP_SERVER_MAGIC 0x68737276u

struct http_server {
    uint32_t magic;
    struct loop *loop;
    struct loop_hook hook;
    struct http_server_options options;
    http_handler handler;
    void *arg;
    struct listener *listener;
    struct http_connection *connections;
    struct http_work *works;
    unsigned n_works, n_connections, running;
    uint64_t requests, bad_requests;
    bool closing;
    struct fiber_wait drained;
    int64_t date_second;
    char date[40];
};

/* The status line and headers as one piece in the exchange's arena. `length` < 0: no Content-Length. */
struct str http_response_head(struct http_connection *c, int64_t length, bool chunked);
/* Writes what the handler has left. -1 when the connection cannot go on. */
int http_response_send(struct http_connection *c);
/* What ends a streamed response. */
int http_response_end_stream(struct http_connection *c);

#endif
