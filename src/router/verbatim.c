#include "router/verbatim.h"

#include "json/take.h"
#include "router/leaf.h"

struct check {
    struct json_reader *json;
    const struct gql_type *const *api_types;
};

/* Is it one of 32 bits, as the client may get it? */
static bool integer_fits(struct str raw)
{
    int64_t n;
    return raw.len <= 11 && str_to_i64(raw, &n) && n >= INT32_MIN && n <= INT32_MAX && (n != 0 || raw.p[0] != '-');
}

static bool string_ok(struct check *c, struct str *raw, bool *has_escapes)
{
    *has_escapes = false;
    return json_take_string(c->json, raw) || json_read_string(c->json, raw, has_escapes);
}

static bool enum_ok(struct check *c, const struct plan_slot *slot)
{
    const struct gql_type *api = c->api_types[slot->named->id];
    struct str raw;
    bool has_escapes;
    return string_ok(c, &raw, &has_escapes) && !has_escapes && api && map_has(&api->value_by_name, raw);
}

static bool leaf_ok(struct check *c, const struct plan_slot *slot)
{
    struct str raw;
    bool flag;

    switch (slot->leaf) {
    case PLAN_LEAF_STRING:
    case PLAN_LEAF_ID:
        return string_ok(c, &raw, &flag);
    case PLAN_LEAF_INT:
        return json_take_integer(c->json, &raw) || (json_read_number(c->json, &raw, &flag) && flag && integer_fits(raw));
    case PLAN_LEAF_FLOAT:
        return json_read_number(c->json, &raw, &flag) && leaf_float_plain(raw, flag);
    case PLAN_LEAF_BOOLEAN:
        return json_read_bool(c->json, &flag);
    case PLAN_LEAF_ENUM:
        return enum_ok(c, slot);
    case PLAN_LEAF_CUSTOM:
        return json_skip(c->json, &raw);
    }
    return false;
}

static bool value_ok(struct check *c, const struct gql_tref *type, const struct plan_output_field *field,
                     const struct plan_slot *slot);

static bool object_ok(struct check *c, const struct plan_output *output, const struct plan_layout *layout)
{
    const struct plan_output_variant *variant = &output->variants[0];
    bool first = true;

    if (!json_take_open(c->json, '{'))
        return false;
    for (uint32_t i = 0; i < variant->n_fields; i++) {
        const struct plan_output_field *field = &variant->fields[i];
        if (!json_take_name(c->json, &first, field->key_json) || !value_ok(c, field->type, field, &layout->slots[field->slot]))
            return false;
    }
    return json_take_close(c->json, '}');
}

static bool list_ok(struct check *c, const struct gql_tref *item, const struct plan_output_field *field,
                    const struct plan_slot *slot)
{
    if (!json_take_open(c->json, '['))
        return false;
    if (json_take_close(c->json, ']'))
        return true;
    do {
        if (!value_ok(c, item, field, slot))
            return false;
    } while (json_take_comma(c->json));
    return json_take_close(c->json, ']');
}

static bool value_ok(struct check *c, const struct gql_tref *type, const struct plan_output_field *field,
                     const struct plan_slot *slot)
{
    bool non_null = type->kind == GQL_REF_NON_NULL;

    if (non_null)
        type = type->of;
    if (c->json->p < c->json->end && *c->json->p == 'n')
        return !non_null && json_read_null(c->json);
    if (type->kind == GQL_REF_LIST)
        return list_ok(c, type->of, field, slot);
    return field->child ? object_ok(c, field->child, slot->child) : leaf_ok(c, slot);
}

bool verbatim_take(struct json_reader *r, const struct plan_output_field *field, const struct plan_slot *slot,
                   const struct gql_type *const *api_types, struct str *raw)
{
    struct check c = {.json = r, .api_types = api_types};
    const char *start = r->p;

    if (!value_ok(&c, field->type, field, slot) || r->failed)
        return false;
    *raw = str_mem(start, (size_t)(r->p - start));
    return true;
}
