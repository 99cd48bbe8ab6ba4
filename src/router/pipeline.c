#include "router/pipeline.h"

#include "router/answer.h"

static enum flow refuse_introspection(struct exchange *x)
{
    const struct gql_selection *at = x->operation->introspection;
    struct gql_errors errors = {0};

    gql_error_add(x->arena, &errors, STR("INTROSPECTION_DISABLED"), &at->loc, 1,
                  "Introspection is switched off here: %.*s cannot be asked for", STR_ARG(at->name.s));
    return reply_graphql_errors(x, &errors);
}

static struct str join(struct arena *a, const struct str *parts, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    char *joined = arena_alloc_raw(a, len), *p = joined;
    for (size_t i = 0; i < n; p += parts[i++].len)
        if (parts[i].len)
            memcpy(p, parts[i].p, parts[i].len);
    return str_mem(joined, len);
}

static enum flow stage_operation(struct exchange *x)
{
    struct gql_errors errors = {0};
    x->operation = operation_get(x->graph->operations, x->params.query, x->params.operation_name, x->arena, &errors);
    if (!x->operation)
        return reply_graphql_errors(x, &errors);
    if (x->operation->introspection && !x->worker->router->options->introspection)
        return refuse_introspection(x);
    enum gql_operation_kind kind = x->operation->definition->operation;
    if (kind != GQL_QUERY && str_eq(x->http->request.method, STR("GET"))) {
        http_add_header(x->http, STR("Allow"), STR("POST"));
        return reply_error(x, 405, "METHOD_NOT_ALLOWED", "GET runs queries only: send the %s with POST",
                           kind == GQL_MUTATION ? "mutation" : "subscription");
    }
    if (kind == GQL_SUBSCRIPTION)
        return reply_error(x, 400, "SUBSCRIPTIONS_NOT_SUPPORTED", "A subscription needs a transport that keeps the connection open, and this router offers none: plain HTTP "
                           "answers queries and mutations");
    return FLOW_NEXT;
}

static enum flow stage_variables(struct exchange *x)
{
    struct gql_errors errors = {0};
    if (!gql_coerce_variables(x->arena, x->graph->supergraph->api, x->operation->definition,
                              x->params.variables, &x->variables, &errors))
        return reply_graphql_errors(x, &errors);
    return FLOW_NEXT;
}

/* What the caller may not see is no part of the plan: the plan answers null there, with an error for each field. */
static enum flow stage_plan(struct exchange *x)
{
    struct gql_errors errors = {0};
    x->plan = operation_plan(x->graph->operations, x->operation, &x->variables, x->caller->auth, labels_choose(x),
                             x->arena, &errors);
    if (!x->plan)
        return reply_graphql_errors(x, &errors);
    return FLOW_NEXT;
}

/* The way of every request. Rate limits, persisted queries and cost take their places here when they come. */
static const struct stage {
    const char *name;
    enum flow (*run)(struct exchange *x);
} STAGES[] = {
    {"cors", stage_cors},
    {"authenticate", stage_authenticate},
    {"parameters", stage_parameters},
    {"operation", stage_operation},
    {"variables", stage_variables},
    {"plan", stage_plan},
    {"execute", stage_execute},
};

static void exchange_release(void *arg)
{
    struct exchange *x = arg;
    answer_release(&x->answer);
    transport_leases_release(&x->pieces.leases);
    buf_free(&x->out);
}

static bool request_id_usable(struct str id)
{
    if (id.len < 8 || id.len > 128)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    return true;
}

static struct str request_id(struct worker *worker, struct http_exchange *http)
{
    struct str given = http_header_get(&http->request.headers, STR("x-request-id"));
    if (request_id_usable(given))
        return given;
    char digits[16], *p = digits + sizeof digits;
    uint64_t n = worker->next_request_id++;
    do
        *--p = "0123456789abcdef"[n & 15];
    while (n >>= 4);
    const struct str parts[] = {str_c(worker->id_prefix), STR("-"), str_mem(p, (size_t)(digits + sizeof digits - p))};
    return join(http->arena, parts, sizeof parts / sizeof parts[0]);
}

void pipeline_run(struct http_exchange *http, struct worker *worker)
{
    struct exchange *x = arena_new_of(http->arena, struct exchange);

    __atomic_store_n(&worker->requests, worker->requests + 1, __ATOMIC_RELAXED);
    x->worker = worker;
    x->http = http;
    x->arena = http->arena;
    x->graph = graph_ref(worker->graph);
    x->request_id = request_id(worker, http);
    buf_init(&x->out, RESPONSE_BYTES_MAX);
    x->pieces.min = RESPONSE_PIECE_MIN;
    http->release = exchange_release;
    http->release_arg = x;
    for (size_t i = 0; i < sizeof STAGES / sizeof STAGES[0]; i++)
        if (STAGES[i].run(x) == FLOW_REPLIED)
            break;
    http_add_header(http, STR("X-Request-Id"), x->request_id);
    plan_unref(&x->plan);
    operation_unref(&x->operation);
    graph_unref(&x->graph);
}
