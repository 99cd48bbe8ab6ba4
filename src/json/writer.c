#include "base/panic.h"
#include "base/utf8.h"
#include "json/decimal.h"
#include "json/json.h"
#include "json/scan.h"

#include <stdlib.h>

static void write_escape(struct buf *b, unsigned char c)
{
    static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
    static const char hex[] = "0123456789abcdef";
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        buf_add_mem(b, (char[]){'\\', to[at - from]}, 2);
        return;
    }
    buf_add_mem(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* Passes over what goes out as it is: plain bytes and valid UTF-8. */
static const char *skip_verbatim(const char *p, const char *end)
{
    for (;;) {
        p = json_scan_plain(p, end);
        if (p == end || (unsigned char)*p < 0x80)
            return p;
        do {
            unsigned n = utf8_length(p, end);
            if (!n)
                return p;
            p += n;
        } while (p < end && (unsigned char)*p >= 0x80);
    }
}

void json_write_string_body(struct buf *b, struct str s)
{
    if (s.len == 0)
        return;
    const char *p = s.p, *end = s.p + s.len;
    while (p < end) {
        const char *run = p;
        p = skip_verbatim(p, end);
        buf_add_mem(b, run, (size_t)(p - run));
        if (p == end)
            return;
        if ((unsigned char)*p >= 0x80) {
            buf_add(b, STR("\xEF\xBF\xBD"));
            p += utf8_bad_length(p, end);
        } else {
            write_escape(b, (unsigned char)*p++);
        }
    }
}

void json_write_string(struct buf *b, struct str s)
{
    if (s.len == 0 || json_scan_plain(s.p, s.p + s.len) == s.p + s.len) {
        char *out = buf_reserve(b, s.len + 2);
        if (!out)
            return;
        out[0] = '"';
        if (s.len)
            memcpy(out + 1, s.p, s.len);
        out[s.len + 1] = '"';
        buf_advance(b, s.len + 2);
        return;
    }
    buf_add_char(b, '"');
    json_write_string_body(b, s);
    buf_add_char(b, '"');
}

static void write_scalar(struct buf *b, const struct json *v)
{
    switch (v->kind) {
    case JSON_STRING: json_write_string(b, v->text); break;
    case JSON_NUMBER: buf_add(b, v->text); break;
    case JSON_BOOL: buf_add(b, v->boolean ? STR("true") : STR("false")); break;
    default: buf_add(b, STR("null"));
    }
}

void json_write(struct buf *b, const struct json *v)
{
    if (v->kind < JSON_ARRAY) {
        write_scalar(b, v);
        return;
    }
    bool object = v->kind == JSON_OBJECT;
    buf_add_char(b, object ? '{' : '[');
    for (uint32_t i = 0; i < v->n; i++) {
        if (i)
            buf_add_char(b, ',');
        if (object) {
            json_write_string(b, v->members[i].name);
            buf_add_char(b, ':');
        }
        json_write(b, object ? v->members[i].value : v->items[i]);
    }
    buf_add_char(b, object ? '}' : ']');
}

/* UTF-16 puts the characters from U+10000 (lead bytes F0–F4) before U+E000–U+FFFF (EE and EF). */
static int utf16_rank(unsigned char c)
{
    return c == 0xEE || c == 0xEF ? c + 0x10 : c;
}

static int by_utf16(const void *a, const void *b)
{
    struct str x = ((const struct json_member *)a)->name, y = ((const struct json_member *)b)->name;
    size_t n = x.len < y.len ? x.len : y.len;
    for (size_t i = 0; i < n; i++)
        if (x.p[i] != y.p[i])
            return utf16_rank((unsigned char)x.p[i]) - utf16_rank((unsigned char)y.p[i]);
    return (x.len > y.len) - (x.len < y.len);
}

static void write_canonical_number(struct buf *b, struct str text)
{
    char small[64];
    char *digits = text.len <= sizeof small ? small : xmalloc(text.len);
    struct decimal d;
    if (decimal_parse(text, digits, &d))
        decimal_write(b, &d, digits);
    else
        buf_add(b, text);
    if (digits != small)
        free(digits);
}

static void write_canonical_object(struct buf *b, const struct json *v)
{
    struct json_member *sorted = xmalloc(v->n * sizeof *sorted);
    if (v->n)
        memcpy(sorted, v->members, v->n * sizeof *sorted);
    qsort(sorted, v->n, sizeof *sorted, by_utf16);
    buf_add_char(b, '{');
    for (uint32_t i = 0; i < v->n; i++) {
        if (i)
            buf_add_char(b, ',');
        json_write_string(b, sorted[i].name);
        buf_add_char(b, ':');
        json_write_canonical(b, sorted[i].value);
    }
    buf_add_char(b, '}');
    free(sorted);
}

void json_write_canonical(struct buf *b, const struct json *v)
{
    switch (v->kind) {
    case JSON_OBJECT: write_canonical_object(b, v); break;
    case JSON_NUMBER: write_canonical_number(b, v->text); break;
    case JSON_ARRAY:
        buf_add_char(b, '[');
        for (uint32_t i = 0; i < v->n; i++) {
            if (i)
                buf_add_char(b, ',');
            json_write_canonical(b, v->items[i]);
        }
        buf_add_char(b, ']');
        break;
    default: write_scalar(b, v);
    }
}

static struct buf *before_value(struct json_writer *w)
{
    if (w->need_comma)
        buf_add_char(w->out, ',');
    w->need_comma = true;
    return w->out;
}

void jw_begin_object(struct json_writer *w)
{
    buf_add_char(before_value(w), '{');
    w->need_comma = false;
}

void jw_end_object(struct json_writer *w)
{
    buf_add_char(w->out, '}');
    w->need_comma = true;
}

void jw_begin_array(struct json_writer *w)
{
    buf_add_char(before_value(w), '[');
    w->need_comma = false;
}

void jw_end_array(struct json_writer *w)
{
    buf_add_char(w->out, ']');
    w->need_comma = true;
}

void jw_name(struct json_writer *w, struct str name)
{
    json_write_string(before_value(w), name);
    buf_add_char(w->out, ':');
    w->need_comma = false;
}

void jw_string(struct json_writer *w, struct str s)
{
    json_write_string(before_value(w), s);
}

void jw_i64(struct json_writer *w, int64_t n)
{
    buf_add_i64(before_value(w), n);
}

void jw_double(struct json_writer *w, double d)
{
    json_write_double(before_value(w), d);
}

void jw_bool(struct json_writer *w, bool v)
{
    buf_add(before_value(w), v ? STR("true") : STR("false"));
}

void jw_null(struct json_writer *w)
{
    buf_add(before_value(w), STR("null"));
}

void jw_raw(struct json_writer *w, struct str json)
{
    buf_add(before_value(w), json);
}
