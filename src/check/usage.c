#include "check/usage_private.h"

#include "graphql/coerce.h"
#include "graphql/parser.h"
#include "graphql/validate.h"

#define OPERATION_BYTES_MAX ((size_t)256 << 20) /* of memory for one operation */

static bool has_one(const struct map *keys, const struct key_vec *of)
{
    for (size_t i = 0; i < of->n; i++)
        if (map_has(keys, of->v[i]))
            return true;
    return false;
}

static bool follows(const struct use_rule *rule, const struct map *keys)
{
    return has_one(keys, &rule->any) && (rule->also.n == 0 || has_one(keys, &rule->also));
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
    const struct use_rule *rules; /* of the changes */
    size_t n_rules;
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
    for (uint32_t i = 0; impact->state != OPERATION_INVALID && i < q->n_rules; i++) {
        if (!follows(&q->rules[i], &uses.keys))
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
    struct use_rule *rules = arena_array(a, struct use_rule, changes->n);
    struct question q = {a, from, to, rules, changes->n, &operations->fragments};
    struct usage out = {.operations = arena_array(a, struct operation_impact, operations->list.n),
                        .changes = arena_array(a, struct index_vec, changes->n)};
    for (size_t i = 0; i < changes->n; i++)
        rules[i] = use_rule_of(a, from, &changes->v[i]);
    for (uint32_t i = 0; i < operations->list.n; i++)
        find(&q, operations->list.v[i], i, &out);
    return out;
}
