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

static struct str word(struct str s)
{
    size_t n = 0;
    while (n < s.len && !strchr(" (:{", s.p[n]))
        n++;
    return str_sub(s, 0, n);
}

/* "Type" or "Type.field": what stands on a line of the printed supergraph, where definitions begin in the first column
 * and fields in the third. */
static struct str element_at(struct arena *a, struct str sdl, uint32_t line)
{
    struct str type = STR("schema"), field = STR_NONE;
    for (uint32_t n = 1; sdl.len && n <= line; n++) {
        ptrdiff_t end = str_find_char(sdl, '\n');
        struct str text = str_sub(sdl, 0, end < 0 ? sdl.len : (size_t)end);
        sdl = str_sub(sdl, text.len + 1, sdl.len);
        bool member = str_starts(text, STR("  ")) && text.len > 2 && !strchr(" @=", text.p[2]);
        field = member ? word(str_sub(text, 2, text.len)) : STR_NONE;
        ptrdiff_t space = str_find_char(text, ' ');
        if (space > 0 && text.p[0] != '"')
            type = word(str_sub(text, (size_t)space + 1, text.len));
    }
    return field.p ? arena_printf(a, "%.*s.%.*s", STR_ARG(type), STR_ARG(field)) : type;
}

/* Merged types must make a valid whole: what each subgraph keeps, such as an interface's promise, can break when they
 * meet. */
static void check_whole(struct messages *m, struct str sdl)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(m->arena, sdl, &(struct gql_parse_options){0}, &errors);
    if (doc)
        gql_schema_build(m->arena, doc, &(struct gql_schema_options){.allow_deprecated_alone = true}, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        struct str at = element_at(m->arena, sdl, errors.v[i].n_locs ? errors.v[i].locs[0].line : 0);
        msg_error(m, (struct where){.coordinate = at}, "INVALID_GRAPHQL",
                  "the merged schema is not valid at \"%.*s\": %.*s Make the subgraphs agree on this element",
                  STR_ARG(at), STR_ARG(errors.v[i].message));
    }
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
        msg_error(&m, (struct where){.coordinate = STR("schema")}, "INVALID_SUBGRAPH_NAME",
                  "%zu subgraphs are too many: compose at most %d", n, COMPOSE_SUBGRAPHS_MAX);
    else
        sdl = compose_all(&m, sorted(a, subgraphs, (uint32_t)n), (uint32_t)n);
    return (struct compose_result){
        .supergraph = sdl, .errors = m.errors.v, .n_errors = m.errors.n, .hints = m.hints.v, .n_hints = m.hints.n};
}
