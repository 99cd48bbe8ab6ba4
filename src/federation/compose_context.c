/* @context and @fromContext: an argument that a parent object fills in. */
#include "federation/compose_fieldset.h"
#include "federation/compose_subgraph.h"

#include <ctype.h>

static struct str skip_ignored(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        if (s.p[i] == '#')
            while (i < s.len && s.p[i] != '\n' && s.p[i] != '\r')
                i++;
        else if (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == ',')
            i++;
        else
            break;
    }
    return str_sub(s, i, s.len);
}

bool context_split(struct str field, struct str *name, struct str *selection)
{
    struct str s = skip_ignored(field);
    if (s.len == 0 || s.p[0] != '$')
        return false;
    s = skip_ignored(str_sub(s, 1, s.len));
    size_t n = 0;
    while (n < s.len && (isalnum((unsigned char)s.p[n]) || s.p[n] == '_'))
        n++;
    if (n == 0 || isdigit((unsigned char)s.p[0]))
        return false;
    *name = str_sub(s, 0, n);
    *selection = str_sub(s, n, s.len);
    return selection->len > 0;
}

struct contexts {
    struct fed_subgraph *sg;
    struct messages *m;
    struct arena *a;
    /* of the argument that is looked at */
    const struct fed_input *arg;
    const struct fed_applied *applied;
    struct str name;
};

#define context_error(c, code, ...) \
    msg_error((c)->m, (struct where){(c)->sg, &(c)->arg->e, (c)->applied->loc}, code, __VA_ARGS__)
#define invalid_selection(c, ...) context_error(c, "CONTEXT_INVALID_SELECTION", __VA_ARGS__)

/* ---- names ---- */

static void check_name(struct contexts *c, const struct fed_type *t, const struct fed_applied *d)
{
    struct str name = fed_applied_str(d, STR("name"));
    bool ok = name.len > 0 && isalpha((unsigned char)name.p[0]);
    for (size_t i = 0; i < name.len; i++)
        ok &= isalnum((unsigned char)name.p[i]) != 0;
    if (!ok)
        msg_error(c->m, (struct where){c->sg, &t->e, d->loc}, "CONTEXT_NAME_INVALID",
                  "\"%.*s\" cannot be the name of a context: use letters and digits, beginning with a letter",
                  STR_ARG(name));
}

static void find_locations(struct contexts *c, struct str name, struct fed_type_vec *out)
{
    for (size_t i = 0; i < c->sg->schema->types.n; i++) {
        struct fed_type *t = c->sg->schema->types.v[i];
        for (size_t j = 0; j < t->e.applied.n; j++)
            if (str_eq(t->e.applied.v[j].name, c->sg->dir_name[FED_CONTEXT]) &&
                str_eq(fed_applied_str(&t->e.applied.v[j], STR("name")), name))
                vec_push(c->a, out, t);
    }
}

/* ---- the type of what is selected ---- */

static const struct gql_type_ref *wrap_list(struct arena *a, const struct gql_type_ref *like,
                                            const struct gql_type_ref *inner)
{
    if (like->kind == GQL_REF_NAMED)
        return inner;
    const struct gql_type_ref *of = wrap_list(a, like->of, inner);
    if (like->kind != GQL_REF_LIST)
        return of;
    struct gql_type_ref *list = arena_new_of(a, struct gql_type_ref);
    list->kind = GQL_REF_LIST;
    list->of = (struct gql_type_ref *)of;
    return list;
}

/* The one leaf type, with the lists on the way, that all branches lead to; NULL when they disagree. */
static const struct gql_type_ref *selected_type(struct contexts *c, const struct fed_selections *set)
{
    const struct gql_type_ref *result = NULL;
    if (set->parent->interface_object)
        invalid_selection(
            c, "the selection for \"$%.*s\" goes through \"%.*s\", an @interfaceObject: select from other types",
            STR_ARG(c->name), STR_ARG(set->parent->e.name));
    for (uint32_t i = 0; i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (!s->field)
            return NULL;
        const struct gql_type_ref *t = s->sub ? selected_type(c, s->sub) : fed_ref_base(s->field->type);
        if (!t)
            return NULL;
        t = wrap_list(c->a, s->field->type, t);
        if (result && !fed_ref_equal(result, t))
            return NULL;
        result = t;
    }
    return result;
}

static bool fits_argument(const struct gql_type_ref *have, const struct gql_type_ref *want)
{
    if (have->kind == GQL_REF_NON_NULL)
        return fits_argument(have->of, want->kind == GQL_REF_NON_NULL ? want->of : want);
    if (have->kind == GQL_REF_LIST && want->kind == GQL_REF_LIST)
        return fits_argument(have->of, want->of);
    return have->kind == GQL_REF_NAMED && want->kind == GQL_REF_NAMED && str_eq(have->name, want->name);
}

static void check_type(struct contexts *c, const struct fed_selections *set)
{
    const struct gql_type_ref *t = selected_type(c, set);
    if (!t || !fits_argument(t, c->arg->type))
        invalid_selection(
            c, "the selection for \"$%.*s\" gives \"%.*s\", but the argument is of type \"%.*s\": make them the same",
            STR_ARG(c->name), STR_ARG(t ? fed_ref_str(c->a, t) : STR("several types")),
            STR_ARG(fed_ref_str(c->a, c->arg->type)));
}

/* ---- selections ---- */

enum selection_form { FORM_BAD, FORM_FIELD, FORM_FRAGMENTS };

static bool fragments_distinct(const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (!set->items[i]->on.s.p || str_eq(set->items[i]->on.s, set->items[j]->on.s))
                return false;
    return true;
}

static enum selection_form selection_form(struct contexts *c, const struct gql_selection_set *set)
{
    enum gql_selection_kind first = set->items[0]->kind;
    if (first == GQL_FRAGMENT_SPREAD) {
        invalid_selection(c, "the selection for \"$%.*s\" uses a named fragment: write the selection out",
                          STR_ARG(c->name));
        return FORM_BAD;
    }
    bool same = true;
    for (uint32_t i = 1; i < set->n; i++)
        same &= set->items[i]->kind == first;
    if ((first == GQL_FIELD && set->n > 1) || !same) {
        invalid_selection(c,
                          "the selection for \"$%.*s\" selects too much: make it one field, or one field for each type",
                          STR_ARG(c->name));
        return FORM_BAD;
    }
    if (first == GQL_INLINE_FRAGMENT && !fragments_distinct(set)) {
        invalid_selection(c, "the selection for \"$%.*s\" names a type twice: delete one", STR_ARG(c->name));
        return FORM_BAD;
    }
    return first == GQL_FIELD ? FORM_FIELD : FORM_FRAGMENTS;
}

static bool has_directives(const struct gql_selection_set *set)
{
    for (uint32_t i = 0; set && i < set->n; i++)
        if (set->items[i]->directives.n || has_directives(set->items[i]->selections))
            return true;
    return false;
}

static struct gql_selection_set *parse(struct contexts *c, struct str text)
{
    struct gql_errors errors = {0};
    struct str t = str_trim(text);
    if (t.len >= 2 && t.p[0] == '{' && t.p[t.len - 1] == '}')
        t = str_sub(t, 1, t.len - 2);
    struct gql_selection_set *set = gql_parse_field_set(c->a, t, &errors);
    if (!set)
        invalid_selection(c, "the selection for \"$%.*s\" cannot be read: %.*s Correct it", STR_ARG(c->name),
                          STR_ARG(errors.n ? errors.v[0].message : STR("it is empty")));
    return set;
}

/* Those fragments that can match at `location`; their types are noted as used. */
static bool check_fragments(struct contexts *c, struct fed_type *location, const struct fed_selections *set,
                            struct map *used)
{
    bool any = false;
    for (uint32_t i = 0; i < set->n; i++) {
        struct fed_type *t = set->v[i].condition;
        if (!t || t->kind != GQL_OBJECT_TYPE) {
            invalid_selection(
                c,
                "the fragments of \"$%.*s\" name something else than an object type: write one fragment for each object type",
                STR_ARG(c->name));
            continue;
        }
        if (!fed_type_can_be(location, t))
            continue;
        map_put(c->a, used, t->e.name, t);
        any = true;
        check_type(c, set->v[i].sub);
    }
    if (!any)
        invalid_selection(c, "no fragment of \"$%.*s\" matches type \"%.*s\", where the context is set: add one",
                          STR_ARG(c->name), STR_ARG(location->e.name));
    return any;
}

static void check_selection(struct contexts *c, struct str text, const struct fed_type_vec *locations)
{
    struct gql_selection_set *ast = parse(c, text);
    enum selection_form form = ast ? selection_form(c, ast) : FORM_BAD;
    if (form == FORM_BAD)
        return;
    if (has_directives(ast))
        invalid_selection(c, "the selection for \"$%.*s\" has directives: delete them", STR_ARG(c->name));
    struct map used = {0};
    for (size_t i = 0; i < locations->n; i++) {
        struct str problem = STR_NONE;
        struct fed_selections *set = form == FORM_FIELD ? fieldset_parse(c->sg->schema, locations->v[i], text, &problem)
                                                        : fieldset_parse_lenient(c->sg->schema, locations->v[i], text);
        if (!set) {
            invalid_selection(c, "the selection for \"$%.*s\" is not valid on \"%.*s\": %.*s. Select what is there",
                              STR_ARG(c->name), STR_ARG(locations->v[i]->e.name), STR_ARG(problem));
            return;
        }
        if (form == FORM_FIELD)
            check_type(c, set);
        else if (!check_fragments(c, locations->v[i], set, &used))
            return;
    }
    for (uint32_t i = 0; form == FORM_FRAGMENTS && i < ast->n; i++)
        if (!map_has(&used, ast->items[i]->on.s))
            invalid_selection(c, "the fragment on \"%.*s\" of \"$%.*s\" never matches: delete it",
                              STR_ARG(ast->items[i]->on.s), STR_ARG(c->name));
}

/* ---- arguments ---- */

static bool has_resolvable_key(const struct fed_subgraph *sg, const struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++)
        if (str_eq(t->e.applied.v[i].name, sg->dir_name[FED_KEY]) &&
            fed_applied_bool(&t->e.applied.v[i], STR("resolvable"), true))
            return true;
    return false;
}

static void check_placement(struct contexts *c)
{
    const struct fed_field *f = c->arg->field;
    for (size_t i = 0; i < f->parent->interfaces.n; i++) {
        struct fed_type *itf = fed_schema_type(c->sg->schema, f->parent->interfaces.v[i]);
        if (itf && fed_type_field(itf, f->e.name))
            context_error(
                c, "CONTEXT_NOT_SET",
                "\"%.*s\" implements a field of interface \"%.*s\" and cannot take arguments from a context: take the field out of the interface",
                STR_ARG(fed_coordinate(c->a, &f->e)), STR_ARG(itf->e.name));
    }
    if (c->arg->default_value)
        context_error(c, "CONTEXT_NOT_SET", "\"%.*s\" comes from a context and cannot have a default: delete it",
                      STR_ARG(fed_coordinate(c->a, &c->arg->e)));
}

static void check_argument(struct contexts *c)
{
    struct str field = fed_applied_str(c->applied, STR("field")), selection;
    if (c->arg->field->parent->kind != GQL_OBJECT_TYPE) {
        context_error(
            c, "CONTEXT_NOT_SET",
            "@fromContext cannot stand on \"%.*s\", an argument within an interface: put it on the implementing types",
            STR_ARG(fed_coordinate(c->a, &c->arg->e)));
        return;
    }
    check_placement(c);
    if (!context_split(field, &c->name, &selection)) {
        context_error(c, "NO_CONTEXT_IN_SELECTION",
                      "@fromContext(field: \"%.*s\") names no context: write \"$context { field }\"", STR_ARG(field));
        return;
    }
    struct fed_type_vec locations = {0};
    find_locations(c, c->name, &locations);
    if (locations.n == 0)
        context_error(c, "CONTEXT_NOT_SET",
                      "no type of this subgraph sets the context \"%.*s\": add @context(name: \"%.*s\") to one",
                      STR_ARG(c->name), STR_ARG(c->name));
    else
        check_selection(c, selection, &locations);
    if (!has_resolvable_key(c->sg, c->arg->field->parent))
        context_error(c, "CONTEXT_NO_RESOLVABLE_KEY",
                      "\"%.*s\" takes an argument from a context but has no resolvable @key: add one",
                      STR_ARG(c->arg->field->parent->e.name));
}

static void check_directive_arguments(struct contexts *c)
{
    for (size_t i = 0; i < c->sg->schema->directives.n; i++) {
        struct fed_directive *d = c->sg->schema->directives.v[i];
        for (size_t j = 0; j < d->args.n; j++) {
            c->arg = d->args.v[j];
            c->applied = fed_find(c->sg, &c->arg->e, FED_FROM_CONTEXT);
            if (c->applied)
                context_error(c, "CONTEXT_NOT_SET",
                              "@fromContext cannot stand on \"%.*s\", an argument of a directive: delete it",
                              STR_ARG(fed_coordinate(c->a, &c->arg->e)));
        }
    }
}

void subgraph_check_contexts(struct fed_subgraph *sg, struct messages *m)
{
    if (!sg->dir_name[FED_CONTEXT].p)
        return;
    struct contexts c = {.sg = sg, .m = m, .a = m->arena};
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        for (size_t j = 0; j < t->e.applied.n; j++)
            if (str_eq(t->e.applied.v[j].name, sg->dir_name[FED_CONTEXT]))
                check_name(&c, t, &t->e.applied.v[j]);
    }
    check_directive_arguments(&c);
    for (size_t i = 0; i < sg->schema->types.n; i++)
        for (size_t j = 0; j < sg->schema->types.v[i]->fields.n; j++) {
            struct fed_field *f = sg->schema->types.v[i]->fields.v[j];
            for (size_t k = 0; k < f->args.n; k++) {
                c.arg = f->args.v[k];
                c.applied = fed_find(sg, &c.arg->e, FED_FROM_CONTEXT);
                if (c.applied)
                    check_argument(&c);
            }
        }
}
