/* GraphQL over HTTP for one subgraph, on one loop. */
#ifndef PAINTBOX_SUBGRAPH_SERVE_H
#define PAINTBOX_SUBGRAPH_SERVE_H

#include "io/http_server.h"
#include "subgraph/kit.h"

#define SERVE_TIMEOUT_US (30 * US_PER_SEC)
#define SERVE_ANSWER_BYTES_MAX (64u << 20)
#define SERVE_BUFFERS_KEPT 32
#define SERVE_BUFFER_KEPT_BYTES (256u << 10)

struct serve_metrics {
    uint64_t requests, errors, unauthorized, statements, answer_bytes;
    uint64_t duration_us;
    uint64_t buckets[8]; /* requests no slower than SERVE_BUCKETS_US */
};
extern const int64_t SERVE_BUCKETS_US[8];

struct worker {
    uint32_t magic;
    struct loop *loop;
    const struct subgraph *graph;
    const struct subgraph_options *options;
    struct pg_pool *pg;
    struct document_cache *documents;
    struct http_server *server;
    struct buf *buffers; /* of answers, kept for the next ones */
    unsigned n_buffers;
    struct serve_metrics metrics;
    struct server *all;
};

void serve_http(struct http_exchange *x, void *worker);
/* POST or GET of a GraphQL request. */
void serve_graphql(struct http_exchange *x, struct worker *w);

#endif
