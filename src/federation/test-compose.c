/* What composition promises besides the rules themselves, which test/conformance/ compares with Apollo's composer. */
#include "base/test.h"
#include "federation/compose.h"
#include "federation/supergraph.h"

#define FED                                                                                                      \
    "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\"@key\", \"@shareable\", " \
    "\"@external\", "                                                                                            \
    "\"@requires\", \"@tag\", \"@inaccessible\", \"@override\"])\n"

static struct compose_result compose_two(struct arena *a, const char *x, const char *y)
{
    struct compose_subgraph in[] = {{STR("x"), STR("http://x"), str_c(x)}, {STR("y"), STR("http://y"), str_c(y)}};
    return compose(a, in, y ? 2 : 1);
}

static bool contains(struct str text, const char *part)
{
    return str_find(text, str_c(part)) >= 0;
}

static void test_order_of_subgraphs(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_subgraph in[] = {
        {STR("b"), STR("http://b"), STR(FED "type T @key(fields: \"id\") { id: ID! b: Int }")},
        {STR("a"), STR("http://a"), STR(FED "type Query { t: T }\ntype T @key(fields: \"id\") { id: ID! a: Int }")},
        {STR("c"), STR("http://c"), STR(FED "type T @key(fields: \"id\") { id: ID! c: Int }")},
    };
    struct compose_result first = compose(a, in, 3);
    struct compose_subgraph swapped = in[0];
    in[0] = in[2];
    in[2] = swapped;
    struct compose_result second = compose(a, in, 3);
    assert_int_equal(first.n_errors, 0);
    assert_true(str_eq(first.supergraph, second.supergraph));
    arena_free(&a);
}

static void test_message_says_where(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_result r =
        compose_two(a, FED "type Query { t: T }\ntype T @key(fields: \"nope\") { id: ID! }", NULL);
    assert_int_equal(r.n_errors, 1);
    assert_true(r.supergraph.p == NULL);
    assert_true(str_eq(r.errors[0].code, STR("KEY_INVALID_FIELDS")));
    assert_true(str_eq(r.errors[0].subgraph, STR("x")));
    assert_true(str_eq(r.errors[0].coordinate, STR("T")));
    assert_int_equal(r.errors[0].line, 3);
    assert_int_equal(r.errors[0].column, 8);
    assert_true(str_starts(r.errors[0].message, STR("[x:3] ")));
    assert_true(contains(r.errors[0].message, "nope"));
    arena_free(&a);
}

static void test_message_names_all_subgraphs(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_result r =
        compose_two(a, FED "type Query { p: P }\ntype P @shareable { v: Int }", FED "type P @shareable { v: String }");
    assert_int_equal(r.n_errors, 1);
    assert_true(str_eq(r.errors[0].code, STR("FIELD_TYPE_MISMATCH")));
    assert_true(str_eq(r.errors[0].coordinate, STR("P.v")));
    assert_true(contains(r.errors[0].message, "\"Int\" in subgraph \"x\" (line 3)"));
    assert_true(contains(r.errors[0].message, "\"String\" in subgraph \"y\" (line 2)"));
    arena_free(&a);
}

/* All that can be found is reported at once, in the order of the subgraphs' names. */
static void test_several_errors(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_result r =
        compose_two(a, FED "type Query { t: T }\ntype T @key(fields: \"a\") @key(fields: \"b\") { id: ID! }",
                    FED "type U @key(fields: \"id\") { id: ID! z: Int @external }");
    assert_int_equal(r.n_errors, 3);
    assert_true(str_eq(r.errors[0].subgraph, STR("x")));
    assert_true(str_eq(r.errors[1].subgraph, STR("x")));
    assert_true(str_eq(r.errors[2].code, STR("EXTERNAL_UNUSED")));
    arena_free(&a);
}

static void test_witness(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_result r = compose_two(a, FED "type Query { t(n: Int!): T }\ntype T { a: Int }",
                                          FED "type Query { u: T }\ntype T { b: Int }");
    assert_int_equal(r.n_errors, 2);
    assert_true(str_eq(r.errors[0].code, STR("SATISFIABILITY_ERROR")));
    for (size_t i = 0; i < 2; i++)
        if (contains(r.errors[i].message, "t(n: 0) {")) {
            assert_true(contains(r.errors[i].message, "T.b"));
            assert_true(contains(r.errors[i].message, "subgraph \"y\" resolves \"T.b\", but \"T\" has no @key there"));
            arena_free(&a);
            return;
        }
    fail_msg("no witness goes through Query.t");
}

/* What a @requires lacks is named, and how to get there. */
static void test_witness_of_requires(void **state)
{
    static const char X[] =
        FED "type Query { t: T }\n"
            "type T @key(fields: \"id\") { id: ID! n: Int @external y: Int @requires(fields: \"n\") }";
    static const struct {
        const char *other, *reason, *advice;
    } CASES[] = {
        {FED "type T @key(fields: \"id\", resolvable: false) { id: ID! n: Int }",
         "subgraph \"y\" resolves \"T.n\", but \"T\" has no resolvable @key there",
         "Delete resolvable: false from a @key of \"T\" in subgraph \"y\", whose fields subgraph \"x\" has too, or "
         "resolve \"T.n\" there too"},
        {FED "type T @shareable { id: ID! n: Int }", "subgraph \"y\" resolves \"T.n\", but \"T\" has no @key there",
         "Give \"T\" a @key in subgraph \"y\" whose fields subgraph \"x\" has too, or resolve \"T.n\" there too"},
        {FED "type T @key(fields: \"uid\") { uid: ID! n: Int }",
         "it cannot give the key \"uid\" that \"T\" of subgraph \"y\" asks for",
         "Give \"T\" the fields \"uid\" in subgraph \"x\", or a @key that it has in subgraph \"y\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct arena *a = arena_new(0);
        struct compose_result r = compose_two(a, X, CASES[i].other);
        struct str message = STR_NONE;
        for (size_t j = 0; j < r.n_errors; j++)
            if (str_eq(r.errors[j].coordinate, STR("T.y")))
                message = r.errors[j].message;
        assert_true(message.p != NULL);
        assert_true(contains(message, "its field \"T.y\" requires \"T.n\", which cannot be read on the way there"));
        assert_true(contains(message, CASES[i].reason));
        assert_true(contains(message, CASES[i].advice));
        arena_free(&a);
    }
}

static void test_same_name_twice(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_subgraph in[] = {{STR("x"), STR("u"), STR("type Query { a: Int }")},
                                    {STR("x"), STR("u"), STR("type Query { b: Int }")}};
    struct compose_result r = compose(a, in, 2);
    assert_true(r.n_errors >= 1);
    assert_true(str_eq(r.errors[0].code, STR("INVALID_SUBGRAPH_NAME")));
    arena_free(&a);
}

static void test_nothing_to_compose(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_result r = compose(a, NULL, 0);
    assert_int_equal(r.n_errors, 1);
    assert_true(str_eq(r.errors[0].code, STR("NO_QUERIES")));
    arena_free(&a);
}

/* Twelve alternatives in each of eight subgraphs would be 12^8 together. */
static void test_too_many_scopes(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_subgraph in[8];
    for (int i = 0; i < 8; i++) {
        struct str list = STR("");
        for (int j = 0; j < 12; j++)
            list = arena_printf(a, "%.*s [\"s%d-%d\"]", STR_ARG(list), i, j);
        in[i].name = arena_printf(a, "x%d", i);
        in[i].url = STR("http://x");
        in[i].sdl = arena_printf(a,
                                 "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: "
                                 "[\"@shareable\", \"@requiresScopes\"])\ntype Query { f: Int @shareable "
                                 "@requiresScopes(scopes: [%.*s]) }",
                                 STR_ARG(list));
    }
    struct compose_result r = compose(a, in, 8);
    assert_int_equal(r.n_errors, 1);
    assert_true(str_eq(r.errors[0].code, STR("UNSUPPORTED_FEATURE")));
    assert_true(str_eq(r.errors[0].coordinate, STR("Query.f")));
    arena_free(&a);
}

/* Our own loader takes what we write. */
static void test_loads(void **state)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct compose_result r = compose_two(
        a, FED "type Query { t: T }\ntype T @key(fields: \"id\") { id: ID! a: Int @tag(name: \"\\u00e9\") }",
        FED "\"\"\"\n  two\n    lines\n\"\"\"\ntype T @key(fields: \"id\") { id: ID! \"with \\\"quotes\\\"\" b: Int }");
    assert_int_equal(r.n_errors, 0);
    struct supergraph *s = supergraph_load(r.supergraph, a, &errors);
    assert_non_null(s);
    assert_int_equal(s->n_subgraphs, 2);
    struct gql_type *t = gql_schema_type(s->full, STR("T"));
    assert_true(str_eq(t->description, STR("two\n  lines")));
    assert_true(str_eq(gql_type_field(s->full, t, STR("b"))->description, STR("with \"quotes\"")));
    supergraph_unref(&s);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_subgraphs),
        cmocka_unit_test(test_message_says_where),
        cmocka_unit_test(test_message_names_all_subgraphs),
        cmocka_unit_test(test_several_errors),
        cmocka_unit_test(test_witness),
        cmocka_unit_test(test_witness_of_requires),
        cmocka_unit_test(test_same_name_twice),
        cmocka_unit_test(test_nothing_to_compose),
        cmocka_unit_test(test_too_many_scopes),
        cmocka_unit_test(test_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
