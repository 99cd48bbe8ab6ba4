#include "router/graph.h"

#include "base/file.h"
#include "router/execute.h"
#include "router/operation.h"

static int take_targets(struct graph *g, const struct graph_options *options, struct err *err)
{
    const struct supergraph *s = g->supergraph;

    g->targets = arena_array(g->arena, struct http_target, s->n_subgraphs);
    for (uint32_t i = 0; i < s->n_subgraphs; i++) {
        struct str url = options->url(options->url_arg, s->subgraphs[i].name);
        if (http_target_parse(g->arena, url.p ? url : s->subgraphs[i].url, &g->targets[i], err) < 0)
            return err_prefix(err, "the URL of subgraph \"%.*s\"", STR_ARG(s->subgraphs[i].name));
    }
    return 0;
}

static struct supergraph *load(struct str sdl, struct err *err)
{
    struct arena *a = arena_new(2 * SUPERGRAPH_BYTES_MAX);
    struct gql_errors errors = {0};
    struct supergraph *s = supergraph_load_with(sdl, &(struct supergraph_options){.defer = true}, a, &errors);

    if (!s) {
        const struct gql_error *e = &errors.v[0];
        err_set(err, "SUPERGRAPH_INVALID", "%s%.*s", e->n_locs ? arena_printf(a, "line %u: ", e->locs[0].line).p : "",
                STR_ARG(e->message));
        if (errors.n > 1)
            err_set(err, "SUPERGRAPH_INVALID", "%s (and %zu more)", arena_cstr(a, str_c(err->msg)), errors.n - 1);
    }
    arena_free(&a);
    return s;
}

struct graph *graph_new(struct str sdl, const struct graph_options *options, struct err *err)
{
    struct supergraph *s = str_trim(sdl).len ? load(sdl, err) : NULL;
    if (!str_trim(sdl).len)
        err_set(err, "SUPERGRAPH_INVALID", "it is empty: make one with `paintbox compose`");
    if (!s)
        return NULL;
    struct arena *arena = arena_new(0);
    struct graph *g = arena_new_of(arena, struct graph);
    g->refs = 1;
    g->arena = arena;
    g->supergraph = s;
    g->planner = planner_new(s);
    g->api_types = execute_api_types(arena, s);
    g->operations = operation_cache_new(g, options ? options->operations_max : 0);
    if (options && options->url && take_targets(g, options, err) < 0)
        graph_unref(&g);
    return g;
}

struct graph *graph_read(struct str path, const struct graph_options *options, struct err *err)
{
    struct arena *a = arena_new(2 * SUPERGRAPH_BYTES_MAX);
    struct str sdl = file_read(a, arena_cstr(a, path), SUPERGRAPH_BYTES_MAX, err);
    struct graph *g = sdl.p ? graph_new(sdl, options, err) : NULL;

    if (!sdl.p)
        err_prefix(err, "the supergraph");
    else if (!g)
        err_prefix(err, "the supergraph %.*s cannot be used", STR_ARG(path));
    arena_free(&a);
    return g;
}

struct graph *graph_ref(struct graph *g)
{
    __atomic_fetch_add(&g->refs, 1, __ATOMIC_RELAXED);
    return g;
}

void graph_unref(struct graph **pg)
{
    struct graph *g = *pg;
    *pg = NULL;
    if (!g || __atomic_sub_fetch(&g->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    struct arena *arena = g->arena;
    operation_cache_free(&g->operations);
    planner_free(&g->planner);
    supergraph_unref(&g->supergraph);
    arena_free(&arena);
}

bool graph_is_last(const struct graph *g)
{
    return __atomic_load_n(&g->refs, __ATOMIC_ACQUIRE) == 1;
}
