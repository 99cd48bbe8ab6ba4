/* @inaccessible: what is hidden from clients must not be needed by what they see. */
#include "federation/compose_merge.h"

struct hidden {
    struct merge *mg;
    struct map default_users; /* coordinate of an input field or enum value → struct input_users */
};
struct input_users VEC_BODY(const struct fed_input *);

static bool is_hidden(struct hidden *h, const struct fed_elem *e)
{
    return e && merge_is_inaccessible(h->mg, e);
}

static bool field_visible(struct hidden *h, const struct fed_field *f)
{
    return !is_hidden(h, &f->e) && !is_hidden(h, &f->parent->e);
}

static bool input_visible(struct hidden *h, const struct fed_input *i)
{
    if (is_hidden(h, &i->e))
        return false;
    if (i->parent)
        return !is_hidden(h, &i->parent->e);
    return i->directive || field_visible(h, i->field);
}

#define hidden_error(h, e, code, ...) msg_error((h)->mg->m, in_supergraph(e), code, __VA_ARGS__)
#define coordinate(h, e) fed_coordinate((h)->mg->a, e)

/* `is @inaccessible`, or what a contract has to do with it. */
static struct str is_what(struct hidden *h, const struct fed_elem *e)
{
    const struct str *why = h->mg->hidden_why ? map_get(h->mg->hidden_why, coordinate(h, e)) : NULL;
    return why ? arena_printf(h->mg->a, "is hidden (%.*s)", STR_ARG(*why)) : STR("is @inaccessible");
}

/* ---- defaults that name hidden values ---- */

static void use(struct hidden *h, const struct fed_elem *e, const struct fed_input *by)
{
    struct str key = coordinate(h, e);
    struct input_users *users = map_get(&h->default_users, key);
    if (!users) {
        users = arena_new_of(h->mg->a, struct input_users);
        map_put(h->mg->a, &h->default_users, key, users);
    }
    vec_push(h->mg->a, users, by);
}

static void use_value(struct hidden *h, const struct gql_type_ref *type, const struct gql_value *v,
                      const struct fed_input *by)
{
    if (!v || v->kind == GQL_NULL)
        return;
    if (type->kind == GQL_REF_NON_NULL) {
        use_value(h, type->of, v, by);
        return;
    }
    if (type->kind == GQL_REF_LIST) {
        for (uint32_t i = 0; v->kind == GQL_LIST && i < v->n; i++)
            use_value(h, type->of, v->items[i], by);
        if (v->kind != GQL_LIST)
            use_value(h, type->of, v, by);
        return;
    }
    const struct fed_type *t = fed_schema_type(h->mg->out, type->name);
    if (t && t->kind == GQL_ENUM_TYPE && (v->kind == GQL_ENUM || v->kind == GQL_STRING)) {
        struct fed_enum_value *ev = fed_type_value(t, v->text);
        if (ev)
            use(h, &ev->e, by);
    }
    for (uint32_t i = 0; t && t->kind == GQL_INPUT_OBJECT && v->kind == GQL_OBJECT && i < v->n; i++) {
        struct fed_input *f = fed_type_input(t, v->fields[i].name.s);
        if (!f)
            continue;
        use(h, &f->e, by);
        use_value(h, f->type, v->fields[i].value, by);
    }
}

static void use_inputs(struct hidden *h, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        use_value(h, v->v[i]->type, v->v[i]->default_value, v->v[i]);
}

static void find_default_users(struct hidden *h)
{
    for (size_t i = 0; i < h->mg->out->types.n; i++) {
        const struct fed_type *t = h->mg->out->types.v[i];
        use_inputs(h, &t->inputs);
        for (size_t j = 0; j < t->fields.n; j++)
            use_inputs(h, &t->fields.v[j]->args);
    }
    for (size_t i = 0; i < h->mg->out->directives.n; i++)
        use_inputs(h, &h->mg->out->directives.v[i]->args);
}

static void check_default_users(struct hidden *h, const struct fed_elem *e)
{
    struct input_users *users = map_get(&h->default_users, coordinate(h, e));
    for (size_t i = 0; users && i < users->n; i++)
        if (input_visible(h, users->v[i]))
            hidden_error(h, e, "DEFAULT_VALUE_USES_INACCESSIBLE",
                         "\"%.*s\" %.*s but used in the default of \"%.*s\", which clients see: change the default",
                         STR_ARG(coordinate(h, e)), STR_ARG(is_what(h, e)), STR_ARG(coordinate(h, &users->v[i]->e)));
}

/* ---- hidden types ---- */

static void check_reference(struct hidden *h, const struct fed_type *t, const struct gql_type_ref *r,
                            const struct fed_elem *by, bool visible)
{
    if (visible && str_eq(fed_ref_base(r)->name, t->e.name))
        hidden_error(h, &t->e, "REFERENCED_INACCESSIBLE",
                     "type \"%.*s\" %.*s but is the type of \"%.*s\", which clients see: hide that too, or "
                     "show the type",
                     STR_ARG(t->e.name), STR_ARG(is_what(h, &t->e)), STR_ARG(coordinate(h, by)));
}

static void check_hidden_type(struct hidden *h, const struct fed_type *t)
{
    const struct fed_schema *s = h->mg->out;
    for (size_t i = 0; i < s->types.n; i++) {
        const struct fed_type *o = s->types.v[i];
        for (size_t j = 0; j < o->fields.n; j++) {
            const struct fed_field *f = o->fields.v[j];
            check_reference(h, t, f->type, &f->e, field_visible(h, f));
            for (size_t k = 0; k < f->args.n; k++)
                check_reference(h, t, f->args.v[k]->type, &f->args.v[k]->e, input_visible(h, f->args.v[k]));
        }
        for (size_t j = 0; j < o->inputs.n; j++)
            check_reference(h, t, o->inputs.v[j]->type, &o->inputs.v[j]->e, input_visible(h, o->inputs.v[j]));
    }
    for (size_t i = 0; i < s->directives.n; i++)
        for (size_t k = 0; k < s->directives.v[i]->args.n; k++)
            check_reference(h, t, s->directives.v[i]->args.v[k]->type, &s->directives.v[i]->args.v[k]->e,
                            input_visible(h, s->directives.v[i]->args.v[k]));
    if (fed_type_is_root(s, t, GQL_QUERY))
        hidden_error(h, &t->e, "QUERY_ROOT_TYPE_INACCESSIBLE",
                     "type \"%.*s\" %.*s but is the query root, which clients must see: show it", STR_ARG(t->e.name),
                     STR_ARG(is_what(h, &t->e)));
}

/* ---- visible types ---- */

static void check_not_empty(struct hidden *h, const struct fed_type *t)
{
    bool any = t->kind == GQL_SCALAR;
    const char *what = t->kind == GQL_UNION ? "members" : t->kind == GQL_ENUM_TYPE ? "values" : "fields";
    for (size_t i = 0; i < t->fields.n; i++)
        any |= !is_hidden(h, &t->fields.v[i]->e);
    for (size_t i = 0; i < t->inputs.n; i++)
        any |= !is_hidden(h, &t->inputs.v[i]->e);
    for (size_t i = 0; i < t->values.n; i++)
        any |= !is_hidden(h, &t->values.v[i]->e);
    for (size_t i = 0; i < t->members.n; i++) {
        struct fed_type *m = fed_schema_type(h->mg->out, t->members.v[i]);
        any |= m && !is_hidden(h, &m->e);
    }
    if (!any)
        hidden_error(h, &t->e, "ONLY_INACCESSIBLE_CHILDREN",
                     "clients see type \"%.*s\" but all its %s are @inaccessible: hide the type too",
                     STR_ARG(t->e.name), what);
}

static void check_implementing(struct hidden *h, const struct fed_type *t, const struct fed_elem *e, struct str field,
                               struct str arg)
{
    for (size_t i = 0; i < t->interfaces.n; i++) {
        struct fed_type *itf = fed_schema_type(h->mg->out, t->interfaces.v[i]);
        struct fed_field *f = itf ? fed_type_field(itf, field) : NULL;
        struct fed_input *a = f && arg.p ? fed_field_arg(f, arg) : NULL;
        const struct fed_elem *other = arg.p ? (a ? &a->e : NULL) : (f ? &f->e : NULL);
        if (other && (arg.p ? input_visible(h, a) : field_visible(h, f)))
            hidden_error(h, e, "IMPLEMENTED_BY_INACCESSIBLE",
                         "\"%.*s\" %.*s but implements \"%.*s\", which clients see: hide that too",
                         STR_ARG(coordinate(h, e)), STR_ARG(is_what(h, e)), STR_ARG(coordinate(h, other)));
    }
}

static void hidden_required(struct hidden *h, const struct fed_elem *e)
{
    hidden_error(h, e, "REQUIRED_INACCESSIBLE", "\"%.*s\" %.*s but required: make it optional",
                 STR_ARG(coordinate(h, e)), STR_ARG(is_what(h, e)));
}

static void check_argument(struct hidden *h, const struct fed_type *t, const struct fed_field *f,
                           const struct fed_input *arg)
{
    if (!is_hidden(h, &arg->e))
        return;
    if (fed_input_required(arg))
        hidden_required(h, &arg->e);
    for (size_t i = 0; t->kind == GQL_INTERFACE && i < h->mg->out->types.n; i++) {
        const struct fed_type *impl = h->mg->out->types.v[i];
        struct fed_field *own = fed_type_implements(impl, t->e.name) ? fed_type_field(impl, f->e.name) : NULL;
        struct fed_input *own_arg = own ? fed_field_arg(own, arg->e.name) : NULL;
        if (own_arg && input_visible(h, own_arg) && fed_input_required(own_arg))
            hidden_error(h, &arg->e, "REQUIRED_INACCESSIBLE",
                         "\"%.*s\" %.*s but \"%.*s\", which implements it, is required: make it optional",
                         STR_ARG(coordinate(h, &arg->e)), STR_ARG(is_what(h, &arg->e)),
                         STR_ARG(coordinate(h, &own_arg->e)));
    }
    check_implementing(h, t, &arg->e, f->e.name, arg->e.name);
}

static void check_visible_type(struct hidden *h, const struct fed_type *t)
{
    check_not_empty(h, t);
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct fed_field *f = t->fields.v[i];
        if (is_hidden(h, &f->e))
            check_implementing(h, t, &f->e, f->e.name, STR_NONE);
        else
            for (size_t j = 0; j < f->args.n; j++)
                check_argument(h, t, f, f->args.v[j]);
    }
    for (size_t i = 0; i < t->inputs.n; i++) {
        const struct fed_input *f = t->inputs.v[i];
        if (!is_hidden(h, &f->e))
            continue;
        if (fed_input_required(f))
            hidden_required(h, &f->e);
        check_default_users(h, &f->e);
    }
    for (size_t i = 0; i < t->values.n; i++)
        if (is_hidden(h, &t->values.v[i]->e))
            check_default_users(h, &t->values.v[i]->e);
}

static bool any_hidden_argument(struct hidden *h, const struct fed_directive *d)
{
    for (size_t i = 0; i < d->args.n; i++)
        if (is_hidden(h, &d->args.v[i]->e))
            return true;
    return false;
}

#define TYPE_SYSTEM (~((1u << (GQL_ON_VARIABLE_DEFINITION + 1)) - 1))

static void check_directive(struct hidden *h, const struct fed_directive *d)
{
    if (!any_hidden_argument(h, d))
        return;
    if (d->locations & TYPE_SYSTEM) {
        hidden_error(h, &d->e, "DISALLOWED_INACCESSIBLE",
                     "arguments of @%.*s cannot be @inaccessible, since it can stand in schemas: show them",
                     STR_ARG(d->e.name));
        return;
    }
    for (size_t i = 0; i < d->args.n; i++)
        if (is_hidden(h, &d->args.v[i]->e) && fed_input_required(d->args.v[i]))
            hidden_required(h, &d->args.v[i]->e);
}

void merge_check_inaccessible(struct merge *mg)
{
    struct hidden h = {.mg = mg};
    if (!mg->inaccessible.p)
        return;
    find_default_users(&h);
    for (size_t i = 0; i < mg->out->types.n; i++) {
        const struct fed_type *t = mg->out->types.v[i];
        if (is_hidden(&h, &t->e))
            check_hidden_type(&h, t);
        else
            check_visible_type(&h, t);
    }
    for (size_t i = 0; i < mg->out->directives.n; i++)
        check_directive(&h, mg->out->directives.v[i]);
}
