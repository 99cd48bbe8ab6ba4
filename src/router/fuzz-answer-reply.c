/* Replies that fit what was asked, with the mistakes that subgraphs make here and there. */
#include "router/fuzz-answer.h"

#define REPLY_BYTES_MAX (1u << 20)

struct maker {
    struct rng *rng;
    const struct plan *plan;
    uint32_t items;
    struct buf out;
};

static bool chance(struct maker *m, unsigned one_of)
{
    return rng_below(m->rng, one_of) == 0;
}

static void make_odd(struct maker *m)
{
    static const char *const odd[] = {"null", "{}",  "[]",    "[null]",   "\"\"", "\"\\u0000\\ud83d\"", "-0", "1e400", "2147483648",
                                      "true", "{\"__typename\":1}", "[[{}]]", "0.5", "123456789012345678901234567890"};
    buf_add_c(&m->out, odd[rng_below(m->rng, sizeof odd / sizeof odd[0])]);
}

static void make_leaf(struct maker *m, const struct plan_slot *slot)
{
    switch (slot->leaf) {
    case PLAN_LEAF_INT: buf_printf(&m->out, "%d", (int)rng_range(m->rng, -3, 9)); return;
    case PLAN_LEAF_FLOAT: buf_printf(&m->out, "%d.%de%d", (int)rng_below(m->rng, 9), (int)rng_below(m->rng, 99), (int)rng_below(m->rng, 9)); return;
    case PLAN_LEAF_BOOLEAN: buf_add_c(&m->out, chance(m, 2) ? "true" : "false"); return;
    case PLAN_LEAF_ID: buf_printf(&m->out, chance(m, 3) ? "%d" : "\"%d\"", (int)rng_below(m->rng, 5)); return;
    case PLAN_LEAF_ENUM:
        if (slot->named->n_values) {
            buf_printf(&m->out, "\"%.*s\"",
                       STR_ARG(slot->named->values[rng_below(m->rng, slot->named->n_values)].name));
            return;
        }
        break;
    case PLAN_LEAF_STRING: buf_printf(&m->out, "\"s%d\\u00e9\\n\"", (int)rng_below(m->rng, 5)); return;
    case PLAN_LEAF_CUSTOM: break;
    }
    make_odd(m);
}

static void make_object(struct maker *m, const struct plan_shape *s);

static void make_value(struct maker *m, const struct plan_slot *slot, const struct plan_shape *child,
                       uint32_t list_depth)
{
    if (chance(m, 24)) {
        buf_add_c(&m->out, "null");
    } else if (chance(m, 60)) {
        make_odd(m);
    } else if (list_depth) {
        uint64_t n = rng_below(m->rng, m->items);
        buf_add_char(&m->out, '[');
        for (uint64_t i = 0; i < n && !buf_overflowed(&m->out); i++) {
            if (i)
                buf_add_char(&m->out, ',');
            make_value(m, slot, child, list_depth - 1);
        }
        buf_add_char(&m->out, ']');
    } else if (child) {
        make_object(m, child);
    } else {
        make_leaf(m, slot);
    }
}

static struct str runtime_type(struct maker *m, const struct plan_shape *s)
{
    const struct gql_type *t = s->layout->type;
    const struct gql_schema *full = m->plan->supergraph->full;
    uint32_t skip;
    if (t->kind == GQL_OBJECT_TYPE || s->interface_object || !t->possible || bits_empty(t->possible))
        return t->name;
    if (chance(m, 40))
        return full->types[rng_below(m->rng, full->n_types)]->name;
    int id = bits_next(t->possible, 0);
    for (skip = (uint32_t)rng_below(m->rng, bits_count(t->possible)); skip; skip--)
        id = bits_next(t->possible, (uint32_t)id + 1);
    return full->types[id]->name;
}

static void make_members(struct maker *m, const struct plan_shape *s)
{
    bool any = false, backwards = chance(m, 8);

    if (s->has_typename && !chance(m, 40)) {
        buf_printf(&m->out, "\"__typename\":\"%.*s\"", STR_ARG(runtime_type(m, s)));
        any = true;
    }
    for (uint32_t i = 0; i < s->n_fields && !buf_overflowed(&m->out); i++) {
        const struct plan_shape_field *f = &s->fields[backwards ? s->n_fields - 1 - i : i];
        if (chance(m, 40))
            continue;
        buf_printf(&m->out, "%s\"%.*s\":", any ? "," : "", STR_ARG(f->key));
        make_value(m, &s->layout->slots[f->slot], f->child, s->layout->slots[f->slot].list_depth);
        any = true;
    }
}

static void make_object(struct maker *m, const struct plan_shape *s)
{
    buf_add_char(&m->out, '{');
    make_members(m, s);
    buf_add_char(&m->out, '}');
}

static void make_errors(struct maker *m, const struct plan_shape *s)
{
    buf_add_c(&m->out, ",\"errors\":[{\"message\":\"no paint\",\"path\":[");
    for (bool any = false; s && s->n_fields && (!any || !chance(m, 3)); any = true) {
        const struct plan_shape_field *f = &s->fields[rng_below(m->rng, s->n_fields)];
        buf_printf(&m->out, "%s\"%.*s\"", any ? "," : "", STR_ARG(f->key));
        for (uint32_t i = s->layout->slots[f->slot].list_depth; i > 0; i--)
            buf_printf(&m->out, ",%d", (int)rng_below(m->rng, 3));
        s = f->child;
    }
    buf_add_c(&m->out, "]},{\"message\":\"\",\"extensions\":{\"code\":\"X\"}}]");
}

static void make_entities(struct maker *m, const struct plan_entities *e, struct str alias, const struct json *list)
{
    uint32_t n = (list && list->kind == JSON_ARRAY ? list->n : 0) + chance(m, 40);
    buf_printf(&m->out, "\"%.*s\":[", STR_ARG(alias));
    for (uint32_t i = chance(m, 40); i < n && !buf_overflowed(&m->out); i++) {
        if (m->out.p[m->out.len - 1] != '[')
            buf_add_char(&m->out, ',');
        if (chance(m, 20))
            buf_add_c(&m->out, "null");
        else
            make_object(m, e->shape);
    }
    buf_add_char(&m->out, ']');
}

static void make_comma(struct maker *m)
{
    if (m->out.p[m->out.len - 1] != '{')
        buf_add_char(&m->out, ',');
}

/* The selection may stand there several times, each with a number behind the names of its alias and its variables. */
static void make_copies(struct maker *m, struct arena *a, const struct plan_entities *e, const struct json *variables)
{
    for (uint32_t i = 0; variables && variables->kind == JSON_OBJECT && i < variables->n; i++) {
        struct str name = variables->members[i].name;
        struct str copy = str_sub(name, e->variable.len, name.len);
        if (!str_starts(name, e->variable) || (copy.len && copy.p[0] != '_'))
            continue;
        make_comma(m);
        make_entities(m, e, arena_printf(a, "%.*s%.*s", STR_ARG(e->alias), STR_ARG(copy)), variables->members[i].value);
    }
}

struct str fuzz_reply(struct arena *a, const struct plan *plan, const struct plan_fetch *fetch, struct str body,
                      struct rng *rng, uint32_t items)
{
    struct maker m = {.rng = rng, .plan = plan, .items = items};

    buf_init(&m.out, REPLY_BYTES_MAX);
    buf_add_c(&m.out, "{\"data\":");
    if (fetch->kind == PLAN_FETCH_ROOT) {
        make_object(&m, fetch->shape);
    } else {
        struct err err;
        const struct json *variables = json_get(json_parse(a, body, &err), STR("variables"));
        buf_add_char(&m.out, '{');
        for (uint32_t i = 0; i < fetch->n_entities; i++) {
            if (!fetch->entities[i].reentry) {
                make_copies(&m, a, &fetch->entities[i], variables);
                continue;
            }
            make_comma(&m);
            make_members(&m, fetch->entities[i].shape);
        }
        buf_add_char(&m.out, '}');
    }
    if (chance(&m, 6))
        make_errors(&m, fetch->kind == PLAN_FETCH_ROOT ? fetch->shape : fetch->entities[0].shape);
    buf_add_char(&m.out, '}');
    struct str text = arena_str(a, buf_str(&m.out));
    buf_free(&m.out);
    return text;
}
