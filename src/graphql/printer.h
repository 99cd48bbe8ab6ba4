/* Tree → text. Output is what graphql-js `print()` gives, so that documents can be compared as text; `compact` gives
 * the shortest text with the same meaning, for requests to subgraphs. */
#ifndef PAINTBOX_GRAPHQL_PRINTER_H
#define PAINTBOX_GRAPHQL_PRINTER_H

#include "base/buf.h"
#include "graphql/ast.h"

enum gql_print_style { GQL_PRINT_PRETTY, GQL_PRINT_COMPACT };

void gql_print_document(struct buf *out, const struct gql_document *doc, enum gql_print_style style);
void gql_print_definition(struct buf *out, const struct gql_definition *def, enum gql_print_style style);
void gql_print_selection_set(struct buf *out, const struct gql_selection_set *set, enum gql_print_style style);
void gql_print_value(struct buf *out, const struct gql_value *value);
void gql_print_type_ref(struct buf *out, const struct gql_type_ref *type);
void gql_print_directives(struct buf *out, const struct gql_directive_list *directives);
/* A description or string in quotes, as a block when `block`. */
void gql_print_string(struct buf *out, struct str s, bool block);

#endif
