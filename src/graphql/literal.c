#include "graphql/literal.h"

#include "graphql/printer.h"
#include "graphql/suggest.h"

/* An error quotes its value; this much of it is enough to find it. */
#define QUOTED_MAX (8u << 10)
#define ERRORS_MAX 101 /* more than any caller reports */

struct check {
    struct arena *a;
    const struct gql_variables *vars;
    struct gql_literal_errors *errors;
};

enum gql_builtin_scalar gql_scalar_kind(const struct gql_type *t)
{
    static const struct str NAMES[] = {
        [GQL_SCALAR_INT] = STR_INIT("Int"),         [GQL_SCALAR_FLOAT] = STR_INIT("Float"),
        [GQL_SCALAR_STRING] = STR_INIT("String"),   [GQL_SCALAR_BOOLEAN] = STR_INIT("Boolean"),
        [GQL_SCALAR_ID] = STR_INIT("ID"),
    };
    if (t->builtin && t->kind == GQL_SCALAR)
        for (enum gql_builtin_scalar k = GQL_SCALAR_INT; k <= GQL_SCALAR_ID; k++)
            if (str_eq(NAMES[k], t->name))
                return k;
    return GQL_SCALAR_CUSTOM;
}

struct str gql_value_path_text(struct arena *a, const struct gql_value_path *path)
{
    if (!path)
        return STR("");
    struct str text = STR("");
    for (; path; path = path->up)
        text = path->field.p ? arena_printf(a, ".%.*s%.*s", STR_ARG(path->field), STR_ARG(text))
                             : arena_printf(a, "[%u]%.*s", path->index, STR_ARG(text));
    return arena_printf(a, " at %.*s", STR_ARG(text));
}

struct str gql_suggest_value(struct arena *a, const struct gql_type *enum_type, struct str given)
{
    struct str_vec names = {0};
    for (uint32_t i = 0; i < enum_type->n_values; i++)
        vec_push(a, &names, enum_type->values[i].name);
    return gql_suggest(a, "the enum value ", given, &names);
}

struct str gql_suggest_input(struct arena *a, const struct gql_type *input_type, struct str given)
{
    struct str_vec names = {0};
    for (uint32_t i = 0; i < input_type->n_inputs; i++)
        vec_push(a, &names, input_type->inputs[i].name);
    return gql_suggest(a, "", given, &names);
}

static struct str quoted(struct check *c, const struct gql_value *v)
{
    struct buf out;
    buf_init(&out, QUOTED_MAX);
    gql_print_value(&out, v);
    struct str text = arena_str(c->a, buf_str(&out));
    buf_free(&out);
    return text;
}

/* Nothing more is looked at then. */
static bool enough(const struct check *c)
{
    return c->errors->n >= ERRORS_MAX;
}

/* Apart from the walk, so that its frames stay small. */
static void __attribute__((noinline, format(printf, 4, 5)))
report(struct check *c, const struct gql_value_path *path, struct gql_loc loc, const char *fmt, ...)
{
    if (enough(c))
        return;
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    struct gql_literal_error error = {message, loc, gql_value_path_text(c->a, path)};
    vec_push(c->a, c->errors, error);
}

/* ---- leaves ---- */

static bool fits_int32(struct str digits)
{
    int64_t n;
    return str_to_i64(digits, &n) && n >= INT32_MIN && n <= INT32_MAX;
}

static const char *scalar_complaint(enum gql_builtin_scalar scalar, const struct gql_value *v)
{
    switch (scalar) {
    case GQL_SCALAR_INT:
        if (v->kind != GQL_INT)
            return "Int cannot represent non-integer value: ";
        return fits_int32(v->text) ? NULL : "Int cannot represent non 32-bit signed integer value: ";
    case GQL_SCALAR_FLOAT:
        return v->kind == GQL_INT || v->kind == GQL_FLOAT ? NULL : "Float cannot represent non numeric value: ";
    case GQL_SCALAR_STRING:
        return v->kind == GQL_STRING ? NULL : "String cannot represent a non string value: ";
    case GQL_SCALAR_BOOLEAN:
        return v->kind == GQL_BOOLEAN ? NULL : "Boolean cannot represent a non boolean value: ";
    case GQL_SCALAR_ID:
        return v->kind == GQL_STRING || v->kind == GQL_INT ? NULL
                                                           : "ID cannot represent a non-string and non-integer value: ";
    case GQL_SCALAR_CUSTOM:
        break;
    }
    return NULL;
}

static void __attribute__((noinline))
check_leaf(struct check *c, const struct gql_value *v, const struct gql_type *type, const struct gql_value_path *path)
{
    if (type->kind == GQL_SCALAR) {
        const char *complaint = scalar_complaint(gql_scalar_kind(type), v);
        if (complaint)
            report(c, path, v->loc, "%s%.*s", complaint, STR_ARG(quoted(c, v)));
        return;
    }
    if (v->kind == GQL_ENUM && map_has(&type->value_by_name, v->text))
        return;
    struct str text = quoted(c, v), hint = gql_suggest_value(c->a, type, text);
    if (v->kind == GQL_ENUM)
        report(c, path, v->loc, "Value \"%.*s\" does not exist in \"%.*s\" enum.%.*s", STR_ARG(text),
               STR_ARG(type->name), STR_ARG(hint));
    else
        report(c, path, v->loc, "Enum \"%.*s\" cannot represent non-enum value: %.*s.%.*s", STR_ARG(type->name),
               STR_ARG(text), STR_ARG(hint));
}

/* ---- input objects ---- */

static void check_value(struct check *c, const struct gql_value *v, const struct gql_tref *type,
                        const struct gql_value_path *path);

/* Of two fields with one name the last one counts; that there are two is another rule's error. */
static const struct gql_object_field *find_field(const struct gql_value *v, struct str name)
{
    for (uint32_t i = v->n; i > 0; i--)
        if (str_eq(v->fields[i - 1].name.s, name))
            return &v->fields[i - 1];
    return NULL;
}

static const struct json *variable_value(const struct check *c, struct str name)
{
    const struct gql_variable *var = gql_variables_find(c->vars, name);
    return var ? var->value : NULL;
}

/* False when the variable stands for nothing at all and the field can do without. */
static bool __attribute__((noinline))
check_variable_field(struct check *c, const struct gql_value *object, const struct gql_type *type,
                     const struct gql_input *field, struct str variable, const struct gql_value_path *path)
{
    const struct json *value = variable_value(c, variable);
    if (!type->one_of)
        return value || gql_input_required(field);
    if (!value)
        report(
            c, path, object->loc,
            "Expected variable \"$%.*s\" provided to field \"%.*s\" for OneOf Input Object type \"%.*s\" to provide a "
            "runtime value.",
            STR_ARG(variable), STR_ARG(field->name), STR_ARG(type->name));
    else if (value->kind == JSON_NULL)
        report(c, path, object->loc,
               "Expected variable \"$%.*s\" provided to field \"%.*s\" for OneOf Input Object type \"%.*s\" not to be "
               "null.",
               STR_ARG(variable), STR_ARG(field->name), STR_ARG(type->name));
    return true;
}

static void __attribute__((noinline))
missing_field(struct check *c, const struct gql_value *v, const struct gql_type *type, const struct gql_input *field,
              const struct gql_value_path *path)
{
    report(c, path, v->loc, "Expected value of type \"%.*s\" to include required field \"%.*s\", found: %.*s.",
           STR_ARG(type->name), STR_ARG(field->name), STR_ARG(quoted(c, v)));
}

static void __attribute__((noinline))
unknown_field(struct check *c, const struct gql_value *v, const struct gql_type *type, const struct gql_name *name,
              const struct gql_value_path *path)
{
    struct str hint = gql_suggest_input(c->a, type, name->s);
    struct str joint = hint.len ? arena_printf(c->a, ".%.*s Found", STR_ARG(hint)) : STR(", found");
    report(c, path, name->loc, "Expected value of type \"%.*s\" not to include unknown field \"%.*s\"%.*s: %.*s.",
           STR_ARG(type->name), STR_ARG(name->s), STR_ARG(joint), STR_ARG(quoted(c, v)));
}

static void __attribute__((noinline))
check_one_of(struct check *c, const struct gql_value *v, const struct gql_type *type, const struct gql_value_path *path)
{
    const struct gql_object_field *only = NULL;
    uint32_t known = 0;
    for (uint32_t i = 0; i < v->n; i++)
        if (map_has(&type->input_by_name, v->fields[i].name.s)) {
            known++;
            only = &v->fields[i];
        }
    if (known == 1 && only->value->kind != GQL_NULL)
        return;
    struct gql_value_path inside = {path, only ? only->name.s : STR_NONE, 0};
    report(c, known == 1 ? &inside : path, v->loc,
           "Within OneOf Input Object type \"%.*s\", exactly one field must be specified, and the value for that field "
           "must be non-null.",
           STR_ARG(type->name));
}

static void __attribute__((noinline))
no_object(struct check *c, const struct gql_value *v, const struct gql_type *type, const struct gql_value_path *path)
{
    report(c, path, v->loc, "Expected value of type \"%.*s\" to be an object, found: %.*s.", STR_ARG(type->name),
           STR_ARG(quoted(c, v)));
}

static void check_object(struct check *c, const struct gql_value *v, const struct gql_type *type,
                         const struct gql_value_path *path)
{
    if (v->kind != GQL_OBJECT) {
        no_object(c, v, type, path);
        return;
    }
    for (uint32_t i = 0; i < type->n_inputs && !enough(c); i++) {
        const struct gql_input *field = &type->inputs[i];
        const struct gql_object_field *given = find_field(v, field->name);
        if (!given) {
            if (gql_input_required(field))
                missing_field(c, v, type, field, path);
            continue;
        }
        if (given->value->kind == GQL_VARIABLE && c->vars &&
            !check_variable_field(c, v, type, field, given->value->text, path))
            continue;
        struct gql_value_path inside = {path, field->name, 0};
        check_value(c, given->value, field->type, &inside);
    }
    for (uint32_t i = 0; i < v->n && !enough(c); i++)
        if (!map_has(&type->input_by_name, v->fields[i].name.s))
            unknown_field(c, v, type, &v->fields[i].name, path);
    if (type->one_of)
        check_one_of(c, v, type, path);
}

/* ---- any value ---- */

static void __attribute__((noinline)) check_variable(struct check *c, const struct gql_value *v,
                                                     const struct gql_tref *type, const struct gql_value_path *path)
{
    if (!c->vars || type->kind != GQL_REF_NON_NULL)
        return;
    const struct json *value = variable_value(c, v->text);
    if (!value)
        report(c, path, v->loc, "Expected variable \"$%.*s\" provided to type \"%.*s\" to provide a runtime value.",
               STR_ARG(v->text), STR_ARG(gql_tref_str(c->a, type)));
    else if (value->kind == JSON_NULL)
        report(c, path, v->loc, "Expected variable \"$%.*s\" provided to non-null type \"%.*s\" not to be null.",
               STR_ARG(v->text), STR_ARG(gql_tref_str(c->a, type)));
}

static void __attribute__((noinline)) null_in_non_null(struct check *c, const struct gql_value *v,
                                                       const struct gql_tref *type, const struct gql_value_path *path)
{
    report(c, path, v->loc, "Expected value of non-null type \"%.*s\" not to be null.",
           STR_ARG(gql_tref_str(c->a, type)));
}

static void check_items(struct check *c, const struct gql_value *v, const struct gql_tref *item,
                        const struct gql_value_path *path)
{
    for (uint32_t i = 0; i < v->n && !enough(c); i++) {
        struct gql_value_path inside = {path, STR_NONE, i};
        check_value(c, v->items[i], item, &inside);
    }
}

/* Recursion follows the value, whose depth the parser bounds. */
static void check_value(struct check *c, const struct gql_value *v, const struct gql_tref *type,
                        const struct gql_value_path *path)
{
    if (v->kind == GQL_VARIABLE) {
        check_variable(c, v, type, path);
        return;
    }
    for (; type->kind != GQL_REF_NAMED; type = type->of) {
        if (v->kind == GQL_NULL) {
            if (type->kind == GQL_REF_NON_NULL)
                null_in_non_null(c, v, type, path);
            return;
        }
        if (type->kind == GQL_REF_LIST && v->kind == GQL_LIST) {
            check_items(c, v, type->of, path);
            return;
        }
    }
    if (v->kind == GQL_NULL)
        return;
    if (type->type->kind == GQL_INPUT_OBJECT)
        check_object(c, v, type->type, path);
    else if (gql_type_is_leaf(type->type))
        check_leaf(c, v, type->type, path);
}

void gql_check_literal(struct arena *a, const struct gql_value *v, const struct gql_tref *type,
                       const struct gql_variables *vars, struct gql_literal_errors *errors)
{
    struct check c = {a, vars, errors};
    check_value(&c, v, type, NULL);
}
