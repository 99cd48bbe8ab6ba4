#include "federation/supergraph.h"

#include "base/test.h"

#define MACHINERY                                                                                 \
    "directive @join__graph(name: String!, url: String!) on ENUM_VALUE\n"                         \
    "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT\n" \
    "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION\n"    \
    "scalar join__FieldSet\n"                                                                     \
    "enum join__Graph { A @join__graph(name: \"a\", url: \"http://a\") B @join__graph(name: \"b\", url: \"\") }\n"

#define JOIN "@link(url: \"https://specs.apollo.dev/join/v0.5\", for: EXECUTION)"

static const char TEXT[] =
    "schema @link(url: \"https://specs.apollo.dev/link/v1.0\") " JOIN
    " @link(url: \"https://specs.apollo.dev/inaccessible/v0.2\", import: [{name: \"@inaccessible\", as: \"@hidden\"}], for: SECURITY)"
    " @link(url: \"https://specs.apollo.dev/authenticated/v0.1\", for: SECURITY)"
    " @link(url: \"https://specs.apollo.dev/requiresScopes/v0.1\", for: SECURITY) { query: Query }\n" MACHINERY
    "type Query @join__type(graph: A) @join__type(graph: B) { t: T @join__field(graph: A) any: Any @join__field(graph: B) }\n"
    "type T implements I @join__implements(graph: A, interface: \"I\") @join__type(graph: A, key: \"id\")"
    " @join__type(graph: A, key: \"org { id }\", resolvable: false) @join__type(graph: B, key: \"id\", extension: true) {\n"
    "  id: ID!\n"
    "  org: T @join__field(graph: A)\n"
    "  name: String @join__field(graph: A, type: \"String!\") @join__field(graph: B, external: true)\n"
    "  long: String @join__field(graph: B, requires: \"name\") @requiresScopes(scopes: [[\"b\", \"a\"], [\"c\"]])\n"
    "  same: String @join__field(graph: A) @requiresScopes(scopes: [[\"a\", \"b\"], [\"c\"]])\n"
    "  old: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: \"a\")\n"
    "  share: Int @join__field(graph: A, overrideLabel: \"percent(12.5)\") @join__field(graph: B, override: \"a\", overrideLabel: \"percent(12.5)\")\n"
    "  named: Int @join__field(graph: A, overrideLabel: \"percent(x)\") @join__field(graph: B, override: \"a\", overrideLabel: \"percent(x)\")\n"
    "  by: Int @join__field\n"
    "  secret(x: Int @hidden, y: Int): Int @join__field(graph: A) @hidden\n"
    "  open(x: Int @hidden, y: Int): Int @join__field(graph: A)\n"
    "}\n"
    "interface I @join__type(graph: A, key: \"id\") @join__type(graph: B, key: \"id\", isInterfaceObject: true) { id: ID! by: Int @join__field(graph: B) }\n"
    "type U @join__type(graph: B) @authenticated { n: Int }\n"
    "type Gone @join__type(graph: B) @hidden { n: Int }\n"
    "union Any @join__type(graph: B) @join__unionMember(graph: B, member: \"U\") @join__unionMember(graph: B, member: \"Gone\") = U | Gone\n";

struct fixture {
    struct arena *a;
    struct gql_errors errors;
    struct supergraph *s;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->a = arena_new(0);
    f->s = supergraph_load(str_c(TEXT), f->a, &f->errors);
    if (!f->s)
        print_error("%.*s\n", STR_ARG(f->errors.v[0].message));
    *state = f;
    return f->s ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    supergraph_unref(&f->s);
    arena_free(&f->a);
    free(f);
    return 0;
}

static const struct sg_field *field(struct fixture *f, const char *type, const char *name)
{
    const struct gql_type *t = gql_schema_type(f->s->full, str_c(type));
    const struct gql_field *field = map_get(&t->field_by_name, str_c(name));
    return supergraph_field(f->s, field);
}

static const struct sg_type *type(struct fixture *f, const char *name)
{
    return &f->s->types[gql_schema_type(f->s->full, str_c(name))->id];
}

static void names_the_subgraphs(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->s->n_subgraphs, 2);
    assert_str(f->s->subgraphs[0].name, "a");
    assert_str(f->s->subgraphs[0].url, "http://a");
    assert_str(f->s->subgraphs[1].enum_name, "B");
}

static void knows_the_keys(void **state)
{
    const struct sg_type *t = type(*state, "T");
    assert_int_equal(t->n_keys, 3);
    assert_str(t->keys[1].text, "org { id }");
    assert_false(t->keys[1].resolvable);
    assert_str(t->keys[1].fields->items[0]->selections->items[0]->name.s, "id");
    assert_int_equal(t->keys[2].subgraph, 1);
    assert_true(bits_has(type(*state, "I")->interface_object, 1));
    assert_false(bits_has(type(*state, "I")->interface_object, 0));
}

static void reads_labels(void **state)
{
    const struct supergraph *s = ((struct fixture *)*state)->s;
    const struct sg_field *share = field(*state, "T", "share");

    assert_int_equal(s->n_labels, 2);
    assert_int_equal(sg_field_in(share, 0)->label, sg_field_in(share, 1)->label);
    assert_null(sg_field_in(share, 0)->override_from.p);
    assert_str(s->labels[sg_field_in(share, 0)->label].text, "percent(12.5)");
    assert_true(s->labels[sg_field_in(share, 0)->label].percent == 12.5);
    assert_true(s->labels[sg_field_in(field(*state, "T", "named"), 1)->label].percent < 0);
}

static void knows_who_resolves_what(void **state)
{
    const struct sg_field *id = field(*state, "T", "id"), *name = field(*state, "T", "name");
    assert_int_equal(id->n_joins, 2);
    assert_int_equal(name->n_joins, 2);
    assert_int_equal(sg_field_in(name, 0)->type->kind, GQL_REF_NON_NULL);
    assert_true(sg_field_in(name, 1)->external);
    assert_false(sg_field_in(name, 1)->key_external);
    assert_non_null(sg_field_in(field(*state, "T", "long"), 1)->requires);
    assert_null(sg_field_in(field(*state, "T", "long"), 0));
    assert_true(sg_field_in(field(*state, "T", "old"), 0)->overridden);
    assert_str(sg_field_in(field(*state, "T", "old"), 1)->override_from, "a");
    assert_int_equal(sg_field_in(field(*state, "T", "old"), 1)->label, -1);
    assert_int_equal(field(*state, "T", "by")->n_joins, 0);
    assert_true(bits_has(type(*state, "I")->possible_in[0], type(*state, "T")->type->id));
    assert_int_equal(bits_count(type(*state, "Any")->possible_in[1]), 2);
    assert_null(type(*state, "Any")->possible_in[0]);
}

static void hides_what_is_inaccessible(void **state)
{
    struct fixture *f = *state;
    const struct gql_type *t = gql_schema_type(f->s->api, STR("T"));
    assert_null(gql_schema_type(f->s->api, STR("Gone")));
    assert_null(gql_schema_type(f->s->api, STR("join__Graph")));
    assert_null(gql_schema_type(f->s->full, STR("join__FieldSet")));
    assert_null(map_get(&t->field_by_name, STR("secret")));
    const struct gql_field *open = map_get(&t->field_by_name, STR("open"));
    assert_int_equal(open->n_args, 1);
    assert_str(open->args[0].name, "y");
    assert_int_equal(gql_schema_type(f->s->api, STR("Any"))->members.n, 1);
    assert_true(field(*state, "T", "secret")->inaccessible);
}

static void shares_equal_requirements(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(f->s->n_auth, 2);
    assert_int_equal(field(f, "T", "long")->auth, field(f, "T", "same")->auth);
    assert_int_equal(field(f, "T", "id")->auth, -1);
    const struct sg_auth *scopes = &f->s->auth[field(f, "T", "long")->auth];
    assert_int_equal(scopes->n_any_of, 2);
    assert_str(scopes->any_of[0].scopes[0], "a");
    assert_true(f->s->auth[field(f, "U", "n")->auth].authenticated);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *code, *part;
    } cases[] = {
        {"type Query {", "GRAPHQL_PARSE_FAILED", "Syntax Error"},
        {"type Query { a: Int }", "INVALID_FEDERATION_SUPERGRAPH", "is no supergraph"},
        {"schema @link(url: \"https://specs.apollo.dev/join/v9.0\") { query: Query } type Query { a: Int }",
         "INVALID_FEDERATION_SUPERGRAPH", "v9.0"},
        {"schema " JOIN
         " @link(url: \"https://example.com/lock/v1.0\", for: SECURITY) { query: Query } type Query { a: Int }",
         "UNSUPPORTED_LINKED_FEATURE", "example.com/lock"},
        {"schema " JOIN
         " @link(url: \"https://example.com/policy/v1.0\", for: SECURITY) { query: Query } type Query { a: Int }",
         "UNSUPPORTED_LINKED_FEATURE", "example.com/policy"},
        {"schema @link(url: \"https://example.com/join/v0.3\") { query: Query } type Query { a: Int }",
         "INVALID_FEDERATION_SUPERGRAPH", "is no supergraph"},
        {"schema " JOIN " { query: Query } type Query { a: Int }", "INVALID_FEDERATION_SUPERGRAPH",
         "names no subgraphs"},
        {"schema " JOIN " { query: Query } " MACHINERY
         "type Query @join__type(graph: C) { a: Int }",
         "INVALID_FEDERATION_SUPERGRAPH", "subgraph C"},
        {"schema " JOIN " { query: Query } " MACHINERY
         "type Query @join__type(graph: A, key: \"{\") { a: Int }",
         "INVALID_FEDERATION_SUPERGRAPH", "is no selection of fields"},
        {"schema " JOIN " { query: Query } " MACHINERY
         "type Query @join__type(graph: A) { a: Int @join__field(graph: A, type: \"Nope\") }",
         "INVALID_FEDERATION_SUPERGRAPH", "Nope"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *a = arena_new(0);
        struct gql_errors errors = {0};
        assert_null(supergraph_load(str_c(cases[i].text), a, &errors));
        assert_true(errors.n > 0);
        assert_str(errors.v[0].code, cases[i].code);
        if (str_find(errors.v[0].message, str_c(cases[i].part)) < 0)
            assert_str(errors.v[0].message, cases[i].part);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_subgraphs),       cmocka_unit_test(knows_the_keys),
        cmocka_unit_test(knows_who_resolves_what),   cmocka_unit_test(hides_what_is_inaccessible),
        cmocka_unit_test(reads_labels),
        cmocka_unit_test(shares_equal_requirements), cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("supergraph", tests, set_up, tear_down);
}
