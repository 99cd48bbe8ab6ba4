#include "federation/compose_satisfy.h"

#include "federation/compose_subgraph.h"
#include "federation/compose_witness.h"

/* Open steps at one time; as in Apollo's composer, beyond it the graph is refused instead of checked for hours. */
#define SATISFY_STEPS_MAX 1000000
#define SATISFY_ERRORS_MAX 100

struct step_vec VEC_BODY(struct walk_step *);

/* What was known at an earlier visit of a type: a visit that knows as much or more cannot fail where that one did not.
 */
struct visit {
    struct place_set places;
    struct label_choice *choices;
    uint32_t n_choices;
    struct place_set contexts;
};
struct visit_vec VEC_BODY(struct visit);

struct walk {
    struct merge *mg;
    struct arena *a;
    struct graph graph;
    struct step_vec open;
    struct visit_vec *visits;      /* by type id of the supergraph */
    struct map context_types;      /* names of types that set a context, and of those behind them → 1 + number */
    struct map context_selections; /* parsed, by type and text */
    bool attempt;                  /* mutation fields: failures are collected, not reported */
    struct message_vec failures;
    struct place_set twice; /* of the step that is being taken */
    uint64_t steps;
};

static bool hidden(const struct walk *w, const struct fed_elem *e)
{
    return merge_is_inaccessible(w->mg, e);
}

/* ---- visits ---- */

static bool choices_subset(const struct visit *v, const struct walk_step *s)
{
    for (uint32_t i = 0; i < v->n_choices; i++) {
        bool same = false;
        for (uint32_t j = 0; j < s->n_choices; j++)
            same |= str_eq(v->choices[i].label, s->choices[j].label) && v->choices[i].on == s->choices[j].on;
        if (!same)
            return false;
    }
    return true;
}

static bool seen(struct walk *w, const struct walk_step *s)
{
    struct visit_vec *visits = &w->visits[s->type->id];
    for (size_t i = 0; i < visits->n; i++) {
        const struct visit *v = &visits->v[i];
        if (place_set_subset(&v->places, &s->places) && choices_subset(v, s) &&
            place_set_subset(&v->contexts, &s->contexts))
            return true;
    }
    vec_push(w->a, visits, (struct visit){s->places, s->choices, s->n_choices, s->contexts});
    return false;
}

/* ---- contexts ---- */

static void note_context_types(struct walk *w)
{
    for (uint32_t i = 0; i < w->mg->n; i++) {
        struct fed_subgraph *sg = &w->mg->sg[i];
        for (size_t j = 0; sg->dir_name[FED_CONTEXT].p && j < sg->schema->types.n; j++) {
            struct fed_type *t = sg->schema->types.v[j];
            struct fed_type *merged = fed_schema_type(w->mg->out, t->e.name);
            if (!merged || !fed_has(sg, &t->e, FED_CONTEXT))
                continue;
            for (size_t k = 0; k < merged->possible.n; k++)
                map_put(w->a, &w->context_types, merged->possible.v[k]->e.name, merged->possible.v[k]);
        }
    }
}

/* Where types with contexts were passed on the way, this one included. */
static struct place_set contexts_below(struct walk *w, const struct walk_step *s)
{
    struct place_set all = {0};
    if (!map_has(&w->context_types, s->type->e.name))
        return s->contexts;
    for (uint32_t i = 0; i < s->contexts.n; i++)
        place_set_add(w->a, &all, s->contexts.v[i]);
    for (uint32_t i = 0; i < s->places.n; i++)
        place_set_add(w->a, &all, s->places.v[i]);
    return all;
}

static bool sets_context(const struct walk *w, const struct fed_subgraph *sg, const struct fed_type *type,
                         struct str context)
{
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        const struct fed_type *t = sg->schema->types.v[i];
        for (size_t j = 0; j < t->e.applied.n; j++)
            if (str_eq(t->e.applied.v[j].name, sg->dir_name[FED_CONTEXT]) &&
                str_eq(fed_applied_str(&t->e.applied.v[j], STR("name")), context)) {
                const struct fed_type *merged = fed_schema_type(w->mg->out, t->e.name);
                if (merged && fed_type_can_be(merged, type))
                    return true;
            }
    }
    return false;
}

/* What of a context's selection is asked of an object type: not the fragments on others. */
static const struct fed_selections *selection_on(struct walk *w, const struct fed_type *type, struct str selection)
{
    struct str key = arena_printf(w->a, "%.*s %.*s", STR_ARG(type->e.name), STR_ARG(selection));
    struct fed_selections *set = map_get(&w->context_selections, key);
    if (set || map_has(&w->context_selections, key))
        return set;
    set = fieldset_parse_lenient(w->mg->out, fed_schema_type(w->mg->out, type->e.name), selection);
    uint32_t n = 0;
    for (uint32_t i = 0; set && i < set->n; i++)
        if (!set->v[i].condition || set->v[i].condition->kind != GQL_OBJECT_TYPE || set->v[i].condition == type)
            set->v[n++] = set->v[i];
    if (set)
        set->n = n;
    map_put(w->a, &w->context_selections, key, set);
    return set;
}

/* From a place where the way went on with `field`, is the selection readable? */
static bool readable_at(struct walk *w, const struct walk_step *s, uint32_t id, const struct fed_field *field,
                        const struct fed_selections *set, struct approach how)
{
    struct place_set behind = {0};
    const struct place *p = w->graph.places.v[id];
    return graph_direct(&w->graph, p, s->type, field->e.name, how, &behind) && graph_can_read(&w->graph, id, set);
}

static bool context_readable(struct walk *w, const struct walk_step *s, const struct fed_field *field,
                             struct str selection)
{
    const struct fed_selections *set = selection_on(w, s->type, selection);
    struct approach how = {.choices = s->choices, .n_choices = s->n_choices};
    for (uint32_t i = 0; set && i < s->places.n; i++) {
        const struct place *p = w->graph.places.v[s->places.v[i]];
        how.by_key = false;
        if (readable_at(w, s, p->id, field, set, how))
            return true;
        how.by_key = true;
        for (uint32_t j = 0; j < p->reach.n; j++)
            if (readable_at(w, s, p->reach.v[j], field, set, how))
                return true;
    }
    return false;
}

/* The nearest type on the way that sets the context gives the value. */
static bool context_met(struct walk *w, const struct walk_step *s, const struct fed_subgraph *sg, struct str context,
                        struct str selection)
{
    for (; s->parent; s = s->parent)
        if (s->field && sets_context(w, sg, s->parent->type, context))
            return context_readable(w, s->parent, s->field, selection);
    return false;
}

/* Can all arguments be filled in that the field takes from contexts in that subgraph? */
static bool contexts_met(struct walk *w, const struct walk_step *s, const struct place *p, struct str field)
{
    struct fed_field *f = p->type->kind == GQL_OBJECT_TYPE ? fed_type_field(p->type, field) : NULL;
    for (size_t i = 0; f && p->sg->dir_name[FED_FROM_CONTEXT].p && i < f->args.n; i++) {
        const struct fed_applied *d = fed_find(p->sg, &f->args.v[i]->e, FED_FROM_CONTEXT);
        struct str name, selection;
        if (d && context_split(fed_applied_str(d, STR("field")), &name, &selection) &&
            (!graph_has_own_key(p->sg, p->type) || !context_met(w, s, p->sg, name, selection)))
            return false;
    }
    return true;
}

/* ---- failures ---- */

static void fail(struct walk *w, const struct walk_step *s, const struct fed_elem *next)
{
    if (w->mg->m->errors.n + w->failures.n > SATISFY_ERRORS_MAX)
        return;
    struct str text = witness_message(&w->graph, s, next);
    struct compose_message m = {
        .code = STR("SATISFIABILITY_ERROR"), .message = text, .coordinate = fed_coordinate(w->a, next)};
    vec_push(w->a, w->attempt ? &w->failures : &w->mg->m->errors, m);
}

/* ---- steps ---- */

static struct walk_step *step_new(struct walk *w, const struct walk_step *from, const struct fed_type *type,
                                  const struct fed_field *field)
{
    struct walk_step *s = arena_new_of(w->a, struct walk_step);
    s->parent = from;
    s->type = type;
    s->field = field;
    if (from) {
        s->choices = from->choices;
        s->n_choices = from->n_choices;
        s->contexts = from->contexts;
    }
    return s;
}

static void open_step(struct walk *w, struct walk_step *s)
{
    if (s->places.n)
        vec_push(w->a, &w->open, s);
}

static void choose(struct walk *w, struct walk_step *s, struct str label, bool on)
{
    struct label_choice *c = arena_array(w->a, struct label_choice, s->n_choices + 1);
    if (s->n_choices)
        memcpy(c, s->choices, s->n_choices * sizeof *c);
    c[s->n_choices] = (struct label_choice){label, on};
    s->choices = c;
    s->n_choices++;
}

/* ---- shared fields that give abstract types must agree on some type ---- */

static uint32_t count_common(struct walk *w, const struct walk_step *s, bool *any, bool *different)
{
    const struct fed_type *t = s->type;
    struct bits *common = bits_new(w->a, (uint32_t)w->mg->out->types.n), *first = NULL;
    for (size_t i = 0; i < t->possible.n; i++)
        if (!hidden(w, &t->possible.v[i]->e))
            bits_set(common, t->possible.v[i]->id);
    for (uint32_t i = 0; i < s->places.n; i++) {
        const struct place *p = w->graph.places.v[s->places.v[i]];
        struct bits *here = bits_new(w->a, (uint32_t)w->mg->out->types.n);
        for (size_t j = 0; j < p->type->possible.n; j++) {
            struct fed_type *merged = fed_schema_type(w->mg->out, p->type->possible.v[j]->e.name);
            if (merged)
                bits_set(here, merged->id);
        }
        if (p->type->interface_object)
            continue;
        *any |= !bits_empty(here);
        *different |= first && !bits_equal(first, here);
        first = first ? first : here;
        bits_and(common, here);
    }
    return bits_count(common);
}

/* False when the field cannot be resolved alike everywhere. */
static bool check_shared(struct walk *w, const struct walk_step *from, const struct walk_step *s)
{
    uint32_t ways = 0;
    bool any = false, different = false;
    if ((s->type->kind != GQL_INTERFACE && s->type->kind != GQL_UNION) || !graph_is_shared(from->type, s->field))
        return true;
    for (uint32_t i = 0; i < s->places.n; i++)
        if (w->graph.places.v[s->places.v[i]]->type->kind != GQL_OBJECT_TYPE)
            ways += 1 + place_set_has(&s->twice, s->places.v[i]);
    if (ways < 2)
        return true;
    uint32_t common = count_common(w, s, &any, &different);
    if (!any || (common && !different))
        return true;
    struct str at = fed_coordinate(w->a, &s->field->e), who = witness_types(&w->graph, s);
    if (common) {
        msg_hint(w->mg->m, COMPOSE_WARN, in_supergraph(&s->field->e), "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                 "shared field \"%.*s\" can give different types: %.*s. All subgraphs must resolve it alike, so let "
                 "them give only the "
                 "common ones",
                 STR_ARG(at), STR_ARG(who));
        return true;
    }
    msg_error(w->mg->m, in_supergraph(&s->field->e), "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
              "shared field \"%.*s\" gives types that have nothing in common: %.*s. All subgraphs must resolve it "
              "alike, as in this query:\n%.*s\nLet all subgraphs give the same types there",
              STR_ARG(at), STR_ARG(who), STR_ARG(witness_query(&w->graph, s, NULL)));
    return false;
}

/* ---- fields ---- */

/* One comes to `places` from `from`, a place of `s`: notes which can be come to in several ways. */
static void arrive(struct walk *w, const struct walk_step *s, uint32_t from, const struct place_set *places,
                   struct place_set *out)
{
    bool again = place_set_has(&s->twice, from);
    for (uint32_t i = 0; i < places->n; i++)
        if (!place_set_add(w->a, out, places->v[i]) || again)
            place_set_add(w->a, &w->twice, places->v[i]);
}

static bool advance_direct(struct walk *w, const struct walk_step *s, uint32_t from, const struct place *p,
                           const struct fed_field *f, struct approach how, struct place_set *out)
{
    struct place_set behind = {0};
    if (!contexts_met(w, s, p, f->e.name) || !graph_direct(&w->graph, p, s->type, f->e.name, how, &behind))
        return false;
    arrive(w, s, from, &behind, out);
    return true;
}

static bool advance_one(struct walk *w, const struct walk_step *s, uint32_t place, const struct fed_field *f,
                        struct place_set *out)
{
    struct approach how = {.start = s->parent == NULL, .choices = s->choices, .n_choices = s->n_choices};
    const struct place *p = w->graph.places.v[place];
    bool ok = advance_direct(w, s, place, p, f, how, out);
    how.by_key = true;
    for (uint32_t i = 0; s->parent && i < p->reach.n; i++)
        ok |= advance_direct(w, s, place, w->graph.places.v[p->reach.v[i]], f, how, out);
    return ok;
}

/* `s` with the label decided goes on behind field f. */
static void walk_field(struct walk *w, const struct walk_step *s, const struct fed_field *f)
{
    struct fed_type *type = fed_ref_type(w->mg->out, f->type);
    struct walk_step *next = step_new(w, s, type, f);
    bool ok = false;
    w->twice = (struct place_set){0};
    for (uint32_t i = 0; i < s->places.n; i++)
        ok |= advance_one(w, s, s->places.v[i], f, &next->places);
    next->twice = w->twice;
    graph_solve(&w->graph);
    if (!ok) {
        fail(w, s, &f->e);
        return;
    }
    if (!type || !fed_type_is_composite(type))
        return;
    next->contexts = contexts_below(w, s);
    if (check_shared(w, s, next))
        open_step(w, next);
}

static struct str label_of(const struct fed_field *f)
{
    for (size_t i = 0; i < f->e.applied.n; i++) {
        struct str label = str_eq(f->e.applied.v[i].name, STR("join__field"))
                               ? fed_applied_str(&f->e.applied.v[i], STR("overrideLabel"))
                               : STR_NONE;
        if (label.p)
            return label;
    }
    return STR_NONE;
}

static void walk_labelled_field(struct walk *w, const struct walk_step *s, const struct fed_field *f)
{
    struct str label = label_of(f);
    bool decided = !label.p;
    for (uint32_t i = 0; !decided && i < s->n_choices; i++)
        decided = str_eq(s->choices[i].label, label);
    if (decided) {
        walk_field(w, s, f);
        return;
    }
    for (int on = 0; on < 2; on++) {
        struct walk_step *copy = arena_memdup(w->a, s, sizeof *s);
        choose(w, copy, label, on);
        walk_field(w, copy, f);
    }
}

/* ---- casts ---- */

/* Some subgraph knows that it never gives such an object here: nothing to ask. */
static bool never(const struct walk *w, const struct walk_step *s, const struct fed_type *type)
{
    for (uint32_t i = 0; i < s->places.n; i++) {
        const struct place *p = w->graph.places.v[s->places.v[i]];
        if (s->type->kind == GQL_INTERFACE && p->type->kind == GQL_OBJECT_TYPE)
            continue;
        bool possible = false;
        for (size_t j = 0; j < p->type->possible.n && !possible; j++)
            possible = str_eq(p->type->possible.v[j]->e.name, type->e.name);
        if (!possible)
            return true;
    }
    return false;
}

static void walk_cast(struct walk *w, const struct walk_step *s, const struct fed_type *type)
{
    struct walk_step *next = step_new(w, s, type, NULL);
    if (never(w, s, type))
        return;
    w->twice = (struct place_set){0};
    for (uint32_t i = 0; i < s->places.n; i++) {
        struct place_set cast = {0};
        graph_cast(&w->graph, s->places.v[i], type->e.name, &cast);
        arrive(w, s, s->places.v[i], &cast, &next->places);
    }
    next->twice = w->twice;
    graph_solve(&w->graph);
    if (next->places.n == 0)
        fail(w, s, &type->e);
    else
        open_step(w, next);
}

static void walk_step(struct walk *w, const struct walk_step *s)
{
    if (seen(w, s))
        return;
    if (s->type->kind == GQL_OBJECT_TYPE) {
        for (size_t i = 0; i < s->type->fields.n; i++)
            if (!hidden(w, &s->type->fields.v[i]->e))
                walk_labelled_field(w, s, s->type->fields.v[i]);
        return;
    }
    for (size_t i = 0; i < s->type->possible.n; i++)
        if (!hidden(w, &s->type->possible.v[i]->e))
            walk_cast(w, s, s->type->possible.v[i]);
}

static bool walk_open(struct walk *w)
{
    while (w->open.n) {
        struct walk_step *s = vec_last(&w->open);
        w->open.n--;
        if (++w->steps > SATISFY_STEPS_MAX || w->open.n > SATISFY_STEPS_MAX) {
            msg_error(
                w->mg->m, (struct where){.coordinate = STR("schema")}, "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
                "more than %d ways through the subgraphs had to be checked: use fewer keys and fewer shared types",
                SATISFY_STEPS_MAX);
            return false;
        }
        walk_step(w, s);
    }
    return true;
}

/* ---- roots ---- */

static struct walk_step *root_step(struct walk *w, enum gql_operation_kind kind)
{
    struct str name = w->mg->out->root_name[kind];
    struct fed_type *type = name.p ? fed_schema_type(w->mg->out, name) : NULL;
    if (!type || hidden(w, &type->e))
        return NULL;
    struct walk_step *s = step_new(w, NULL, type, NULL);
    for (uint32_t i = 0; i < w->mg->n; i++) {
        struct fed_type *t = fed_schema_type(w->mg->sg[i].schema, name);
        if (t && t->fields.n && fed_type_is_root(w->mg->sg[i].schema, t, kind))
            place_set_add(w->a, &s->places, graph_place(&w->graph, &w->mg->sg[i], t, NULL));
    }
    graph_solve(&w->graph);
    return s;
}

/* A mutation runs in one subgraph: at least one of those that have it must be able to answer everything below it. */
static void walk_mutation(struct walk *w, const struct walk_step *root, const struct fed_field *f)
{
    struct str said = STR("");
    for (uint32_t i = 0; i < root->places.n; i++) {
        struct walk_step *only = arena_memdup(w->a, root, sizeof *root);
        struct place_set behind = {0};
        only->places = (struct place_set){0};
        place_set_add(w->a, &only->places, root->places.v[i]);
        if (!advance_one(w, only, root->places.v[i], f, &behind))
            continue;
        memset(w->visits, 0, w->mg->out->types.n * sizeof *w->visits);
        w->failures.n = 0;
        w->attempt = true;
        walk_labelled_field(w, only, f);
        walk_open(w);
        w->attempt = false;
        if (w->failures.n == 0)
            return;
        said = arena_printf(w->a, "%.*s\nWhen it runs in subgraph \"%.*s\":\n%.*s", STR_ARG(said),
                            STR_ARG(w->graph.places.v[root->places.v[i]]->sg->name), STR_ARG(w->failures.v[0].message));
    }
    msg_error(w->mg->m, in_supergraph(&f->e), "SATISFIABILITY_ERROR",
              "mutation \"%.*s\" must be answerable when it runs in one of its subgraphs, and it is in none:%.*s\n"
              "Let one of them answer all of it",
              STR_ARG(fed_coordinate(w->a, &f->e)), STR_ARG(said));
}

static bool in_several(struct walk *w, const struct walk_step *root, const struct fed_field *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < root->places.n; i++) {
        struct place_set out = {0};
        n += advance_one(w, root, root->places.v[i], f, &out);
    }
    return n > 1;
}

static void walk_root(struct walk *w, enum gql_operation_kind kind)
{
    struct walk_step *s = root_step(w, kind);
    if (!s)
        return;
    if (kind != GQL_MUTATION) {
        open_step(w, s);
        walk_open(w);
        return;
    }
    struct fed_field_vec several = {0};
    for (size_t i = 0; i < s->type->fields.n; i++) {
        struct fed_field *f = s->type->fields.v[i];
        if (hidden(w, &f->e))
            continue;
        if (in_several(w, s, f))
            vec_push(w->a, &several, f);
        else
            walk_labelled_field(w, s, f);
    }
    walk_open(w);
    for (size_t i = 0; i < several.n; i++)
        walk_mutation(w, s, several.v[i]);
}

void satisfy_check(struct merge *mg)
{
    struct walk w = {.mg = mg, .a = mg->a};
    graph_init(&w.graph, mg);
    w.visits = arena_array(w.a, struct visit_vec, mg->out->types.n);
    note_context_types(&w);
    walk_root(&w, GQL_QUERY);
    walk_root(&w, GQL_SUBSCRIPTION);
    walk_root(&w, GQL_MUTATION);
}
