#include "base/test.h"

#include "base/buf.h"
#include "graphql/introspect.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

#include <pthread.h>

/* What a fiber has; the sanitizer makes frames several times as large. */
#ifdef __SANITIZE_ADDRESS__
#define STACK (1u << 20)
#else
#define STACK (96u << 10)
#endif

static const char SDL[] = "type Query { q(in: In, any: [[Any]]): Query list: [Query] leaf: Int } input In { in: In "
                          "ins: [In!] n: Int } scalar Any "
                          "type Deep { d: [[[[[[[[[[[[[[[[[[[[Int]]]]]]]]]]]]]]]]]]]] }";

static const char TOO_COMPLEX[] = "The document is too complex: more than 200000 comparisons are needed to see whether "
                                  "its fields can be merged. Select "
                                  "each field once, or send several operations.";

static struct arena *arena;
static struct gql_schema *schema;
static struct gql_errors errors;
static struct buf text;

static int setup(void **state)
{
    arena = arena_new(0);
    errors = (struct gql_errors){0};
    buf_init(&text, 16u << 20);
    struct gql_document *doc = gql_parse(arena, str_c(SDL), &(struct gql_parse_options){0}, &errors);
    schema = gql_schema_build(arena, doc, &(struct gql_schema_options){0}, &errors);
    assert_non_null(schema);
    return 0;
}

static int teardown(void **state)
{
    buf_free(&text);
    arena_free(&arena);
    return 0;
}

static void times(int n, const char *s)
{
    for (int i = 0; i < n; i++)
        buf_add_c(&text, s);
}

/* Validates, coerces and answers, as a server does. */
static void *serve(void *valid)
{
    struct gql_document *doc = gql_parse(arena, buf_str(&text), &(struct gql_parse_options){0}, &errors);
    *(bool *)valid = doc && gql_validate(arena, schema, doc, &errors);
    if (!*(bool *)valid)
        return NULL;
    const struct gql_definition *op = gql_document_operation(arena, doc, STR_NONE, &errors);
    const struct gql_selection *sel = op->selections->items[0];
    if (sel->kind != GQL_FIELD)
        return NULL;
    const struct gql_field *f = gql_type_field(schema, schema->query, sel->name.s);
    struct gql_variables vars;
    gql_coerce_variables(arena, schema, op, NULL, &vars, &errors);
    gql_coerce_arguments(arena, schema, f->args, f->n_args, sel->args, sel->n_args, sel->loc, &vars, &errors);
    struct buf out;
    buf_init(&out, 16u << 20);
    if (str_starts(sel->name.s, STR("__")))
        gql_introspect(&out, arena, schema, doc, sel, &vars);
    buf_free(&out);
    return NULL;
}

static bool serve_on_small_stack(void)
{
    pthread_t thread;
    pthread_attr_t attr;
    bool valid = false;
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attr, serve, &valid), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    return valid;
}

static void first_error(const char *message)
{
    assert_true(errors.n > 0);
    assert_str(errors.v[0].message, message);
    assert_str(errors.v[0].code, "GRAPHQL_VALIDATION_FAILED");
}

static void test_deep_selections(void **state)
{
    times(90, "{ q ... { q: q "); /* each field twice, so that all levels are compared */
    buf_add_c(&text, "{ leaf }");
    times(180, "}");
    serve_on_small_stack();
    assert_int_equal(errors.n, 90); /* `q` without a selection, on each level */
}

static void test_deep_values(void **state)
{
    buf_add_c(&text, "{ q(in: ");
    times(90, "{ in: { ins: ");
    buf_add_c(&text, "null");
    times(180, "}");
    buf_add_c(&text, ", any: ");
    times(190, "[");
    times(190, "]");
    buf_add_c(&text, ") { leaf } }");
    assert_true(serve_on_small_stack());
    assert_int_equal(errors.n, 0);
}

static void test_wrong_deep_value(void **state)
{
    buf_add_c(&text, "{ q(in: ");
    times(180, "{ in: ");
    buf_add_c(&text, "{ n: 1.5 }");
    times(180, "}");
    buf_add_c(&text, ") { leaf } }");
    assert_false(serve_on_small_stack());
    first_error("Int cannot represent non-integer value: 1.5");
}

/* Fragments that spread the next one: no walk may recurse along them. */
static void chain(int n, const char *before, const char *after, bool closed)
{
    buf_clear(&text);
    buf_add_c(&text, "{ leaf ...F0 }");
    for (int i = 0; i < n; i++)
        buf_printf(&text, " fragment F%d on Query { leaf %s ...F%d %s }", i, before, closed ? (i + 1) % (n + 1) : i + 1,
                   after);
    buf_printf(&text, " fragment F%d on Query { leaf %s }", n, closed ? "...F0" : "");
}

static void test_fragment_chains(void **state)
{
    chain(400, "", "", false);
    assert_true(serve_on_small_stack());
    chain(3000, "q { leaf", "}", false);
    assert_true(serve_on_small_stack());
    chain(3000, "", "", false);
    assert_false(serve_on_small_stack());
    first_error(TOO_COMPLEX);
}

/* Two chains whose fields are compared with one another all the way down. */
static void test_parallel_chains(void **state)
{
    buf_add_c(&text, "{ ...A0 ...B0 }");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, " fragment A%d on Query { q { ...A%d } } fragment B%d on Query { q { ...B%d } }", i, i + 1, i,
                   i + 1);
    buf_add_c(&text, " fragment A3000 on Query { x: leaf } fragment B3000 on Query { x: list { leaf } }");
    assert_false(serve_on_small_stack());
    assert_int_equal(errors.n, 1);
    assert_true(
        str_starts(errors.v[0].message, STR("Fields \"q\" conflict because subfields \"q\" conflict because ")));
}

static void test_long_fragment_cycle(void **state)
{
    chain(250, "", "", true);
    assert_false(serve_on_small_stack());
    assert_int_equal(errors.n, 1);
    assert_int_equal(errors.v[0].n_locs, 251);
}

static void test_too_many_comparisons(void **state)
{
    buf_add_c(&text, "{ ");
    times(2000, "q(in: {n: 1}) { leaf } ");
    buf_add_c(&text, "}");
    assert_false(serve_on_small_stack());
    assert_int_equal(errors.n, 1);
    first_error(TOO_COMPLEX);
}

/* Every level doubles what a naive comparison does. */
static void test_doubling_fragments(void **state)
{
    buf_add_c(&text, "{ ...A0 ...B0 }");
    for (int i = 0; i < 60; i++)
        buf_printf(&text,
                   " fragment A%d on Query { q { ...A%d ...B%d } } fragment B%d on Query { q { ...B%d ...A%d } }", i,
                   i + 1, i + 1, i, i + 1, i + 1);
    buf_add_c(&text, " fragment A60 on Query { leaf } fragment B60 on Query { leaf }");
    assert_true(serve_on_small_stack());
}

static void test_too_many_errors(void **state)
{
    buf_add_c(&text, "{ ");
    times(500, "nope ");
    buf_add_c(&text, "}");
    assert_false(serve_on_small_stack());
    assert_int_equal(errors.n, GQL_ERRORS_MAX + 1);
    assert_str(errors.v[GQL_ERRORS_MAX].message,
               "Too many validation errors, error limit reached. Validation aborted.");
}

static void test_deep_introspection(void **state)
{
    buf_add_c(&text, "{ __type(name: \"Deep\") { fields { type { ...F0 } } } }");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, " fragment F%d on __Type { name ofType { ...F%d } }", i, i + 1);
    buf_add_c(&text, " fragment F3000 on __Type { name }");
    assert_true(serve_on_small_stack());
    buf_clear(&text);
    buf_add_c(&text, "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }");
    assert_false(serve_on_small_stack());
    first_error("Maximum introspection depth exceeded");
}

static const struct gql_definition *operation(const char *source, struct str name)
{
    errors = (struct gql_errors){0};
    struct gql_document *doc = gql_parse(arena, str_c(source), &(struct gql_parse_options){0}, &errors);
    return gql_document_operation(arena, doc, name, &errors);
}

static void test_operation_to_run(void **state)
{
    assert_non_null(operation("query A { leaf } fragment F on Query { leaf }", STR_NONE));
    assert_str(operation("query A { leaf } query B { leaf }", STR("B"))->name.s, "B");
    assert_null(operation("query A { leaf } query B { leaf }", STR_NONE));
    assert_str(errors.v[0].message, "Must provide operation name if query contains multiple operations.");
    assert_null(operation("query A { leaf }", STR("C")));
    assert_str(errors.v[0].message, "Unknown operation named \"C\".");
    assert_null(operation("fragment F on Query { leaf }", STR_NONE));
    assert_str(errors.v[0].message, "Must provide an operation.");
    assert_str(errors.v[0].code, "OPERATION_RESOLUTION_FAILURE");
}

/* graphql-js misses it when the place is non-null. */
static void test_variable_in_required_one_of(void **state)
{
    struct str sdl = STR("type Query { q(one: One!): Int } input One @oneOf { a: Int b: Int }");
    struct gql_document *doc = gql_parse(arena, sdl, &(struct gql_parse_options){0}, &errors);
    schema = gql_schema_build(arena, doc, &(struct gql_schema_options){0}, &errors);
    buf_add_c(&text, "query ($a: Int) { q(one: {a: $a}) }");
    assert_false(serve_on_small_stack());
    first_error(
        "Variable \"$a\" is of type \"Int\" but must be non-nullable to be used for OneOf Input Object \"One\".");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deep_selections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deep_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_deep_value, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fragment_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parallel_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_fragment_cycle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_comparisons, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doubling_fragments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deep_introspection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_operation_to_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variable_in_required_one_of, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
