#include "check/usage_private.h"

#include "graphql/validate.h"

static void use(struct uses *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void use(struct uses *u, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str key = arena_vprintf(u->a, fmt, ap);
    va_end(ap);
    map_put(u->a, &u->keys, key, u);
}

static bool used(const struct uses *u, const char mark, struct str name)
{
    return map_has(&u->keys, arena_printf(u->a, "%c%.*s", mark, STR_ARG(name)));
}

/* ---- values that are sent ---- */

/* Whatever the type allows: nothing is known of the value. */
static void may_send_any(struct uses *u, const struct gql_type *t)
{
    bool known = used(u, '*', t->name);
    use(u, "*%.*s", STR_ARG(t->name));
    use(u, ">%.*s", STR_ARG(t->name));
    use(u, "%.*s", STR_ARG(t->name));
    for (uint32_t i = 0; !known && i < t->n_values; i++)
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(t->values[i].name));
    for (uint32_t i = 0; !known && i < t->n_inputs; i++) {
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(t->inputs[i].name));
        may_send_any(u, gql_tref_named(t->inputs[i].type));
    }
}

static void sends_json(struct uses *u, const struct gql_type *t, const struct json *v)
{
    if (v->kind == JSON_NULL)
        return;
    if (v->kind == JSON_ARRAY && t->kind != GQL_SCALAR) {
        for (uint32_t i = 0; i < v->n; i++)
            sends_json(u, t, v->items[i]);
        return;
    }
    use(u, ">%.*s", STR_ARG(t->name));
    use(u, "%.*s", STR_ARG(t->name));
    if (t->kind == GQL_ENUM_TYPE && v->kind == JSON_STRING)
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(v->text));
    for (uint32_t i = 0; t->kind == GQL_INPUT_OBJECT && v->kind == JSON_OBJECT && i < v->n; i++) {
        const struct gql_input *f = map_get(&t->input_by_name, v->members[i].name);
        if (!f)
            continue;
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(f->name));
        sends_json(u, gql_tref_named(f->type), v->members[i].value);
    }
}

static void sends(struct uses *u, const struct gql_type *t, const struct gql_value *v)
{
    use(u, "%.*s", STR_ARG(t->name));
    if (v->kind == GQL_VARIABLE || v->kind == GQL_NULL)
        return;
    if (v->kind == GQL_LIST && t->kind != GQL_SCALAR) {
        for (uint32_t i = 0; i < v->n; i++)
            sends(u, t, v->items[i]);
        return;
    }
    use(u, ">%.*s", STR_ARG(t->name));
    if (t->kind == GQL_ENUM_TYPE)
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(v->text));
    for (uint32_t i = 0; t->kind == GQL_INPUT_OBJECT && v->kind == GQL_OBJECT && i < v->n; i++) {
        const struct gql_input *f = map_get(&t->input_by_name, v->fields[i].name.s);
        if (!f)
            continue;
        use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(f->name));
        sends(u, gql_tref_named(f->type), v->fields[i].value);
    }
}

static struct str ref_name(const struct gql_type_ref *ref)
{
    while (ref->kind != GQL_REF_NAMED)
        ref = ref->of;
    return ref->name;
}

static void variable(struct uses *u, const struct gql_variable_definition *def)
{
    const struct gql_type *t = gql_schema_type(u->schema, ref_name(def->type));
    const struct json *given = json_get(u->variables, def->name.s);
    if (!t)
        return;
    use(u, "%.*s", STR_ARG(t->name));
    if (given)
        sends_json(u, t, given);
    else if (!u->variables)
        may_send_any(u, t);
    if (def->default_value)
        sends(u, t, def->default_value);
}

/* ---- directives ---- */

static void directives(struct uses *u, const struct gql_directive_list *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct gql_directive *d = &list->v[i];
        const struct gql_directive_type *t = gql_schema_directive(u->schema, d->name.s);
        use(u, "@%.*s", STR_ARG(d->name.s));
        for (uint32_t k = 0; k < d->n_args; k++)
            use(u, "@%.*s(%.*s:)", STR_ARG(d->name.s), STR_ARG(d->args[k].name.s));
        for (uint32_t j = 0; t && j < t->n_args; j++)
            for (uint32_t k = 0; k < d->n_args; k++)
                if (str_eq(t->args[j].name, d->args[k].name.s))
                    sends(u, gql_tref_named(t->args[j].type), d->args[k].value);
    }
}

/* ---- selections ---- */

static const struct gql_argument *given_arg(const struct gql_selection *sel, struct str name)
{
    for (uint32_t i = 0; i < sel->n_args; i++)
        if (str_eq(sel->args[i].name.s, name))
            return &sel->args[i];
    return NULL;
}

/* The field as the type around the selection has it; rules know which objects stand behind that type. */
static void field_of(struct uses *u, const struct gql_type *t, const struct gql_field *f,
                     const struct gql_selection *sel)
{
    use(u, "!%.*s", STR_ARG(t->name));
    use(u, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(f->name));
    for (uint32_t i = 0; i < f->n_args; i++) {
        const struct gql_argument *given = given_arg(sel, f->args[i].name);
        use(u, "%s%.*s.%.*s(%.*s:)", given ? "" : "-", STR_ARG(t->name), STR_ARG(f->name), STR_ARG(f->args[i].name));
        if (given && (given->value->kind == GQL_VARIABLE || given->value->kind == GQL_NULL))
            use(u, "?%.*s.%.*s(%.*s:)", STR_ARG(t->name), STR_ARG(f->name), STR_ARG(f->args[i].name));
    }
}

static void selections(struct uses *u, const struct gql_type *parent, const struct gql_selection_set *set);

static void field(struct uses *u, const struct gql_type *parent, const struct gql_selection *sel)
{
    const struct gql_field *f = gql_type_field(u->schema, parent, sel->name.s);
    if (!f)
        return;
    const struct gql_type *t = gql_tref_named(f->type);
    if (map_has(&parent->field_by_name, f->name))
        field_of(u, parent, f, sel);
    for (uint32_t i = 0; i < sel->n_args; i++) {
        const struct gql_input *arg = gql_field_arg(f, sel->args[i].name.s);
        if (arg)
            sends(u, gql_tref_named(arg->type), sel->args[i].value);
    }
    use(u, "%.*s", STR_ARG(t->name));
    if (t->kind == GQL_ENUM_TYPE)
        use(u, "<%.*s", STR_ARG(t->name));
    if (sel->selections)
        selections(u, t, sel->selections);
}

static void selections(struct uses *u, const struct gql_type *parent, const struct gql_selection_set *set)
{
    use(u, "%.*s", STR_ARG(parent->name));
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        directives(u, &sel->directives);
        if (sel->kind == GQL_FIELD)
            field(u, parent, sel);
        if (sel->kind == GQL_FRAGMENT_SPREAD)
            use(u, "...%.*s", STR_ARG(sel->name.s));
        if (sel->kind == GQL_INLINE_FRAGMENT) {
            const struct gql_type *on = sel->on.s.p ? gql_schema_type(u->schema, sel->on.s) : parent;
            if (on)
                selections(u, on, sel->selections);
        }
    }
}

/* Each fragment once, as its own condition makes it; the keys grow while we look at them. */
static void fragments(struct uses *u)
{
    for (size_t i = 0; i < u->keys.n; i++) {
        struct str key = u->keys.entries[i].key;
        const struct gql_definition *f =
            str_starts(key, STR("...")) ? gql_document_fragment(u->doc, str_sub(key, 3, SIZE_MAX)) : NULL;
        const struct gql_type *on = f ? gql_schema_type(u->schema, f->on.s) : NULL;
        if (!on)
            continue;
        directives(u, &f->directives);
        selections(u, on, f->selections);
    }
}

void uses_collect(struct uses *u, const struct gql_definition *operation)
{
    const struct gql_type *root = gql_schema_root(u->schema, operation->operation);
    use(u, "~%d", (int)operation->operation);
    directives(u, &operation->directives);
    for (uint32_t i = 0; i < operation->n_variables; i++) {
        variable(u, &operation->variables[i]);
        directives(u, &operation->variables[i].directives);
    }
    if (root)
        selections(u, root, operation->selections);
    fragments(u);
}
