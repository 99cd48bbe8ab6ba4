#include "services/common.h"

#include "base/timestamp.h"
#include "base/uuid.h"

#include <stdlib.h>

#define STRING_BYTES_MAX 20000
#define QUERY_BYTES_MAX 200
#define NOBODY "00000000-0000-0000-0000-000000000000"
#define RADIUS_MAX_M 500000
#define PAINTER_WINDOW_DAYS "7"

/* ---- row rules ---- */

void customer_entity_rule(struct request *r, struct pg_param *out)
{
    const struct identity *caller = &r->caller;
    struct str customer = is_uuid(caller->customer) ? caller->customer : STR(NOBODY);
    *out = (struct pg_param){caller->role == ROLE_CUSTOMER ? customer : STR_NONE};
}

struct pg_param own_customer(struct batch *b)
{
    struct pg_param own;
    customer_entity_rule(batch_request(b), &own);
    return own;
}

void project_entity_rule(struct request *r, struct pg_param *out)
{
    const struct identity *caller = &r->caller;
    bool crew = caller->role == ROLE_CREW_LEAD || caller->role == ROLE_PAINTER;
    customer_entity_rule(r, out);
    out[1] = (struct pg_param){!crew ? STR_NONE : is_uuid(caller->user) ? caller->user : STR(NOBODY)};
    out[2] = (struct pg_param){caller->role == ROLE_PAINTER ? STR(PAINTER_WINDOW_DAYS) : STR_NONE};
}

void project_rule(struct batch *b, struct pg_param out[3])
{
    project_entity_rule(batch_request(b), out);
}

struct pg_param caller_id(struct batch *b)
{
    struct str user = batch_request(b)->caller.user;
    return (struct pg_param){is_uuid(user) ? user : STR_NONE};
}

/* ---- inputs ---- */

bool is_uuid(struct str s)
{
    struct uuid ignored;
    return s.p && uuid_parse(s, &ignored);
}

struct str new_id(struct batch *b)
{
    char text[UUID_LEN + 1];
    struct uuid id = uuid_new();
    uuid_format(&id, text);
    return arena_str(batch_arena(b), str_c(text));
}

struct pg_param param_list(struct batch *b, const struct json *list)
{
    if (!list || list->kind != JSON_ARRAY)
        return (struct pg_param){STR_NONE};
    struct str *items = arena_array(batch_arena(b), struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        items[i] = list->items[i]->text;
    return (struct pg_param){pg_array(batch_arena(b), items, list->n)};
}

struct pg_param param_of(const struct json *object, const char *member)
{
    const struct json *v = json_get(object, str_c(member));
    if (!v || v->kind == JSON_NULL)
        return (struct pg_param){STR_NONE};
    if (v->kind == JSON_BOOL)
        return (struct pg_param){v->boolean ? STR("true") : STR("false")};
    return (struct pg_param){v->kind == JSON_STRING || v->kind == JSON_NUMBER ? v->text : STR_NONE};
}

bool is_given(const struct json *object, const char *member)
{
    const struct json *v = json_get(object, str_c(member));
    return v && v->kind != JSON_NULL;
}

bool json_is_true(const struct json *object, const char *member)
{
    const struct json *v = json_get(object, str_c(member));
    return v && v->kind == JSON_BOOL && v->boolean;
}

struct str json_text(struct batch *b, const struct json *v)
{
    struct buf text;
    buf_init(&text, 64u << 20);
    json_write(&text, v);
    struct str s = arena_str(batch_arena(b), buf_str(&text));
    buf_free(&text);
    return s;
}

struct str json_quote(struct batch *b, struct str s)
{
    struct json v = {.kind = JSON_STRING, .text = s};
    return s.p ? json_text(b, &v) : STR("null");
}

bool param_circle(struct batch *b, const struct json *near, struct pg_param out[3])
{
    const struct json *center = json_get(near, STR("center"));
    double lat, lng, radius;
    for (unsigned i = 0; i < 3; i++)
        out[i] = (struct pg_param){STR_NONE};
    if (!near || near->kind == JSON_NULL)
        return true;
    out[0] = param_of(center, "lat");
    out[1] = param_of(center, "lng");
    out[2] = param_of(near, "radiusMeters");
    if (json_to_double(json_get(center, STR("lat")), &lat) && json_to_double(json_get(center, STR("lng")), &lng) &&
        lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 &&
        json_to_double(json_get(near, STR("radiusMeters")), &radius) && radius >= 1 && radius <= RADIUS_MAX_M)
        return true;
    batch_fail_all(b, "BAD_USER_INPUT",
                   "\"near\" needs a latitude of ±90, a longitude of ±180 and a radius of 1 to %d metres",
                   RADIUS_MAX_M);
    return false;
}

bool search_words(struct batch *b, struct pg_param *out)
{
    struct str q = str_trim(batch_arg_str(b, "query"));
    *out = (struct pg_param){q.p ? q : STR("")};
    if (q.len <= QUERY_BYTES_MAX && (!q.len || !memchr(q.p, 0, q.len)))
        return true;
    batch_fail_all(b, "BAD_USER_INPUT", "\"query\" has at most %d bytes and no U+0000", QUERY_BYTES_MAX);
    return false;
}

bool check_filter_id(struct batch *b, const struct json *filter, const char *member)
{
    if (!is_given(filter, member) || is_uuid(json_get_str(filter, str_c(member))))
        return true;
    batch_fail_all(b, "BAD_USER_INPUT", "\"%s\" is no id", member);
    return false;
}

/* ---- checking ---- */

void check_fail(struct check *c, const char *path, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct field_error e = {.path = path, .message = arena_vprintf(batch_arena(c->b), fmt, ap)};
    va_end(ap);
    vec_push(batch_arena(c->b), &c->errors, e);
}

void check_strings(struct check *c, const char *path, const struct json *v)
{
    if (v->kind == JSON_STRING && memchr(v->text.p, 0, v->text.len))
        check_fail(c, path, "a text contains the character U+0000: remove it");
    else if (v->kind == JSON_STRING && v->text.len > STRING_BYTES_MAX)
        check_fail(c, path, "a text is longer than %d bytes: shorten it", STRING_BYTES_MAX);
    for (uint32_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++)
        check_strings(c, path, v->items[i]);
    for (uint32_t i = 0; v->kind == JSON_OBJECT && i < v->n; i++)
        check_strings(c, path, v->members[i].value);
}

void check_text(struct check *c, const struct json *input, const char *path, const char *member, size_t max)
{
    if (!is_given(input, member))
        return;
    struct str s = json_get_str(input, str_c(member));
    if (str_trim(s).len == 0)
        check_fail(c, path, "is blank: leave it out, or write something");
    else if (s.len > max)
        check_fail(c, path, "is longer than %zu bytes: shorten it", max);
}

void check_id(struct check *c, const struct json *input, const char *path, const char *member)
{
    if (is_given(input, member) && !is_uuid(json_get_str(input, str_c(member))))
        check_fail(c, path, "is no id: an id is a UUID");
}

void check_range(struct check *c, const struct json *input, const char *path, const char *member, int64_t min,
                 int64_t max)
{
    int64_t n;
    if (is_given(input, member) && (!json_to_i64(json_get(input, str_c(member)), &n) || n < min || n > max))
        check_fail(c, path, "must be from %lld to %lld", (long long)min, (long long)max);
}

struct object *check_errors(struct check *c)
{
    return c->errors.n ? validation_error(c->b, c->errors.v, c->errors.n) : NULL;
}

/* ---- patches ---- */

void patch_set(struct patch *p, const char *name, struct str json)
{
    vec_push(batch_arena(p->b), &p->members, (struct patch_member){name, json});
}

static bool patched(const struct patch *p, struct str name)
{
    for (size_t i = 0; i < p->members.n; i++)
        if (str_eq_c(name, p->members.v[i].name))
            return true;
    return false;
}

struct str patch_text(struct patch *p)
{
    struct buf text;
    buf_init(&text, 64u << 20);
    struct json_writer w = json_writer(&text);
    jw_begin_object(&w);
    for (uint32_t i = 0; p->input && i < p->input->n; i++) {
        if (patched(p, p->input->members[i].name))
            continue;
        jw_name(&w, p->input->members[i].name);
        jw_raw(&w, json_text(p->b, p->input->members[i].value));
    }
    for (size_t i = 0; i < p->members.n; i++) {
        jw_name(&w, str_c(p->members.v[i].name));
        jw_raw(&w, p->members.v[i].json);
    }
    jw_end_object(&w);
    struct str s = arena_str(batch_arena(p->b), buf_str(&text));
    buf_free(&text);
    return s;
}

/* ---- channels ---- */

struct str normal_email(struct arena *a, struct str s)
{
    s = str_trim(s);
    ptrdiff_t at = str_find_char(s, '@');
    struct str domain = at < 0 ? STR_NONE : str_sub(s, (size_t)at + 1, s.len);
    bool ok = at > 0 && s.len <= 254 && str_find_char(domain, '.') > 0 && str_find_char(domain, '@') < 0 &&
              !str_ends(domain, STR("."));
    char *lower = arena_cstr(a, s);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)lower[i];
        ok = ok && c > ' ' && c != 0x7F && c != '<' && c != '>' && c != ',' && c != ';' && c != '"';
        if (c >= 'A' && c <= 'Z')
            lower[i] = (char)(c + 32);
    }
    return ok ? str_mem(lower, s.len) : STR_NONE;
}

struct str normal_phone(struct arena *a, struct str s)
{
    char digits[16];
    size_t n = 0;
    s = str_trim(s);
    bool plus = s.len && s.p[0] == '+';
    for (size_t i = plus; i < s.len; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9') {
            if (n == 15)
                return STR_NONE;
            digits[n++] = c;
        } else if (!strchr(" -.()/", c) || !c) {
            return STR_NONE;
        }
    }
    digits[n] = 0;
    if (!plus && n == 10 && digits[0] >= '2')
        return arena_printf(a, "+1%s", digits);
    if (!plus && !(n == 11 && digits[0] == '1'))
        return STR_NONE;
    return n >= 7 && digits[0] != '0' ? arena_printf(a, "+%s", digits) : STR_NONE;
}

/* ---- answers ---- */

struct str row_text(const struct pg_result *r, size_t row, const char *column)
{
    int i = pg_column_index(r, str_c(column));
    return i < 0 ? STR_NONE : pg_get(r, row, (unsigned)i);
}

int64_t row_number(const struct pg_result *r, size_t row, const char *column)
{
    int64_t n = 0;
    return str_to_i64(row_text(r, row, column), &n) ? n : 0;
}

bool row_true(const struct pg_result *r, size_t row, const char *column)
{
    return str_eq(row_text(r, row, column), STR("t"));
}

void answer_row(struct batch *b, struct pg_result *r, const char *type)
{
    if (r)
        batch_set_all(b, r->n_rows ? cell_object(object_of_row(b, type, r, 0)) : cell_null());
}

void answer_rows(struct batch *b, struct pg_result *r, const char *type)
{
    if (!r)
        return;
    struct cell *items = arena_array(batch_arena(b), struct cell, r->n_rows);
    for (size_t i = 0; i < r->n_rows; i++)
        items[i] = cell_object(object_of_row(b, type, r, i));
    batch_set_all(b, cell_list(items, r->n_rows));
}

struct object *success_of(struct batch *b, const char *type, const char *field, struct object *object)
{
    struct object *o = object_new(b, type);
    object_put(o, field, cell_object(object));
    return o;
}

static struct cell number_cell(struct batch *b, struct str text)
{
    return text.p ? cell_float(strtod(arena_cstr(batch_arena(b), text), NULL)) : cell_null();
}

void edge_score(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row)
{
    object_put(edge, "score", number_cell(b, row_text(rows, row, "score")));
    object_put(edge, "highlight", cell_text(row_text(rows, row, "highlight")));
}

void edge_distance(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row)
{
    object_put(edge, "distanceMeters", number_cell(b, row_text(rows, row, "distance_meters")));
}

void page_order(struct batch *b, struct page_request *page)
{
    const struct json *order = batch_arg(b, "orderBy");
    struct str field = json_get_str(order, STR("field"));
    page->order = field.p ? arena_cstr(batch_arena(b), field) : NULL;
    page->descending = !str_eq(json_get_str(order, STR("direction")), STR("ASC"));
}

bool pg_time(struct str text, int64_t *us)
{
    char iso[48];
    if (text.len < 20 || text.len > 40)
        return false;
    memcpy(iso, text.p, text.len);
    iso[10] = 'T';
    size_t n = text.len;
    if (iso[n - 3] == '+' || iso[n - 3] == '-') {
        memcpy(iso + n, ":00", 3);
        n += 3;
    }
    return timestamp_parse(str_mem(iso, n), us);
}
