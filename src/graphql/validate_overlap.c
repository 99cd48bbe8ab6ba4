#include "graphql/rules.h"

/* Fields with one response key must ask for the same (FieldsInSetCanMerge).
 *
 * Which pairs are compared, in which order and how often, follows graphql-js, so that the errors are the same. But
 * where graphql-js recurses along fragments and selections, which a client can nest deeply, this keeps its own stack: a
 * `work` item produces one comparison after the other and remembers where it is. What was compared is remembered, and
 * the number of comparisons is bounded. */

#define TEXT_MAX 1000 /* of a message */
#define NODES_MAX 20  /* of a conflict below another */

struct entry { /* a field that is selected */
    const struct gql_type *parent;
    const struct gql_selection *node;
    const struct gql_field *def;
};

struct group { /* the fields of one response key */
    struct str key;
    VEC(struct entry) entries;
};

struct fields { /* what a selection set selects, without its fragment spreads */
    VEC(struct group *) groups;
    struct map by_key;
    struct gql_part_vec spreads;
};

struct places VEC_BODY(struct gql_loc);

struct conflict {
    struct str key, reason;
    struct places left, right;
};

struct job { /* the comparison of the selections of two fields, or of one whole selection set */
    struct job *up; /* NULL: the outermost */
    struct str key;
    const struct gql_selection *left, *right;
    VEC(struct conflict) conflicts;
};

enum work_kind {
    WITHIN,          /* all pairs in each group of a */
    BETWEEN,         /* each entry of a with those of b under the same key */
    FIELDS_SPREADS,  /* a with each fragment that b spreads */
    OWN_SPREADS,     /* a with each fragment it spreads, and these with one another */
    SPREADS_SPREADS, /* each fragment of a with each of b */
    PART_SPREADS,    /* a fragment with each that b spreads */
    SPREADS_PART,    /* each fragment that a spreads with a fragment */
    END              /* of the job */
};

struct work {
    enum work_kind kind;
    bool exclusive; /* the fields are of different object types: only their shapes must agree */
    uint32_t g, i, j;
    struct job *job;
    struct fields *a, *b;
    struct gql_part *part;
};

struct gql_overlap {
    struct map fields;     /* (parent type, selection set) → struct fields */
    struct map with_part;  /* (struct fields, fragment) that were compared → how */
    struct map part_pairs; /* (fragment, fragment) that were compared → how */
    VEC(struct work) stack;
    uint32_t comparisons;
};

/* ---- pairs of addresses as keys ---- */

struct pair {
    const void *a, *b;
};

static struct str pair_key(const struct pair *p) { return str_mem(p, sizeof *p); }

static void pair_put(struct arena *a, struct map *m, struct pair p, void *value)
{
    map_put(a, m, pair_key(arena_memdup(a, &p, sizeof p)), value);
}

/* Remembers a comparison. False when it was done already, as strictly as this time. */
static bool is_new(struct gql_validation *v, struct map *m, struct pair p, bool exclusive)
{
    static char strict, loose;
    const void *before = map_get(m, pair_key(&p));
    if (before && (exclusive || before == &strict))
        return false;
    pair_put(v->a, m, p, exclusive ? &loose : &strict);
    return true;
}

/* ---- what is selected ---- */

static struct group *group_of(struct gql_validation *v, struct fields *f, struct str key)
{
    struct group *g = map_get(&f->by_key, key);
    if (!g) {
        g = arena_new_of(v->a, struct group);
        g->key = key;
        map_put(v->a, &f->by_key, key, g);
        vec_push(v->a, &f->groups, g);
    }
    return g;
}

static void add_spread(struct gql_validation *v, struct fields *f, struct str name)
{
    struct gql_part *part = map_get(&v->fragments, name);
    for (size_t i = 0; part && i < f->spreads.n; i++)
        if (f->spreads.v[i] == part)
            return;
    if (part)
        vec_push(v->a, &f->spreads, part);
}

/* Inline fragments nest no deeper than the parser allows. */
static void collect_into(struct gql_validation *v, struct fields *f, const struct gql_type *parent,
                         const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD) {
            struct group *g = group_of(v, f, gql_response_key(sel));
            vec_push(v->a, &g->entries,
                     (struct entry){parent, sel, parent ? map_get(&parent->field_by_name, sel->name.s) : NULL});
        } else if (sel->kind == GQL_FRAGMENT_SPREAD) {
            add_spread(v, f, sel->name.s);
        } else {
            collect_into(v, f, sel->on.s.p ? gql_rule_type(v, sel->on.s) : parent, sel->selections);
        }
    }
}

static struct fields *
collect(struct gql_validation *v, const struct gql_type *parent, const struct gql_selection_set *set)
{
    struct pair p = {parent, set};
    struct fields *f = map_get(&v->overlap->fields, pair_key(&p));
    if (!f) {
        f = arena_new_of(v->a, struct fields);
        collect_into(v, f, parent, set);
        pair_put(v->a, &v->overlap->fields, p, f);
    }
    return f;
}

static struct fields *collect_part(struct gql_validation *v, const struct gql_part *part)
{
    return collect(v, gql_rule_type(v, part->def->on.s), part->def->selections);
}

/* ---- two fields ---- */

/* Counts a comparison; after the last one that is allowed all work is dropped. */
static bool spend(struct gql_validation *v)
{
    struct gql_overlap *o = v->overlap;
    if (o->comparisons > GQL_OVERLAP_MAX)
        return false;
    if (o->comparisons++ < GQL_OVERLAP_MAX)
        return true;
    gql_rule_report(v, NULL, 0,
                    "The document is too complex: more than %d comparisons are needed to see whether its fields can be "
                    "merged. Select each field once, or send several operations.",
                    GQL_OVERLAP_MAX);
    o->stack.n = 0;
    return false;
}

static bool same_value(struct gql_validation *v, const struct gql_value *x, const struct gql_value *y)
{
    if (x->kind != y->kind || x->n != y->n || !spend(v))
        return false;
    switch (x->kind) {
    case GQL_LIST:
        for (uint32_t i = 0; i < x->n; i++)
            if (!same_value(v, x->items[i], y->items[i]))
                return false;
        return true;
    case GQL_OBJECT:
        for (uint32_t i = 0; i < x->n; i++) {
            uint32_t j = 0;
            while (j < y->n && !str_eq(x->fields[i].name.s, y->fields[j].name.s))
                j++;
            if (j == y->n || !same_value(v, x->fields[i].value, y->fields[j].value))
                return false;
        }
        return true;
    case GQL_BOOLEAN:
        return x->boolean == y->boolean;
    case GQL_STRING:
        return x->block == y->block && str_eq(x->text, y->text);
    default:
        return str_eq(x->text, y->text);
    }
}

static bool same_arguments(struct gql_validation *v, const struct gql_selection *x, const struct gql_selection *y)
{
    if (x->n_args != y->n_args)
        return false;
    for (uint32_t i = 0; i < x->n_args; i++) {
        const struct gql_value *other = NULL;
        for (uint32_t j = 0; j < y->n_args; j++)
            if (str_eq(x->args[i].name.s, y->args[j].name.s))
                other = y->args[j].value;
        if (!other || !same_value(v, x->args[i].value, other))
            return false;
    }
    return true;
}

/* Two leaves of different types never have one shape; of composite types the selections decide. */
static bool types_conflict(const struct gql_tref *x, const struct gql_tref *y)
{
    for (; x->kind == y->kind; x = x->of, y = y->of)
        if (x->kind == GQL_REF_NAMED)
            return x->type != y->type && (gql_type_is_leaf(x->type) || gql_type_is_leaf(y->type));
    return true;
}

static struct str abbreviated(struct arena *a, struct str s)
{
    return s.len > TEXT_MAX ? arena_printf(a, "%.*s...", TEXT_MAX, s.p) : s;
}

static void __attribute__((format(printf, 6, 7)))
add_conflict(struct gql_validation *v, struct job *job, struct str key, const struct entry *x, const struct entry *y,
             const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct conflict c = {.key = key, .reason = arena_vprintf(v->a, fmt, ap)};
    va_end(ap);
    vec_push(v->a, &c.left, x->node->loc);
    vec_push(v->a, &c.right, y->node->loc);
    vec_push(v->a, &job->conflicts, c);
}

static void push(struct gql_validation *v, struct work w) { vec_push(v->a, &v->overlap->stack, w); }

/* The work for the selections of both fields, the first of it pushed last. */
static void compare_selections(struct gql_validation *v, struct job *up, struct str key, const struct entry *x,
                               const struct entry *y, bool exclusive)
{
    struct job *job = arena_new_of(v->a, struct job);
    *job = (struct job){.up = up, .key = key, .left = x->node, .right = y->node};
    struct fields *a = collect(v, x->def ? gql_tref_named(x->def->type) : NULL, x->node->selections);
    struct fields *b = collect(v, y->def ? gql_tref_named(y->def->type) : NULL, y->node->selections);
    struct work w = {.kind = END, .exclusive = exclusive, .job = job};
    push(v, w);
    w.kind = SPREADS_SPREADS;
    w.a = a;
    w.b = b;
    push(v, w);
    w.kind = FIELDS_SPREADS;
    w.a = b;
    w.b = a;
    push(v, w);
    w.a = a;
    w.b = b;
    push(v, w);
    w.kind = BETWEEN;
    push(v, w);
}

static bool exclusive_parents(const struct entry *x, const struct entry *y)
{
    return x->parent != y->parent && x->parent && y->parent && x->parent->kind == GQL_OBJECT_TYPE &&
           y->parent->kind == GQL_OBJECT_TYPE;
}

static void compare(struct gql_validation *v, struct job *job, struct str key, const struct entry *x,
                    const struct entry *y, bool exclusive)
{
    if (!spend(v))
        return;
    exclusive = exclusive || exclusive_parents(x, y);
    struct str left = x->node->name.s, right = y->node->name.s;
    if (!exclusive && !str_eq(left, right)) {
        left = abbreviated(v->a, left);
        right = abbreviated(v->a, right);
        add_conflict(v, job, key, x, y, "\"%.*s\" and \"%.*s\" are different fields", STR_ARG(left), STR_ARG(right));
    } else if (!exclusive && !same_arguments(v, x->node, y->node)) {
        add_conflict(v, job, key, x, y, "they have differing arguments");
    } else if (x->def && y->def && types_conflict(x->def->type, y->def->type)) {
        add_conflict(v, job, key, x, y, "they return conflicting types \"%.*s\" and \"%.*s\"",
                     STR_ARG(gql_tref_str(v->a, x->def->type)), STR_ARG(gql_tref_str(v->a, y->def->type)));
    } else if (x->node->selections && y->node->selections) {
        compare_selections(v, job, key, x, y, exclusive);
    }
}

/* ---- fields and fragments ---- */

static void compare_with_part(struct gql_validation *v, struct job *job, struct fields *a, struct gql_part *part,
                              bool exclusive)
{
    if (!spend(v) || !a->groups.n || !is_new(v, &v->overlap->with_part, (struct pair){a, part}, exclusive))
        return;
    struct fields *b = collect_part(v, part);
    if (a == b)
        return;
    push(v, (struct work){.kind = FIELDS_SPREADS, .exclusive = exclusive, .job = job, .a = a, .b = b});
    push(v, (struct work){.kind = BETWEEN, .exclusive = exclusive, .job = job, .a = a, .b = b});
}

static void
compare_parts(struct gql_validation *v, struct job *job, struct gql_part *x, struct gql_part *y, bool exclusive)
{
    struct pair p = x < y ? (struct pair){x, y} : (struct pair){y, x};
    if (x == y || !spend(v) || !is_new(v, &v->overlap->part_pairs, p, exclusive))
        return;
    struct fields *a = collect_part(v, x), *b = collect_part(v, y);
    push(v, (struct work){.kind = SPREADS_PART, .exclusive = exclusive, .job = job, .a = a, .part = y});
    push(v, (struct work){.kind = PART_SPREADS, .exclusive = exclusive, .job = job, .b = b, .part = x});
    push(v, (struct work){.kind = BETWEEN, .exclusive = exclusive, .job = job, .a = a, .b = b});
}

/* ---- the end of a job ---- */

static void add_below(struct gql_validation *v, struct places *to, const struct places *from)
{
    size_t room = NODES_MAX - to->n;
    size_t first = from->n > room ? from->n - room : 0;
    for (size_t i = first; i < from->n; i++)
        vec_push(v->a, to, from->v[i]);
}

/* What the conflicts below two fields say about these. */
static void end_inner(struct gql_validation *v, struct job *job)
{
    struct conflict c = {.key = job->key, .reason = STR("")};
    vec_push(v->a, &c.left, job->left->loc);
    vec_push(v->a, &c.right, job->right->loc);
    for (size_t i = 0; i < job->conflicts.n; i++) {
        const struct conflict *below = &job->conflicts.v[i];
        struct str key = abbreviated(v->a, below->key);
        if (c.reason.len <= TEXT_MAX)
            c.reason = arena_printf(v->a, "%.*s%ssubfields \"%.*s\" conflict because %.*s", STR_ARG(c.reason),
                                    i ? " and " : "", STR_ARG(key), STR_ARG(below->reason));
        add_below(v, &c.left, &below->left);
        add_below(v, &c.right, &below->right);
    }
    c.reason = abbreviated(v->a, c.reason);
    if (job->conflicts.n)
        vec_push(v->a, &job->up->conflicts, c);
}

static void end_outer(struct gql_validation *v, struct job *job)
{
    for (size_t i = 0; i < job->conflicts.n; i++) {
        struct conflict *c = &job->conflicts.v[i];
        for (size_t j = 0; j < c->right.n; j++)
            vec_push(v->a, &c->left, c->right.v[j]);
        struct str key = abbreviated(v->a, c->key);
        gql_rule_report(
            v, c->left.v, c->left.n,
            "Fields \"%.*s\" conflict because %.*s. Use different aliases on the fields to fetch both if this "
            "was intentional.",
            STR_ARG(key), STR_ARG(c->reason));
    }
}

/* ---- one step of each kind of work; false when it is finished ---- */

static bool step_within(struct gql_validation *v, struct work *w)
{
    for (; w->g < w->a->groups.n; w->g++, w->i = w->j = 0) {
        struct group *g = w->a->groups.v[w->g];
        if (w->j <= w->i)
            w->j = w->i + 1;
        if (w->j == g->entries.n) {
            w->i++;
            w->j = w->i + 1;
        }
        if (w->j >= g->entries.n)
            continue;
        struct entry *x = &g->entries.v[w->i], *y = &g->entries.v[w->j++];
        compare(v, w->job, g->key, x, y, false);
        return true;
    }
    return false;
}

static bool step_between(struct gql_validation *v, struct work *w)
{
    for (; w->g < w->a->groups.n; w->g++, w->i = w->j = 0) {
        struct group *x = w->a->groups.v[w->g], *y = map_get(&w->b->by_key, x->key);
        if (!y)
            continue;
        if (w->j == y->entries.n) {
            w->i++;
            w->j = 0;
        }
        if (w->i == x->entries.n)
            continue;
        compare(v, w->job, x->key, &x->entries.v[w->i], &y->entries.v[w->j++], w->exclusive);
        return true;
    }
    return false;
}

static bool step_own_spreads(struct gql_validation *v, struct work *w)
{
    struct gql_part_vec *spreads = &w->a->spreads;
    if (w->j == spreads->n) {
        w->i++;
        w->j = w->i;
    }
    if (w->i >= spreads->n)
        return false;
    uint32_t i = w->i, j = w->j++;
    if (i == j)
        compare_with_part(v, w->job, w->a, spreads->v[i], false);
    else
        compare_parts(v, w->job, spreads->v[i], spreads->v[j], false);
    return true;
}

static bool step_spreads_spreads(struct gql_validation *v, struct work *w)
{
    if (w->j == w->b->spreads.n) {
        w->i++;
        w->j = 0;
    }
    if (w->i >= w->a->spreads.n || !w->b->spreads.n)
        return false;
    compare_parts(v, w->job, w->a->spreads.v[w->i], w->b->spreads.v[w->j++], w->exclusive);
    return true;
}

static bool step(struct gql_validation *v, struct work *w)
{
    switch (w->kind) {
    case WITHIN:
        return step_within(v, w);
    case BETWEEN:
        return step_between(v, w);
    case OWN_SPREADS:
        return step_own_spreads(v, w);
    case SPREADS_SPREADS:
        return step_spreads_spreads(v, w);
    case FIELDS_SPREADS:
        if (w->i == w->b->spreads.n)
            return false;
        compare_with_part(v, w->job, w->a, w->b->spreads.v[w->i++], w->exclusive);
        return true;
    case PART_SPREADS:
        if (w->i == w->b->spreads.n)
            return false;
        compare_parts(v, w->job, w->part, w->b->spreads.v[w->i++], w->exclusive);
        return true;
    case SPREADS_PART:
        if (w->i == w->a->spreads.n)
            return false;
        compare_parts(v, w->job, w->a->spreads.v[w->i++], w->part, w->exclusive);
        return true;
    case END:
        if (w->job->up)
            end_inner(v, w->job);
        else
            end_outer(v, w->job);
        return false;
    }
    return false;
}

/* A step changes a copy of its work, for what it pushes may move the stack. What it pushes goes before its own rest. */
static void run(struct gql_validation *v)
{
    struct gql_overlap *o = v->overlap;
    while (o->stack.n && !v->stopped) {
        size_t at = o->stack.n - 1;
        struct work w = o->stack.v[at];
        bool more = step(v, &w);
        if (o->stack.n <= at)
            return; /* too many comparisons */
        if (more)
            o->stack.v[at] = w;
        else
            o->stack.n = at;
    }
    o->stack.n = 0;
}

void gql_rule_overlap(struct gql_validation *v, const struct gql_type *parent, const struct gql_selection_set *set)
{
    if (v->stopped || !set->n || (set->n == 1 && set->items[0]->kind != GQL_INLINE_FRAGMENT))
        return;
    if (!v->overlap)
        v->overlap = arena_new_of(v->a, struct gql_overlap);
    if (v->overlap->comparisons > GQL_OVERLAP_MAX)
        return;
    struct job *job = arena_new_of(v->a, struct job);
    struct fields *fields = collect(v, parent, set);
    push(v, (struct work){.kind = END, .job = job});
    push(v, (struct work){.kind = OWN_SPREADS, .job = job, .a = fields});
    push(v, (struct work){.kind = WITHIN, .job = job, .a = fields});
    run(v);
}
