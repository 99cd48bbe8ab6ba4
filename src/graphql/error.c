#include "graphql/ast.h"

void gql_error_add(struct arena *a, struct gql_errors *errors, struct str code, const struct gql_loc *locs,
                   uint32_t n_locs, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct gql_error e = {.message = arena_vprintf(a, fmt, ap), .code = code, .n_locs = n_locs};
    va_end(ap);
    if (n_locs)
        e.locs = arena_memdup(a, locs, n_locs * sizeof *locs);
    vec_push(a, errors, e);
}
