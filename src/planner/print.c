/* Plans for people and for programs. */
#include "planner/plan.h"

#include "json/json.h"

/* ---- parts ---- */

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
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < rep->n_fields; i++) {
        const struct plan_rep_field *f = &rep->fields[i];
        buf_printf(out, "%s%.*s", i ? " " : "", (int)f->key_json.len - 3, f->key_json.p + 1);
        for (uint32_t k = 0; k < f->n_children; k++)
            print_rep(out, &f->children[k]);
    }
    buf_add_char(out, '}');
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
        buf_add(out, i ? STR(" ") : STR(""));
        print_types(out, p, e, &e->reps[i]);
        print_rep(out, &e->reps[i]);
    }
}

static void print_shape(struct buf *out, const struct plan_shape *s)
{
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < s->n_fields; i++) {
        buf_printf(out, "%s%.*s", i ? " " : "", STR_ARG(s->fields[i].key));
        if (s->fields[i].child)
            print_shape(out, s->fields[i].child);
    }
    buf_add_char(out, '}');
}

/* ---- for people ---- */

static uint32_t step_of(const struct plan *p, const struct plan_fetch *f)
{
    uint32_t step = 1;
    for (uint32_t i = 0; i < f->n_after; i++) {
        uint32_t before = step_of(p, &p->fetches[f->after[i]]) + 1;
        if (before > step)
            step = before;
    }
    return step;
}

static void indent(struct buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_add(out, STR("  "));
}

static void print_fetch(struct buf *out, const struct plan *p, const struct plan_fetch *f, int in)
{
    indent(out, in);
    buf_printf(out, "[%u] %.*s", f->id, STR_ARG(p->supergraph->subgraphs[f->subgraph].name));
    for (uint32_t i = 0; i < f->n_after; i++)
        buf_printf(out, "%s[%u]", i ? " " : "  after ", f->after[i]);
    buf_printf(out, "  (%.*s)\n", STR_ARG(f->reason));
    if (f->kind == PLAN_FETCH_ROOT) {
        indent(out, in + 1);
        buf_add(out, STR("out "));
        print_shape(out, f->shape);
        buf_add_char(out, '\n');
    }
    for (uint32_t i = 0; i < f->n_entities; i++) {
        indent(out, in + 1);
        buf_add(out, STR("at  "));
        print_path(out, f->entities[i].target);
        buf_add_char(out, '\n');
        indent(out, in + 1);
        buf_add(out, STR("in  "));
        print_requires(out, p, &f->entities[i]);
        buf_add_char(out, '\n');
        indent(out, in + 1);
        buf_add(out, STR("out "));
        print_shape(out, f->entities[i].shape);
        buf_add_char(out, '\n');
    }
}

static void print_step(struct buf *out, const struct plan *p, uint32_t step)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_fetches; i++)
        n += step_of(p, &p->fetches[i]) == step;
    if (n > 1)
        buf_add(out, STR("  Parallel\n"));
    for (uint32_t i = 0; i < p->n_fetches; i++)
        if (step_of(p, &p->fetches[i]) == step)
            print_fetch(out, p, &p->fetches[i], n > 1 ? 2 : 1);
}

void plan_print(struct buf *out, const struct plan *p)
{
    buf_printf(out, "%u fetch%s, depth %u\n", p->n_fetches, p->n_fetches == 1 ? "" : "es",
               p->depth);
    if (p->n_fetches)
        buf_add(out, STR("Sequence\n"));
    for (uint32_t step = 1; step <= p->depth; step++)
        print_step(out, p, step);
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

void plan_print_json(struct buf *out, const struct plan *p)
{
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    jw_name(&w, STR("depth"));
    jw_i64(&w, p->depth);
    jw_name(&w, STR("fetches"));
    jw_begin_array(&w);
    for (uint32_t i = 0; i < p->n_fetches; i++)
        json_fetch(&w, p, &p->fetches[i]);
    jw_end_array(&w);
    jw_end_object(&w);
}
