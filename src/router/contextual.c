#include "router/contextual.h"

#include "json/json.h"

#define VALUE_BYTES_MAX (64u << 20)
#define DOCUMENT_BYTES_MAX (16u << 20)

/* The object that fills in a context, and how to read it. */
struct setter {
    const struct record *rec; /* NULL: none so far */
    const struct plan_rep *rep;
};

struct walk {
    struct result *result;
    const struct plan_entities *entities;
    const struct plan_layout **chain; /* from the root to the target */
    uint32_t n_chain;
    struct map by_values; /* the members' text → index in `sets` + 1 */
    struct rep_set_vec *sets;
    size_t begin;         /* of this selection in `sets` */
    VEC(struct rep_collector *) collectors; /* beside the sets of this selection */
};

/* ---- values ---- */

static bool write_slot(struct buf *out, const struct slot *s, const struct plan_rep_field *field, bool nullable,
                       struct rep_lack *lack);

static bool write_null(struct buf *out, bool nullable)
{
    if (nullable)
        buf_add(out, STR("null"));
    return nullable;
}

/* The one field that the selection has for this type. */
static bool write_of(struct buf *out, const struct record *rec, const struct plan_rep *rep, bool nullable,
                     struct rep_lack *lack)
{
    return rep->n_fields ? write_slot(out, &rec->slots[rep->fields[0].slot], &rep->fields[0], nullable, lack)
                         : write_null(out, nullable);
}

static bool write_list(struct buf *out, const struct slot_list *list, const struct plan_rep_field *field,
                       struct rep_lack *lack)
{
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < list->n; i++) {
        if (i)
            buf_add_char(out, ',');
        if (!write_slot(out, &list->items[i], field, true, lack))
            return false;
    }
    buf_add_char(out, ']');
    return true;
}

static bool write_slot(struct buf *out, const struct slot *s, const struct plan_rep_field *field, bool nullable,
                       struct rep_lack *lack)
{
    const struct plan_rep *rep;

    switch (s->kind) {
    case SLOT_LEAF:
        buf_add_mem(out, s->leaf, s->len);
        return true;
    case SLOT_LIST:
        return write_list(out, s->list, field, lack);
    case SLOT_RECORD:
        rep = rep_for(field->children, field->n_children, s->record);
        return rep ? write_of(out, s->record, rep, nullable, lack) : write_null(out, nullable);
    case SLOT_NULL:
        return write_null(out, nullable);
    case SLOT_ERROR:
        lack->cause = s->errors;
        return false;
    default:
        lack->unknown = true;
        return false;
    }
}

/* `"c0_0":"Ada","c0_1":null`, without the number of the copy. False when a value is lacking. */
static bool write_values(struct walk *w, const struct setter *setters, struct buf *out, struct rep_lack *lack)
{
    for (uint32_t i = 0; i < w->entities->n_contexts; i++) {
        const struct plan_context *c = &w->entities->contexts[i];
        if (i)
            buf_add_char(out, ',');
        if (!setters[i].rec || !write_of(out, setters[i].rec, setters[i].rep, c->nullable, lack))
            return false;
    }
    return true;
}

/* ---- one set for each tuple ---- */

static struct str copy_name(struct arena *a, struct str name, size_t copy)
{
    return copy ? arena_printf(a, "%.*s_%zu", STR_ARG(name), copy) : name;
}

static void name_values(struct walk *w, const struct setter *setters, size_t copy, struct rep_set *set)
{
    struct arena *a = w->result->arena;
    struct rep_lack lack = {0};
    struct buf b;

    buf_init(&b, VALUE_BYTES_MAX);
    for (uint32_t i = 0; i < w->entities->n_contexts; i++) {
        const struct plan_context *c = &w->entities->contexts[i];
        struct str name = copy_name(a, c->variable, copy);
        buf_printf(&b, ",\"%.*s\":", STR_ARG(name));
        write_of(&b, setters[i].rec, setters[i].rep, c->nullable, &lack);
    }
    set->values = arena_str(a, buf_str(&b));
    buf_free(&b);
}

static size_t set_for(struct walk *w, const struct setter *setters, struct str values)
{
    struct arena *a = w->result->arena;
    uintptr_t known = (uintptr_t)map_get(&w->by_values, values);
    if (known)
        return known - 1;
    size_t copy = w->collectors.n;
    struct rep_set *set = vec_add(a, w->sets);
    rep_set_begin(w->entities, set);
    set->copy = (uint32_t)copy;
    set->alias = copy_name(a, w->entities->alias, copy);
    set->variable = copy_name(a, w->entities->variable, copy);
    name_values(w, setters, copy, set);
    vec_push(a, &w->collectors, rep_collector_new(w->result));
    map_put(a, &w->by_values, arena_str(a, values), (void *)(uintptr_t)(copy + 1));
    return copy;
}

static void take(struct walk *w, struct record *rec, const struct setter *setters)
{
    const struct plan_entities *e = w->entities;
    const struct plan_rep *rep = rep_for(e->reps, e->n_reps, rec);
    struct rep_lack lack = {0};
    struct buf values;

    if (!rep)
        return;
    buf_init(&values, VALUE_BYTES_MAX);
    if (write_values(w, setters, &values, &lack)) {
        size_t at = set_for(w, setters, buf_str(&values));
        rep_set_add(w->result, &w->sets->v[w->begin + at], w->collectors.v[at], rec, rep);
    } else {
        rep_leave_out(w->result, rec, e->shape, &lack);
    }
    buf_free(&values);
}

/* ---- the way down ---- */

static void look_at(struct walk *w, const struct record *rec, struct setter *setters)
{
    for (uint32_t i = 0; i < w->entities->n_contexts; i++) {
        const struct plan_context *c = &w->entities->contexts[i];
        for (uint32_t k = 0; k < c->n_sources; k++) {
            const struct plan_rep *rep =
                c->sources[k].at == rec->layout ? rep_for(c->sources[k].reps, c->sources[k].n_reps, rec) : NULL;
            if (rep)
                setters[i] = (struct setter){rec, rep};
        }
    }
}

static void walk_slot(struct walk *w, const struct slot *s, uint32_t depth, const struct setter *setters);

/* The target itself sets nothing for its own fields, but it may for those below it. */
static void walk_record(struct walk *w, struct record *rec, uint32_t depth, const struct setter *above)
{
    uint32_t n = w->entities->n_contexts;
    struct setter *setters = arena_memdup(w->result->arena, above, n * sizeof *above);

    look_at(w, rec, setters);
    if (depth + 1 == w->n_chain)
        take(w, rec, setters);
    else
        walk_slot(w, &rec->slots[w->chain[depth + 1]->parent_slot], depth + 1, setters);
}

static void walk_slot(struct walk *w, const struct slot *s, uint32_t depth, const struct setter *setters)
{
    if (s->kind == SLOT_RECORD)
        walk_record(w, s->record, depth, setters);
    for (uint32_t i = 0; s->kind == SLOT_LIST && i < s->list->n; i++)
        walk_slot(w, &s->list->items[i], depth, setters);
}

void contextual_collect(struct result *r, const struct plan_entities *entities, struct rep_set_vec *out)
{
    struct walk w = {.result = r, .entities = entities, .sets = out, .begin = out->n};
    uint32_t depth = 0;

    for (const struct plan_layout *l = entities->target; l; l = l->parent)
        w.n_chain++;
    w.chain = arena_array(r->arena, const struct plan_layout *, w.n_chain);
    for (const struct plan_layout *l = entities->target; l; l = l->parent)
        w.chain[w.n_chain - ++depth] = l;
    walk_record(&w, r->root, 0, arena_array(r->arena, struct setter, entities->n_contexts));
    for (size_t i = w.begin; i < out->n; i++)
        rep_set_end(&out->v[i]);
}

/* ---- documents ---- */

static void add_copy(struct buf *to, struct str text, uint32_t copy)
{
    struct str piece;
    bool first = true;
    while (str_split(&text, PLAN_COPY_MARK, &piece)) {
        if (!first && copy)
            buf_printf(to, "_%u", copy);
        first = false;
        buf_add(to, piece);
    }
}

static bool is_usual(const struct plan_fetch *fetch, const struct rep_set *sets, size_t n)
{
    if (n != fetch->n_entities)
        return false;
    for (size_t i = 0; i < n; i++)
        if (sets[i].entities != &fetch->entities[i] || sets[i].copy > 0)
            return false;
    return true;
}

bool contextual_uses_variable(const struct rep_set *sets, size_t n, uint32_t index)
{
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < sets[i].entities->n_uses; k++)
            if (sets[i].entities->uses[k] == index)
                return true;
    return false;
}

static void add_definitions(struct buf *to, const struct plan_fetch *fetch, const struct rep_set *sets, size_t n)
{
    char next = '(';
    for (size_t i = 0; i < n; i++) {
        if (sets[i].entities->reentry)
            continue;
        buf_add_char(to, next);
        add_copy(to, sets[i].entities->definitions, sets[i].copy);
        next = ',';
    }
    for (uint32_t i = 0; i < fetch->n_variables; i++) {
        if (!contextual_uses_variable(sets, n, i))
            continue;
        buf_add_char(to, next);
        buf_add(to, fetch->definitions[i]);
        next = ',';
    }
    if (next == ',')
        buf_add_char(to, ')');
}

struct str contextual_document(struct arena *a, const struct plan_fetch *fetch, const struct rep_set *sets, size_t n)
{
    struct buf text, json;

    if (is_usual(fetch, sets, n))
        return fetch->document_json;
    buf_init(&text, DOCUMENT_BYTES_MAX);
    buf_init(&json, DOCUMENT_BYTES_MAX);
    buf_add(&text, fetch->head);
    add_definitions(&text, fetch, sets, n);
    buf_add(&text, fetch->directives);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&text, i ? ' ' : '{');
        add_copy(&text, sets[i].entities->selection, sets[i].copy);
    }
    buf_add_char(&text, '}');
    json_write_string(&json, buf_str(&text));
    struct str out = arena_str(a, buf_str(&json));
    buf_free(&text);
    buf_free(&json);
    return out;
}
