#include "graphql/schema.h"

static const struct str LOCATIONS[GQL_DIRECTIVE_LOCATIONS] = {
    [GQL_ON_QUERY] = STR_INIT("QUERY"),
    [GQL_ON_MUTATION] = STR_INIT("MUTATION"),
    [GQL_ON_SUBSCRIPTION] = STR_INIT("SUBSCRIPTION"),
    [GQL_ON_FIELD] = STR_INIT("FIELD"),
    [GQL_ON_FRAGMENT_DEFINITION] = STR_INIT("FRAGMENT_DEFINITION"),
    [GQL_ON_FRAGMENT_SPREAD] = STR_INIT("FRAGMENT_SPREAD"),
    [GQL_ON_INLINE_FRAGMENT] = STR_INIT("INLINE_FRAGMENT"),
    [GQL_ON_VARIABLE_DEFINITION] = STR_INIT("VARIABLE_DEFINITION"),
    [GQL_ON_SCHEMA] = STR_INIT("SCHEMA"),
    [GQL_ON_SCALAR] = STR_INIT("SCALAR"),
    [GQL_ON_OBJECT] = STR_INIT("OBJECT"),
    [GQL_ON_FIELD_DEFINITION] = STR_INIT("FIELD_DEFINITION"),
    [GQL_ON_ARGUMENT_DEFINITION] = STR_INIT("ARGUMENT_DEFINITION"),
    [GQL_ON_INTERFACE] = STR_INIT("INTERFACE"),
    [GQL_ON_UNION] = STR_INIT("UNION"),
    [GQL_ON_ENUM] = STR_INIT("ENUM"),
    [GQL_ON_ENUM_VALUE] = STR_INIT("ENUM_VALUE"),
    [GQL_ON_INPUT_OBJECT] = STR_INIT("INPUT_OBJECT"),
    [GQL_ON_INPUT_FIELD_DEFINITION] = STR_INIT("INPUT_FIELD_DEFINITION"),
    [GQL_ON_DIRECTIVE_DEFINITION] = STR_INIT("DIRECTIVE_DEFINITION"),
    [GQL_ON_FRAGMENT_VARIABLE_DEFINITION] = STR_INIT("FRAGMENT_VARIABLE_DEFINITION"),
};

struct str gql_directive_location_name(enum gql_directive_location loc)
{
    return loc < GQL_DIRECTIVE_LOCATIONS ? LOCATIONS[loc] : STR_NONE;
}

int gql_directive_location_find(struct str name)
{
    for (int i = 0; i < GQL_DIRECTIVE_LOCATIONS; i++)
        if (str_eq(LOCATIONS[i], name))
            return i;
    return -1;
}

struct gql_type *gql_schema_type(const struct gql_schema *s, struct str name)
{
    return map_get(&s->type_by_name, name);
}

struct gql_type *gql_schema_root(const struct gql_schema *s, enum gql_operation_kind kind)
{
    switch (kind) {
    case GQL_QUERY:
        return s->query;
    case GQL_MUTATION:
        return s->mutation;
    case GQL_SUBSCRIPTION:
        return s->subscription;
    }
    return NULL;
}

struct gql_directive_type *gql_schema_directive(const struct gql_schema *s, struct str name)
{
    return map_get(&s->directive_by_name, name);
}

struct gql_field *gql_type_field(const struct gql_schema *s, const struct gql_type *t, struct str name)
{
    if (str_starts(name, STR("__"))) {
        if (str_eq(name, STR("__typename")))
            return gql_type_is_composite(t) ? s->typename_field : NULL;
        if (t == s->query && str_eq(name, STR("__schema")))
            return s->schema_field;
        if (t == s->query && str_eq(name, STR("__type")))
            return s->type_field;
    }
    return map_get(&t->field_by_name, name);
}

struct gql_input *gql_field_arg(const struct gql_field *f, struct str name)
{
    for (uint32_t i = 0; i < f->n_args; i++)
        if (str_eq(f->args[i].name, name))
            return &f->args[i];
    return NULL;
}

struct gql_type *gql_tref_named(const struct gql_tref *t)
{
    while (t->kind != GQL_REF_NAMED)
        t = t->of;
    return t->type;
}

bool gql_tref_equal(const struct gql_tref *a, const struct gql_tref *b)
{
    for (; a->kind == b->kind; a = a->of, b = b->of)
        if (a->kind == GQL_REF_NAMED)
            return str_eq(a->type->name, b->type->name);
    return false;
}

struct gql_tref *gql_schema_tref(struct arena *a, const struct gql_schema *s, const struct gql_type_ref *ref)
{
    struct gql_tref *first = NULL, **at = &first;
    for (; ref; ref = ref->of) {
        struct gql_tref *t = *at = arena_new_of(a, struct gql_tref);
        t->kind = ref->kind;
        at = &t->of;
        if (ref->kind == GQL_REF_NAMED)
            t->type = gql_schema_type(s, ref->name);
        if (ref->kind == GQL_REF_NAMED && !t->type)
            return NULL;
    }
    return first;
}

static bool named_is_subtype(const struct gql_type *sub, const struct gql_type *super)
{
    if (sub == super)
        return true;
    if (!gql_type_is_abstract(super))
        return false;
    if (sub->kind == GQL_OBJECT_TYPE)
        return bits_has(super->possible, sub->id);
    if (sub->kind != GQL_INTERFACE || super->kind != GQL_INTERFACE)
        return false;
    for (size_t i = 0; i < sub->interfaces.n; i++)
        if (sub->interfaces.v[i] == super)
            return true;
    return false;
}

bool gql_tref_is_subtype(const struct gql_schema *s, const struct gql_tref *sub, const struct gql_tref *super)
{
    for (;;) {
        if (super->kind == GQL_REF_NON_NULL) {
            if (sub->kind != GQL_REF_NON_NULL)
                return false;
            super = super->of;
            sub = sub->of;
        } else if (sub->kind == GQL_REF_NON_NULL) {
            sub = sub->of;
        } else if (super->kind == GQL_REF_LIST && sub->kind == GQL_REF_LIST) {
            super = super->of;
            sub = sub->of;
        } else {
            return super->kind == GQL_REF_NAMED && sub->kind == GQL_REF_NAMED &&
                   named_is_subtype(sub->type, super->type);
        }
    }
}

void gql_tref_print(struct buf *out, const struct gql_tref *t)
{
    const struct gql_tref *inner = t;
    for (; inner->kind != GQL_REF_NAMED; inner = inner->of)
        if (inner->kind == GQL_REF_LIST)
            buf_add_char(out, '[');
    buf_add(out, inner->type->name);

    /* Closing marks stand in the opposite order of the wrappers, so each one is written at its place from the end. */
    size_t n = 0;
    for (inner = t; inner->kind != GQL_REF_NAMED; inner = inner->of)
        n++;
    char *close = buf_reserve(out, n);
    if (!close)
        return;
    size_t at = n;
    for (inner = t; inner->kind != GQL_REF_NAMED; inner = inner->of)
        close[--at] = inner->kind == GQL_REF_LIST ? ']' : '!';
    buf_advance(out, n);
}

struct str gql_tref_str(struct arena *a, const struct gql_tref *t)
{
    struct buf out;
    buf_init(&out, 1u << 20);
    gql_tref_print(&out, t);
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

const struct gql_directive *gql_directive_find(const struct gql_directive_list *list, struct str name)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i].name.s, name))
            return &list->v[i];
    return NULL;
}

const struct gql_value *gql_directive_arg(const struct gql_directive *d, struct str name)
{
    for (uint32_t i = 0; i < d->n_args; i++)
        if (str_eq(d->args[i].name.s, name))
            return d->args[i].value;
    return NULL;
}

bool gql_deprecated(const struct gql_directive_list *list, struct str *reason)
{
    const struct gql_directive *d = gql_directive_find(list, STR("deprecated"));
    if (!d)
        return false;
    const struct gql_value *v = gql_directive_arg(d, STR("reason"));
    *reason = v && v->kind == GQL_STRING ? v->text : STR("No longer supported");
    return true;
}

bool gql_input_required(const struct gql_input *input)
{
    return input->type->kind == GQL_REF_NON_NULL && !input->default_value;
}
