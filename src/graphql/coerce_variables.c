#include "graphql/coerce_value.h"
#include "graphql/literal.h"

#include <math.h>

#define CODE STR("BAD_USER_INPUT")
#define QUOTED_MAX (8u << 10)
#define QUOTED_ITEMS 10 /* of a list */
#define QUOTED_DEPTH 2

struct coercion {
    struct arena *a;
    const struct gql_schema *s;
    const struct gql_variable_definition *var;
    struct gql_errors *errors;
    size_t errors_before;
};

/* ---- values in messages, as graphql-js shows them ---- */

static void quote(struct buf *out, const struct json *v, int depth);

static void quote_number(struct buf *out, const struct json *v)
{
    double d;
    if (!json_to_double(v, &d))
        buf_add(out, v->text);
    else if (isinf(d))
        buf_add_c(out, d < 0 ? "-Infinity" : "Infinity");
    else
        json_write_double(out, d);
}

static void quote_list(struct buf *out, const struct json *v, int depth)
{
    if (v->n && depth >= QUOTED_DEPTH) {
        buf_add_c(out, "[Array]");
        return;
    }
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < v->n && i < QUOTED_ITEMS; i++) {
        buf_add_c(out, i ? ", " : "");
        quote(out, v->items[i], depth + 1);
    }
    if (v->n == QUOTED_ITEMS + 1)
        buf_add_c(out, ", ... 1 more item");
    else if (v->n > QUOTED_ITEMS)
        buf_printf(out, ", ... %u more items", v->n - QUOTED_ITEMS);
    buf_add_char(out, ']');
}

static void quote_object(struct buf *out, const struct json *v, int depth)
{
    if (!v->n || depth >= QUOTED_DEPTH) {
        buf_add_c(out, v->n ? "[Object]" : "{}");
        return;
    }
    for (uint32_t i = 0; i < v->n && !buf_overflowed(out); i++) {
        buf_add_c(out, i ? ", " : "{ ");
        buf_add(out, v->members[i].name);
        buf_add_c(out, ": ");
        quote(out, v->members[i].value, depth + 1);
    }
    buf_add_c(out, " }");
}

static void quote(struct buf *out, const struct json *v, int depth)
{
    switch (v->kind) {
    case JSON_NUMBER:
        quote_number(out, v);
        break;
    case JSON_ARRAY:
        quote_list(out, v, depth);
        break;
    case JSON_OBJECT:
        quote_object(out, v, depth);
        break;
    default:
        json_write(out, v);
    }
}

static struct str quoted(struct coercion *c, const struct json *v)
{
    struct buf out;
    buf_init(&out, QUOTED_MAX);
    quote(&out, v, 0);
    struct str text = arena_str(c->a, buf_str(&out));
    buf_free(&out);
    return text;
}

/* After the last error that is reported nothing more is looked at: each one quotes what it complains of. */
static bool enough(const struct coercion *c)
{
    return c->errors->n - c->errors_before > GQL_COERCE_ERRORS_MAX;
}

static void __attribute__((noinline, format(printf, 3, 4)))
report(struct coercion *c, const struct gql_value_path *path, const char *fmt, ...)
{
    if (enough(c))
        return;
    if (c->errors->n - c->errors_before == GQL_COERCE_ERRORS_MAX) {
        gql_error_add(c->a, c->errors, CODE, NULL, 0,
                      "Too many errors processing variables, error limit reached. Execution aborted.");
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(c->a, fmt, ap), where = gql_value_path_text(c->a, path);
    va_end(ap);
    gql_error_add(c->a, c->errors, CODE, &c->var->loc, 1, "Variable \"$%.*s\" has invalid value%.*s: %.*s",
                  STR_ARG(c->var->name.s), STR_ARG(where), STR_ARG(message));
}

/* ---- leaves ---- */

static struct json *
complain(struct coercion *c, const struct gql_value_path *path, const char *what, const struct json *v)
{
    report(c, path, "%s: %.*s", what, STR_ARG(quoted(c, v)));
    return NULL;
}

static bool is_integer(const struct json *v)
{
    double d;
    return v->kind == JSON_NUMBER && json_to_double(v, &d) && isfinite(d) && d == floor(d);
}

static struct json *int_value(struct coercion *c, struct json *v, const struct gql_value_path *path)
{
    int64_t n;
    if (!is_integer(v))
        return complain(c, path, "Int cannot represent non-integer value", v);
    if (!json_to_i64(v, &n) || n < INT32_MIN || n > INT32_MAX)
        return complain(c, path, "Int cannot represent non 32-bit signed integer value", v);
    return gql_json_new(c->a, JSON_NUMBER, arena_printf(c->a, "%lld", (long long)n));
}

static struct json *float_value(struct coercion *c, struct json *v, const struct gql_value_path *path)
{
    double d;
    if (v->kind != JSON_NUMBER || !json_to_double(v, &d) || !isfinite(d))
        return complain(c, path, "Float cannot represent non numeric value", v);
    return v;
}

/* The digits of an integer, for 1e3 too. Plain digits stay as they are, however many. */
static struct str integer_text(struct coercion *c, const struct json *v)
{
    int64_t n;
    if (str_find_char(v->text, '.') < 0 && str_find_char(v->text, 'e') < 0 && str_find_char(v->text, 'E') < 0 &&
        !str_eq(v->text, STR("-0")))
        return v->text;
    if (json_to_i64(v, &n))
        return arena_printf(c->a, "%lld", (long long)n);
    return quoted(c, v);
}

static struct json *id_value(struct coercion *c, struct json *v, const struct gql_value_path *path)
{
    if (v->kind == JSON_STRING)
        return v;
    if (!is_integer(v))
        return complain(c, path, "ID cannot represent value", v);
    return gql_json_new(c->a, JSON_STRING, integer_text(c, v));
}

static struct json *enum_value(struct coercion *c, struct json *v, const struct gql_type *type,
                               const struct gql_value_path *path)
{
    if (v->kind == JSON_STRING && map_has(&type->value_by_name, v->text))
        return v;
    struct str text = v->kind == JSON_STRING ? v->text : quoted(c, v), hint = gql_suggest_value(c->a, type, text);
    if (v->kind == JSON_STRING)
        report(c, path, "Value \"%.*s\" does not exist in \"%.*s\" enum.%.*s", STR_ARG(text), STR_ARG(type->name),
               STR_ARG(hint));
    else
        report(c, path, "Enum \"%.*s\" cannot represent non-string value: %.*s.%.*s", STR_ARG(type->name),
               STR_ARG(text), STR_ARG(hint));
    return NULL;
}

static struct json *
leaf(struct coercion *c, struct json *v, const struct gql_type *type, const struct gql_value_path *path)
{
    if (type->kind == GQL_ENUM_TYPE)
        return enum_value(c, v, type, path);
    switch (gql_scalar_kind(type)) {
    case GQL_SCALAR_INT:
        return int_value(c, v, path);
    case GQL_SCALAR_FLOAT:
        return float_value(c, v, path);
    case GQL_SCALAR_STRING:
        return v->kind == JSON_STRING ? v : complain(c, path, "String cannot represent a non string value", v);
    case GQL_SCALAR_BOOLEAN:
        return v->kind == JSON_BOOL ? v : complain(c, path, "Boolean cannot represent a non boolean value", v);
    case GQL_SCALAR_ID:
        return id_value(c, v, path);
    case GQL_SCALAR_CUSTOM:
        break;
    }
    return v;
}

/* ---- input objects, lists ---- */

static struct json *
coerce(struct coercion *c, struct json *v, const struct gql_tref *type, const struct gql_value_path *path);

static void check_one_of(struct coercion *c, const struct json *v, const struct gql_type *type,
                         const struct gql_value_path *path)
{
    static const char MESSAGE[] =
        "Within OneOf Input Object type \"%.*s\", exactly one field must be specified, and the "
        "value for that field must be non-null.";
    const struct json_member *first = NULL;
    uint32_t known = 0;
    for (uint32_t i = 0; i < v->n; i++)
        if (map_has(&type->input_by_name, v->members[i].name) && !known++)
            first = &v->members[i];
    if (known != 1)
        report(c, path, MESSAGE, STR_ARG(type->name));
    if (first && first->value->kind == JSON_NULL) {
        struct gql_value_path inside = {path, first->name, 0};
        report(c, &inside, MESSAGE, STR_ARG(type->name));
    }
}

static void __attribute__((noinline))
unknown_field(struct coercion *c, const struct json *v, const struct gql_type *type, struct str name,
              const struct gql_value_path *path)
{
    struct str hint = gql_suggest_input(c->a, type, name);
    struct str joint = hint.len ? arena_printf(c->a, ".%.*s Found", STR_ARG(hint)) : STR(", found");
    report(c, path, "Expected value of type \"%.*s\" not to include unknown field \"%.*s\"%.*s: %.*s.",
           STR_ARG(type->name), STR_ARG(name), STR_ARG(joint), STR_ARG(quoted(c, v)));
}

static struct json *__attribute__((noinline))
missing_field(struct coercion *c, const struct json *v, const struct gql_type *type, const struct gql_input *def,
              const struct gql_value_path *path)
{
    if (gql_input_required(def))
        report(c, path, "Expected value of type \"%.*s\" to include required field \"%.*s\", found: %.*s.",
               STR_ARG(type->name), STR_ARG(def->name), STR_ARG(quoted(c, v)));
    return gql_coerce_default(c->a, def);
}

static struct json *
object(struct coercion *c, struct json *v, const struct gql_type *type, const struct gql_value_path *path)
{
    if (v->kind != JSON_OBJECT) {
        report(c, path, "Expected value of type \"%.*s\" to be an object, found: %.*s.", STR_ARG(type->name),
               STR_ARG(quoted(c, v)));
        return NULL;
    }
    struct json *out = gql_json_object(c->a, type->n_inputs);
    for (uint32_t i = 0; i < type->n_inputs && !enough(c); i++) {
        const struct gql_input *def = &type->inputs[i];
        struct gql_value_path inside = {path, def->name, 0};
        struct json *given = json_get(v, def->name);
        struct json *value = given ? coerce(c, given, def->type, &inside) : missing_field(c, v, type, def, path);
        if (value)
            gql_json_add(out, def->name, value);
    }
    for (uint32_t i = 0; i < v->n && !enough(c); i++)
        if (!map_has(&type->input_by_name, v->members[i].name))
            unknown_field(c, v, type, v->members[i].name, path);
    if (type->one_of)
        check_one_of(c, v, type, path);
    return out;
}

static struct json *
list(struct coercion *c, struct json *v, const struct gql_tref *item_type, const struct gql_value_path *path)
{
    bool single = v->kind != JSON_ARRAY;
    struct json *out = gql_json_array(c->a, single ? 1 : v->n);
    for (uint32_t i = 0; i < out->n && !enough(c); i++) {
        struct gql_value_path inside = {path, STR_NONE, i};
        out->items[i] = coerce(c, single ? v : v->items[i], item_type, single ? path : &inside);
    }
    return out;
}

/* NULL after an error. The JSON reader bounds the depth. */
static struct json *
coerce(struct coercion *c, struct json *v, const struct gql_tref *type, const struct gql_value_path *path)
{
    if (type->kind == GQL_REF_NON_NULL) {
        if (v->kind == JSON_NULL) {
            report(c, path, "Expected value of non-null type \"%.*s\" not to be null.",
                   STR_ARG(gql_tref_str(c->a, type)));
            return NULL;
        }
        type = type->of;
    }
    if (v->kind == JSON_NULL)
        return v;
    if (type->kind == GQL_REF_LIST)
        return list(c, v, type->of, path);
    return type->type->kind == GQL_INPUT_OBJECT ? object(c, v, type->type, path) : leaf(c, v, type->type, path);
}

/* ---- the variables of an operation ---- */

static struct json *variable(struct coercion *c, struct json *given, const struct gql_tref *type)
{
    if (given)
        return coerce(c, given, type, NULL);
    if (c->var->default_value) {
        struct json *value = NULL;
        gql_coerce_literal(c->a, c->s, type, c->var->default_value, NULL, &value, c->errors);
        return value;
    }
    if (type->kind == GQL_REF_NON_NULL)
        report(c, NULL, "Expected a value of non-null type \"%.*s\" to be provided.",
               STR_ARG(gql_tref_str(c->a, type)));
    return NULL;
}

/* What was given for each variable, NULL for nothing. There may be thousands of variables and of members, so neither
 * list is searched for each item of the other. */
static struct json **given_values(struct arena *a, const struct gql_definition *operation, const struct json *given)
{
    struct json **values = arena_array(a, struct json *, operation->n_variables);
    struct map by_name = {0};
    for (uint32_t i = 0; i < operation->n_variables; i++)
        map_put(a, &by_name, operation->variables[i].name.s, &values[i]);
    for (uint32_t i = 0; given && given->kind == JSON_OBJECT && i < given->n; i++) {
        struct json **value = map_get(&by_name, given->members[i].name);
        if (value)
            *value = given->members[i].value;
    }
    return values;
}

bool gql_coerce_variables(struct arena *a, const struct gql_schema *schema, const struct gql_definition *operation,
                          const struct json *given, struct gql_variables *out, struct gql_errors *errors)
{
    struct coercion c = {.a = a, .s = schema, .errors = errors, .errors_before = errors->n};
    *out = (struct gql_variables){arena_array(a, struct gql_variable, operation->n_variables), operation->n_variables};
    struct json **values = given_values(a, operation, given);
    for (uint32_t i = 0; i < out->n && !enough(&c); i++) {
        c.var = &operation->variables[i];
        struct gql_tref *type = gql_schema_tref(a, schema, c.var->type);
        out->v[i] = (struct gql_variable){.name = c.var->name.s, .type = type};
        if (type && gql_type_is_input(gql_tref_named(type)))
            out->v[i].value = variable(&c, values[i], type);
        else
            gql_error_add(a, errors, CODE, &c.var->type->loc, 1,
                          "Variable \"$%.*s\" has a type that is not known or cannot be given as input.",
                          STR_ARG(c.var->name.s));
    }
    return errors->n == c.errors_before;
}
