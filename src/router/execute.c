#include "router/execute.h"

#include "base/panic.h"
#include "io/fiber.h"
#include "router/contextual.h"
#include "router/reply.h"

#define RESPONSE_BYTES_MIN 512

struct run;

struct fetch_state {
    struct run *run;
    const struct plan_fetch *fetch;
    uint32_t waits_for;
    struct rep_set_vec sets;
};

/* A request: the fetch, with some of its sets. */
struct part {
    struct run *run;
    const struct plan_fetch *fetch;
    struct rep_set *sets;
    size_t n_sets;
};

struct run {
    struct arena *arena;
    const struct execution *x;
    struct result result;
    struct fetch_state *states; /* by fetch id */
    struct fiber_group group;
    struct str *variables_json; /* by index in x->variables, written when first needed */
    struct execution_stats *stats;
    struct transport_lease *leases; /* of the replies that the result points into */
};

const struct gql_type *const *execute_api_types(struct arena *a, const struct supergraph *s)
{
    const struct gql_type **types = arena_array(a, const struct gql_type *, s->full->n_types);
    for (uint32_t i = 0; i < s->full->n_types; i++)
        types[i] = gql_schema_type(s->api, s->full->types[i]->name);
    return types;
}

/* ---- the body of a request ---- */

struct body {
    struct iovec *v;
    unsigned n, room;
    bool has_variable;
};

static void body_add(struct body *b, struct str s)
{
    PB_ASSERT(b->n < b->room);
    b->v[b->n++] = (struct iovec){(void *)s.p, s.len};
}

static void body_variable(struct run *run, struct body *b, struct str name, struct str json)
{
    body_add(b, b->has_variable ? STR(",\"") : STR("\""));
    body_add(b, name);
    body_add(b, STR("\":"));
    body_add(b, json);
    b->has_variable = true;
}

static struct str variable_json(struct run *run, uint32_t index)
{
    struct str *cached = &run->variables_json[index];
    if (!cached->p) {
        struct buf buf;
        buf_init(&buf, RESPONSE_BYTES_MAX);
        json_write(&buf, run->x->variables->v[index].value);
        *cached = arena_str(run->arena, buf_str(&buf));
        buf_free(&buf);
    }
    return *cached;
}

static bool has_contexts(const struct plan_fetch *fetch)
{
    for (uint32_t i = 0; i < fetch->n_entities; i++)
        if (fetch->entities[i].n_contexts)
            return true;
    return false;
}

static void body_client_variable(struct run *run, struct body *b, struct str name)
{
    const struct gql_variables *vars = run->x->variables;
    for (uint32_t k = 0; k < vars->n; k++)
        if (vars->v[k].value && str_eq(vars->v[k].name, name))
            body_variable(run, b, name, variable_json(run, k));
}

static void body_client_variables(struct run *run, struct body *b, const struct part *p)
{
    const struct plan_fetch *fetch = p->fetch;
    for (uint32_t i = 0; i < fetch->n_variables; i++)
        if (!has_contexts(fetch) || contextual_uses_variable(p->sets, p->n_sets, i))
            body_client_variable(run, b, fetch->variables[i]);
}

static void body_representations(struct run *run, struct body *b, const struct rep_set *set)
{
    if (set->entities->reentry)
        return;
    body_variable(run, b, set->variable, buf_str(&set->json));
    if (set->values.len)
        body_add(b, set->values);
}

static void body_build(struct run *run, struct body *b, const struct part *p)
{
    const struct plan_fetch *fetch = p->fetch;
    unsigned room = 10 + 4 * fetch->n_variables + 5 * (unsigned)p->n_sets;

    *b = (struct body){.v = arena_array(run->arena, struct iovec, room), .room = room};
    body_add(b, STR("{\"query\":"));
    body_add(b, fetch->entities && has_contexts(fetch) ? contextual_document(run->arena, fetch, p->sets, p->n_sets)
                                                      : fetch->document_json);
    if (fetch->operation_name.p) {
        body_add(b, STR(",\"operationName\":\""));
        body_add(b, fetch->operation_name);
        body_add(b, STR("\""));
    }
    if (fetch->n_variables || fetch->n_entities) {
        body_add(b, STR(",\"variables\":{"));
        for (size_t i = 0; i < p->n_sets; i++)
            body_representations(run, b, &p->sets[i]);
        body_client_variables(run, b, p);
        body_add(b, STR("}"));
    }
    body_add(b, STR("}"));
}

/* ---- one fetch ---- */

/* Statuses other than 2xx may carry a GraphQL response too (application/graphql-response+json). */
static bool is_graphql(const struct http_response *reply)
{
    struct str type = http_header_get(&reply->headers, STR("content-type"));
    return reply->status / 100 == 2 || str_find(type, STR("graphql-response+json")) >= 0 ||
           (str_find(type, STR("json")) >= 0 && str_find(reply->body, STR("\"errors\"")) >= 0);
}

/* Nobody has asked for a content coding, so nothing here can read one. */
static bool is_encoded(const struct http_response *reply)
{
    struct str coding = http_header_get(&reply->headers, STR("content-encoding"));
    return coding.len && !str_eq_nocase(coding, STR("identity"));
}

static struct result_error *not_sent(struct run *run, struct str service, const struct err *err)
{
    bool timeout = strcmp(err->code, "TIMEOUT") == 0, large = strcmp(err->code, "RESPONSE_TOO_LARGE") == 0;
    run->stats->timeouts += timeout;
    return result_error_new(&run->result, service,
                            timeout ? "SUBREQUEST_TIMEOUT" : large ? "SUBREQUEST_TOO_LARGE" : "SUBREQUEST_FAILED",
                            "Subgraph \"%.*s\" could not be asked: %s", STR_ARG(service), err->msg);
}

/* What is wrong with a reply before its body has been looked at; NULL: nothing. */
static struct result_error *not_acceptable(struct run *run, struct str service, const struct http_response *reply)
{
    if (is_encoded(reply))
        return result_error_new(&run->result, service, "SUBREQUEST_MALFORMED_RESPONSE",
                                "Subgraph \"%.*s\" answered in Content-Encoding %.*s, which was not asked for",
                                STR_ARG(service), STR_ARG(http_header_get(&reply->headers, STR("content-encoding"))));
    if (!is_graphql(reply))
        return result_error_new(&run->result, service, "SUBREQUEST_HTTP_ERROR",
                                "Subgraph \"%.*s\" answered HTTP status %d (%s)", STR_ARG(service), reply->status,
                                http_status_text(reply->status));
    if (run->stats->bytes_in + reply->body.len > EXECUTION_REPLIES_MAX)
        return result_error_new(&run->result, service, "SUBREQUEST_TOO_LARGE",
                                "The reply of subgraph \"%.*s\" was dropped: together the replies to this request have more than %u MiB",
                                STR_ARG(service), EXECUTION_REPLIES_MAX >> 20);
    return NULL;
}

static void part_send(void *arg)
{
    const struct part *p = arg;
    struct run *run = p->run;
    const struct plan_fetch *fetch = p->fetch;
    struct str service = run->x->plan->supergraph->subgraphs[fetch->subgraph].name;
    struct body body;
    struct http_response reply;
    struct err err;

    body_build(run, &body, p);
    run->stats->fetches++;
    struct transport_request request = {
        .subgraph = fetch->subgraph,
        .headers = run->x->headers,
        .identity = run->x->identity,
        .body = body.v,
        .n_body = body.n,
        .timeout_us = run->x->subgraph_timeout_us,
        .mutation = fetch->operation == GQL_MUTATION,
        /* What follows a mutation has to see it. */
        .shareable = run->x->plan->operation->operation == GQL_QUERY && !run->x->alone,
        .leases = &run->leases,
    };
    /* When the client has gone, or the request's time is over, what is left is not asked any more. */
    int sent = fiber_cancelled() ? err_set(&err, "CANCELLED", "the request had ended before")
                                 : run->x->transport->send(run->x->transport, run->arena, &request, &reply, &err);
    struct result_error *wrong = sent < 0 ? not_sent(run, service, &err) : not_acceptable(run, service, &reply);
    if (wrong) {
        run->stats->failed++;
        reply_fail(&run->result, fetch, p->sets, p->n_sets, wrong);
        return;
    }
    run->stats->bytes_in += reply.body.len;
    reply_read(&run->result, fetch, p->sets, p->n_sets, reply.body);
}

/* A mutation is never split: its fetches have roots only, and contexts belong to entities. */
static void fetch_send(struct run *run, struct fetch_state *st)
{
    struct part whole = {run, st->fetch, st->sets.v, st->sets.n};
    struct fiber_group group;

    if (st->sets.n <= CONTEXTUAL_SETS_MAX || !has_contexts(st->fetch)) {
        part_send(&whole);
        return;
    }
    fiber_group_init(&group);
    for (size_t i = 0; i < st->sets.n; i += CONTEXTUAL_SETS_MAX) {
        struct part *p = arena_new_of(run->arena, struct part);
        size_t left = st->sets.n - i;
        *p = (struct part){run, st->fetch, st->sets.v + i, left < CONTEXTUAL_SETS_MAX ? left : CONTEXTUAL_SETS_MAX};
        fiber_group_go(&group, part_send, p);
    }
    fiber_group_wait(&group);
}

static bool collect(struct run *run, struct fetch_state *st)
{
    const struct plan_fetch *fetch = st->fetch;
    bool any = fetch->kind == PLAN_FETCH_ROOT;

    vec_reserve(run->arena, &st->sets, fetch->n_entities);
    for (uint32_t i = 0; i < fetch->n_entities; i++) {
        if (fetch->entities[i].n_contexts)
            contextual_collect(&run->result, &fetch->entities[i], &st->sets);
        else
            rep_set_collect(&run->result, &fetch->entities[i], vec_add(run->arena, &st->sets));
    }
    for (size_t i = 0; i < st->sets.n; i++)
        any |= st->sets.v[i].entries.n > 0;
    return any;
}

static void fetch_run(void *arg);

static void fetch_ended(struct run *run, const struct plan_fetch *fetch)
{
    for (uint32_t i = 0; i < run->x->plan->n_fetches; i++) {
        struct fetch_state *other = &run->states[i];
        for (uint32_t k = 0; k < other->fetch->n_after; k++)
            if (other->fetch->after[k] == fetch->id && --other->waits_for == 0)
                fiber_group_go(&run->group, fetch_run, other);
    }
}

static void fetch_run(void *arg)
{
    struct fetch_state *st = arg;
    struct run *run = st->run;

    if (collect(run, st))
        fetch_send(run, st);
    for (size_t i = 0; i < st->sets.n; i++)
        rep_set_free(&st->sets.v[i]);
    fetch_ended(run, st->fetch);
}

/* ---- all of them ---- */

static void run_fetches(struct run *run)
{
    const struct plan *plan = run->x->plan;

    fiber_group_init(&run->group);
    for (uint32_t i = 0; i < plan->n_fetches; i++)
        run->states[i] =
            (struct fetch_state){.run = run, .fetch = &plan->fetches[i], .waits_for = plan->fetches[i].n_after};
    if (plan->n_fetches == 1) { /* no fiber for the most frequent case */
        fetch_run(&run->states[0]);
        return;
    }
    for (uint32_t i = 0; i < plan->n_fetches; i++)
        if (plan->fetches[i].n_after == 0)
            fiber_group_go(&run->group, fetch_run, &run->states[i]);
    fiber_group_wait(&run->group);
}

void execute(struct arena *a, const struct execution *x, struct buf *out, struct execution_stats *stats)
{
    struct run *run = arena_new_of(a, struct run);

    *stats = (struct execution_stats){0};
    run->arena = a;
    run->x = x;
    run->stats = stats;
    run->states = arena_array(a, struct fetch_state, x->plan->n_fetches);
    run->variables_json = arena_array(a, struct str, x->variables->n);
    result_init(&run->result, a, x->plan, x->api_types);
    run_fetches(run);
    size_t expected = stats->bytes_in + stats->bytes_in / 4 + RESPONSE_BYTES_MIN;
    if (expected < RESPONSE_BYTES_MAX)
        buf_reserve(out, expected);
    response_write(out, x->pieces, &run->result, x->variables);
    if (x->pieces)
        x->pieces->leases = run->leases;
    else
        transport_leases_release(&run->leases);
}
