/* `errors` of a subgraph: each finds the slot that it made null. */
#include "router/reply_reader.h"

/* A place in the result that a subgraph's error path leads to. */
struct place {
    struct slot *slot;
    const struct plan_shape *shape; /* of the object at the slot, or below it */
    uint32_t used;                  /* path elements that lead there */
};

/* Follows names and indexes from a record as long as there is data. Stops at the first null. */
static bool place_find(struct record *rec, const struct plan_shape *shape, const struct json *path, uint32_t from,
                       struct place *out)
{
    struct slot *slot = NULL;

    for (uint32_t i = from; i < path->n; i++) {
        const struct json *step = path->items[i];
        int64_t index;
        if (step->kind == JSON_STRING) {
            const struct plan_shape_field *field = NULL;
            for (uint32_t f = 0; shape && rec && f < shape->n_fields; f++)
                if (str_eq(shape->fields[f].key, step->text))
                    field = &shape->fields[f];
            if (!field)
                break;
            slot = &rec->slots[field->slot];
            shape = field->child;
        } else if (slot && slot->kind == SLOT_LIST && json_to_i64(step, &index) && index >= 0 &&
                   index < slot->list->n) {
            slot = &slot->list->items[index];
        } else {
            break;
        }
        *out = (struct place){slot, shape, i + 1};
        rec = slot->kind == SLOT_RECORD ? slot->record : NULL;
        if (!slot_has_data(slot))
            return true;
    }
    return slot != NULL;
}

static void hang_error(struct reader *rd, struct result_error *e, struct record *rec, const struct plan_shape *shape,
                       uint32_t from)
{
    struct place place = {0};
    if (e->path && from < e->path->n && place_find(rec, shape, e->path, from, &place)) {
        bool below = slot_has_data(place.slot); /* it is said of what others have brought */
        e->path_from = below ? e->path->n : place.used;
        e->shape = below ? NULL : place.shape;
        value_fail(rd->result, place.slot, place.shape, e);
    } else if (e->path && from == e->path->n) {
        record_fail(rd->result, rec, shape, e);
    }
}

/* An error below an entity that came as null says nothing about the entity's other fields: they are not null but
 * unknown, and no representation may claim otherwise. */
static void fail_unknown(struct reader *rd, const struct plan_shape *shape, struct record *rec,
                         const struct result_error *e)
{
    struct result_error *whole = NULL;

    for (uint32_t i = 0; i < shape->n_fields; i++) {
        struct slot *s = &rec->slots[shape->fields[i].slot];
        if (s->kind != SLOT_NULL)
            continue;
        if (!whole) {
            whole = arena_memdup(rd->result->arena, e, sizeof *e);
            whole->path_from = e->path->n;
        }
        slot_fail(rd->result, s, whole);
    }
}

static void hang_at_entry(struct reader *rd, struct result_error *e, const struct plan_shape *shape,
                          const struct rep_entry *entry)
{
    for (size_t i = 0; i <= entry->others.n; i++) {
        struct record *rec = i == 0 ? entry->first : entry->others.v[i - 1];
        hang_error(rd, e, rec, shape, 2);
        if (entry->null)
            fail_unknown(rd, shape, rec, e);
    }
}

static bool shape_has(const struct plan_shape *shape, struct str key)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (str_eq(shape->fields[i].key, key))
            return true;
    return false;
}

/* An error of a root that was asked again. Without a record there is nobody whom it concerns. */
static void hang_at_reentry(struct reader *rd, struct result_error *e, const struct rep_set *set)
{
    const struct plan_shape *shape = set->entities->shape;
    if (e->path->items[0]->kind != JSON_STRING || !shape_has(shape, e->path->items[0]->text))
        return;
    e->hung |= set->entries.n == 0;
    for (size_t k = 0; k < set->entries.n; k++) {
        hang_error(rd, e, set->entries.v[k].first, shape, 0);
        for (size_t m = 0; m < set->entries.v[k].others.n; m++)
            hang_error(rd, e, set->entries.v[k].others.v[m], shape, 0);
    }
}

static void hang_entity_error(struct reader *rd, struct result_error *e)
{
    int64_t index;

    for (size_t i = 0; e->path && i < rd->n_sets; i++) {
        struct rep_set *set = &rd->sets[i];
        if (set->entities->reentry) {
            hang_at_reentry(rd, e, set);
            continue;
        }
        if (!str_eq(e->path->items[0]->text, set->alias))
            continue;
        if (e->path->n == 1) {
            for (size_t k = 0; k < set->entries.n; k++)
                reader_fail_entry(rd, set->entities->shape, &set->entries.v[k], e);
        } else if (json_to_i64(e->path->items[1], &index) && index >= 0 && (uint64_t)index < set->entries.n) {
            hang_at_entry(rd, e, set->entities->shape, &set->entries.v[index]);
        }
    }
}

/* Names and indexes. What is something else leads nowhere. */
static const struct json *error_path(struct reader *rd, struct str raw)
{
    struct json *path = raw.len <= REPLY_PATH_BYTES_MAX ? json_parse(rd->result->arena, raw, NULL) : NULL;
    if (!path || path->kind != JSON_ARRAY || path->n == 0)
        return NULL;
    for (uint32_t i = 0; i < path->n; i++) {
        int64_t index;
        const struct json *step = path->items[i];
        if (step->kind != JSON_STRING && !(json_to_i64(step, &index) && index >= 0))
            return NULL;
    }
    return path;
}

/* One item of `errors`. Read without a tree: a subgraph may put anything into extensions. */
static struct result_error *subgraph_error(struct reader *rd, struct json_reader *json)
{
    struct str name, raw, message = STR_NONE, path = STR_NONE, extensions = STR_NONE;
    bool has_escapes;

    if (json_peek(json) != JSON_OBJECT) {
        json_skip(json, &raw);
    } else {
        json_enter_object(json);
        for (bool first = true; json_next_member(json, &first, &name, &has_escapes);) {
            int kind = json_peek(json);
            if (!json_skip(json, &raw))
                break;
            if (has_escapes)
                name = json_unescape(rd->result->arena, name);
            if (kind == JSON_STRING && str_eq(name, STR("message")))
                message = json_unescape(rd->result->arena, str_sub(raw, 1, raw.len - 2));
            else if (kind == JSON_ARRAY && str_eq(name, STR("path")))
                path = raw;
            else if (kind == JSON_OBJECT && str_eq(name, STR("extensions")))
                extensions = raw;
        }
    }
    struct result_error *e = result_error_new(rd->result, rd->service, "DOWNSTREAM_SERVICE_ERROR", "%s",
                                              "Subgraph error without a message");
    if (message.len)
        e->message = message;
    e->path = path.p ? error_path(rd, path) : NULL;
    e->path_from = e->path ? e->path->n : 0;
    e->extensions = extensions;
    return e;
}

void reader_errors(struct reader *rd, struct str raw)
{
    struct json_reader json;
    struct str skipped;
    uint32_t n = 0;

    json_reader_init(&json, raw, NULL);
    json_enter_array(&json);
    for (bool first = true; json_next_item(&json, &first); n++) {
        if (n >= REPLY_ERRORS_MAX) {
            json_skip(&json, &skipped);
            continue;
        }
        struct result_error *e = subgraph_error(rd, &json);
        if (rd->fetch->kind == PLAN_FETCH_ENTITIES)
            hang_entity_error(rd, e);
        else
            hang_error(rd, e, rd->result->root, rd->fetch->shape, 0);
    }
    if (n > REPLY_ERRORS_MAX)
        result_error_new(rd->result, rd->service, "DOWNSTREAM_SERVICE_ERROR",
                         "Subgraph \"%.*s\" answered %u more errors", STR_ARG(rd->service), n - REPLY_ERRORS_MAX);
}
