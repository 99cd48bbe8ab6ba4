#include "planner/work.h"

#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/printer.h"
#include "graphql/validate.h"

#define PLANNER_ARENA_MAX ((size_t)256 << 20)
#define REACHES 4

/* ---- once per supergraph ---- */

static void note_names(struct planner *p, const struct gql_selection_set *set, struct map *seen)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD && !map_has(seen, sel->name.s)) {
            map_put(p->arena, seen, sel->name.s, p);
            vec_push(p->arena, &p->input_names, sel->name.s);
        }
        if (sel->kind == GQL_INLINE_FRAGMENT && sel->on.s.p && !map_has(seen, sel->on.s)) {
            struct gql_type *on = gql_schema_type(p->s->full, sel->on.s);
            map_put(p->arena, seen, sel->on.s, p);
            if (on)
                vec_push(p->arena, &p->conditions, on);
        }
        if (sel->selections)
            note_names(p, sel->selections, seen);
    }
}

/* Equal texts get equal numbers. */
static void note_set(struct planner *p, struct gql_selection_set *const *set, struct map *texts)
{
    struct buf b;
    if (!*set)
        return;
    buf_init(&b, 1u << 20);
    gql_print_selection_set(&b, *set, GQL_PRINT_COMPACT);
    struct str text = arena_str(p->arena, buf_str(&b));
    buf_free(&b);
    if (!map_has(texts, text))
        map_put(p->arena, texts, text, (void *)(uintptr_t)(texts->n + 1));
    map_put(p->arena, &p->set_ids, str_mem(set, sizeof *set), map_get(texts, text));
}

static struct bits *labels_of_inputs(struct planner *p, const struct map *names)
{
    struct bits *out = bits_new(p->arena, p->s->n_labels);
    for (uint32_t i = 0; i < p->s->full->n_types; i++)
        for (uint32_t k = 0; p->s->types[i].fields && k < p->s->types[i].type->n_fields; k++) {
            const struct sg_field *f = &p->s->types[i].fields[k];
            for (uint32_t j = 0; j < f->n_joins && map_has(names, f->field->name); j++)
                if (f->joins[j].label >= 0)
                    bits_set(out, (uint32_t)f->joins[j].label);
        }
    return out;
}

struct planner *planner_new(struct supergraph *s)
{
    return planner_new_with(s, &(struct planner_options){0});
}

static struct planner_options with_defaults(const struct planner_options *o)
{
    return (struct planner_options){.steps = o->steps ? o->steps : PLANNER_STEPS_MAX,
                                    .places = o->places ? o->places : PLANNER_PLACES_EXACT,
                                    .entries = o->entries ? o->entries : PLANNER_ENTRIES_EXACT};
}

struct planner *planner_new_with(struct supergraph *s, const struct planner_options *options)
{
    struct arena *a = arena_new(0);
    struct planner *p = arena_new_of(a, struct planner);
    struct map names = {0}, texts = {0}, conditions = {0};

    p->arena = a;
    p->s = supergraph_ref(s);
    p->limits = with_defaults(options);
    for (uint32_t i = 0; i < s->full->n_types; i++) {
        const struct sg_type *t = &s->types[i];
        for (uint32_t k = 0; k < t->n_keys; k++)
            note_names(p, t->keys[k].fields, &names);
        for (uint32_t k = 0; t->fields && k < t->type->n_fields; k++)
            for (uint32_t j = 0; j < t->fields[k].n_joins; j++) {
                struct sg_field_join *join = &t->fields[k].joins[j];
                note_set(p, &join->requires, &texts);
                note_set(p, &join->provides, &texts);
                if (join->requires)
                    note_names(p, join->requires, &names);
                for (uint32_t c = 0; c < join->n_contexts; c++)
                    note_names(p, join->contexts[c].selection, &names);
                if (join->provides)
                    note_names(p, join->provides, &conditions);
            }
    }
    p->input_labels = labels_of_inputs(p, &names);
    return p;
}

void planner_free(struct planner **p)
{
    struct planner *old = *p;
    *p = NULL;
    if (!old)
        return;
    supergraph_unref(&old->s);
    struct arena *arena = old->arena; /* which holds `old` */
    arena_free(&arena);
}

/* ---- segments ---- */

static struct bits *root_slots(struct work *w)
{
    return bits_new(w->a, (uint32_t)w->spots.v[0]->slots.n);
}

static struct bits *resolvers(struct work *w, const struct slot *slot)
{
    struct bits *out = bits_new(w->a, w->s->n_subgraphs);
    for (uint32_t g = 0; g < w->s->n_subgraphs; g++) {
        const struct sg_field_join *j = join_at(w->s, g, w->spots.v[0]->type, slot->name);
        if (j && join_usable(w, j) && !j->external)
            bits_set(out, g);
    }
    return out;
}

static void refuse(struct work *w, struct arena *ea, struct gql_errors *errors, const char *code,
                   const char *what)
{
    struct gql_loc loc = w->req->operation->loc;
    gql_error_add(ea, errors, str_c(code), &loc, 1, "%s", what);
}

static void report_lost(struct work *w, const struct atom *a, struct arena *ea,
                        struct gql_errors *errors)
{
    struct gql_loc loc = w->req->operation->loc;
    const struct spot *spot = a->place->spot;
    struct str name = a->slot >= 0 ? spot->slots.v[a->slot]->name : STR("__typename");
    gql_error_add(
        ea, errors, STR("QUERY_PLANNING_FAILED"), &loc, 1,
        "No subgraph can resolve %.*s.%.*s from where the operation selects it: the supergraph "
        "is not satisfiable there. "
        "Compose it again",
        STR_ARG(spot->classes.v[a->klass]->first->name), STR_ARG(name));
}

/* NULL when the graph is too big. */
static struct segment *segment_run(struct work *w, const struct bits *slots, int only, const struct atom **lost)
{
    struct segment *seg = arena_new_of(w->a, struct segment);

    *seg = (struct segment){.slots = slots, .only = only};
    if (!places_build(w, seg, w->spots.v[0]))
        return NULL;
    *lost = rounds_run(w, seg, w->fetches.n > 0);
    return seg;
}

static bool plan_segment(struct work *w, const struct bits *slots, int only, struct arena *ea,
                         struct gql_errors *errors)
{
    const struct atom *lost;

    w->sharing = SHARE_NOTHING;
    struct segment *seg = segment_run(w, slots, only, &lost);
    while (seg && lost && (w->sharing == SHARE_MOST || w->sharing == SHARE_SOME)) {
        w->sharing++;
        seg = segment_run(w, slots, only, &lost);
    }
    if (!seg) {
        refuse(w, ea, errors, "QUERY_PLANNING_LIMIT",
               "The operation is too large to plan: select fewer fields of abstract types, "
               "or split it");
        return false;
    }
    if (!lost)
        return true;
    w->lost = true;
    if (w->cut || seg->too_deep)
        refuse(w, ea, errors, "QUERY_PLANNING_LIMIT",
               "The operation needs too many steps one after another, or keys and @requires that lead too far: "
               "select fewer fields");
    else
        report_lost(w, lost, ea, errors);
    return false;
}

/* Neighbouring fields that one subgraph can resolve are one request; it runs them in order. */
static bool plan_serial(struct work *w, struct arena *ea, struct gql_errors *errors)
{
    const struct spot *root = w->spots.v[0];
    struct bits *slots = root_slots(w), *able = NULL;

    for (size_t i = 0; i <= root->slots.n; i++) {
        struct bits *both = i < root->slots.n ? resolvers(w, root->slots.v[i]) : NULL;
        if (able && both)
            bits_and(both, able);
        if (able && (!both || bits_empty(both))) {
            if (!plan_segment(w, slots, bits_next(able, 0), ea, errors))
                return false;
            slots = root_slots(w);
            both = both ? resolvers(w, root->slots.v[i]) : NULL;
        }
        able = both;
        if (both)
            bits_set(slots, (uint32_t)i);
    }
    return true;
}

static bool plan_segments(struct work *w, struct arena *ea, struct gql_errors *errors)
{
    const struct spot *root = w->spots.v[0];
    struct bits *slots = root_slots(w);

    if (!root->slots.n)
        return true;
    if (w->req->operation->operation == GQL_MUTATION)
        return plan_serial(w, ea, errors);
    for (uint32_t i = 0; i < slots->cap; i++)
        bits_set(slots, i);
    int only = w->req->operation->operation == GQL_SUBSCRIPTION
                   ? bits_next(resolvers(w, root->slots.v[0]), 0)
                   : -1;
    return plan_segment(w, slots, only, ea, errors);
}

/* ---- one plan ---- */

/* The plan outlives the client's document, so it has its own: the operation and the fragments,
 * printed and read again. */
static bool copy_document(struct plan *plan, const struct plan_request *req)
{
    struct gql_errors errors = {0};
    struct str source = arena_str(plan->arena, req->document->source);
    struct gql_document *doc =
        gql_parse(plan->arena, source, &(struct gql_parse_options){0}, &errors);

    for (uint32_t i = 0; doc && i < req->document->n && i < doc->n; i++)
        if (req->document->definitions[i] == req->operation)
            plan->operation = doc->definitions[i];
    plan->document = doc;
    return plan->operation != NULL;
}

/* Variables without a value leave @skip off, and @include and @defer on. */
static void note_conditions(struct work *w)
{
    struct plan *p = w->plan;
    struct str *names;
    uint32_t n = planner_condition_variables(w->a, p->document, p->operation, w->req->incremental, &names);

    p->conditions = arena_array(w->plan_arena, struct plan_condition, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gql_variable *v = gql_variables_find(w->req->variables, names[i]);
        if (v && v->value && v->value->kind == JSON_BOOL)
            p->conditions[p->n_conditions++] =
                (struct plan_condition){arena_str(w->plan_arena, names[i]), v->value->boolean};
    }
}

static bool make(struct work *w, struct arena *ea, struct gql_errors *errors)
{
    vec_push(w->a, &w->parts, (struct part){0});
    vec_push(w->a, &w->shares, (struct part_ids){0});
    struct spot *root = spots_build(w);
    w->parts.v[0].spot = root;
    if (w->too_big) {
        refuse(w, ea, errors, "QUERY_PLANNING_LIMIT",
               "The operation is too large to plan: with its fragments written out it selects too many objects. "
               "Select fewer fields, or split it");
        return false;
    }
    needs_build(w);
    if (!plan_segments(w, ea, errors))
        return false;
    if (!w->too_big) {
        layouts_build(w);
        plan_fetches_build(w);
        w->plan->output = output_build(w, root, &root->sets);
        parts_build(w);
        note_conditions(w);
        contexts_mark(w);
        verbatim_mark(w);
    }
    if (w->too_big)
        refuse(w, ea, errors, "QUERY_PLANNING_LIMIT",
               "The operation needs too many requests to subgraphs: split it");
    return !w->too_big;
}

static struct plan *plan_new(const struct planner *p, const struct plan_request *request)
{
    struct arena *arena = arena_new(PLANNER_ARENA_MAX);
    struct plan *plan = arena_new_of(arena, struct plan);

    plan->arena = arena;
    plan->refs = 1;
    plan->supergraph = supergraph_ref(p->s);
    bool ok = copy_document(plan, request);
    PB_ASSERT(ok);
    return plan;
}

/* NULL with `further` set when another attempt may succeed that looks further for inputs. */
static struct plan *plan_within(const struct planner *p, const struct plan_request *request, struct reach reach,
                                struct arena *error_arena, struct gql_errors *errors, bool *further)
{
    struct arena *scratch = arena_new(PLANNER_MEMORY_MAX);
    struct plan *plan = plan_new(p, request);
    struct work w = {.p = p,
                     .s = p->s,
                     .req = request,
                     .a = scratch,
                     .plan_arena = plan->arena,
                     .plan = plan,
                     .reach = reach};

    if (!make(&w, error_arena, errors))
        plan_unref(&plan);
    *further = w.lost && w.cut;
    if (plan)
        plan->steps = w.steps + w.effort;
    arena_free(&scratch);
    return plan;
}

/* Hardly any operation needs more than the first reach, and where keys lead in a ring a far one is dear. */
struct plan *planner_plan(const struct planner *p, const struct plan_request *request,
                          struct arena *error_arena, struct gql_errors *errors)
{
    size_t before = errors->n;
    struct plan *plan = NULL;
    bool further = true;

    for (uint32_t i = 0; i < REACHES && further; i++) {
        struct reach reach = {.repeats = (1u << 2 * i) - 1, .spots = 256u << 2 * i};
        errors->n = before;
        plan = plan_within(p, request, reach, error_arena, errors, &further);
    }
    return plan;
}

struct plan *plan_ref(struct plan *p)
{
    __atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
    return p;
}

void plan_unref(struct plan **p)
{
    struct plan *old = *p;
    *p = NULL;
    if (!old || __atomic_sub_fetch(&old->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    supergraph_unref(&old->supergraph);
    struct arena *arena = old->arena; /* which holds `old` */
    arena_free(&arena);
}
