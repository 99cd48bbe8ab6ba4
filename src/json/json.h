/* JSON (RFC 8259): a tree, a pull reader and a writer.
 *
 * The tree is for requests, configuration and tests. The reader is what the router fills its slots with, straight
 * from the bytes of a reply. Both are strict: UTF-8 is checked, control characters, lone surrogates written as
 * escapes, trailing text, leading zeros, NaN, comments and trailing commas are refused. Numbers stay text, as
 * long as they were written, until somebody asks for a value. Errors name the byte, line and column.
 *
 * Duplicate member names: the tree keeps the last, as JSON.parse does; the reader shows all of them.
 */
#ifndef PAINTBOX_JSON_JSON_H
#define PAINTBOX_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 128

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_member;

struct json {
    enum json_kind kind;
    bool boolean;
    uint32_t n;      /* ARRAY, OBJECT: how many */
    struct str raw;  /* the value as it stands in the source, quotes and brackets included */
    struct str text; /* STRING: unescaped; NUMBER: as written */
    union {
        struct json **items;         /* ARRAY */
        struct json_member *members; /* OBJECT, in source order */
    };
};

struct json_member {
    struct str name; /* unescaped */
    struct json *value;
};

/* ---- tree ---- */

/* Parses the whole of `text`. The tree lives in `a` and points into `text`. NULL with *err on anything but one
 * valid value; code is JSON_INVALID or JSON_TOO_DEEP, or JSON_TOO_LARGE when the tree exhausts the arena (it needs
 * many times the memory of its text). */
struct json *json_parse(struct arena *a, struct str text, struct err *err);

/* NULL when `v` is NULL, not an object, or has no such member. */
struct json *json_get(const struct json *v, struct str name);
/* The text of a string member; STR_NONE otherwise. */
struct str json_get_str(const struct json *v, struct str name);
/* False when it is no number, has a fraction or does not fit. 1e3 and 1.0 are integers. */
bool json_to_i64(const struct json *v, int64_t *out);
/* False when it is no number or too large for a double; too small a one becomes 0. */
bool json_to_double(const struct json *v, double *out);

/* ---- reader ---- */

struct json_reader {
    const char *p, *end, *start;
    int depth;
    struct err *err; /* filled when a call returns false for bad input */
    bool failed;
};

void json_reader_init(struct json_reader *r, struct str text, struct err *err);
/* For who reads and finds what he cannot go on with: from here on every call fails. The message gets line and column. */
void json_reader_fail(struct json_reader *r, const char *code, const char *what);

/* The kind of the next value without taking it; -1 (and failed) on bad input or at the end. */
int json_peek(struct json_reader *r);

/* Strings: `*raw` is what stands between the quotes, still escaped and already checked. */
bool json_read_string(struct json_reader *r, struct str *raw, bool *has_escapes);
/* Numbers: `*integer` is true when there is neither fraction nor exponent. */
bool json_read_number(struct json_reader *r, struct str *raw, bool *integer);
bool json_read_bool(struct json_reader *r, bool *value);
bool json_read_null(struct json_reader *r);
/* Checks and passes over any value; `*raw` is its source text. */
bool json_skip(struct json_reader *r, struct str *raw);

/* Arrays: with *first true after json_enter_array(), json_next_item() is true before each item and false after the
 * last, or on failure: look at r->failed. Objects the same; `*raw_name` is the member's name between its quotes. */
bool json_enter_array(struct json_reader *r);
bool json_next_item(struct json_reader *r, bool *first);
bool json_enter_object(struct json_reader *r);
bool json_next_member(struct json_reader *r, bool *first, struct str *raw_name, bool *has_escapes);
/* True when nothing but white space is left; otherwise fails. */
bool json_at_end(struct json_reader *r);

/* Unescapes what json_read_string() gave. Gives `raw` itself when it has no escapes. */
struct str json_unescape(struct arena *a, struct str raw);

/* ---- writer: plain appends to a buffer ---- */

void json_write_string(struct buf *b, struct str s); /* with quotes; bad UTF-8 becomes U+FFFD */
void json_write_string_body(struct buf *b, struct str s); /* without quotes */
/* Shortest text that reads back as the same double, as JavaScript writes it; NaN and infinities become null. */
void json_write_double(struct buf *b, double d);
void json_write(struct buf *b, const struct json *v); /* compact */
/* Members sorted by the UTF-16 code units of their names, no white space: two equal values give equal bytes. Numbers
 * as RFC 8785 writes them, but with all digits where a double would round, so that different ones stay different. */
void json_write_canonical(struct buf *b, const struct json *v);

/* A writer that puts the commas. Every begin has its end.
 *
 *     struct json_writer w = json_writer(&buf);
 *     jw_begin_object(&w);
 *     jw_name(&w, STR("id")); jw_string(&w, id);
 *     jw_end_object(&w);
 */
struct json_writer {
    struct buf *out;
    bool need_comma;
};

static inline struct json_writer json_writer(struct buf *out) { return (struct json_writer){out, false}; }
void jw_begin_object(struct json_writer *w);
void jw_end_object(struct json_writer *w);
void jw_begin_array(struct json_writer *w);
void jw_end_array(struct json_writer *w);
void jw_name(struct json_writer *w, struct str name);
void jw_string(struct json_writer *w, struct str s);
void jw_i64(struct json_writer *w, int64_t n);
void jw_double(struct json_writer *w, double d);
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
void jw_raw(struct json_writer *w, struct str json); /* a value that is JSON already */

#endif
