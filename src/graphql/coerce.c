#include "graphql/coerce.h"

const struct gql_variable *gql_variables_find(const struct gql_variables *vars, struct str name)
{
    for (uint32_t i = 0; vars && i < vars->n; i++)
        if (str_eq(vars->v[i].name, name))
            return &vars->v[i];
    return NULL;
}
