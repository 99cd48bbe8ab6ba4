/* Plans run against subgraphs that answer from cases/execute.txt. Expected and real response are compared as JSON trees
 * with the order of members; the message "ANY" fits every message. */
#include "base/test.h"

#include "graphql/parser.h"
#include "graphql/validate.h"
#include "io/fiber.h"
#include "router/execute.h"
#include "router/operation.h"

#include <stdio.h>

#define REPLIES_MAX 16

struct canned {
    struct str subgraph, text;
    bool used;
};

struct test_case {
    struct str name, operation, variables, expected;
    struct canned replies[REPLIES_MAX];
    unsigned n_replies;
};

struct fake {
    struct transport face;
    struct supergraph *supergraph;
    struct test_case *current;
};

static struct str read_text(struct arena *a, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("CASES_DIR"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = arena_alloc(a, 1 << 20);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return str_mem(text, n);
}

static struct canned *next_reply(struct test_case *c, struct str subgraph)
{
    for (unsigned i = 0; i < c->n_replies; i++)
        if (!c->replies[i].used && str_eq(c->replies[i].subgraph, subgraph)) {
            c->replies[i].used = true;
            return &c->replies[i];
        }
    return NULL;
}

static int fake_send(struct transport *t, struct arena *a, const struct transport_request *request,
                     struct http_response *reply, struct err *err)
{
    struct fake *fake = (struct fake *)t;
    struct canned *canned = next_reply(fake->current, fake->supergraph->subgraphs[request->subgraph].name);
    if (!canned)
        return err_set(err, "CONNECT_FAILED", "the case has no reply for this request");
    if (canned->text.p[0] == '!') {
        struct str rest = str_sub(canned->text, 1, canned->text.len), code;
        str_split(&rest, ' ', &code);
        return err_set(err, arena_cstr(a, code), "%.*s", STR_ARG(rest));
    }
    *reply = (struct http_response){.status = 200, .body = canned->text};
    return 0;
}

static bool same(const struct json *a, const struct json *b)
{
    if (a->kind == JSON_STRING && str_eq(a->text, STR("ANY")))
        return b->kind == JSON_STRING;
    if (a->kind != b->kind || a->n != b->n)
        return false;
    if (a->kind != JSON_ARRAY && a->kind != JSON_OBJECT)
        return str_eq(a->raw, b->raw);
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->kind == JSON_OBJECT && !str_eq(a->members[i].name, b->members[i].name))
            return false;
        if (!same(a->kind == JSON_OBJECT ? a->members[i].value : a->items[i],
                  b->kind == JSON_OBJECT ? b->members[i].value : b->items[i]))
            return false;
    }
    return true;
}

/* The same response once more, with every leaf left where it stands that is not the shortest: put together it is the
 * same text. */
static void check_pieces(struct arena *a, struct test_case *c, struct execution x, struct str expected)
{
    struct response_pieces pieces = {.min = 2};
    struct execution_stats stats;
    struct buf out, joined;
    size_t from = 0;

    for (unsigned i = 0; i < c->n_replies; i++)
        c->replies[i].used = false;
    x.pieces = &pieces;
    buf_init(&out, RESPONSE_BYTES_MAX);
    buf_init(&joined, RESPONSE_BYTES_MAX);
    execute(a, &x, &out, &stats);
    for (size_t i = 0; i < pieces.all.n; i++) {
        size_t at = pieces.all.v[i].at;
        assert_true(from <= at && at <= out.len);
        buf_add(&joined, str_sub(buf_str(&out), from, at - from));
        buf_add(&joined, pieces.all.v[i].text);
        from = at;
    }
    assert_int_equal(pieces.bytes + out.len, expected.len);
    buf_add(&joined, str_sub(buf_str(&out), from, out.len - from));
    if (!str_eq(buf_str(&joined), expected))
        fail_msg("copied    %.*s\nin pieces %.*s", STR_ARG(expected), STR_ARG(buf_str(&joined)));
    buf_free(&joined);
    buf_free(&out);
}

static void run_case(struct graph *g, struct fake *fake, struct test_case *c)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct err err;
    struct gql_variables variables = {0};
    struct execution_stats stats;
    struct buf out;

    struct gql_document *doc = gql_parse(a, c->operation, &(struct gql_parse_options){0}, &errors);
    if (!doc || !gql_validate(a, g->supergraph->api, doc, &errors))
        fail_msg("%.*s: %.*s", STR_ARG(c->name), STR_ARG(errors.v[0].message));
    const struct gql_definition *operation = gql_document_operation(a, doc, STR_NONE, &errors);
    struct json *given = c->variables.p ? json_parse(a, c->variables, &err) : NULL;
    assert_true(gql_coerce_variables(a, g->supergraph->api, operation, given, &variables, &errors));
    struct plan_request request = {.document = doc, .operation = operation, .variables = &variables};
    struct plan *plan = planner_plan(g->planner, &request, a, &errors);
    if (!plan)
        fail_msg("%.*s: %.*s", STR_ARG(c->name), STR_ARG(errors.v[0].message));

    fake->current = c;
    buf_init(&out, RESPONSE_BYTES_MAX);
    struct execution x = {.plan = plan, .transport = &fake->face, .api_types = g->api_types, .variables = &variables,
                          .subgraph_timeout_us = US_PER_SEC};
    execute(a, &x, &out, &stats);
    struct json *real = json_parse(a, buf_str(&out), &err), *expected = json_parse(a, c->expected, NULL);
    assert_non_null(expected);
    if (!real || !same(expected, real))
        fail_msg("%.*s\nexpected %.*s\nbut got  %.*s", STR_ARG(c->name), STR_ARG(c->expected), STR_ARG(buf_str(&out)));
    check_pieces(a, c, x, buf_str(&out));
    for (unsigned i = 0; i < c->n_replies; i++)
        if (!c->replies[i].used)
            fail_msg("%.*s: a reply of %.*s was not asked for", STR_ARG(c->name), STR_ARG(c->replies[i].subgraph));
    buf_free(&out);
    plan_unref(&plan);
    arena_free(&a);
}

/* Takes the next case off the front of `rest`. */
static bool next_case(struct str *rest, struct test_case *c)
{
    struct str line;
    *c = (struct test_case){0};
    while (str_split(rest, '\n', &line)) {
        if (str_starts(line, STR("== "))) {
            c->name = str_sub(line, 3, line.len);
        } else if (str_starts(line, STR("-> "))) {
            struct str reply = str_sub(line, 3, line.len), subgraph;
            str_split(&reply, ' ', &subgraph);
            assert_true(c->n_replies < REPLIES_MAX);
            c->replies[c->n_replies++] = (struct canned){.subgraph = subgraph, .text = reply};
        } else if (str_starts(line, STR("$ "))) {
            c->variables = str_sub(line, 2, line.len);
        } else if (str_starts(line, STR("= "))) {
            c->expected = str_sub(line, 2, line.len);
            return true;
        } else if (c->name.p && line.len) {
            c->operation = line;
        }
    }
    return false;
}

struct scenario {
    struct graph *graph;
    struct str cases;
    unsigned ran;
};

static void run_all(void *arg)
{
    struct scenario *s = arg;
    struct fake fake = {.face = {.send = fake_send}, .supergraph = s->graph->supergraph};
    struct test_case c;
    while (next_case(&s->cases, &c)) {
        run_case(s->graph, &fake, &c);
        s->ran++;
    }
}

static void test_cases(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;
    struct scenario s = {.cases = read_text(a, "execute.txt")};

    s.graph = graph_new(read_text(a, "shop.graphql"), NULL, &err);
    if (!s.graph)
        fail_msg("%s", err.msg);
    struct loop *loop = loop_new();
    loop_go(loop, run_all, &s);
    loop_run(loop);
    loop_free(&loop);
    assert_true(s.ran >= 15);
    graph_unref(&s.graph);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
