#include "federation/compose.h"

#include "federation/compose_merge.h"
#include "federation/compose_satisfy.h"
#include "federation/compose_subgraph.h"

static int cmp_subgraphs(const void *a, const void *b)
{
    return str_cmp(((const struct fed_subgraph *)a)->name, ((const struct fed_subgraph *)b)->name);
}

/* In the order of their names, whatever the order of the input. */
static struct fed_subgraph *sorted(struct arena *a, const struct compose_subgraph *in, uint32_t n)
{
    struct fed_subgraph *sg = arena_array(a, struct fed_subgraph, n);
    for (uint32_t i = 0; i < n; i++) {
        sg[i].name = in[i].name;
        sg[i].url = in[i].url;
        sg[i].sdl = in[i].sdl;
    }
    if (n)
        qsort(sg, n, sizeof *sg, cmp_subgraphs);
    for (uint32_t i = 0; i < n; i++)
        sg[i].index = i;
    return sg;
}

static void check_names(const struct fed_subgraph *sg, uint32_t n, struct messages *m)
{
    for (uint32_t i = 1; i < n; i++)
        if (str_eq(sg[i].name, sg[i - 1].name))
            msg_error(m, (struct where){&sg[i], NULL, {0}}, "INVALID_SUBGRAPH_NAME",
                      "two subgraphs are called \"%.*s\": rename one", STR_ARG(sg[i].name));
}

/* Merged types must make a valid whole: what each subgraph keeps, such as an interface's promise, can break when they
 * meet. */
static void check_whole(struct messages *m, struct str sdl)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(m->arena, sdl, &(struct gql_parse_options){0}, &errors);
    if (doc)
        gql_schema_build(m->arena, doc, &(struct gql_schema_options){0}, &errors);
    for (size_t i = 0; i < errors.n; i++)
        msg_error(m, (struct where){0}, "INVALID_GRAPHQL",
                  "the merged schema is not valid: %.*s Make the subgraphs agree on this element",
                  STR_ARG(errors.v[i].message));
}

static struct str compose_all(struct messages *m, struct fed_subgraph *sg, uint32_t n)
{
    check_names(sg, n, m);
    for (uint32_t i = 0; i < n; i++)
        subgraph_load(&sg[i], m);
    if (m->errors.n == 0)
        subgraphs_upgrade(sg, n, m);
    if (m->errors.n)
        return STR_NONE;
    struct merge mg = {.a = m->arena, .m = m, .sg = sg, .n = n};
    if (!merge_subgraphs(&mg))
        return STR_NONE;
    struct str sdl = merge_print(&mg);
    check_whole(m, sdl);
    if (m->errors.n == 0)
        satisfy_check(&mg);
    return m->errors.n ? STR_NONE : sdl;
}

struct compose_result compose(struct arena *a, const struct compose_subgraph *subgraphs, size_t n)
{
    struct messages m = {.arena = a};
    struct str sdl = STR_NONE;
    if (n > COMPOSE_SUBGRAPHS_MAX)
        msg_error(&m, (struct where){0}, "INVALID_SUBGRAPH_NAME", "%zu subgraphs are too many: at most %d", n,
                  COMPOSE_SUBGRAPHS_MAX);
    else
        sdl = compose_all(&m, sorted(a, subgraphs, (uint32_t)n), (uint32_t)n);
    return (struct compose_result){
        .supergraph = sdl, .errors = m.errors.v, .n_errors = m.errors.n, .hints = m.hints.v, .n_hints = m.hints.n};
}
