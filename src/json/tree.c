#include "json/json.h"

#include "base/panic.h"

#include <stdlib.h>

/* Values whose container is still open wait here, and move to the arena when it closes and their
 * number is known. */
struct waiting {
    struct json_member member;
    uint64_t sketch; /* of the name: its length and three of its bytes */
};

struct builder {
    struct json_reader r;
    struct arena *arena;
    struct json *fresh; /* nodes not used yet; they are taken from the arena by the handful */
    size_t fresh_left, fresh_next;
    struct waiting *waiting;
    size_t n, cap;
    int depth;
    struct open {
        struct json *node;
        size_t first; /* in `waiting` */
        bool no_item_yet;
    } open[JSON_DEPTH_MAX];
};

#define FRESH_FIRST 4
#define FRESH_MOST 64

static struct json *new_node(struct builder *b)
{
    if (b->fresh_left == 0) {
        if (arena_exhausted(b->arena))
            json_reader_fail(&b->r, "JSON_TOO_LARGE", "the text has more values than there is memory for");
        b->fresh_left = b->fresh_next;
        b->fresh = arena_array(b->arena, struct json, b->fresh_left);
        if (b->fresh_next < FRESH_MOST)
            b->fresh_next *= 2;
    }
    b->fresh_left--;
    return b->fresh++;
}

static inline struct waiting *add_waiting(struct builder *b)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 64;
        b->waiting = xrealloc(b->waiting, b->cap * sizeof *b->waiting);
    }
    return &b->waiting[b->n++];
}

static inline uint64_t sketch_of(struct str name)
{
    if (name.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)name.p;
    return (uint64_t)name.len << 24 | (uint64_t)p[0] << 16 | (uint64_t)p[name.len / 2] << 8 |
           p[name.len - 1];
}

/* Above this many members they are sorted at once. */
#define COMPARE_PAIRS_MAX 24

static bool may_repeat(const struct waiting *w, size_t n)
{
    if (n > COMPARE_PAIRS_MAX)
        return true;
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (w[i].sketch == w[k].sketch)
                return true;
    return false;
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

/* Keeps the place of the first and the value of the last of equal names, as JSON.parse does.
 * Sorting, because a hash table can be driven into its worst case by whoever chooses the names. */
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
    size_t n = b->n - o->first;
    const struct waiting *w = n ? b->waiting + o->first : NULL;
    b->n = o->first;
    v->raw.len = (size_t)(b->r.p - v->raw.p);
    if (v->kind == JSON_OBJECT) {
        v->members = arena_alloc_raw(b->arena, n * sizeof *v->members);
        for (size_t i = 0; i < n; i++)
            v->members[i] = w[i].member;
        if (may_repeat(w, n))
            n = drop_repeated(v->members, n);
    } else {
        v->items = arena_alloc_raw(b->arena, n * sizeof *v->items);
        for (size_t i = 0; i < n; i++)
            v->items[i] = w[i].member.value;
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

/* Goes to the next value of the innermost open container. False when that is at its end. */
static bool next_value(struct builder *b)
{
    struct open *o = &b->open[b->depth - 1];
    struct str name = STR_NONE;
    bool escapes;
    if (o->node->kind == JSON_ARRAY) {
        if (!json_next_item(&b->r, &o->no_item_yet))
            return false;
    } else {
        if (!json_next_member(&b->r, &o->no_item_yet, &name, &escapes))
            return false;
        if (escapes)
            name = json_unescape(b->arena, name);
    }
    *add_waiting(b) = (struct waiting){{name, NULL}, sketch_of(name)};
    return true;
}

/* The next value; a container is only opened. NULL on failure. */
static struct json *begin_value(struct builder *b)
{
    int kind = json_peek(&b->r);
    if (kind < 0)
        return NULL;
    struct json *v = new_node(b);
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
                b->waiting[b->n - 1].member.value = v;
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
    b.fresh_next = FRESH_FIRST;
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
