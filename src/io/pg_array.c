/* One-dimensional arrays in PostgreSQL's text form. */
#include "io/pg.h"

static size_t quoted_length(struct str s)
{
    size_t n = s.len + 2;
    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] == '"' || s.p[i] == '\\';
    return n;
}

static char *put_quoted(char *out, struct str s)
{
    *out++ = '"';
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            *out++ = '\\';
        *out++ = s.p[i];
    }
    *out++ = '"';
    return out;
}

struct str pg_array(struct arena *a, const struct str *items, size_t n)
{
    size_t total = 2;
    for (size_t i = 0; i < n; i++)
        total += (items[i].p ? quoted_length(items[i]) : 4) + 1;
    char *text = arena_alloc_raw(a, total), *out = text;
    *out++ = '{';
    for (size_t i = 0; i < n; i++) {
        if (i)
            *out++ = ',';
        if (items[i].p)
            out = put_quoted(out, items[i]);
        else
            out = (char *)memcpy(out, "NULL", 4) + 4;
    }
    *out++ = '}';
    return str_mem(text, (size_t)(out - text));
}

/* The element at *p, up to its comma or brace. */
static bool parse_quoted(struct arena *a, const char **p, const char *end, struct str *item)
{
    char *text = arena_alloc_raw(a, (size_t)(end - *p)), *out = text;
    for (const char *q = *p + 1; q < end; q++) {
        if (*q == '"') {
            *item = str_mem(text, (size_t)(out - text));
            *p = q + 1;
            return true;
        }
        if (*q == '\\' && ++q == end)
            return false;
        *out++ = *q;
    }
    return false;
}

static bool parse_plain(const char **p, const char *end, struct str *item)
{
    const char *q = *p;
    while (q < end && *q != ',' && *q != '}' && *q != '{' && *q != '"' && *q != '\\')
        q++;
    *item = str_mem(*p, (size_t)(q - *p));
    *p = q;
    if (str_eq_nocase(*item, STR("null")))
        *item = STR_NONE;
    return !item->p || item->len > 0;
}

bool pg_array_parse(struct arena *a, struct str text, struct str **items, size_t *n)
{
    if (text.len < 2 || text.p[0] != '{' || text.p[text.len - 1] != '}')
        return false;
    const char *p = text.p + 1, *end = text.p + text.len;
    size_t max = 1;
    for (size_t i = 0; i < text.len; i++)
        max += text.p[i] == ',';
    *items = arena_array(a, struct str, max);
    *n = 0;
    if (text.len == 2)
        return true;
    for (;;) {
        struct str *item = &(*items)[(*n)++];
        if (!(*p == '"' ? parse_quoted(a, &p, end, item) : parse_plain(&p, end, item)) || p == end)
            return false;
        if (*p == '}')
            return p + 1 == end;
        if (*p++ != ',')
            return false;
    }
}
