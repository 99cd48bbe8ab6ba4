/* What coerce.c (literals) and coerce_variables.c (JSON) share; private to the room. */
#ifndef PAINTBOX_GRAPHQL_COERCE_VALUE_H
#define PAINTBOX_GRAPHQL_COERCE_VALUE_H

#include "graphql/coerce.h"

/* JSON that no text stands behind: `raw` stays empty. */
struct json *gql_json_new(struct arena *a, enum json_kind kind, struct str text);
struct json *gql_json_object(struct arena *a, uint32_t max); /* no members yet */
struct json *gql_json_array(struct arena *a, uint32_t n);    /* n items, to be set */
void gql_json_add(struct json *object, struct str name, struct json *value);

/* The default as a value; NULL without one. */
struct json *gql_coerce_default(struct arena *a, const struct gql_input *input);

#endif
