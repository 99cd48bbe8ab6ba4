#include "check/diff_private.h"

/* ---- changes ---- */

struct str diff_coordinate(struct arena *a, const struct diff_at *at)
{
    if (at->directive.p)
        return at->argument.p ? arena_printf(a, "@%.*s(%.*s:)", STR_ARG(at->directive), STR_ARG(at->argument))
                              : arena_printf(a, "@%.*s", STR_ARG(at->directive));
    if (!at->type.p)
        return STR("schema");
    if (!at->member.p)
        return at->type;
    if (!at->argument.p)
        return arena_printf(a, "%.*s.%.*s", STR_ARG(at->type), STR_ARG(at->member));
    return arena_printf(a, "%.*s.%.*s(%.*s:)", STR_ARG(at->type), STR_ARG(at->member), STR_ARG(at->argument));
}

struct change *diff_add(struct diff *d, enum change_kind kind, const struct diff_at *at, const char *fmt, ...)
{
    struct change *c = vec_add(d->a, &d->out);
    va_list ap;
    va_start(ap, fmt);
    c->message = arena_vprintf(d->a, fmt, ap);
    va_end(ap);
    c->kind = kind;
    c->level = at->added ? CHANGE_SAFE : change_usual_level(kind);
    c->coordinate = diff_coordinate(d->a, at);
    c->type = at->type;
    c->member = at->member;
    c->argument = at->argument;
    c->directive = at->directive;
    c->implied = at->added;
    c->is_new = at->is_new;
    c->loc = at->loc;
    return c;
}

static void name_types(struct diff *d, struct change *c, const struct gql_tref *from, const struct gql_tref *to)
{
    c->was = gql_tref_str(d->a, from);
    c->is = gql_tref_str(d->a, to);
}

/* ---- inputs ---- */

void diff_input(struct diff *d, const struct input_kinds *k, const struct gql_input *from, const struct gql_input *to,
                const struct diff_at *at)
{
    struct str where = diff_coordinate(d->a, at);
    bool required = gql_input_required(to) && !gql_input_required(from);
    if (!diff_defaults_equal(d, from, to)) {
        struct change *c =
            diff_add(d, k->default_changed, at, "The default of %s \"%.*s\" was changed from %.*s to %.*s%s", k->what,
                     STR_ARG(where), STR_ARG(diff_default_str(d, from)), STR_ARG(diff_default_str(d, to)),
                     required ? ": it is required now" : "");
        c->required = required;
        if (required)
            c->level = CHANGE_BREAKING;
    }
    if (!gql_tref_equal(from->type, to->type)) {
        struct change *c =
            diff_add(d, k->type_changed, at, "The type of %s \"%.*s\" was changed from %.*s to %.*s", k->what,
                     STR_ARG(where), STR_ARG(gql_tref_str(d->a, from->type)), STR_ARG(gql_tref_str(d->a, to->type)));
        name_types(d, c, from->type, to->type);
        c->required = required;
        if (diff_input_type_safe(from->type, to->type))
            c->level = CHANGE_SAFE;
    }
}

/* ---- fields ---- */

static struct diff_at at_member(const struct diff_at *type, struct str name, struct gql_loc loc, bool is_new)
{
    struct diff_at at = *type;
    at.member = name;
    at.loc = loc;
    at.is_new = is_new;
    return at;
}

static struct diff_at at_field(const struct diff_at *type, const struct gql_field *f, bool is_new)
{
    return at_member(type, f->name, f->ast ? f->ast->loc : type->loc, is_new);
}

struct diff_at diff_at_arg(const struct diff_at *parent, const struct gql_input *arg, bool is_new)
{
    struct diff_at at = *parent;
    at.argument = arg->name;
    at.loc = arg->ast ? arg->ast->loc : at.loc;
    at.is_new = is_new;
    return at;
}

static void diff_arg(struct diff *d, const struct gql_input *from, const struct gql_input *to, const struct diff_at *at)
{
    static const struct input_kinds KINDS = {FIELD_ARGUMENT_TYPE_CHANGED, FIELD_ARGUMENT_DEFAULT_CHANGED, "argument"};
    if (diff_text((struct described){from->has_description, from->description},
                  (struct described){to->has_description, to->description}))
        diff_add(d, FIELD_ARGUMENT_DESCRIPTION_CHANGED, at, "The description of argument \"%.*s\" was changed",
                 STR_ARG(diff_coordinate(d->a, at)));
    diff_input(d, &KINDS, from, to, at);
    diff_usages(d, DIRECTIVE_USAGE_ARGUMENT_DEFINITION_ADDED, &from->directives, &to->directives, at);
}

static void new_arg(struct diff *d, const struct gql_input *arg, const struct diff_at *at)
{
    bool required = !at->added && gql_input_required(arg);
    struct change *c = diff_add(d, FIELD_ARGUMENT_ADDED, at, "%s \"%.*s\" of type %.*s was added",
                                required ? "Required argument" : "Argument", STR_ARG(diff_coordinate(d->a, at)),
                                STR_ARG(gql_tref_str(d->a, arg->type)));
    c->required = required;
    if (required)
        c->level = CHANGE_BREAKING;
}

static void diff_args(struct diff *d, const struct gql_field *from, const struct gql_field *to,
                      const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n_args; i++) {
        struct diff_at old = diff_at_arg(at, &from->args[i], false);
        if (!gql_field_arg(to, from->args[i].name))
            diff_add(d, FIELD_ARGUMENT_REMOVED, &old, "Argument \"%.*s\" was removed",
                     STR_ARG(diff_coordinate(d->a, &old)));
    }
    for (uint32_t i = 0; i < to->n_args; i++) {
        const struct gql_input *old = from ? gql_field_arg(from, to->args[i].name) : NULL;
        struct diff_at here = diff_at_arg(at, &to->args[i], true);
        if (old)
            diff_arg(d, old, &to->args[i], &here);
        else
            new_arg(d, &to->args[i], &here);
    }
}

/* The kind of a change of description among three that follow each other: added, removed, changed. */
static void diff_description(struct diff *d, enum change_kind added, const char *what, struct described from,
                             struct described to, const struct diff_at *at)
{
    enum text_change change = diff_text(from, to);
    if (change == TEXT_SAME)
        return;
    static const char *const DONE[] = {[TEXT_ADDED] = "added", [TEXT_REMOVED] = "removed", [TEXT_CHANGED] = "changed"};
    diff_add(d, added + (change - TEXT_ADDED), at, "The description of %s \"%.*s\" was %s", what,
             STR_ARG(diff_coordinate(d->a, at)), DONE[change]);
}

#define DEFAULT_REASON STR("No longer supported")

static struct described deprecation(const struct gql_directive_list *directives)
{
    struct described r = {0};
    r.has = directives && gql_deprecated(directives, &r.text);
    return r;
}

static void diff_field_deprecation(struct diff *d, const struct gql_field *from, const struct gql_field *to,
                                   const struct diff_at *at)
{
    struct described a = deprecation(from ? &from->directives : NULL), b = deprecation(&to->directives);
    struct str where = diff_coordinate(d->a, at);
    if (!a.has && b.has)
        diff_add(d, FIELD_DEPRECATION_ADDED, at, "Field \"%.*s\" was deprecated: %.*s", STR_ARG(where),
                 STR_ARG(b.text));
    else if (a.has && !b.has)
        diff_add(d, FIELD_DEPRECATION_REMOVED, at, "Field \"%.*s\" is no longer deprecated", STR_ARG(where));
    else if (a.has && !str_eq(a.text, b.text))
        diff_add(d,
                 str_eq(a.text, DEFAULT_REASON)   ? FIELD_DEPRECATION_REASON_ADDED
                 : str_eq(b.text, DEFAULT_REASON) ? FIELD_DEPRECATION_REASON_REMOVED
                                                  : FIELD_DEPRECATION_REASON_CHANGED,
                 at, "The reason why field \"%.*s\" is deprecated is now: %.*s", STR_ARG(where), STR_ARG(b.text));
}

/* `from` NULL: the field is new. */
static void diff_field(struct diff *d, const struct gql_field *from, const struct gql_field *to,
                       const struct diff_at *type)
{
    struct diff_at at = at_field(type, to, true);
    at.added |= !from;
    diff_description(d, FIELD_DESCRIPTION_ADDED, "field",
                     from ? (struct described){from->has_description, from->description} : (struct described){0},
                     (struct described){to->has_description, to->description}, &at);
    diff_field_deprecation(d, from, to, &at);
    if (from && !gql_tref_equal(from->type, to->type)) {
        struct change *c =
            diff_add(d, FIELD_TYPE_CHANGED, &at, "The type of field \"%.*s\" was changed from %.*s to %.*s",
                     STR_ARG(diff_coordinate(d->a, &at)), STR_ARG(gql_tref_str(d->a, from->type)),
                     STR_ARG(gql_tref_str(d->a, to->type)));
        name_types(d, c, from->type, to->type);
        if (diff_output_type_safe(from->type, to->type))
            c->level = CHANGE_SAFE;
    }
    diff_args(d, from, to, &at);
    diff_usages(d, DIRECTIVE_USAGE_FIELD_DEFINITION_ADDED, from ? &from->directives : NULL, &to->directives, &at);
}

static void diff_fields(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                        const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n_fields; i++) {
        struct diff_at old = at_field(at, &from->fields[i], false);
        struct str reason;
        if (!map_has(&to->field_by_name, old.member))
            diff_add(d, FIELD_REMOVED, &old, "%s \"%.*s\" was removed",
                     gql_deprecated(&from->fields[i].directives, &reason) ? "Deprecated field" : "Field",
                     STR_ARG(diff_coordinate(d->a, &old)));
    }
    for (uint32_t i = 0; i < to->n_fields; i++) {
        const struct gql_field *old = from ? map_get(&from->field_by_name, to->fields[i].name) : NULL;
        struct diff_at here = at_field(at, &to->fields[i], true);
        if (!old)
            diff_add(d, FIELD_ADDED, &here, "Field \"%.*s\" was added", STR_ARG(diff_coordinate(d->a, &here)));
        diff_field(d, old, &to->fields[i], at);
    }
}

/* ---- the other members of types ---- */

static bool names_type(const struct gql_type_vec *v, struct str name)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->v[i]->name, name))
            return true;
    return false;
}

static void diff_interfaces(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                            const struct diff_at *at)
{
    for (size_t i = 0; from && i < from->interfaces.n; i++) {
        struct str name = from->interfaces.v[i]->name;
        if (!names_type(&to->interfaces, name))
            diff_add(d, OBJECT_TYPE_INTERFACE_REMOVED, at, "Type \"%.*s\" no longer implements \"%.*s\"",
                     STR_ARG(at->type), STR_ARG(name))
                ->subject = name;
    }
    for (size_t i = 0; i < to->interfaces.n; i++) {
        struct str name = to->interfaces.v[i]->name;
        if (!from || !names_type(&from->interfaces, name))
            diff_add(d, OBJECT_TYPE_INTERFACE_ADDED, at, "Type \"%.*s\" implements \"%.*s\"", STR_ARG(at->type),
                     STR_ARG(name))
                ->subject = name;
    }
}

static void diff_members(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                         const struct diff_at *at)
{
    for (size_t i = 0; from && i < from->members.n; i++) {
        struct str name = from->members.v[i]->name;
        if (!names_type(&to->members, name))
            diff_add(d, UNION_MEMBER_REMOVED, at, "Type \"%.*s\" is no longer a member of union \"%.*s\"",
                     STR_ARG(name), STR_ARG(at->type))
                ->subject = name;
    }
    for (size_t i = 0; i < to->members.n; i++) {
        struct str name = to->members.v[i]->name;
        if (!from || !names_type(&from->members, name))
            diff_add(d, UNION_MEMBER_ADDED, at, "Type \"%.*s\" is a member of union \"%.*s\"", STR_ARG(name),
                     STR_ARG(at->type))
                ->subject = name;
    }
}

static void diff_value_deprecation(struct diff *d, const struct gql_enum_value *from, const struct gql_enum_value *to,
                                   const struct diff_at *at)
{
    struct described a = deprecation(from ? &from->directives : NULL), b = deprecation(&to->directives);
    struct str where = diff_coordinate(d->a, at);
    if (diff_text(a, b) == TEXT_SAME)
        return;
    if (!b.has)
        diff_add(d, ENUM_VALUE_DEPRECATION_REASON_REMOVED, at, "Enum value \"%.*s\" is no longer deprecated",
                 STR_ARG(where));
    else
        diff_add(d,
                 !a.has || str_eq(a.text, DEFAULT_REASON) ? ENUM_VALUE_DEPRECATION_REASON_ADDED
                 : str_eq(b.text, DEFAULT_REASON)         ? ENUM_VALUE_DEPRECATION_REASON_REMOVED
                                                          : ENUM_VALUE_DEPRECATION_REASON_CHANGED,
                 at, "Enum value \"%.*s\" is deprecated: %.*s", STR_ARG(where), STR_ARG(b.text));
}

static void diff_value(struct diff *d, const struct gql_enum_value *from, const struct gql_enum_value *to,
                       const struct diff_at *at)
{
    struct diff_at here = *at;
    here.added |= !from;
    if (diff_text(from ? (struct described){from->has_description, from->description} : (struct described){0},
                  (struct described){to->has_description, to->description}))
        diff_add(d, ENUM_VALUE_DESCRIPTION_CHANGED, &here, "The description of enum value \"%.*s\" was changed",
                 STR_ARG(diff_coordinate(d->a, at)));
    diff_value_deprecation(d, from, to, &here);
    diff_usages(d, DIRECTIVE_USAGE_ENUM_VALUE_ADDED, from ? &from->directives : NULL, &to->directives, &here);
}

static void diff_values(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                        const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n_values; i++) {
        const struct gql_enum_value *v = &from->values[i];
        struct diff_at old = at_member(at, v->name, v->ast ? v->ast->loc : at->loc, false);
        struct str reason;
        if (!map_has(&to->value_by_name, v->name))
            diff_add(d, ENUM_VALUE_REMOVED, &old, "%s \"%.*s\" was removed",
                     gql_deprecated(&v->directives, &reason) ? "Deprecated enum value" : "Enum value",
                     STR_ARG(diff_coordinate(d->a, &old)));
    }
    for (uint32_t i = 0; i < to->n_values; i++) {
        const struct gql_enum_value *v = &to->values[i], *old = from ? map_get(&from->value_by_name, v->name) : NULL;
        struct diff_at here = at_member(at, v->name, v->ast ? v->ast->loc : at->loc, true);
        if (!old)
            diff_add(d, ENUM_VALUE_ADDED, &here, "Enum value \"%.*s\" was added",
                     STR_ARG(diff_coordinate(d->a, &here)));
        diff_value(d, old, v, &here);
    }
}

/* ---- input objects ---- */

static void new_input_field(struct diff *d, const struct gql_input *f, const struct diff_at *at)
{
    bool required = !at->added && gql_input_required(f);
    struct change *c = diff_add(d, INPUT_FIELD_ADDED, at, "%s \"%.*s\" of type %.*s was added%s",
                                required ? "Required input field" : "Input field", STR_ARG(diff_coordinate(d->a, at)),
                                STR_ARG(gql_tref_str(d->a, f->type)), f->default_value ? " with a default" : "");
    c->required = required;
    if (!at->added)
        c->level = required ? CHANGE_BREAKING : f->default_value ? CHANGE_DANGEROUS : CHANGE_SAFE;
}

static void diff_input_field(struct diff *d, const struct gql_input *from, const struct gql_input *to,
                             const struct diff_at *at)
{
    static const struct input_kinds KINDS = {INPUT_FIELD_TYPE_CHANGED, INPUT_FIELD_DEFAULT_VALUE_CHANGED,
                                             "input field"};
    struct diff_at here = *at;
    here.added |= !from;
    diff_description(d, INPUT_FIELD_DESCRIPTION_ADDED, "input field",
                     from ? (struct described){from->has_description, from->description} : (struct described){0},
                     (struct described){to->has_description, to->description}, &here);
    if (from)
        diff_input(d, &KINDS, from, to, &here);
    diff_usages(d, DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_ADDED, from ? &from->directives : NULL, &to->directives,
                &here);
}

static void diff_input_fields(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                              const struct diff_at *at)
{
    for (uint32_t i = 0; from && i < from->n_inputs; i++) {
        const struct gql_input *f = &from->inputs[i];
        struct diff_at old = at_member(at, f->name, f->ast ? f->ast->loc : at->loc, false);
        struct str reason;
        if (!map_has(&to->input_by_name, f->name))
            diff_add(d, INPUT_FIELD_REMOVED, &old, "%s \"%.*s\" was removed",
                     gql_deprecated(&f->directives, &reason) ? "Deprecated input field" : "Input field",
                     STR_ARG(diff_coordinate(d->a, &old)));
    }
    for (uint32_t i = 0; i < to->n_inputs; i++) {
        const struct gql_input *f = &to->inputs[i], *old = from ? map_get(&from->input_by_name, f->name) : NULL;
        struct diff_at here = at_member(at, f->name, f->ast ? f->ast->loc : at->loc, true);
        if (!old)
            new_input_field(d, f, &here);
        diff_input_field(d, old, f, &here);
    }
}

/* ---- types ---- */

static struct diff_at at_type(const struct gql_type *t, bool is_new, bool added)
{
    return (struct diff_at){
        .type = t->name, .loc = t->ast ? t->ast->loc : (struct gql_loc){0}, .is_new = is_new, .added = added};
}

static void diff_inside(struct diff *d, const struct gql_type *from, const struct gql_type *to,
                        const struct diff_at *at)
{
    static const enum change_kind USAGE[] = {
        [GQL_SCALAR] = DIRECTIVE_USAGE_SCALAR_ADDED,       [GQL_OBJECT_TYPE] = DIRECTIVE_USAGE_OBJECT_ADDED,
        [GQL_INTERFACE] = DIRECTIVE_USAGE_INTERFACE_ADDED, [GQL_UNION] = DIRECTIVE_USAGE_UNION_MEMBER_ADDED,
        [GQL_ENUM_TYPE] = DIRECTIVE_USAGE_ENUM_ADDED,      [GQL_INPUT_OBJECT] = DIRECTIVE_USAGE_INPUT_OBJECT_ADDED};
    if (to->kind == GQL_UNION)
        diff_members(d, from, to, at);
    diff_interfaces(d, from, to, at);
    diff_fields(d, from, to, at);
    diff_values(d, from, to, at);
    diff_input_fields(d, from, to, at);
    diff_usages(d, USAGE[to->kind], from ? &from->directives : NULL, &to->directives, at);
}

static void diff_type(struct diff *d, const struct gql_type *from, const struct gql_type *to)
{
    static const char *const KIND[] = {
        [GQL_SCALAR] = "scalar", [GQL_OBJECT_TYPE] = "object type", [GQL_INTERFACE] = "interface",
        [GQL_UNION] = "union",   [GQL_ENUM_TYPE] = "enum",          [GQL_INPUT_OBJECT] = "input object"};
    struct diff_at at = at_type(to, true, !from);
    if (from && from->kind != to->kind)
        diff_add(d, TYPE_KIND_CHANGED, &at, "Type \"%.*s\" was changed from %s to %s", STR_ARG(to->name),
                 KIND[from->kind], KIND[to->kind]);
    else
        diff_inside(d, from, to, &at);
    diff_description(d, TYPE_DESCRIPTION_ADDED, "type",
                     from ? (struct described){from->has_description, from->description} : (struct described){0},
                     (struct described){to->has_description, to->description}, &at);
}

static void diff_types(struct diff *d)
{
    for (uint32_t i = 0; i < d->from->n_types; i++) {
        const struct gql_type *t = d->from->types[i];
        struct diff_at at = at_type(t, false, false);
        if (!t->builtin && !gql_schema_type(d->to, t->name))
            diff_add(d, TYPE_REMOVED, &at, "Type \"%.*s\" was removed", STR_ARG(t->name));
    }
    for (uint32_t i = 0; i < d->to->n_types; i++) {
        const struct gql_type *t = d->to->types[i], *old = gql_schema_type(d->from, t->name);
        struct diff_at at = at_type(t, true, false);
        if (t->builtin)
            continue;
        if (!old)
            diff_add(d, TYPE_ADDED, &at, "Type \"%.*s\" was added", STR_ARG(t->name));
        diff_type(d, old, t);
    }
}

static void diff_root(struct diff *d, enum change_kind kind, const char *what, const struct gql_type *from,
                      const struct gql_type *to)
{
    struct diff_at at = {.is_new = to != NULL};
    struct str a = from ? from->name : STR("none"), b = to ? to->name : STR("none");
    if (str_eq(a, b) && !from == !to)
        return;
    struct change *c =
        diff_add(d, kind, &at, "The %s root type was changed from %.*s to %.*s", what, STR_ARG(a), STR_ARG(b));
    if (!from)
        c->level = CHANGE_SAFE;
}

struct change_vec diff_schemas(struct arena *a, const struct gql_schema *from, const struct gql_schema *to)
{
    struct diff d = {.a = a, .from = from, .to = to};
    struct diff_at schema = {.is_new = true};
    diff_directive_definitions(&d);
    diff_root(&d, SCHEMA_QUERY_TYPE_CHANGED, "query", from->query, to->query);
    diff_root(&d, SCHEMA_MUTATION_TYPE_CHANGED, "mutation", from->mutation, to->mutation);
    diff_root(&d, SCHEMA_SUBSCRIPTION_TYPE_CHANGED, "subscription", from->subscription, to->subscription);
    diff_types(&d);
    diff_usages(&d, DIRECTIVE_USAGE_SCHEMA_ADDED, &from->directives, &to->directives, &schema);
    return d.out;
}
