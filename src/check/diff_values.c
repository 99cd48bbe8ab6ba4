/* Comparisons that need no walk: texts, types, defaults. */
#include "check/diff_private.h"

#include "graphql/coerce.h"
#include "graphql/printer.h"

#define VALUE_STR_MAX 4096 /* of a default in a sentence */

enum text_change diff_text(struct described from, struct described to)
{
    struct str a = from.has ? from.text : STR_NONE, b = to.has ? to.text : STR_NONE;
    if (str_eq(a, b))
        return TEXT_SAME;
    return !from.has ? TEXT_ADDED : !to.has ? TEXT_REMOVED : TEXT_CHANGED;
}

/* ---- types ---- */

static const struct gql_tref *nullable(const struct gql_tref *t)
{
    return t->kind == GQL_REF_NON_NULL ? t->of : t;
}

bool diff_output_type_safe(const struct gql_tref *from, const struct gql_tref *to)
{
    if (to->kind == GQL_REF_NON_NULL)
        return diff_output_type_safe(nullable(from), to->of);
    if (from->kind != to->kind)
        return false;
    return from->kind == GQL_REF_LIST ? diff_output_type_safe(from->of, to->of)
                                      : str_eq(from->type->name, to->type->name);
}

bool diff_input_type_safe(const struct gql_tref *from, const struct gql_tref *to)
{
    if (from->kind == GQL_REF_NON_NULL)
        return diff_input_type_safe(from->of, nullable(to));
    if (from->kind != to->kind)
        return false;
    return from->kind == GQL_REF_LIST ? diff_input_type_safe(from->of, to->of)
                                      : str_eq(from->type->name, to->type->name);
}

/* ---- defaults ---- */

static bool json_equal(const struct json *a, const struct json *b)
{
    double x, y;
    if (!a || !b || a->kind != b->kind)
        return a == b;
    switch (a->kind) {
    case JSON_NULL: return true;
    case JSON_BOOL: return a->boolean == b->boolean;
    case JSON_STRING: return str_eq(a->text, b->text);
    case JSON_NUMBER: return str_eq(a->text, b->text) || (json_to_double(a, &x) && json_to_double(b, &y) && x == y);
    case JSON_ARRAY:
        for (uint32_t i = 0; a->n == b->n && i < a->n; i++)
            if (!json_equal(a->items[i], b->items[i]))
                return false;
        return a->n == b->n;
    case JSON_OBJECT:
        for (uint32_t i = 0; a->n == b->n && i < a->n; i++)
            if (!json_equal(a->members[i].value, json_get(b, a->members[i].name)))
                return false;
        return a->n == b->n;
    }
    return false;
}

static struct str value_str(struct diff *d, const struct gql_value *v)
{
    struct buf out;
    buf_init(&out, (size_t)64 << 20);
    gql_print_value(&out, v);
    struct str s = arena_str(d->a, buf_str(&out));
    buf_free(&out);
    return s;
}

bool diff_defaults_equal(struct diff *d, const struct gql_input *from, const struct gql_input *to)
{
    struct gql_errors errors = {0};
    struct gql_variables none = {0};
    struct json *x = NULL, *y = NULL;
    if (!from->default_value || !to->default_value)
        return from->default_value == to->default_value;
    bool fit = gql_coerce_literal(d->a, d->from, from->type, from->default_value, &none, &x, &errors) &&
               gql_coerce_literal(d->a, d->to, to->type, to->default_value, &none, &y, &errors);
    if (!fit)
        return str_eq(value_str(d, from->default_value), value_str(d, to->default_value));
    return json_equal(x, y);
}

struct str diff_default_str(struct diff *d, const struct gql_input *i)
{
    struct str s = i->default_value ? value_str(d, i->default_value) : STR("none");
    return s.len <= VALUE_STR_MAX ? s : arena_printf(d->a, "%.*s…", VALUE_STR_MAX, s.p);
}
