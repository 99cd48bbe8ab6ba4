/* A supergraph, an operation and what subgraphs answer → a response, all of them any bytes.
 *
 * The input has parts, each begun by a line `--- WORD`: `subgraph NAME` (several are composed) or `supergraph`;
 * `operation`; `variables`; `incremental` (@defer makes parts); `labels N` and `auth N` (bit i: label i is on,
 * requirement i is met; all are met without that part); `reply SUBGRAPH` (bytes for the next request to that subgraph);
 * `seed N` (requests without a reply of their own get one that is made up to fit). What can be planned is executed
 * without a network, and the response is checked against the specification by code that knows nothing of plans. */
#include "router/fuzz-answer.h"

#include "base/panic.h"
#include "federation/compose.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "io/fiber.h"
#include "router/execute.h"
#include "router/graph.h"

#define PARTS_MAX 16
#define GRAPHS_KEPT 1000 /* more than a corpus has: making one takes longer than all else */
#define OPERATION_TOKENS_MAX 2000 /* so that one input takes milliseconds */
#define REPLY_MAX (64u << 10)
#define ITEMS_MAX 4
#define LARGE_REPLY_MAX (512u << 10) /* some pass the limits of errors, of contexts in one request and of small tables */
#define LARGE_ITEMS_MAX 300

struct part {
    struct str word, more, text;
    bool used;
};

struct input {
    struct part parts[PARTS_MAX];
    unsigned n;
    struct rng rng;
    struct rng http; /* of its own, so that the replies that a seed makes stay what they are */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the input ---- */

bool fuzz_next_part(struct str *rest, struct str *word, struct str *more, struct str *text)
{
    if (!str_starts(*rest, STR("--- ")))
        return false;
    str_split(rest, '\n', more);
    *more = str_trim(str_sub(*more, 4, more->len));
    if (!str_split(more, ' ', word))
        *word = STR_NONE;
    ptrdiff_t end = str_find(*rest, STR("\n--- "));
    *text = end < 0 ? *rest : str_sub(*rest, 0, (size_t)end);
    *rest = end < 0 ? STR("") : str_sub(*rest, (size_t)end + 1, rest->len);
    return true;
}

static void read_input(struct input *in, struct str rest)
{
    struct part p = {0};
    uint64_t seed = 0;
    while (in->n < PARTS_MAX && fuzz_next_part(&rest, &p.word, &p.more, &p.text)) {
        if (str_eq_c(p.word, "seed"))
            str_to_u64(p.more, &seed);
        in->parts[in->n++] = p;
    }
    rng_seed(&in->rng, seed);
    rng_seed(&in->http, ~seed);
}

static struct part *part_of(struct input *in, const char *word, struct str more)
{
    for (unsigned i = 0; i < in->n; i++) {
        struct part *p = &in->parts[i];
        if (!p->used && str_eq_c(p->word, word) && (!more.p || str_eq(more, p->more))) {
            p->used = true;
            return p;
        }
    }
    return NULL;
}

static struct str text_of(struct input *in, const char *word)
{
    struct part *p = part_of(in, word, STR_NONE);
    return p ? p->text : STR_NONE;
}

/* ---- graphs: most inputs differ in the rest ---- */

static struct str schemas_of(struct arena *a, const struct input *in)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    for (unsigned i = 0; i < in->n; i++)
        if (str_eq_c(in->parts[i].word, "subgraph") || str_eq_c(in->parts[i].word, "supergraph"))
            buf_printf(&b, "%.*s\n%.*s\n", STR_ARG(in->parts[i].more), STR_ARG(in->parts[i].text));
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct graph *graph_make(struct arena *a, struct input *in)
{
    struct compose_subgraph list[PARTS_MAX];
    struct err err;
    size_t n = 0;
    struct str whole = text_of(in, "supergraph");
    if (whole.p)
        return graph_new(whole, NULL, &err);
    for (struct part *p; (p = part_of(in, "subgraph", STR_NONE));)
        list[n++] = (struct compose_subgraph){p->more, STR("http://s"), p->text};
    struct compose_result r = compose(a, list, n);
    if (!r.supergraph.p)
        return NULL;
    struct graph *g = graph_new(r.supergraph, NULL, &err);
    PB_ASSERT(g);
    return g;
}

struct kept {
    struct arena *arena; /* NULL: free */
    struct str schemas;
    struct graph *graph; /* NULL: they make none */
    uint64_t used;
};

/* The one with these schemas, else the one that was not used for longest. */
static struct kept *kept_for(struct str schemas)
{
    static struct kept kept[GRAPHS_KEPT];
    static uint64_t now;
    struct kept *oldest = &kept[0], *found = NULL;

    for (unsigned i = 0; i < GRAPHS_KEPT && !found; i++) {
        if (kept[i].arena && str_eq(kept[i].schemas, schemas))
            found = &kept[i];
        else if (kept[i].used < oldest->used)
            oldest = &kept[i];
    }
    struct kept *k = found ? found : oldest;
    k->used = ++now;
    return k;
}

static struct graph *graph_get(struct arena *a, struct input *in)
{
    struct str schemas = schemas_of(a, in);
    struct kept *k = kept_for(schemas);

    if (k->arena && str_eq(k->schemas, schemas))
        return k->graph;
    arena_free(&k->arena);
    if (k->graph)
        graph_unref(&k->graph);
    k->arena = arena_new(0);
    k->schemas = arena_str(k->arena, schemas);
    k->graph = graph_make(a, in);
    return k->graph;
}

/* ---- subgraphs ---- */

struct fake {
    struct transport face;
    struct input *in;
    const struct plan *plan;
};

static struct str body_text(struct arena *a, const struct transport_request *request)
{
    struct buf b;
    buf_init(&b, 64u << 20);
    for (unsigned i = 0; i < request->n_body; i++)
        buf_add_mem(&b, request->body[i].iov_base, request->body[i].iov_len);
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

/* A fetch with contexts asks each selection once for each tuple of values: its document is made anew. */
static bool asks_copies_of(const struct plan_fetch *f, struct str document)
{
    struct str rest, piece;
    for (uint32_t i = 0; i < f->n_entities; i++) {
        ptrdiff_t at = 0;
        if (!f->entities[i].n_contexts)
            continue;
        rest = f->entities[i].selection;
        for (struct str left = document; at >= 0 && str_split(&rest, PLAN_COPY_MARK, &piece);) {
            at = str_find(left, piece);
            left = str_sub(left, at < 0 ? 0 : (size_t)at + piece.len, left.len);
        }
        if (at >= 0)
            return true;
    }
    return false;
}

static const struct plan_fetch *fetch_of(struct arena *a, const struct plan *plan, uint32_t subgraph, struct str body)
{
    struct err err;
    struct str document = json_get_str(json_parse(a, body, &err), STR("query"));
    for (uint32_t i = 0; i < plan->n_fetches; i++)
        if (plan->fetches[i].subgraph == subgraph && str_find(body, plan->fetches[i].document_json) >= 0)
            return &plan->fetches[i];
    for (uint32_t i = 0; i < plan->n_fetches; i++)
        if (plan->fetches[i].subgraph == subgraph && asks_copies_of(&plan->fetches[i], document))
            return &plan->fetches[i];
    PB_PANIC("a request that no fetch of the plan makes: %.*s", STR_ARG(body));
}

/* GraphQL, and each variable that it needs is given once, and no other. */
static void check_request(struct arena *a, const struct json *body, struct str text)
{
    struct gql_errors errors = {0};
    const struct json *given = json_get(body, STR("variables"));
    const struct gql_document *doc =
        gql_parse(a, json_get_str(body, STR("query")), &(struct gql_parse_options){0}, &errors);
    struct map names = {0};

    if (!doc || doc->n != 1)
        PB_PANIC("a request that is not one operation: %.*s", STR_ARG(text));
    for (uint32_t i = 0; given && i < given->n; i++)
        if (map_put(a, &names, given->members[i].name, given->members[i].value))
            PB_PANIC("a request with two variables $%.*s: %.*s", STR_ARG(given->members[i].name), STR_ARG(text));
    const struct gql_definition *operation = doc->definitions[0];
    size_t known = 0;
    for (uint32_t i = 0; i < operation->n_variables; i++) {
        const struct gql_variable_definition *v = &operation->variables[i];
        known += map_has(&names, v->name.s);
        if (!map_has(&names, v->name.s) && v->type->kind == GQL_REF_NON_NULL && !v->default_value)
            PB_PANIC("a request without its variable $%.*s: %.*s", STR_ARG(v->name.s), STR_ARG(text));
    }
    if (known != names.n)
        PB_PANIC("a request with a variable that it does not define: %.*s", STR_ARG(text));
}

/* What stands around the body. */
static void make_head(struct arena *a, struct rng *r, struct http_response *reply)
{
    static const int statuses[] = {200, 204, 302, 404, 500, 503};
    static const char *const types[] = {"text/html", "application/json",
                                        "application/graphql-response+json; charset=utf-8"};
    static const char *const codings[] = {"identity", "gzip"};

    reply->status = 200;
    if (!rng_chance(r, 0.03))
        return;
    reply->status = statuses[rng_below(r, sizeof statuses / sizeof statuses[0])];
    reply->headers = (struct http_headers){arena_array(a, struct http_header, 2), 2};
    reply->headers.v[0] = (struct http_header){STR("Content-Type"), str_c(types[rng_below(r, 3)])};
    reply->headers.v[1] = (struct http_header){STR("Content-Encoding"), str_c(codings[rng_chance(r, 0.3)])};
}

static int fake_send(struct transport *t, struct arena *a, const struct transport_request *request,
                     struct http_response *reply, struct err *err)
{
    struct fake *fake = (struct fake *)t;
    struct part *part = part_of(fake->in, "reply", fake->plan->supergraph->subgraphs[request->subgraph].name);
    struct str body = body_text(a, request);

    const struct json *parsed = json_parse(a, body, err);
    if (!parsed)
        PB_PANIC("a request that is not JSON: %s: %.*s", err->msg, STR_ARG(body));
    check_request(a, parsed, body);
    const struct plan_fetch *fetch = fetch_of(a, fake->plan, request->subgraph, body);
    if (!part && rng_chance(&fake->in->rng, 0.03))
        return err_set(err, "TIMEOUT", "no answer");
    bool large = rng_chance(&fake->in->http, 0.01);
    *reply = (struct http_response){.body = part ? part->text
                                                 : fuzz_reply(a, fake->plan, fetch, body, &fake->in->rng,
                                                              large ? LARGE_ITEMS_MAX : ITEMS_MAX)};
    make_head(a, &fake->in->http, reply);
    reply->body = str_sub(reply->body, 0, large ? LARGE_REPLY_MAX : REPLY_MAX);
    return 0;
}

/* ---- one input ---- */

struct job {
    struct arena *arena;
    struct graph *graph;
    struct input *in;
    struct plan *plan;
    const struct gql_document *doc;
    const struct gql_definition *operation;
    struct gql_variables variables;
};

static struct bits *bits_of(struct job *j, const char *word, uint32_t n)
{
    struct part *p = part_of(j->in, word, STR_NONE);
    uint64_t number = 0;
    if (!p)
        return NULL;
    str_to_u64(p->more, &number);
    struct bits *b = bits_new(j->arena, n);
    for (uint32_t i = 0; i < n && i < 64; i++)
        if (number >> i & 1)
            bits_set(b, i);
    return b;
}

static bool prepare(struct job *j)
{
    struct gql_errors errors = {0};
    struct err err;
    struct gql_parse_options options = {.max_tokens = OPERATION_TOKENS_MAX};
    const struct supergraph *s = j->graph->supergraph;
    struct str text = text_of(j->in, "operation"), values = text_of(j->in, "variables");

    j->doc = gql_parse(j->arena, text.p ? text : STR(""), &options, &errors);
    if (!j->doc || !gql_validate(j->arena, s->api, j->doc, &errors))
        return false;
    j->operation = gql_document_operation(j->arena, j->doc, STR_NONE, &errors);
    struct json *given = values.p ? json_parse(j->arena, values, &err) : NULL;
    if (!j->operation || !gql_coerce_variables(j->arena, s->api, j->operation, given, &j->variables, &errors))
        return false;
    struct plan_request request = {.document = j->doc,
                                   .operation = j->operation,
                                   .variables = &j->variables,
                                   .incremental = part_of(j->in, "incremental", STR_NONE) != NULL,
                                   .auth = bits_of(j, "auth", s->n_auth),
                                   .labels = bits_of(j, "labels", s->n_labels)};
    j->plan = planner_plan(j->graph->planner, &request, j->arena, &errors);
    PB_ASSERT(!j->plan == (errors.n > 0));
    return j->plan != NULL;
}

/* The response as the client gets it. */
static struct str joined(struct arena *a, struct str text, const struct response_pieces *pieces)
{
    struct buf b;
    size_t from = 0;
    buf_init(&b, 2 * RESPONSE_BYTES_MAX);
    for (size_t i = 0; i < pieces->all.n; i++) {
        size_t at = pieces->all.v[i].at;
        PB_ASSERT(from <= at && at <= text.len);
        buf_add(&b, str_sub(text, from, at - from));
        buf_add(&b, pieces->all.v[i].text);
        from = at;
    }
    buf_add(&b, str_sub(text, from, text.len - from));
    struct str whole = arena_str(a, buf_str(&b));
    buf_free(&b);
    return whole;
}

static void run(void *arg)
{
    struct job *j = arg;
    struct fake fake = {.face = {.send = fake_send}, .in = j->in, .plan = j->plan};
    struct response_pieces pieces = {.min = 1u << rng_below(&j->in->rng, 8)};
    struct execution x = {.plan = j->plan,
                          .transport = &fake.face,
                          .api_types = j->graph->api_types,
                          .variables = &j->variables,
                          .pieces = &pieces,
                          .subgraph_timeout_us = US_PER_SEC};
    struct execution_stats stats;
    struct buf out;
    buf_init(&out, RESPONSE_BYTES_MAX);
    execute(j->arena, &x, &out, &stats);
    fuzz_check(j->arena, j->graph->supergraph->api, j->doc, j->operation, &j->variables,
               joined(j->arena, buf_str(&out), &pieces));
    transport_leases_release(&pieces.leases);
    buf_free(&out);
}

static struct loop *the_loop(void)
{
    static struct loop *loop;
    if (!loop)
        loop = loop_new();
    return loop;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {.n = 0};
    struct job j = {.arena = arena_new(0), .in = &in};

    read_input(&in, str_mem(data, size));
    j.graph = graph_get(j.arena, &in);
    if (j.graph && prepare(&j)) {
        struct buf text;
        buf_init(&text, 64u << 20);
        plan_print(&text, j.plan);
        plan_print_json(&text, j.plan);
        buf_free(&text);
        loop_go(the_loop(), run, &j); /* of a subscription: one event, and who is asked because of it */
        loop_run(the_loop());
        plan_unref(&j.plan);
    }
    arena_free(&j.arena);
    return 0;
}
