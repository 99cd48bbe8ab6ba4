#include "federation/compose_fieldset.h"

#include "graphql/parser.h"
#include "graphql/printer.h"

/* ---- values ---- */

static bool builtin_fits(struct str name, const struct gql_value *v, bool *builtin)
{
    *builtin = true;
    if (str_eq(name, STR("Int")))
        return v->kind == GQL_INT;
    if (str_eq(name, STR("Float")))
        return v->kind == GQL_INT || v->kind == GQL_FLOAT;
    if (str_eq(name, STR("Boolean")))
        return v->kind == GQL_BOOLEAN;
    if (str_eq(name, STR("String")))
        return v->kind == GQL_STRING;
    if (str_eq(name, STR("ID")))
        return v->kind == GQL_STRING || v->kind == GQL_INT;
    *builtin = false;
    return false;
}

/* Fields that are left out do not matter here. */
static bool object_fits(const struct fed_schema *s, const struct fed_type *t, const struct gql_value *v)
{
    if (v->kind != GQL_OBJECT)
        return false;
    for (uint32_t i = 0; i < v->n; i++) {
        struct fed_input *f = fed_type_input(t, v->fields[i].name.s);
        if (!f || !fed_value_fits(s, f->type, v->fields[i].value))
            return false;
    }
    return true;
}

bool fed_value_fits(const struct fed_schema *s, const struct gql_type_ref *type, const struct gql_value *v)
{
    if (v->kind == GQL_VARIABLE)
        return false;
    if (type->kind == GQL_REF_NON_NULL)
        return v->kind != GQL_NULL && fed_value_fits(s, type->of, v);
    if (v->kind == GQL_NULL)
        return true;
    if (type->kind == GQL_REF_LIST) {
        if (v->kind != GQL_LIST)
            return fed_value_fits(s, type->of, v);
        for (uint32_t i = 0; i < v->n; i++)
            if (!fed_value_fits(s, type->of, v->items[i]))
                return false;
        return true;
    }
    bool builtin;
    bool fits = builtin_fits(type->name, v, &builtin);
    const struct fed_type *t = builtin ? NULL : fed_schema_type(s, type->name);
    if (builtin || !t)
        return builtin ? fits : true;
    if (t->kind == GQL_ENUM_TYPE)
        return v->kind == GQL_ENUM && fed_type_value(t, v->text);
    return t->kind == GQL_INPUT_OBJECT ? object_fits(s, t, v) : true;
}

/* ---- resolving ---- */

struct resolver {
    const struct fed_schema *schema;
    struct arena *a;
    struct str problem; /* the first one */
    bool stopped;       /* at something that does not exist: what follows it counts for nothing */
    bool incomplete;    /* objects may lack selections */
};

#define refuse(r, ...) ((r)->problem.p ? (void)0 : (void)((r)->problem = arena_printf((r)->a, __VA_ARGS__)))

static struct fed_selections *resolve(struct resolver *r, struct fed_type *parent, const struct gql_selection_set *set);

static void check_arguments(struct resolver *r, const struct fed_field *f, const struct gql_selection *ast)
{
    struct str at = fed_coordinate(r->a, &f->e);
    for (uint32_t i = 0; i < ast->n_args; i++) {
        struct fed_input *arg = fed_field_arg(f, ast->args[i].name.s);
        if (!arg)
            refuse(r, "argument \"%.*s\" is unknown to \"%.*s\"; take it out", STR_ARG(ast->args[i].name.s),
                   STR_ARG(at));
        else if (!fed_value_fits(r->schema, arg->type, ast->args[i].value))
            refuse(r, "the value of argument \"%.*s\" of \"%.*s\" is not a valid %.*s; write one", STR_ARG(arg->e.name),
                   STR_ARG(at), STR_ARG(fed_ref_str(r->a, arg->type)));
    }
    for (size_t i = 0; i < f->args.n; i++) {
        bool given = false;
        for (uint32_t j = 0; j < ast->n_args; j++)
            given |= str_eq(ast->args[j].name.s, f->args.v[i]->e.name);
        if (!given && fed_input_required(f->args.v[i]))
            refuse(r, "the required argument \"%.*s\" of \"%.*s\" is missing; add it", STR_ARG(f->args.v[i]->e.name),
                   STR_ARG(at));
    }
}

static bool resolve_field(struct resolver *r, struct fed_type *parent, const struct gql_selection *ast,
                          struct fed_selection *out)
{
    if (str_eq(ast->name.s, STR("__typename"))) {
        if (ast->selections)
            refuse(r, "\"__typename\" is a leaf and has no selections; take them out");
        return true;
    }
    out->field = fed_type_has_fields(parent) ? fed_type_field(parent, ast->name.s) : NULL;
    if (!out->field) {
        refuse(r,
               "\"%.*s\" has no field \"%.*s\" in this subgraph; add it (with @external when another subgraph resolves "
               "it)",
               STR_ARG(parent->e.name), STR_ARG(ast->name.s));
        return false;
    }
    if (ast->alias.s.p)
        refuse(r, "aliases such as \"%.*s\" are not allowed here; take it out", STR_ARG(ast->alias.s));
    check_arguments(r, out->field, ast);
    struct fed_type *type = fed_ref_type(r->schema, out->field->type);
    bool composite = type && fed_type_is_composite(type);
    if (composite && !ast->selections && !r->incomplete)
        refuse(r, "\"%.*s\" is of type \"%.*s\" and needs selections: write %.*s { … }",
               STR_ARG(fed_coordinate(r->a, &out->field->e)), STR_ARG(type->e.name), STR_ARG(ast->name.s));
    else if (!composite && ast->selections)
        refuse(r, "\"%.*s\" is a leaf and has no selections; take them out",
               STR_ARG(fed_coordinate(r->a, &out->field->e)));
    if (composite && ast->selections)
        out->sub = resolve(r, type, ast->selections);
    return true;
}

static bool directives_known(struct resolver *r, const struct gql_selection *ast)
{
    for (uint32_t i = 0; i < ast->directives.n; i++) {
        struct str name = ast->directives.v[i].name.s;
        if (fed_schema_directive(r->schema, name) || str_eq(name, STR("skip")) || str_eq(name, STR("include")))
            continue;
        refuse(r, "directive \"@%.*s\" is not defined; take it out", STR_ARG(name));
        return false;
    }
    return true;
}

/* A condition on a type that this subgraph does not have is none. */
static bool resolve_fragment(struct resolver *r, struct fed_type *parent, const struct gql_selection *ast,
                             struct fed_selection *out)
{
    struct fed_type *type = ast->on.s.p ? fed_schema_type(r->schema, ast->on.s) : NULL;
    if (type && !fed_type_is_composite(type)) {
        refuse(r, "\"%.*s\" is not an object, interface or union of this subgraph; name one", STR_ARG(ast->on.s));
        return false;
    }
    out->condition = type;
    out->sub = resolve(r, type ? type : parent, ast->selections);
    return true;
}

static struct fed_selections *resolve(struct resolver *r, struct fed_type *parent, const struct gql_selection_set *set)
{
    struct fed_selections *out = arena_new_of(r->a, struct fed_selections);
    out->parent = parent;
    out->v = arena_array(r->a, struct fed_selection, set->n);
    for (uint32_t i = 0; i < set->n && !r->stopped; i++) {
        struct fed_selection s = {.ast = set->items[i], .parent = parent};
        bool ok = false;
        if (!directives_known(r, s.ast))
            ok = false;
        else if (s.ast->kind == GQL_FIELD)
            ok = resolve_field(r, parent, s.ast, &s);
        else if (s.ast->kind == GQL_INLINE_FRAGMENT)
            ok = resolve_fragment(r, parent, s.ast, &s);
        else
            refuse(r, "fragment spreads such as \"...%.*s\" are not allowed here; write the selections out",
                   STR_ARG(s.ast->name.s));
        if (ok)
            out->v[out->n++] = s;
        else
            r->stopped = true;
    }
    return out;
}

/* Braces around the whole are allowed and mean nothing. */
static struct str without_braces(struct str text)
{
    struct str t = str_trim(text);
    if (t.len >= 2 && t.p[0] == '{' && t.p[t.len - 1] == '}')
        return str_sub(t, 1, t.len - 2);
    return text;
}

struct fed_selections *fieldset_parse(const struct fed_schema *s, struct fed_type *parent, struct str text,
                                      struct str *problem)
{
    struct gql_errors errors = {0};
    struct gql_selection_set *set = gql_parse_field_set(s->arena, without_braces(text), &errors);
    if (!set) {
        *problem = arena_printf(s->arena, "%.*s Write fields such as id name",
                                STR_ARG(errors.n ? errors.v[0].message : STR("it cannot be parsed.")));
        return NULL;
    }
    struct resolver r = {.schema = s, .a = s->arena};
    struct fed_selections *out = resolve(&r, parent, set);
    *problem = r.problem;
    return r.problem.p ? NULL : out;
}

bool fieldset_comparable(const struct fed_schema *s, struct fed_type *parent, struct str text)
{
    struct gql_errors errors = {0};
    struct gql_selection_set *set = gql_parse_field_set(s->arena, without_braces(text), &errors);
    struct resolver r = {.schema = s, .a = s->arena, .incomplete = true};
    return set && resolve(&r, parent, set) && !r.problem.p;
}

struct fed_selections *fieldset_parse_lenient(const struct fed_schema *s, struct fed_type *parent, struct str text)
{
    struct gql_errors errors = {0};
    struct gql_selection_set *set = gql_parse_field_set(s->arena, without_braces(text), &errors);
    struct resolver r = {.schema = s, .a = s->arena};
    return set ? resolve(&r, parent, set) : NULL;
}

/* ---- comparing, printing, walking ---- */

static bool args_equal(const struct gql_selection *a, const struct gql_selection *b)
{
    if (a->n_args != b->n_args)
        return false;
    for (uint32_t i = 0; i < a->n_args; i++) {
        const struct gql_value *other = NULL;
        for (uint32_t j = 0; j < b->n_args; j++)
            if (str_eq(a->args[i].name.s, b->args[j].name.s))
                other = b->args[j].value;
        if (!fed_value_equal(a->args[i].value, other))
            return false;
    }
    return true;
}

static bool selection_equal(const struct fed_selection *a, const struct fed_selection *b)
{
    if (a->ast->kind != b->ast->kind || a->ast->directives.n != b->ast->directives.n)
        return false;
    if (a->ast->kind == GQL_FIELD && (!str_eq(a->ast->name.s, b->ast->name.s) || !args_equal(a->ast, b->ast)))
        return false;
    if (a->ast->kind == GQL_INLINE_FRAGMENT && !str_eq(a->ast->on.s, b->ast->on.s))
        return false;
    return (!a->sub && !b->sub) || (a->sub && b->sub && fieldset_equal(a->sub, b->sub));
}

static bool contains(const struct fed_selections *set, const struct fed_selection *s)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (selection_equal(&set->v[i], s))
            return true;
    return false;
}

bool fieldset_equal(const struct fed_selections *a, const struct fed_selections *b)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (!contains(b, &a->v[i]))
            return false;
    for (uint32_t i = 0; i < b->n; i++)
        if (!contains(a, &b->v[i]))
            return false;
    return true;
}

static void print_selections(struct buf *out, const struct fed_selections *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *ast = set->v[i].ast;
        if (i)
            buf_add_char(out, ' ');
        if (ast->kind == GQL_FIELD)
            buf_add(out, ast->name.s);
        else
            buf_printf(out, ast->on.s.p ? "... on %.*s" : "...", STR_ARG(ast->on.s));
        for (uint32_t j = 0; j < ast->n_args; j++) {
            buf_printf(out, "%s%.*s: ", j ? ", " : "(", STR_ARG(ast->args[j].name.s));
            gql_print_value(out, ast->args[j].value);
        }
        if (ast->n_args)
            buf_add_char(out, ')');
        buf_add_c(out, ast->directives.n ? " " : "");
        gql_print_directives(out, &ast->directives);
        if (!set->v[i].sub)
            continue;
        buf_add_c(out, " { ");
        print_selections(out, set->v[i].sub);
        buf_add_c(out, " }");
    }
}

struct str fieldset_print(struct arena *a, const struct fed_selections *set)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    print_selections(&out, set);
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

void fieldset_each(const struct fed_selections *set, bool implementations, fieldset_visit visit, void *data)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (s->field)
            visit(s->field, data);
        if (s->field && implementations && s->parent->kind == GQL_INTERFACE)
            for (size_t j = 0; j < s->parent->possible.n; j++) {
                struct fed_field *f = fed_type_field(s->parent->possible.v[j], s->field->e.name);
                if (f)
                    visit(f, data);
            }
        fieldset_each(s->sub, implementations, visit, data);
    }
}
