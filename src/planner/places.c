/* Places, entries and atoms of one segment: the graph that the search walks. */
#include "planner/work.h"

#include "base/panic.h"

static bool slot_here(const struct segment *seg, const struct place *p, const struct slot *slot)
{
    return p->spot->parent || bits_has(seg->slots, slot->index);
}

static bool same_provided(const struct provided *a, const struct provided *b)
{
    for (; a && b && a->set == b->set; a = a->next, b = b->next)
        ;
    return !a && !b;
}

static bool same_sources(const struct source_vec *a, const struct source_vec *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].entry != b->v[i].entry || a->v[i].decl != b->v[i].decl ||
            !same_provided(a->v[i].provided, b->v[i].provided))
            return false;
    return true;
}

/* ---- entries ---- */

bool entry_serves(const struct entry *e, uint32_t klass)
{
    for (size_t i = 0; i < e->classes.n; i++)
        if (e->classes.v[i] == klass)
            return true;
    return false;
}

/* The next resolvable key of `owner` in a subgraph, at or after *i. */
static const struct sg_key *next_key(const struct work *w, const struct gql_type *owner,
                                     uint32_t subgraph, uint32_t *i)
{
    const struct sg_type *t = &w->s->types[owner->id];
    for (; *i < t->n_keys; ++*i)
        if (t->keys[*i].subgraph == subgraph && t->keys[*i].resolvable)
            return &t->keys[(*i)++];
    return NULL;
}

static bool same_keys(const struct work *w, const struct gql_type *a, const struct gql_type *b,
                      uint32_t subgraph)
{
    for (uint32_t i = 0, k = 0;;) {
        const struct sg_key *x = next_key(w, a, subgraph, &i), *y = next_key(w, b, subgraph, &k);
        if (!x || !y)
            return x == y;
        if (!str_eq(x->text, y->text))
            return false;
    }
}

static void *set_id(const struct work *w, const struct gql_selection_set *set)
{
    return set ? map_get(&w->p->set_ids, str_mem(&set, sizeof set)) : NULL;
}

static struct entry *shared_entry(const struct work *w, const struct place *p,
                                  const struct way *way, const struct slot *requiring,
                                  const struct gql_selection_set *requires)
{
    for (uint32_t k = 0; k < p->spot->classes.n; k++)
        for (size_t i = 0; i < p->classes[k].entries.n; i++) {
            struct entry *e = p->classes[k].entries.v[i];
            if (e->subgraph == way->subgraph && e->as == way->as && e->requiring == requiring &&
                set_id(w, e->requires) == set_id(w, requires) &&
                same_keys(w, e->owner, way->owner, way->subgraph))
                return e;
        }
    return NULL;
}

static bool shares(const struct work *w)
{
    return w->sharing == SHARE_MOST || w->sharing == SHARE_SOME;
}

static bool comes_from(const struct place *p, uint32_t subgraph)
{
    for (size_t i = 0; i < p->sources.n; i++)
        if (p->sources.v[i].entry->subgraph == subgraph)
            return true;
    return false;
}

static void entry_add(struct work *w, struct segment *seg, struct place *p, uint32_t klass,
                      const struct way *way, struct slot *requiring,
                      const struct gql_selection_set *requires, struct context_args contexts)
{
    if (w->sharing == SHARE_MOST && !requires && !contexts.n && !p->spot->unknown_type &&
        comes_from(p, way->subgraph))
        return;
    struct entry *e = shares(w) && !contexts.n ? shared_entry(w, p, way, requiring, requires) : NULL;
    if (!e) {
        e = arena_new_of(w->a, struct entry);
        *e = (struct entry){.id = (uint32_t)seg->entries.n,
                            .place = p,
                            .subgraph = way->subgraph,
                            .as = way->as,
                            .owner = way->owner,
                            .reentry = way->reentry,
                            .requiring = requiring,
                            .requires = requires,
                            .contexts = contexts};
        vec_push(w->a, &seg->entries, e);
    }
    vec_push(w->a, &e->classes, klass);
    vec_push(w->a, &p->classes[klass].entries, e);
    for (size_t i = 0; i < contexts.n; i++)
        e->own_context |= context_is_own(w, e, klass, contexts.v[i]);
}

static struct source entry_source(struct entry *e)
{
    return (struct source){e, e->as, NULL};
}

static void class_entries(struct work *w, struct segment *seg, struct place *p, uint32_t k)
{
    const struct klass *c = p->spot->classes.v[k];

    w->effort += c->ways.n * c->needs.n;
    for (size_t i = 0; i < c->ways.n; i++) {
        const struct way *way = &c->ways.v[i];
        struct entry probe = {.subgraph = way->subgraph, .as = way->as};
        struct source src = entry_source(&probe);
        bool plain = false;
        for (size_t n = 0; n < c->needs.n; n++) {
            const struct sg_field_join *j =
                source_resolves(w, &src, c->first, c->needs.v[n].slot->name);
            struct context_args contexts = {0};
            if (j)
                context_args_add(w, &contexts, j);
            if (j && (j->requires || contexts.n))
                entry_add(w, seg, p, k, way, c->needs.v[n].slot, j->requires, contexts);
            else
                plain |= j != NULL;
        }
        if (plain || p->spot->unknown_type)
            entry_add(w, seg, p, k, way, NULL, NULL, (struct context_args){0});
        struct context_args below = contexts_below(w, p->spot, c, way->subgraph);
        if (plain && below.n && !way->reentry)
            entry_add(w, seg, p, k, way, NULL, NULL, below);
    }
}

/* ---- atoms and children ---- */

static struct atom *atom_new(struct work *w, struct segment *seg, struct place *p, uint32_t klass,
                             int slot)
{
    struct atom *a = arena_new_of(w->a, struct atom);
    *a = (struct atom){.id = (uint32_t)seg->atoms.n, .place = p, .klass = klass, .slot = slot};
    vec_push(w->a, &seg->atoms, a);
    return a;
}

/* The sources of what lies below a field. Each is a source of the place itself or an entry at it.
 */
static struct source_vec sources_of_slot(struct work *w, struct place *p, uint32_t k,
                                         const struct slot *slot)
{
    const struct klass *c = p->spot->classes.v[k];
    const struct class_at *at = &p->classes[k];
    struct source_vec out = {0};

    w->effort += p->sources.n + at->entries.n;
    for (size_t i = 0; i < p->sources.n + at->entries.n; i++) {
        bool own = i >= p->sources.n;
        struct source src = own ? entry_source(at->entries.v[i - p->sources.n]) : p->sources.v[i];
        if (own && src.entry->requiring && src.entry->requiring != slot)
            continue;
        const struct sg_field_join *j = source_resolves(w, &src, c->first, slot->name);
        if (!j || (!j->requires && !j->n_contexts && own && src.entry->requiring))
            continue;
        if (j->n_contexts && !contexts_given(w, src.entry, p->spot, j))
            continue;
        if (j->requires && !(own && src.entry->requiring == slot) &&
            (own || !requires_is_local(w, &src, c->first, j)))
            continue;
        vec_push(w->a, &out,
                 (struct source){src.entry, gql_tref_named(j->type),
                                 provided_below(w, &src, c->first, slot->name, j)});
    }
    return out;
}

static struct place *place_get(struct work *w, struct segment *seg, struct spot *spot,
                               struct source_vec sources, struct place_parent by);

static void class_slot(struct work *w, struct segment *seg, struct place *p, uint32_t k,
                       const struct need *n)
{
    struct class_at *at = &p->classes[k];
    struct slot *slot = n->slot;
    struct source_vec sources = sources_of_slot(w, p, k, slot);

    if (!slot->leaf && sources.n) {
        struct place *child =
            place_get(w, seg, slot->child, sources, (struct place_parent){p, k, slot->index});
        at->children[slot->index] = child;
        return;
    }
    /* Without sources this also stands for an object, so that search can name what is lost. */
    struct atom *a = atom_new(w, seg, p, k, (int)slot->index);
    for (size_t i = 0; i < sources.n; i++)
        vec_push(w->a, &a->providers, sources.v[i].entry);
    at->atoms[slot->index] = a;
}

/* `exists`: any source will do. Otherwise one that knows the runtime type. */
static struct atom *typename_atom(struct work *w, struct segment *seg, struct place *p, uint32_t k,
                                  bool exists)
{
    struct atom *a = atom_new(w, seg, p, k, exists ? SLOT_EXISTS : SLOT_TYPENAME);
    const struct class_at *at = &p->classes[k];
    const struct klass *c = p->spot->classes.v[k];

    for (size_t i = 0; i < p->sources.n; i++) {
        const struct source *src = &p->sources.v[i];
        if (src->decl && !subgraph_yields(w->s, src->entry->subgraph, src->decl, c->first->id))
            continue;
        if (exists || !src->decl || !is_interface_object(w->s, src->decl, src->entry->subgraph))
            vec_push(w->a, &a->providers, src->entry);
    }
    for (size_t i = 0; i < at->entries.n && !exists; i++) {
        const struct entry *e = at->entries.v[i];
        if (!e->requiring && e->as && !is_interface_object(w->s, e->as, e->subgraph))
            vec_push(w->a, &a->providers, at->entries.v[i]);
    }
    return a;
}

static bool class_occurs(struct work *w, const struct place *p, const struct klass *c)
{
    for (size_t i = 0; i < p->sources.n; i++)
        if (!p->sources.v[i].decl || subgraph_yields(w->s, p->sources.v[i].entry->subgraph,
                                                     p->sources.v[i].decl, c->first->id))
            return true;
    return false;
}

static bool reenters(const struct class_at *at)
{
    for (size_t i = 0; i < at->entries.n; i++)
        if (at->entries.v[i]->reentry)
            return true;
    return false;
}

static void place_class(struct work *w, struct segment *seg, struct place *p, uint32_t k)
{
    const struct klass *c = p->spot->classes.v[k];
    struct class_at *at = &p->classes[k];

    at->atoms = arena_array(w->a, struct atom *, p->spot->slots.n);
    at->children = arena_array(w->a, struct place *, p->spot->slots.n);
    for (size_t i = 0; i < c->needs.n; i++)
        if (slot_here(seg, p, c->needs.v[i].slot))
            class_slot(w, seg, p, k, &c->needs.v[i]);
    if (p->spot->unknown_type)
        at->type_name = typename_atom(w, seg, p, k, false);
    if (c->wants_existence || c->input_existence || reenters(at))
        at->exists = typename_atom(w, seg, p, k, true);
}

static bool over_limit(const struct work *w, const struct segment *seg)
{
    if (w->sharing == SHARE_NOTHING &&
        (seg->places.n > w->p->limits.places || seg->entries.n > w->p->limits.entries))
        return true;
    return seg->places.n > PLANNER_PLACES_MAX || seg->atoms.n > PLANNER_ATOMS_MAX ||
           arena_exhausted(w->a);
}

static struct place *place_new(struct work *w, struct segment *seg, struct spot *spot,
                               struct source_vec sources)
{
    struct place *p = arena_new_of(w->a, struct place);
    *p = (struct place){.id = (uint32_t)seg->places.n,
                        .spot = spot,
                        .sources = sources,
                        .classes = arena_array(w->a, struct class_at, spot->classes.n)};
    vec_push(w->a, &seg->places, p);
    vec_push(w->a, &spot->places, p);
    w->too_big |= over_limit(w, seg);
    if (w->too_big)
        return p;
    for (uint32_t k = 0; k < spot->classes.n; k++) {
        p->classes[k].present = class_occurs(w, p, spot->classes.v[k]);
        if (p->classes[k].present)
            class_entries(w, seg, p, k);
    }
    for (uint32_t k = 0; k < spot->classes.n; k++)
        if (p->classes[k].present)
            place_class(w, seg, p, k);
    return p;
}

static bool all_among(const struct source_vec *few, const struct source_vec *many)
{
    for (size_t i = 0; i < few->n; i++) {
        bool found = false;
        for (size_t k = 0; k < many->n && !found; k++)
            found = few->v[i].entry == many->v[k].entry && few->v[i].decl == many->v[k].decl &&
                    same_provided(few->v[i].provided, many->v[k].provided);
        if (!found)
            return false;
    }
    return few->n > 0;
}

/* The same spot reached by the same fetches is one place, whatever types its parents have. What all
 * sources of another place can bring here too may share that place: nothing wrong comes of it, only
 * fewer choices. */
static struct place *place_get(struct work *w, struct segment *seg, struct spot *spot,
                               struct source_vec sources, struct place_parent by)
{
    struct place *found = NULL;
    for (size_t i = 0; i < spot->places.n && !found; i++) {
        const struct source_vec *there = &spot->places.v[i]->sources;
        w->effort++;
        if (same_sources(there, &sources) || (shares(w) && all_among(there, &sources)))
            found = spot->places.v[i];
    }
    if (!found)
        found = place_new(w, seg, spot, sources);
    vec_push(w->a, &found->parents, by);
    return found;
}

/* ---- inputs ---- */

struct inputs {
    struct work *w;
    struct atom_vec atoms;
    bool lacking;
};

static void input_atom(struct inputs *in, struct atom *a)
{
    in->w->effort += 1 + in->atoms.n;
    if (!a || !a->providers.n) {
        in->lacking = true;
        return;
    }
    for (size_t i = 0; i < in->atoms.n; i++)
        if (in->atoms.v[i] == a)
            return;
    vec_push(in->w->a, &in->atoms, a);
}

static void inputs_of(struct inputs *in, const struct place *p, uint32_t k,
                      const struct gql_selection_set *set);

static void inputs_below(struct inputs *in, const struct place *child,
                         const struct gql_selection_set *set)
{
    bool any = false, fields = set_selects(in->w, child->spot, set);
    for (uint32_t k = 0; k < child->spot->classes.n; k++) {
        if (!child->classes[k].present)
            continue;
        any = true;
        if (!fields)
            input_atom(in, child->classes[k].exists);
        if (child->classes[k].type_name)
            input_atom(in, child->classes[k].type_name);
        inputs_of(in, child, k, set);
    }
    in->lacking |= !any;
}

static void input_field(struct inputs *in, const struct place *p, uint32_t k,
                        const struct gql_selection *sel)
{
    const struct klass *c = p->spot->classes.v[k];
    const struct class_at *at = &p->classes[k];
    struct slot *slot =
        spot_slot(p->spot, sel->name.s, arguments_text(in->w, sel), STR_NONE, c->first->id);

    if (!slot)
        in->lacking = true;
    else if (slot->leaf)
        input_atom(in, at->atoms[slot->index]);
    else if (at->children[slot->index])
        inputs_below(in, at->children[slot->index], sel->selections);
    else
        in->lacking = true;
}

static void inputs_of(struct inputs *in, const struct place *p, uint32_t k,
                      const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n && !in->lacking; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD) {
            if (!str_eq_c(sel->name.s, "__typename"))
                input_field(in, p, k, sel);
        } else if (sel->kind == GQL_INLINE_FRAGMENT) {
            const struct gql_type *on =
                sel->on.s.p ? gql_schema_type(in->w->s->full, sel->on.s) : NULL;
            if (!on || type_fits(on, p->spot->classes.v[k]->first->id))
                inputs_of(in, p, k, sel->selections);
        }
    }
}

static void inputs_of_setter(struct inputs *in, const struct place *p, uint32_t k, const struct sg_context_arg *arg)
{
    inputs_of(in, p, k, arg->selection);
    if (p->classes[k].type_name)
        input_atom(in, p->classes[k].type_name);
}

/* What the nearest objects above that set the context have to bring for it. */
static void inputs_of_context(struct inputs *in, const struct place *p, const struct sg_context_arg *arg)
{
    in->lacking |= !p->parents.n;
    for (size_t i = 0; i < p->parents.n && !in->lacking; i++) {
        const struct place *up = p->parents.v[i].place;
        uint32_t k = p->parents.v[i].klass;
        if (context_set_by(in->w, arg, up->spot->classes.v[k]->first->id))
            inputs_of_setter(in, up, k, arg);
        else
            inputs_of_context(in, up, arg);
    }
}

/* A root can be asked again as soon as there is a record to put the answer into. */
static void reentry_alternative(struct work *w, struct entry *e)
{
    struct inputs in = {.w = w};
    for (size_t c = 0; c < e->classes.n; c++)
        input_atom(&in, e->place->classes[e->classes.v[c]].exists);
    if (!in.lacking)
        vec_push(w->a, &e->alternatives, (struct alternative){NULL, in.atoms});
}

static void entry_alternatives(struct work *w, struct entry *e)
{
    const struct sg_key *key;

    if (e->reentry) {
        reentry_alternative(w, e);
        return;
    }
    for (uint32_t i = 0; (key = next_key(w, e->owner, e->subgraph, &i));) {
        struct inputs in = {.w = w};
        for (size_t c = 0; c < e->classes.n; c++) {
            uint32_t k = e->classes.v[c];
            inputs_of(&in, e->place, k, key->fields);
            if (e->requires)
                inputs_of(&in, e->place, k, e->requires);
            if (!e->as && e->place->classes[k].type_name)
                input_atom(&in, e->place->classes[k].type_name);
        }
        for (size_t c = 0; c < e->contexts.n; c++)
            if (context_is_own(w, e, e->classes.v[0], e->contexts.v[c]))
                inputs_of_setter(&in, e->place, e->classes.v[0], e->contexts.v[c]);
            else
                inputs_of_context(&in, e->place, e->contexts.v[c]);
        if (!in.lacking)
            vec_push(w->a, &e->alternatives, (struct alternative){key->fields, in.atoms});
    }
}

/* ---- goals ---- */

/* Does the client select a field of these records in this part? */
bool class_wants(const struct spot *spot, const struct klass *c, uint32_t part)
{
    for (size_t i = 0; i < spot->slots.n; i++)
        if (spot->slots.v[i]->client && bits_has(spot->slots.v[i]->types, c->first->id) &&
            part_has(&spot->slots.v[i]->parts, part))
            return true;
    return false;
}

static void mark_goals(struct work *w, struct segment *seg, struct place *p)
{
    const struct slot *of = p->spot->of;
    if (p->marked == seg->part + 1 || w->too_big)
        return;
    p->marked = seg->part + 1;
    for (uint32_t k = 0; k < p->spot->classes.n; k++) {
        const struct klass *c = p->spot->classes.v[k];
        struct class_at *at = &p->classes[k];
        for (size_t i = 0; at->present && i < c->needs.n; i++) {
            const struct slot *slot = c->needs.v[i].slot;
            if (!c->needs.v[i].goal || !slot_here(seg, p, slot))
                continue;
            if (at->atoms[slot->index])
                at->atoms[slot->index]->goal = part_has(&slot->parts, seg->part);
            else
                mark_goals(w, seg, at->children[slot->index]);
        }
        if (at->exists && c->wants_existence)
            at->exists->goal =
                part_has(&of->parts, seg->part) && !class_wants(p->spot, c, seg->part);
        if (at->type_name && c->wants_typename)
            at->type_name->goal = !of || part_has(&of->parts, seg->part);
    }
}

void goals_mark(struct work *w, struct segment *seg, uint32_t part)
{
    uint32_t n = (uint32_t)seg->atoms.n;
    for (size_t i = 0; i < seg->places.n; i++)
        seg->places.v[i]->marked = 0;
    for (uint32_t i = 0; i < n; i++)
        seg->atoms.v[i]->goal = false;
    seg->part = part;
    seg->goals = bits_new(w->a, n);
    mark_goals(w, seg, seg->root);
    for (uint32_t i = 0; i < n; i++)
        if (seg->atoms.v[i]->goal)
            bits_set(seg->goals, i);
}

static void index_atoms(struct work *w, struct segment *seg)
{
    uint32_t n = (uint32_t)seg->atoms.n;
    for (size_t i = 0; i < seg->entries.n; i++)
        seg->entries.v[i]->provides = bits_new(w->a, n);
    for (uint32_t i = 0; i < n; i++) {
        struct atom *a = seg->atoms.v[i];
        for (size_t k = 0; k < a->providers.n; k++)
            bits_set(a->providers.v[k]->provides, i);
    }
}

static struct source_vec root_sources(struct work *w, struct segment *seg, struct spot *root)
{
    struct source_vec sources = {0};
    for (uint32_t g = 0; g < w->s->n_subgraphs; g++) {
        if (seg->only >= 0 && seg->only != (int)g)
            continue;
        if (!bits_has(w->s->types[root->type->id].subgraphs, g))
            continue;
        struct entry *e = arena_new_of(w->a, struct entry);
        *e = (struct entry){.id = (uint32_t)seg->entries.n, .subgraph = g, .root = true};
        vec_push(w->a, &seg->entries, e);
        vec_push(w->a, &sources, (struct source){e, root->type, NULL});
    }
    return sources;
}

static bool build_graph(struct work *w, struct segment *seg, struct spot *root)
{
    w->too_big = false;
    seg->atoms.n = seg->entries.n = seg->places.n = 0;
    for (size_t i = 0; i < w->spots.n; i++)
        w->spots.v[i]->places.n = 0;
    seg->root = place_new(w, seg, root, root_sources(w, seg, root));
    for (size_t i = 0; i < seg->entries.n && !w->too_big; i++)
        if (!seg->entries.v[i]->root)
            entry_alternatives(w, seg->entries.v[i]);
    return !w->too_big;
}

bool places_build(struct work *w, struct segment *seg, struct spot *root)
{
    bool built = build_graph(w, seg, root);
    if (!built && w->sharing == SHARE_NOTHING) {
        /* What is deferred comes by entries that lead back. */
        w->sharing = w->parts.n > 1 ? SHARE_SOME : SHARE_MOST;
        built = build_graph(w, seg, root);
    }
    if (built)
        index_atoms(w, seg);
    return built;
}
