#include "planner/planner.h"

#include "base/test.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

static const char TEXT[] =
    "schema @link(url: \"https://specs.apollo.dev/link/v1.0\")"
    " @link(url: \"https://specs.apollo.dev/join/v0.5\", for: EXECUTION)"
    " @link(url: \"https://specs.apollo.dev/authenticated/v0.1\", for: SECURITY)"
    " { query: Query mutation: Mutation }\n"
    "directive @join__graph(name: String!, url: String!) on ENUM_VALUE\n"
    "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT\n"
    "enum join__Graph { A @join__graph(name: \"a\", url: \"\") B @join__graph(name: \"b-1\", url: \"\") }\n"
    "type Query @join__type(graph: A) @join__type(graph: B) {\n"
    "  t(id: ID!): T @join__field(graph: A)\n"
    "  all: [I!]! @join__field(graph: A)\n"
    "  lost: Lost @join__field(graph: A)\n"
    "}\n"
    "type Mutation @join__type(graph: A) @join__type(graph: B) {\n"
    "  a(n: Int): T @join__field(graph: A) b: Int @join__field(graph: B) }\n"
    "interface I @join__type(graph: A) { id: ID! size: Int }\n"
    "type T implements I @join__implements(graph: A, interface: \"I\") @join__type(graph: A, key: \"id\") @join__type(graph: B, key: \"id\") {\n"
    "  id: ID!\n"
    "  size: Int @join__field(graph: A) @join__field(graph: B, external: true)\n"
    "  kind: Kind @join__field(graph: B)\n"
    "  area: Float! @join__field(graph: B, requires: \"size\")\n"
    "  secret: String @join__field(graph: B) @authenticated\n"
    "  tags(first: Int): [[String]] @join__field(graph: A)\n"
    "}\n"
    "type S implements I @join__implements(graph: A, interface: \"I\") @join__type(graph: A) { id: ID! size: Int }\n"
    "type Lost @join__type(graph: A) @join__type(graph: B) { here: Int @join__field(graph: A) gone: Int @join__field(graph: B) }\n"
    "enum Kind @join__type(graph: B) { BIG SMALL }\n";

struct fixture {
    struct arena *a;
    struct supergraph *s;
    struct planner *planner;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct gql_errors errors = {0};
    f->a = arena_new(0);
    f->s = supergraph_load(str_c(TEXT), f->a, &errors);
    if (!f->s) {
        print_error("%.*s\n", STR_ARG(errors.v[0].message));
        return -1;
    }
    f->planner = planner_new(f->s);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    planner_free(&f->planner);
    supergraph_unref(&f->s);
    arena_free(&f->a);
    free(f);
    return 0;
}

static const struct gql_definition *operation_of(struct fixture *f, const char *text,
                                                 struct gql_document **doc)
{
    struct gql_errors errors = {0};
    *doc = gql_parse(f->a, str_c(text), &(struct gql_parse_options){0}, &errors);
    assert_non_null(*doc);
    if (!gql_validate(f->a, f->s->api, *doc, &errors))
        assert_str(errors.v[0].message, "valid");
    return gql_document_operation(f->a, *doc, STR_NONE, &errors);
}

static struct plan *plan_with(struct fixture *f, const char *text, const char *variables,
                              const struct bits *auth)
{
    struct gql_document *doc;
    struct gql_variables vars = {0};
    struct gql_errors errors = {0};
    struct err err;
    const struct gql_definition *op = operation_of(f, text, &doc);
    struct json *given = variables ? json_parse(f->a, str_c(variables), &err) : NULL;

    assert_true(gql_coerce_variables(f->a, f->s->api, op, given, &vars, &errors));
    struct plan_request request = {.document = doc, .operation = op, .variables = &vars, .auth = auth};
    struct plan *p = planner_plan(f->planner, &request, f->a, &errors);
    if (!p)
        assert_str(errors.v[0].message, "a plan");
    return p;
}

static struct plan *plan_of(struct fixture *f, const char *text)
{
    return plan_with(f, text, NULL, NULL);
}

static void lays_out_what_it_fetches(void **state)
{
    struct plan *p = plan_of(*state, "query Big { t(id: 1) { kind x: area } }");
    assert_int_equal(p->n_fetches, 2);
    assert_int_equal(p->depth, 2);

    const struct plan_fetch *root = &p->fetches[0], *more = &p->fetches[1];
    assert_str(root->document, "query Big__a__0{t(id:1){id size}}");
    assert_str(root->document_json, "\"query Big__a__0{t(id:1){id size}}\"");
    assert_str(more->document,
               "query Big__b_1__1($representations:[_Any!]!){_entities(representations:"
               "$representations){...on T{kind area}}}");
    assert_int_equal(more->n_after, 1);

    const struct plan_layout *t = p->layouts[0]->slots[0].child;
    assert_ptr_equal(more->entities[0].target, t);
    assert_true(t->is_target);
    assert_str(t->concrete->name, "T");
    assert_int_equal(t->n_slots, 4);
    assert_int_equal(root->shape->fields[0].child->n_fields, 2);
    assert_false(root->shape->fields[0].child->has_typename);
    const struct plan_slot *kind = &t->slots[more->entities[0].shape->fields[0].slot];
    assert_int_equal(kind->leaf, PLAN_LEAF_ENUM);
    assert_str(kind->named->name, "Kind");
    plan_unref(&p);
}

static void represents_key_and_required_fields(void **state)
{
    struct plan *p = plan_of(*state, "{ t(id: 1) { area } }");
    const struct plan_rep *rep = &p->fetches[1].entities[0].reps[0];
    assert_int_equal(p->fetches[1].entities[0].n_reps, 1);
    assert_str(rep->typename_json, "\"T\"");
    assert_true(rep->with_typename);
    assert_int_equal(rep->n_fields, 2);
    assert_str(rep->fields[0].key_json, "\"id\":");
    assert_false(rep->fields[0].nullable);
    assert_str(rep->fields[1].key_json, "\"size\":");
    assert_true(rep->fields[1].nullable);
    assert_null(p->fetches[0].operation_name.p);
    plan_unref(&p);
}

static void writes_per_runtime_type(void **state)
{
    struct plan *p = plan_of(*state, "{ all { size ... on T { __typename kind } } }");
    const struct plan_output_field *all = &p->output->variants[0].fields[0];
    assert_int_equal(all->type->kind, GQL_REF_NON_NULL);
    assert_str(all->coordinate, "Query.all");
    assert_int_equal(all->child->n_variants, 2); /* T and S */
    assert_int_equal(all->child->variants[0].n_fields, 3);
    assert_int_equal(all->child->variants[0].fields[1].kind, PLAN_OUT_TYPENAME);
    assert_int_equal(all->child->variants[1].n_fields, 1);
    assert_str(p->fetches[0].document, "{all{__typename size ...on T{id}}}");
    assert_true(p->fetches[0].shape->fields[0].child->has_typename);
    assert_true(bits_has(p->fetches[1].entities[0].reps[0].types,
                         gql_schema_type(p->supergraph->full, STR("T"))->id));
    plan_unref(&p);
}

static void gives_other_arguments_another_slot(void **state)
{
    struct plan *p =
        plan_of(*state, "query($n: Int) { t(id: 1) { tags a: tags(first: 1) b: tags(first: 1) "
                        "c: tags(first: $n) } }");
    const struct plan_layout *t = p->layouts[0]->slots[0].child;
    assert_str(p->fetches[0].document,
               "query($n:Int){t(id:1){tags tags_1:tags(first:1)tags_2:tags(first:$n)}}");
    assert_int_equal(t->n_slots, 3);
    assert_int_equal(t->slots[0].list_depth, 2);
    assert_int_equal(p->fetches[0].n_variables, 1);
    const struct plan_output_variant *v = &p->output->variants[0].fields[0].child->variants[0];
    assert_int_equal(v->n_fields, 4);
    assert_int_equal(v->fields[1].slot, v->fields[2].slot);
    plan_unref(&p);
}

static void refuses_fields_of_the_caller(void **state)
{
    struct fixture *f = *state;
    struct bits *none = bits_new(f->a, f->s->n_auth), *used = bits_new(f->a, f->s->n_auth);
    struct gql_document *doc;
    struct plan *p = plan_with(f, "{ t(id: 1) { id secret } }", NULL, none);
    assert_int_equal(p->n_fetches, 1);
    const struct plan_output_variant *v = &p->output->variants[0].fields[0].child->variants[0];
    assert_int_equal(v->fields[1].kind, PLAN_OUT_REFUSED);
    assert_str(v->fields[1].coordinate, "T.secret");
    plan_unref(&p);

    const struct gql_definition *op =
        operation_of(f, "{ all { ...F } } fragment F on T { secret }", &doc);
    planner_auth_used(f->planner, doc, op, used);
    assert_int_equal(bits_count(used), 1);
}

static void folds_conditions(void **state)
{
    struct fixture *f = *state;
    struct gql_document *doc;
    struct str *names;
    const char *text =
        "query($y: Boolean!, $n: Boolean = false) { t(id: 1) { id kind @include(if: $n) ... "
        "@skip(if: $y) { area } size @include(if: $y) } }";
    struct plan *p = plan_with(f, text, "{\"y\": true}", NULL);
    assert_int_equal(p->n_fetches, 1);
    assert_str(p->fetches[0].document, "{t(id:1){id size}}");
    plan_unref(&p);
    const struct gql_definition *op = operation_of(f, text, &doc);
    assert_int_equal(planner_condition_variables(f->a, doc, op, false, &names), 2);
    assert_str(names[0], "n");
    assert_str(names[1], "y");
}

static void leaves_introspection_to_the_router(void **state)
{
    struct plan *p = plan_of(*state, "{ __typename s: __schema { queryType { name } } }");
    assert_int_equal(p->n_fetches, 0);
    assert_int_equal(p->depth, 0);
    assert_int_equal(p->output->variants[0].fields[0].kind, PLAN_OUT_TYPENAME);
    assert_int_equal(p->output->variants[0].fields[1].kind, PLAN_OUT_INTROSPECTION);
    assert_str(p->output->variants[0].fields[1].key_json, "\"s\":");
    plan_unref(&p);
}

static struct plan *plan_in_parts(struct fixture *f, const char *text)
{
    struct gql_errors errors = {0};
    struct gql_document *doc =
        gql_parse(f->a, str_c(text), &(struct gql_parse_options){0}, &errors);
    struct plan_request request = {.document = doc,
                                   .operation = doc->definitions[0],
                                   .variables = &(struct gql_variables){0},
                                   .incremental = true};
    struct plan *p = planner_plan(f->planner, &request, f->a, &errors);
    assert_non_null(p);
    return p;
}

static void fetches_what_is_deferred_later(void **state)
{
    struct plan *p = plan_in_parts(*state, "{ t(id: 1) { size ... @defer(label: \"x\") { tags "
                                           "... @defer { kind size } } } }");
    assert_int_equal(p->n_parts, 3);
    assert_str(p->parts[1].label, "x");
    assert_str(p->parts[1].path, "t");
    assert_null(p->parts[2].label.p);
    assert_int_equal(p->parts[2].parent, 1);
    assert_int_equal(p->n_fetches, 3);
    assert_str(p->fetches[0].document, "{t(id:1){size id}}");
    assert_int_equal(p->fetches[1].part, 1);
    assert_int_equal(p->fetches[1].subgraph, p->fetches[0].subgraph);
    assert_int_equal(p->fetches[2].part, 2);

    const struct plan_output_variant *v = &p->output->variants[0].fields[0].child->variants[0];
    assert_int_equal(v->n_fields, 3);
    assert_int_equal(v->fields[0].share, 0); /* size: not deferred wins */
    assert_int_equal(p->shares[v->fields[1].share].parts[0], 1);
    assert_int_equal(p->shares[v->fields[2].share].parts[0], 2);
    assert_int_equal(v->n_parts, 2);

    struct buf out;
    buf_init(&out, 1u << 16);
    plan_print(&out, p);
    assert_true(str_find(buf_str(&out), STR("the initial response takes 1 fetch, depth 1")) >= 0);
    assert_true(str_find(buf_str(&out), STR("Part 1 \"x\" at t: 1 fetch\n  answers { t { tags } }")) >=
                0);
    buf_free(&out);
    plan_unref(&p);
}

static void keeps_mutations_in_order(void **state)
{
    struct plan *p =
        plan_of(*state, "mutation { a(n: 1) { kind } b c: a(n: 1) { id } d: a(n: 1) { id } }");
    assert_int_equal(p->n_fetches, 4);
    assert_int_equal(p->depth, 4);
    assert_str(p->fetches[0].document, "mutation{a(n:1){id}}");
    assert_str(p->fetches[2].document, "mutation{b}");
    assert_int_equal(p->fetches[2].n_after, 2);
    assert_str(p->fetches[3].document, "mutation{a(n:1){id}a_1:a(n:1){id}}");
    plan_unref(&p);
}

static bool root_is_verbatim(struct fixture *f, const char *operation)
{
    struct plan *p = plan_with(f, operation, NULL, NULL);
    bool verbatim = p->fetches[0].shape->fields[0].verbatim != NULL;
    plan_unref(&p);
    return verbatim;
}

static void knows_what_can_be_written_as_it_stands(void **state)
{
    assert_true(root_is_verbatim(*state, "{ t(id: 1) { size id tags } }"));
    assert_true(root_is_verbatim(*state, "{ t(id: 1) { size ...F } } fragment F on T { id size }"));
    assert_false(root_is_verbatim(*state, "{ t(id: 1) { size number: id } }"));  /* another name */
    assert_false(root_is_verbatim(*state, "{ t(id: 1) { __typename size } }"));  /* known without asking */
    assert_false(root_is_verbatim(*state, "{ t(id: 1) { id kind } }"));          /* two subgraphs */
    assert_false(root_is_verbatim(*state, "{ t(id: 1) { size area } }"));        /* read by @requires */
    assert_false(root_is_verbatim(*state, "{ all { id size } }"));               /* several runtime types */
    assert_true(root_is_verbatim(*state, "{ x: t(id: 1) { size } y: t(id: 1) { id size } }")); /* asked for apart */
}

static void keeps_clear_of_the_clients_variables(void **state)
{
    struct plan *p =
        plan_with(*state, "query($representations: ID!) { t(id: $representations) { kind } }",
                  "{\"representations\": 1}", NULL);
    assert_str(p->fetches[1].entities[0].variable, "_representations");
    plan_unref(&p);
}

static void says_what_cannot_be_resolved(void **state)
{
    struct fixture *f = *state;
    struct gql_document *doc;
    struct gql_errors errors = {0};
    const struct gql_definition *op = operation_of(f, "{ lost { here gone } }", &doc);
    struct plan_request request = {.document = doc, .operation = op, .variables = &(struct gql_variables){0}};
    assert_null(planner_plan(f->planner, &request, f->a, &errors));
    assert_str(errors.v[0].code, "QUERY_PLANNING_FAILED");
    assert_true(str_find(errors.v[0].message, STR("Lost.gone")) >= 0);
}

static void outlives_the_operation_and_the_planner(void **state)
{
    struct fixture *f = *state;
    struct planner *planner = planner_new(f->s);
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct gql_document *doc =
        gql_parse(a, STR("query Q { t(id: 1) { id } }"), &(struct gql_parse_options){0}, &errors);
    struct plan_request request = {.document = doc,
                                   .operation = doc->definitions[0],
                                   .variables = &(struct gql_variables){0}};
    struct plan *p = planner_plan(planner, &request, a, &errors);
    arena_free(&a);
    planner_free(&planner);
    struct plan *second = plan_ref(p);
    plan_unref(&p);
    assert_null(p);
    assert_str(second->operation->name.s, "Q");
    assert_str(second->output->variants[0].fields[0].selection->name.s, "t");

    struct buf out;
    buf_init(&out, 1u << 16);
    plan_print(&out, second);
    assert_true(str_find(buf_str(&out), STR("1 fetch, depth 1")) >= 0);
    buf_clear(&out);
    plan_print_json(&out, second);
    assert_true(str_find(buf_str(&out), STR("\"subgraph\":\"a\"")) >= 0);
    buf_free(&out);
    plan_unref(&second);
}

static void prints_for_people(void **state)
{
    struct plan *p =
        plan_of(*state, "query All($n: Int) { all { ... on T { kind area tags(first: $n) } ... on S { size } id } }");
    struct buf out;
    buf_init(&out, 1u << 16);
    plan_print(&out, p);
    assert_str(buf_str(&out), "query All: 2 fetches, depth 2\n"
                              "  step 1\n"
                              "    [0] a: fields of the query\n"
                              "      gets  { all { id ... on T { tags size* } ... on S { size_1: size } } }\n"
                              "  step 2\n"
                              "    [1] b-1, after [0]: T by key, with what area requires; T by key\n"
                              "      at    all.@\n"
                              "      sends T { id size }\n"
                              "      gets  { kind area }\n"
                              "\n* not in the response: a key, or what a later fetch requires\n");
    buf_free(&out);
    plan_unref(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_out_what_it_fetches),
        cmocka_unit_test(represents_key_and_required_fields),
        cmocka_unit_test(writes_per_runtime_type),
        cmocka_unit_test(gives_other_arguments_another_slot),
        cmocka_unit_test(refuses_fields_of_the_caller),
        cmocka_unit_test(folds_conditions),
        cmocka_unit_test(leaves_introspection_to_the_router),
        cmocka_unit_test(fetches_what_is_deferred_later),
        cmocka_unit_test(keeps_mutations_in_order),
        cmocka_unit_test(knows_what_can_be_written_as_it_stands),
        cmocka_unit_test(keeps_clear_of_the_clients_variables),
        cmocka_unit_test(says_what_cannot_be_resolved),
        cmocka_unit_test(prints_for_people),
        cmocka_unit_test(outlives_the_operation_and_the_planner),
    };
    return cmocka_run_group_tests_name("planner", tests, set_up, tear_down);
}
