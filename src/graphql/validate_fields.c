#include "graphql/rules.h"
#include "graphql/suggest.h"

/* ---- unknown fields ---- */

struct candidate {
    const struct gql_type *type;
    uint32_t uses;
};

struct candidate_vec VEC_BODY(struct candidate);

static void count_use(struct gql_validation *v, struct candidate_vec *list, const struct gql_type *t)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].type == t) {
            list->v[i].uses++;
            return;
        }
    vec_push(v->a, list, (struct candidate){t, 1});
}

static bool declares(const struct gql_type *t, const struct gql_type *iface)
{
    for (size_t i = 0; i < t->interfaces.n; i++)
        if (t->interfaces.v[i] == iface)
            return true;
    return false;
}

/* Types that are used more often come first, then interfaces before what implements them. */
static bool before(struct candidate x, struct candidate y)
{
    if (x.uses != y.uses)
        return x.uses > y.uses;
    if (x.type->kind == GQL_INTERFACE && declares(y.type, x.type))
        return true;
    if (y.type->kind == GQL_INTERFACE && declares(x.type, y.type))
        return false;
    return gql_natural_cmp(x.type->name, y.type->name) < 0;
}

/* The possible types of an abstract type, and their interfaces, that have the field. */
static struct str suggest_types(struct gql_validation *v, const struct gql_type *t, struct str field)
{
    struct candidate_vec list = {0};
    for (size_t i = 0; gql_type_is_abstract(t) && i < t->members.n; i++) {
        const struct gql_type *member = t->members.v[i];
        if (member->kind != GQL_OBJECT_TYPE || !map_has(&member->field_by_name, field))
            continue;
        count_use(v, &list, member);
        for (size_t j = 0; j < member->interfaces.n; j++)
            if (map_has(&member->interfaces.v[j]->field_by_name, field))
                count_use(v, &list, member->interfaces.v[j]);
    }
    for (size_t i = 1; i < list.n; i++) {
        struct candidate c = list.v[i];
        size_t j = i;
        for (; j > 0 && before(c, list.v[j - 1]); j--)
            list.v[j] = list.v[j - 1];
        list.v[j] = c;
    }
    struct str_vec names = {0};
    for (size_t i = 0; i < list.n; i++)
        vec_push(v->a, &names, list.v[i].type->name);
    return gql_did_you_mean(v->a, "to use an inline fragment on ", &names);
}

static void unknown_field(struct gql_validation *v, const struct gql_type *parent, const struct gql_selection *sel)
{
    struct str hint = suggest_types(v, parent, sel->name.s);
    if (!hint.len) {
        struct str_vec names = {0};
        for (uint32_t i = 0; i < parent->n_fields; i++)
            vec_push(v->a, &names, parent->fields[i].name);
        hint = gql_suggest(v->a, "", sel->name.s, &names);
    }
    GQL_REPORT(v, GQL_AT(sel->loc), "Cannot query field \"%.*s\" on type \"%.*s\".%.*s", STR_ARG(sel->name.s),
               STR_ARG(parent->name), STR_ARG(hint));
}

/* ---- fields ---- */

static void check_leaf(struct gql_validation *v, const struct gql_field *f, const struct gql_selection *sel)
{
    bool leaf = gql_type_is_leaf(gql_tref_named(f->type));
    if (leaf == (sel->selections == NULL))
        return;
    struct str type = gql_tref_str(v->a, f->type), name = sel->name.s;
    if (leaf)
        GQL_REPORT(v, GQL_AT(sel->selections->loc),
                   "Field \"%.*s\" must not have a selection since type \"%.*s\" has no subfields.", STR_ARG(name),
                   STR_ARG(type));
    else
        GQL_REPORT(v, GQL_AT(sel->loc),
                   "Field \"%.*s\" of type \"%.*s\" must have a selection of subfields. Did you mean \"%.*s { ... }\"?",
                   STR_ARG(name), STR_ARG(type), STR_ARG(name));
}

static struct str field_text(struct gql_validation *v, const struct gql_field *f)
{
    return arena_printf(v->a, "%.*s.%.*s", STR_ARG(f->parent ? f->parent->name : STR("<meta>")), STR_ARG(f->name));
}

static void unknown_argument(struct gql_validation *v, const struct gql_field *f, const struct gql_argument *arg)
{
    struct str_vec names = {0};
    for (uint32_t i = 0; i < f->n_args; i++)
        vec_push(v->a, &names, f->args[i].name);
    struct str hint = gql_suggest(v->a, "", arg->name.s, &names);
    GQL_REPORT(v, GQL_AT(arg->name.loc), "Unknown argument \"%.*s\" on field \"%.*s\".%.*s", STR_ARG(arg->name.s),
               STR_ARG(field_text(v, f)), STR_ARG(hint));
}

void gql_rule_field(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel)
{
    const struct gql_field *f = at->field;
    struct gql_name_list args = GQL_NAME_LIST(sel->args, sel->n_args);
    if (at->parent && !f)
        unknown_field(v, at->parent, sel);
    if (f) {
        check_leaf(v, f, sel);
        for (uint32_t i = 0; i < sel->n_args; i++)
            if (!gql_field_arg(f, sel->args[i].name.s))
                unknown_argument(v, f, &sel->args[i]);
        for (uint32_t i = 0; i < f->n_args; i++)
            if (gql_input_required(&f->args[i])) {
                gql_rule_required_args(v, field_text(v, f), f->args, f->n_args, sel->args, sel->n_args, sel->loc);
                break;
            }
    }
    gql_rule_unique(v, args, STR("There can be only one argument named \""));
    gql_rule_arguments(v, at, f ? f->args : NULL, f ? f->n_args : 0, sel->args, sel->n_args);
}

/* ---- the depth of introspection ----
 *
 * Lists of lists of lists in the type system grow without need: a tool never asks for more than two. */

#define LIST_DEPTH_MAX 3

struct level {
    const struct gql_selection_set *set;
    uint32_t lists;
};

struct level_vec VEC_BODY(struct level);

static bool is_list_field(struct str name)
{
    return str_eq(name, STR("fields")) || str_eq(name, STR("interfaces")) || str_eq(name, STR("possibleTypes")) ||
           str_eq(name, STR("inputFields"));
}

/* Fragments are looked at again only when they are reached with more lists around them than before. */
static bool is_new_level(struct gql_validation *v, struct map *seen, struct gql_part *f, uint32_t lists)
{
    size_t before_plus_one = (size_t)map_get(seen, f->def->name.s);
    if (before_plus_one > lists)
        return false;
    map_put(v->a, seen, f->def->name.s, (void *)(size_t)(lists + 1));
    return true;
}

static bool is_too_deep(struct gql_validation *v, const struct gql_selection *from)
{
    struct level_vec pending = {0};
    struct map seen = {0};
    vec_push(v->a, &pending, (struct level){from->selections, 0});
    while (pending.n) {
        struct level level = pending.v[--pending.n];
        for (uint32_t i = 0; i < level.set->n; i++) {
            const struct gql_selection *sel = level.set->items[i];
            uint32_t lists = level.lists + (sel->kind == GQL_FIELD && is_list_field(sel->name.s));
            if (lists >= LIST_DEPTH_MAX)
                return true;
            struct gql_part *f = sel->kind == GQL_FRAGMENT_SPREAD ? map_get(&v->fragments, sel->name.s) : NULL;
            if (f && is_new_level(v, &seen, f, lists))
                vec_push(v->a, &pending, (struct level){f->def->selections, lists});
            else if (sel->selections)
                vec_push(v->a, &pending, (struct level){sel->selections, lists});
        }
    }
    return false;
}

bool gql_rule_introspection_depth(struct gql_validation *v, const struct gql_selection *sel)
{
    if (!sel->selections || (!str_eq(sel->name.s, STR("__schema")) && !str_eq(sel->name.s, STR("__type"))) ||
        !is_too_deep(v, sel))
        return false;
    GQL_REPORT(v, GQL_AT(sel->loc), "Maximum introspection depth exceeded");
    return true;
}
