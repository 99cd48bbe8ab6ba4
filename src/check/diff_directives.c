/* Directives: what they are, and where they are applied. */
#include "check/diff_private.h"

#include "graphql/printer.h"

/* ---- definitions ---- */

static struct diff_at at_directive(const struct gql_directive_type *t, bool is_new, bool added)
{
    return (struct diff_at){
        .directive = t->name, .loc = t->ast ? t->ast->loc : (struct gql_loc){0}, .is_new = is_new, .added = added};
}

static const struct gql_input *find_arg(const struct gql_directive_type *t, struct str name)
{
    for (uint32_t i = 0; t && i < t->n_args; i++)
        if (str_eq(t->args[i].name, name))
            return &t->args[i];
    return NULL;
}

static void new_directive_arg(struct diff *d, const struct gql_input *arg, const struct diff_at *at, bool required)
{
    struct change *c = diff_add(d, DIRECTIVE_ARGUMENT_ADDED, at, "Argument \"%.*s\" was added to directive \"@%.*s\"",
                                STR_ARG(arg->name), STR_ARG(at->directive));
    c->required = required;
    if (required)
        c->level = CHANGE_BREAKING;
}

static void diff_directive_args(struct diff *d, const struct gql_directive_type *from,
                                const struct gql_directive_type *to, const struct diff_at *at)
{
    static const struct input_kinds KINDS = {DIRECTIVE_ARGUMENT_TYPE_CHANGED, DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED,
                                             "argument"};
    for (uint32_t i = 0; from && i < from->n_args; i++) {
        struct diff_at old = diff_at_arg(at, &from->args[i], false);
        if (!find_arg(to, from->args[i].name))
            diff_add(d, DIRECTIVE_ARGUMENT_REMOVED, &old, "Argument \"%.*s\" was removed from directive \"@%.*s\"",
                     STR_ARG(old.argument), STR_ARG(at->directive));
    }
    for (uint32_t i = 0; i < to->n_args; i++) {
        const struct gql_input *b = &to->args[i], *a = find_arg(from, b->name);
        struct diff_at here = diff_at_arg(at, b, true);
        if (!a) {
            new_directive_arg(d, b, &here, from && gql_input_required(b));
            continue;
        }
        if (diff_text((struct described){a->has_description, a->description},
                      (struct described){b->has_description, b->description}))
            diff_add(d, DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED, &here,
                     "The description of argument \"%.*s\" of directive \"@%.*s\" was changed", STR_ARG(b->name),
                     STR_ARG(at->directive));
        diff_input(d, &KINDS, a, b, &here);
    }
}

static void diff_locations(struct diff *d, uint32_t from, uint32_t to, const struct diff_at *at)
{
    for (int i = 0; i < GQL_DIRECTIVE_LOCATIONS; i++) {
        uint32_t bit = UINT32_C(1) << i;
        struct str name = gql_directive_location_name((enum gql_directive_location)i);
        if ((from & bit) == (to & bit))
            continue;
        struct change *c =
            to & bit ? diff_add(d, DIRECTIVE_LOCATION_ADDED, at, "Directive \"@%.*s\" can now stand on %.*s",
                                STR_ARG(at->directive), STR_ARG(name))
                     : diff_add(d, DIRECTIVE_LOCATION_REMOVED, at, "Directive \"@%.*s\" can no longer stand on %.*s",
                                STR_ARG(at->directive), STR_ARG(name));
        c->subject = name;
    }
}

static void diff_directive(struct diff *d, const struct gql_directive_type *from, const struct gql_directive_type *to)
{
    struct diff_at at = at_directive(to, true, !from);
    struct described none = {0};
    if (diff_text(from ? (struct described){from->has_description, from->description} : none,
                  (struct described){to->has_description, to->description}))
        diff_add(d, DIRECTIVE_DESCRIPTION_CHANGED, &at, "The description of directive \"@%.*s\" was changed",
                 STR_ARG(to->name));
    if (to->repeatable && !(from && from->repeatable))
        diff_add(d, DIRECTIVE_REPEATABLE_ADDED, &at, "Directive \"@%.*s\" is repeatable now", STR_ARG(to->name));
    if (!to->repeatable && from && from->repeatable)
        diff_add(d, DIRECTIVE_REPEATABLE_REMOVED, &at, "Directive \"@%.*s\" is no longer repeatable",
                 STR_ARG(to->name));
    diff_locations(d, from ? from->locations : 0, to->locations, &at);
    diff_directive_args(d, from, to, &at);
}

/* The directives that every schema has, written down or not; and @defer, which routers take. */
static bool is_specified(const struct gql_directive_type *t)
{
    static const char *const NAMES[] = {"include", "skip", "deprecated", "specifiedBy", "oneOf"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(t->name, NAMES[i]))
            return true;
    return t->builtin;
}

void diff_directive_definitions(struct diff *d)
{
    for (size_t i = 0; i < d->from->directive_by_name.n; i++) {
        const struct gql_directive_type *t = d->from->directive_by_name.entries[i].value;
        struct diff_at at = at_directive(t, false, false);
        if (!is_specified(t) && !gql_schema_directive(d->to, t->name))
            diff_add(d, DIRECTIVE_REMOVED, &at, "Directive \"@%.*s\" was removed", STR_ARG(t->name));
    }
    for (size_t i = 0; i < d->to->directive_by_name.n; i++) {
        const struct gql_directive_type *t = d->to->directive_by_name.entries[i].value;
        const struct gql_directive_type *old = gql_schema_directive(d->from, t->name);
        struct diff_at at = at_directive(t, true, false);
        if (is_specified(t))
            continue;
        if (!old)
            diff_add(d, DIRECTIVE_ADDED, &at, "Directive \"@%.*s\" was added", STR_ARG(t->name));
        diff_directive(d, old, t);
    }
}

/* ---- applications ---- */

static const struct gql_argument *find_argument(const struct gql_directive *d, struct str name)
{
    for (uint32_t i = 0; d && i < d->n_args; i++)
        if (str_eq(d->args[i].name.s, name))
            return &d->args[i];
    return NULL;
}

static bool same_value(const struct gql_value *a, const struct gql_value *b)
{
    struct buf x, y;
    buf_init(&x, (size_t)64 << 20);
    buf_init(&y, (size_t)64 << 20);
    gql_print_value(&x, a);
    gql_print_value(&y, b);
    bool same = str_eq(buf_str(&x), buf_str(&y));
    buf_free(&x);
    buf_free(&y);
    return same;
}

static struct change *usage_argument(struct diff *d, enum change_kind kind, const struct gql_directive *u,
                                     struct str arg, const struct diff_at *at, const char *what)
{
    struct change *c = diff_add(d, kind, at, "Argument \"%.*s\" of \"@%.*s\" on \"%.*s\" was %s", STR_ARG(arg),
                                STR_ARG(u->name.s), STR_ARG(diff_coordinate(d->a, at)), what);
    c->subject = arena_printf(d->a, "@%.*s(%.*s:)", STR_ARG(u->name.s), STR_ARG(arg));
    return c;
}

/* A deprecation of a field or an enum value has kinds of its own. */
static bool told_already(enum change_kind added, struct str directive)
{
    return str_eq(directive, STR("deprecated")) &&
           (added == DIRECTIVE_USAGE_FIELD_DEFINITION_ADDED || added == DIRECTIVE_USAGE_ENUM_VALUE_ADDED);
}

/* `from` NULL: the application is new. */
static void diff_usage(struct diff *d, const struct gql_directive *from, const struct gql_directive *to, bool implied,
                       const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n_args; i++)
        if (!find_argument(to, from->args[i].name.s))
            usage_argument(d, DIRECTIVE_USAGE_ARGUMENT_REMOVED, to, from->args[i].name.s, at, "removed")->implied |=
                implied;
    for (uint32_t i = 0; i < to->n_args; i++) {
        struct str name = to->args[i].name.s;
        const struct gql_argument *old = find_argument(from, name);
        if (old && same_value(old->value, to->args[i].value))
            continue;
        if (old)
            usage_argument(d, DIRECTIVE_USAGE_ARGUMENT_REMOVED, to, name, at, "changed")->implied |= implied;
        usage_argument(d, DIRECTIVE_USAGE_ARGUMENT_ADDED, to, name, at, old ? "changed" : "added")->implied |=
            implied || old || !from;
    }
}

/* @deprecated tells, and takes nothing away; @oneOf refuses what was accepted. */
static enum change_level usage_level(struct str directive, bool added)
{
    if (str_eq(directive, STR("deprecated")))
        return CHANGE_SAFE;
    if (str_eq(directive, STR("oneOf")))
        return added ? CHANGE_BREAKING : CHANGE_SAFE;
    return CHANGE_DANGEROUS;
}

static void usage(struct diff *d, enum change_kind kind, const struct gql_directive *u, bool added,
                  const struct diff_at *at)
{
    enum change_kind as_added = added ? kind : kind - 1;
    struct change *c = diff_add(d, kind, at, "\"@%.*s\" was %s \"%.*s\"", STR_ARG(u->name.s),
                                added ? "added to" : "removed from", STR_ARG(diff_coordinate(d->a, at)));
    c->subject = arena_printf(d->a, "@%.*s", STR_ARG(u->name.s));
    c->level = at->added ? CHANGE_SAFE : usage_level(u->name.s, added);
    c->implied |= told_already(as_added, u->name.s);
    c->loc = u->loc;
    c->is_new = added;
}

/* The n-th application of a name is the n-th of it before. */
static const struct gql_directive *counterpart(const struct gql_directive_list *of, uint32_t i,
                                               const struct gql_directive_list *in)
{
    uint32_t nth = 0;
    struct str name = of->v[i].name.s;
    for (uint32_t k = 0; k < i; k++)
        nth += str_eq(of->v[k].name.s, name);
    for (uint32_t k = 0; in && k < in->n; k++)
        if (str_eq(in->v[k].name.s, name) && nth-- == 0)
            return &in->v[k];
    return NULL;
}

void diff_usages(struct diff *d, enum change_kind added, const struct gql_directive_list *from,
                 const struct gql_directive_list *to, const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n; i++)
        if (!counterpart(from, i, to))
            usage(d, added + 1, &from->v[i], false, at);
    for (uint32_t i = 0; i < to->n; i++) {
        const struct gql_directive *old = counterpart(to, i, from);
        if (!old)
            usage(d, added, &to->v[i], true, at);
        diff_usage(d, old, &to->v[i], told_already(added, to->v[i].name.s), at);
    }
}
