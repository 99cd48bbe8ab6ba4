#include "base/log.h"
#include "base/panic.h"
#include "subgraph/serve.h"

#include <stdatomic.h>

#define GRACE_US (10 * US_PER_SEC)
#define HEALTH_TIMEOUT_US (2 * US_PER_SEC)
#define MAINTAIN_FIRST_US (1 * US_PER_SEC)
#define MAINTAIN_EVERY_US (3600 * US_PER_SEC)
#define MAINTAIN_RETRY_US (10 * US_PER_SEC)
#define WORKER_MAGIC 0x73756267u

const int64_t SERVE_BUCKETS_US[8] = {1000, 2500, 5000, 10000, 25000, 100000, 1000000, 10000000};

struct server {
    const struct subgraph *graph;
    const struct subgraph_options *options;
    struct loop *main_loop;
    struct worker *workers;
    struct workers *threads;
    struct str listen;
    struct events *events;
    unsigned n;
    atomic_uint running;
    int signo;
};

/* ---- the other pages ---- */

static void serve_health(struct http_exchange *x, struct worker *w)
{
    static const struct pg_statement ping = {.name = "ping", .sql = STR_INIT("select 1")};
    struct err err;
    int64_t old = fiber_deadline_push(loop_now_us(w->loop) + HEALTH_TIMEOUT_US);
    bool ok = pg_query(w->pg, x->arena, &ping, NULL, 0, &err) != NULL;
    fiber_deadline_pop(old);
    if (ok)
        http_reply(x, 200, STR("application/json; charset=utf-8"), STR("{\"status\":\"up\"}"));
    else
        http_reply_json_error(x, 503, "SERVICE_UNAVAILABLE", "%s", err.msg);
}

/* Every worker counts for itself; the sum is read without a lock, so a figure may be a moment old. */
static void sum_metrics(const struct server *s, struct serve_metrics *sum)
{
    for (unsigned i = 0; i < s->n; i++) {
        const struct serve_metrics *m = &s->workers[i].metrics;
        const uint64_t *from = (const uint64_t *)m;
        uint64_t *to = (uint64_t *)sum;
        for (size_t k = 0; k < sizeof *m / sizeof *from; k++)
            to[k] += __atomic_load_n(&from[k], __ATOMIC_RELAXED);
    }
}

static void write_counter(struct buf *out, const char *name, const char *help, const char *service, uint64_t value)
{
    buf_printf(
        out,
        "# HELP paintbox_subgraph_%s %s\n# TYPE paintbox_subgraph_%s counter\npaintbox_subgraph_%s{service=\"%s\"} %llu\n",
        name, help, name, name, service, (unsigned long long)value);
}

static void serve_metrics(struct http_exchange *x, struct worker *w)
{
    const char *service = w->graph->service->name;
    struct serve_metrics m = {0};
    struct buf out;
    buf_init(&out, 1u << 20);
    sum_metrics(w->all, &m);
    write_counter(&out, "requests_total", "GraphQL requests", service, m.requests);
    write_counter(&out, "errors_total", "GraphQL answers with errors", service, m.errors);
    write_counter(&out, "unauthorized_total", "requests without the router's token", service, m.unauthorized);
    write_counter(&out, "statements_total", "SQL statements", service, m.statements);
    write_counter(&out, "answer_bytes_total", "bytes of GraphQL answers", service, m.answer_bytes);
    buf_add(&out, STR("# HELP paintbox_subgraph_duration_seconds time of GraphQL requests\n"
                      "# TYPE paintbox_subgraph_duration_seconds histogram\n"));
    for (size_t i = 0; i < PB_ARRAY_LEN(SERVE_BUCKETS_US); i++)
        buf_printf(&out, "paintbox_subgraph_duration_seconds_bucket{service=\"%s\",le=\"%g\"} %llu\n", service,
                   (double)SERVE_BUCKETS_US[i] / 1e6, (unsigned long long)m.buckets[i]);
    buf_printf(&out,
               "paintbox_subgraph_duration_seconds_bucket{service=\"%s\",le=\"+Inf\"} %llu\n"
               "paintbox_subgraph_duration_seconds_sum{service=\"%s\"} %.6f\n"
               "paintbox_subgraph_duration_seconds_count{service=\"%s\"} %llu\n",
               service, (unsigned long long)m.requests, service, (double)m.duration_us / 1e6, service,
               (unsigned long long)m.requests);
    http_reply(x, 200, STR("text/plain; version=0.0.4; charset=utf-8"), arena_str(x->arena, buf_str(&out)));
    buf_free(&out);
}

static void measured_graphql(struct http_exchange *x, struct worker *w)
{
    serve_graphql(x, w);
    int64_t us = loop_now_us(w->loop) - x->started_us;
    w->metrics.requests++;
    w->metrics.duration_us += (uint64_t)(us > 0 ? us : 0);
    for (size_t i = 0; i < PB_ARRAY_LEN(SERVE_BUCKETS_US); i++)
        w->metrics.buckets[i] += us <= SERVE_BUCKETS_US[i];
}

void serve_http(struct http_exchange *x, void *arg)
{
    struct worker *w = arg;
    PB_CHECK_MAGIC(w, WORKER_MAGIC);
    struct str path = x->request.path;
    if (str_eq(path, STR("/graphql")) || str_eq(path, STR("/")))
        measured_graphql(x, w);
    else if (str_eq(path, STR("/health")))
        serve_health(x, w);
    else if (str_eq(path, STR("/metrics")))
        serve_metrics(x, w);
    else
        http_reply_json_error(x, 404, "NOT_FOUND", "there are /graphql, /health and /metrics");
}

/* ---- workers ---- */

static void maintain(void *arg)
{
    static const struct pg_statement statement = {.name = "kit_maintain", .sql = STR_INIT("select kit_maintain()")};
    struct worker *w = arg;
    struct err err;
    int64_t pause = MAINTAIN_FIRST_US;
    while (fiber_sleep(pause) == WAIT_OK) {
        struct arena *a = arena_new(0);
        bool ok = pg_query(w->pg, a, &statement, NULL, 0, &err) != NULL;
        pause = ok ? MAINTAIN_EVERY_US : MAINTAIN_RETRY_US;
        if (!ok)
            log_warn("maintenance of %s: %s", w->graph->service->database, err.msg);
        arena_free(&a);
    }
}

static int worker_start(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    struct server *s = arg;
    struct worker *w = &s->workers[index];
    const struct subgraph_options *o = s->options;
    *w = (struct worker){.magic = WORKER_MAGIC, .loop = loop, .graph = s->graph, .options = o, .all = s};
    w->buffers = xcalloc(SERVE_BUFFERS_KEPT, sizeof *w->buffers);
    w->documents = document_cache_new(s->graph);
    w->pg = pg_pool_new(loop,
                        &(struct pg_options){.conninfo = o->conninfo, .database = str_c(s->graph->service->database)});
    w->server =
        http_server_open(loop,
                         &(struct http_server_options){
                             .listen = s->listen, .reuse_port = s->n > 1, .request_timeout_us = SERVE_TIMEOUT_US},
                         serve_http, w, err);
    if (!w->server)
        return -1;
    if (index == 0) {
        log_info("listening on %.*s", STR_ARG(http_server_address(w->server)));
        loop_go(loop, maintain, w);
    }
    return 0;
}

static void worker_close(void *arg)
{
    struct worker *w = arg;
    http_server_close(&w->server, GRACE_US);
    if (atomic_fetch_sub(&w->all->running, 1) == 1)
        loop_stop(w->all->main_loop);
}

static void worker_free(struct worker *w)
{
    document_cache_free(&w->documents);
    for (unsigned i = 0; i < w->n_buffers; i++)
        buf_free(&w->buffers[i]);
    free(w->buffers);
}

/* ---- the process ---- */

static void on_signal(struct loop *loop, int signo, void *arg)
{
    struct server *s = arg;
    if (s->signo) { /* a second one: at once */
        loop_stop(loop);
        return;
    }
    s->signo = signo;
    log_info("stopping");
    for (unsigned i = 0; i < s->n; i++)
        loop_post(workers_loop(s->threads, i), worker_close, &s->workers[i]);
}

/* Keeps the main loop running until it is stopped. */
static void wait_for_signal(void *arg)
{
    fiber_sleep(INT64_MAX);
}

static void never_accepted(struct stream *stream, void *arg)
{
    stream_close(&stream);
}

/* Workers that share a port would share it with another process too: so it is taken alone first. This also makes port 0
 * one port. */
static int claim_port(struct server *s, struct arena *a, struct err *err)
{
    s->listen = s->options->listen;
    if (s->n == 1)
        return 0;
    struct listener *l = listener_open(s->main_loop, s->listen, false, never_accepted, NULL, err);
    if (!l)
        return -1;
    s->listen = arena_str(a, listener_address(l));
    listener_close(&l);
    return 0;
}

/* Without Redis there are none: what is committed waits in the outbox. */
static int start_events(struct server *s, struct err *err)
{
    const struct service *service = s->graph->service;
    if (!s->options->redis.len)
        return 0;
    s->events = events_start(&(struct events_options){.service = str_c(service->name),
                                                      .database = str_c(service->database),
                                                      .conninfo = s->options->conninfo,
                                                      .redis = s->options->redis,
                                                      .handlers = service->events},
                             err);
    return s->events ? 0 : -1;
}

static int run(struct server *s, struct err *err)
{
    struct arena *a = arena_new(0);
    int result = -1;
    s->workers = xcalloc(s->n, sizeof *s->workers);
    s->main_loop = loop_new();
    atomic_init(&s->running, s->n);
    if (claim_port(s, a, err) == 0 && loop_on_stop_signal(s->main_loop, on_signal, s, err) == 0 &&
        start_events(s, err) == 0) {
        s->threads = workers_start(s->n, worker_start, s, err);
        if (s->threads) {
            loop_go(s->main_loop, wait_for_signal, NULL);
            loop_run(s->main_loop);
            workers_stop(&s->threads);
            result = 0;
        }
    }
    events_stop(&s->events);
    for (unsigned i = 0; i < s->n; i++)
        worker_free(&s->workers[i]);
    loop_free(&s->main_loop);
    free(s->workers);
    arena_free(&a);
    return result;
}

int subgraph_main(const struct service *service, const struct subgraph_options *options)
{
    struct err err = {0};
    log_set_name(service->name);
    if (!options->service_token.len) {
        log_error("no service token: without it everybody could call this subgraph");
        return 1;
    }
    struct subgraph *g = subgraph_new(service, &err);
    int result = -1;
    if (g) {
        struct server s = {.graph = g, .options = options, .n = options->workers ? options->workers : 1};
        result = run(&s, &err);
        subgraph_free(&g);
    }
    if (result != 0)
        log_error("%s", err.msg);
    return result == 0 ? 0 : 1;
}
