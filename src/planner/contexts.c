/* @context and @fromContext. The objects above a spot set contexts; of one name the nearest counts. A field with
 * contextual arguments is asked for by an entry that has read them before, as @requires has its inputs. */
#include "planner/work.h"

static bool selects_from(const struct work *w, const struct gql_selection_set *set, uint32_t type_id)
{
    const struct gql_type *t = w->s->full->types[type_id];
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD && map_has(&t->field_by_name, sel->name.s))
            return true;
        if (sel->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = sel->on.s.p ? gql_schema_type(w->s->full, sel->on.s) : NULL;
        if ((!on || type_fits(on, type_id)) && selects_from(w, sel->selections, type_id))
            return true;
    }
    return false;
}

bool context_set_by(const struct work *w, const struct sg_context_arg *arg, uint32_t type_id)
{
    return bits_has(w->s->contexts[arg->context].types, type_id) && selects_from(w, arg->selection, type_id);
}

bool same_context_args(const struct sg_context_arg *a, const struct sg_context_arg *b)
{
    return a == b || (a->context == b->context && str_eq(a->text, b->text) && str_eq(a->type, b->type));
}

int context_args_find(const struct context_args *in, const struct sg_context_arg *arg)
{
    for (size_t i = 0; i < in->n; i++)
        if (same_context_args(in->v[i], arg))
            return (int)i;
    return -1;
}

void context_args_add(struct work *w, struct context_args *to, const struct sg_field_join *j)
{
    for (uint32_t i = 0; i < j->n_contexts; i++)
        if (context_args_find(to, &j->contexts[i]) < 0)
            vec_push(w->a, to, &j->contexts[i]);
}

const struct slot *slot_towards(const struct spot *up, const struct spot *below)
{
    for (size_t i = 0; i < up->slots.n; i++)
        if (up->slots.v[i]->child == below)
            return up->slots.v[i];
    return NULL;
}

/* Does any object strictly between those two set it? */
static bool set_between(const struct work *w, const struct sg_context_arg *arg, const struct spot *below,
                        const struct spot *top)
{
    for (const struct spot *at = below; at != top && at->parent != top; at = at->parent) {
        const struct bits *types = slot_towards(at->parent, at)->types;
        for (int t = bits_next(types, 0); t >= 0; t = bits_next(types, (uint32_t)t + 1))
            if (context_set_by(w, arg, (uint32_t)t))
                return true;
    }
    return false;
}

/* For what lies below its records, which may set the context themselves; a field of the records gets it from above. */
bool context_is_own(const struct work *w, const struct entry *e, uint32_t klass, const struct sg_context_arg *arg)
{
    return !e->requiring && context_set_by(w, arg, e->place->spot->classes.v[klass]->first->id);
}

static bool context_given(const struct work *w, const struct entry *e, const struct spot *at,
                          const struct sg_context_arg *arg)
{
    const struct spot *top = e->place->spot;
    if (context_args_find(&e->contexts, arg) < 0 || set_between(w, arg, at, top))
        return false;
    const struct klass *c = top->classes.v[e->classes.v[0]];
    return !context_set_by(w, arg, c->first->id) || (at == top) == (e->requiring != NULL);
}

bool contexts_given(const struct work *w, const struct entry *e, const struct spot *at, const struct sg_field_join *j)
{
    for (uint32_t i = 0; i < j->n_contexts; i++)
        if (e->root || !context_given(w, e, at, &j->contexts[i]))
            return false;
    return true;
}

/* ---- below an entry ---- */

struct gathering {
    struct work *w;
    const struct spot *top;
    uint32_t subgraph;
    struct context_args out;
};

static void gather_spot(struct gathering *g, const struct spot *spot);

static void gather_need(struct gathering *g, const struct spot *spot, const struct klass *c, const struct slot *slot)
{
    const struct sg_field_join *j = join_at(g->w->s, g->subgraph, c->first, slot->name);
    if (!j || !join_usable(g->w, j))
        return;
    for (uint32_t i = 0; spot != g->top && i < j->n_contexts; i++)
        if (context_args_find(&g->out, &j->contexts[i]) < 0 && !set_between(g->w, &j->contexts[i], spot, g->top))
            vec_push(g->w->a, &g->out, &j->contexts[i]);
    if (slot->child)
        gather_spot(g, slot->child);
}

static void gather_spot(struct gathering *g, const struct spot *spot)
{
    for (size_t k = 0; k < spot->classes.n; k++)
        for (size_t i = 0; i < spot->classes.v[k]->needs.n; i++)
            gather_need(g, spot, spot->classes.v[k], spot->classes.v[k]->needs.v[i].slot);
}

struct context_args contexts_below(struct work *w, const struct spot *spot, const struct klass *c, uint32_t subgraph)
{
    struct gathering g = {.w = w, .top = spot, .subgraph = subgraph};
    for (size_t i = 0; w->s->n_contexts && i < c->needs.n; i++)
        gather_need(&g, spot, c, c->needs.v[i].slot);
    return g.out;
}
