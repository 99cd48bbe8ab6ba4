#include "graphql/sdl.h"
#include "graphql/suggest.h"

/* Both rules walk graphs that a text can make as deep as it likes, so both keep their own stacks. */

struct places VEC_BODY(struct gql_loc);

/* Of the fields in one message. */
#define LIST_MAX (64u << 10)

/* ---- values without an end ----
 *
 * An input object can be given only when some value of it is finite: all its required fields must be finite, or one
 * field of a @oneOf. Finite types are found by working backwards from those that need nothing. */

struct need {
    const struct gql_input *field;
    const struct gql_type *target;
};

struct state {
    const struct gql_type *type;
    VEC(struct need) needs;
    VEC(struct state *) dependents;
    uint32_t open; /* needs that are not known to be finite */
    bool finite;
    bool visited;
    uint32_t path_index; /* plus one; 0: not on the path */
    size_t next;         /* need to look at, while on the stack */
};

struct state_vec VEC_BODY(struct state *);

struct finite {
    const struct gql_sdl *sdl;
    struct arena *a;
    struct state **states; /* by type id; NULL for other kinds */
    struct state_vec finite_now;
    struct state_vec stack;
    VEC(struct need) path; /* the field taken from each type of the stack; `target` is the type it belongs to */
};

static const struct gql_type *needed_type(const struct gql_type *owner, const struct gql_tref *t)
{
    if (!owner->one_of) {
        if (t->kind != GQL_REF_NON_NULL)
            return NULL;
        t = t->of;
    }
    return t->kind == GQL_REF_NAMED && t->type->kind == GQL_INPUT_OBJECT ? t->type : NULL;
}

static void mark_finite(struct finite *f, struct state *s)
{
    if (s->finite)
        return;
    s->finite = true;
    vec_push(f->a, &f->finite_now, s);
}

static void collect_needs(struct finite *f, struct state *s)
{
    for (uint32_t i = 0; i < s->type->n_inputs; i++) {
        const struct gql_type *target = needed_type(s->type, s->type->inputs[i].type);
        if (!target)
            continue;
        vec_push(f->a, &s->needs, (struct need){&s->type->inputs[i], target});
        vec_push(f->a, &f->states[target->id]->dependents, s);
    }
    s->open = (uint32_t)s->needs.n;
    if (s->type->one_of ? s->type->n_inputs == 0 || s->needs.n < s->type->n_inputs : s->open == 0)
        mark_finite(f, s);
}

static void spread_finite(struct finite *f)
{
    while (f->finite_now.n) {
        struct state *s = f->finite_now.v[--f->finite_now.n];
        for (size_t i = 0; i < s->dependents.n; i++) {
            struct state *d = s->dependents.v[i];
            if (!d->finite && (d->type->one_of || --d->open == 0))
                mark_finite(f, d);
        }
    }
}

static void report_endless(struct finite *f, const struct gql_type *target, size_t from)
{
    struct buf list;
    struct places places = {0};
    buf_init(&list, LIST_MAX);
    for (size_t i = from; i < f->path.n; i++) {
        const struct need *step = &f->path.v[i];
        buf_printf(&list, "%s%.*s.%.*s", i == from ? "" : ", ", STR_ARG(step->target->name),
                   STR_ARG(step->field->name));
        vec_push(f->a, &places, step->field->ast->loc);
    }
    gql_error_add(f->a, f->sdl->errors, GQL_CODE_SCHEMA, places.v, (uint32_t)places.n,
                  "Input Object %.*s cannot be provided a finite value because it references itself through fields: "
                  "%.*s.",
                  STR_ARG(target->name), STR_ARG(buf_str(&list)));
    buf_free(&list);
}

static void enter(struct finite *f, struct state *s)
{
    s->visited = true;
    s->path_index = (uint32_t)f->path.n + 1;
    vec_push(f->a, &f->stack, s);
}

static void leave(struct finite *f)
{
    f->stack.v[--f->stack.n]->path_index = 0;
    if (f->stack.n)
        f->path.n--;
}

static void report_cycles_from(struct finite *f, struct state *start)
{
    enter(f, start);
    while (f->stack.n) {
        struct state *s = vec_last(&f->stack);
        if (s->next == s->needs.n) {
            leave(f);
            continue;
        }
        struct need need = s->needs.v[s->next++];
        struct state *target = f->states[need.target->id];
        if (target->finite)
            continue;
        vec_push(f->a, &f->path, (struct need){need.field, s->type});
        if (!target->path_index && !target->visited) {
            enter(f, target);
            continue;
        }
        if (target->path_index)
            report_endless(f, need.target, target->path_index - 1);
        f->path.n--;
    }
}

static void check_finite(const struct gql_sdl *sdl, const struct gql_schema *s)
{
    struct finite f = {.sdl = sdl, .a = sdl->arena};
    f.states = arena_array(f.a, struct state *, s->n_types);
    for (uint32_t i = 0; i < s->n_types; i++) {
        if (s->types[i]->kind != GQL_INPUT_OBJECT)
            continue;
        f.states[i] = arena_new_of(f.a, struct state);
        f.states[i]->type = s->types[i];
    }
    for (uint32_t i = 0; i < s->n_types; i++)
        if (f.states[i])
            collect_needs(&f, f.states[i]);
    spread_finite(&f);
    for (uint32_t i = 0; i < s->n_types; i++)
        if (f.states[i] && !f.states[i]->finite && !f.states[i]->visited)
            report_cycles_from(&f, f.states[i]);
}

/* ---- defaults that contain themselves ----
 *
 * `input A { b: B = {} }` with `input B { a: A = {} }`: filling in one default needs the other without end. */

enum step_kind { STEP_VALUE, STEP_FIELD, STEP_LEAVE };

struct step {
    enum step_kind kind;
    const struct gql_type *type;   /* VALUE: of the value; FIELD: that has the field */
    const struct gql_value *value; /* VALUE; NULL: an object without fields */
    uint32_t field;                /* FIELD, LEAVE: its index */
};

struct field_state {
    bool visited;
    uint32_t path_index; /* plus one; 0: not on the path */
};

struct on_path {
    const struct gql_type *type;
    uint32_t field;
};

struct defaults {
    const struct gql_sdl *sdl;
    struct arena *a;
    struct field_state **fields; /* by type id, by field */
    VEC(struct step) steps;      /* what is still to be done; the next one is the last */
    VEC(struct on_path) path;
};

static const struct gql_value *given(const struct gql_value *object, struct str name)
{
    for (uint32_t i = object ? object->n : 0; i > 0; i--)
        if (str_eq(object->fields[i - 1].name.s, name))
            return object->fields[i - 1].value;
    return NULL;
}

static void step_value(struct defaults *d, struct step s)
{
    if (s.value && s.value->kind == GQL_LIST)
        for (uint32_t i = s.value->n; i > 0; i--)
            vec_push(d->a, &d->steps, (struct step){STEP_VALUE, s.type, s.value->items[i - 1], 0});
    if (s.value && s.value->kind != GQL_OBJECT)
        return;
    for (uint32_t i = s.type->n_inputs; i > 0; i--) {
        const struct gql_input *field = &s.type->inputs[i - 1];
        const struct gql_type *t = gql_tref_named(field->type);
        if (t->kind != GQL_INPUT_OBJECT)
            continue;
        const struct gql_value *v = given(s.value, field->name);
        vec_push(d->a, &d->steps,
                 v ? (struct step){STEP_VALUE, t, v, 0} : (struct step){STEP_FIELD, s.type, NULL, i - 1});
    }
}

static struct str field_text(struct defaults *d, const struct gql_type *t, uint32_t field)
{
    return arena_printf(d->a, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(t->inputs[field].name));
}

static void report_circular(struct defaults *d, struct step s, size_t from)
{
    struct buf via;
    struct places places = {0};
    buf_init(&via, LIST_MAX);
    for (size_t i = from; i < d->path.n; i++) {
        const struct on_path *p = &d->path.v[i];
        vec_push(d->a, &places, p->type->inputs[p->field].default_value->loc);
        if (i > from)
            buf_printf(&via, "%s%.*s", via.len ? ", " : " via the default values of: ",
                       STR_ARG(field_text(d, p->type, p->field)));
    }
    gql_error_add(d->a, d->sdl->errors, GQL_CODE_SCHEMA, places.v, (uint32_t)places.n,
                  "Invalid circular reference. The default value of Input Object field %.*s references itself%.*s.",
                  STR_ARG(field_text(d, s.type, s.field)), STR_ARG(buf_str(&via)));
    buf_free(&via);
}

static void step_field(struct defaults *d, struct step s)
{
    const struct gql_input *field = &s.type->inputs[s.field];
    struct field_state *state = &d->fields[s.type->id][s.field];
    if (!field->default_value)
        return;
    if (state->path_index) {
        report_circular(d, s, state->path_index - 1);
        return;
    }
    if (state->visited)
        return;
    state->visited = true;
    vec_push(d->a, &d->path, (struct on_path){s.type, s.field});
    state->path_index = (uint32_t)d->path.n;
    vec_push(d->a, &d->steps, (struct step){STEP_LEAVE, s.type, NULL, s.field});
    vec_push(d->a, &d->steps, (struct step){STEP_VALUE, gql_tref_named(field->type), field->default_value, 0});
}

static void check_defaults(const struct gql_sdl *sdl, const struct gql_schema *s)
{
    struct defaults d = {.sdl = sdl, .a = sdl->arena};
    d.fields = arena_array(d.a, struct field_state *, s->n_types);
    for (uint32_t i = 0; i < s->n_types; i++)
        d.fields[i] = arena_array(d.a, struct field_state, s->types[i]->n_inputs);
    for (uint32_t i = 0; i < s->n_types; i++) {
        if (s->types[i]->kind != GQL_INPUT_OBJECT)
            continue;
        vec_push(d.a, &d.steps, (struct step){STEP_VALUE, s->types[i], NULL, 0});
        while (d.steps.n) {
            struct step next = d.steps.v[--d.steps.n];
            if (next.kind == STEP_VALUE) {
                step_value(&d, next);
            } else if (next.kind == STEP_FIELD) {
                step_field(&d, next);
            } else {
                d.fields[next.type->id][next.field].path_index = 0;
                d.path.n--;
            }
        }
    }
}

void gql_schema_check_inputs(const struct gql_sdl *sdl, const struct gql_schema *s)
{
    check_finite(sdl, s);
    check_defaults(sdl, s);
}
