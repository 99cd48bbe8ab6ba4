#include "check/usage_private.h"

#include "graphql/coerce.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

#define OPERATION_BYTES_MAX ((size_t)256 << 20) /* of memory for one operation */

/* ---- does it use the change? ---- */

static bool has(const struct uses *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool has(const struct uses *u, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str key = arena_vprintf(u->a, fmt, ap);
    va_end(ap);
    return map_has(&u->keys, key);
}

#define HAS(u, mark, name) has(u, mark "%.*s", STR_ARG(name))

static bool field_used(const struct uses *u, const struct change *c)
{
    return has(u, "%.*s.%.*s", STR_ARG(c->type), STR_ARG(c->member));
}

/* A directive was put on or taken from the element. */
static bool element_used(const struct uses *u, const struct change *c)
{
    if (!c->type.p)
        return false;
    if (HAS(u, "", c->coordinate))
        return true;
    const struct gql_type *t = gql_schema_type(u->schema, c->type);
    return c->member.p && t && t->kind == GQL_ENUM_TYPE && HAS(u, "<", c->type);
}

/* `T` became `T!`: whoever writes a value there is not concerned. */
static bool only_non_null(const struct change *c)
{
    return c->is.len == c->was.len + 1 && str_starts(c->is, c->was) && str_ends(c->is, STR("!"));
}

static bool uses_change(const struct uses *u, const struct change *c)
{
    switch (c->kind) {
    case TYPE_REMOVED:
    case TYPE_KIND_CHANGED: return HAS(u, "", c->type) || HAS(u, "!", c->type);
    case SCHEMA_QUERY_TYPE_CHANGED: return has(u, "~%d", GQL_QUERY);
    case SCHEMA_MUTATION_TYPE_CHANGED: return has(u, "~%d", GQL_MUTATION);
    case SCHEMA_SUBSCRIPTION_TYPE_CHANGED: return has(u, "~%d", GQL_SUBSCRIPTION);
    case OBJECT_TYPE_INTERFACE_ADDED: return HAS(u, "", c->subject);
    case OBJECT_TYPE_INTERFACE_REMOVED: return HAS(u, "", c->subject) && (HAS(u, "!", c->type) || HAS(u, "", c->type));
    case UNION_MEMBER_ADDED: return HAS(u, "", c->type);
    case UNION_MEMBER_REMOVED: return HAS(u, "", c->type) && (HAS(u, "!", c->subject) || HAS(u, "", c->subject));
    case FIELD_REMOVED:
    case FIELD_TYPE_CHANGED:
    case FIELD_ARGUMENT_ADDED: return field_used(u, c);
    case FIELD_ARGUMENT_TYPE_CHANGED:
        if (only_non_null(c))
            return HAS(u, "-", c->coordinate) || HAS(u, "?", c->coordinate);
        return c->required ? field_used(u, c) : HAS(u, "", c->coordinate);
    case FIELD_ARGUMENT_DEFAULT_CHANGED: return HAS(u, "-", c->coordinate);
    case ENUM_VALUE_ADDED: return HAS(u, "<", c->type);
    case INPUT_FIELD_ADDED:
    case INPUT_FIELD_DEFAULT_VALUE_CHANGED:
    case DIRECTIVE_USAGE_INPUT_OBJECT_ADDED:
    case DIRECTIVE_USAGE_INPUT_OBJECT_REMOVED: return HAS(u, ">", c->type);
    case INPUT_FIELD_TYPE_CHANGED: return c->required ? HAS(u, ">", c->type) : HAS(u, "", c->coordinate);
    case FIELD_ARGUMENT_REMOVED:
    case ENUM_VALUE_REMOVED:
    case INPUT_FIELD_REMOVED:
    case DIRECTIVE_ARGUMENT_REMOVED: return HAS(u, "", c->coordinate);
    case DIRECTIVE_ARGUMENT_TYPE_CHANGED: return c->required ? HAS(u, "@", c->directive) : HAS(u, "", c->coordinate);
    default: return c->directive.p ? HAS(u, "@", c->directive) : element_used(u, c);
    }
}

/* ---- the document of an operation ---- */

struct gather {
    struct arena *a;
    const struct gql_document *doc;
    const struct map *shared; /* fragments of other documents */
    VEC(struct gql_definition *) all;
};

static struct gql_definition *find_fragment(const struct gather *g, struct str name)
{
    for (uint32_t i = 0; i < g->doc->n; i++)
        if (g->doc->definitions[i]->kind == GQL_FRAGMENT && str_eq(g->doc->definitions[i]->name.s, name))
            return g->doc->definitions[i];
    return map_get(g->shared, name);
}

static void gather_spreads(struct gather *g, const struct gql_selection_set *set)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        struct gql_definition *f = sel->kind == GQL_FRAGMENT_SPREAD ? find_fragment(g, sel->name.s) : NULL;
        bool known = !f;
        for (size_t k = 0; f && k < g->all.n; k++)
            known |= g->all.v[k] == f;
        if (!known)
            vec_push(g->a, &g->all, f);
        gather_spreads(g, sel->selections);
    }
}

/* What a client sends of a document: the operation and the fragments it needs, its own and shared ones. */
static void keep_only(struct arena *a, struct gql_document *doc, const struct gql_definition *def,
                      const struct map *shared)
{
    struct gather g = {.a = a, .doc = doc, .shared = shared};
    vec_push(a, &g.all, (struct gql_definition *)def);
    for (size_t i = 0; i < g.all.n; i++)
        gather_spreads(&g, g.all.v[i]->selections);
    doc->definitions = g.all.v;
    doc->n = (uint32_t)g.all.n;
}

static bool variables_fit(struct arena *a, const struct gql_schema *s, const struct gql_definition *def,
                          const struct json *variables, struct gql_errors *errors)
{
    struct gql_variables out;
    return !variables || gql_coerce_variables(a, s, def, variables, &out, errors);
}

/* What outlives the scratch of one operation. */
static void keep_errors(struct arena *a, struct gql_errors *out, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        vec_push(a, out,
                 (struct gql_error){arena_str(a, e->message), arena_str(a, e->code),
                                    arena_memdup(a, e->locs, e->n_locs * sizeof *e->locs), e->n_locs});
    }
}

struct question {
    struct arena *a;
    const struct gql_schema *from, *to;
    const struct change_vec *changes;
    const struct map *fragments;
};

#define LABEL_MAX 60

static struct str label_of(const struct operation *op)
{
    struct str text = str_trim(op->query);
    ptrdiff_t end = str_find_char(text, '\n');
    text = str_trim(str_sub(text, 0, end >= 0 ? (size_t)end : SIZE_MAX));
    size_t len = text.len < LABEL_MAX ? text.len : LABEL_MAX;
    while (len && len < text.len && ((unsigned char)text.p[len] & 0xc0) == 0x80)
        len--; /* not within a character */
    return op->name.len ? op->name : str_sub(text, 0, len);
}

/* The state, with errors where they are the reason. */
static enum operation_state ask(const struct question *q, struct arena *scratch, const struct operation *op,
                                struct uses *uses, struct str *label, struct gql_errors *errors)
{
    struct gql_document *doc = gql_parse(scratch, op->query, &(struct gql_parse_options){0}, errors);
    if (!doc)
        return OPERATION_INVALID;
    const struct gql_definition *def = gql_document_operation(scratch, doc, op->name, errors);
    if (def && def->name.s.len)
        *label = def->name.s;
    if (def && op->alone)
        keep_only(scratch, doc, def, q->fragments);
    if (!def || !gql_validate(scratch, q->from, doc, errors) ||
        !variables_fit(scratch, q->from, def, op->variables, errors))
        return OPERATION_INVALID;
    *uses = (struct uses){.a = scratch, .schema = q->from, .doc = doc, .variables = op->variables};
    uses_collect(uses, def);
    bool valid = gql_validate(scratch, q->to, doc, errors) && variables_fit(scratch, q->to, def, op->variables, errors);
    return valid ? OPERATION_UNAFFECTED : OPERATION_BROKEN;
}

static void find(const struct question *q, const struct operation *op, uint32_t index, struct usage *out)
{
    struct arena *scratch = arena_new(OPERATION_BYTES_MAX);
    struct operation_impact *impact = &out->operations[index];
    struct gql_errors errors = {0};
    struct uses uses = {0};
    impact->operation = op;
    impact->label = label_of(op);
    impact->state = ask(q, scratch, op, &uses, &impact->label, &errors);
    keep_errors(q->a, &impact->errors, &errors);
    for (uint32_t i = 0; impact->state != OPERATION_INVALID && i < q->changes->n; i++) {
        const struct change *c = &q->changes->v[i];
        if (c->level == CHANGE_SAFE || !uses_change(&uses, c))
            continue;
        vec_push(q->a, &impact->changes, i);
        vec_push(q->a, &out->changes[i], index);
    }
    if (impact->state == OPERATION_UNAFFECTED && impact->changes.n)
        impact->state = OPERATION_AFFECTED;
    out->states[impact->state]++;
    arena_free(&scratch);
}

struct usage usage_find(struct arena *a, const struct gql_schema *from, const struct gql_schema *to,
                        const struct change_vec *changes, const struct operations *operations)
{
    struct question q = {a, from, to, changes, &operations->fragments};
    struct usage out = {.operations = arena_array(a, struct operation_impact, operations->list.n),
                        .changes = arena_array(a, struct index_vec, changes->n)};
    for (uint32_t i = 0; i < operations->list.n; i++)
        find(&q, operations->list.v[i], i, &out);
    return out;
}
