/* Where the values of contextual arguments come from, for the plan. */
#include "planner/work.h"

struct builder {
    struct work *w;
    const struct sg_context_arg *arg;
    VEC(struct plan_context_source) sources;
};

static struct plan_context_source *source_at(struct builder *b, const struct place *p)
{
    for (size_t i = 0; i < b->sources.n; i++)
        if (b->sources.v[i].at == p->spot->layout)
            return &b->sources.v[i];
    struct plan_context_source *s = vec_add(b->w->a, &b->sources);
    *s = (struct plan_context_source){.at = p->spot->layout,
                                      .reps = arena_array(b->w->plan_arena, struct plan_rep, p->spot->classes.n)};
    return s;
}

static void add_class(struct builder *b, const struct place *p, uint32_t k)
{
    struct plan_context_source *s = source_at(b, p);
    const struct bits *types = p->spot->classes.v[k]->types;

    for (uint32_t i = 0; i < s->n_reps; i++)
        if (!s->reps[i].types || bits_overlap(s->reps[i].types, types))
            return;
    struct plan_rep *rep = &s->reps[s->n_reps++];
    *rep = rep_of_selection(b->w, p, k, b->arg->selection);
    rep->types = bits_equal(types, p->spot->types) ? NULL : bits_copy(b->w->plan_arena, types);
}

static void walk_up(struct builder *b, const struct place *p)
{
    for (size_t i = 0; i < p->parents.n; i++) {
        const struct place *up = p->parents.v[i].place;
        if (context_set_by(b->w, b->arg, up->spot->classes.v[p->parents.v[i].klass]->first->id))
            add_class(b, up, p->parents.v[i].klass);
        else
            walk_up(b, up);
    }
}

static void add_entry(struct builder *b, const struct entry *e)
{
    if (context_is_own(b->w, e, e->classes.v[0], b->arg))
        add_class(b, e->place, e->classes.v[0]);
    else
        walk_up(b, e->place);
}

/* The name `c0_0` and what stands before it of `_`, so that no variable of the client begins so. */
static struct str variable_name(struct work *w, uint32_t part, size_t i)
{
    struct str name = arena_printf(w->plan_arena, "c%u_%zu", part, i);
    const struct gql_definition *op = w->plan->operation;
    for (uint32_t k = 0; k < op->n_variables; k++)
        if (str_starts(op->variables[k].name.s, name)) {
            name = arena_printf(w->plan_arena, "_%.*s", STR_ARG(name));
            k = UINT32_MAX;
        }
    return name;
}

void contexts_build(struct work *w, const struct entity_group *g, uint32_t part, struct plan_entities *out)
{
    const struct context_args *args = &g->entries.v[0]->contexts;

    out->n_contexts = (uint32_t)args->n;
    out->contexts = arena_array(w->plan_arena, struct plan_context, args->n);
    for (size_t i = 0; i < args->n; i++) {
        struct builder b = {.w = w, .arg = args->v[i]};
        for (size_t k = 0; k < g->entries.n; k++)
            add_entry(&b, g->entries.v[k]);
        out->contexts[i] = (struct plan_context){
            .variable = variable_name(w, part, i),
            .type = args->v[i]->type,
            .nullable = !str_ends(args->v[i]->type, STR("!")),
            .sources = arena_memdup(w->plan_arena, b.sources.v, sizeof *b.sources.v * b.sources.n),
            .n_sources = (uint32_t)b.sources.n};
    }
}

static void mark_shape(const struct plan_shape *s)
{
    ((struct plan_layout *)s->layout)->contextual = true;
    for (uint32_t i = 0; i < s->n_fields; i++)
        if (s->fields[i].child)
            mark_shape(s->fields[i].child);
}

void contexts_mark(struct work *w)
{
    for (uint32_t i = 0; i < w->plan->n_fetches; i++)
        for (uint32_t k = 0; k < w->plan->fetches[i].n_entities; k++) {
            const struct plan_entities *e = &w->plan->fetches[i].entities[k];
            if (!e->n_contexts)
                continue;
            mark_shape(e->shape);
            for (struct plan_layout *l = e->target; l; l = l->parent)
                l->contextual = true;
        }
}
