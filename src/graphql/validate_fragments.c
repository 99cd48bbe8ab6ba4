#include "graphql/rules.h"

void gql_rule_fragment(struct gql_validation *v, struct gql_part *part)
{
    const struct gql_name *on = &part->def->on;
    const struct gql_type *t = gql_rule_type(v, on->s);
    if (!t)
        gql_rule_known_type(v, on->s, on->loc);
    else if (!gql_type_is_composite(t))
        GQL_REPORT(v, GQL_AT(on->loc), "Fragment \"%.*s\" cannot condition on non composite type \"%.*s\".",
                   STR_ARG(part->def->name.s), STR_ARG(on->s));
}

static bool overlap(const struct gql_type *a, const struct gql_type *b)
{
    return a == b || bits_overlap(a->possible, b->possible);
}

void gql_rule_inline_fragment(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel,
                              const struct gql_type *on)
{
    if (!on) {
        if (sel->on.s.p)
            gql_rule_known_type(v, sel->on.s, sel->on.loc);
        return;
    }
    if (!gql_type_is_composite(on))
        GQL_REPORT(v, GQL_AT(sel->on.loc), "Fragment cannot condition on non composite type \"%.*s\".",
                   STR_ARG(sel->on.s));
    else if (at->parent && !overlap(on, at->parent))
        GQL_REPORT(v, GQL_AT(sel->loc),
                   "Fragment cannot be spread here as objects of type \"%.*s\" can never be of type \"%.*s\".",
                   STR_ARG(at->parent->name), STR_ARG(on->name));
}

void gql_rule_spread(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel)
{
    struct gql_part *f = map_get(&v->fragments, sel->name.s);
    if (!f) {
        GQL_REPORT(v, GQL_AT(sel->name.loc), "Unknown fragment \"%.*s\".", STR_ARG(sel->name.s));
        return;
    }
    const struct gql_type *on = gql_rule_type(v, f->def->on.s);
    if (on && gql_type_is_composite(on) && at->parent && !overlap(on, at->parent))
        GQL_REPORT(v, GQL_AT(sel->loc),
                   "Fragment \"%.*s\" cannot be spread here as objects of type \"%.*s\" can never be of type \"%.*s\".",
                   STR_ARG(sel->name.s), STR_ARG(at->parent->name), STR_ARG(on->name));
}

/* ---- unused fragments ---- */

static void check_unused(struct gql_validation *v)
{
    v->marks++; /* one walk for all operations */
    struct gql_part_vec reached = {0};
    for (uint32_t i = 0; i < v->doc->n; i++)
        if (v->doc->definitions[i]->kind == GQL_OPERATION)
            vec_push(v->a, &reached, &v->parts[i]);
    for (size_t i = 0; i < reached.n; i++) {
        const struct gql_selection_vec *spreads = gql_rule_spreads(v, reached.v[i]);
        for (size_t j = 0; j < spreads->n; j++) {
            struct gql_part *f = map_get(&v->fragments, spreads->v[j]->name.s);
            if (f && f->mark != v->marks) {
                f->mark = v->marks;
                vec_push(v->a, &reached, f);
            }
        }
    }
    for (uint32_t i = 0; i < v->doc->n; i++) {
        const struct gql_definition *d = v->doc->definitions[i];
        if (d->kind != GQL_FRAGMENT)
            continue;
        const struct gql_part *f = map_get(&v->fragments, d->name.s);
        if (f->mark != v->marks)
            GQL_REPORT(v, GQL_AT(d->loc), "Fragment \"%.*s\" is never used.", STR_ARG(d->name.s));
    }
}

/* ---- fragments that spread themselves ---- */

/* Of the names in one message. */
#define VIA_MAX (64u << 10)

struct visit {
    struct gql_part *part;
    size_t next; /* of its spreads */
    struct entry *entry;
};

struct entry {
    bool open;   /* on the stack */
    size_t path; /* how long the path was when it was entered */
};

struct cycles {
    struct gql_validation *v;
    struct map entered; /* name → struct entry: was visited, now or before */
    VEC(struct visit) stack;
    struct gql_selection_vec path; /* the spread that was taken in each fragment of the stack */
};

static void enter(struct cycles *c, struct gql_part *part)
{
    struct entry *e = arena_new_of(c->v->a, struct entry);
    *e = (struct entry){true, c->path.n};
    map_put(c->v->a, &c->entered, part->def->name.s, e);
    vec_push(c->v->a, &c->stack, (struct visit){part, 0, e});
}

static void report_cycle(struct cycles *c, size_t from)
{
    struct gql_validation *v = c->v;
    struct buf via;
    buf_init(&via, VIA_MAX);
    struct gql_loc *locs = arena_array(v->a, struct gql_loc, c->path.n - from);
    for (size_t i = from; i < c->path.n; i++) {
        locs[i - from] = c->path.v[i]->loc;
        if (i + 1 < c->path.n)
            buf_printf(&via, "%s\"%.*s\"", via.len ? ", " : " via ", STR_ARG(c->path.v[i]->name.s));
    }
    gql_rule_report(v, locs, c->path.n - from, "Cannot spread fragment \"%.*s\" within itself%.*s.",
                    STR_ARG(vec_last(&c->path)->name.s), STR_ARG(buf_str(&via)));
    buf_free(&via);
}

static void take_spread(struct cycles *c, const struct gql_selection *spread)
{
    vec_push(c->v->a, &c->path, spread);
    struct gql_part *f = map_get(&c->v->fragments, spread->name.s);
    const struct entry *e = map_get(&c->entered, spread->name.s);
    if (f && !e) {
        enter(c, f);
        return;
    }
    if (e && e->open)
        report_cycle(c, e->path);
    c->path.n--;
}

static void check_cycles_from(struct cycles *c, struct gql_part *part)
{
    if (map_has(&c->entered, part->def->name.s))
        return;
    enter(c, part);
    while (c->stack.n && !c->v->stopped) {
        struct visit *top = &vec_last(&c->stack);
        const struct gql_selection_vec *spreads = gql_rule_spreads(c->v, top->part);
        if (top->next < spreads->n) {
            take_spread(c, spreads->v[top->next++]);
            continue;
        }
        top->entry->open = false;
        if (--c->stack.n)
            c->path.n--;
    }
}

void gql_rule_fragments(struct gql_validation *v)
{
    check_unused(v);
    struct cycles c = {.v = v};
    for (uint32_t i = 0; i < v->doc->n && !v->stopped; i++)
        if (v->doc->definitions[i]->kind == GQL_FRAGMENT)
            check_cycles_from(&c, &v->parts[i]);
}
