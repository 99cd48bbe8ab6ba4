/* What the resolvers of all four services share: who may see what, reading inputs, checking them. */
#ifndef PAINTBOX_SERVICES_COMMON_H
#define PAINTBOX_SERVICES_COMMON_H

#include "base/vec.h"
#include "subgraph/page.h"
#include "subgraph/write.h"

/* ---- row rules (domain: a customer sees their own records, crew people the projects of their crews) ---- */

/* The customer a caller is confined to, as a parameter; NULL for staff. A customer's token that names no customer sees
 * nothing. */
struct pg_param own_customer(struct batch *b);
/* customer, member and window of days for project_visible(): three parameters. A painter sees projects of ±7 days. */
void project_rule(struct batch *b, struct pg_param out[3]);
/* The same for `entity.rule`: one parameter, and three. A reference shows no more than a root field. */
void customer_entity_rule(struct request *r, struct pg_param *out);
void project_entity_rule(struct request *r, struct pg_param *out);
struct pg_param caller_id(struct batch *b); /* NULL when the caller is no UUID */

/* ---- inputs ---- */

bool is_uuid(struct str s);
/* A new version 7 id, in the request's arena. */
struct str new_id(struct batch *b);
/* {a,b}; NULL for anything but a list */
struct pg_param param_list(struct batch *b, const struct json *list);
/* Text of a scalar member; NULL when absent or null. */
struct pg_param param_of(const struct json *object, const char *member);
bool is_given(const struct json *object, const char *member); /* present and not null */
bool json_is_true(const struct json *object, const char *member);
struct str json_text(struct batch *b, const struct json *v); /* compact */
struct str json_quote(struct batch *b, struct str s);

/* {"center":{"lat","lng"},"radiusMeters"} → lat, lng, radius; all NULL when not given. False after batch_fail_all(). */
bool param_circle(struct batch *b, const struct json *near, struct pg_param out[3]);
/* The argument `query` of a search. False after batch_fail_all(). */
bool search_words(struct batch *b, struct pg_param *out);
/* False after batch_fail_all() when the member is given and no UUID. */
bool check_filter_id(struct batch *b, const struct json *filter, const char *member);

/* ---- checking a write's input: all problems are collected, then said at once ---- */

struct check {
    struct batch *b;
    VEC(struct field_error) errors;
};
void check_fail(struct check *c, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Any string of the value: no NUL, at most 20,000 bytes. */
void check_strings(struct check *c, const char *path, const struct json *v);
/* Not blank, at most `max` bytes, when given. */
void check_text(struct check *c, const struct json *input, const char *path, const char *member, size_t max);
void check_id(struct check *c, const struct json *input, const char *path, const char *member);
void check_range(struct check *c, const struct json *input, const char *path, const char *member, int64_t min,
                 int64_t max);
/* The object that says so, or NULL. */
struct object *check_errors(struct check *c);

/* An input with some members replaced, as JSON text: `patch_set(&p, "email", quoted)` … patch_text(&p). */
struct patch {
    struct batch *b;
    const struct json *input;
    VEC(struct patch_member {
        const char *name;
        struct str json;
    })
    members;
};
void patch_set(struct patch *p, const char *name, struct str json);
struct str patch_text(struct patch *p);

/* email: trimmed and lower-cased; phone: E.164, ten digits are taken as North American. p NULL when it is neither. */
struct str normal_email(struct arena *a, struct str s);
struct str normal_phone(struct arena *a, struct str s);

/* ---- answers ---- */

struct str row_text(const struct pg_result *r, size_t row, const char *column); /* p NULL: no such column, or NULL */
int64_t row_number(const struct pg_result *r, size_t row, const char *column);
bool row_true(const struct pg_result *r, size_t row, const char *column);
/* One row, or null. */
void answer_row(struct batch *b, struct pg_result *r, const char *type);
void answer_rows(struct batch *b, struct pg_result *r, const char *type);
/* {type: {field: object}} */
struct object *success_of(struct batch *b, const char *type, const char *field, struct object *object);
/* Edges of searches: score and highlight; of radius lists: distanceMeters. */
void edge_score(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row);
void edge_distance(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row);
/* {"field","direction"} → request.order and .descending */
void page_order(struct batch *b, struct page_request *page);

/* The instant of a timestamptz column's text ("2026-11-22 16:00:00.5+00"). */
bool pg_time(struct str text, int64_t *us);

#endif
