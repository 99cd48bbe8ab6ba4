/* Any document becomes a schema or errors. The printed text of a schema builds a schema with the same text. */
#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/schema.h"

#define TEXT_MAX (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gql_schema *build(struct arena *a, struct str text, const struct gql_schema_options *options)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    struct gql_schema *s = doc ? gql_schema_build(a, doc, options, &errors) : NULL;
    PB_ASSERT((s != NULL) == (errors.n == 0));
    return s;
}

static void check_schema(struct arena *a, const struct gql_schema *s, const struct gql_schema_options *options)
{
    struct buf text, again;
    buf_init(&text, TEXT_MAX);
    buf_init(&again, TEXT_MAX);
    gql_schema_print(&text, s, true);
    if (text.len) {
        struct gql_schema *copy = build(a, buf_str(&text), options);
        PB_ASSERT(copy);
        gql_schema_print(&again, copy, true);
        PB_ASSERT(str_eq(buf_str(&again), buf_str(&text)));
    }
    buf_free(&text);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gql_schema_options modes[] = {
        {0}, {.allow_unknown_directives = true, .allow_no_query = true, .allow_orphan_extensions = true}};
    for (size_t i = 0; i < PB_ARRAY_LEN(modes); i++) {
        struct arena *a = arena_new(0);
        struct gql_schema *s = build(a, str_mem(data, size), &modes[i]);
        if (s)
            check_schema(a, s, &modes[i]);
        arena_free(&a);
    }
    return 0;
}
