/* The router as a process: reads the supergraph, starts the workers, answers what is not GraphQL, stops cleanly. */
#include "router/router.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/panic.h"
#include "io/fiber.h"
#include "router/answer.h"
#include "router/pipeline.h"
#include "router/reload.h"
#include "router/trim.h"

#include <unistd.h>

#define STOP_GRACE_US (10 * US_PER_SEC)
#define KEYS_LOOK_US (5 * US_PER_SEC) /* how often somebody looks whether the keys for tokens are stale */
#define ADOPTED_LOOK_US US_PER_MS /* how often somebody looks whether all workers have a new graph */

/* ---- a worker ---- */

static struct str page_or_hint(const struct router_options *options)
{
    return options->page.len ? options->page
                             : STR("<!doctype html><title>Paintbox router</title><p>GraphQL is at /graphql.\n");
}

static void serve(struct http_exchange *http, void *arg)
{
    struct worker *worker = arg;
    const struct router_options *options = worker->router->options;
    struct str path = http->request.path;

    if (str_eq(path, options->path))
        pipeline_run(http, worker);
    else if (str_eq(path, STR("/health")))
        http_reply(http, 200, STR("application/json; charset=utf-8"), STR("{\"status\":\"UP\"}\n"));
    else if (str_eq(path, STR("/")) && str_eq(http->request.method, STR("GET")))
        http_reply(http, 200, STR("text/html; charset=utf-8"), page_or_hint(options));
    else
        http_reply_json_error(http, 404, "NOT_FOUND", "Nothing is at %.*s: GraphQL is at %.*s", STR_ARG(path),
                              STR_ARG(options->path));
}

static struct str override_url(const void *arg, struct str subgraph)
{
    const struct router_options *options = arg;
    const struct str *url = map_get(&options->override_urls, subgraph);
    return url ? *url : STR_NONE;
}

struct routers_workers {
    struct router *router;
    struct worker *v;
    struct workers *threads;
    unsigned n;
};

static void worker_close(struct worker *w)
{
    if (w->server)
        http_server_close(&w->server, STOP_GRACE_US);
    answers_free(&w->answers);
    transport_http_free(&w->transport);
    caller_cache_free(&w->callers);
}

static int worker_open(struct worker *w, struct err *err)
{
    const struct router_options *o = w->router->options;
    struct transport_http_options transport = {
        .service_token = o->service_token,
        .sharing = o->share_subgraph,
        .writes = &w->router->writes,
    };
    struct http_server_options server = {
        .listen = o->listen,
        .reuse_port = true,
        .body_max = o->body_max,
        .request_timeout_us = o->request_timeout_us,
    };

    w->callers = caller_cache_new();
    w->transport = transport_http_new(w->loop, &transport);
    w->answers = answers_new(w);
    w->server = http_server_open(w->loop, &server, serve, w, err);
    if (w->server)
        return 0;
    worker_close(w);
    return -1;
}

static int worker_start(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    struct routers_workers *all = arg;
    struct worker *w = &all->v[index];
    uint8_t random[8];

    w->router = all->router;
    w->loop = loop;
    w->graph = graph_ref(reload_graph(all->router->reload));
    loop_random(loop, random, sizeof random);
    hex_encode(random, sizeof random, w->id_prefix);
    return worker_open(w, err);
}

/* ---- a new graph ---- */

static void take_next_graph(void *arg)
{
    struct worker *w = arg;
    struct graph *next = __atomic_exchange_n(&w->next_graph, NULL, __ATOMIC_ACQ_REL);
    if (!next)
        return; /* two came at once, and the first call took the second one */
    graph_unref(&w->graph);
    w->graph = next;
}

static bool anyone_lags(const struct routers_workers *all)
{
    for (unsigned i = 0; i < all->n; i++)
        if (__atomic_load_n(&all->v[i].next_graph, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/* Requests that run keep the graph they began with. What comes after this gets the new one, from every worker. */
static void adopt_graph(void *arg, struct graph *g)
{
    struct routers_workers *all = arg;
    labels_report_unknown(all->router->options, g->supergraph);
    for (unsigned i = 0; i < all->n; i++) {
        struct graph *untaken = __atomic_exchange_n(&all->v[i].next_graph, graph_ref(g), __ATOMIC_ACQ_REL);
        graph_unref(&untaken);
        loop_post(workers_loop(all->threads, i), take_next_graph, &all->v[i]);
    }
    while (anyone_lags(all) && fiber_sleep(ADOPTED_LOOK_US) == WAIT_OK)
        ;
}

static void release_graphs(struct routers_workers *all)
{
    for (unsigned i = 0; i < all->n; i++) {
        graph_unref(&all->v[i].graph);
        graph_unref(&all->v[i].next_graph);
    }
}

/* ---- the process ---- */

struct stopper {
    struct loop *main;
    struct routers_workers *all;
    unsigned closed;
};

struct close_job {
    struct stopper *stopper;
    struct worker *worker;
};

static void one_closed(void *arg)
{
    struct stopper *s = arg;
    if (++s->closed == s->all->n)
        loop_stop(s->main);
}

static void close_worker(void *arg)
{
    struct close_job *job = arg;
    struct stopper *s = job->stopper;
    worker_close(job->worker);
    free(job);
    loop_post(s->main, one_closed, s);
}

static void stop_requested(struct loop *loop, int signo, void *arg)
{
    struct stopper *s = arg;
    log_info("stopping: requests that run may finish");
    reload_stop(s->all->router->reload);
    for (unsigned i = 0; i < s->all->n; i++) {
        struct close_job *job = xmalloc(sizeof *job);
        *job = (struct close_job){s, &s->all->v[i]};
        loop_post(workers_loop(s->all->threads, i), close_worker, job);
    }
}

static void refresh_keys(void *arg)
{
    struct router *router = arg;
    struct err err;

    if (jwt_keys_refresh(router->keys, &err) < 0)
        log_warn("the keys for tokens stay as they were: %s", err.msg);
    __atomic_fetch_add(&router->keys_generation, 1, __ATOMIC_RELEASE);
}

/* On the main loop, which runs as long as this does. */
static void keep_keys_fresh(void *arg)
{
    struct router *router = arg;

    while (fiber_sleep(KEYS_LOOK_US) == WAIT_OK)
        if (router->keys && jwt_keys_stale(router->keys))
            fiber_offload(refresh_keys, router);
}

static int run_main_loop(struct routers_workers *all, struct loop *main, struct err *err)
{
    struct router *router = all->router;
    struct stopper stopper = {.main = main, .all = all};
    struct trim trim = {.workers = all->v, .n = all->n};

    if (loop_on_stop_signal(main, stop_requested, &stopper, err) < 0 || reload_start(router->reload, main, err) < 0)
        return -1;
    log_info("listening on %.*s with %u workers, %u subgraphs", STR_ARG(http_server_address(all->v[0].server)), all->n,
             reload_graph(router->reload)->supergraph->n_subgraphs);
    loop_go(main, keep_keys_fresh, router);
    loop_go(main, trim_when_quiet, &trim);
    loop_run(main);
    return 0;
}

static int run_workers(struct routers_workers *all, struct err *err)
{
    struct loop *main = loop_new();
    int rc = -1;

    all->v = xcalloc(all->n, sizeof(struct worker));
    all->threads = workers_start(all->n, worker_start, all, err);
    if (all->threads) {
        rc = run_main_loop(all, main, err);
        workers_stop(&all->threads);
    }
    loop_free(&main);
    release_graphs(all);
    free(all->v);
    return rc;
}

static struct router_options with_defaults(const struct router_options *given)
{
    struct router_options o = *given;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (!o.path.len)
        o.path = STR("/graphql");
    if (!o.workers)
        o.workers = cores < 1 ? 1 : (unsigned)cores;
    if (o.workers > ROUTER_WORKERS_MAX)
        o.workers = ROUTER_WORKERS_MAX;
    if (!o.body_max)
        o.body_max = ROUTER_BODY_MAX_DEFAULT;
    if (!o.request_timeout_us)
        o.request_timeout_us = 30 * US_PER_SEC;
    if (!o.subgraph_timeout_us)
        o.subgraph_timeout_us = 15 * US_PER_SEC;
    return o;
}

static bool has_subgraph(const struct supergraph *s, struct str name)
{
    for (uint32_t i = 0; i < s->n_subgraphs; i++)
        if (str_eq(s->subgraphs[i].name, name))
            return true;
    return false;
}

static void warn_of_unknown_overrides(const struct router_options *options, const struct supergraph *s)
{
    for (size_t i = 0; i < options->override_urls.n; i++) {
        struct str name = options->override_urls.entries[i].key;
        if (!has_subgraph(s, name))
            log_warn("router.override_subgraph_url names \"%.*s\", which is no subgraph of %.*s", STR_ARG(name),
                     STR_ARG(options->supergraph));
    }
}

static int router_run(struct router *router, const struct router_options *options, struct err *err)
{
    struct routers_workers all = {.router = router, .n = options->workers};
    struct reload_options reload = {
        .path = options->supergraph,
        .watch = options->hot_reload,
        .graph = {.url = override_url, .url_arg = options, .operations_max = options->operations_max},
        .warm = {.operations = options->warm_operations, .timeout_us = options->warm_timeout_us},
        .adopt = adopt_graph,
        .arg = &all,
    };

    router->reload = reload_new(&reload, err);
    if (!router->reload)
        return -1;
    warn_of_unknown_overrides(options, reload_graph(router->reload)->supergraph);
    labels_report_unknown(options, reload_graph(router->reload)->supergraph);
    if (options->jwks.len) {
        router->keys = jwt_keys_load(options->jwks, err);
        if (!router->keys)
            return -1;
    }
    return run_workers(&all, err);
}

int router_main(const struct router_options *given)
{
    struct router_options options = with_defaults(given);
    struct router router = {.options = &options};
    struct err err = {0};

    log_set_name("router");
    int rc = router_run(&router, &options, &err);
    if (rc < 0)
        log_error("%s", err.msg);
    jwt_keys_unref(&router.keys);
    reload_free(&router.reload);
    return rc < 0 ? 1 : 0;
}
