#include "base/test.h"

#include "base/buf.h"
#include "graphql/parser.h"
#include "graphql/schema.h"

static struct arena *arena;
static struct gql_errors errors;

static int setup(void **state)
{
    arena = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    arena_free(&arena);
    return 0;
}

static struct gql_schema *build(const char *sdl, struct gql_schema_options options)
{
    errors = (struct gql_errors){0};
    struct gql_document *doc = gql_parse(arena, str_c(sdl), &(struct gql_parse_options){0}, &errors);
    assert_non_null(doc);
    struct gql_schema *s = gql_schema_build(arena, doc, &options, &errors);
    assert_int_equal(s != NULL, errors.n == 0);
    return s;
}

static void refused(const char *sdl, struct gql_schema_options options, const char *message)
{
    assert_null(build(sdl, options));
    assert_str(errors.v[0].message, message);
    assert_str(errors.v[0].code, "INVALID_GRAPHQL");
}

#define STRICT ((struct gql_schema_options){0})

static void test_types_are_linked(void **state)
{
    struct gql_schema *s =
        build("type Query { node(id: ID! = 1): [Node!]! } interface Node { id: ID! } "
              "type A implements Node { id: ID! } type B implements Node { id: ID! } union U = A | B",
              STRICT);
    struct gql_type *query = gql_schema_type(s, STR("Query")), *node = gql_schema_type(s, STR("Node"));
    assert_ptr_equal(s->query, query);
    assert_int_equal(query->id, 0);
    struct gql_field *f = gql_type_field(s, query, STR("node"));
    assert_ptr_equal(gql_tref_named(f->type), node);
    assert_str(gql_tref_str(arena, f->type), "[Node!]!");
    assert_non_null(gql_field_arg(f, STR("id"))->default_value);
    assert_int_equal(bits_count(node->possible), 2);
    assert_true(bits_equal(node->possible, gql_schema_type(s, STR("U"))->possible));
    assert_int_equal(node->members.n, 2);
    assert_str(gql_type_field(s, query, STR("__schema"))->name, "__schema");
    assert_null(gql_type_field(s, node, STR("__schema")));
    assert_non_null(gql_type_field(s, gql_schema_type(s, STR("U")), STR("__typename")));
}

static void test_unused_scalars_are_not_listed(void **state)
{
    struct gql_schema *s = build("type Query { a: ID }", STRICT);
    assert_true(gql_schema_type(s, STR("ID"))->listed);
    assert_false(gql_schema_type(s, STR("Float"))->listed);
    assert_true(gql_schema_type(s, STR("Float"))->builtin);
    assert_str(s->listed[1]->name, "ID");
    assert_str(s->listed[s->n_listed - 1]->name, "__DirectiveLocation");
}

static void test_unknown_directives(void **state)
{
    const char *sdl =
        "extend schema @link(url: \"u\") type Query @key(fields: \"a\") @key(fields: \"b\") { a: Int @shareable }";
    refused(sdl, STRICT, "Unknown directive \"@link\".");
    struct gql_schema *s = build(sdl, (struct gql_schema_options){.allow_unknown_directives = true});
    assert_int_equal(s->query->directives.n, 2);
    assert_int_equal(s->directives.n, 1);
    assert_str(gql_directive_arg(&s->directives.v[0], STR("url"))->text, "u");
    refused("type Query { a: Int @skip(if: true) }", (struct gql_schema_options){.allow_unknown_directives = true},
            "Directive \"@skip\" may not be used on FIELD_DEFINITION.");
}

static void test_no_query(void **state)
{
    refused("type A { a: Int }", STRICT, "Query root type must be provided.");
    struct gql_schema *s = build("type A { a: Int }", (struct gql_schema_options){.allow_no_query = true});
    assert_null(s->query);
}

static void test_orphan_extensions(void **state)
{
    struct gql_schema_options orphans = {.allow_orphan_extensions = true};
    const char *sdl =
        "extend type Query { a: E } extend type Query { b: Int } extend enum E { X } extend input I { i: I }";
    refused(sdl, STRICT, "Cannot extend type \"Query\" because it is not defined.");
    struct gql_schema *s = build(sdl, orphans);
    assert_int_equal(s->query->n_fields, 2);
    assert_true(s->query->ast->extend);
    assert_int_equal(s->query->n_extensions, 1);
    assert_int_equal(gql_schema_type(s, STR("E"))->n_values, 1);
    refused("extend type Query { a: Int } extend interface Query { b: Int }", orphans,
            "Cannot extend non-interface type \"Query\".");
    refused("extend type Query { a: Nope }", orphans, "Unknown type \"Nope\".");
}

static void test_extension_before_its_type(void **state)
{
    struct gql_schema *s = build("extend type Query { b: Int } type Query { a: Int }", STRICT);
    assert_str(s->query->fields[0].name, "a");
    assert_str(s->query->fields[1].name, "b");
    assert_false(s->query->ast->extend);
}

/* The text is trusted, but what it says must still not break anything. */
static void test_assume_valid(void **state)
{
    struct gql_schema_options trusted = {.assume_valid = true};
    struct gql_schema *s =
        build("type Query { a: Int a: ID } type Query { b: Int } enum E { A A } input I { a: Int a: ID } "
              "directive @d(a: Int, a: ID) on FIELD extend enum Query { A } union U = Query | Int",
              trusted);
    assert_str(gql_tref_str(arena, s->query->fields[0].type), "Int");
    assert_int_equal(gql_schema_type(s, STR("E"))->n_values, 1);
    assert_int_equal(gql_schema_type(s, STR("I"))->n_inputs, 1);
    assert_int_equal(gql_schema_directive(s, STR("d"))->n_args, 1);
    refused("type Query { a: Nope }", trusted, "Unknown type \"Nope\".");
}

static void test_subtypes(void **state)
{
    struct gql_schema *s =
        build("interface N { id: ID } interface M implements N { id: ID } type A implements N & M { id: ID } "
              "union U = A type Query { a: A aa: [A!]! m: M n: N nn: [N] u: U id: ID }",
              STRICT);
    const char *yes[] = {"a", "n", "a", "u", "a", "m", "m", "n", "aa", "nn", "a", "a"};
    const char *no[] = {"n", "a", "n", "u", "nn", "aa", "a", "nn", "u", "n", "id", "a"};
    for (size_t i = 0; i < 12; i += 2) {
        struct gql_tref *x = gql_type_field(s, s->query, str_c(yes[i]))->type;
        assert_true(gql_tref_is_subtype(s, x, gql_type_field(s, s->query, str_c(yes[i + 1]))->type));
        x = gql_type_field(s, s->query, str_c(no[i]))->type;
        assert_false(gql_tref_is_subtype(s, x, gql_type_field(s, s->query, str_c(no[i + 1]))->type));
    }
}

/* Chains of types as long as a text can make them. */
static void test_long_chains(void **state)
{
    struct buf sdl;
    buf_init(&sdl, 8u << 20);
    buf_add(&sdl, STR("type Query { a: Int }"));
    for (int i = 0; i < 20000; i++)
        buf_printf(&sdl, " input I%d { next: I%d! = { other: 1 } other: Int }", i, (i + 1) % 20000);
    buf_add_char(&sdl, '\0');
    struct gql_schema *s = build(sdl.p, STRICT);
    buf_free(&sdl);
    assert_null(s);
    assert_int_equal(errors.n, 2);
    assert_true(
        str_starts(errors.v[0].message, STR("Input Object I0 cannot be provided a finite value because it references "
                                            "itself through fields: I0.next, I1.next, ")));
    assert_true(
        str_starts(errors.v[1].message, STR("Invalid circular reference. The default value of Input Object field "
                                            "I0.next references itself via the default values of: I1.next, ")));
    assert_int_equal(errors.v[0].n_locs, 20000);
    assert_int_equal(errors.v[1].n_locs, 20000);
}

static void test_endless_inputs(void **state)
{
    refused("type Query { a: Int } input A { b: B! } input B { a: A! }", STRICT,
            "Input Object A cannot be provided a finite value because it references itself through fields: A.b, B.a.");
    refused("type Query { a: Int } input A { b: B = {} } input B { a: A = {} }", STRICT,
            "Invalid circular reference. The default value of Input Object field A.b references itself via the default "
            "values of: B.a.");
}

#define ITSELF " cannot reference itself through its arguments, their types and the directives on them."

static void test_directives_that_lead_to_themselves(void **state)
{
    refused("type Query { a: Int } directive @a(x: Int @a) on ARGUMENT_DEFINITION", STRICT, "Directive \"@a\"" ITSELF);
    refused("type Query { a: Int } directive @a(x: In) on INPUT_FIELD_DEFINITION input In { y: [E!] } enum E { V @a }"
            " extend enum E @b directive @b on ENUM",
            STRICT, "Directive \"@a\" may not be used on ENUM_VALUE.");
    refused("type Query { a: Int } directive @a(x: In) on ENUM_VALUE input In { y: [E!] z: In } enum E { V @b }"
            " directive @b(c: S) on ENUM_VALUE scalar S @c directive @c(x: Int @d) on SCALAR"
            " directive @d(y: E) on ARGUMENT_DEFINITION",
            STRICT, "Directive \"@b\"" ITSELF);
    assert_int_equal(errors.n, 3); /* @c and @d too, but not @a, which only leads there */
    assert_non_null(build("type Query { a: Int } directive @a(x: Int @b, y: In) on ENUM_VALUE directive @b on ARGUMENT_DEFINITION"
                          " input In { in: In n: Int @deprecated } enum E { V @a }",
                          STRICT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types_are_linked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unused_scalars_are_not_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_directives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_query, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orphan_extensions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extension_before_its_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_assume_valid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subtypes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_chains, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless_inputs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_directives_that_lead_to_themselves, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
