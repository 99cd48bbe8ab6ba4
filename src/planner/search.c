/* Which subgraphs to ask at which step.
 *
 * Entity fetches to one subgraph that start at the same step are one request, so the cost of a plan
 * is the number of its open pairs (step, subgraph), and what a set of open pairs can fetch follows
 * from it: at each step every entry into an open subgraph whose inputs have arrived fires. More
 * open pairs never make anything arrive later. Hence:
 *
 *   depth    the first step at which all goals have arrived when every pair is open: exact, and
 * cheap fetches  branch and bound over pairs. A pair is forced when closing it alone leaves a goal
 * out of reach; a subgraph is essential when closing all its pairs does. Every solution contains
 * all forced pairs and one pair of each essential subgraph, so their number never exceeds the true
 * cost. When the forced pairs suffice, they are the answer.
 *
 * The first solution comes from opening everything and closing pair after pair while the goals stay
 * within reach. */
#include "planner/work.h"

#define SEARCH_DEPTH_MAX 64

struct pairs {
    struct bits *at[SEARCH_DEPTH_MAX + 1]; /* by step, from 1: subgraphs */
};

struct search {
    struct work *w;
    struct segment *seg;
    uint32_t depth;
    struct bits *got, *next;
    uint8_t *fired;
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

/* One step: fires what can fire into `open` (NULL: all). True when something new arrived. */
static bool run_step(struct search *s, uint32_t step, const struct bits *open)
{
    bool fresh = false;
    memcpy(s->next, s->got, sizeof *s->got + (s->got->cap + 63) / 64 * sizeof s->got->w[0]);
    for (size_t i = 0; i < s->seg->entries.n; i++) {
        struct entry *e = s->seg->entries.v[i];
        s->w->steps++;
        if (s->fired[i] || e->forbidden || (open && !bits_has(open, e->subgraph)) ||
            !can_fire(e, s->got, step))
            continue;
        s->fired[i] = 1;
        e->level = step;
        bits_or(s->next, e->provides);
        fresh = true;
    }
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

static bool find_depth(struct search *s, const struct atom **lost)
{
    run_begin(s);
    for (s->depth = 0; !bits_subset(s->seg->goals, s->got); s->depth++) {
        if (s->depth < SEARCH_DEPTH_MAX && run_step(s, s->depth + 1, NULL))
            continue;
        for (size_t i = 0; i < s->seg->atoms.n; i++)
            if (bits_has(s->seg->goals, (uint32_t)i) && !bits_has(s->got, (uint32_t)i))
                *lost = s->seg->atoms.v[i];
        return false;
    }
    return true;
}

/* ---- pairs ---- */

static struct pairs pairs_copy(struct search *s, const struct pairs *from)
{
    struct pairs out = {{0}};
    for (uint32_t step = 1; step <= s->depth; step++)
        out.at[step] = bits_copy(s->w->a, from->at[step]);
    return out;
}

/* Those pairs at which anything fires when all are open. */
static struct pairs pairs_useful(struct search *s)
{
    struct pairs all = {{0}};
    run_begin(s);
    for (uint32_t step = 1; step <= s->depth; step++) {
        all.at[step] = bits_new(s->w->a, s->w->s->n_subgraphs);
        run_step(s, step, NULL);
    }
    /* An entry that can fire at one step can fire at every later one: the pair is useful there too.
     */
    for (size_t i = 0; i < s->seg->entries.n; i++)
        for (uint32_t step = s->seg->entries.v[i]->level; s->fired[i] && step <= s->depth; step++)
            if (!s->seg->entries.v[i]->root || step == 1)
                bits_set(all.at[step], s->seg->entries.v[i]->subgraph);
    return all;
}

static uint32_t pairs_count(const struct search *s, const struct pairs *p)
{
    uint32_t n = 0;
    for (uint32_t step = 1; step <= s->depth; step++)
        n += bits_count(p->at[step]);
    return n;
}

static bool reaches_without(struct search *s, struct pairs *p, uint32_t step, uint32_t subgraph)
{
    bits_clear(p->at[step], subgraph);
    bool ok = reaches(s, p);
    bits_set(p->at[step], subgraph);
    return ok;
}

static void take(struct search *s, const struct pairs *p, uint32_t cost)
{
    s->best = pairs_copy(s, p);
    s->best_cost = cost;
}

/* Closes pairs one by one, late steps first or early steps first. */
static void close_greedily(struct search *s, const struct pairs *all, bool late_first)
{
    struct pairs p = pairs_copy(s, all);
    for (uint32_t i = 1; i <= s->depth; i++) {
        uint32_t step = late_first ? s->depth + 1 - i : i;
        for (int g = bits_next(p.at[step], 0); g >= 0; g = bits_next(p.at[step], (uint32_t)g + 1)) {
            bits_clear(p.at[step], (uint32_t)g);
            if (!reaches(s, &p))
                bits_set(p.at[step], (uint32_t)g);
        }
    }
    uint32_t cost = pairs_count(s, &p);
    if (cost < s->best_cost)
        take(s, &p, cost);
}

/* ---- branch and bound ---- */

/* Moves every pair that no solution within `open` can do without to `must`. */
static void force(struct search *s, struct pairs *open, struct pairs *must)
{
    for (uint32_t step = 1; step <= s->depth; step++)
        for (int g = bits_next(open->at[step], 0); g >= 0;
             g = bits_next(open->at[step], (uint32_t)g + 1))
            if (!bits_has(must->at[step], (uint32_t)g) &&
                !reaches_without(s, open, step, (uint32_t)g))
                bits_set(must->at[step], (uint32_t)g);
}

static bool opened_anywhere(const struct search *s, const struct pairs *p, uint32_t subgraph)
{
    for (uint32_t step = 1; step <= s->depth; step++)
        if (bits_has(p->at[step], subgraph))
            return true;
    return false;
}

static bool is_essential(struct search *s, const struct pairs *open, uint32_t subgraph)
{
    struct pairs without = pairs_copy(s, open);
    for (uint32_t step = 1; step <= s->depth; step++)
        bits_clear(without.at[step], subgraph);
    return !reaches(s, &without);
}

/* Lower bound for every solution that contains `must` and lies within `open`. */
static uint32_t bound(struct search *s, const struct pairs *open, const struct pairs *must)
{
    uint32_t n = pairs_count(s, must);
    for (uint32_t g = 0; g < s->w->s->n_subgraphs; g++)
        if (!opened_anywhere(s, must, g) && opened_anywhere(s, open, g) && is_essential(s, open, g))
            n++;
    return n;
}

static bool first_undecided(const struct search *s, const struct pairs *open,
                            const struct pairs *must, uint32_t *step, uint32_t *subgraph)
{
    for (*step = 1; *step <= s->depth; ++*step)
        for (int g = bits_next(open->at[*step], 0); g >= 0;
             g = bits_next(open->at[*step], (uint32_t)g + 1))
            if (!bits_has(must->at[*step], (uint32_t)g)) {
                *subgraph = (uint32_t)g;
                return true;
            }
    return false;
}

static void branch(struct search *s, struct pairs open, struct pairs must)
{
    uint32_t step, g;

    if (s->w->steps > PLANNER_STEPS_MAX || arena_exhausted(s->w->a) || !reaches(s, &open))
        return;
    force(s, &open, &must);
    uint32_t least = bound(s, &open, &must);
    if (least >= s->best_cost)
        return;
    if (reaches(s, &must)) {
        take(s, &must, pairs_count(s, &must));
        return;
    }
    if (!first_undecided(s, &open, &must, &step, &g))
        return;
    struct pairs with = pairs_copy(s, &must), without = pairs_copy(s, &open);
    bits_set(with.at[step], g);
    bits_clear(without.at[step], g);
    branch(s, pairs_copy(s, &open), with);
    branch(s, without, pairs_copy(s, &must));
}

static struct search search_begin(struct work *w, struct segment *seg)
{
    uint32_t n = (uint32_t)seg->atoms.n;
    return (struct search){.w = w,
                           .seg = seg,
                           .depth = seg->depth,
                           .got = bits_new(w->a, n),
                           .next = bits_new(w->a, n),
                           .fired = arena_alloc(w->a, seg->entries.n + 1),
                           .best_cost = UINT32_MAX};
}

bool search_plan(struct work *w, struct segment *seg, const struct atom **lost)
{
    struct search s = search_begin(w, seg);

    if (!find_depth(&s, lost))
        return false;
    struct pairs all = pairs_useful(&s), none = {{0}};
    for (uint32_t step = 1; step <= s.depth; step++)
        none.at[step] = bits_new(w->a, w->s->n_subgraphs);
    close_greedily(&s, &all, true);
    close_greedily(&s, &all, false);
    branch(&s, all, none);
    seg->depth = s.depth;
    seg->open = arena_array(w->a, struct bits *, s.depth + 1);
    for (uint32_t step = 1; step <= s.depth; step++)
        seg->open[step] = s.best.at[step];
    return true;
}

/* Runs the chosen opening once more, leaving in each entry the step at which it fires, and in `got`
 * what arrives. */
void search_fire(struct work *w, const struct segment *seg, struct bits *got)
{
    struct search s = search_begin(w, (struct segment *)seg);
    struct pairs open = {{0}};

    for (uint32_t step = 1; step <= seg->depth; step++)
        open.at[step] = seg->open[step];
    for (size_t i = 0; i < seg->entries.n; i++)
        seg->entries.v[i]->level = 0;
    reaches(&s, &open);
    bits_or(got, s.got);
}
