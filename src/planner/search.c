/* Which subgraphs to ask at which step.
 *
 * Entity fetches to one subgraph that start at the same step are one request, so the cost of a plan
 * is the number of its open pairs (step, subgraph), and what a set of open pairs can fetch follows
 * from it: at each step every entry into an open subgraph whose inputs have arrived fires. More
 * open pairs never make anything arrive later. Hence:
 *
 *   depth    the first step at which all goals have arrived when every pair is open: exact and
 * cheap fetches  branch and bound over pairs. Goals, and inputs that every way to a goal has in
 * common, are needed by every solution; the pairs by which one can come in time are a demand.
 *            Demands without a common pair need a pair each, so their number never exceeds the
 * cost.
 *
 * The first solution takes everything as early as possible. Often the bound already says that it is
 * the best. */
#include "planner/work.h"

struct pairs {
    struct bits **at; /* by step, from 1: subgraphs */
};

struct search {
    struct work *w;
    struct segment *seg;
    uint32_t depth;
    struct bits *got, *next;
    uint8_t *fired;
    struct entry_vec *into;     /* by subgraph: entries that may be used */
    uint32_t *latest;           /* by atom; 0: not needed in every solution */
    VEC(struct bits *) demands; /* sets of pairs, of each of which every solution opens one */
    struct pairs best;
    uint32_t best_cost;
};

static bool atoms_arrived(const struct atom_vec *atoms, const struct bits *got)
{
    for (size_t i = 0; i < atoms->n; i++)
        if (!bits_has(got, atoms->v[i]->id))
            return false;
    return true;
}

static bool can_fire(const struct entry *e, const struct bits *got, uint32_t step)
{
    if (e->root)
        return step == 1;
    for (size_t i = 0; i < e->alternatives.n; i++)
        if (atoms_arrived(&e->alternatives.v[i].atoms, got))
            return true;
    return false;
}

static bool fire_into(struct search *s, uint32_t step, uint32_t subgraph)
{
    bool fresh = false;
    const struct entry_vec *entries = &s->into[subgraph];

    s->w->steps += entries->n;
    for (size_t i = 0; i < entries->n; i++) {
        struct entry *e = entries->v[i];
        if (s->fired[e->id] || !can_fire(e, s->got, step))
            continue;
        s->fired[e->id] = 1;
        e->level = step;
        bits_or(s->next, e->provides);
        s->w->steps += s->seg->atoms.n / 64;
        fresh = true;
    }
    return fresh;
}

/* Entries of finished rounds fire when they did. True until the last of them has. */
static bool fire_given(struct search *s, uint32_t step)
{
    bool more = false;
    for (size_t i = 0; i < s->seg->given.n; i++) {
        const struct entry *e = s->seg->given.v[i];
        if (!part_within(s->w, s->seg->part, e->part))
            continue;
        if (e->level == step)
            bits_or(s->next, e->provides);
        s->w->steps += s->seg->atoms.n / 64;
        more |= e->level >= step;
    }
    return more;
}

/* One step: fires what can fire into `open` (NULL: all). True when something new arrived. */
static bool run_step(struct search *s, uint32_t step, const struct bits *open)
{
    memcpy(s->next, s->got, sizeof *s->got + (s->got->cap + 63) / 64 * sizeof s->got->w[0]);
    bool fresh = fire_given(s, step);
    for (uint32_t g = 0; g < s->w->s->n_subgraphs; g++)
        if (!open || bits_has(open, g))
            fresh |= fire_into(s, step, g);
    struct bits *swap = s->got;
    s->got = s->next;
    s->next = swap;
    return fresh;
}

static void run_begin(struct search *s)
{
    memset(s->got->w, 0, (s->got->cap + 63) / 64 * sizeof s->got->w[0]);
    memset(s->fired, 0, s->seg->entries.n);
}

static bool reaches(struct search *s, const struct pairs *open)
{
    run_begin(s);
    for (uint32_t step = 1; step <= s->depth; step++)
        run_step(s, step, open->at[step]);
    return bits_subset(s->seg->goals, s->got);
}

/* ---- depth ---- */

static bool find_depth(struct search *s)
{
    run_begin(s);
    for (s->depth = 0; !bits_subset(s->seg->goals, s->got); s->depth++) {
        if (s->depth < SEARCH_DEPTH_MAX && run_step(s, s->depth + 1, NULL))
            continue;
        s->seg->too_deep = s->depth >= SEARCH_DEPTH_MAX;
        s->seg->lost = bits_copy(s->w->a, s->seg->goals);
        bits_minus(s->seg->lost, s->got);
        return false;
    }
    return true;
}

/* ---- pairs ---- */

static struct pairs pairs_new(struct search *s)
{
    struct pairs out = {arena_array(s->w->a, struct bits *, s->depth + 1)};
    for (uint32_t step = 1; step <= s->depth; step++)
        out.at[step] = bits_new(s->w->a, s->w->s->n_subgraphs);
    return out;
}

static struct pairs pairs_copy(struct search *s, const struct pairs *from)
{
    struct pairs out = {arena_array(s->w->a, struct bits *, s->depth + 1)};
    for (uint32_t step = 1; step <= s->depth; step++)
        out.at[step] = bits_copy(s->w->a, from->at[step]);
    return out;
}

static uint32_t pairs_count(const struct search *s, const struct pairs *p)
{
    uint32_t n = 0;
    for (uint32_t step = 1; step <= s->depth; step++)
        n += bits_count(p->at[step]);
    return n;
}

/* Every pair at which something may fire: an entry that can fire at one step can at each later one.
 */
static struct pairs pairs_useful(struct search *s)
{
    struct pairs all = pairs_new(s);
    for (size_t i = 0; i < s->seg->entries.n; i++) {
        const struct entry *e = s->seg->entries.v[i];
        for (uint32_t step = e->level; step && step <= s->depth; step++)
            if (!e->root || step == 1)
                bits_set(all.at[step], e->subgraph);
    }
    return all;
}

static void take(struct search *s, const struct pairs *p)
{
    uint32_t cost = pairs_count(s, p);
    if (cost >= s->best_cost)
        return;
    s->best = pairs_copy(s, p);
    s->best_cost = cost;
}

/* ---- what every solution needs ---- */

static bool has_input(const struct alternative *alt, const struct atom *a)
{
    for (size_t i = 0; i < alt->atoms.n; i++)
        if (alt->atoms.v[i] == a)
            return true;
    return false;
}

/* Can the entry be the first to bring the atom? Not when it needs the atom itself. */
static bool may_bring(const struct entry *e, const struct atom *a)
{
    if (e->origin)
        return false;
    for (size_t i = 0; i < e->alternatives.n; i++)
        if (!has_input(&e->alternatives.v[i], a))
            return e->level > 0;
    return e->root && e->level > 0;
}

/* Atoms that are inputs whatever provider and key is chosen; NULL when a provider needs none. */
static struct bits *common_inputs(struct search *s, const struct atom *a)
{
    struct bits *common = NULL;
    for (size_t i = 0; i < a->providers.n; i++) {
        const struct entry *e = a->providers.v[i];
        if (!e->level)
            continue;
        if (e->root || e->origin)
            return NULL;
        for (size_t k = 0; k < e->alternatives.n; k++) {
            if (has_input(&e->alternatives.v[k], a))
                continue;
            struct bits *here = bits_new(s->w->a, (uint32_t)s->seg->atoms.n);
            for (size_t n = 0; n < e->alternatives.v[k].atoms.n; n++)
                bits_set(here, e->alternatives.v[k].atoms.v[n]->id);
            if (common)
                bits_and(common, here);
            else
                common = here;
        }
    }
    return common;
}

/* Goals, and what they need in any case, each with the last step at which it may arrive. */
static void find_needs(struct search *s)
{
    VEC(uint32_t) todo = {0};
    uint32_t n = (uint32_t)s->seg->atoms.n;

    s->latest = arena_array(s->w->a, uint32_t, n);
    for (int i = bits_next(s->seg->goals, 0); i >= 0;
         i = bits_next(s->seg->goals, (uint32_t)i + 1)) {
        s->latest[i] = s->depth;
        vec_push(s->w->a, &todo, (uint32_t)i);
    }
    for (size_t at = 0; at < todo.n; at++) {
        uint32_t id = todo.v[at];
        struct bits *inputs = common_inputs(s, s->seg->atoms.v[id]);
        for (int i = inputs ? bits_next(inputs, 0) : -1; i >= 0;
             i = bits_next(inputs, (uint32_t)i + 1)) {
            if (s->latest[i] && s->latest[i] <= s->latest[id] - 1)
                continue;
            s->latest[i] = s->latest[id] - 1;
            vec_push(s->w->a, &todo, (uint32_t)i);
        }
    }
}

/* Does a finished round bring it by then? */
static bool given_by(const struct atom *a, uint32_t latest)
{
    for (size_t i = 0; i < a->providers.n; i++)
        if (a->providers.v[i]->origin && a->providers.v[i]->level <= latest)
            return true;
    return false;
}

/* The pairs by which a needed atom can come in time, as bits step * subgraphs + subgraph. Atoms
 * with the same pairs count once. */
static void find_demands(struct search *s)
{
    uint32_t subgraphs = s->w->s->n_subgraphs;

    for (uint32_t id = 0; id < s->seg->atoms.n; id++) {
        const struct atom *a = s->seg->atoms.v[id];
        if (!s->latest[id] || given_by(a, s->latest[id]))
            continue;
        struct bits *by = bits_new(s->w->a, (s->depth + 1) * subgraphs);
        for (size_t i = 0; i < a->providers.n; i++) {
            const struct entry *e = a->providers.v[i];
            if (!may_bring(e, a))
                continue;
            uint32_t last = e->root ? 1 : s->latest[id];
            for (uint32_t step = e->level; step && step <= last; step++)
                bits_set(by, step * subgraphs + e->subgraph);
        }
        bool known = false;
        for (size_t i = 0; i < s->demands.n && !known; i++)
            known = bits_equal(s->demands.v[i], by);
        if (!known)
            vec_push(s->w->a, &s->demands, by);
    }
}

/* ---- a first solution ---- */

static void open_for(struct search *s, struct pairs *p, const struct atom *a, const uint32_t *first,
                     uint8_t *wanted)
{
    struct entry *chosen = NULL;
    for (size_t i = 0; i < a->providers.n; i++) {
        struct entry *e = a->providers.v[i];
        if (e->level != first[a->id])
            continue;
        if (e->origin)
            return;
        if (!chosen || (!bits_has(p->at[e->level], chosen->subgraph) &&
                        bits_has(p->at[e->level], e->subgraph)))
            chosen = e;
    }
    bits_set(p->at[chosen->level], chosen->subgraph);
    for (size_t i = 0; i < chosen->alternatives.n; i++) {
        const struct atom_vec *atoms = &chosen->alternatives.v[i].atoms;
        bool ok = true;
        for (size_t k = 0; k < atoms->n; k++)
            ok &= first[atoms->v[k]->id] && first[atoms->v[k]->id] < chosen->level;
        if (!ok)
            continue;
        for (size_t k = 0; k < atoms->n; k++)
            wanted[atoms->v[k]->id] = 1;
        return;
    }
}

/* Everything as early as possible, walked back from the goals. */
static struct pairs pairs_early(struct search *s)
{
    uint32_t n = (uint32_t)s->seg->atoms.n;
    uint32_t *first = arena_array(s->w->a, uint32_t, n);
    uint8_t *wanted = arena_alloc(s->w->a, n);
    struct pairs p = pairs_new(s);

    for (uint32_t i = 0; i < n; i++) {
        const struct atom *a = s->seg->atoms.v[i];
        wanted[i] = bits_has(s->seg->goals, i);
        for (size_t k = 0; k < a->providers.n; k++) {
            uint32_t level = a->providers.v[k]->level;
            if (level && (!first[i] || level < first[i]))
                first[i] = level;
        }
    }
    for (uint32_t level = s->depth; level > 0; level--)
        for (uint32_t i = 0; i < n; i++)
            if (wanted[i] && first[i] == level)
                open_for(s, &p, s->seg->atoms.v[i], first, wanted);
    return p;
}

/* Closes pairs one by one while the goals stay within reach, late steps first or early steps first.
 */
static void close_greedily(struct search *s, const struct pairs *from, bool late_first)
{
    struct pairs p = pairs_copy(s, from);
    for (uint32_t i = 1; i <= s->depth; i++) {
        uint32_t step = late_first ? s->depth + 1 - i : i;
        for (int g = bits_next(p.at[step], 0); g >= 0; g = bits_next(p.at[step], (uint32_t)g + 1)) {
            if (s->w->steps > s->w->p->limits.steps)
                break;
            bits_clear(p.at[step], (uint32_t)g);
            if (!reaches(s, &p))
                bits_set(p.at[step], (uint32_t)g);
        }
    }
    take(s, &p);
}

/* ---- branch and bound ---- */

static bool demand_met(const struct search *s, const struct bits *demand, const struct pairs *p)
{
    uint32_t subgraphs = s->w->s->n_subgraphs;
    for (int i = bits_next(demand, 0); i >= 0; i = bits_next(demand, (uint32_t)i + 1))
        if (bits_has(p->at[(uint32_t)i / subgraphs], (uint32_t)i % subgraphs))
            return true;
    return false;
}

static struct bits *still_open(const struct search *s, const struct bits *demand,
                               const struct pairs *open)
{
    uint32_t subgraphs = s->w->s->n_subgraphs;
    struct bits *left = bits_copy(s->w->a, demand);
    for (int i = bits_next(demand, 0); i >= 0; i = bits_next(demand, (uint32_t)i + 1))
        if (!bits_has(open->at[(uint32_t)i / subgraphs], (uint32_t)i % subgraphs))
            bits_clear(left, (uint32_t)i);
    return left;
}

/* Lower bound for every solution within `open` that contains `must`: demands that `must` does not
 * meet and that have no pair in common need a pair each. `tightest` is the unmet demand with the
 * fewest pairs. */
static uint32_t bound(struct search *s, const struct pairs *open, const struct pairs *must,
                      struct bits **tightest)
{
    uint32_t n = pairs_count(s, must);
    VEC(struct bits *) unmet = {0};
    struct bits *taken = bits_new(s->w->a, (s->depth + 1) * s->w->s->n_subgraphs);

    for (size_t i = 0; i < s->demands.n; i++)
        if (!demand_met(s, s->demands.v[i], must))
            vec_push(s->w->a, &unmet, still_open(s, s->demands.v[i], open));
    *tightest = NULL;
    for (size_t i = 0; i < unmet.n; i++) { /* small sets first: insertion sort by size */
        struct bits *it = unmet.v[i];
        size_t k = i;
        for (; k > 0 && bits_count(unmet.v[k - 1]) > bits_count(it); k--)
            unmet.v[k] = unmet.v[k - 1];
        unmet.v[k] = it;
    }
    s->w->steps += unmet.n * unmet.n;
    for (size_t i = 0; i < unmet.n; i++) {
        if (!*tightest)
            *tightest = unmet.v[i];
        if (bits_empty(unmet.v[i]))
            return UINT32_MAX;
        if (bits_overlap(unmet.v[i], taken))
            continue;
        bits_or(taken, unmet.v[i]);
        n++;
    }
    return n;
}

/* How many unmet demands the pair would meet. */
static uint32_t meets(const struct search *s, const struct pairs *must, uint32_t pair)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s->demands.n; i++)
        n += bits_has(s->demands.v[i], pair) && !demand_met(s, s->demands.v[i], must);
    return n;
}

static void branch(struct search *s, struct pairs open, const struct pairs *must);

/* Tries every pair of a demand, the one that meets most demands first; a pair that was tried is
 * closed for the rest. */
static void branch_on(struct search *s, struct pairs *open, const struct pairs *must,
                      struct bits *choices)
{
    uint32_t subgraphs = s->w->s->n_subgraphs;
    while (!bits_empty(choices) && s->w->steps <= s->w->p->limits.steps) {
        int best = -1;
        uint32_t most = 0;
        for (int i = bits_next(choices, 0); i >= 0; i = bits_next(choices, (uint32_t)i + 1)) {
            uint32_t n = meets(s, must, (uint32_t)i);
            if (best < 0 || n > most) {
                best = i;
                most = n;
            }
        }
        struct pairs with = pairs_copy(s, must);
        bits_set(with.at[(uint32_t)best / subgraphs], (uint32_t)best % subgraphs);
        branch(s, pairs_copy(s, open), &with);
        bits_clear(open->at[(uint32_t)best / subgraphs], (uint32_t)best % subgraphs);
        bits_clear(choices, (uint32_t)best);
    }
}

/* All demands are met, yet not all goals: something else is missing, which no demand shows because
 * there is a choice. */
static struct bits *undecided(struct search *s, const struct pairs *open, const struct pairs *must)
{
    uint32_t subgraphs = s->w->s->n_subgraphs;
    struct bits *out = bits_new(s->w->a, (s->depth + 1) * subgraphs);
    for (uint32_t step = 1; step <= s->depth; step++)
        for (int g = bits_next(open->at[step], 0); g >= 0;
             g = bits_next(open->at[step], (uint32_t)g + 1))
            if (!bits_has(must->at[step], (uint32_t)g))
                bits_set(out, step * subgraphs + (uint32_t)g);
    return out;
}

static void branch(struct search *s, struct pairs open, const struct pairs *must)
{
    struct bits *choices;

    if (s->w->steps > s->w->p->limits.steps || arena_exhausted(s->w->a))
        return;
    uint32_t least = bound(s, &open, must, &choices);
    if (least >= s->best_cost || !reaches(s, &open))
        return;
    if (!choices && reaches(s, must)) {
        take(s, must);
        return;
    }
    if (!choices) {
        if (least + 1 >= s->best_cost)
            return;
        choices = undecided(s, &open, must);
    }
    branch_on(s, &open, must, choices);
}

static struct search search_begin(struct work *w, struct segment *seg)
{
    uint32_t n = (uint32_t)seg->atoms.n;
    struct search s = {.w = w,
                       .seg = seg,
                       .depth = seg->depth,
                       .got = bits_new(w->a, n),
                       .next = bits_new(w->a, n),
                       .fired = arena_alloc(w->a, seg->entries.n + 1),
                       .into = arena_array(w->a, struct entry_vec, w->s->n_subgraphs),
                       .best_cost = UINT32_MAX};
    for (size_t i = 0; i < seg->entries.n; i++) {
        struct entry *e = seg->entries.v[i];
        e->level = 0;
        if (!e->forbidden)
            vec_push(w->a, &s.into[e->subgraph], e);
    }
    return s;
}

static void find_best(struct search *s)
{
    struct pairs all = pairs_useful(s), none = pairs_new(s), early = pairs_early(s);
    struct bits *choices;

    find_needs(s);
    find_demands(s);
    take(s, &early);
    if (bound(s, &all, &none, &choices) >= s->best_cost)
        return;
    close_greedily(s, &early, true);
    close_greedily(s, &early, false);
    close_greedily(s, &all, true);
    branch(s, all, &none);
}

bool search_plan(struct work *w, struct segment *seg)
{
    struct search s = search_begin(w, seg);

    if (!find_depth(&s))
        return false;
    find_best(&s);
    seg->depth = s.depth;
    seg->open = s.best.at;
    return true;
}

/* Runs the chosen opening once more, leaving in each entry the step at which it fires, and in `got`
 * what arrives. */
void search_fire(struct work *w, const struct segment *seg, struct bits *got)
{
    struct search s = search_begin(w, (struct segment *)seg);
    struct pairs open = {seg->open};

    reaches(&s, &open);
    bits_or(got, s.got);
}
