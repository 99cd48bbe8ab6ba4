#include "federation/compose_msg.h"

/* `[customers:12] text`: the subgraph and the line in front, as compilers do. */
static struct compose_message make_message(struct messages *m, enum compose_level level, struct where w,
                                           const char *code, const char *fmt, va_list ap)
{
    struct str text = arena_vprintf(m->arena, fmt, ap);
    struct gql_loc loc = w.loc.line || !w.elem ? w.loc : w.elem->loc;
    struct compose_message out = {
        .level = level, .code = str_c(code), .message = text, .line = loc.line, .column = loc.column};
    if (w.coordinate.p)
        out.coordinate = w.coordinate;
    else if (w.elem)
        out.coordinate = fed_coordinate(m->arena, w.elem);
    if (!w.subgraph)
        return out;
    out.subgraph = w.subgraph->name;
    if (loc.line)
        out.message = arena_printf(m->arena, "[%.*s:%u] %.*s", STR_ARG(out.subgraph), loc.line, STR_ARG(text));
    else
        out.message = arena_printf(m->arena, "[%.*s] %.*s", STR_ARG(out.subgraph), STR_ARG(text));
    return out;
}

void msg_error(struct messages *m, struct where w, const char *code, const char *fmt, ...)
{
    if (m->errors.n >= COMPOSE_MESSAGES_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    vec_push(m->arena, &m->errors, make_message(m, COMPOSE_ERROR, w, code, fmt, ap));
    va_end(ap);
}

void msg_hint(struct messages *m, enum compose_level level, struct where w, const char *code, const char *fmt, ...)
{
    if (m->hints.n >= COMPOSE_MESSAGES_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    vec_push(m->arena, &m->hints, make_message(m, level, w, code, fmt, ap));
    va_end(ap);
}

/* ---- lists in sentences ---- */

#define SENTENCE_MAX (1u << 20)
#define LIST_SHOWN_MAX 20

struct str msg_names(struct arena *a, const char *singular, const char *plural, const struct str *names, size_t n)
{
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    buf_printf(&out, "%s ", n == 1 ? singular : plural);
    size_t shown = n > LIST_SHOWN_MAX ? LIST_SHOWN_MAX : n;
    for (size_t i = 0; i < shown; i++) {
        if (i)
            buf_add_c(&out, i + 1 == n ? " and " : ", ");
        buf_printf(&out, "\"%.*s\"", STR_ARG(names[i]));
    }
    if (shown < n)
        buf_printf(&out, " and %zu more", n - shown);
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

/* ---- sources ---- */

bool source_present(const struct source *s, const void *data)
{
    return s->elem != NULL;
}
bool source_absent(const struct source *s, const void *data)
{
    return s->elem == NULL;
}

static void write_source(struct buf *out, const struct source *s)
{
    buf_printf(out, "\"%.*s\"", STR_ARG(s->sg->name));
    if (s->elem && s->elem->loc.line)
        buf_printf(out, " (line %u)", s->elem->loc.line);
}

static void write_source_list(struct buf *out, struct source *const *list, size_t n)
{
    buf_add_c(out, n == 1 ? "subgraph " : "subgraphs ");
    size_t shown = n > LIST_SHOWN_MAX ? LIST_SHOWN_MAX : n;
    for (size_t i = 0; i < shown; i++) {
        if (i)
            buf_add_c(out, i + 1 == n ? " and " : ", ");
        write_source(out, list[i]);
    }
    if (shown < n)
        buf_printf(out, " and %zu more", n - shown);
}

struct source_list VEC_BODY(struct source *);

struct str sources_list(struct arena *a, const struct sources *s, source_keep keep, const void *data)
{
    struct source_list list = {0};
    for (uint32_t i = 0; i < s->n; i++)
        if (keep(&s->v[i], data))
            vec_push(a, &list, &s->v[i]);
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    write_source_list(&out, list.v, list.n);
    struct str text = arena_str(a, buf_str(&out));
    buf_free(&out);
    return text;
}

struct source_group {
    struct str text;
    struct source_list list;
};

struct str sources_describe(struct arena *a, const struct sources *s, struct str first, source_text text,
                            const void *data, bool missing)
{
    VEC(struct source_group) groups = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem && !missing)
            continue;
        struct str t = text(a, &s->v[i], data);
        if (!t.p)
            continue;
        size_t g = 0;
        while (g < groups.n && !str_eq(groups.v[g].text, t))
            g++;
        if (g == groups.n)
            vec_push(a, &groups, (struct source_group){.text = t});
        vec_push(a, &groups.v[g].list, &s->v[i]);
    }
    for (size_t g = 1; first.p && g < groups.n; g++)
        if (str_eq(groups.v[g].text, first)) {
            struct source_group moved = groups.v[g];
            memmove(&groups.v[1], &groups.v[0], g * sizeof moved);
            groups.v[0] = moved;
        }
    struct buf out;
    buf_init(&out, SENTENCE_MAX);
    for (size_t g = 0; g < groups.n; g++) {
        if (g)
            buf_add_c(&out, g + 1 == groups.n ? " and " : ", ");
        buf_printf(&out, "%.*s in ", STR_ARG(groups.v[g].text));
        write_source_list(&out, groups.v[g].list.v, groups.v[g].list.n);
    }
    struct str result = arena_str(a, buf_str(&out));
    buf_free(&out);
    return result;
}
