/* What a service is told at its start when its parts do not fit together. */
#include "base/test.h"
#include "subgraph/kit.h"

static void nothing(struct batch *b) {}

static const struct query BY_ID = {.st = {"by_id", STR_INIT("select")}, .key = "id", .n_params = 1};
static const struct query NO_KEY = {.st = {"no_key", STR_INIT("select")}, .n_params = 1};
static const struct query WITH_RULE = {.st = {"with_rule", STR_INIT("select")}, .key = "id", .n_params = 2};

#define SDL "type Query { a: A } type A @key(fields: \"id\") { id: ID! } type B { id: ID! }"

static const struct {
    const char *sdl;
    struct resolver resolvers[4];
    struct entity entities[3];
    const char *problem; /* NULL: none */
} CASES[] = {
    {SDL, {{"Query.a", nothing}}, {{"A", &BY_ID, "id"}}, NULL},
    {SDL, {{"Query.a", nothing}}, {{"A", NULL, "id"}}, NULL},
    {"type A @key(fields: \"id\") { id: ID! }", {{0}}, {{0}}, NULL},
    {"extend type Query { a: Int }", {{"Query.a", nothing}}, {{0}}, NULL},
    {"type Query {", {{0}}, {{0}}, "schema of test, line 1: Syntax Error"},
    {"type Query { a: Missing }", {{0}}, {{0}}, "Unknown type \"Missing\""},
    {SDL, {{0}}, {{0}}, "Query.a has no resolver"},
    {SDL, {{"Query.a", nothing}, {"Query.b", nothing}}, {{0}}, "resolver \"Query.b\" names no field of the schema"},
    {SDL, {{"Query.a", nothing}, {"Nobody.b", nothing}}, {{0}}, "resolver \"Nobody.b\" names no field"},
    {SDL, {{"Query.a", nothing}, {"Query", nothing}}, {{0}}, "resolver \"Query\" names no field"},
    {SDL, {{"Query.a", nothing}, {"Query.a", nothing}}, {{0}}, "there are two resolvers for \"Query.a\""},
    {SDL, {{"Query.a", nothing}}, {{"B", &BY_ID, "id"}}, "entity \"B\" is no type with a @key"},
    {SDL, {{"Query.a", nothing}}, {{"A", &NO_KEY, "id"}}, "no_key loads entity \"A\" and so needs '-- key:'"},
    {SDL, {{"Query.a", nothing}}, {{"A", &BY_ID, "number"}}, "entity \"A\" has no field \"number\""},
    {SDL, {{"Query.a", nothing}}, {{"A", &WITH_RULE, "id"}}, "and entity \"A\" has no rule"},
    {SDL, {{"Query.x", nothing}}, {{"B", &BY_ID, "id"}}, "names no field of the schema; entity \"B\" is no type"},
};

static void every_fault_is_said(void **state)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct service s = {
            .name = "test", .sdl = str_c(CASES[i].sdl), .resolvers = CASES[i].resolvers, .entities = CASES[i].entities};
        struct err err = {0};
        struct subgraph *g = subgraph_new(&s, &err);
        if (!g != (CASES[i].problem != NULL) || (!g && !strstr(err.msg, CASES[i].problem)))
            fail_msg("case %zu: %s", i, err.msg);
        subgraph_free(&g);
    }
}

static void columns_are_named_like_fields(void **state)
{
    static const char *const names[][2] = {{"displayName", "display_name"},
                                           {"id", "id"},
                                           {"line1", "line1"},
                                           {"p95Ms", "p95_ms"},
                                           {"taxExemptId", "tax_exempt_id"}};
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_str(snake_case(a, str_c(names[i][0])), names[i][1]);
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(every_fault_is_said, columns_are_named_like_fields);
}
