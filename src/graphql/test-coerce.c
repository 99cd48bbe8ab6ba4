/* What wrong input costs: the errors of a request are few, whatever it is made of. */
#include "base/test.h"

#include "base/buf.h"
#include "base/timestamp.h"
#include "graphql/coerce.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

#define MEMBERS 20000
#define BYTES_MAX (24u << 20) /* of the arena, for inputs below 1 MB */

static const char SDL[] =
    "type Query { q(in: In, list: [Int], ones: [One], colors: [Color]): Int } input In { n: Int s: String! } "
    "enum Color { RED GREEN } input One @oneOf { a: Int b: Int }";

static struct arena *arena;
static struct gql_schema *schema;
static struct gql_errors errors;
static struct buf text;

static int setup(void **state)
{
    arena = arena_new(0);
    errors = (struct gql_errors){0};
    buf_init(&text, 4u << 20);
    struct gql_document *doc = gql_parse(arena, str_c(SDL), NULL, &errors);
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

/* Takes `text` for the variables of an operation. Bytes that its coercion took. */
static size_t coerce(const char *operation, bool good)
{
    struct err err;
    struct gql_variables vars;
    struct gql_document *doc = gql_parse(arena, str_c(operation), NULL, &errors);
    assert_non_null(doc);
    struct json *given = json_parse(arena, buf_str(&text), &err);
    if (!given)
        fail_msg("%s", err.msg);
    size_t before = arena_used(arena);
    assert_int_equal(gql_coerce_variables(arena, schema, doc->definitions[0], given, &vars, &errors), good);
    return arena_used(arena) - before;
}

static void assert_too_many(size_t used)
{
    assert_int_equal(errors.n, GQL_COERCE_ERRORS_MAX + 1);
    assert_str(errors.v[GQL_COERCE_ERRORS_MAX].message,
               "Too many errors processing variables, error limit reached. Execution aborted.");
    assert_in_range(used, 0, BYTES_MAX);
}

static void repeat(const char *before, const char *fmt, const char *after)
{
    buf_add_c(&text, before);
    for (int i = 0; i < MEMBERS; i++) {
        buf_add_c(&text, i ? "," : "");
        buf_printf(&text, fmt, i);
    }
    buf_add_c(&text, after);
}

static void test_unknown_fields(void **state)
{
    repeat("{\"v\":{", "\"unknown%d\":0", "}}");
    assert_too_many(coerce("query ($v: In) { q(in: $v) }", false));
}

static void test_wrong_items(void **state)
{
    repeat("{\"v\":[", "\"wrong%d\"", "]}");
    assert_too_many(coerce("query ($v: [Int]) { q(list: $v) }", false));
}

static void test_wrong_enum_values(void **state)
{
    repeat("{\"v\":[", "\"GREEM%d\"", "]}");
    assert_too_many(coerce("query ($v: [Color]) { q(colors: $v) }", false));
}

static void test_wrong_one_ofs(void **state)
{
    repeat("{\"v\":[", "{\"a\":%d,\"b\":1}", "]}");
    assert_too_many(coerce("query ($v: [One]) { q(ones: $v) }", false));
}

/* Each variable is looked for among all members. */
static void test_many_variables_many_members(void **state)
{
    static char operation[3500 * 16 + 100];
    size_t n = (size_t)snprintf(operation, sizeof operation, "query (");
    for (int i = 0; i < 3500; i++)
        n += (size_t)snprintf(operation + n, sizeof operation - n, "$v%06d:Int ", i);
    snprintf(operation + n, sizeof operation - n, ") { q }");
    buf_add_c(&text, "{\"v003499\":7");
    for (int i = 0; i < 200000; i++)
        buf_printf(&text, ",\"w%06d\":0", i);
    buf_add_c(&text, "}");
    int64_t begin = clock_monotonic_us();
    coerce(operation, true);
    assert_true(clock_monotonic_us() - begin < 2 * US_PER_SEC);
}

static void validate(void)
{
    struct gql_document *doc =
        gql_parse(arena, buf_str(&text), &(struct gql_parse_options){GQL_TOKENS_MAX_DEFAULT}, &errors);
    assert_non_null(doc);
    size_t before = arena_used(arena);
    assert_false(gql_validate(arena, schema, doc, &errors));
    assert_int_equal(errors.n, GQL_ERRORS_MAX + 1);
    assert_in_range(arena_used(arena) - before, 0, BYTES_MAX);
}

static void test_unknown_fields_of_a_literal(void **state)
{
    buf_add_c(&text, "{ q(in: {s: \"\"");
    for (int i = 0; i < 4900; i++)
        buf_printf(&text, " unknown_field_number_%d: 1", i);
    buf_add_c(&text, "}) }");
    validate();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unknown_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_items, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_enum_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_one_ofs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_variables_many_members, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_fields_of_a_literal, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
