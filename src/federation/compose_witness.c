#include "federation/compose_witness.h"

#define MESSAGE_MAX (1u << 20)
#define STEPS_MAX 1000
#define REASONS_MAX 40

/* ---- the query ---- */

static void write_value(struct buf *out, const struct graph *g, const struct gql_type_ref *t, int depth)
{
    if (t->kind == GQL_REF_NON_NULL)
        t = t->of;
    const struct fed_type *type = t->kind == GQL_REF_NAMED ? fed_schema_type(g->mg->out, t->name) : NULL;
    if (t->kind == GQL_REF_LIST) {
        buf_add_c(out, "[]");
    } else if (type && type->kind == GQL_ENUM_TYPE && type->values.n) {
        buf_add(out, type->values.v[0]->e.name);
    } else if (type && type->kind == GQL_INPUT_OBJECT) {
        bool any = false;
        buf_add_char(out, '{');
        for (size_t i = 0; i < type->inputs.n && depth < 8; i++) {
            if (!fed_input_required(type->inputs.v[i]))
                continue;
            buf_printf(out, "%s%.*s: ", any ? ", " : "", STR_ARG(type->inputs.v[i]->e.name));
            write_value(out, g, type->inputs.v[i]->type, depth + 1);
            any = true;
        }
        buf_add_char(out, '}');
    } else if (t->kind == GQL_REF_NAMED && (str_eq(t->name, STR("Int")) || str_eq(t->name, STR("Float")))) {
        buf_add_c(out, "0");
    } else if (t->kind == GQL_REF_NAMED && str_eq(t->name, STR("Boolean"))) {
        buf_add_c(out, "true");
    } else {
        buf_add_c(out, "\"…\"");
    }
}

static void write_field(struct buf *out, const struct graph *g, const struct fed_field *f)
{
    bool any = false;
    buf_add(out, f->e.name);
    for (size_t i = 0; i < f->args.n; i++) {
        if (!fed_input_required(f->args.v[i]))
            continue;
        buf_printf(out, "%s%.*s: ", any ? ", " : "(", STR_ARG(f->args.v[i]->e.name));
        write_value(out, g, f->args.v[i]->type, 0);
        any = true;
    }
    if (any)
        buf_add_char(out, ')');
}

static void indent(struct buf *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        buf_add_c(out, "  ");
}

static void write_next(struct buf *out, const struct graph *g, const struct fed_elem *next)
{
    if (!next) {
        buf_add_c(out, "…");
    } else if (next->elem_kind == FED_ELEM_TYPE) {
        buf_printf(out, "... on %.*s { … }", STR_ARG(next->name));
    } else {
        const struct fed_field *f = (const struct fed_field *)next;
        const struct fed_type *t = fed_ref_type(g->mg->out, f->type);
        write_field(out, g, f);
        buf_add_c(out, t && fed_type_is_composite(t) ? " { … }" : "");
    }
}

struct str witness_query(struct graph *g, const struct walk_step *s, const struct fed_elem *next)
{
    const struct walk_step *path[STEPS_MAX];
    size_t n = 0;
    for (; s && n < STEPS_MAX; s = s->parent)
        path[n++] = s;
    struct buf out;
    buf_init(&out, MESSAGE_MAX);
    const struct fed_type *root = path[n - 1]->type;
    bool mutation = fed_type_is_root(g->mg->out, root, GQL_MUTATION),
         subscription = fed_type_is_root(g->mg->out, root, GQL_SUBSCRIPTION);
    buf_add_c(&out, mutation ? "mutation {\n" : subscription ? "subscription {\n" : "{\n");
    for (size_t i = 1; i < n; i++) {
        const struct walk_step *step = path[n - 1 - i];
        indent(&out, i);
        if (step->field)
            write_field(&out, g, step->field);
        else
            buf_printf(&out, "... on %.*s", STR_ARG(step->type->e.name));
        buf_add_c(&out, " {\n");
    }
    indent(&out, n);
    write_next(&out, g, next);
    buf_add_char(&out, '\n');
    for (size_t i = n; i-- > 0;) {
        indent(&out, i);
        buf_add_c(&out, i ? "}\n" : "}");
    }
    struct str text = arena_str(g->a, buf_str(&out));
    buf_free(&out);
    return text;
}

/* ---- the reasons ---- */

struct reasons {
    struct graph *g;
    struct buf *out;
    struct map said;
    uint32_t n;
    struct str own_advice, key_advice, move_advice; /* what would help, the first of each kind; .p NULL: none */
    struct str lacking; /* what a @requires needs and nobody gives, in place of what is asked for */
};

static void say(struct reasons *r, const struct place *from, struct str text)
{
    struct str line = arena_printf(r->g->a, "- from subgraph \"%.*s\": %.*s", STR_ARG(from->sg->name), STR_ARG(text));
    if (map_has(&r->said, line) || r->n >= REASONS_MAX)
        return;
    map_put(r->g->a, &r->said, line, r);
    r->n++;
    buf_printf(r->out, "\n%.*s", STR_ARG(line));
}

/* ---- @requires ---- */

static const struct required *required_at(const struct place *p, const struct fed_field *f)
{
    for (size_t i = 0; i < p->required.n; i++)
        if (p->required.v[i].field == f)
            return &p->required.v[i];
    return NULL;
}

/* The first field of the object itself that a @requires needs and that cannot be read from here; NULL when there is
 * none: something is missing below its fields, or there is no way back. */
static const struct fed_selection *lacking(struct graph *g, const struct place *p, const struct fed_field *f)
{
    const struct required *required = required_at(p, f);
    for (uint32_t i = 0; required && !required->ok && i < required->set->n; i++) {
        struct fed_selection alone = required->set->v[i];
        alone.sub = NULL;
        if (alone.field && !graph_can_read(g, p->id, &(struct fed_selections){required->set->parent, &alone, 1}))
            return &required->set->v[i];
    }
    return NULL;
}

static struct str reason_of_requires(struct reasons *r, const struct place *p, const struct fed_type *type,
                                     const struct fed_field *f, const struct fed_applied *requires)
{
    struct arena *a = r->g->a;
    struct str at = fed_coordinate(a, &f->e), fields = fed_applied_str(requires, STR("fields"));
    const struct fed_selection *s = lacking(r->g, p, f);
    if (s) {
        struct str lacks = fed_coordinate(a, &s->field->e);
        if (!r->lacking.p)
            r->lacking = lacks;
        return arena_printf(a, "its field \"%.*s\" requires \"%.*s\", which cannot be read on the way there",
                            STR_ARG(at), STR_ARG(lacks));
    }
    r->own_advice =
        arena_printf(a, "Make \"%.*s\" readable on the way to subgraph \"%.*s\", or give \"%.*s\" a @key there",
                     STR_ARG(fields), STR_ARG(p->sg->name), STR_ARG(type->e.name));
    return arena_printf(
        a, "\"%.*s\", which its field \"%.*s\" requires, cannot be collected, or there is no key to come back with",
        STR_ARG(fields), STR_ARG(at));
}

/* ---- fields ---- */

/* Why the field cannot be read at a place itself. */
static struct str reason_here(struct reasons *r, const struct place *p, const struct fed_type *type, struct str field)
{
    struct arena *a = r->g->a;
    struct fed_type *t = p->type->interface_object ? p->type : fed_schema_type(p->sg->schema, type->e.name);
    struct fed_field *f = t && fed_type_has_fields(t) ? fed_type_field(t, field) : NULL;
    struct str at = arena_printf(a, "%.*s.%.*s", STR_ARG(type->e.name), STR_ARG(field));
    if (!t)
        return arena_printf(a, "it has no type \"%.*s\"", STR_ARG(type->e.name));
    if (!f)
        return arena_printf(a, "it has no field \"%.*s\"", STR_ARG(at));
    if (f->overridden)
        return arena_printf(a, "its field \"%.*s\" is overridden by another subgraph", STR_ARG(at));
    if (f->external)
        return arena_printf(a, "its field \"%.*s\" is @external", STR_ARG(at));
    if (f->label.p)
        return arena_printf(a, "its field \"%.*s\" depends on the override label \"%.*s\"", STR_ARG(at),
                            STR_ARG(f->label));
    const struct fed_applied *requires = fed_find(p->sg, &f->e, FED_REQUIRES);
    if (requires)
        return reason_of_requires(r, p, type, f, requires);
    r->own_advice = arena_printf(a, "Set the context on every way to \"%.*s\"", STR_ARG(at));
    return arena_printf(a, "its field \"%.*s\" needs a context that is not set on the way", STR_ARG(at));
}

static void explain_moves(struct reasons *r, const struct place *p)
{
    for (size_t i = 0; i < p->moves.n; i++) {
        const struct key_move *m = &p->moves.v[i];
        const struct place *to = r->g->places.v[m->target];
        if (m->ok)
            continue;
        if (!r->move_advice.p)
            r->move_advice = arena_printf(
                r->g->a,
                "Give \"%.*s\" the fields \"%.*s\" in subgraph \"%.*s\", or a @key that it has in subgraph \"%.*s\"",
                STR_ARG(p->type->e.name), STR_ARG(m->text), STR_ARG(p->sg->name), STR_ARG(to->sg->name));
        say(r, p,
            arena_printf(r->g->a, "it cannot give the key \"%.*s\" that \"%.*s\" of subgraph \"%.*s\" asks for",
                         STR_ARG(m->text), STR_ARG(to->type->e.name), STR_ARG(to->sg->name)));
    }
}

static bool reaches(const struct graph *g, const struct place *p, const struct fed_subgraph *sg)
{
    for (size_t i = 0; i < p->moves.n; i++)
        if (g->places.v[p->moves.v[i].target]->sg == sg)
            return true;
    for (uint32_t i = 0; i < p->reach.n; i++)
        if (g->places.v[p->reach.v[i]]->sg == sg)
            return true;
    return false;
}

static bool has_unresolvable_key(const struct fed_subgraph *sg, const struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++)
        if (str_eq(t->e.applied.v[i].name, sg->dir_name[FED_KEY]) &&
            !fed_applied_bool(&t->e.applied.v[i], STR("resolvable"), true))
            return true;
    return false;
}

static struct str advise_key(struct arena *a, const struct place *from, const struct fed_subgraph *sg,
                             const struct fed_type *t)
{
    const char *text = has_unresolvable_key(sg, t)
                           ? "Delete resolvable: false from a @key of \"%.*s\" in subgraph \"%.*s\", whose fields "
                             "subgraph \"%.*s\" has too"
                           : "Give \"%.*s\" a @key in subgraph \"%.*s\" whose fields subgraph \"%.*s\" has too";
    return arena_printf(a, text, STR_ARG(t->e.name), STR_ARG(sg->name), STR_ARG(from->sg->name));
}

/* Subgraphs that resolve the field but cannot be entered at this type. */
static void explain_missing_keys(struct reasons *r, const struct place *p, const struct fed_type *type,
                                 struct str field)
{
    for (uint32_t i = 0; i < r->g->mg->n; i++) {
        struct fed_subgraph *sg = &r->g->mg->sg[i];
        struct fed_type *t = fed_schema_type(sg->schema, type->e.name);
        struct fed_field *f = t && fed_type_has_fields(t) ? fed_type_field(t, field) : NULL;
        if (sg == p->sg || !f || f->external || f->overridden || reaches(r->g, p, sg))
            continue;
        if (!r->key_advice.p)
            r->key_advice = advise_key(r->g->a, p, sg, t);
        say(r, p,
            arena_printf(r->g->a, "subgraph \"%.*s\" resolves \"%.*s.%.*s\", but \"%.*s\" has no %s@key there",
                         STR_ARG(sg->name), STR_ARG(type->e.name), STR_ARG(field), STR_ARG(type->e.name),
                         fed_has(sg, &t->e, FED_KEY) ? "resolvable " : ""));
    }
}

/* Where that is which a @requires lacks. */
static void explain_lacking(struct reasons *r, const struct place *p, const struct fed_type *type, struct str field)
{
    const struct fed_field *f = fed_type_has_fields(p->type) ? fed_type_field(p->type, field) : NULL;
    const struct fed_selection *s = f ? lacking(r->g, p, f) : NULL;
    if (s)
        explain_missing_keys(r, p, type, s->field->e.name);
}

static void explain_field(struct reasons *r, const struct walk_step *s, struct str field)
{
    for (uint32_t i = 0; i < s->places.n; i++) {
        const struct place *p = r->g->places.v[s->places.v[i]];
        say(r, p, reason_here(r, p, s->type, field));
        for (uint32_t j = 0; j < p->reach.n; j++) {
            const struct place *q = r->g->places.v[p->reach.v[j]];
            say(r, q, reason_here(r, q, s->type, field));
            explain_lacking(r, q, s->type, field);
            explain_moves(r, q);
        }
        explain_lacking(r, p, s->type, field);
        explain_moves(r, p);
        explain_missing_keys(r, p, s->type, field);
    }
}

static void explain_cast(struct reasons *r, const struct walk_step *s, struct str type)
{
    for (uint32_t i = 0; i < s->places.n; i++) {
        const struct place *p = r->g->places.v[s->places.v[i]];
        if (p->type->interface_object)
            say(r, p,
                arena_printf(r->g->a,
                             "\"%.*s\" is an @interfaceObject, and no subgraph that knows its types can be reached",
                             STR_ARG(p->type->e.name)));
        else
            say(r, p,
                arena_printf(r->g->a, "\"%.*s\" cannot be a \"%.*s\" there", STR_ARG(p->type->e.name), STR_ARG(type)));
        explain_moves(r, p);
    }
}

/* What would make the query answerable: a way to where it is resolved, or resolving it where the way ends. */
static void write_advice(struct reasons *r, const struct fed_elem *next)
{
    struct str way = r->key_advice.p ? r->key_advice : r->move_advice;
    if (r->own_advice.p) {
        buf_printf(r->out, "\n%.*s", STR_ARG(r->own_advice));
        return;
    }
    struct str at = r->lacking.p ? r->lacking : fed_coordinate(r->g->a, next);
    const char *also = next->elem_kind == FED_ELEM_TYPE ? "let them all know \"%.*s\"" : "resolve \"%.*s\" there too";
    buf_add_c(r->out, "\n");
    if (way.p)
        buf_printf(r->out, "%.*s, or ", STR_ARG(way));
    size_t from = r->out->len;
    buf_printf(r->out, also, STR_ARG(at));
    if (!way.p)
        r->out->p[from] = (char)(r->out->p[from] - 'a' + 'A');
    buf_add_c(r->out, next->elem_kind == FED_ELEM_TYPE ? " there" : "");
}

struct str witness_message(struct graph *g, const struct walk_step *s, const struct fed_elem *next)
{
    struct buf out;
    buf_init(&out, MESSAGE_MAX);
    struct reasons r = {.g = g, .out = &out};
    struct str query = witness_query(g, s, next);
    buf_printf(&out, "no subgraph can answer \"%.*s\" in this query:\n%.*s\nbecause",
               STR_ARG(fed_coordinate(g->a, next)), STR_ARG(query));
    if (next->elem_kind == FED_ELEM_TYPE)
        explain_cast(&r, s, next->name);
    else
        explain_field(&r, s, next->name);
    write_advice(&r, next);
    struct str text = arena_str(g->a, buf_str(&out));
    buf_free(&out);
    return text;
}

struct str witness_types(struct graph *g, const struct walk_step *s)
{
    struct buf out;
    buf_init(&out, MESSAGE_MAX);
    for (uint32_t i = 0; i < s->places.n; i++) {
        const struct place *p = g->places.v[s->places.v[i]];
        struct fed_name_vec names = {0};
        for (size_t j = 0; j < p->type->possible.n; j++)
            vec_push(g->a, &names, p->type->possible.v[j]->e.name);
        buf_printf(&out, "%s%.*s in subgraph \"%.*s\"", i ? ", " : "",
                   STR_ARG(names.n ? msg_names(g->a, "type", "types", names.v, names.n) : STR("no type")),
                   STR_ARG(p->sg->name));
    }
    struct str text = arena_str(g->a, buf_str(&out));
    buf_free(&out);
    return text;
}
