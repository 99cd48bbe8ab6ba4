#include "graphql/sdl.h"

/* A definition of a directive must not lead back to itself (specification, 3.13): not by a directive on its arguments,
 * nor by one in the types of these. graphql-js does not look. Definitions refer to few others, so each one is followed
 * by itself. */

struct search {
    struct arena *a;
    const struct gql_schema *s;
    const struct gql_directive_type *from;
    struct map seen;                    /* directives and types; names of directives with their @ */
    VEC(const struct gql_type *) types; /* still to be followed */
    VEC(const struct gql_directive_type *) directives;
    bool found;
};

static bool is_new(struct search *k, struct str key)
{
    return !map_put(k->a, &k->seen, key, k);
}

static void add_directives(struct search *k, const struct gql_directive_list *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct gql_directive_type *d = gql_schema_directive(k->s, list->v[i].name.s);
        k->found |= d == k->from;
        if (d && is_new(k, arena_printf(k->a, "@%.*s", STR_ARG(d->name))))
            vec_push(k->a, &k->directives, d);
    }
}

static void add_inputs(struct search *k, const struct gql_input *inputs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct gql_type *t = gql_tref_named(inputs[i].type);
        add_directives(k, &inputs[i].directives);
        if (!t->builtin && is_new(k, t->name))
            vec_push(k->a, &k->types, t);
    }
}

static void follow_type(struct search *k, const struct gql_type *t)
{
    add_directives(k, &t->directives);
    add_inputs(k, t->inputs, t->n_inputs);
    for (uint32_t i = 0; i < t->n_values; i++)
        add_directives(k, &t->values[i].directives);
}

static bool leads_to_itself(struct arena *a, const struct gql_schema *s, const struct gql_directive_type *d)
{
    struct search k = {.a = a, .s = s, .from = d};
    add_inputs(&k, d->args, d->n_args);
    while (!k.found && (k.types.n || k.directives.n)) {
        if (k.types.n) {
            follow_type(&k, k.types.v[--k.types.n]);
        } else {
            const struct gql_directive_type *next = k.directives.v[--k.directives.n];
            add_inputs(&k, next->args, next->n_args);
        }
    }
    return k.found;
}

void gql_schema_check_directives(const struct gql_sdl *sdl, const struct gql_schema *s)
{
    for (size_t i = 0; i < s->directive_by_name.n; i++) {
        const struct gql_directive_type *d = s->directive_by_name.entries[i].value;
        if (!d->builtin && leads_to_itself(sdl->arena, s, d))
            gql_error_add(
                sdl->arena, sdl->errors, GQL_CODE_SCHEMA, &d->ast->loc, 1,
                "Directive \"@%.*s\" cannot reference itself through its arguments, their types and the directives on "
                "them.",
                STR_ARG(d->name));
    }
}
