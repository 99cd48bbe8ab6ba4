#include "graphql/validate.h"

#include "graphql/rules.h"
#include "graphql/suggest.h"

#define CODE STR("GRAPHQL_VALIDATION_FAILED")

void gql_rule_report(struct gql_validation *v, const struct gql_loc *locs, size_t n, const char *fmt, ...)
{
    if (v->stopped)
        return;
    if (v->errors->n - v->errors_before >= GQL_ERRORS_MAX) {
        v->stopped = true;
        gql_error_add(v->a, v->errors, CODE, NULL, 0,
                      "Too many validation errors, error limit reached. Validation aborted.");
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(v->a, fmt, ap);
    va_end(ap);
    gql_error_add(v->a, v->errors, CODE, locs, (uint32_t)n, "%.*s", STR_ARG(message));
}

void gql_rule_unique(struct gql_validation *v, struct gql_name_list list, struct str before)
{
    struct gql_errors found = {0};
    gql_check_unique(v->a, &found, CODE, list, before, STR("\"."));
    for (size_t i = 0; i < found.n; i++)
        gql_rule_report(v, found.v[i].locs, found.v[i].n_locs, "%.*s", STR_ARG(found.v[i].message));
}

/* ---- names of types ---- */

struct gql_type *gql_rule_type(const struct gql_validation *v, struct str name)
{
    struct gql_type *t = gql_schema_type(v->s, name);
    return t && t->listed ? t : NULL;
}

struct gql_tref *gql_rule_type_ref(struct gql_validation *v, const struct gql_type_ref *ref)
{
    struct gql_tref *t = gql_schema_tref(v->a, v->s, ref);
    return t && gql_tref_named(t)->listed ? t : NULL;
}

void gql_rule_known_type(struct gql_validation *v, struct str name, struct gql_loc loc)
{
    if (gql_rule_type(v, name))
        return;
    struct str_vec names = {0};
    for (uint32_t i = 0; i < v->s->n_listed; i++)
        vec_push(v->a, &names, v->s->listed[i]->name);
    struct str hint = gql_suggest(v->a, "", name, &names);
    GQL_REPORT(v, GQL_AT(loc), "Unknown type \"%.*s\".%.*s", STR_ARG(name), STR_ARG(hint));
}

/* ---- fragments that are reached ---- */

struct set_vec VEC_BODY(const struct gql_selection_set *);

const struct gql_selection_vec *gql_rule_spreads(struct gql_validation *v, struct gql_part *part)
{
    if (part->has_spreads)
        return &part->spreads;
    part->has_spreads = true;
    struct set_vec sets = {0};
    vec_push(v->a, &sets, part->def->selections);
    while (sets.n) {
        const struct gql_selection_set *set = sets.v[--sets.n];
        for (uint32_t i = 0; i < set->n; i++) {
            if (set->items[i]->kind == GQL_FRAGMENT_SPREAD)
                vec_push(v->a, &part->spreads, set->items[i]);
            else if (set->items[i]->selections)
                vec_push(v->a, &sets, set->items[i]->selections);
        }
    }
    return &part->spreads;
}

static void reach(struct gql_validation *v, struct gql_part *part, struct gql_part_vec *out)
{
    const struct gql_selection_vec *spreads = gql_rule_spreads(v, part);
    for (size_t i = 0; i < spreads->n; i++) {
        struct gql_part *f = map_get(&v->fragments, spreads->v[i]->name.s);
        if (!f || f->mark == v->marks)
            continue;
        f->mark = v->marks;
        vec_push(v->a, out, f);
    }
}

void gql_rule_reached(struct gql_validation *v, struct gql_part *from, struct gql_part_vec *out)
{
    v->marks++;
    reach(v, from, out);
    for (size_t i = 0; i < out->n; i++)
        reach(v, out->v[i], out);
}

/* ---- the walk ---- */

/* Selections nest as deep as the parser allows, so the walk keeps its own stack. */
struct frame {
    const struct gql_selection_set *set;
    uint32_t next;
    struct gql_place place;
};

struct frame_vec VEC_BODY(struct frame);

static const struct gql_type *composite(const struct gql_type *t) { return t && gql_type_is_composite(t) ? t : NULL; }

static void enter_set(struct gql_validation *v, struct frame_vec *stack, const struct gql_selection_set *set,
                      struct gql_place place, bool inside_inline)
{
    if (!set)
        return;
    if (!inside_inline)
        gql_rule_overlap(v, place.parent, set);
    vec_push(v->a, stack, (struct frame){set, 0, place});
}

static void walk_field(struct gql_validation *v, struct frame_vec *stack, struct gql_place at,
                       const struct gql_selection *sel)
{
    at.field = at.parent ? gql_type_field(v->s, at.parent, sel->name.s) : NULL;
    gql_rule_field(v, &at, sel);
    gql_rule_directives(v, &at, &sel->directives, GQL_ON_FIELD);
    if (!at.introspected)
        at.introspected = gql_rule_introspection_depth(v, sel);
    at.parent = at.field ? composite(gql_tref_named(at.field->type)) : NULL;
    enter_set(v, stack, sel->selections, at, false);
}

static void walk_inline_fragment(struct gql_validation *v, struct frame_vec *stack, struct gql_place at,
                                 const struct gql_selection *sel)
{
    const struct gql_type *on = sel->on.s.p ? gql_rule_type(v, sel->on.s) : at.parent;
    gql_rule_inline_fragment(v, &at, sel, on);
    gql_rule_directives(v, &at, &sel->directives, GQL_ON_INLINE_FRAGMENT);
    at.parent = composite(on);
    enter_set(v, stack, sel->selections, at, true);
}

static void walk_selections(struct gql_validation *v, struct gql_part *part, const struct gql_type *parent)
{
    struct frame_vec stack = {0};
    enter_set(v, &stack, part->def->selections, (struct gql_place){.part = part, .parent = parent}, false);
    while (stack.n && !v->stopped) {
        struct frame *top = &vec_last(&stack);
        if (top->next == top->set->n) {
            stack.n--;
            continue;
        }
        const struct gql_selection *sel = top->set->items[top->next++];
        struct gql_place at = top->place;
        if (sel->kind == GQL_FIELD) {
            walk_field(v, &stack, at, sel);
        } else if (sel->kind == GQL_INLINE_FRAGMENT) {
            walk_inline_fragment(v, &stack, at, sel);
        } else {
            gql_rule_spread(v, &at, sel);
            gql_rule_directives(v, &at, &sel->directives, GQL_ON_FRAGMENT_SPREAD);
        }
    }
}

static void walk_operation(struct gql_validation *v, struct gql_part *part)
{
    static const enum gql_directive_location WHERE[] = {GQL_ON_QUERY, GQL_ON_MUTATION, GQL_ON_SUBSCRIPTION};
    const struct gql_definition *def = part->def;
    struct gql_place at = {.part = part};
    gql_rule_variable_definitions(v, part);
    gql_rule_directives(v, &at, &def->directives, WHERE[def->operation]);
    gql_rule_subscription(v, part);
    gql_rule_incremental(v, part);
    walk_selections(v, part, gql_schema_root(v->s, def->operation));
}

static void walk_fragment(struct gql_validation *v, struct gql_part *part)
{
    struct gql_place at = {.part = part};
    gql_rule_fragment(v, part);
    gql_rule_directives(v, &at, &part->def->directives, GQL_ON_FRAGMENT_DEFINITION);
    walk_selections(v, part, composite(gql_rule_type(v, part->def->on.s)));
}

bool gql_validate(struct arena *a, const struct gql_schema *schema, const struct gql_document *doc,
                  struct gql_errors *errors)
{
    struct gql_validation v = {.a = a, .s = schema, .doc = doc, .errors = errors, .errors_before = errors->n};
    v.parts = arena_array(a, struct gql_part, doc->n);
    for (uint32_t i = 0; i < doc->n; i++) {
        v.parts[i].def = doc->definitions[i];
        if (doc->definitions[i]->kind == GQL_FRAGMENT)
            map_put(a, &v.fragments, doc->definitions[i]->name.s, &v.parts[i]);
    }
    gql_rule_definitions(&v);
    for (uint32_t i = 0; i < doc->n && !v.stopped; i++) {
        if (doc->definitions[i]->kind == GQL_OPERATION)
            walk_operation(&v, &v.parts[i]);
        else if (doc->definitions[i]->kind == GQL_FRAGMENT)
            walk_fragment(&v, &v.parts[i]);
    }
    for (uint32_t i = 0; i < doc->n && !v.stopped; i++)
        if (doc->definitions[i]->kind == GQL_OPERATION)
            gql_rule_variables(&v, &v.parts[i]);
    if (!v.stopped)
        gql_rule_fragments(&v);
    return errors->n == v.errors_before;
}

/* ---- what to run ---- */

const struct gql_definition *gql_document_operation(struct arena *a, const struct gql_document *doc, struct str name,
                                                    struct gql_errors *errors)
{
    const struct gql_definition *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < doc->n; i++) {
        const struct gql_definition *d = doc->definitions[i];
        if (d->kind != GQL_OPERATION || (name.p && !str_eq(d->name.s, name)))
            continue;
        found = found ? found : d;
        n++;
    }
    if (found && (n == 1 || name.p))
        return found;
    struct str code = STR("OPERATION_RESOLUTION_FAILURE");
    if (name.p)
        gql_error_add(a, errors, code, NULL, 0, "Unknown operation named \"%.*s\".", STR_ARG(name));
    else if (n)
        gql_error_add(a, errors, code, NULL, 0, "Must provide operation name if query contains multiple operations.");
    else
        gql_error_add(a, errors, code, NULL, 0, "Must provide an operation.");
    return NULL;
}

const struct gql_definition *gql_document_fragment(const struct gql_document *doc, struct str name)
{
    for (uint32_t i = 0; i < doc->n; i++)
        if (doc->definitions[i]->kind == GQL_FRAGMENT && str_eq(doc->definitions[i]->name.s, name))
            return doc->definitions[i];
    return NULL;
}
