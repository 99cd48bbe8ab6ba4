/* One search for each part of the response.
 *
 * The graph of a segment is built once. The initial part is planned first, as if nothing were deferred; then each
 * further part, on top of what the parts around it fetch. Entries of a finished round are *given*: copies that fire at
 * their level, cost nothing, and may bring more: keys, and what @requires asks for. What the client defers they do not
 * bring; it comes by new entries, also into a subgraph that was asked before. A new entry may not ask again for records
 * that are there already (their list might have changed meanwhile); so what lies below a type without a key cannot be
 * deferred, and is given to the part around it. */
#include "planner/work.h"

/* ---- who may bring what in this round ---- */

/* The last spot before `top` on the way up; `from` itself when that is it. */
static const struct spot *spot_below(const struct spot *from, const struct spot *top)
{
    while (from != top && from->parent != top)
        from = from->parent;
    return from;
}

static bool may_bring(const struct segment *seg, const struct entry *e, const struct atom *a)
{
    const struct spot *top = e->root ? seg->root->spot : e->place->spot;
    const struct spot *below = spot_below(a->place->spot, top);
    return below == top || !below->reached;
}

static bool enters_at(const struct segment *seg, const struct entry *e, const struct spot *spot)
{
    return (e->root ? seg->root : e->place)->spot == spot;
}

/* Do these records come with the part around, because no entry of this round can bring them? */
static bool comes_early(const struct segment *seg, const struct spot *spot)
{
    if (spot->reached || !spot->parent)
        return false;
    while (!spot->parent->reached)
        spot = spot->parent;
    for (size_t i = 0; i < spot->places.n; i++)
        for (size_t k = 0; k < spot->places.v[i]->sources.n; k++)
            if (enters_at(seg, spot->places.v[i]->sources.v[k].entry, spot->parent))
                return false;
    return true;
}

static void note_reached(struct work *w, const struct segment *seg)
{
    for (size_t i = 0; i < w->spots.n; i++)
        w->spots.v[i]->reached = !w->spots.v[i]->parent;
    for (size_t i = 0; i < seg->given.n; i++) {
        const struct entry *e = seg->given.v[i];
        if (!part_within(w, seg->part, e->part))
            continue;
        for (int p = bits_next(e->kept, 0); p >= 0; p = bits_next(e->kept, (uint32_t)p + 1))
            seg->places.v[p]->spot->reached = true;
    }
}

static void note_inputs(const struct segment *seg)
{
    for (size_t i = 0; i < seg->entries.n; i++) {
        const struct entry *e = seg->entries.v[i];
        for (size_t k = 0; k < e->alternatives.n; k++)
            for (size_t n = 0; n < e->alternatives.v[k].atoms.n; n++)
                e->alternatives.v[k].atoms.v[n]->input = true;
    }
}

static void choose_providers(struct work *w, const struct segment *seg, struct atom *a)
{
    bool early = a->input || !a->goal || comes_early(seg, a->place->spot);
    a->providers.n = 0;
    for (size_t i = 0; i < a->able.n; i++) {
        struct entry *e = a->able.v[i];
        if (may_bring(seg, e, a))
            vec_push(w->a, &a->providers, e);
        for (size_t k = 0; k < e->copies.n; k++)
            if (early && part_within(w, seg->part, e->copies.v[k]->part))
                vec_push(w->a, &a->providers, e->copies.v[k]);
    }
}

static void index_providers(struct work *w, struct segment *seg)
{
    uint32_t n = (uint32_t)seg->atoms.n;
    for (size_t i = 0; i < seg->entries.n; i++)
        seg->entries.v[i]->provides = bits_new(w->a, n);
    for (size_t i = 0; i < seg->given.n; i++)
        seg->given.v[i]->provides = bits_new(w->a, n);
    for (uint32_t i = 0; i < n; i++)
        for (size_t k = 0; k < seg->atoms.v[i]->providers.n; k++)
            bits_set(seg->atoms.v[i]->providers.v[k]->provides, i);
}

static void round_begin(struct work *w, struct segment *seg, uint32_t part)
{
    seg->part = part;
    goals_mark(w, seg, part);
    if (w->parts.n == 1)
        return;
    note_reached(w, seg);
    for (size_t i = 0; i < seg->entries.n; i++)
        seg->entries.v[i]->forbidden = false;
    for (size_t i = 0; i < seg->atoms.n; i++)
        choose_providers(w, seg, seg->atoms.v[i]);
    index_providers(w, seg);
}

/* ---- what a round leaves ---- */

static struct entry *entry_copy(struct work *w, struct segment *seg, struct entry *e)
{
    struct entry *c = arena_memdup(w->a, e, sizeof *e);
    c->origin = e;
    c->part = seg->part;
    c->copies.n = c->copies.cap = 0;
    e->visited = NULL; /* it is the copy's now */
    e->copy = c;
    vec_push(w->a, &e->copies, c);
    vec_push(w->a, &seg->given, c);
    return c;
}

static struct entry *bringer(const struct atom *a)
{
    return a->by->origin ? a->by : a->by->copy;
}

static void round_end(struct work *w, struct segment *seg)
{
    size_t before = seg->given.n;

    for (size_t i = 0; i < seg->entries.n; i++)
        if (seg->entries.v[i]->used)
            entry_copy(w, seg, seg->entries.v[i]);
    for (size_t i = 0; i < seg->atoms.n; i++)
        if (seg->atoms.v[i]->needed)
            vec_push(w->a, &bringer(seg->atoms.v[i])->brings, seg->atoms.v[i]);
    for (size_t i = before; i < seg->given.n; i++) {
        struct entry *e = seg->given.v[i];
        for (size_t k = 0; e->chosen && k < e->chosen->atoms.n; k++)
            vec_push(w->a, &e->from, bringer(e->chosen->atoms.v[k]));
    }
    for (size_t i = 0; w->parts.n > 1 && i < seg->given.n; i++)
        seg->given.v[i]->kept = bits_copy(w->a, seg->given.v[i]->visited);
}

/* ---- what cannot be deferred ---- */

static void move_out(struct work *w, struct slot *slot, uint32_t part)
{
    size_t kept = 0;
    if (!slot || !part_has(&slot->parts, part))
        return;
    for (size_t i = 0; i < slot->parts.n; i++)
        if (slot->parts.v[i] != part)
            slot->parts.v[kept++] = slot->parts.v[i];
    slot->parts.n = kept;
    part_add(w, &slot->parts, w->parts.v[part].parent);
}

/* Gives the lost goals to the part around. False when there is none. */
static bool move_lost(struct work *w, const struct segment *seg)
{
    if (seg->part == 0)
        return false;
    for (int i = bits_next(seg->lost, 0); i >= 0; i = bits_next(seg->lost, (uint32_t)i + 1)) {
        const struct atom *a = seg->atoms.v[i];
        move_out(w, a->slot >= 0 ? a->place->spot->slots.v[a->slot] : a->place->spot->of, seg->part);
    }
    return true;
}

/* ---- all rounds ---- */

static void rounds_begin(struct work *w, struct segment *seg)
{
    seg->given.n = 0;
    for (size_t i = 0; i < seg->entries.n; i++)
        seg->entries.v[i]->copies.n = 0;
    for (size_t i = 0; w->parts.n > 1 && i < seg->atoms.n; i++)
        if (!seg->atoms.v[i]->able.n)
            for (size_t k = 0; k < seg->atoms.v[i]->providers.n; k++)
                vec_push(w->a, &seg->atoms.v[i]->able, seg->atoms.v[i]->providers.v[k]);
    note_inputs(seg);
}

/* True when every part got what it wants; otherwise another attempt may, unless `lost` is set. */
static bool attempt(struct work *w, struct segment *seg, const struct atom **lost)
{
    bool ok = true;

    rounds_begin(w, seg);
    for (uint32_t part = 0; part < w->parts.n && !*lost; part++) {
        round_begin(w, seg, part);
        if (bits_empty(seg->goals))
            continue;
        if (search_plan(w, seg)) {
            assign_atoms(w, seg);
            round_end(w, seg);
            continue;
        }
        ok = false;
        if (!move_lost(w, seg))
            *lost = seg->atoms.v[bits_next(seg->lost, 0)];
    }
    return ok;
}

const struct atom *rounds_run(struct work *w, struct segment *seg, bool serial)
{
    const struct atom *lost = NULL;

    while (!attempt(w, seg, &lost))
        if (lost)
            return lost;
    fetches_build(w, seg, serial);
    return NULL;
}
