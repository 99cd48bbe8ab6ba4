#include "router/verbatim.h"

#include "json/take.h"
#include "router/leaf.h"
#include "router/verbatim_text.h"

#define OTHERS_MAX 16 /* objects in another form, beyond those in the plain one, before the text is given up */

/* Is it one of 32 bits, as the client may get it? */
static bool integer_fits(struct str raw)
{
    int64_t n;
    return raw.len <= 11 && str_to_i64(raw, &n) && n >= INT32_MIN && n <= INT32_MAX && (n != 0 || raw.p[0] != '-');
}

static bool string_ok(struct verbatim_check *c, struct str *raw, bool *has_escapes)
{
    *has_escapes = false;
    return json_take_string(c->json, raw) || json_read_string(c->json, raw, has_escapes);
}

static bool enum_ok(struct verbatim_check *c, const struct plan_slot *slot)
{
    const struct gql_type *api = c->api_types[slot->named->id];
    struct str raw;
    bool has_escapes;
    return string_ok(c, &raw, &has_escapes) && !has_escapes && api && map_has(&api->value_by_name, raw);
}

static bool leaf_ok(struct verbatim_check *c, const struct plan_slot *slot)
{
    struct str raw;
    bool flag;

    switch (slot->leaf) {
    case PLAN_LEAF_STRING:
    case PLAN_LEAF_ID: return string_ok(c, &raw, &flag);
    case PLAN_LEAF_INT:
        return json_take_integer(c->json, &raw) ||
               (json_read_number(c->json, &raw, &flag) && flag && integer_fits(raw));
    case PLAN_LEAF_FLOAT: return json_read_number(c->json, &raw, &flag) && leaf_float_plain(raw, flag);
    case PLAN_LEAF_BOOLEAN: return json_read_bool(c->json, &flag);
    case PLAN_LEAF_ENUM: return enum_ok(c, slot);
    case PLAN_LEAF_CUSTOM: return json_skip(c->json, &raw);
    }
    return false;
}

/* `several`: an item of a list. More of them may be taken at once, with the commas between them. */
static bool value_ok(struct verbatim_check *c, const struct gql_tref *type, const struct plan_output_field *field,
                     const struct plan_slot *slot, bool several);

static bool object_ok(struct verbatim_check *c, const struct plan_output *output, const struct plan_layout *layout)
{
    const struct plan_output_variant *variant = &output->variants[0];
    bool first = true;

    if (!json_take_open(c->json, '{'))
        return false;
    for (uint32_t i = 0; i < variant->n_fields; i++) {
        const struct plan_output_field *field = &variant->fields[i];
        if (!json_take_name(c->json, &first, field->key_json) ||
            !value_ok(c, field->type, field, &layout->slots[field->slot], false))
            return false;
    }
    return json_take_close(c->json, '}');
}

static bool list_ok(struct verbatim_check *c, const struct gql_tref *item, const struct plan_output_field *field,
                    const struct plan_slot *slot)
{
    if (!json_take_open(c->json, '['))
        return false;
    if (json_take_close(c->json, ']'))
        return true;
    do {
        if (!value_ok(c, item, field, slot, true))
            return false;
    } while (json_take_comma(c->json));
    return json_take_close(c->json, ']');
}

/* ---- as the text that the plan expects ---- */

const char *verbatim_leaf_end(struct verbatim_check *c, const struct plan_text_step *step, const char *p)
{
    struct json_reader *r = c->json;

    r->p = p;
    if (p < r->end && *p == 'n' ? step->nullable && json_read_null(r) : leaf_ok(c, step->leaf))
        return r->p;
    return NULL;
}

static const char *objects_end(struct verbatim_check *c, const char *p, bool several)
{
#ifdef VERBATIM_HAS_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        return verbatim_objects_end_avx2(c, p, several);
#endif
    return verbatim_objects_end(c, p, several);
}

/* Most objects are the text that the plan expects; one that is not is looked at member by member. Takes the object that
 * stands here, and those that follow in the same list. */
static bool plain_objects(struct verbatim_check *c, bool several)
{
    const struct plan_text *text = c->taken->text;
    struct json_reader *r = c->json;
    const char *begin = r->p;
    int depth = r->depth;

    if (!text || begin == c->strange || c->other > c->plain + OTHERS_MAX || depth + (int)text->depth > JSON_DEPTH_MAX)
        return false;
    r->depth += (int)text->depth; /* as deep as it gets, wherever a custom scalar stands */
    const char *p = objects_end(c, begin, several);
    r->depth = depth;
    r->p = p ? p : begin;
    r->failed = false;
    return p != NULL;
}

static bool value_ok(struct verbatim_check *c, const struct gql_tref *type, const struct plan_output_field *field,
                     const struct plan_slot *slot, bool several)
{
    bool non_null = type->kind == GQL_REF_NON_NULL;

    if (non_null)
        type = type->of;
    if (c->json->p < c->json->end && *c->json->p == 'n')
        return !non_null && json_read_null(c->json);
    if (type->kind == GQL_REF_LIST)
        return list_ok(c, type->of, field, slot);
    if (!field->child)
        return leaf_ok(c, slot);
    return (field == c->taken->verbatim && plain_objects(c, several)) || object_ok(c, field->child, slot->child);
}

bool verbatim_take(struct json_reader *r, const struct plan_shape_field *field, const struct plan_slot *slot,
                   const struct gql_type *const *api_types, struct str *raw)
{
    struct verbatim_check c = {.json = r, .api_types = api_types, .taken = field};
    const char *start = r->p;

    if (!value_ok(&c, field->verbatim->type, field->verbatim, slot, false) || r->failed)
        return false;
    *raw = str_mem(start, (size_t)(r->p - start));
    return true;
}
