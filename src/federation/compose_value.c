/* Values of directive arguments and defaults: made, compared and printed. */
#include "federation/compose_model.h"
#include "graphql/printer.h"

#include <stdlib.h>

struct gql_value *fed_value_new(struct arena *a, enum gql_value_kind kind, struct str text)
{
    struct gql_value *v = arena_new_of(a, struct gql_value);
    v->kind = kind;
    v->text = text;
    return v;
}

struct gql_value *fed_value_bool(struct arena *a, bool b)
{
    struct gql_value *v = fed_value_new(a, GQL_BOOLEAN, STR_NONE);
    v->boolean = b;
    return v;
}

struct gql_value *fed_value_int(struct arena *a, int64_t n)
{
    return fed_value_new(a, GQL_INT, arena_printf(a, "%lld", (long long)n));
}

struct gql_value *fed_value_list(struct arena *a, struct gql_value **items, uint32_t n)
{
    struct gql_value *v = fed_value_new(a, GQL_LIST, STR_NONE);
    v->items = items;
    v->n = n;
    return v;
}

static bool is_number(const struct gql_value *v)
{
    return v->kind == GQL_INT || v->kind == GQL_FLOAT;
}
static bool is_text(const struct gql_value *v)
{
    return v->kind == GQL_STRING || v->kind == GQL_ENUM;
}

static bool numbers_equal(struct str a, struct str b)
{
    if (str_eq(a, b))
        return true;
    char x[64], y[64];
    if (a.len >= sizeof x || b.len >= sizeof y)
        return false;
    memcpy(x, a.p, a.len);
    memcpy(y, b.p, b.len);
    x[a.len] = y[b.len] = '\0';
    return strtod(x, NULL) == strtod(y, NULL);
}

static const struct gql_value *object_get(const struct gql_value *o, struct str name)
{
    for (uint32_t i = 0; i < o->n; i++)
        if (str_eq(o->fields[i].name.s, name))
            return o->fields[i].value;
    return NULL;
}

static bool objects_equal(const struct gql_value *a, const struct gql_value *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!fed_value_equal(a->fields[i].value, object_get(b, a->fields[i].name.s)))
            return false;
    return true;
}

bool fed_value_equal(const struct gql_value *a, const struct gql_value *b)
{
    if (!a || !b)
        return a == b;
    if (is_number(a) && is_number(b))
        return numbers_equal(a->text, b->text);
    if (is_text(a) && is_text(b))
        return str_eq(a->text, b->text);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case GQL_BOOLEAN: return a->boolean == b->boolean;
    case GQL_OBJECT: return objects_equal(a, b);
    case GQL_VARIABLE: return str_eq(a->text, b->text);
    case GQL_LIST:
        if (a->n != b->n)
            return false;
        for (uint32_t i = 0; i < a->n; i++)
            if (!fed_value_equal(a->items[i], b->items[i]))
                return false;
        return true;
    default: return true;
    }
}

#define PRINT_MAX (1u << 20)

struct str fed_value_str(struct arena *a, const struct gql_value *v)
{
    struct buf out;
    buf_init(&out, PRINT_MAX);
    gql_print_value(&out, v);
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

struct str fed_applied_print(struct arena *a, const struct fed_applied *d)
{
    struct buf out;
    buf_init(&out, PRINT_MAX);
    buf_add_char(&out, '@');
    buf_add(&out, d->name);
    for (uint32_t i = 0; i < d->n_args; i++) {
        buf_add_c(&out, i ? ", " : "(");
        buf_add(&out, d->args[i].name.s);
        buf_add_c(&out, ": ");
        gql_print_value(&out, d->args[i].value);
    }
    if (d->n_args)
        buf_add_char(&out, ')');
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

/* ---- settling ---- */

/* Names stand for strings and strings for enum values, as in composition they always did. */
static void settle_value(const struct fed_schema *s, const struct gql_type_ref *type, struct gql_value *v)
{
    if (type->kind == GQL_REF_NON_NULL)
        type = type->of;
    if (v->kind == GQL_LIST)
        for (uint32_t i = 0; i < v->n; i++)
            settle_value(s, type->kind == GQL_REF_LIST ? type->of : type, v->items[i]);
    const struct fed_type *named = fed_ref_type(s, type);
    bool text = str_eq(fed_ref_base(type)->name, STR("String")) || str_eq(fed_ref_base(type)->name, STR("ID"));
    if (v->kind == GQL_ENUM && text)
        v->kind = GQL_STRING;
    else if (v->kind == GQL_STRING && named && named->kind == GQL_ENUM_TYPE && fed_type_value(named, v->text))
        v->kind = GQL_ENUM;
    for (uint32_t i = 0; v->kind == GQL_OBJECT && named && named->kind == GQL_INPUT_OBJECT && i < v->n; i++) {
        const struct fed_input *f = fed_type_input(named, v->fields[i].name.s);
        if (f)
            settle_value(s, f->type, v->fields[i].value);
    }
}

static void settle_applied(const struct fed_schema *s, const struct fed_elem *e)
{
    for (size_t i = 0; i < e->applied.n; i++) {
        const struct fed_applied *d = &e->applied.v[i];
        const struct fed_directive *def = fed_schema_directive(s, d->name);
        for (uint32_t j = 0; j < d->n_args; j++) {
            const struct fed_input *arg = def ? fed_directive_def_arg(def, d->args[j].name.s) : NULL;
            bool deprecated = str_eq(d->name, STR("deprecated")) && d->args[j].value->kind == GQL_ENUM;
            if (arg && !str_eq(arg->e.name, STR("fields")))
                settle_value(s, arg->type, d->args[j].value);
            else if (deprecated)
                d->args[j].value->kind = GQL_STRING;
        }
    }
}

static void settle_inputs(const struct fed_schema *s, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->v[i]->default_value)
            settle_value(s, v->v[i]->type, (struct gql_value *)v->v[i]->default_value);
        settle_applied(s, &v->v[i]->e);
    }
}

void fed_settle_values(const struct fed_schema *s)
{
    settle_applied(s, &s->e);
    for (size_t i = 0; i < s->types.n; i++) {
        const struct fed_type *t = s->types.v[i];
        settle_applied(s, &t->e);
        settle_inputs(s, &t->inputs);
        for (size_t j = 0; j < t->fields.n; j++) {
            settle_applied(s, &t->fields.v[j]->e);
            settle_inputs(s, &t->fields.v[j]->args);
        }
        for (size_t j = 0; j < t->values.n; j++)
            settle_applied(s, &t->values.v[j]->e);
    }
    for (size_t i = 0; i < s->directives.n; i++)
        settle_inputs(s, &s->directives.v[i]->args);
}
