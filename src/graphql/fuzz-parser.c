/* Any bytes become a document or one error. The compact text of a document reads back as a document with the same text. */
#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/printer.h"

#define TEXT_MAX (256u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gql_document *parse(struct arena *a, struct str text)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    PB_ASSERT(errors.n == (doc == NULL));
    return doc;
}

static void check_document(struct arena *a, const struct gql_document *doc)
{
    struct buf pretty, compact, again;
    buf_init(&pretty, TEXT_MAX);
    buf_init(&compact, TEXT_MAX);
    buf_init(&again, TEXT_MAX);
    gql_print_document(&pretty, doc, GQL_PRINT_PRETTY);
    gql_print_document(&compact, doc, GQL_PRINT_COMPACT);
    struct gql_document *copy = parse(a, buf_str(&compact));
    PB_ASSERT(copy && copy->n == doc->n);
    gql_print_document(&again, copy, GQL_PRINT_COMPACT);
    PB_ASSERT(str_eq(buf_str(&again), buf_str(&compact)));
    buf_free(&pretty);
    buf_free(&compact);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct str text = str_mem(data, size);
    struct gql_document *doc = parse(a, text);
    if (doc)
        check_document(a, doc);
    gql_parse_field_set(a, text, &errors);
    gql_parse_const_value(a, text, &errors);
    gql_parse_type_ref(a, text, &errors);
    arena_free(&a);
    return 0;
}
