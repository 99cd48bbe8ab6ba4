#include "router/reply_reader.h"

#include "json/take.h"
#include "router/verbatim.h"

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

struct result_error *reader_misfit(struct reader *rd, const struct record *rec, const struct plan_slot *slot,
                                   const char *got, const char *wanted)
{
    if (rd->n_misfits++ >= REPLY_ERRORS_MAX)
        return one_more_misfit(rd);
    return result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                            "Subgraph \"%.*s\" answered %s for %.*s.%.*s where %s belongs", STR_ARG(rd->service), got,
                            STR_ARG(type_name(rec)), STR_ARG(slot->field), wanted);
}

/* A reply can be made of many small things, each of which needs more memory than its bytes. */
bool reader_within_memory(struct reader *rd)
{
    if (arena_used(rd->result->arena) <= rd->memory_max)
        return true;
    json_reader_fail(&rd->json, "JSON_TOO_LARGE", "it has more values than one reply may have");
    return false;
}

const char *reader_kind_text(int kind)
{
    static const char *const TEXT[] = {"null", "a boolean", "a number", "a string", "a list", "an object"};
    return kind >= 0 && kind <= JSON_OBJECT ? TEXT[kind] : "nothing";
}

/* ---- objects and lists ---- */

/* Nothing can be shown of an object without a type, nor asked for it. */
static void typeless(struct reader *rd, const struct record *rec, const struct plan_slot *slot, struct slot *out)
{
    struct result_error *e = NULL;
    for (size_t i = 0; i < rd->strange.n && !e; i++)
        if (rd->strange.v[i].rec == out->record)
            e = rd->strange.v[i].error;
    *out = (struct slot){0};
    slot_fail(rd->result, out, e ? e : reader_misfit(rd, rec, slot, "an object without a __typename", "one with it"));
}

static void read_record(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                        struct slot *out)
{
    const struct plan_shape *shape = field->child;
    bool fresh = out->kind != SLOT_RECORD;

    if (fresh)
        *out = (struct slot){.kind = SLOT_RECORD, .record = result_record(rd->result, shape->layout)};
    reader_object(rd, shape, out->record);
    if (fresh && shape->has_typename && !shape->interface_object && !out->record->type && !rd->json.failed)
        typeless(rd, rec, &rec->layout->slots[field->slot], out);
}

/* A list that another fetch has brought already is completed item by item. */
static void read_list_again(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                            uint32_t list_depth, struct slot *out)
{
    struct slot_list *list = out->list;
    struct slot surplus;
    uint32_t n = 0;

    for (bool first = true; reader_within_memory(rd) && json_next_item(&rd->json, &first); n++) {
        surplus = (struct slot){0};
        reader_value(rd, rec, field, list_depth - 1, n < list->n ? &list->items[n] : &surplus);
    }
    rd->lacks_members |= n < list->n;
    if (!rd->json.failed && n != list->n)
        result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                         "Subgraph \"%.*s\" answered %u items for %.*s.%.*s where another subgraph answered %u",
                         STR_ARG(rd->service), n, STR_ARG(type_name(rec)),
                         STR_ARG(rec->layout->slots[field->slot].field), list->n);
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
        reader_value(rd, rec, field, list_depth - 1, &item);
        vec_push(rd->result->arena, &rd->scratch, item);
        reader_within_memory(rd);
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

void reader_value(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                       uint32_t list_depth, struct slot *out)
{
    const struct plan_slot *slot = &rec->layout->slots[field->slot];
    int kind = json_peek(&rd->json);
    struct slot before = *out;
    struct str raw;

    if (kind < 0)
        return;
    if (kind == JSON_NULL) {
        json_read_null(&rd->json);
        value_null(rd->result, out, field->child);
    } else if (list_depth) {
        if (kind == JSON_ARRAY) {
            read_list(rd, rec, field, list_depth, out);
        } else {
            json_skip(&rd->json, &raw);
            value_fail(rd->result, out, field->child, reader_misfit(rd, rec, slot, reader_kind_text(kind), "a list"));
        }
    } else if (field->child) {
        if (kind == JSON_OBJECT) {
            read_record(rd, rec, field, out);
        } else {
            json_skip(&rd->json, &raw);
            value_fail(rd->result, out, field->child,
                       reader_misfit(rd, rec, slot, reader_kind_text(kind), "an object"));
        }
    } else if (slot_has_data(out)) {
        json_skip(&rd->json, &raw); /* a shared field that two fetches bring: the first one stays */
    } else {
        struct slot fresh = {0};
        reader_leaf(rd, rec, slot, kind, &fresh);
        *out = fresh;
    }
    if (field->child && (before.kind == SLOT_ERROR || before.kind == SLOT_NULL) && slot_has_data(out))
        value_take_over(rd->result, out, &before);
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
    if (rd->n_misfits++ >= REPLY_ERRORS_MAX)
        return;
    struct result_error *e =
        result_error_new(rd->result, rd->service, "SUBREQUEST_INVALID_VALUE",
                         "Subgraph \"%.*s\" answered __typename \"%.*s\" for %.*s, which is no object type of the supergraph",
                         STR_ARG(rd->service), STR_ARG(name), STR_ARG(rec->layout->type->name));
    vec_push(rd->result->arena, &rd->strange, (struct strange_object){rec, e});
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

/* What does not stand there as it should goes the ordinary way, from its beginning, and so does the rest of the reply:
 * a reply is read twice at most. */
static bool read_verbatim(struct reader *rd, const struct plan_shape_field *field, struct record *rec)
{
    struct json_reader begin = rd->json;
    struct str raw;

    if (!verbatim_take(&rd->json, field, &rec->layout->slots[field->slot], rd->result->api_types, &raw)) {
        rd->json = begin;
        rd->records_only = true;
        return false;
    }
    slot_set_leaf(&rec->slots[field->slot], raw);
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
        slot_set_leaf(out, str_mem(raw.p - 1, raw.len + 2));
    else if (slot->leaf == PLAN_LEAF_INT && json_take_integer(&rd->json, &raw))
        slot_set_leaf(out, raw);
    return out->kind == SLOT_LEAF;
}

static inline void read_field(struct reader *rd, const struct plan_shape *shape, const struct plan_shape_field *field,
                              struct record *rec)
{
    const struct plan_slot *slot = &shape->layout->slots[field->slot];
    struct slot *out = &rec->slots[field->slot];

    if (read_plain(rd, slot, out) ||
        (field->verbatim && !rd->records_only && !slot_has_data(out) && read_verbatim(rd, field, rec)))
        return;
    reader_value(rd, rec, field, slot->list_depth, out);
}

void reader_object(struct reader *rd, const struct plan_shape *shape, struct record *rec)
{
    struct str key, raw;
    bool has_escapes, first = true, in_order = true;
    uint32_t next = 0, n_taken = 0;

    if (!json_take_open(&rd->json, '{') && !json_enter_object(&rd->json))
        return;
    for (;;) {
        while (next < shape->n_fields && json_take_name(&rd->json, &first, shape->fields[next].key_json)) {
            n_taken++;
            read_field(rd, shape, &shape->fields[next++], rec);
        }
        if (json_take_close(&rd->json, '}') || !reader_within_memory(rd) ||
            !json_next_member(&rd->json, &first, &key, &has_escapes))
            break;
        if (has_escapes)
            key = json_unescape(rd->result->arena, key);
        const struct plan_shape_field *field = shape_find(shape, key, &next);
        in_order &= !field;
        n_taken += field != NULL;
        if (field)
            read_field(rd, shape, field, rec);
        else if (shape->has_typename && str_eq(key, STR("__typename")))
            read_typename(rd, shape, rec);
        else
            json_skip(&rd->json, &raw);
    }
    if (!in_order || next < shape->n_fields)
        reader_check_members(rd, shape, rec, n_taken);
}

void reader_undo_verbatim(struct reader *rd)
{
    rd->records_only = true;
    for (size_t i = 0; i < rd->verbatim.n && !rd->json.failed; i++) {
        struct record *rec = rd->verbatim.v[i].rec;
        const struct plan_shape_field *field = rd->verbatim.v[i].field;
        struct slot *slot = &rec->slots[field->slot];
        json_reader_init(&rd->json, str_mem(slot->leaf, slot->len), &rd->err);
        *slot = (struct slot){0};
        reader_value(rd, rec, field, rec->layout->slots[field->slot].list_depth, slot);
    }
}
