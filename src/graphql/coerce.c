#include "graphql/coerce.h"

#include "graphql/coerce_value.h"
#include "graphql/literal.h"

#define CODE STR("BAD_USER_INPUT")

const struct gql_variable *gql_variables_find(const struct gql_variables *vars, struct str name)
{
    for (uint32_t i = 0; vars && i < vars->n; i++)
        if (str_eq(vars->v[i].name, name))
            return &vars->v[i];
    return NULL;
}

static struct json *variable_value(const struct gql_variables *vars, struct str name)
{
    const struct gql_variable *var = gql_variables_find(vars, name);
    return var ? var->value : NULL;
}

/* ---- making JSON ---- */

struct json *gql_json_new(struct arena *a, enum json_kind kind, struct str text)
{
    struct json *v = arena_new_of(a, struct json);
    v->kind = kind;
    v->text = text;
    return v;
}

struct json *gql_json_object(struct arena *a, uint32_t max)
{
    struct json *v = gql_json_new(a, JSON_OBJECT, STR_NONE);
    v->members = arena_array(a, struct json_member, max);
    return v;
}

struct json *gql_json_array(struct arena *a, uint32_t n)
{
    struct json *v = gql_json_new(a, JSON_ARRAY, STR_NONE);
    v->items = arena_array(a, struct json *, n);
    v->n = n;
    return v;
}

void gql_json_add(struct json *object, struct str name, struct json *value)
{
    object->members[object->n++] = (struct json_member){name, value};
}

static struct json *make_bool(struct arena *a, bool value)
{
    struct json *v = gql_json_new(a, JSON_BOOL, STR_NONE);
    v->boolean = value;
    return v;
}

/* ---- literals ----
 *
 * NULL means that the literal does not fit, or is a variable without a value. Why is asked of gql_check_literal() only
 * when it matters. The parser bounds the depth of a literal. */

struct literal {
    struct arena *a;
    const struct gql_variables *vars;
};

static struct json *coerce(struct literal *l, const struct gql_value *v, const struct gql_tref *type);

/* Where the type says nothing: a custom scalar takes any literal. */
static struct json *any_value(struct literal *l, const struct gql_value *v)
{
    struct json *out;
    switch (v->kind) {
    case GQL_VARIABLE:
        return variable_value(l->vars, v->text);
    case GQL_INT:
    case GQL_FLOAT:
        return gql_json_new(l->a, JSON_NUMBER, v->text);
    case GQL_STRING:
    case GQL_ENUM:
        return gql_json_new(l->a, JSON_STRING, v->text);
    case GQL_BOOLEAN:
        return make_bool(l->a, v->boolean);
    case GQL_NULL:
        break;
    case GQL_LIST:
        out = gql_json_array(l->a, v->n);
        for (uint32_t i = 0; i < v->n; i++) {
            struct json *item = any_value(l, v->items[i]);
            out->items[i] = item ? item : gql_json_new(l->a, JSON_NULL, STR_NONE);
        }
        return out;
    case GQL_OBJECT:
        out = gql_json_object(l->a, v->n);
        for (uint32_t i = 0; i < v->n; i++) {
            struct json *item = any_value(l, v->fields[i].value);
            if (item)
                gql_json_add(out, v->fields[i].name.s, item);
        }
        return out;
    }
    return gql_json_new(l->a, JSON_NULL, STR_NONE);
}

static struct json *int_value(struct literal *l, const struct gql_value *v)
{
    int64_t n;
    if (v->kind != GQL_INT || !str_to_i64(v->text, &n) || n < INT32_MIN || n > INT32_MAX)
        return NULL;
    return gql_json_new(l->a, JSON_NUMBER, n ? v->text : STR("0"));
}

static struct json *leaf(struct literal *l, const struct gql_value *v, const struct gql_type *type)
{
    if (type->kind == GQL_ENUM_TYPE)
        return v->kind == GQL_ENUM && map_has(&type->value_by_name, v->text) ? gql_json_new(l->a, JSON_STRING, v->text)
                                                                             : NULL;
    switch (gql_scalar_kind(type)) {
    case GQL_SCALAR_INT:
        return int_value(l, v);
    case GQL_SCALAR_FLOAT:
        return v->kind == GQL_INT || v->kind == GQL_FLOAT ? gql_json_new(l->a, JSON_NUMBER, v->text) : NULL;
    case GQL_SCALAR_STRING:
        return v->kind == GQL_STRING ? gql_json_new(l->a, JSON_STRING, v->text) : NULL;
    case GQL_SCALAR_BOOLEAN:
        return v->kind == GQL_BOOLEAN ? make_bool(l->a, v->boolean) : NULL;
    case GQL_SCALAR_ID:
        return v->kind == GQL_STRING || v->kind == GQL_INT ? gql_json_new(l->a, JSON_STRING, v->text) : NULL;
    case GQL_SCALAR_CUSTOM:
        break;
    }
    return any_value(l, v);
}

static const struct gql_value *field_value(const struct gql_value *object, struct str name)
{
    for (uint32_t i = object->n; i > 0; i--)
        if (str_eq(object->fields[i - 1].name.s, name))
            return object->fields[i - 1].value;
    return NULL;
}

struct json *gql_coerce_default(struct arena *a, const struct gql_input *input)
{
    return input->default_value ? coerce(&(struct literal){.a = a}, input->default_value, input->type) : NULL;
}

static bool is_one_of(const struct json *object, const struct gql_value *v)
{
    return v->n == 1 && object->n == 1 && object->members[0].value->kind != JSON_NULL;
}

static struct json *object(struct literal *l, const struct gql_value *v, const struct gql_type *type)
{
    if (v->kind != GQL_OBJECT)
        return NULL;
    for (uint32_t i = 0; i < v->n; i++)
        if (!map_has(&type->input_by_name, v->fields[i].name.s))
            return NULL;
    struct json *out = gql_json_object(l->a, type->n_inputs);
    for (uint32_t i = 0; i < type->n_inputs; i++) {
        const struct gql_input *def = &type->inputs[i];
        const struct gql_value *given = field_value(v, def->name);
        bool absent = !given || (given->kind == GQL_VARIABLE && !variable_value(l->vars, given->text));
        struct json *value = absent ? gql_coerce_default(l->a, def) : coerce(l, given, def->type);
        if (!value && (!absent || gql_input_required(def)))
            return NULL;
        if (value)
            gql_json_add(out, def->name, value);
    }
    return type->one_of && !is_one_of(out, v) ? NULL : out;
}

static struct json *list(struct literal *l, const struct gql_value *v, const struct gql_tref *item_type)
{
    bool single = v->kind != GQL_LIST;
    struct json *out = gql_json_array(l->a, single ? 1 : v->n);
    for (uint32_t i = 0; i < out->n; i++) {
        const struct gql_value *item = single ? v : v->items[i];
        out->items[i] = coerce(l, item, item_type);
        if (!out->items[i] && item->kind == GQL_VARIABLE && item_type->kind != GQL_REF_NON_NULL)
            out->items[i] = gql_json_new(l->a, JSON_NULL, STR_NONE);
        if (!out->items[i])
            return NULL;
    }
    return out;
}

static struct json *coerce(struct literal *l, const struct gql_value *v, const struct gql_tref *type)
{
    bool required = type->kind == GQL_REF_NON_NULL;
    if (v->kind == GQL_VARIABLE) {
        struct json *value = variable_value(l->vars, v->text);
        return required && value && value->kind == JSON_NULL ? NULL : value;
    }
    if (v->kind == GQL_NULL)
        return required ? NULL : gql_json_new(l->a, JSON_NULL, STR_NONE);
    if (required)
        type = type->of;
    if (type->kind == GQL_REF_LIST)
        return list(l, v, type->of);
    return type->type->kind == GQL_INPUT_OBJECT ? object(l, v, type->type) : leaf(l, v, type->type);
}

/* ---- why a literal does not fit ---- */

static void __attribute__((noinline)) explain(struct literal *l, const struct gql_value *v, const struct gql_tref *type,
                                              struct str what, struct gql_errors *errors)
{
    struct gql_literal_errors found = {0};
    static const struct gql_variables NONE;
    gql_check_literal(l->a, v, type, l->vars ? l->vars : &NONE, &found);
    struct gql_literal_error first =
        found.n ? found.v[0] : (struct gql_literal_error){STR("it does not fit"), v->loc, STR("")};
    if (what.len)
        gql_error_add(l->a, errors, CODE, &first.loc, 1, "%.*s has invalid value%.*s: %.*s", STR_ARG(what),
                      STR_ARG(first.path), STR_ARG(first.message));
    else
        gql_error_add(l->a, errors, CODE, &first.loc, 1, "%.*s", STR_ARG(first.message));
}

bool gql_coerce_literal(struct arena *a, const struct gql_schema *schema, const struct gql_tref *type,
                        const struct gql_value *value, const struct gql_variables *vars, struct json **out,
                        struct gql_errors *errors)
{
    (void)schema;
    struct literal l = {a, vars};
    *out = coerce(&l, value, type);
    if (*out || (value->kind == GQL_VARIABLE && type->kind != GQL_REF_NON_NULL))
        return true;
    explain(&l, value, type, STR(""), errors);
    return false;
}

/* ---- arguments ---- */

static const struct gql_argument *find_argument(const struct gql_argument *args, uint32_t n, struct str name)
{
    for (uint32_t i = n; i > 0; i--)
        if (str_eq(args[i - 1].name.s, name))
            return &args[i - 1];
    return NULL;
}

/* False with an error. NULL in *out: no value, and none is needed. */
static bool argument(struct literal *l, const struct gql_input *def, const struct gql_argument *arg, struct gql_loc loc,
                     struct json **out, struct gql_errors *errors)
{
    bool required = gql_input_required(def);
    if (!arg && required) {
        gql_error_add(l->a, errors, CODE, &loc, 1, "Argument \"%.*s\" of required type \"%.*s\" was not provided.",
                      STR_ARG(def->name), STR_ARG(gql_tref_str(l->a, def->type)));
        return false;
    }
    bool absent = !arg || (arg->value->kind == GQL_VARIABLE && !required && !variable_value(l->vars, arg->value->text));
    *out = absent ? gql_coerce_default(l->a, def) : coerce(l, arg->value, def->type);
    if (*out || absent)
        return true;
    explain(l, arg->value, def->type, arena_printf(l->a, "Argument \"%.*s\"", STR_ARG(def->name)), errors);
    return false;
}

struct json *gql_coerce_arguments(struct arena *a, const struct gql_schema *schema, const struct gql_input *defs,
                                  uint32_t n_defs, const struct gql_argument *args, uint32_t n_args, struct gql_loc loc,
                                  const struct gql_variables *vars, struct gql_errors *errors)
{
    (void)schema;
    struct literal l = {a, vars};
    struct json *out = gql_json_object(a, n_defs);
    for (uint32_t i = 0; i < n_defs; i++) {
        struct json *value = NULL;
        if (!argument(&l, &defs[i], find_argument(args, n_args, defs[i].name), loc, &value, errors))
            return NULL;
        if (value)
            gql_json_add(out, defs[i].name, value);
    }
    return out;
}

/* ---- @skip and @include ---- */

static bool condition(const struct gql_directive *d, const struct gql_variables *vars, bool otherwise)
{
    const struct gql_value *v = gql_directive_arg(d, STR("if"));
    if (v && v->kind == GQL_BOOLEAN)
        return v->boolean;
    const struct json *given = v && v->kind == GQL_VARIABLE ? variable_value(vars, v->text) : NULL;
    return given && given->kind == JSON_BOOL ? given->boolean : otherwise;
}

bool gql_directives_include(const struct gql_directive_list *directives, const struct gql_variables *vars)
{
    const struct gql_directive *skip = gql_directive_find(directives, STR("skip"));
    if (skip && condition(skip, vars, false))
        return false;
    const struct gql_directive *include = gql_directive_find(directives, STR("include"));
    return !include || condition(include, vars, true);
}
