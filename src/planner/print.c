/* Plans for people and for programs. */
#include "planner/plan.h"

#include "json/json.h"

#define PLAN_TEXT_MAX (4u << 20)

/* ---- for both ---- */

static void print_path(struct buf *out, const struct plan_layout *l)
{
    if (!l->parent)
        return;
    const struct plan_slot *slot = &l->parent->slots[l->parent_slot];
    print_path(out, l->parent);
    buf_printf(out, "%s%.*s", l->parent->parent ? "." : "", STR_ARG(slot->field));
    for (uint32_t i = 0; i < slot->list_depth; i++)
        buf_add(out, STR(".@"));
}

static void print_rep(struct buf *out, const struct plan_rep *rep)
{
    buf_add(out, STR("{"));
    for (uint32_t i = 0; i < rep->n_fields; i++) {
        const struct plan_rep_field *f = &rep->fields[i];
        buf_printf(out, " %.*s", (int)f->key_json.len - 3, f->key_json.p + 1);
        for (uint32_t k = 0; k < f->n_children; k++) {
            buf_add_char(out, ' ');
            print_rep(out, &f->children[k]);
        }
    }
    buf_add(out, STR(" }"));
}

static void print_types(struct buf *out, const struct plan *p, const struct plan_entities *e,
                        const struct plan_rep *rep)
{
    const struct bits *types = rep->types;
    bool any = false;

    if (rep->typename_json.p || !types) {
        struct str name = rep->typename_json.p
                              ? str_sub(rep->typename_json, 1, rep->typename_json.len - 2)
                              : e->target->type->name;
        buf_add(out, name);
        return;
    }
    for (int t = bits_next(types, 0); t >= 0; t = bits_next(types, (uint32_t)t + 1)) {
        buf_printf(out, "%s%.*s", any ? "|" : "", STR_ARG(p->supergraph->full->types[t]->name));
        any = true;
    }
}

static void print_requires(struct buf *out, const struct plan *p, const struct plan_entities *e)
{
    for (uint32_t i = 0; i < e->n_reps; i++) {
        buf_add(out, i ? STR(", ") : STR(""));
        print_types(out, p, e, &e->reps[i]);
        buf_add_char(out, ' ');
        print_rep(out, &e->reps[i]);
    }
}

/* ---- what a part answers ---- */

static bool has_answers(const struct plan_output *o, uint32_t part)
{
    return o->parts ? bits_has(o->parts, part) : part == 0;
}

static bool is_of_part(const struct plan *p, const struct plan_output_field *f, uint32_t part)
{
    const struct plan_share *s = &p->shares[f->share];
    for (uint32_t i = 0; i < s->n_parts; i++)
        if (s->parts[i] == part)
            return true;
    return f->share == 0 && part == 0;
}

static bool named_before(const struct plan_output *o, uint32_t variant, struct str key)
{
    for (uint32_t i = 0; i < variant; i++)
        for (uint32_t k = 0; k < o->variants[i].n_fields; k++)
            if (str_eq(o->variants[i].fields[k].key, key))
                return true;
    return false;
}

/* Fields that belong to the part, and those on the way to them. */
static void print_answers(struct buf *out, const struct plan *p, const struct plan_output *o,
                          uint32_t part)
{
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < o->n_variants && !buf_overflowed(out); i++)
        for (uint32_t k = 0; k < o->variants[i].n_fields; k++) {
            const struct plan_output_field *f = &o->variants[i].fields[k];
            bool below = f->child && has_answers(f->child, part);
            if (named_before(o, i, f->key) || !(below || is_of_part(p, f, part)))
                continue;
            buf_printf(out, " %.*s", STR_ARG(f->key));
            if (!below)
                continue;
            buf_add_char(out, ' ');
            print_answers(out, p, f->child, part);
        }
    buf_add(out, STR(" }"));
}

/* ---- for people ---- */

#define TYPES_SHOWN 3 /* of a fragment */

struct printer {
    struct buf *out;
    const struct plan *p;
    struct arena *a;
    uint32_t *step;      /* by fetch */
    struct map seen;     /* outputs */
    struct bits **shown; /* by layout: slots that the client sees */
    bool marked;         /* something was printed that the client does not see */
};

/* An output is looked at once: fragments may lead to it in many ways. */
static void note_shown(struct printer *pr, const struct plan_layout *l, const struct plan_output *o)
{
    struct str address = arena_str(pr->a, str_mem(&o, sizeof o));
    if (map_has(&pr->seen, address))
        return;
    map_put(pr->a, &pr->seen, address, pr);
    for (uint32_t i = 0; i < o->n_variants; i++)
        for (uint32_t k = 0; k < o->variants[i].n_fields; k++) {
            const struct plan_output_field *f = &o->variants[i].fields[k];
            if (f->kind != PLAN_OUT_SLOT)
                continue;
            bits_set(pr->shown[l->id], f->slot);
            if (f->child)
                note_shown(pr, l->slots[f->slot].child, f->child);
        }
}

static void print_shape(struct printer *pr, const struct plan_shape *s);

static void print_shape_field(struct printer *pr, const struct plan_shape *s, const struct plan_shape_field *f)
{
    struct str field = s->layout->slots[f->slot].field;
    buf_printf(pr->out, " %.*s", STR_ARG(f->key));
    if (!str_eq(f->key, field))
        buf_printf(pr->out, ": %.*s", STR_ARG(field));
    if (!bits_has(pr->shown[s->layout->id], f->slot)) {
        buf_add_char(pr->out, '*');
        pr->marked = true;
    }
    if (f->child) {
        buf_add_char(pr->out, ' ');
        print_shape(pr, f->child);
    }
}

static bool same_types(const struct plan_shape_field *a, const struct plan_shape_field *b)
{
    return a->maybe == b->maybe || (a->maybe && b->maybe && bits_equal(a->maybe, b->maybe));
}

static void begin_fragment(struct printer *pr, const struct bits *types)
{
    uint32_t n = 0;
    buf_add(pr->out, STR(" ... on"));
    for (int t = bits_next(types, 0); t >= 0 && n < TYPES_SHOWN; t = bits_next(types, (uint32_t)t + 1), n++)
        buf_printf(pr->out, "%s %.*s", n ? " |" : "", STR_ARG(pr->p->supergraph->full->types[t]->name));
    if (bits_count(types) > n)
        buf_printf(pr->out, " | %u more", bits_count(types) - n);
    buf_add(pr->out, STR(" {"));
}

/* Neighbours that are asked of the same types stand in one fragment. */
static void print_shape(struct printer *pr, const struct plan_shape *s)
{
    const struct plan_shape_field *before = NULL;

    buf_add_char(pr->out, '{');
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const struct plan_shape_field *f = &s->fields[i];
        if (before && before->maybe && !same_types(before, f))
            buf_add(pr->out, STR(" }"));
        if (f->maybe && !(before && same_types(before, f)))
            begin_fragment(pr, f->maybe);
        print_shape_field(pr, s, f);
        before = f;
    }
    if (before && before->maybe)
        buf_add(pr->out, STR(" }"));
    buf_add(pr->out, s->n_fields ? STR(" }") : STR(" __typename }"));
}

static void print_entities(struct printer *pr, const struct plan_entities *e)
{
    buf_add(pr->out, STR("      at    "));
    print_path(pr->out, e->target);
    buf_add_char(pr->out, '\n');
    if (!e->reentry) {
        buf_add(pr->out, STR("      sends "));
        print_requires(pr->out, pr->p, e);
        buf_add_char(pr->out, '\n');
    }
    buf_add(pr->out, STR("      gets  "));
    print_shape(pr, e->shape);
    buf_add_char(pr->out, '\n');
}

static void print_fetch(struct printer *pr, const struct plan_fetch *f)
{
    const struct plan *p = pr->p;
    buf_printf(pr->out, "    [%u] %.*s", f->id, STR_ARG(p->supergraph->subgraphs[f->subgraph].name));
    for (uint32_t i = 0; i < f->n_after; i++)
        buf_printf(pr->out, "%s[%u]", i ? " " : ", after ", f->after[i]);
    buf_printf(pr->out, ": %.*s\n", STR_ARG(f->reason));
    if (f->kind == PLAN_FETCH_ROOT) {
        buf_add(pr->out, STR("      gets  "));
        print_shape(pr, f->shape);
        buf_add_char(pr->out, '\n');
    }
    for (uint32_t i = 0; i < f->n_entities; i++)
        print_entities(pr, &f->entities[i]);
}

struct cost {
    uint32_t fetches, first, last; /* steps; 0: none */
};

/* Of the fetches of one part, or of all that `part` does not name (UINT32_MAX). */
static struct cost cost_of(const struct printer *pr, uint32_t part)
{
    struct cost c = {0};
    for (uint32_t i = 0; i < pr->p->n_fetches; i++) {
        if (part != UINT32_MAX && pr->p->fetches[i].part != part)
            continue;
        c.fetches++;
        if (!c.first || pr->step[i] < c.first)
            c.first = pr->step[i];
        if (pr->step[i] > c.last)
            c.last = pr->step[i];
    }
    return c;
}

static void print_count(struct buf *out, uint32_t n)
{
    buf_printf(out, "%u fetch%s", n, n == 1 ? "" : "es");
}

static void print_steps(struct printer *pr, uint32_t part, uint32_t from)
{
    for (uint32_t step = from; step <= pr->p->depth; step++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < pr->p->n_fetches; i++)
            n += pr->p->fetches[i].part == part && pr->step[i] == step;
        if (!n)
            continue;
        buf_printf(pr->out, "  step %u%s\n", step, n > 1 ? ", at the same time" : "");
        for (uint32_t i = 0; i < pr->p->n_fetches; i++)
            if (pr->p->fetches[i].part == part && pr->step[i] == step)
                print_fetch(pr, &pr->p->fetches[i]);
    }
}

static void print_part(struct printer *pr, uint32_t id)
{
    const struct plan_part *part = &pr->p->parts[id];
    struct cost cost = cost_of(pr, id);

    if (id == 0) {
        buf_add(pr->out, STR("\nInitial response: "));
    } else {
        buf_printf(pr->out, "\nPart %u", id);
        if (part->label.p)
            buf_printf(pr->out, " \"%.*s\"", STR_ARG(part->label));
        buf_printf(pr->out, " at %.*s", STR_ARG(part->path.len ? part->path : STR("the root")));
        if (part->parent)
            buf_printf(pr->out, ", inside part %u", part->parent);
        buf_add(pr->out, STR(": "));
    }
    print_count(pr->out, cost.fetches);
    if (id > 0 && cost.fetches == 0)
        buf_add(pr->out, STR(", the parts around bring everything"));
    buf_add(pr->out, STR("\n  answers "));
    print_answers(pr->out, pr->p, pr->p->output, id);
    buf_add_char(pr->out, '\n');
    print_steps(pr, id, 1);
}

static void print_events(struct printer *pr)
{
    buf_add(pr->out, STR("\nSubscribe\n"));
    for (uint32_t i = 0; i < pr->p->n_fetches; i++)
        if (pr->p->fetches[i].operation == GQL_SUBSCRIPTION)
            print_fetch(pr, &pr->p->fetches[i]);
    if (pr->p->n_fetches > 1)
        buf_add(pr->out, STR("\nFor each event\n"));
    print_steps(pr, 0, 2);
}

static void print_head(struct printer *pr)
{
    static const char *const WORDS[] = {"query", "mutation", "subscription"};
    const struct plan *p = pr->p;
    struct cost first = cost_of(pr, 0);

    buf_add_c(pr->out, WORDS[p->operation->operation]);
    if (p->operation->name.s.p)
        buf_printf(pr->out, " %.*s", STR_ARG(p->operation->name.s));
    buf_add(pr->out, STR(": "));
    print_count(pr->out, p->n_fetches);
    buf_printf(pr->out, ", depth %u", p->depth);
    if (p->n_parts > 1) {
        buf_add(pr->out, STR("; the initial response takes "));
        print_count(pr->out, first.fetches);
        buf_printf(pr->out, ", depth %u", first.last);
    } else if (p->operation->operation == GQL_SUBSCRIPTION) {
        buf_add(pr->out, STR("; each event takes "));
        print_count(pr->out, p->n_fetches - 1);
    }
    buf_add_char(pr->out, '\n');
    for (uint32_t i = 0; i < p->n_conditions; i++)
        buf_printf(pr->out, "%s$%.*s %s", i ? ", " : "planned for ", STR_ARG(p->conditions[i].variable),
                   p->conditions[i].value ? "true" : "false");
    if (p->n_conditions)
        buf_add_char(pr->out, '\n');
}

static void note_steps(struct printer *pr)
{
    pr->step = arena_array(pr->a, uint32_t, pr->p->n_fetches);
    for (uint32_t i = 0; i < pr->p->n_fetches; i++) {
        const struct plan_fetch *f = &pr->p->fetches[i];
        pr->step[i] = 1;
        for (uint32_t k = 0; k < f->n_after; k++)
            if (pr->step[f->after[k]] >= pr->step[i])
                pr->step[i] = pr->step[f->after[k]] + 1;
    }
}

void plan_print(struct buf *out, const struct plan *p)
{
    struct printer pr = {.out = out, .p = p, .a = arena_new(0)};

    note_steps(&pr);
    pr.shown = arena_array(pr.a, struct bits *, p->n_layouts);
    for (uint32_t i = 0; i < p->n_layouts; i++)
        pr.shown[i] = bits_new(pr.a, p->layouts[i]->n_slots);
    note_shown(&pr, p->layouts[0], p->output);
    print_head(&pr);
    if (p->operation->operation == GQL_SUBSCRIPTION)
        print_events(&pr);
    else if (p->n_parts == 1)
        print_steps(&pr, 0, 1);
    for (uint32_t i = 0; p->n_parts > 1 && i < p->n_parts; i++)
        print_part(&pr, i);
    if (pr.marked)
        buf_add(out, STR("\n* not in the response: a key, or what a later fetch requires\n"));
    arena_free(&pr.a);
}

/* ---- for programs ---- */

static void json_text(struct json_writer *w, struct buf *text)
{
    jw_string(w, buf_str(text));
    buf_free(text);
}

static void json_entities(struct json_writer *w, const struct plan *p, const struct plan_fetch *f)
{
    struct buf text;

    jw_name(w, STR("path"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < f->n_entities; i++) {
        buf_init(&text, 1u << 20);
        print_path(&text, f->entities[i].target);
        json_text(w, &text);
    }
    jw_end_array(w);
    jw_name(w, STR("requires"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < f->n_entities; i++) {
        buf_init(&text, 1u << 20);
        if (!f->entities[i].reentry)
            print_requires(&text, p, &f->entities[i]);
        json_text(w, &text);
    }
    jw_end_array(w);
}

static void json_fetch(struct json_writer *w, const struct plan *p, const struct plan_fetch *f)
{
    jw_begin_object(w);
    jw_name(w, STR("id"));
    jw_i64(w, f->id);
    jw_name(w, STR("subgraph"));
    jw_string(w, p->supergraph->subgraphs[f->subgraph].name);
    jw_name(w, STR("part"));
    jw_i64(w, f->part);
    jw_name(w, STR("kind"));
    jw_string(w, f->kind == PLAN_FETCH_ROOT ? STR("root") : STR("entities"));
    jw_name(w, STR("after"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < f->n_after; i++)
        jw_i64(w, f->after[i]);
    jw_end_array(w);
    json_entities(w, p, f);
    jw_name(w, STR("document"));
    jw_string(w, f->document);
    jw_name(w, STR("reason"));
    jw_string(w, f->reason);
    jw_end_object(w);
}

static void json_part(struct json_writer *w, const struct plan *p, uint32_t id)
{
    const struct plan_part *part = &p->parts[id];
    struct buf text;

    jw_begin_object(w);
    jw_name(w, STR("id"));
    jw_i64(w, id);
    jw_name(w, STR("label"));
    if (part->label.p)
        jw_string(w, part->label);
    else
        jw_null(w);
    jw_name(w, STR("path"));
    jw_string(w, part->path);
    jw_name(w, STR("parent"));
    jw_i64(w, part->parent);
    jw_name(w, STR("answers"));
    buf_init(&text, PLAN_TEXT_MAX);
    print_answers(&text, p, p->output, id);
    json_text(w, &text);
    jw_end_object(w);
}

void plan_print_json(struct buf *out, const struct plan *p)
{
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    jw_name(&w, STR("depth"));
    jw_i64(&w, p->depth);
    jw_name(&w, STR("conditions"));
    jw_begin_object(&w);
    for (uint32_t i = 0; i < p->n_conditions; i++) {
        jw_name(&w, p->conditions[i].variable);
        jw_bool(&w, p->conditions[i].value);
    }
    jw_end_object(&w);
    jw_name(&w, STR("parts"));
    jw_begin_array(&w);
    for (uint32_t i = 0; i < p->n_parts; i++)
        json_part(&w, p, i);
    jw_end_array(&w);
    jw_name(&w, STR("fetches"));
    jw_begin_array(&w);
    for (uint32_t i = 0; i < p->n_fetches; i++)
        json_fetch(&w, p, &p->fetches[i]);
    jw_end_array(&w);
    jw_end_object(&w);
}
