/* Names that may stand only once in a list; private to the room. */
#ifndef PAINTBOX_GRAPHQL_NAMES_H
#define PAINTBOX_GRAPHQL_NAMES_H

#include "graphql/ast.h"

/* A list of any structs that have a gql_name: `first` is the name of the first one, `stride` the size of a struct. */
struct gql_name_list {
    const struct gql_name *first;
    size_t stride;
    uint32_t n;
};

#define GQL_NAME_LIST(items, count) {(count) ? &(items)[0].name : NULL, sizeof *(items), (count)}

static inline const struct gql_name *gql_name_at(const struct gql_name_list *list, uint32_t i)
{
    return (const struct gql_name *)((const char *)list->first + i * list->stride);
}

/* One error for each name that is there twice or more, with all its places: before, name, after make the message. */
void gql_check_unique(struct arena *a, struct gql_errors *errors, struct str code, struct gql_name_list list,
                      struct str before, struct str after);

#endif
