/* What a reply lacks although it was asked for. Looked for when all of the reply has been read: a member may come
 * later, and an error of the subgraph is a better reason than any that could be given here. What others have brought is
 * not missed. */
#include "router/reply_reader.h"

static bool asked_of(const struct plan_shape_field *field, const struct record *rec)
{
    return !field->types || (rec->type && bits_has(field->types, rec->type->id));
}

void reader_check_members(struct reader *rd, const struct plan_shape *shape, const struct record *rec, uint32_t n_taken)
{
    uint32_t n_asked = 0;

    for (uint32_t i = 0; i < shape->n_fields && !rd->lacks_members; i++) {
        if (!asked_of(&shape->fields[i], rec))
            continue;
        n_asked++;
        rd->lacks_members = rec->slots[shape->fields[i].slot].kind == SLOT_UNSET;
    }
    rd->lacks_members |= n_taken < n_asked;
}

static void fail_record(struct reader *rd, struct record *rec, const struct plan_shape *shape,
                        struct result_error *why);

static void fail_below(struct reader *rd, struct slot *s, const struct plan_shape *shape, struct result_error *why)
{
    if (s->kind == SLOT_RECORD)
        fail_record(rd, s->record, shape, why);
    for (uint32_t i = 0; s->kind == SLOT_LIST && i < s->list->n; i++)
        fail_below(rd, &s->list->items[i], shape, why);
}

static void fail_record(struct reader *rd, struct record *rec, const struct plan_shape *shape, struct result_error *why)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        const struct plan_shape_field *field = &shape->fields[i];
        const struct plan_slot *slot = &rec->layout->slots[field->slot];
        struct slot *s = &rec->slots[field->slot];
        if (s->kind != SLOT_UNSET && field->child)
            fail_below(rd, s, field->child, why);
        else if (s->kind == SLOT_UNSET && (why || asked_of(field, rec)))
            slot_fail(rd->result, s, why ? why : reader_misfit(rd, rec, slot, "nothing", reader_wanted_text(slot)));
    }
}

static void fail_entry(struct reader *rd, const struct rep_entry *entry, const struct plan_shape *shape,
                       struct result_error *why)
{
    fail_record(rd, entry->first, shape, why);
    for (size_t i = 0; i < entry->others.n; i++)
        fail_record(rd, entry->others.v[i], shape, why);
}

static struct result_error *too_few_entities(struct reader *rd, const struct rep_set *set)
{
    if (set->answer == JSON_ARRAY)
        return result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                                "Subgraph \"%.*s\" answered %zu entities to %zu representations", STR_ARG(rd->service),
                                set->n_answered, set->entries.n);
    return result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                            "Subgraph \"%.*s\" answered %s for _entities where a list belongs", STR_ARG(rd->service),
                            reader_kind_text(set->answer));
}

static bool lacks_anything(const struct rep_entry *entry, const struct plan_shape *shape)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (entry->first->slots[shape->fields[i].slot].kind == SLOT_UNSET)
            return true;
    return false;
}

static void fail_entities(struct reader *rd, struct rep_set *set, struct result_error *why)
{
    const struct plan_shape *shape = set->entities->shape;

    for (size_t i = set->n_answered; i < set->entries.n && !set->entities->reentry; i++) {
        if (!lacks_anything(&set->entries.v[i], shape))
            continue; /* an error of the subgraph hangs there */
        why = why ? why : too_few_entities(rd, set);
        fail_entry(rd, &set->entries.v[i], shape, why);
    }
}

void reader_fail_rest(struct reader *rd, struct result_error *why)
{
    if (rd->fetch->kind == PLAN_FETCH_ROOT)
        fail_record(rd, rd->result->root, rd->fetch->shape, why);
    for (size_t i = 0; i < rd->n_sets; i++)
        for (size_t k = 0; k < rd->sets[i].entries.n; k++)
            fail_entry(rd, &rd->sets[i].entries.v[k], rd->sets[i].entities->shape, why);
}

void reader_fail_missing(struct reader *rd, struct result_error *why)
{
    for (size_t i = 0; i < rd->n_sets; i++)
        fail_entities(rd, &rd->sets[i], why);
    if (rd->lacks_members)
        reader_fail_rest(rd, why);
}
