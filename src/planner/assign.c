/* Which entry brings which atom.
 *
 * Under the chosen opening an atom may arrive by several entries. It is taken when it first
 * arrives; among the entries that bring it then, by the one whose document grows least. Afterwards
 * every entry is tried away once: if all still arrives with less to ask for, it stays away. So is every object: a later
 * fetch that brings some of it anyway may bring all of it. */
#include "planner/work.h"

#define ENTRY_COST 2            /* `__typename` and a representation, beside its fields */
#define OWN_CONTEXT_COST 1000   /* all that it brings is lost with a value of the context: where something else comes as early, that does */
#define TRIALS_WORK_MAX 2000000 /* trials × size of the graph */

struct assigner {
    struct work *w;
    struct segment *seg;
    uint32_t cost;
    bool stale;    /* the last trial came to nothing */
    bool too_late; /* an input was put off beyond the entry that needs it */
};

/* ---- the way from an entry to a place ---- */

static uint32_t visit(struct assigner *as, struct entry *e, struct place *p, bool mark)
{
    uint32_t fresh = 0;
    as->w->effort++;
    if (bits_has(e->visited, p->id))
        return 0;
    if (mark)
        bits_set(e->visited, p->id);
    if (p == e->place || (e->root && p == as->seg->root))
        return 0;
    for (size_t i = 0; i < p->parents.n; i++)
        fresh += 1 + visit(as, e, p->parents.v[i].place, mark);
    return fresh;
}

/* What has to be asked for besides, with the objects on the way: `v { x }` are two. */
static uint32_t fields_missing(const struct entry *e, const struct alternative *alt)
{
    uint32_t n = 0;
    for (size_t i = 0; i < alt->atoms.n; i++) {
        const struct spot *spot = alt->atoms.v[i]->place->spot;
        if (alt->atoms.v[i]->needed)
            continue;
        n++;
        for (; spot->parent && spot != e->place->spot; spot = spot->parent)
            n++;
    }
    return n;
}

static void set_level(struct atom *a)
{
    a->first = a->level = 0;
    for (size_t i = 0; i < a->providers.n; i++) {
        const struct entry *e = a->providers.v[i];
        if (!e->level || e->forbidden)
            continue;
        if (!a->first || e->level < a->first)
            a->first = e->level;
        if (a->slot >= 0 && !e->own_context && e->level <= a->place->late && e->level > a->level)
            a->level = e->level;
    }
    if (!a->goal || !a->level)
        a->level = a->first;
}

static bool in_time(const struct alternative *alt, uint32_t level)
{
    for (size_t i = 0; i < alt->atoms.n; i++)
        if (!alt->atoms.v[i]->first || alt->atoms.v[i]->first >= level)
            return false;
    return true;
}

static const struct alternative *cheapest(const struct entry *e)
{
    const struct alternative *best = NULL;
    for (size_t i = 0; i < e->alternatives.n; i++) {
        const struct alternative *alt = &e->alternatives.v[i];
        if (in_time(alt, e->level) && (!best || fields_missing(e, alt) < fields_missing(e, best)))
            best = alt;
    }
    return best;
}

static uint32_t entry_cost(const struct entry *e)
{
    return ENTRY_COST + (e->own_context ? OWN_CONTEXT_COST : 0);
}

static uint32_t price(struct assigner *as, struct entry *e, struct atom *a)
{
    uint32_t n = visit(as, e, a->place, false);
    if (!e->used && !e->root) {
        const struct alternative *alt = cheapest(e);
        n += entry_cost(e) + (alt ? fields_missing(e, alt) : 0);
    }
    return n;
}

/* ---- one pass ---- */

static void give(struct assigner *as, struct atom *a, struct entry *e)
{
    a->by = e;
    as->cost += 1 + visit(as, e, a->place, true);
    if (e->used)
        return;
    e->used = true;
    if (e->root)
        return;
    as->cost += entry_cost(e);
    e->chosen = cheapest(e);
    for (size_t i = 0; i < e->chosen->atoms.n; i++) {
        e->chosen->atoms.v[i]->needed = true;
        as->too_late |= e->chosen->atoms.v[i]->level >= e->level;
    }
}

static uint32_t choices(const struct atom *a, uint32_t level, struct entry **only)
{
    uint32_t n = 0;
    for (size_t i = 0; i < a->providers.n; i++) {
        struct entry *e = a->providers.v[i];
        if (e->level != level || e->forbidden)
            continue;
        n++;
        *only = e;
    }
    return n;
}

static void give_cheapest(struct assigner *as, struct atom *a, uint32_t level)
{
    struct entry *best = NULL;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < a->providers.n; i++) {
        struct entry *e = a->providers.v[i];
        if (e->level != level || e->forbidden)
            continue;
        uint32_t cost = price(as, e, a);
        if (cost < least) {
            least = cost;
            best = e;
        }
    }
    give(as, a, best);
}

/* What can only come one way goes first: it decides what the rest costs. */
static void assign_level(struct assigner *as, uint32_t level)
{
    struct entry *only = NULL;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < as->seg->atoms.n; i++) {
            struct atom *a = as->seg->atoms.v[i];
            if (!a->needed || a->by || a->level != level)
                continue;
            if (choices(a, level, &only) == 1)
                give(as, a, only);
            else if (pass)
                give_cheapest(as, a, level);
        }
}

static bool assign_once(struct assigner *as)
{
    struct segment *seg = as->seg;
    struct bits *got = bits_new(as->w->a, (uint32_t)seg->atoms.n);

    search_fire(as->w, seg, got);
    if (!bits_subset(seg->goals, got))
        return false;
    as->cost = 0;
    as->too_late = false;
    as->w->effort += seg->atoms.n + seg->entries.n;
    for (size_t i = 0; i < seg->atoms.n; i++) {
        seg->atoms.v[i]->by = NULL;
        set_level(seg->atoms.v[i]);
        seg->atoms.v[i]->needed = seg->atoms.v[i]->goal;
    }
    for (size_t i = 0; i < seg->given.n; i++)
        seg->given.v[i]->visited = bits_copy(as->w->a, seg->given.v[i]->kept);
    for (size_t i = 0; i < seg->entries.n; i++) {
        struct entry *e = seg->entries.v[i];
        e->used = false;
        e->chosen = NULL;
        if (!e->visited)
            e->visited = bits_new(as->w->a, (uint32_t)seg->places.n);
        memset(e->visited->w, 0, (e->visited->cap + 63) / 64 * sizeof e->visited->w[0]);
    }
    for (uint32_t level = seg->depth; level > 0; level--)
        assign_level(as, level);
    return !as->too_late;
}

/* ---- trials ---- */

/* Entries that were given atoms, all of which another entry could bring too. */
static struct bits *dispensable(struct assigner *as)
{
    struct segment *seg = as->seg;
    struct bits *out = bits_new(as->w->a, (uint32_t)seg->entries.n);
    for (size_t i = 0; i < seg->entries.n; i++)
        if (seg->entries.v[i]->used && !seg->entries.v[i]->root)
            bits_set(out, (uint32_t)i);
    for (size_t i = 0; i < seg->atoms.n; i++) {
        const struct atom *a = seg->atoms.v[i];
        bool other = false;
        if (!a->by)
            continue;
        for (size_t k = 0; k < a->providers.n && !other; k++)
            other = a->providers.v[k] != a->by && a->providers.v[k]->level && !a->providers.v[k]->forbidden;
        if (!other)
            bits_clear(out, a->by->id);
    }
    return out;
}

/* True when the graph as it is now is cheaper than what was found before. */
static bool is_better(struct assigner *as, uint32_t *least)
{
    as->stale = !assign_once(as) || as->cost >= *least;
    if (!as->stale)
        *least = as->cost;
    return !as->stale;
}

static void try_without_entries(struct assigner *as, uint32_t *least, size_t left)
{
    struct bits *tries = dispensable(as);
    for (int i = bits_next(tries, 0); i >= 0 && left > 0; i = bits_next(tries, (uint32_t)i + 1)) {
        struct entry *e = as->seg->entries.v[i];
        left--;
        e->forbidden = true;
        if (is_better(as, least))
            tries = dispensable(as);
        else
            e->forbidden = false;
    }
}

/* Does a later fetch that goes through the place anyway bring something that was taken early? Then by which step; 0:
 * none does. */
static uint32_t could_wait(const struct atom *a)
{
    uint32_t until = 0;
    for (size_t i = 0; a->goal && a->by && a->by->place != a->place && i < a->providers.n; i++) {
        const struct entry *e = a->providers.v[i];
        if (e->used && !e->own_context && e->level > a->level && e->level > until && bits_has(e->visited, a->place->id))
            until = e->level;
    }
    return until;
}

static void put_off(struct place *p, uint32_t until)
{
    if (p->late == until)
        return;
    p->late = until;
    for (size_t k = 0; k < p->spot->classes.n; k++)
        for (size_t i = 0; p->classes[k].present && i < p->spot->slots.n; i++)
            if (p->classes[k].children[i])
                put_off(p->classes[k].children[i], until);
}

static void try_later(struct assigner *as, uint32_t *least, size_t left)
{
    uint32_t *until = arena_array(as->w->a, uint32_t, as->seg->places.n);

    for (size_t i = 0; i < as->seg->atoms.n; i++) {
        const struct atom *a = as->seg->atoms.v[i];
        uint32_t level = could_wait(a);
        if (level > until[a->place->id])
            until[a->place->id] = level;
    }
    for (size_t i = 0; i < as->seg->places.n && left > 0; i++) {
        struct place *p = as->seg->places.v[i];
        if (!until[i] || p->late)
            continue;
        left--;
        put_off(p, until[i]);
        if (!is_better(as, least))
            put_off(p, 0);
    }
}

void assign_atoms(struct work *w, struct segment *seg)
{
    struct assigner as = {.w = w, .seg = seg};
    size_t trials = TRIALS_WORK_MAX / (seg->entries.n + seg->atoms.n + 1);

    for (size_t i = 0; i < seg->places.n; i++)
        seg->places.v[i]->late = 0;
    assign_once(&as);
    uint32_t least = as.cost;
    try_without_entries(&as, &least, trials);
    if (as.stale)
        assign_once(&as);
    as.stale = false;
    if (w->parts.n == 1) /* otherwise what a round has brought decides what the next ones can */
        try_later(&as, &least, trials / 8);
    if (as.stale)
        assign_once(&as);
}
