#include "graphql/names.h"

#include "base/map.h"

/* Up to here comparing all pairs is cheaper than a map. */
#define PAIRS_MAX 16u

struct places VEC_BODY(struct gql_loc);

static bool has_double(struct arena *a, const struct gql_name_list *list)
{
    struct map seen = {0};
    for (uint32_t i = 0; i < list->n; i++) {
        struct str name = gql_name_at(list, i)->s;
        if (list->n > PAIRS_MAX && map_put(a, &seen, name, &seen))
            return true;
        for (uint32_t j = 0; list->n <= PAIRS_MAX && j < i; j++)
            if (str_eq(gql_name_at(list, j)->s, name))
                return true;
    }
    return false;
}

void gql_check_unique(struct arena *a, struct gql_errors *errors, struct str code, struct gql_name_list list,
                      struct str before, struct str after)
{
    if (list.n < 2 || !has_double(a, &list))
        return;
    struct map groups = {0};
    for (uint32_t i = 0; i < list.n; i++) {
        const struct gql_name *name = gql_name_at(&list, i);
        struct places *group = map_get(&groups, name->s);
        if (!group)
            map_put(a, &groups, name->s, group = arena_new_of(a, struct places));
        vec_push(a, group, name->loc);
    }
    for (size_t i = 0; i < groups.n; i++) {
        const struct places *group = groups.entries[i].value;
        if (group->n > 1)
            gql_error_add(a, errors, code, group->v, (uint32_t)group->n, "%.*s%.*s%.*s", STR_ARG(before),
                          STR_ARG(groups.entries[i].key), STR_ARG(after));
    }
}
