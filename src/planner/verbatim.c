/* Which fields of a reply can be handed to the client as they stand: objects that one fetch brings, that nothing else reads, and that the
 * client wants with the same members in the same order. The router then checks their bytes and makes no records of them. */
#include "planner/work.h"

struct place_use {
    struct plan_shape_field *brought; /* the last one that fills records here */
    const struct plan_output_field *shown;
    uint32_t n_brought, n_shown;
    bool represented; /* part of some representation */
};

struct use {
    struct work *w;
    struct place_use *of; /* by layout id */
    struct map walked;    /* outputs, by address */
};

static void use_shape(struct use *u, const struct plan_shape *shape)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        struct plan_shape_field *field = &shape->fields[i];
        if (!field->child)
            continue;
        struct place_use *place = &u->of[field->child->layout->id];
        place->brought = field;
        place->n_brought++;
        use_shape(u, field->child);
    }
}

static void use_reps(struct use *u, const struct plan_layout *at, const struct plan_rep *reps, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < reps[i].n_fields; k++) {
            const struct plan_rep_field *field = &reps[i].fields[k];
            const struct plan_layout *below = at->slots[field->slot].child;
            if (!below)
                continue;
            u->of[below->id].represented = true;
            use_reps(u, below, field->children, field->n_children);
        }
}

static void use_output(struct use *u, const struct plan_layout *at, const struct plan_output *output)
{
    struct str address = str_mem(&output, sizeof output);
    if (map_has(&u->walked, address))
        return;
    map_put(u->w->a, &u->walked, arena_str(u->w->a, address), u);
    for (uint32_t v = 0; v < output->n_variants; v++)
        for (uint32_t i = 0; i < output->variants[v].n_fields; i++) {
            const struct plan_output_field *field = &output->variants[v].fields[i];
            if (field->kind != PLAN_OUT_SLOT || !field->child)
                continue;
            const struct plan_layout *below = at->slots[field->slot].child;
            u->of[below->id].shown = field;
            u->of[below->id].n_shown++;
            use_output(u, below, field->child);
        }
}

static bool fits(const struct use *u, const struct plan_shape *shape, const struct plan_output *output)
{
    const struct plan_layout *layout = shape->layout;
    const struct place_use *place = &u->of[layout->id];
    const struct plan_output_variant *variant = &output->variants[0];

    if (place->n_brought != 1 || place->n_shown != 1 || place->represented || layout->is_target)
        return false;
    if (!layout->concrete || !gql_schema_type(u->w->s->api, layout->concrete->name) || shape->has_typename ||
        shape->interface_object)
        return false;
    if (output->n_variants != 1 || variant->types || variant->n_fields != shape->n_fields || shape->n_fields == 0)
        return false;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        const struct plan_shape_field *in = &shape->fields[i];
        const struct plan_output_field *out = &variant->fields[i];
        if (out->kind != PLAN_OUT_SLOT || out->slot != in->slot || !str_eq(out->key, in->key) ||
            (in->child && !fits(u, in->child, out->child)))
            return false;
    }
    return true;
}

void verbatim_mark(struct work *w)
{
    struct plan *p = w->plan;
    struct use u = {.w = w, .of = arena_array(w->a, struct place_use, p->n_layouts)};

    if (p->n_parts > 1)
        return; /* what is delivered in parts has no text of its own in a reply */
    for (uint32_t i = 0; i < p->n_fetches; i++) {
        const struct plan_fetch *fetch = &p->fetches[i];
        if (fetch->shape)
            use_shape(&u, fetch->shape);
        for (uint32_t k = 0; k < fetch->n_entities; k++) {
            const struct plan_entities *e = &fetch->entities[k];
            use_shape(&u, e->shape);
            use_reps(&u, e->target, e->reps, e->n_reps);
            for (uint32_t c = 0; c < e->n_contexts; c++)
                for (uint32_t s = 0; s < e->contexts[c].n_sources; s++)
                    use_reps(&u, e->contexts[c].sources[s].at, e->contexts[c].sources[s].reps,
                             e->contexts[c].sources[s].n_reps);
        }
    }
    use_output(&u, p->layouts[0], p->output);
    for (uint32_t i = 0; i < p->n_layouts; i++)
        if (u.of[i].brought && u.of[i].shown && fits(&u, u.of[i].brought->child, u.of[i].shown->child))
            u.of[i].brought->verbatim = u.of[i].shown;
}
