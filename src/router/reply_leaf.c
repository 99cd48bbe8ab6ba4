#include "router/reply_reader.h"

#include "router/leaf.h"

static const char *const LEAF_TEXT[] = {
    [PLAN_LEAF_INT] = "an Int (32 bits)", [PLAN_LEAF_FLOAT] = "a Float", [PLAN_LEAF_STRING] = "a String",
    [PLAN_LEAF_BOOLEAN] = "a Boolean",    [PLAN_LEAF_ID] = "an ID",      [PLAN_LEAF_ENUM] = "one of its enum values",
    [PLAN_LEAF_CUSTOM] = "a value",
};

const char *reader_wanted_text(const struct plan_slot *slot)
{
    return slot->list_depth ? "a list" : slot->child ? "an object" : LEAF_TEXT[slot->leaf];
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
    slot_set_leaf(out, raw);
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
    slot_set_leaf(out, str_mem(raw.p - 1, raw.len + 2));
    return true;
}

static bool take_boolean(struct reader *rd, const struct plan_slot *slot, struct slot *out)
{
    bool value;
    if (!json_read_bool(&rd->json, &value))
        return true;
    if (slot->leaf != PLAN_LEAF_BOOLEAN)
        return false;
    slot_set_leaf(out, value ? STR("true") : STR("false"));
    return true;
}

void reader_leaf(struct reader *rd, const struct record *rec, const struct plan_slot *slot, int kind,
                      struct slot *out)
{
    struct str raw;
    bool fits;

    if (slot->leaf == PLAN_LEAF_CUSTOM) {
        if (json_skip(&rd->json, &raw))
            slot_set_leaf(out, raw);
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
        slot_fail(rd->result, out, reader_misfit(rd, rec, slot, reader_kind_text(kind), LEAF_TEXT[slot->leaf]));
}
