/* What is written to the client, per runtime type, in the client's order. */
#include "planner/work.h"

#include "json/json.h"

static bool same_sets(const struct client_sets *a, const struct client_sets *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].set != b->v[i].set || a->v[i].part != b->v[i].part ||
            !bits_equal(a->v[i].types, b->v[i].types))
            return false;
    return true;
}

static const struct gql_field *api_field(const struct work *w, const struct gql_type *t,
                                         struct str name)
{
    const struct gql_type *api = gql_schema_type(w->s->api, t->name);
    return api ? gql_type_field(w->s->api, api, name) : NULL;
}

static bool is_first(const struct occurrences *occs, size_t i, uint32_t type_id)
{
    for (size_t k = 0; k < i; k++)
        if (bits_has(occs->v[k].types, type_id) && str_eq(occs->v[k].key, occs->v[i].key))
            return false;
    return true;
}

static bool refused(const struct work *w, const struct occurrence *o, const struct gql_type *t)
{
    return field_refused(w, t, o->name) || (o->on && field_refused(w, o->on, o->name));
}

/* ---- variants ---- */

/* Types with equal signatures are written alike. */
static struct str signature(const struct work *w, const struct spot *spot,
                            const struct occurrences *occs, const struct gql_type *t)
{
    struct buf b;
    buf_init(&b, 16u << 20);
    for (size_t i = 0; i < occs->n; i++) {
        const struct occurrence *o = &occs->v[i];
        if (!bits_has(o->types, t->id))
            continue;
        const struct slot *slot = spot_slot(spot, o->name, o->args, slot_key(w, spot, o), t->id);
        const struct gql_field *f = api_field(w, t, o->name);
        buf_printf(&b, "%zu:%d:%d", i, slot ? (int)slot->index : -1, refused(w, o, t));
        if (f)
            gql_tref_print(&b, f->type);
    }
    for (size_t i = 0; i < occs->begin.n; i++)
        buf_printf(&b, ".%d", bits_has(occs->begin.v[i].types, t->id));
    struct str text = arena_str(w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct client_sets sets_of_key(struct work *w, const struct occurrences *occs,
                                      const struct occurrence *first, uint32_t type_id,
                                      const struct spot *child)
{
    struct client_sets sets = {0};
    for (size_t i = 0; i < occs->n; i++) {
        const struct occurrence *o = &occs->v[i];
        if (!bits_has(o->types, type_id) || !str_eq(o->key, first->key) || !o->sel->selections)
            continue;
        const struct gql_field *f = gql_type_field(w->s->full, o->on, o->name);
        vec_push(w->a, &sets,
                 (struct client_set){o->sel->selections, child->types,
                                     f ? gql_tref_named(f->type) : child->type, o->part});
    }
    return sets;
}

static uint32_t share_of_key(struct work *w, const struct occurrences *occs,
                             const struct occurrence *first, uint32_t type_id)
{
    struct part_ids parts = {0};
    for (size_t i = 0; w->parts.n > 1 && i < occs->n; i++)
        if (bits_has(occs->v[i].types, type_id) && str_eq(occs->v[i].key, first->key))
            part_add(w, &parts, occs->v[i].part);
    return share_of(w, &parts);
}

static struct str json_name(struct arena *a, struct str name)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    json_write_string(&b, name);
    buf_add_char(&b, ':');
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct str coordinate_of(struct arena *a, const struct gql_type *t, struct str field)
{
    char *text = arena_alloc_raw(a, t->name.len + 1 + field.len + 1);
    memcpy(text, t->name.p, t->name.len);
    text[t->name.len] = '.';
    memcpy(text + t->name.len + 1, field.p, field.len);
    text[t->name.len + 1 + field.len] = '\0';
    return str_mem(text, t->name.len + 1 + field.len);
}

static void output_field(struct work *w, struct spot *spot, const struct occurrences *occs,
                         struct occurrence *o, const struct gql_type *t,
                         struct plan_output_field *out)
{
    struct arena *a = w->plan_arena;
    const struct gql_field *f = api_field(w, t, o->name);
    const struct slot *slot = spot_slot(spot, o->name, o->args, slot_key(w, spot, o), t->id);

    if (!o->key_json.p)
        o->key_json = json_name(a, o->key);
    *out = (struct plan_output_field){.key = o->key,
                                      .key_json = o->key_json,
                                      .share = share_of_key(w, occs, o, t->id),
                                      .type = f ? f->type : NULL,
                                      .selection = o->sel,
                                      .coordinate = coordinate_of(a, t, o->name)};
    if (str_eq_c(o->name, "__typename")) {
        out->kind = PLAN_OUT_TYPENAME;
    } else if (is_introspection(o->name)) {
        out->kind = PLAN_OUT_INTROSPECTION;
    } else if (refused(w, o, t)) {
        out->kind = PLAN_OUT_REFUSED;
    } else {
        out->slot = slot->final;
        if (!slot->leaf) {
            struct client_sets sets = sets_of_key(w, occs, o, t->id, slot->child);
            out->child = output_build(w, slot->child, &sets);
        }
    }
}

static void build_variant(struct work *w, struct spot *spot, struct occurrences *occs,
                          const struct gql_type *t, struct plan_output_variant *v)
{
    uint32_t n = 0;
    for (size_t i = 0; i < occs->n; i++)
        n += bits_has(occs->v[i].types, t->id);
    v->fields = arena_array(w->plan_arena, struct plan_output_field, n);
    for (size_t i = 0; i < occs->n; i++) {
        struct occurrence *o = &occs->v[i];
        if (bits_has(o->types, t->id) && is_first(occs, i, t->id))
            output_field(w, spot, occs, o, t, &v->fields[v->n_fields++]);
    }
    v->parts = arena_array(w->plan_arena, uint32_t, occs->begin.n);
    for (size_t i = 0; i < occs->begin.n; i++)
        if (bits_has(occs->begin.v[i].types, t->id))
            v->parts[v->n_parts++] = occs->begin.v[i].part;
}

struct variants VEC_BODY(struct plan_output_variant);

static void build_variants(struct work *w, struct spot *spot, const struct client_sets *sets,
                           struct variants *out)
{
    struct occurrences occs = occurrences_collect(w, spot, sets);
    struct map by_signature = {0};

    for (int t = bits_next(spot->types, 0); t >= 0; t = bits_next(spot->types, (uint32_t)t + 1)) {
        const struct gql_type *type = w->s->full->types[t];
        if (!gql_schema_type(w->s->api, type->name))
            continue;
        struct str sig = signature(w, spot, &occs, type);
        struct bits *types = map_get(&by_signature, sig);
        if (!types) {
            types = bits_new(w->plan_arena, w->s->full->n_types);
            map_put(w->a, &by_signature, sig, types);
            struct plan_output_variant *v = vec_add(w->a, out);
            v->types = types;
            build_variant(w, spot, &occs, type, v);
        }
        bits_set(types, (uint32_t)t);
    }
}

struct plan_output *output_build(struct work *w, struct spot *spot, const struct client_sets *sets)
{
    for (size_t i = 0; i < spot->outputs.n; i++)
        if (same_sets(spot->outputs.v[i].sets, sets))
            return spot->outputs.v[i].output;
    struct plan_output *out = arena_new_of(w->plan_arena, struct plan_output);
    struct variants v = {0};

    build_variants(w, spot, sets, &v);
    if (v.n == 1)
        v.v[0].types = NULL;
    out->variants = arena_memdup(w->plan_arena, v.v, sizeof *v.v * v.n);
    out->n_variants = (uint32_t)v.n;
    struct output_memo *memo = vec_add(w->a, &spot->outputs);
    memo->sets = arena_memdup(w->a, sets, sizeof *sets);
    memo->output = out;
    return out;
}
