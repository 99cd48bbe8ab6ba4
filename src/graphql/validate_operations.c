#include "graphql/rules.h"

static const char *const WORDS[] = {"query", "mutation", "subscription"};

static void check_executable(struct gql_validation *v, const struct gql_definition *d)
{
    if (d->kind == GQL_SCHEMA_DEF)
        GQL_REPORT(v, GQL_AT(d->loc), "The schema definition is not executable.");
    else
        GQL_REPORT(v, GQL_AT(d->loc), "The \"%.*s\" definition is not executable.", STR_ARG(d->name.s));
}

static void check_name(struct gql_validation *v, struct map *names, const struct gql_definition *d, const char *what)
{
    const struct gql_definition *before = map_get(names, d->name.s);
    if (before)
        GQL_REPORT(v, GQL_AT(before->name.loc, d->name.loc), "There can be only one %s named \"%.*s\".", what,
                   STR_ARG(d->name.s));
    else
        map_put(v->a, names, d->name.s, (void *)d);
}

static void check_operation(struct gql_validation *v, struct map *names, const struct gql_definition *d, uint32_t n)
{
    if (!gql_schema_root(v->s, d->operation))
        GQL_REPORT(v, GQL_AT(d->loc), "The %s operation is not supported by the schema.", WORDS[d->operation]);
    if (d->name.s.p)
        check_name(v, names, d, "operation");
    else if (n > 1)
        GQL_REPORT(v, GQL_AT(d->loc), "This anonymous operation must be the only defined operation.");
}

void gql_rule_definitions(struct gql_validation *v)
{
    struct map operations = {0}, fragments = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->doc->n; i++)
        n += v->doc->definitions[i]->kind == GQL_OPERATION;
    for (uint32_t i = 0; i < v->doc->n && !v->stopped; i++) {
        const struct gql_definition *d = v->doc->definitions[i];
        if (d->kind == GQL_OPERATION)
            check_operation(v, &operations, d, n);
        else if (d->kind == GQL_FRAGMENT)
            check_name(v, &fragments, d, "fragment");
        else
            check_executable(v, d);
    }
}

/* ---- subscriptions have one root field ---- */

struct places VEC_BODY(struct gql_loc);

struct roots {
    struct gql_validation *v;
    struct map groups;         /* response key → struct gql_selection_vec of its fields */
    struct places conditional; /* @skip and @include */
    struct gql_selection_vec pending; /* what is still to be looked at; the next one is the last */
};

static void push_set(struct roots *r, const struct gql_selection_set *set)
{
    for (uint32_t i = set->n; i > 0; i--)
        vec_push(r->v->a, &r->pending, set->items[i - 1]);
}

static bool is_conditional(struct roots *r, const struct gql_selection *sel)
{
    const struct gql_directive *d = gql_directive_find(&sel->directives, STR("skip"));
    if (!d)
        d = gql_directive_find(&sel->directives, STR("include"));
    if (d)
        vec_push(r->v->a, &r->conditional, d->loc);
    return d != NULL;
}

static bool applies(struct roots *r, struct str on)
{
    const struct gql_type *t = on.p ? gql_rule_type(r->v, on) : r->v->s->subscription;
    return t && (t == r->v->s->subscription ||
                 (gql_type_is_abstract(t) && bits_has(t->possible, r->v->s->subscription->id)));
}

static void add_root(struct roots *r, const struct gql_selection *sel)
{
    if (is_conditional(r, sel))
        return;
    if (sel->kind == GQL_FIELD) {
        struct gql_selection_vec *group = map_get(&r->groups, gql_response_key(sel));
        if (!group)
            map_put(r->v->a, &r->groups, gql_response_key(sel),
                    group = arena_new_of(r->v->a, struct gql_selection_vec));
        vec_push(r->v->a, group, sel);
    } else if (sel->kind == GQL_INLINE_FRAGMENT) {
        if (applies(r, sel->on.s))
            push_set(r, sel->selections);
    } else {
        struct gql_part *f = map_get(&r->v->fragments, sel->name.s);
        if (!f || !applies(r, f->def->on.s) || f->mark == r->v->marks)
            return;
        f->mark = r->v->marks;
        push_set(r, f->def->selections);
    }
}

static void add_places(struct roots *r, const struct gql_selection_vec *group, struct places *places)
{
    for (size_t i = 0; i < group->n; i++)
        vec_push(r->v->a, places, group->v[i]->loc);
}

static void check_groups(struct roots *r, struct str who)
{
    struct places extra = {0};
    for (size_t i = 1; i < r->groups.n; i++)
        add_places(r, r->groups.entries[i].value, &extra);
    if (extra.n)
        gql_rule_report(r->v, extra.v, extra.n, "%.*s must select only one top level field.", STR_ARG(who));
    for (size_t i = 0; i < r->groups.n; i++) {
        const struct gql_selection_vec *group = r->groups.entries[i].value;
        struct places places = {0};
        if (!str_starts(group->v[0]->name.s, STR("__")))
            continue;
        add_places(r, group, &places);
        gql_rule_report(r->v, places.v, places.n, "%.*s must not select an introspection top level field.",
                        STR_ARG(who));
    }
}

void gql_rule_subscription(struct gql_validation *v, struct gql_part *part)
{
    const struct gql_definition *d = part->def;
    if (d->operation != GQL_SUBSCRIPTION || !v->s->subscription)
        return;
    struct roots r = {.v = v};
    v->marks++;
    push_set(&r, d->selections);
    while (r.pending.n)
        add_root(&r, r.pending.v[--r.pending.n]);

    struct str who = d->name.s.p ? arena_printf(v->a, "Subscription \"%.*s\"", STR_ARG(d->name.s))
                                 : STR("Anonymous Subscription");
    if (r.conditional.n)
        gql_rule_report(v, r.conditional.v, r.conditional.n,
                        "%.*s must not use `@skip` or `@include` directives in the top level selection.", STR_ARG(who));
    else if (!r.groups.n)
        GQL_REPORT(v, GQL_AT(d->selections->loc), "%.*s must select one top level field.", STR_ARG(who));
    else
        check_groups(&r, who);
}
