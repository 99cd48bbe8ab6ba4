#include "router/result.h"

void result_init(struct result *r, struct arena *a, const struct plan *plan, const struct gql_type *const *api_types)
{
    *r = (struct result){.arena = a, .plan = plan, .api_types = api_types};
    r->targets = arena_array(a, struct record_vec, plan->n_layouts);
    r->groups = arena_array(a, struct rep_groups *, plan->n_layouts);
    r->root = result_record(r, plan->layouts[0]);
}

struct record *result_record(struct result *r, const struct plan_layout *layout)
{
    struct record *rec = arena_alloc(r->arena, sizeof *rec + sizeof(struct slot) * layout->n_slots);
    rec->layout = layout;
    rec->type = layout->concrete;
    if (layout->is_target)
        vec_push(r->arena, &r->targets[layout->id], rec);
    return rec;
}

struct result_error *result_error_new(struct result *r, struct str service, const char *code, const char *fmt, ...)
{
    struct result_error *e = arena_new_of(r->arena, struct result_error);
    va_list ap;
    va_start(ap, fmt);
    e->message = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    e->code = str_c(code);
    e->service = service;
    vec_push(r->arena, &r->errors, e);
    return e;
}

void slot_fail(struct result *r, struct slot *s, struct result_error *e)
{
    if (s->kind != SLOT_UNSET && s->kind != SLOT_NULL && s->kind != SLOT_ERROR)
        return;
    e->hung = true;
    struct error_link *link = arena_new_of(r->arena, struct error_link);
    link->error = e;
    if (s->kind != SLOT_ERROR) {
        *s = (struct slot){.kind = SLOT_ERROR, .errors = link};
        return;
    }
    struct error_link **at = &s->errors;
    for (; *at; at = &(*at)->next)
        if ((*at)->error == e)
            return;
    *at = link;
}

void value_fail(struct result *r, struct slot *s, const struct plan_shape *shape, struct result_error *e)
{
    if (s->kind == SLOT_RECORD && shape)
        record_fail(r, s->record, shape, e);
    for (uint32_t i = 0; s->kind == SLOT_LIST && shape && i < s->list->n; i++)
        value_fail(r, &s->list->items[i], shape, e);
    slot_fail(r, s, e);
}

void record_fail(struct result *r, struct record *rec, const struct plan_shape *shape, struct result_error *e)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        value_fail(r, &rec->slots[shape->fields[i].slot], shape->fields[i].child, e);
}

/* What either of two has. Hardly ever needed: both say that an object is null which a third one brings. */
static const struct plan_shape *either_shape(struct arena *a, const struct plan_shape *one,
                                             const struct plan_shape *other)
{
    if (!one || !other || one == other)
        return one ? one : other;
    struct plan_shape *both = arena_memdup(a, one, sizeof *one);
    both->n_fields = one->n_fields + other->n_fields;
    both->fields = arena_array(a, struct plan_shape_field, both->n_fields);
    for (uint32_t i = 0; i < both->n_fields; i++)
        both->fields[i] = i < one->n_fields ? one->fields[i] : other->fields[i - one->n_fields];
    return both;
}

void value_null(struct result *r, struct slot *s, const struct plan_shape *shape)
{
    if (s->kind == SLOT_UNSET)
        *s = (struct slot){.kind = SLOT_NULL, .shape = shape};
    else if (s->kind == SLOT_NULL)
        s->shape = either_shape(r->arena, s->shape, shape);
    else if (s->kind == SLOT_RECORD && shape)
        record_null(r, s->record, shape);
    for (uint32_t i = 0; s->kind == SLOT_LIST && shape && i < s->list->n; i++)
        value_null(r, &s->list->items[i], shape);
}

static bool can_have(const struct record *rec, const struct plan_shape_field *field)
{
    return !field->maybe || !rec->type || bits_has(field->maybe, rec->type->id);
}

void record_null(struct result *r, struct record *rec, const struct plan_shape *shape)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (can_have(rec, &shape->fields[i]))
            value_null(r, &rec->slots[shape->fields[i].slot], shape->fields[i].child);
}

static void take_over_errors(struct result *r, struct slot *s, const struct error_link *errors)
{
    bool unset = s->kind == SLOT_UNSET;

    for (const struct error_link *link = errors; unset && link; link = link->next)
        slot_fail(r, s, link->error);
    for (uint32_t i = 0; s->kind == SLOT_RECORD && i < s->record->layout->n_slots; i++)
        take_over_errors(r, &s->record->slots[i], errors);
    for (uint32_t i = 0; s->kind == SLOT_LIST && i < s->list->n; i++)
        take_over_errors(r, &s->list->items[i], errors);
}

void value_take_over(struct result *r, struct slot *s, const struct slot *before)
{
    if (before->kind == SLOT_ERROR)
        take_over_errors(r, s, before->errors);
    else if (before->shape)
        value_null(r, s, before->shape);
}
