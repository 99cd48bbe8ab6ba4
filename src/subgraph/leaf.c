/* Leaf values: from what a column, a json member or a resolver gave to what the schema's type promises. */
#include "base/timestamp.h"
#include "subgraph/kit.h"

/* Types of PostgreSQL by their numbers (pg_type). */
enum oid {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_OID = 26,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_NUMERIC = 1700,
    OID_JSONB = 3802,
    OID_BOOL_ARRAY = 1000,
    OID_INT2_ARRAY = 1005,
    OID_INT4_ARRAY = 1007,
    OID_INT8_ARRAY = 1016,
    OID_FLOAT4_ARRAY = 1021,
    OID_FLOAT8_ARRAY = 1022,
    OID_TIMESTAMP_ARRAY = 1115,
    OID_TIMESTAMPTZ_ARRAY = 1185,
    OID_NUMERIC_ARRAY = 1231,
};

static uint32_t element_oid(uint32_t array)
{
    switch (array) {
    case OID_BOOL_ARRAY: return OID_BOOL;
    case OID_INT2_ARRAY:
    case OID_INT4_ARRAY:
    case OID_INT8_ARRAY: return OID_INT8;
    case OID_FLOAT4_ARRAY:
    case OID_FLOAT8_ARRAY: return OID_FLOAT8;
    case OID_NUMERIC_ARRAY: return OID_NUMERIC;
    case OID_TIMESTAMP_ARRAY:
    case OID_TIMESTAMPTZ_ARRAY: return OID_TIMESTAMPTZ;
    default: return 0;
    }
}

static bool is_number(uint32_t oid)
{
    return oid == OID_INT2 || oid == OID_INT4 || oid == OID_INT8 || oid == OID_OID || oid == OID_FLOAT4 ||
           oid == OID_FLOAT8 || oid == OID_NUMERIC;
}

static bool is_json_number(struct str s)
{
    return s.len &&
           ((s.p[0] >= '0' && s.p[0] <= '9') || (s.p[0] == '-' && s.len > 1 && s.p[1] >= '0' && s.p[1] <= '9'));
}

struct cell cell_of_column(const struct field_info *info, struct str text, uint32_t oid)
{
    bool textual = info->leaf == LEAF_STRING || info->leaf == LEAF_ID;
    if (!text.p || textual)
        return cell_text(text);
    if (oid == OID_BOOL)
        return cell_bool(text.p[0] == 't');
    bool json = oid == OID_JSON || oid == OID_JSONB || (is_number(oid) && is_json_number(text));
    return json ? cell_json(text) : cell_text(text);
}

static const char *wrong(struct exec *x, const struct field_info *info, struct str text)
{
    int shown = (int)(text.len < 80 ? text.len : 80);
    const char *kind = info->leaf == LEAF_ENUM ? "Enum " : "";
    return arena_printf(x->arena, "%s%.*s cannot represent the value \"%.*s\"", kind, STR_ARG(info->named->name), shown,
                        text.p)
        .p;
}

/* "2026-11-22 15:47:10.123456+00", which a session in UTC says; the digits of the fraction. */
static bool is_session_time(struct str s, struct str *fraction)
{
    if (s.len < 19 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != ' ' || s.p[13] != ':' || s.p[16] != ':')
        return false;
    struct str rest = str_sub(s, 19, SIZE_MAX);
    if (str_ends(rest, STR("+00")))
        rest.len -= 3;
    *fraction = rest.len ? str_sub(rest, 1, SIZE_MAX) : rest;
    for (size_t i = 0; i < fraction->len; i++) {
        if (fraction->p[i] < '0' || fraction->p[i] > '9')
            return false;
    }
    return !rest.len || rest.p[0] == '.';
}

/* That, or RFC 3339 → RFC 3339 in UTC with milliseconds. */
static bool write_time(struct buf *out, struct str s)
{
    char text[TIMESTAMP_RFC3339_LEN + 1];
    struct str fraction;
    int64_t us;
    if (is_session_time(s, &fraction)) {
        memcpy(text, s.p, 19);
        text[10] = 'T';
        text[19] = '.';
        for (size_t i = 0; i < 3; i++)
            text[20 + i] = i < fraction.len ? fraction.p[i] : '0';
        text[23] = 'Z';
    } else if (timestamp_parse(s, &us)) {
        timestamp_format(us, text);
    } else {
        return false;
    }
    buf_add_char(out, '"');
    buf_add_mem(out, text, TIMESTAMP_RFC3339_LEN);
    buf_add_char(out, '"');
    return true;
}

static const char *write_int(struct exec *x, const struct field_info *info, struct str text)
{
    int64_t n;
    if (!str_to_i64(text, &n) || n < INT32_MIN || n > INT32_MAX)
        return wrong(x, info, text);
    buf_add_i64(x->out, n);
    return NULL;
}

static const char *write_bool(struct exec *x, const struct field_info *info, struct str text)
{
    bool t = str_eq(text, STR("t")) || str_eq(text, STR("true"));
    if (!t && !str_eq(text, STR("f")) && !str_eq(text, STR("false")))
        return wrong(x, info, text);
    buf_add(x->out, t ? STR("true") : STR("false"));
    return NULL;
}

static const char *write_custom(struct exec *x, struct str text, uint32_t oid)
{
    if (oid == OID_JSON || oid == OID_JSONB || (is_number(oid) && is_json_number(text)))
        buf_add(x->out, text);
    else if (oid == OID_BOOL)
        buf_add(x->out, text.p[0] == 't' ? STR("true") : STR("false"));
    else if ((oid != OID_TIMESTAMP && oid != OID_TIMESTAMPTZ) || !write_time(x->out, text))
        json_write_string(x->out, text);
    return NULL;
}

/* `oid` 0: unknown, the text says all. */
static const char *write_text(struct exec *x, const struct field_info *info, struct str text, uint32_t oid)
{
    switch (info->leaf) {
    case LEAF_INT: return write_int(x, info, text);
    case LEAF_FLOAT:
        if (!is_json_number(text))
            return wrong(x, info, text);
        buf_add(x->out, text);
        return NULL;
    case LEAF_BOOLEAN: return write_bool(x, info, text);
    case LEAF_ENUM:
        if (!map_has(&info->named->value_by_name, text))
            return wrong(x, info, text);
        json_write_string(x->out, text);
        return NULL;
    case LEAF_DATETIME: return write_time(x->out, text) ? NULL : wrong(x, info, text);
    case LEAF_CUSTOM: return write_custom(x, text, oid);
    case LEAF_STRING:
    case LEAF_ID:
    case LEAF_NONE: break;
    }
    if ((oid == OID_TIMESTAMPTZ || oid == OID_TIMESTAMP) && write_time(x->out, text))
        return NULL;
    json_write_string(x->out, text);
    return NULL;
}

static const char *write_json(struct exec *x, const struct field_info *info, const struct json *v)
{
    bool integer = v->kind == JSON_NUMBER;
    int64_t n;
    switch (info->leaf) {
    case LEAF_INT:
        if (!json_to_i64(v, &n) || n < INT32_MIN || n > INT32_MAX)
            return wrong(x, info, v->raw);
        buf_add_i64(x->out, n);
        return NULL;
    case LEAF_FLOAT:
    case LEAF_BOOLEAN:
        if (v->kind != (info->leaf == LEAF_FLOAT ? JSON_NUMBER : JSON_BOOL))
            return wrong(x, info, v->raw);
        json_write(x->out, v);
        return NULL;
    case LEAF_CUSTOM: json_write(x->out, v); return NULL;
    default:
        if (v->kind == JSON_STRING)
            return write_text(x, info, v->text, 0);
        /* Numbers and truth values have a text; the others have none. */
        if (v->kind == JSON_ARRAY || v->kind == JSON_OBJECT || info->leaf == LEAF_ENUM || info->leaf == LEAF_DATETIME ||
            (info->leaf == LEAF_ID && !integer))
            return wrong(x, info, v->raw);
        json_write_string(x->out, v->kind == JSON_BOOL ? (v->boolean ? STR("true") : STR("false")) : v->text);
        return NULL;
    }
}

static const char *write_cell_json(struct exec *x, const struct field_info *info, struct str text, bool *null)
{
    struct err err;
    if (info->leaf == LEAF_CUSTOM) {
        buf_add(x->out, text);
        return NULL;
    }
    struct json *v = json_parse(x->arena, text, &err);
    if (!v)
        return wrong(x, info, text);
    *null = v->kind == JSON_NULL;
    return *null ? NULL : write_json(x, info, v);
}

static const char *write_number(struct exec *x, const struct field_info *info, const struct cell *c)
{
    bool textual = info->leaf == LEAF_STRING || info->leaf == LEAF_ID;
    if (info->leaf == LEAF_INT && c->kind == CELL_FLOAT && c->f != (double)(int64_t)c->f)
        return wrong(x, info, STR("a fraction"));
    int64_t n = c->kind == CELL_INT ? c->i : (int64_t)c->f;
    if (info->leaf == LEAF_INT && (n < INT32_MIN || n > INT32_MAX))
        return wrong(x, info, arena_printf(x->arena, "%lld", (long long)n));
    if (info->leaf == LEAF_ENUM || info->leaf == LEAF_BOOLEAN || info->leaf == LEAF_DATETIME)
        return wrong(x, info, STR("a number"));
    if (c->kind == CELL_FLOAT && (c->f != c->f || c->f - c->f != 0))
        return wrong(x, info, STR("infinity or not a number"));
    if (textual)
        buf_add_char(x->out, '"');
    if (c->kind == CELL_INT || info->leaf == LEAF_INT)
        buf_add_i64(x->out, n);
    else
        json_write_double(x->out, c->f);
    if (textual)
        buf_add_char(x->out, '"');
    return NULL;
}

static const char *write_cell(struct exec *x, const struct field_info *info, const struct cell *c, bool *null)
{
    switch (c->kind) {
    case CELL_NULL: *null = true; return NULL;
    case CELL_TEXT: return write_text(x, info, c->text, 0);
    case CELL_INT:
    case CELL_FLOAT: return write_number(x, info, c);
    case CELL_BOOL:
        if (info->leaf == LEAF_BOOLEAN || info->leaf == LEAF_CUSTOM)
            buf_add(x->out, c->b ? STR("true") : STR("false"));
        else
            return wrong(x, info, c->b ? STR("true") : STR("false"));
        return NULL;
    case CELL_JSON: return write_cell_json(x, info, c->text, null);
    default: return wrong(x, info, c->kind == CELL_LIST ? STR("a list") : STR("an object"));
    }
}

const char *leaf_write(struct exec *x, const struct field_info *info, const struct source *s, bool *null)
{
    *null = false;
    switch (s->kind) {
    case SOURCE_COLUMN:
        *null = !s->text.p;
        if (*null)
            return NULL;
        if ((s->oid == OID_JSON || s->oid == OID_JSONB) && info->leaf != LEAF_CUSTOM)
            return write_cell_json(x, info, s->text, null);
        return write_text(x, info, s->text, s->oid);
    case SOURCE_JSON: *null = s->json->kind == JSON_NULL; return *null ? NULL : write_json(x, info, s->json);
    case SOURCE_CELL: return write_cell(x, info, &s->cell, null);
    case SOURCE_NONE: break;
    }
    *null = true;
    return NULL;
}

/* A list from one value: an array column, a json array, or a resolver's list. NULL items: it is none. */
struct source *leaf_items(struct exec *x, const struct source *s, size_t *n, bool *null)
{
    const struct json *json = s->kind == SOURCE_JSON ? s->json : NULL;
    struct str text = s->kind == SOURCE_COLUMN ? s->text : s->cell.text;
    bool is_json = s->kind == SOURCE_COLUMN ? s->oid == OID_JSON || s->oid == OID_JSONB : s->cell.kind == CELL_JSON;
    struct err err;
    *null = s->kind == SOURCE_COLUMN ? !s->text.p : s->kind == SOURCE_CELL && s->cell.kind == CELL_NULL;
    if (*null)
        return NULL;
    if (s->kind != SOURCE_JSON && is_json)
        json = json_parse(x->arena, text, &err);
    *null = json && json->kind == JSON_NULL;
    struct str *texts;
    bool array = !json && !is_json && (s->kind == SOURCE_COLUMN || s->cell.kind == CELL_TEXT) &&
                 pg_array_parse(x->arena, text, &texts, n);
    if (json && json->kind == JSON_ARRAY)
        *n = json->n;
    else if (s->kind == SOURCE_CELL && s->cell.kind == CELL_LIST)
        *n = s->cell.list.n;
    else if (!array)
        return NULL;
    struct source *items = arena_array(x->arena, struct source, *n ? *n : 1);
    for (size_t i = 0; i < *n; i++) {
        if (array)
            items[i] = (struct source){.kind = SOURCE_COLUMN, .text = texts[i], .oid = element_oid(s->oid)};
        else if (json)
            items[i] = (struct source){.kind = SOURCE_JSON, .json = json->items[i]};
        else
            items[i] = (struct source){.kind = SOURCE_CELL, .cell = s->cell.list.items[i]};
    }
    return items;
}
