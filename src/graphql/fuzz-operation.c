/* Any bytes as an operation of a schema that has one of everything: valid, or refused with errors, in bounded time.
 * What is valid is coerced and, as far as it asks for the schema itself, answered. */
#include "base/panic.h"
#include "graphql/introspect.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

#define TEXT_MAX (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sdl[] =
    "directive @tag(n: String, in: In) repeatable on QUERY | FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | VARIABLE_DEFINITION "
    "scalar Date enum E { A B @deprecated } input In { a: Int! = 1 b: [In!] c: Choice e: E = A } "
    "input Choice @oneOf { a: Int b: String } interface N { id: ID! n: N } interface M implements N { id: ID! n: N m: [M!] } "
    "type A implements N { id: ID! n: N a(x: Int, in: In = {a: 2}, l: [[Int!]]): A e: E u: [U!]! d: Date } "
    "type B implements M & N { id: ID! n: N m: [M!] a(x: String): String e: E! b: B } union U = A | B "
    "type Query { a(id: ID!, c: Choice): A b: B n: N u(in: [In]): U } type Mutation { a(in: In!): A } type Subscription { a: A b: B }";

static const struct gql_schema *schema(void)
{
    static struct gql_schema *s;
    if (!s) {
        struct arena *a = arena_new(0);
        struct gql_errors errors = {0};
        struct gql_document *doc = gql_parse(a, str_c(sdl), &(struct gql_parse_options){0}, &errors);
        s = gql_schema_build(a, doc, &(struct gql_schema_options){0}, &errors);
        PB_ASSERT(s);
    }
    return s;
}

static void run(struct arena *a, const struct gql_document *doc, const struct gql_definition *operation)
{
    struct gql_errors errors = {0};
    struct gql_variables vars = {0};
    if (!gql_coerce_variables(a, schema(), operation, NULL, &vars, &errors))
        return;
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (uint32_t i = 0; i < operation->selections->n; i++) {
        const struct gql_selection *field = operation->selections->items[i];
        if (field->kind == GQL_FIELD && str_starts(field->name.s, STR("__")) &&
            !str_eq(field->name.s, STR("__typename")))
            gql_introspect(&out, a, schema(), doc, field, &vars);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct gql_parse_options options = {.max_tokens = GQL_TOKENS_MAX_DEFAULT};
    struct gql_document *doc = gql_parse(a, str_mem(data, size), &options, &errors);
    if (doc) {
        bool valid = gql_validate(a, schema(), doc, &errors);
        PB_ASSERT(valid == (errors.n == 0));
        const struct gql_definition *operation = valid ? gql_document_operation(a, doc, STR_NONE, &errors) : NULL;
        if (operation)
            run(a, doc, operation);
    }
    arena_free(&a);
    return 0;
}
