#include "router/reply.h"

#include "json/take.h"
#include "router/leaf.h"
#include "router/verbatim.h"

/* A slot that got the text of objects as it stood. */
struct verbatim_place {
    struct record *rec;
    const struct plan_shape_field *field;
};

struct reader {
    struct result *result;
    const struct plan_fetch *fetch;
    struct rep_set *sets;
    size_t n_sets;
    struct str service;
    struct json_reader json;
    struct err err;
    size_t memory_max;        /* what the arena may have handed out when the reply has been read */
    uint32_t n_misfits;
    struct result_error *many_misfits; /* stands for all after the first REPLY_ERRORS_MAX */
    VEC(struct slot) scratch; /* items of lists whose end has not been seen; used as a stack */
    bool records_only;        /* nothing is taken as it stands any more */
    VEC(struct verbatim_place) verbatim;
};

static struct str type_name(const struct record *rec)
{
    return rec->type ? rec->type->name : rec->layout->type->name;
}

/* Told one by one as long as anybody wants to read that. */
static struct result_error *one_more_misfit(struct reader *rd)
{
    if (!rd->many_misfits)
        rd->many_misfits = result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                                            "Subgraph \"%.*s\" answered more than %u values that do not fit",
                                            STR_ARG(rd->service), REPLY_ERRORS_MAX);
    return rd->many_misfits;
}

static struct result_error *misfit(struct reader *rd, const struct record *rec, const struct plan_slot *slot, const char *got,
                                   const char *wanted)
{
    if (rd->n_misfits++ >= REPLY_ERRORS_MAX)
        return one_more_misfit(rd);
    return result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                            "Subgraph \"%.*s\" answered %s for %.*s.%.*s where %s belongs", STR_ARG(rd->service), got,
                            STR_ARG(type_name(rec)), STR_ARG(slot->field), wanted);
}

/* A reply can be made of many small things, each of which needs more memory than its bytes. */
static bool within_memory(struct reader *rd)
{
    if (arena_used(rd->result->arena) <= rd->memory_max)
        return true;
    json_reader_fail(&rd->json, "JSON_TOO_LARGE", "it has more values than one reply may have");
    return false;
}

static const char *kind_text(int kind)
{
    static const char *const TEXT[] = {"null", "a boolean", "a number", "a string", "a list", "an object"};
    return kind >= 0 && kind <= JSON_OBJECT ? TEXT[kind] : "nothing";
}

/* ---- leaves ---- */

static const char *const LEAF_TEXT[] = {
    [PLAN_LEAF_INT] = "an Int (32 bits)", [PLAN_LEAF_FLOAT] = "a Float",       [PLAN_LEAF_STRING] = "a String",
    [PLAN_LEAF_BOOLEAN] = "a Boolean",    [PLAN_LEAF_ID] = "an ID",            [PLAN_LEAF_ENUM] = "one of its enum values",
    [PLAN_LEAF_CUSTOM] = "a value",
};

static void set_leaf(struct slot *s, struct str json)
{
    *s = (struct slot){.kind = SLOT_LEAF, .len = (uint32_t)json.len, .leaf = json.p};
}

static bool enum_value_known(struct reader *rd, const struct plan_slot *slot, struct str name)
{
    const struct gql_type *api = rd->result->api_types[slot->named->id];
    return api && map_has(&api->value_by_name, name);
}

static bool take_number(struct reader *rd, const struct plan_slot *slot, struct slot *out)
{
    struct arena *a = rd->result->arena;
    struct str raw;
    bool integer;
    if (!json_read_number(&rd->json, &raw, &integer))
        return true; /* the caller sees json.failed */
    switch (slot->leaf) {
    case PLAN_LEAF_FLOAT:
        if (!leaf_float(a, raw, integer))
            return false;
        break;
    case PLAN_LEAF_INT:
        if (!leaf_int(a, raw, integer, &raw))
            return false;
        break;
    case PLAN_LEAF_ID:
        if (!leaf_id(a, raw, integer, &raw))
            return false;
        break;
    default:
        return false;
    }
    set_leaf(out, raw);
    return true;
}

static bool take_string(struct reader *rd, const struct plan_slot *slot, struct slot *out)
{
    struct str raw;
    bool has_escapes;
    if (!json_read_string(&rd->json, &raw, &has_escapes))
        return true;
    if (slot->leaf == PLAN_LEAF_ENUM) {
        struct str name = has_escapes ? json_unescape(rd->result->arena, raw) : raw;
        if (!enum_value_known(rd, slot, name))
            return false;
    } else if (slot->leaf != PLAN_LEAF_STRING && slot->leaf != PLAN_LEAF_ID) {
        return false;
    }
    set_leaf(out, str_mem(raw.p - 1, raw.len + 2));
    return true;
}

static bool take_boolean(struct reader *rd, const struct plan_slot *slot, struct slot *out)
{
    bool value;
    if (!json_read_bool(&rd->json, &value))
        return true;
    if (slot->leaf != PLAN_LEAF_BOOLEAN)
        return false;
    set_leaf(out, value ? STR("true") : STR("false"));
    return true;
}

static void read_leaf(struct reader *rd, const struct record *rec, const struct plan_slot *slot, int kind,
                      struct slot *out)
{
    struct str raw;
    bool fits;

    if (slot->leaf == PLAN_LEAF_CUSTOM) {
        if (json_skip(&rd->json, &raw))
            set_leaf(out, raw);
        return;
    }
    switch (kind) {
    case JSON_NUMBER:
        fits = take_number(rd, slot, out);
        break;
    case JSON_STRING:
        fits = take_string(rd, slot, out);
        break;
    case JSON_BOOL:
        fits = take_boolean(rd, slot, out);
        break;
    default:
        fits = false;
        json_skip(&rd->json, &raw);
    }
    if (!fits)
        slot_fail(rd->result, out, misfit(rd, rec, slot, kind_text(kind), LEAF_TEXT[slot->leaf]));
}

/* ---- objects and lists ---- */

static void read_object(struct reader *rd, const struct plan_shape *shape, struct record *rec);

static void read_record(struct reader *rd, const struct plan_shape *shape, struct slot *out)
{
    if (out->kind != SLOT_RECORD) {
        /* Another fetch may have said null or failed here: what is there now has data. */
        *out = (struct slot){.kind = SLOT_RECORD, .record = result_record(rd->result, shape->layout)};
    }
    read_object(rd, shape, out->record);
}

static void read_value(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                       uint32_t list_depth, struct slot *out);

/* A list that another fetch has brought already is completed item by item. */
static void read_list_again(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                            uint32_t list_depth, struct slot *out)
{
    struct slot_list *list = out->list;
    struct slot surplus;
    uint32_t n = 0;

    for (bool first = true; within_memory(rd) && json_next_item(&rd->json, &first); n++) {
        surplus = (struct slot){0};
        read_value(rd, rec, field, list_depth - 1, n < list->n ? &list->items[n] : &surplus);
    }
    if (!rd->json.failed && n != list->n)
        result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                         "Subgraph \"%.*s\" answered %u items for %.*s.%.*s where another subgraph answered %u",
                         STR_ARG(rd->service), n, STR_ARG(type_name(rec)), STR_ARG(rec->layout->slots[field->slot].field),
                         list->n);
}

static void read_list(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                      uint32_t list_depth, struct slot *out)
{
    if (!json_enter_array(&rd->json))
        return;
    if (out->kind == SLOT_LIST) {
        read_list_again(rd, rec, field, list_depth, out);
        return;
    }
    size_t mark = rd->scratch.n;
    for (bool first = true; json_take_item(&rd->json, &first);) {
        struct slot item = {0};
        read_value(rd, rec, field, list_depth - 1, &item);
        vec_push(rd->result->arena, &rd->scratch, item);
        within_memory(rd);
    }
    size_t n = rd->scratch.n - mark;
    rd->scratch.n = mark;
    if (rd->json.failed)
        return; /* half a list is no value */
    struct slot_list *list = arena_alloc_raw(rd->result->arena, sizeof *list + n * sizeof(struct slot));
    list->n = (uint32_t)n;
    if (n)
        memcpy(list->items, rd->scratch.v + mark, n * sizeof(struct slot));
    *out = (struct slot){.kind = SLOT_LIST, .list = list};
}

static bool has_data(const struct slot *s)
{
    return s->kind == SLOT_LEAF || s->kind == SLOT_RECORD || s->kind == SLOT_LIST;
}

static void read_value(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                       uint32_t list_depth, struct slot *out)
{
    const struct plan_slot *slot = &rec->layout->slots[field->slot];
    int kind = json_peek(&rd->json);
    struct str raw;

    if (kind < 0)
        return;
    if (kind == JSON_NULL) {
        json_read_null(&rd->json);
        if (out->kind == SLOT_UNSET)
            out->kind = SLOT_NULL;
    } else if (list_depth) {
        if (kind == JSON_ARRAY) {
            read_list(rd, rec, field, list_depth, out);
        } else {
            json_skip(&rd->json, &raw);
            slot_fail(rd->result, out, misfit(rd, rec, slot, kind_text(kind), "a list"));
        }
    } else if (field->child) {
        if (kind == JSON_OBJECT) {
            read_record(rd, field->child, out);
        } else {
            json_skip(&rd->json, &raw);
            slot_fail(rd->result, out, misfit(rd, rec, slot, kind_text(kind), "an object"));
        }
    } else if (has_data(out)) {
        json_skip(&rd->json, &raw); /* a shared field that two fetches bring: the first one stays */
    } else {
        struct slot fresh = {0};
        read_leaf(rd, rec, slot, kind, &fresh);
        *out = fresh;
    }
}

static void read_typename(struct reader *rd, const struct plan_shape *shape, struct record *rec)
{
    struct str raw;
    bool has_escapes;
    if (json_peek(&rd->json) != JSON_STRING) {
        json_skip(&rd->json, &raw);
        return;
    }
    if (!json_read_string(&rd->json, &raw, &has_escapes) || shape->interface_object || rec->layout->concrete)
        return;
    struct str name = has_escapes ? json_unescape(rd->result->arena, raw) : raw;
    const struct gql_type *type = gql_schema_type(rd->result->plan->supergraph->full, name);
    if (type && type->kind == GQL_OBJECT_TYPE) {
        rec->type = type;
        return;
    }
    result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                     "Subgraph \"%.*s\" answered __typename \"%.*s\" for %.*s, which is no object type of the supergraph",
                     STR_ARG(rd->service), STR_ARG(name), STR_ARG(rec->layout->type->name));
}

/* Subgraphs answer in the order of the document, so the field after the last one is nearly always the one. */
static const struct plan_shape_field *shape_find(const struct plan_shape *shape, struct str key, uint32_t *next)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        uint32_t at = *next + i < shape->n_fields ? *next + i : *next + i - shape->n_fields;
        if (str_eq(shape->fields[at].key, key)) {
            *next = at + 1 < shape->n_fields ? at + 1 : 0;
            return &shape->fields[at];
        }
    }
    return NULL;
}

/* What does not stand there as it should goes the ordinary way, from its beginning, and so does the rest of the reply: a reply is read
 * twice at most. */
static bool read_verbatim(struct reader *rd, const struct plan_shape_field *field, struct record *rec)
{
    struct json_reader begin = rd->json;
    struct str raw;

    if (!verbatim_take(&rd->json, field->verbatim, &rec->layout->slots[field->slot], rd->result->api_types, &raw)) {
        rd->json = begin;
        rd->records_only = true;
        return false;
    }
    set_leaf(&rec->slots[field->slot], raw);
    vec_push(rd->result->arena, &rd->verbatim, (struct verbatim_place){rec, field});
    return true;
}

/* What most fields are: a leaf in its plainest form, which nobody has brought before. */
static inline bool read_plain(struct reader *rd, const struct plan_slot *slot, struct slot *out)
{
    struct str raw;

    if (slot->child || slot->list_depth || out->kind != SLOT_UNSET)
        return false;
    if ((slot->leaf == PLAN_LEAF_STRING || slot->leaf == PLAN_LEAF_ID) && json_take_string(&rd->json, &raw))
        set_leaf(out, str_mem(raw.p - 1, raw.len + 2));
    else if (slot->leaf == PLAN_LEAF_INT && json_take_integer(&rd->json, &raw))
        set_leaf(out, raw);
    return out->kind == SLOT_LEAF;
}

static inline void read_field(struct reader *rd, const struct plan_shape *shape, const struct plan_shape_field *field,
                              struct record *rec)
{
    const struct plan_slot *slot = &shape->layout->slots[field->slot];
    struct slot *out = &rec->slots[field->slot];

    if (read_plain(rd, slot, out) || (field->verbatim && !rd->records_only && !has_data(out) && read_verbatim(rd, field, rec)))
        return;
    read_value(rd, rec, field, slot->list_depth, out);
}

static void read_object(struct reader *rd, const struct plan_shape *shape, struct record *rec)
{
    struct str key, raw;
    bool has_escapes, first = true;
    uint32_t next = 0;

    if (!json_take_open(&rd->json, '{') && !json_enter_object(&rd->json))
        return;
    for (;;) {
        while (next < shape->n_fields && json_take_name(&rd->json, &first, shape->fields[next].key_json))
            read_field(rd, shape, &shape->fields[next++], rec);
        if (json_take_close(&rd->json, '}') || !within_memory(rd) || !json_next_member(&rd->json, &first, &key, &has_escapes))
            return;
        if (has_escapes)
            key = json_unescape(rd->result->arena, key);
        const struct plan_shape_field *field = shape_find(shape, key, &next);
        if (field)
            read_field(rd, shape, field, rec);
        else if (shape->has_typename && str_eq(key, STR("__typename")))
            read_typename(rd, shape, rec);
        else
            json_skip(&rd->json, &raw);
    }
}

/* ---- entities ---- */

/* Records with the same representation share what the first one got. A place that already has an object of its own (from another
 * fetch) cannot share it and is filled from the bytes once more; so is one whose objects may get different values from contexts. */
static bool can_share(const struct plan_shape *shape, const struct record *rec)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].child &&
            (has_data(&rec->slots[shape->fields[i].slot]) || shape->fields[i].child->layout->contextual))
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
        if (from->slots[at].kind == SLOT_UNSET || has_data(&to->slots[at]))
            continue;
        to->slots[at] = from->slots[at];
        if (shape->fields[i].verbatim && to->slots[at].kind == SLOT_LEAF)
            vec_push(rd->result->arena, &rd->verbatim, (struct verbatim_place){to, &shape->fields[i]});
    }
}

static void read_entity(struct reader *rd, const struct plan_shape *shape, struct rep_entry *entry)
{
    struct json_reader begin = rd->json;
    bool leaves = only_leaves(shape);

    read_object(rd, shape, entry->first);
    for (size_t i = 0; i < entry->others.n && !rd->json.failed; i++) {
        if (leaves || can_share(shape, entry->others.v[i])) {
            share_slots(rd, shape, entry->first, entry->others.v[i]);
        } else {
            rd->json = begin;
            read_object(rd, shape, entry->others.v[i]);
        }
    }
}

static void entity_null(const struct plan_shape *shape, struct record *rec)
{
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (rec->slots[shape->fields[i].slot].kind == SLOT_UNSET)
            rec->slots[shape->fields[i].slot].kind = SLOT_NULL;
}

static void entry_fail(struct reader *rd, const struct plan_shape *shape, struct rep_entry *entry, struct result_error *e)
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

    if (json_peek(&rd->json) != JSON_ARRAY) {
        json_skip(&rd->json, &raw);
        return;
    }
    json_enter_array(&rd->json);
    for (bool first = true; within_memory(rd) && json_next_item(&rd->json, &first); n++) {
        int kind = json_peek(&rd->json);
        struct rep_entry *entry = n < set->entries.n ? &set->entries.v[n] : NULL;
        if (entry && kind == JSON_OBJECT) {
            read_entity(rd, shape, entry);
            continue;
        }
        json_skip(&rd->json, &raw);
        if (entry && kind == JSON_NULL) {
            entry->null = true;
            entity_null(shape, entry->first);
            for (size_t i = 0; i < entry->others.n; i++)
                entity_null(shape, entry->others.v[i]);
        } else if (entry) {
            entry_fail(rd, shape, entry,
                       result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                                        "Subgraph \"%.*s\" answered %s in _entities where an object belongs",
                                        STR_ARG(rd->service), kind_text(kind)));
        }
    }
    if (!rd->json.failed && n != set->entries.n)
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

static void read_entities(struct reader *rd)
{
    struct str key, raw;
    bool has_escapes;

    read_reentries(rd);
    if (rd->json.failed || !json_enter_object(&rd->json))
        return;
    for (bool first = true; within_memory(rd) && json_next_member(&rd->json, &first, &key, &has_escapes);) {
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

/* ---- errors of the subgraph ---- */

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
        } else if (slot && slot->kind == SLOT_LIST && json_to_i64(step, &index) && index >= 0 && index < slot->list->n) {
            slot = &slot->list->items[index];
        } else {
            break;
        }
        *out = (struct place){slot, shape, i + 1};
        rec = slot->kind == SLOT_RECORD ? slot->record : NULL;
        if (!has_data(slot))
            return true;
    }
    return slot != NULL;
}

static void hang_error(struct reader *rd, struct result_error *e, struct record *rec, const struct plan_shape *shape,
                       uint32_t from)
{
    struct place place = {0};
    if (e->path && from < e->path->n && place_find(rec, shape, e->path, from, &place)) {
        e->path_from = place.used;
        e->shape = place.shape;
        slot_fail(rd->result, place.slot, e);
    } else if (e->path && from == e->path->n) {
        record_fail(rd->result, rec, shape, e);
    }
}

/* An error below an entity that came as null says nothing about the entity's other fields: they are not null but unknown, and no
 * representation may claim otherwise. */
static void fail_unknown(struct reader *rd, const struct plan_shape *shape, struct record *rec, const struct result_error *e)
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

static void hang_at_entry(struct reader *rd, struct result_error *e, const struct plan_shape *shape, const struct rep_entry *entry)
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
                entry_fail(rd, set->entities->shape, &set->entries.v[k], e);
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

/* Errors hang at nulls, and those may be in what was taken as it stood: it is read once more, into records. */
static void undo_verbatim(struct reader *rd)
{
    rd->records_only = true;
    for (size_t i = 0; i < rd->verbatim.n && !rd->json.failed; i++) {
        struct record *rec = rd->verbatim.v[i].rec;
        const struct plan_shape_field *field = rd->verbatim.v[i].field;
        struct slot *slot = &rec->slots[field->slot];
        json_reader_init(&rd->json, str_mem(slot->leaf, slot->len), &rd->err);
        *slot = (struct slot){0};
        read_value(rd, rec, field, rec->layout->slots[field->slot].list_depth, slot);
    }
}

static void read_errors(struct reader *rd, struct str raw)
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
        result_error_new(rd->result, rd->service, "DOWNSTREAM_SERVICE_ERROR", "Subgraph \"%.*s\" answered %u more errors",
                         STR_ARG(rd->service), n - REPLY_ERRORS_MAX);
}

/* ---- the reply ---- */

static void read_data(struct reader *rd)
{
    if (rd->fetch->kind == PLAN_FETCH_ENTITIES)
        read_entities(rd);
    else
        read_object(rd, rd->fetch->shape, rd->result->root);
}

/* Reads the members of the reply. Gives whether there was a data object; *errors_raw is the source of "errors". */
static bool read_members(struct reader *rd, struct str *errors_raw)
{
    struct str key, raw;
    bool has_escapes, has_data_object = false;

    if (!json_enter_object(&rd->json))
        return false;
    for (bool first = true; json_next_member(&rd->json, &first, &key, &has_escapes);) {
        int kind = json_peek(&rd->json);
        if (str_eq(key, STR("data")) && kind == JSON_OBJECT) {
            has_data_object = true;
            read_data(rd);
        } else if (json_skip(&rd->json, &raw) && str_eq(key, STR("errors")) && kind == JSON_ARRAY) {
            *errors_raw = raw;
            rd->records_only = true;
        }
    }
    return json_at_end(&rd->json) && has_data_object;
}

/* Everything of the fetch that is still unset is null because of the errors that hang nowhere. */
static void fail_rest(struct reader *rd, size_t errors_before)
{
    struct result *r = rd->result;
    size_t end = r->errors.n;
    for (size_t i = errors_before; i < end; i++)
        if (!r->errors.v[i]->hung)
            reply_fail(r, rd->fetch, rd->sets, rd->n_sets, r->errors.v[i]);
}

static void fail_missing_below(struct reader *rd, struct slot *s, const struct plan_shape *shape, struct result_error *e);

/* The body broke off: what had come is good, the rest of every object that had begun is not there. */
static void fail_missing(struct reader *rd, struct record *rec, const struct plan_shape *shape, struct result_error *e)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        struct slot *s = &rec->slots[shape->fields[i].slot];
        if (s->kind == SLOT_UNSET)
            slot_fail(rd->result, s, e);
        else if (shape->fields[i].child)
            fail_missing_below(rd, s, shape->fields[i].child, e);
    }
}

static void fail_missing_below(struct reader *rd, struct slot *s, const struct plan_shape *shape, struct result_error *e)
{
    if (s->kind == SLOT_RECORD)
        fail_missing(rd, s->record, shape, e);
    for (uint32_t i = 0; s->kind == SLOT_LIST && i < s->list->n; i++)
        fail_missing_below(rd, &s->list->items[i], shape, e);
}

static void fail_missing_of_fetch(struct reader *rd, struct result_error *e)
{
    if (rd->fetch->kind == PLAN_FETCH_ROOT)
        fail_missing(rd, rd->result->root, rd->fetch->shape, e);
    for (size_t i = 0; i < rd->n_sets; i++) {
        struct rep_set *set = &rd->sets[i];
        for (size_t k = 0; k < set->entries.n; k++) {
            fail_missing(rd, set->entries.v[k].first, set->entities->shape, e);
            for (size_t m = 0; m < set->entries.v[k].others.n; m++)
                fail_missing(rd, set->entries.v[k].others.v[m], set->entities->shape, e);
        }
    }
}

static struct result_error *not_a_response(struct reader *rd)
{
    bool large = rd->json.failed && strcmp(rd->err.code, "JSON_TOO_LARGE") == 0;
    return result_error_new(rd->result, rd->service, large ? "SUBREQUEST_TOO_LARGE" : "SUBREQUEST_MALFORMED_RESPONSE",
                            "Subgraph \"%.*s\" did not answer a GraphQL response%s: %s", STR_ARG(rd->service),
                            large ? " that can be taken" : "",
                            rd->json.failed ? rd->err.msg : "it has neither \"data\" nor \"errors\"");
}

void reply_read(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct str body)
{
    struct reader rd = {.result = r, .fetch = fetch, .sets = sets, .n_sets = n_sets,
                        .service = r->plan->supergraph->subgraphs[fetch->subgraph].name,
                        .memory_max = arena_used(r->arena) + REPLY_MEMORY_MAX};
    struct str errors = STR_NONE;
    size_t errors_before = r->errors.n;

    json_reader_init(&rd.json, body, &rd.err);
    bool complete = json_peek(&rd.json) == JSON_OBJECT && read_members(&rd, &errors);
    if (rd.json.failed || (!complete && !errors.p)) {
        struct result_error *e = not_a_response(&rd);
        fail_missing_of_fetch(&rd, e);
        return;
    }
    if (errors.p) {
        undo_verbatim(&rd);
        if (rd.json.failed)
            fail_missing_of_fetch(&rd, not_a_response(&rd));
        read_errors(&rd, errors);
        if (!complete)
            fail_rest(&rd, errors_before);
    }
}

void reply_fail(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets, struct result_error *e)
{
    if (fetch->kind == PLAN_FETCH_ROOT) {
        record_fail(r, r->root, fetch->shape, e);
        return;
    }
    for (size_t i = 0; i < n_sets; i++)
        for (size_t k = 0; k < sets[i].entries.n; k++) {
            struct rep_entry *entry = &sets[i].entries.v[k];
            record_fail(r, entry->first, sets[i].entities->shape, e);
            for (size_t m = 0; m < entry->others.n; m++)
                record_fail(r, entry->others.v[m], sets[i].entities->shape, e);
        }
}
