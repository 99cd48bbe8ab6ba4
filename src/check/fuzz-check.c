/* Any two schemas have differences that every report can tell. The text is parted by lines that begin with "---": the
 * old schema, the new one, and an operation. */
#include "base/panic.h"
#include "check/report.h"
#include "graphql/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str take_part(struct str *rest)
{
    ptrdiff_t end = str_find(*rest, STR("\n---"));
    struct str part = end < 0 ? *rest : str_sub(*rest, 0, (size_t)end);
    *rest = end < 0 ? STR("") : str_sub(*rest, (size_t)end + 4, rest->len);
    return part;
}

static const struct gql_schema *read_schema(struct arena *a, struct str sdl)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, sdl, &(struct gql_parse_options){0}, &errors);
    return doc ? gql_schema_build(a, doc, &(struct gql_schema_options){.allow_no_query = true}, &errors) : NULL;
}

static void report(const struct check *k)
{
    void (*const REPORTS[])(struct buf *, const struct check *) = {check_report_text, check_report_json,
                                                                   check_report_junit, check_report_sarif};
    for (size_t i = 0; i < sizeof REPORTS / sizeof *REPORTS; i++) {
        struct buf out;
        buf_init(&out, (size_t)64 << 20);
        REPORTS[i](&out, k);
        PB_ASSERT(out.len > 0);
        buf_free(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct str rest = str_mem(data, size);
    struct check_input from = {.path = "old", .has_places = true}, to = {.path = "new", .has_places = true};
    struct operations operations = {0};
    struct operation op = {.count = 1, .file = STR("op"), .line = 1};
    from.schema = read_schema(a, take_part(&rest));
    to.schema = read_schema(a, take_part(&rest));
    op.query = take_part(&rest);
    vec_push(a, &operations.list, &op);
    if (from.schema && to.schema) {
        struct change_vec same = diff_schemas(a, from.schema, from.schema);
        PB_ASSERT(same.n == 0);
        struct check k = check_run(a, &from, &to, &operations, &(struct check_options){0});
        report(&k);
    }
    arena_free(&a);
    return 0;
}
