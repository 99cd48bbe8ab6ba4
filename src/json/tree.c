#include "json/json.h"

#include "base/panic.h"

#include <stdlib.h>

/* Values whose container is still open wait here, and move to the arena when it closes and their number is known. */
struct builder {
    struct json_reader r;
    struct arena *arena;
    struct json_member *waiting;
    size_t n, cap;
    int depth;
    struct open {
        struct json *node;
        size_t first;   /* in `waiting` */
        uint64_t seen;  /* one bit per name's rough hash: names can only repeat when a bit does */
        bool may_repeat;
        bool no_item_yet;
    } open[JSON_DEPTH_MAX];
};

static void push_waiting(struct builder *b, struct json_member m)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 256;
        b->waiting = xrealloc(b->waiting, b->cap * sizeof *b->waiting);
    }
    b->waiting[b->n++] = m;
}

static void note_name(struct open *o, struct str name)
{
    unsigned hash = (unsigned)name.len * 7;
    if (name.len)
        hash += (unsigned char)name.p[0] * 3 + (unsigned char)name.p[name.len - 1] * 5 +
                (unsigned char)name.p[name.len / 2] * 11;
    uint64_t bit = UINT64_C(1) << (hash & 63);
    o->may_repeat |= (o->seen & bit) != 0;
    o->seen |= bit;
}

struct name_place {
    struct str name;
    uint32_t at;
};

static int by_name_then_place(const void *a, const void *b)
{
    const struct name_place *x = a, *y = b;
    int order = str_cmp(x->name, y->name);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Keeps the place of the first and the value of the last of equal names, as JSON.parse does. Sorting, because a hash
 * table can be driven into its worst case by whoever chooses the names. */
static size_t drop_repeated(struct json_member *m, size_t n)
{
    struct name_place *places = xmalloc(n * sizeof *places);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct name_place){m[i].name, (uint32_t)i};
    qsort(places, n, sizeof *places, by_name_then_place);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (!str_eq(places[i].name, places[first].name)) {
            first = i;
            continue;
        }
        m[places[first].at].value = m[places[i].at].value;
        m[places[i].at].value = NULL;
    }
    free(places);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (m[i].value)
            m[kept++] = m[i];
    return kept;
}

static struct json *close_container(struct builder *b)
{
    struct open *o = &b->open[--b->depth];
    struct json *v = o->node;
    struct json_member *m = b->waiting + o->first;
    size_t n = b->n - o->first;
    b->n = o->first;
    v->raw.len = (size_t)(b->r.p - v->raw.p);
    if (v->kind == JSON_OBJECT) {
        if (o->may_repeat)
            n = drop_repeated(m, n);
        v->members = arena_memdup(b->arena, m, n * sizeof *m);
    } else {
        v->items = arena_alloc_raw(b->arena, n * sizeof *v->items);
        for (size_t i = 0; i < n; i++)
            v->items[i] = m[i].value;
    }
    v->n = (uint32_t)n;
    return v;
}

static bool read_scalar(struct builder *b, struct json *v)
{
    bool flag;
    switch (v->kind) {
    case JSON_STRING:
        if (!json_read_string(&b->r, &v->text, &flag))
            return false;
        v->raw = str_mem(v->text.p - 1, v->text.len + 2);
        if (flag)
            v->text = json_unescape(b->arena, v->text);
        return true;
    case JSON_NUMBER:
        if (!json_read_number(&b->r, &v->text, &flag))
            return false;
        v->raw = v->text;
        return true;
    case JSON_BOOL:
        if (!json_read_bool(&b->r, &v->boolean))
            return false;
        break;
    default:
        if (!json_read_null(&b->r))
            return false;
    }
    v->raw.len = (size_t)(b->r.p - v->raw.p);
    return true;
}

/* Goes to the next value of the innermost open container. False when that container is at its end. */
static bool next_value(struct builder *b)
{
    struct open *o = &b->open[b->depth - 1];
    struct json_member m = {STR_NONE, NULL};
    bool escapes = false;
    if (o->node->kind == JSON_ARRAY) {
        if (!json_next_item(&b->r, &o->no_item_yet))
            return false;
    } else {
        if (!json_next_member(&b->r, &o->no_item_yet, &m.name, &escapes))
            return false;
        if (escapes)
            m.name = json_unescape(b->arena, m.name);
        note_name(o, m.name);
    }
    push_waiting(b, m);
    return true;
}

/* The next value; a container is only opened. NULL on failure. */
static struct json *begin_value(struct builder *b)
{
    int kind = json_peek(&b->r);
    if (kind < 0)
        return NULL;
    struct json *v = arena_new_of(b->arena, struct json);
    v->kind = (enum json_kind)kind;
    v->raw.p = b->r.p;
    if (kind < JSON_ARRAY)
        return read_scalar(b, v) ? v : NULL;
    if (!(kind == JSON_ARRAY ? json_enter_array(&b->r) : json_enter_object(&b->r)))
        return NULL;
    b->open[b->depth++] = (struct open){.node = v, .first = b->n, .no_item_yet = true};
    return v;
}

static struct json *build(struct builder *b)
{
    for (;;) {
        struct json *v = begin_value(b);
        if (!v)
            return NULL;
        bool opened = v->kind >= JSON_ARRAY;
        for (;;) {
            if (!opened) {
                if (b->depth == 0)
                    return v;
                b->waiting[b->n - 1].value = v;
            }
            opened = false;
            if (next_value(b))
                break;
            if (b->r.failed)
                return NULL;
            v = close_container(b);
        }
    }
}

struct json *json_parse(struct arena *a, struct str text, struct err *err)
{
    struct builder b;
    memset(&b, 0, offsetof(struct builder, open));
    b.arena = a;
    json_reader_init(&b.r, text, err);
    struct json *v = build(&b);
    if (v && !json_at_end(&b.r))
        v = NULL;
    free(b.waiting);
    return v;
}

struct json *json_get(const struct json *v, struct str name)
{
    if (!v || v->kind != JSON_OBJECT)
        return NULL;
    for (uint32_t i = 0; i < v->n; i++)
        if (str_eq(v->members[i].name, name))
            return v->members[i].value;
    return NULL;
}

struct str json_get_str(const struct json *v, struct str name)
{
    const struct json *member = json_get(v, name);
    return member && member->kind == JSON_STRING ? member->text : STR_NONE;
}
