/* Is this text a response that the specification allows for the operation (§6.3.2, §6.4, §7.1)? Written from the
 * operation and the API schema alone. Which runtime type an object has is not known, so some possible type must explain
 * it. */
#include "router/fuzz-answer.h"

#include "base/panic.h"
#include "graphql/validate.h"

#define TRIES_MAX 200000 /* so that objects of many types below each other cannot take for ever */

struct check {
    struct arena *a;
    const struct gql_schema *api;
    const struct gql_document *doc;
    const struct gql_variables *vars;
    struct str text;
    uint32_t tries;
};

struct sets VEC_BODY(const struct gql_selection_set *);

/* One response key of one object. */
struct answer {
    struct str key;
    const struct gql_field *field;
    struct sets below;
};
struct answers VEC_BODY(struct answer);

static bool applies(const struct check *c, struct str condition, const struct gql_type *t)
{
    const struct gql_type *on = condition.p ? gql_schema_type(c->api, condition) : NULL;
    return !condition.p || on == t || (on && on->possible && bits_has(on->possible, t->id));
}

static void collect(struct check *c, const struct gql_type *t, const struct gql_selection_set *set, struct answers *out)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (!gql_directives_include(&sel->directives, c->vars))
            continue;
        if (sel->kind == GQL_FIELD) {
            struct answer *at = NULL;
            for (size_t k = 0; k < out->n && !at; k++)
                if (str_eq(out->v[k].key, gql_response_key(sel)))
                    at = &out->v[k];
            if (!at) {
                at = vec_add(c->a, out);
                *at = (struct answer){.key = gql_response_key(sel), .field = gql_type_field(c->api, t, sel->name.s)};
            }
            if (sel->selections)
                vec_push(c->a, &at->below, sel->selections);
        } else if (sel->kind == GQL_INLINE_FRAGMENT) {
            if (applies(c, sel->on.s, t))
                collect(c, t, sel->selections, out);
        } else {
            const struct gql_definition *fragment = gql_document_fragment(c->doc, sel->name.s);
            if (applies(c, fragment->on.s, t))
                collect(c, t, fragment->selections, out);
        }
    }
}

static bool leaf_fits(const struct gql_type *t, const struct json *v)
{
    int64_t n;
    if (t->kind == GQL_ENUM_TYPE)
        return v->kind == JSON_STRING && map_has(&t->value_by_name, v->text);
    if (str_eq_c(t->name, "Int"))
        return v->kind == JSON_NUMBER && json_to_i64(v, &n) && n >= INT32_MIN && n <= INT32_MAX;
    if (str_eq_c(t->name, "Float"))
        return v->kind == JSON_NUMBER;
    if (str_eq_c(t->name, "Boolean"))
        return v->kind == JSON_BOOL;
    if (str_eq_c(t->name, "String") || str_eq_c(t->name, "ID"))
        return v->kind == JSON_STRING;
    return true;
}

static bool object_fits(struct check *c, const struct gql_type *declared, const struct sets *sets,
                        const struct json *v);

static bool value_fits(struct check *c, const struct gql_tref *t, const struct sets *below, const struct json *v)
{
    if (t->kind == GQL_REF_NON_NULL)
        return v->kind != JSON_NULL && value_fits(c, t->of, below, v);
    if (v->kind == JSON_NULL)
        return true;
    if (t->kind == GQL_REF_LIST) {
        for (uint32_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++)
            if (!value_fits(c, t->of, below, v->items[i]))
                return false;
        return v->kind == JSON_ARRAY;
    }
    return gql_type_is_composite(t->type) ? object_fits(c, t->type, below, v) : leaf_fits(t->type, v);
}

static bool answer_fits(struct check *c, const struct gql_type *t, const struct answer *want, const struct json *v)
{
    if (str_eq_c(want->field->name, "__typename"))
        return v->kind == JSON_STRING && str_eq(v->text, t->name);
    return value_fits(c, want->field->type, &want->below, v);
}

static bool type_explains(struct check *c, const struct gql_type *t, const struct sets *sets, const struct json *v)
{
    struct answers want = {0};
    for (size_t i = 0; i < sets->n; i++)
        collect(c, t, sets->v[i], &want);
    bool ok = want.n == v->n;
    for (size_t i = 0; ok && i < want.n; i++)
        ok = str_eq(want.v[i].key, v->members[i].name);
    for (size_t i = 0; ok && i < want.n; i++)
        ok = answer_fits(c, t, &want.v[i], v->members[i].value);
    return ok;
}

static bool object_fits(struct check *c, const struct gql_type *declared, const struct sets *sets, const struct json *v)
{
    if (v->kind != JSON_OBJECT)
        return false;
    if (declared->kind == GQL_OBJECT_TYPE)
        return type_explains(c, declared, sets, v);
    for (int t = bits_next(declared->possible, 0); t >= 0; t = bits_next(declared->possible, (uint32_t)t + 1)) {
        if (++c->tries > TRIES_MAX || type_explains(c, c->api->types[t], sets, v))
            return true;
    }
    return false;
}

/* The path leads somewhere: to a value, or to the null that took its place. */
static bool path_leads(const struct json *path, const struct json *v)
{
    for (uint32_t i = 0; i < path->n && v->kind != JSON_NULL; i++) {
        const struct json *step = path->items[i];
        int64_t n;
        if (step->kind == JSON_STRING && v->kind == JSON_OBJECT)
            v = json_get(v, step->text);
        else if (step->kind == JSON_NUMBER && v->kind == JSON_ARRAY && json_to_i64(step, &n) && n >= 0 && n < v->n)
            v = v->items[n];
        else
            return false;
        if (!v)
            return false;
    }
    return true;
}

static void check_errors(const struct check *c, const struct json *errors, const struct json *data)
{
    if (errors->kind != JSON_ARRAY || !errors->n)
        PB_PANIC("no errors: %.*s", STR_ARG(c->text));
    for (uint32_t i = 0; i < errors->n; i++) {
        const struct json *message = json_get(errors->items[i], STR("message"));
        const struct json *path = json_get(errors->items[i], STR("path"));
        if (!message || message->kind != JSON_STRING || !message->text.len)
            PB_PANIC("an error without message: %.*s", STR_ARG(c->text));
        if (path && (path->kind != JSON_ARRAY || !path_leads(path, data)))
            PB_PANIC("an error's path leads nowhere: %.*s\n%.*s", STR_ARG(path->raw), STR_ARG(c->text));
    }
}

void fuzz_check(struct arena *a, const struct gql_schema *api, const struct gql_document *doc,
                const struct gql_definition *operation, const struct gql_variables *vars, struct str text)
{
    struct check c = {.a = a, .api = api, .doc = doc, .vars = vars, .text = text};
    struct err err;
    struct sets sets = {0};
    const struct json *v = json_parse(a, text, &err);

    if (!v)
        PB_PANIC("a response that is not JSON: %s: %.*s", err.msg, STR_ARG(text));
    const struct json *data = json_get(v, STR("data")), *errors = json_get(v, STR("errors"));
    PB_ASSERT(data);
    if (errors)
        check_errors(&c, errors, data);
    if (data->kind == JSON_NULL) {
        PB_ASSERT(errors);
        return;
    }
    vec_push(a, &sets, operation->selections);
    if (!object_fits(&c, gql_schema_root(api, operation->operation), &sets, data))
        PB_PANIC("the response does not fit the operation: %.*s\n%.*s", STR_ARG(text), STR_ARG(doc->source));
}
