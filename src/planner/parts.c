/* @defer: which part of the response asks for what. */
#include "planner/work.h"

#include "graphql/coerce.h"

/* A variable without a value leaves the argument's default, which is true. */
static bool is_deferred(const struct work *w, const struct gql_directive *d)
{
    const struct gql_value *v = gql_directive_arg(d, STR("if"));
    if (!v || v->kind == GQL_BOOLEAN)
        return !v || v->boolean;
    const struct gql_variable *given =
        v->kind == GQL_VARIABLE ? gql_variables_find(w->req->variables, v->text) : NULL;
    return !given || !given->value || given->value->kind != JSON_BOOL || given->value->boolean;
}

static struct str label_of(const struct gql_directive *d)
{
    const struct gql_value *v = gql_directive_arg(d, STR("label"));
    return v && v->kind == GQL_STRING ? v->text : STR_NONE;
}

uint32_t part_of_fragment(struct work *w, struct spot *spot, const struct gql_selection *fragment,
                          uint32_t inside)
{
    bool parts = w->req->incremental && w->req->operation->operation != GQL_SUBSCRIPTION;
    const struct gql_directive *d =
        parts ? gql_directive_find(&fragment->directives, STR("defer")) : NULL;

    if (!d || !is_deferred(w, d))
        return inside;
    for (uint32_t i = 1; i < w->parts.n; i++) {
        const struct part *p = &w->parts.v[i];
        if (p->fragment == fragment && p->spot == spot && p->parent == inside)
            return i;
    }
    if (w->parts.n >= PLANNER_PARTS_MAX)
        return inside;
    vec_push(w->a, &w->parts,
             (struct part){(uint32_t)w->parts.n, inside, fragment, spot, label_of(d)});
    return (uint32_t)w->parts.n - 1;
}

/* ---- sets of parts ---- */

bool part_within(const struct work *w, uint32_t part, uint32_t outer)
{
    while (part > outer)
        part = w->parts.v[part].parent;
    return part == outer;
}

bool part_has(const struct part_ids *parts, uint32_t part)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->v[i] == part)
            return true;
    return false;
}

void part_add(struct work *w, struct part_ids *parts, uint32_t part)
{
    size_t kept = 0;
    for (size_t i = 0; i < parts->n; i++)
        if (part_within(w, part, parts->v[i]))
            return;
    for (size_t i = 0; i < parts->n; i++)
        if (!part_within(w, parts->v[i], part))
            parts->v[kept++] = parts->v[i];
    parts->n = kept;
    vec_push(w->a, parts, part);
    for (size_t i = parts->n - 1; i > 0 && parts->v[i - 1] > part; i--) {
        parts->v[i] = parts->v[i - 1];
        parts->v[i - 1] = part;
    }
}

static bool same_parts(const struct part_ids *a, const struct part_ids *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, sizeof *a->v * a->n) == 0);
}

uint32_t share_of(struct work *w, const struct part_ids *parts)
{
    if (part_has(parts, 0))
        return 0;
    for (uint32_t i = 0; i < w->shares.n; i++)
        if (same_parts(&w->shares.v[i], parts))
            return i;
    vec_push(w->a, &w->shares, *parts);
    return (uint32_t)w->shares.n - 1;
}

/* ---- the plan's copy ---- */

struct path {
    const struct path *up;
    const struct plan_output_field *field;
};

static void print_path(struct buf *b, const struct path *at)
{
    if (!at)
        return;
    print_path(b, at->up);
    buf_printf(b, "%s%.*s", at->up ? "." : "", STR_ARG(at->field->key));
    for (const struct gql_tref *t = at->field->type; t->kind != GQL_REF_NAMED; t = t->of)
        if (t->kind == GQL_REF_LIST)
            buf_add(b, STR(".@"));
}

static struct str path_text(struct work *w, const struct path *at)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    print_path(&b, at);
    struct str text = arena_str(w->plan_arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static void note_share(struct work *w, struct plan_output *output, uint32_t share)
{
    const struct part_ids *s = &w->shares.v[share];
    if (share == 0)
        bits_set(output->parts, 0);
    for (size_t i = 0; i < s->n; i++)
        bits_set(output->parts, s->v[i]);
}

/* Every output is looked at once, however many ways lead there. */
static void walk_output(struct work *w, struct plan_output *output, const struct path *at)
{
    if (output->parts)
        return;
    output->parts = bits_new(w->plan_arena, w->plan->n_parts);
    for (uint32_t i = 0; i < output->n_variants; i++) {
        const struct plan_output_variant *v = &output->variants[i];
        for (uint32_t k = 0; k < v->n_parts; k++)
            if (!w->plan->parts[v->parts[k]].path.p)
                w->plan->parts[v->parts[k]].path = path_text(w, at);
        for (uint32_t k = 0; k < v->n_fields; k++) {
            note_share(w, output, v->fields[k].share);
            if (!v->fields[k].child)
                continue;
            walk_output(w, v->fields[k].child, &(struct path){at, &v->fields[k]});
            bits_or(output->parts, v->fields[k].child->parts);
        }
    }
}

void parts_build(struct work *w)
{
    struct plan *p = w->plan;

    p->n_parts = (uint32_t)w->parts.n;
    p->parts = arena_array(w->plan_arena, struct plan_part, p->n_parts);
    for (uint32_t i = 0; i < p->n_parts; i++)
        p->parts[i] = (struct plan_part){.label = w->parts.v[i].label,
                                         .parent = w->parts.v[i].parent,
                                         .layout = w->parts.v[i].spot->layout};
    p->n_shares = (uint32_t)w->shares.n;
    p->shares = arena_array(w->plan_arena, struct plan_share, p->n_shares);
    for (uint32_t i = 0; i < p->n_shares; i++) {
        const struct part_ids *s = &w->shares.v[i];
        p->shares[i] = (struct plan_share){
            arena_memdup(w->plan_arena, s->v, sizeof *s->v * s->n), (uint32_t)s->n};
    }
    if (p->n_parts > 1)
        walk_output(w, p->output, NULL);
}
