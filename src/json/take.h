/* Fast paths of the reader (json.h) for who knows what comes next: each takes a value in its plainest and most frequent
 * form. False: it stands there in another form, or not at all; nothing was taken, and the reader's own calls tell more.
 * None steps over white space. */
#ifndef PAINTBOX_JSON_TAKE_H
#define PAINTBOX_JSON_TAKE_H

#include "json/json.h"
#include "json/scan.h"

/* Are they the same? For names: four bytes or more, and few. */
static inline bool json_same_bytes(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    uint32_t s, t;
    if (n < 8) {
        memcpy(&s, a, 4);
        memcpy(&t, b, 4);
        if (s != t)
            return false;
        memcpy(&s, a + n - 4, 4);
        memcpy(&t, b + n - 4, 4);
        return s == t;
    }
    for (size_t i = 0; i + 8 < n; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - 8, 8);
    memcpy(&y, b + n - 8, 8);
    return x == y;
}

/* A member whose name the caller expects next, with the comma before it and the colon after it. `name_json` is
 * `"name":`. */
static inline bool json_take_name(struct json_reader *r, bool *first, struct str name_json)
{
    const char *p = r->p;
    if ((size_t)(r->end - p) <= name_json.len || (!*first && *p++ != ',') ||
        !json_same_bytes(p, name_json.p, name_json.len))
        return false;
    r->p = p + name_json.len;
    *first = false;
    return true;
}

/* Where a string of printable ASCII without escapes ends, behind its second quote; NULL when no such string stands
 * there. */
static inline const char *json_string_end(const char *p, const char *end)
{
    if (p == end || *p++ != '"')
        return NULL;
    for (; end - p >= JSON_SCAN_STEP; p += JSON_SCAN_STEP) {
        __auto_type mask = json_scan_step(p);
        if (!mask)
            continue;
        p += JSON_SCAN_INDEX(mask);
        return *p == '"' ? p + 1 : NULL;
    }
    return NULL;
}

/* As json_next_item(). */
static inline bool json_take_item(struct json_reader *r, bool *first)
{
    if (*first || r->p == r->end || *r->p != ',')
        return json_next_item(r, first);
    r->p++; /* a bracket behind it is found where the item is read */
    return true;
}

/* An opening or closing bracket. */
static inline bool json_take_open(struct json_reader *r, char bracket)
{
    if (r->p == r->end || *r->p != bracket || r->depth == JSON_DEPTH_MAX)
        return false;
    r->p++;
    r->depth++;
    return true;
}

static inline bool json_take_close(struct json_reader *r, char bracket)
{
    if (r->p == r->end || *r->p != bracket)
        return false;
    r->p++;
    r->depth--;
    return true;
}

static inline bool json_take_comma(struct json_reader *r)
{
    if (r->p == r->end || *r->p != ',')
        return false;
    r->p++;
    return true;
}

/* A string of printable ASCII without escapes. `*raw` is without its quotes. */
static inline bool json_take_string(struct json_reader *r, struct str *raw)
{
    const char *end = json_string_end(r->p, r->end);
    if (!end)
        return false;
    *raw = str_mem(r->p + 1, (size_t)(end - r->p) - 2);
    r->p = end;
    return true;
}

/* An integer of at most nine digits, which fits 32 bits whatever they are; not -0. */
static inline bool json_take_integer(struct json_reader *r, struct str *raw)
{
    const char *p = r->p, *digits;
    if (r->end - p < 12)
        return false;
    p += *p == '-';
    for (digits = p; p - digits < 10 && *p >= '0' && *p <= '9';)
        p++;
    if (p == digits || p - digits > 9 || (*digits == '0' && p - r->p > 1) || *p == '.' || (*p | 0x20) == 'e')
        return false;
    *raw = str_mem(r->p, (size_t)(p - r->p));
    r->p = p;
    return true;
}

#endif
