/* `data` of an entity fetch. */
#include "router/reply_reader.h"

/* Records with the same representation share what the first one got. A place that already has an object of its own
 * (from another fetch) cannot share it and is filled from the bytes once more; so is one whose objects may get
 * different values from contexts. */
static bool can_share(const struct plan_shape *shape, const struct record *rec)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].child &&
            (rec->slots[shape->fields[i].slot].kind != SLOT_UNSET || shape->fields[i].child->layout->contextual))
            return false;
    return true;
}

static bool only_leaves(const struct plan_shape *shape)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].child)
            return false;
    return true;
}

static void share_slots(struct reader *rd, const struct plan_shape *shape, const struct record *from, struct record *to)
{
    if (!to->type)
        to->type = from->type;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        uint32_t at = shape->fields[i].slot;
        if (from->slots[at].kind == SLOT_UNSET || slot_has_data(&to->slots[at]))
            continue;
        to->slots[at] = from->slots[at];
        if (shape->fields[i].verbatim && to->slots[at].kind == SLOT_LEAF)
            vec_push(rd->result->arena, &rd->verbatim, (struct verbatim_place){to, &shape->fields[i]});
    }
}

/* There is no slot where this could hang: it is told without a place. */
static void typeless(struct reader *rd, const struct record *rec)
{
    for (size_t i = 0; i < rd->strange.n; i++)
        if (rd->strange.v[i].rec == rec)
            return;
    if (rd->n_misfits++ < REPLY_ERRORS_MAX)
        result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                         "Subgraph \"%.*s\" answered an object without a __typename for %.*s in _entities",
                         STR_ARG(rd->service), STR_ARG(rec->layout->type->name));
}

static void read_entity(struct reader *rd, const struct plan_shape *shape, struct rep_entry *entry)
{
    struct json_reader begin = rd->json;
    bool leaves = only_leaves(shape);

    reader_object(rd, shape, entry->first);
    if (shape->has_typename && !shape->interface_object && !entry->first->type && !rd->json.failed)
        typeless(rd, entry->first);
    for (size_t i = 0; i < entry->others.n && !rd->json.failed; i++) {
        if (leaves || can_share(shape, entry->others.v[i])) {
            share_slots(rd, shape, entry->first, entry->others.v[i]);
        } else {
            rd->json = begin;
            reader_object(rd, shape, entry->others.v[i]);
        }
    }
}

void reader_fail_entry(struct reader *rd, const struct plan_shape *shape, struct rep_entry *entry,
                       struct result_error *e)
{
    record_fail(rd->result, entry->first, shape, e);
    for (size_t i = 0; i < entry->others.n; i++)
        record_fail(rd->result, entry->others.v[i], shape, e);
}

static void read_entity_list(struct reader *rd, struct rep_set *set)
{
    const struct plan_shape *shape = set->entities->shape;
    struct str raw;
    size_t n = 0;

    set->answer = json_peek(&rd->json);
    if (set->answer != JSON_ARRAY) {
        json_skip(&rd->json, &raw);
        return;
    }
    json_enter_array(&rd->json);
    for (bool first = true; reader_within_memory(rd) && json_next_item(&rd->json, &first); n++) {
        int kind = json_peek(&rd->json);
        struct rep_entry *entry = n < set->entries.n ? &set->entries.v[n] : NULL;
        if (entry && kind == JSON_OBJECT) {
            read_entity(rd, shape, entry);
            continue;
        }
        json_skip(&rd->json, &raw);
        if (entry && kind == JSON_NULL) {
            entry->null = true;
            record_null(rd->result, entry->first, shape);
            for (size_t i = 0; i < entry->others.n; i++)
                record_null(rd->result, entry->others.v[i], shape);
        } else if (entry) {
            reader_fail_entry(rd, shape, entry,
                       result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                                        "Subgraph \"%.*s\" answered %s in _entities where an object belongs",
                                        STR_ARG(rd->service), reader_kind_text(kind)));
        }
    }
    set->n_answered = n;
    if (!rd->json.failed && n > set->entries.n)
        result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                         "Subgraph \"%.*s\" answered %zu entities to %zu representations", STR_ARG(rd->service), n,
                         set->entries.n);
}

/* `data` itself answers for the parts that ask the root again; each takes its own members. */
static void read_reentries(struct reader *rd)
{
    struct json_reader begin = rd->json;
    for (size_t i = 0; i < rd->n_sets && !rd->json.failed; i++) {
        struct rep_set *set = &rd->sets[i];
        if (!set->entities->reentry || !set->entries.n)
            continue;
        rd->json = begin;
        read_entity(rd, set->entities->shape, &set->entries.v[0]);
    }
    if (!rd->json.failed)
        rd->json = begin;
}

void reader_entities(struct reader *rd)
{
    struct str key, raw;
    bool has_escapes;

    read_reentries(rd);
    if (rd->json.failed || !json_enter_object(&rd->json))
        return;
    for (bool first = true; reader_within_memory(rd) && json_next_member(&rd->json, &first, &key, &has_escapes);) {
        struct rep_set *set = NULL;
        for (size_t i = 0; i < rd->n_sets && !set; i++)
            if (!rd->sets[i].entities->reentry && str_eq(key, rd->sets[i].alias))
                set = &rd->sets[i];
        if (set)
            read_entity_list(rd, set);
        else
            json_skip(&rd->json, &raw);
    }
}
