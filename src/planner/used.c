/* What the plan's cache key needs to know of an operation. */
#include "planner/work.h"

#include "graphql/validate.h"

struct walk {
    const struct supergraph *s;
    const struct gql_document *doc;
    bool incremental;
    struct bits *auth, *labels; /* may be NULL */
    struct arena *a;
    VEC(struct str) variables;
    VEC(const struct gql_definition *) fragments; /* taken */
};

static void note_variable(struct walk *wk, struct str name)
{
    for (size_t i = 0; i < wk->variables.n; i++)
        if (str_eq(wk->variables.v[i], name))
            return;
    vec_push(wk->a, &wk->variables, name);
}

static void note_conditions(struct walk *wk, const struct gql_directive_list *ds)
{
    for (uint32_t i = 0; i < ds->n; i++) {
        struct str name = ds->v[i].name.s;
        if (!str_eq_c(name, "skip") && !str_eq_c(name, "include") &&
            !(wk->incremental && str_eq_c(name, "defer")))
            continue;
        const struct gql_value *v = gql_directive_arg(&ds->v[i], STR("if"));
        if (v && v->kind == GQL_VARIABLE)
            note_variable(wk, v->text);
    }
}

static void note_field_of(struct walk *wk, const struct gql_type *t, struct str name)
{
    const struct gql_field *f = t->n_fields ? map_get(&t->field_by_name, name) : NULL;
    const struct sg_field *sf = f ? supergraph_field(wk->s, f) : NULL;
    if (wk->auth && sf && sf->auth >= 0)
        bits_set(wk->auth, (uint32_t)sf->auth);
    for (uint32_t i = 0; wk->labels && sf && i < sf->n_joins; i++)
        if (sf->joins[i].label >= 0)
            bits_set(wk->labels, (uint32_t)sf->joins[i].label);
}

/* An @interfaceObject has fields for the types that implement it. */
static void note_inherited(struct walk *wk, const struct gql_type *t, struct str name)
{
    note_field_of(wk, t, name);
    for (size_t i = 0; wk->labels && i < t->interfaces.n; i++)
        note_field_of(wk, t->interfaces.v[i], name);
}

static void note_field(struct walk *wk, const struct gql_type *on, struct str name)
{
    if (!wk->s || !on)
        return;
    note_inherited(wk, on, name);
    for (int t = on->possible ? bits_next(on->possible, 0) : -1; t >= 0;
         t = bits_next(on->possible, (uint32_t)t + 1))
        note_inherited(wk, wk->s->full->types[t], name);
}

static const struct gql_type *type_named(const struct walk *wk, struct str name)
{
    return wk->s ? gql_schema_type(wk->s->full, name) : NULL;
}

static void walk_set(struct walk *wk, const struct gql_selection_set *set,
                     const struct gql_type *on);

static void walk_spread(struct walk *wk, const struct gql_selection *sel)
{
    const struct gql_definition *fragment = gql_document_fragment(wk->doc, sel->name.s);
    for (size_t i = 0; i < wk->fragments.n; i++)
        if (wk->fragments.v[i] == fragment)
            return;
    if (!fragment)
        return;
    vec_push(wk->a, &wk->fragments, fragment);
    walk_set(wk, fragment->selections, type_named(wk, fragment->on.s));
}

static void walk_set(struct walk *wk, const struct gql_selection_set *set,
                     const struct gql_type *on)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        const struct gql_field *f = NULL;
        note_conditions(wk, &sel->directives);
        switch (sel->kind) {
        case GQL_FIELD:
            note_field(wk, on, sel->name.s);
            f = on ? gql_type_field(wk->s->full, on, sel->name.s) : NULL;
            if (sel->selections)
                walk_set(wk, sel->selections, f ? gql_tref_named(f->type) : NULL);
            break;
        case GQL_INLINE_FRAGMENT:
            walk_set(wk, sel->selections, sel->on.s.p ? type_named(wk, sel->on.s) : on);
            break;
        case GQL_FRAGMENT_SPREAD: walk_spread(wk, sel); break;
        }
    }
}

void planner_auth_used(const struct planner *p, const struct gql_document *doc,
                       const struct gql_definition *operation, struct bits *used)
{
    struct arena *a = arena_new(0);
    struct walk wk = {.s = p->s, .doc = doc, .auth = used, .a = a};
    walk_set(&wk, operation->selections, gql_schema_root(p->s->full, operation->operation));
    arena_free(&a);
}

void planner_labels_used(const struct planner *p, const struct gql_document *doc,
                         const struct gql_definition *operation, struct bits *used)
{
    if (!p->s->n_labels)
        return;
    struct arena *a = arena_new(0);
    struct walk wk = {.s = p->s, .doc = doc, .labels = used, .a = a};
    walk_set(&wk, operation->selections, gql_schema_root(p->s->full, operation->operation));
    bits_or(used, p->input_labels);
    arena_free(&a);
}

uint32_t planner_condition_variables(struct arena *a, const struct gql_document *doc,
                                     const struct gql_definition *operation, bool incremental,
                                     struct str **names)
{
    struct walk wk = {.doc = doc, .incremental = incremental, .a = a};
    walk_set(&wk, operation->selections, NULL);
    *names = wk.variables.v;
    return (uint32_t)wk.variables.n;
}
