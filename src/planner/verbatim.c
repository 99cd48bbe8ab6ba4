/* Which fields of a reply can be handed to the client as they stand: objects that one fetch brings, that nothing else
 * reads, and that the client wants with the same members in the same order. The router then checks their bytes and
 * makes no records of them. */
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

/* ---- as a text ---- */

struct text_writer {
    struct arena *a;
    struct buf pending; /* what stands before the next step */
    VEC(struct plan_text_step) steps;
    uint32_t depth, depth_max;
};

/* What is pending is written in steps of its own as long as it is too long for this one. */
static void end_step(struct text_writer *t, struct plan_text_step step)
{
    struct str rest = buf_str(&t->pending);
    for (; rest.len > PLAN_TEXT_PIECE; rest = str_sub(rest, PLAN_TEXT_PIECE, SIZE_MAX)) {
        struct plan_text_step piece = {.n = PLAN_TEXT_PIECE};
        memcpy(piece.text, rest.p, PLAN_TEXT_PIECE);
        vec_push(t->a, &t->steps, piece);
    }
    step.n = (uint8_t)rest.len;
    if (rest.len)
        memcpy(step.text, rest.p, rest.len);
    vec_push(t->a, &t->steps, step);
    t->pending.len = 0;
}

static struct plan_text *end_text(struct text_writer *t)
{
    if (t->pending.len)
        end_step(t, (struct plan_text_step){0});
    buf_free(&t->pending);
    struct plan_text *text = arena_new_of(t->a, struct plan_text);
    *text = (struct plan_text){.steps = t->steps.v, .n_steps = (uint32_t)t->steps.n, .depth = t->depth_max};
    return text;
}

static void open_bracket(struct text_writer *t, char bracket)
{
    buf_add(&t->pending, str_mem(&bracket, 1));
    if (++t->depth > t->depth_max)
        t->depth_max = t->depth;
}

static void close_bracket(struct text_writer *t, char bracket)
{
    buf_add(&t->pending, str_mem(&bracket, 1));
    t->depth--;
}

static void write_value(struct text_writer *t, const struct gql_tref *type, const struct plan_output_field *field,
                        const struct plan_slot *slot);

static void write_object(struct text_writer *t, const struct plan_output *output, const struct plan_layout *layout)
{
    const struct plan_output_variant *variant = &output->variants[0];

    open_bracket(t, '{');
    for (uint32_t i = 0; i < variant->n_fields; i++) {
        const struct plan_output_field *field = &variant->fields[i];
        buf_add(&t->pending, i ? STR(",") : STR(""));
        buf_add(&t->pending, field->key_json);
        write_value(t, field->type, field, &layout->slots[field->slot]);
    }
    close_bracket(t, '}');
}

static void write_list(struct text_writer *t, const struct gql_tref *item, const struct plan_output_field *field,
                       const struct plan_slot *slot)
{
    struct text_writer items = {.a = t->a};

    buf_init(&items.pending, SIZE_MAX);
    open_bracket(t, '[');
    write_value(&items, item, field, slot);
    struct plan_text *text = end_text(&items);
    if (t->depth + text->depth > t->depth_max)
        t->depth_max = t->depth + text->depth;
    end_step(t, (struct plan_text_step){.items = text});
    close_bracket(t, ']');
}

static void write_value(struct text_writer *t, const struct gql_tref *type, const struct plan_output_field *field,
                        const struct plan_slot *slot)
{
    bool nullable = type->kind != GQL_REF_NON_NULL;

    if (!nullable)
        type = type->of;
    if (type->kind == GQL_REF_LIST)
        write_list(t, type->of, field, slot);
    else if (field->child)
        write_object(t, field->child, slot->child);
    else
        end_step(t, (struct plan_text_step){.leaf = slot,
                                            .nullable = nullable,
                                            .string = slot->leaf == PLAN_LEAF_STRING || slot->leaf == PLAN_LEAF_ID});
}

/* An object ends with a step that is only text. */
static void join_objects(struct plan_text *text)
{
    const struct plan_text_step *first = &text->steps[0], *last = &text->steps[text->n_steps - 1];
    unsigned n = last->n + 1u + first->n;

    if (n > PLAN_TEXT_PIECE)
        return;
    text->next = *first;
    text->next.n = (uint8_t)n;
    memcpy(text->next.text, last->text, last->n);
    text->next.text[last->n] = ',';
    memcpy(text->next.text + last->n + 1, first->text, first->n);
}

static struct plan_text *text_of(struct arena *a, const struct plan_output_field *field,
                                 const struct plan_layout *layout)
{
    struct text_writer t = {.a = a};

    buf_init(&t.pending, SIZE_MAX);
    write_object(&t, field->child, layout);
    struct plan_text *text = end_text(&t);
    join_objects(text);
    return text;
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
    for (uint32_t i = 0; i < p->n_layouts; i++) { /* parents first */
        struct plan_shape_field *brought = u.of[i].brought;
        const struct plan_output_field *shown = u.of[i].shown;
        if (!brought || !shown || !fits(&u, brought->child, shown->child))
            continue;
        brought->verbatim = shown;
        const struct plan_shape_field *around = u.of[brought->child->layout->parent->id].brought;
        if (!around || !around->verbatim) /* else nobody looks here */
            brought->text = text_of(p->arena, shown, brought->child->layout);
    }
}
