#include "router/answer.h"

#include "base/panic.h"

#include <stdlib.h>

/* A request may take that part of its time longer, to join one that came after it but was quicker so far. */
#define OVERTIME_PART 8

/* One execution for all who ask the same. It may outlive each of them, so everything it needs is its own. */
struct answer {
    struct inflight flight;
    struct answers *all;
    struct arena *arena;
    struct graph *graph;
    struct operation *operation;
    struct plan *plan;
    struct gql_variables variables;
    struct str headers, identity;
    int64_t deadline_us; /* of who began it */
    struct buf out;
    struct response_pieces pieces;
    bool too_large;
    struct execution_stats stats;
};

/* ---- execution ---- */

static struct str forwarded_headers(struct exchange *x, struct arena *a)
{
    const struct str parts[] = {x->caller->header, STR("paintbox-request-id: "), x->request_id, STR("\r\n")};
    return arena_concat(a, parts, 4);
}

static void run_plan(struct worker *worker, const struct graph *graph, struct execution *run, struct arena *a,
                     struct buf *out, struct execution_stats *stats)
{
    struct transport_route route = transport_route(worker->transport, graph->targets);

    run->transport = &route.face;
    run->api_types = graph->api_types;
    run->subgraph_timeout_us = worker->router->options->subgraph_timeout_us;
    execute(a, run, out, stats);
}

static enum flow too_large(struct exchange *x)
{
    return reply_error(x, 500, "RESPONSE_TOO_LARGE",
                       "The answer is larger than this router allows: ask for fewer items with `first`");
}

static bool has_overflowed(const struct buf *out, const struct response_pieces *pieces, const struct arena *a)
{
    return buf_overflowed(out) || pieces->overflowed || arena_exhausted(a);
}

static enum flow answer_alone(struct exchange *x)
{
    struct execution run = {.plan = x->plan, .variables = &x->variables, .headers = forwarded_headers(x, x->arena),
                            .identity = x->caller->header, .pieces = &x->pieces, .alone = x->alone};

    run_plan(x->worker, x->graph, &run, x->arena, &x->out, &x->stats);
    if (x->operation->definition->operation == GQL_MUTATION)
        __atomic_fetch_add(&x->worker->router->writes, 1, __ATOMIC_RELEASE);
    if (has_overflowed(&x->out, &x->pieces, x->arena))
        return too_large(x);
    return reply_pieces(x, 200, buf_str(&x->out), &x->pieces);
}

/* ---- one for several ---- */

static void answer_run(struct inflight *f)
{
    struct answer *a = PB_CONTAINER_OF(f, struct answer, flight);
    struct execution run = {.plan = a->plan, .variables = &a->variables, .headers = a->headers, .identity = a->identity,
                            .pieces = &a->pieces};

    fiber_deadline_push(a->deadline_us);
    run_plan(a->all->worker, a->graph, &run, a->arena, &a->out, &a->stats);
    a->too_large = has_overflowed(&a->out, &a->pieces, a->arena);
}

static void answer_destroy(struct inflight *f)
{
    struct answer *a = PB_CONTAINER_OF(f, struct answer, flight);
    struct answers *all = a->all;
    struct arena *arena = a->arena;

    transport_leases_release(&a->pieces.leases);
    buf_free(&a->out);
    plan_unref(&a->plan);
    operation_unref(&a->operation);
    graph_unref(&a->graph);
    if (all->n_pool == ANSWER_ARENAS_POOLED) {
        arena_free(&arena);
        return;
    }
    arena_reset(arena);
    all->pool[all->n_pool++] = arena;
}

static struct str variables_text(const struct exchange *x)
{
    return x->params.variables ? x->params.variables->raw : STR_NONE;
}

/* Operation and plan stand for graph, text, name, conditions and permissions; the answer's references keep their
 * addresses from being used again. */
static struct str answer_key(struct exchange *x, struct arena *a)
{
    struct str text = variables_text(x), caller = x->caller->header;
    const uintptr_t head[] = {(uintptr_t)x->operation, (uintptr_t)x->plan, caller.len};
    size_t size = sizeof head + caller.len + text.len;
    char *key = arena_alloc_raw(a, size);

    memcpy(key, head, sizeof head);
    if (caller.len)
        memcpy(key + sizeof head, caller.p, caller.len);
    if (text.len)
        memcpy(key + sizeof head + caller.len, text.p, text.len);
    return str_mem(key, size);
}

/* They were good a moment ago, in the exchange's arena. */
static void take_variables(struct answer *a, struct exchange *x)
{
    struct gql_errors errors = {0};
    if (x->operation->definition->n_variables == 0)
        return;
    struct str text = variables_text(x);
    struct json *given = text.p ? json_parse(a->arena, arena_str(a->arena, text), NULL) : NULL;
    bool good = gql_coerce_variables(a->arena, x->graph->supergraph->api, x->operation->definition, given,
                                     &a->variables, &errors);
    PB_ASSERT(good);
}

static struct answer *answer_new(struct exchange *x, struct str key)
{
    struct answers *all = x->worker->answers;
    struct arena *arena = all->n_pool ? all->pool[--all->n_pool] : arena_new(0);
    struct answer *a = arena_new_of(arena, struct answer);

    a->flight = (struct inflight){.key = arena_str(arena, key), .run = answer_run, .destroy = answer_destroy};
    a->all = all;
    a->arena = arena;
    a->graph = graph_ref(x->graph);
    a->operation = operation_ref(x->operation);
    a->plan = plan_ref(x->plan);
    a->headers = forwarded_headers(x, arena);
    a->identity = str_sub(a->headers, 0, x->caller->header.len);
    a->deadline_us = fiber_deadline();
    buf_init(&a->out, RESPONSE_BYTES_MAX);
    a->pieces.min = RESPONSE_PIECE_MIN;
    take_variables(a, x);
    return a;
}

/* With a reference; NULL when there is no fiber for a new one. */
static struct answer *join_or_begin(struct exchange *x, struct str key, int64_t since_us)
{
    struct inflight_table *flights = &x->worker->answers->flights;
    struct inflight *known = inflight_find(flights, key, since_us);
    if (known) {
        struct answer *a = PB_CONTAINER_OF(known, struct answer, flight);
        if (a->deadline_us <= fiber_deadline() + x->worker->router->options->request_timeout_us / OVERTIME_PART)
            return a;
        inflight_unref(known); /* it may take longer than this request has */
    }
    struct answer *fresh = answer_new(x, key);
    if (inflight_begin(flights, &fresh->flight))
        return fresh;
    answer_destroy(&fresh->flight);
    return NULL;
}

/* The answer ends by its own deadline, with the errors of what did not reply. */
static bool answer_wait(struct answer *a)
{
    int64_t old = fiber_deadline();
    fiber_deadline_pop(INT64_MAX);
    enum wait_result waited = inflight_wait(&a->flight);
    fiber_deadline_pop(old);
    return waited == WAIT_OK;
}

static enum flow answer_shared(struct exchange *x)
{
    struct str key = answer_key(x, x->arena);
    int64_t arrived = loop_now_us(x->worker->loop), since = INT64_MIN;

    for (;;) {
        x->answer = join_or_begin(x, key, since);
        if (!x->answer)
            return answer_alone(x);
        if (!answer_wait(x->answer))
            return reply_error(x, 503, "REQUEST_CANCELLED", "The request was ended before it was answered");
        /* What timed out before this request had its time is tried once more. */
        bool early = x->answer->stats.timeouts > 0 && x->answer->flight.began_us < arrived;
        if (!early || fiber_deadline() <= loop_now_us(x->worker->loop))
            break;
        answer_release(&x->answer);
        since = arrived;
    }
    if (x->answer->too_large)
        return too_large(x);
    x->stats = x->answer->stats;
    return reply_pieces(x, 200, buf_str(&x->answer->out), &x->answer->pieces);
}

/* `Cache-Control: no-cache` or `no-store`: the client wants nothing that has been asked for anybody else, or to be the
 * only one who gets it. */
static bool asks_alone(const struct http_headers *headers)
{
    for (unsigned i = 0; i < headers->n; i++) {
        struct str rest = headers->v[i].value, directive;
        if (!str_eq_nocase(headers->v[i].name, STR("cache-control")))
            continue;
        while (str_split(&rest, ',', &directive)) {
            directive = str_trim(directive);
            if (str_eq_nocase(directive, STR("no-cache")) || str_eq_nocase(directive, STR("no-store")))
                return true;
        }
    }
    return false;
}

enum flow stage_execute(struct exchange *x)
{
    const struct router_options *o = x->worker->router->options;
    bool query = x->operation->definition->operation == GQL_QUERY;

    x->alone = (o->share_inbound || o->share_subgraph) && asks_alone(&x->http->request.headers);
    if (o->share_inbound && query && !x->alone && x->plan->n_fetches > 0)
        return answer_shared(x);
    return answer_alone(x);
}

void answer_release(struct answer **a)
{
    if (*a)
        inflight_unref(&(*a)->flight);
    *a = NULL;
}

/* ---- life ---- */

struct answers *answers_new(struct worker *worker)
{
    struct answers *all = xcalloc(1, sizeof *all);
    all->worker = worker;
    all->flights = (struct inflight_table){.loop = worker->loop, .writes = &worker->router->writes};
    return all;
}

void answers_trim(struct answers *all)
{
    while (all->n_pool)
        arena_free(&all->pool[--all->n_pool]);
}

void answers_free(struct answers **pa)
{
    struct answers *all = *pa;
    *pa = NULL;
    if (!all)
        return;
    inflight_drain(&all->flights);
    answers_trim(all);
    free(all);
}
