/* What the oracles of test/conformance/check.test.mjs cannot say: places, order, verdicts, files, limits. */
#include "base/file.h"
#include "base/test.h"
#include "check/report.h"
#include "graphql/parser.h"

#include <sys/stat.h>
#include <unistd.h>

static struct gql_schema *schema(struct arena *a, const char *sdl)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, str_c(sdl), &(struct gql_parse_options){0}, &errors);
    struct gql_schema *s = doc ? gql_schema_build(a, doc, &(struct gql_schema_options){0}, &errors) : NULL;
    if (!s)
        fail_msg("%.*s", STR_ARG(errors.v[0].message));
    return s;
}

static struct change_vec diff(struct arena *a, const char *from, const char *to)
{
    return diff_schemas(a, schema(a, from), schema(a, to));
}

static void changes_have_places(void **state)
{
    struct arena *a = arena_new(0);
    struct change_vec c =
        diff(a, "type Query {\n  a: Int\n  gone: Int\n}", "type Query {\n  a: Int\n\n  new(n: Int): Int\n}");
    assert_int_equal(c.n, 3);
    assert_int_equal(c.v[0].kind, FIELD_REMOVED);
    assert_false(c.v[0].is_new);
    assert_int_equal(c.v[0].loc.line, 3);
    assert_int_equal(c.v[1].kind, FIELD_ADDED);
    assert_true(c.v[1].is_new);
    assert_int_equal(c.v[1].loc.line, 4);
    assert_str(c.v[2].coordinate, "Query.new(n:)");
    assert_true(c.v[2].implied);
    arena_free(&a);
}

static void directives_of_extensions_count(void **state)
{
    struct arena *a = arena_new(0);
    const char *plain = "directive @d on OBJECT\ntype Query { a: Int }";
    struct change_vec c = diff(a, plain, "directive @d on OBJECT\ntype Query { a: Int }\nextend type Query @d");
    assert_int_equal(c.n, 1);
    assert_int_equal(c.v[0].kind, DIRECTIVE_USAGE_OBJECT_ADDED);
    assert_int_equal(c.v[0].level, CHANGE_DANGEROUS);
    c = diff(a, "directive @d on OBJECT\ntype Query @d { a: Int }",
             "directive @d on OBJECT\ntype Query { a: Int }\nextend type Query @d");
    assert_int_equal(c.n, 0);
    arena_free(&a);
}

static void every_kind_is_described(void **state)
{
    for (int i = 0; i < CHANGE_KINDS; i++) {
        const struct change_about *about = change_about((enum change_kind)i);
        assert_non_null(about->name);
        assert_non_null(about->title);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(about->name, change_about((enum change_kind)k)->name);
    }
}

/* ---- verdicts ---- */

#define OLD "type Query { a: Int gone: Int e: E } enum E { A }"
#define NEW "type Query { a: Int e: E more: Int } enum E { A B }"

static struct check check_with(struct arena *a, const char *query, struct check_options options)
{
    static struct check_input from, to;
    static struct operations operations;
    from = (struct check_input){.path = "old", .schema = schema(a, OLD)};
    to = (struct check_input){.path = "new", .schema = schema(a, NEW)};
    operations = (struct operations){0};
    struct operation *op = arena_new_of(a, struct operation);
    *op = (struct operation){.query = query ? str_c(query) : STR_NONE, .count = 2};
    vec_push(a, &operations.list, op);
    return check_run(a, &from, &to, query ? &operations : NULL, &options);
}

static void verdicts(void **state)
{
    static const struct {
        const char *query;
        struct check_options options;
        enum check_fate breaking, dangerous;
        bool failed;
    } CASES[] = {
        {NULL, {0}, CHECK_FAILS, CHECK_WARNS, true},
        {"{ gone }", {0}, CHECK_FAILS, CHECK_WARNS, true},
        {"{ a }", {0}, CHECK_UNUSED, CHECK_WARNS, false},
        {"{ a }", {.strict = true}, CHECK_FAILS, CHECK_WARNS, true},
        {"{ a }", {.fail_on_dangerous = true}, CHECK_UNUSED, CHECK_WARNS, false},
        {"{ e }", {.fail_on_dangerous = true}, CHECK_UNUSED, CHECK_FAILS, true},
        {"{ a }", {.strict = true, .fail_on_dangerous = true}, CHECK_FAILS, CHECK_FAILS, true},
        {"{ nope }", {0}, CHECK_UNUSED, CHECK_WARNS, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct arena *a = arena_new(0);
        struct check k = check_with(a, CASES[i].query, CASES[i].options);
        assert_int_equal(k.changes.n, 3);
        assert_int_equal(k.changes.v[0].level, CHANGE_BREAKING);
        assert_int_equal(k.changes.v[1].level, CHANGE_DANGEROUS);
        assert_int_equal(k.changes.v[2].level, CHANGE_SAFE);
        assert_int_equal(k.fates[0], CASES[i].breaking);
        assert_int_equal(k.fates[1], CASES[i].dangerous);
        assert_int_equal(k.failed, CASES[i].failed);
        arena_free(&a);
    }
}

static void an_unchanged_schema_still_fails_for_errors(void **state)
{
    struct arena *a = arena_new(0);
    struct compose_message m = {.code = STR("X"), .message = STR("wrong")};
    struct check_input from = {.path = "old", .schema = schema(a, OLD)};
    struct check_input to = {.path = "new", .result = {.errors = &m, .n_errors = 1}};
    struct check k = check_run(a, &from, &to, NULL, &(struct check_options){0});
    struct buf out;
    buf_init(&out, 1 << 20);
    check_report_text(&out, &k);
    assert_true(k.failed);
    assert_str(buf_str(&out), "error X: wrong\n\nfailed: 1 error in the new schema\n");
    buf_free(&out);
    arena_free(&a);
}

/* ---- operations ---- */

/* Fragments that double at each step are looked at once each. */
static void nested_fragments_cost_little(void **state)
{
    struct arena *a = arena_new(0);
    struct buf query;
    buf_init(&query, 1 << 20);
    buf_add_c(&query, "{ ...F0 ...F0 }");
    for (int i = 0; i < 40; i++)
        buf_printf(&query, " fragment F%d on Query { ...F%d ...F%d }", i, i + 1, i + 1);
    buf_add_c(&query, " fragment F40 on Query { gone }");
    buf_add_char(&query, '\0');
    struct check k = check_with(a, query.p, (struct check_options){0});
    assert_int_equal(k.usage.operations[0].state, OPERATION_BROKEN);
    assert_int_equal(k.usage.changes[0].n, 1);
    buf_free(&query);
    arena_free(&a);
}

static void equal_operations_are_one(void **state)
{
    struct arena *a = arena_new(0);
    struct operations operations = {0};
    struct err err = {0};
    char path[] = "/tmp/paintbox-operations-XXXXXX";
    close(mkstemp(path));
    struct str lines = STR("{\"query\": \"{ a }\", \"count\": 9223372036854775807, \"client\": \"x\"}\n"
                           "{\"query\": \"{ a }\", \"count\": 9223372036854775807, \"client\": \"y\"}\n"
                           "{\"query\": \"{ a }\", \"count\": 9223372036854775807, \"client\": \"x\"}\n"
                           "{\"query\": \"{ a }\", \"variables\": {}, \"count\": 0}\n"
                           "{\"query\": \"{ a }\", \"operationName\": \"A\"}\n");
    assert_int_equal(file_write(path, lines, 0600, &err), 0);
    assert_int_equal(operations_read(a, path, &operations, &err), 0);
    assert_int_equal(operations.list.n, 3);
    assert_true(operations.list.v[0]->count == UINT64_MAX);
    assert_int_equal(operations.list.v[0]->clients.n, 2);
    assert_int_equal(operations.list.v[0]->line, 1);
    assert_int_equal(operations.list.v[1]->count, 0);
    unlink(path);
    arena_free(&a);
}

/* A folder that contains itself, twice. */
static void folders_end(void **state)
{
    struct arena *a = arena_new(0);
    struct operations operations = {0};
    struct err err = {0};
    char path[] = "/tmp/paintbox-operations-XXXXXX";
    assert_non_null(mkdtemp(path));
    const char *self = arena_printf(a, "%s/self", path).p, *again = arena_printf(a, "%s/again", path).p;
    assert_int_equal(symlink(path, self), 0);
    assert_int_equal(symlink(path, again), 0);
    assert_int_equal(operations_read(a, path, &operations, &err), 0);
    assert_int_equal(operations.list.n, 0);
    unlink(self);
    unlink(again);
    rmdir(path);
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(changes_have_places, directives_of_extensions_count, every_kind_is_described, verdicts,
                     an_unchanged_schema_still_fails_for_errors, nested_fragments_cost_little, equal_operations_are_one,
                     folders_end);
}
