#include "base/utf8.h"
#include "json/json.h"
#include "json/scan.h"

#include <stdio.h>

/* After a failure the reader stands at its end, where every call fails again; the first error
 * stays. Hence the calls need not look at `failed`. */
static bool fail(struct json_reader *r, const char *at, const char *code, const char *what)
{
    if (r->failed)
        return false;
    r->failed = true;
    r->p = r->end;
    size_t line = 1, column = 1;
    for (const char *p = r->start; p < at; p++) {
        bool newline = *p == '\n';
        line += newline;
        column = newline ? 1 : column + (((unsigned char)*p & 0xC0) != 0x80);
    }
    err_set(r->err, code, "line %zu, column %zu (byte %zu): %s%s", line, column,
            (size_t)(at - r->start), what, at == r->end ? ", but the text ends here" : "");
    return false;
}

/* Always NULL, which is also false. */
static const char *invalid(struct json_reader *r, const char *at, const char *what)
{
    fail(r, at, "JSON_INVALID", what);
    return NULL;
}

static inline int byte_at(const char *p, const char *end)
{
    return p < end ? (unsigned char)*p : -1;
}

static inline bool is_space(int c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static __attribute__((noinline)) const char *skip_space_run(const char *p, const char *end)
{
    const uint64_t spaces = UINT64_C(0x2020202020202020);
    uint64_t eight;
    while (p < end && is_space(*p)) {
        p++;
        while (end - p >= 8 && (memcpy(&eight, p, 8), eight == spaces))
            p += 8;
    }
    return p;
}

/* In compact text there is none, which one comparison shows. */
static inline const char *skip_space(const char *p, const char *end)
{
    if (__builtin_expect(p < end && (unsigned char)*p <= ' ', 0))
        return skip_space_run(p, end);
    return p;
}

static inline bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int hex4(const char *p, const char *end)
{
    int v = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int d = is_digit(c)            ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* p stands on the backslash; gives what follows the escape, NULL on failure. */
static const char *check_escape(struct json_reader *r, const char *p)
{
    int c = byte_at(p + 1, r->end);
    switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p + 2;
    case 'u': break;
    default:
        return invalid(r, c < 0 ? r->end : p,
                       "an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
    int unit = hex4(p + 2, r->end);
    if (unit < 0)
        return invalid(r, p, "\\u is followed by four hexadecimal digits");
    if (unit < 0xD800 || unit > 0xDFFF)
        return p + 6;
    int low =
        byte_at(p + 6, r->end) == '\\' && byte_at(p + 7, r->end) == 'u' ? hex4(p + 8, r->end) : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return invalid(
            r, p,
            "a surrogate stands alone: a character above U+FFFF is a high and then a low surrogate");
    return p + 12;
}

/* The part of a string that is not plain ASCII, up to and with the closing quote. */
static __attribute__((noinline)) const char *scan_string_slow(struct json_reader *r, const char *p,
                                                              bool *has_escapes)
{
    const char *end = r->end;
    for (;;) {
        p = json_scan_plain(p, end);
        int c = byte_at(p, end);
        if (c == '"')
            return p + 1;
        if (c == '\\') {
            *has_escapes = true;
            p = check_escape(r, p);
            if (!p)
                return NULL;
            continue;
        }
        if (c < 0x20)
            return invalid(r, p,
                           c < 0 ? "a string ends with a quote"
                                 : "a control character in a string is written as an escape");
        do {
            unsigned n = utf8_length(p, end);
            if (!n)
                return invalid(r, p, "the text is not valid UTF-8");
            p += n;
        } while (p < end && (unsigned char)*p >= 0x80);
    }
}

/* p stands behind the opening quote; gives what follows the closing one, NULL on failure. */
static inline const char *scan_string(struct json_reader *r, const char *p, bool *has_escapes)
{
    *has_escapes = false;
    while (r->end - p >= JSON_SCAN_STEP) {
        __auto_type mask = json_scan_step(p);
        p += mask ? JSON_SCAN_INDEX(mask) : JSON_SCAN_STEP;
        if (!mask)
            continue;
        if (__builtin_expect(*p == '"', 1))
            return p + 1;
        break;
    }
    return scan_string_slow(r, p, has_escapes);
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

/* p stands on '-' or a digit. */
static const char *scan_number(struct json_reader *r, const char *p, bool *integer)
{
    const char *end = r->end;
    *integer = true;
    p += *p == '-';
    const char *digits = p;
    p = skip_digits(p, end);
    if (p == digits || (*digits == '0' && p > digits + 1))
        return invalid(r, digits,
                       p == digits ? "a digit was expected" : "a number has no leading zeros");
    if (byte_at(p, end) == '.') {
        *integer = false;
        digits = p + 1;
        p = skip_digits(digits, end);
    }
    if (p > digits && (byte_at(p, end) | 0x20) == 'e') {
        *integer = false;
        p++;
        p += byte_at(p, end) == '+' || byte_at(p, end) == '-';
        digits = p;
        p = skip_digits(digits, end);
    }
    if (p == digits)
        return invalid(r, p, "a digit was expected");
    return p;
}

/* Where a value was expected. A closing bracket behind a comma is told apart here, out of the way
 * of good input. */
static const char *invalid_value(struct json_reader *r, const char *at)
{
    const char *before = at;
    while (before > r->start && is_space(before[-1]))
        before--;
    int c = byte_at(at, r->end);
    if ((c == ']' || c == '}') && before > r->start && before[-1] == ',')
        return invalid(r, before - 1, "a comma stands only between two items");
    return invalid(
        r, at,
        "a value was expected: an object, an array, a string, a number, true, false or null");
}

static inline const char *scan_word(struct json_reader *r, const char *p, struct str word)
{
    if ((size_t)(r->end - p) >= word.len && memcmp(p, word.p, word.len) == 0)
        return p + word.len;
    return invalid_value(r, p);
}

static inline const char *scan_scalar(struct json_reader *r, const char *p)
{
    bool ignored;
    switch (byte_at(p, r->end)) {
    case '"': return scan_string(r, p + 1, &ignored);
    case 't': return scan_word(r, p, STR("true"));
    case 'f': return scan_word(r, p, STR("false"));
    case 'n': return scan_word(r, p, STR("null"));
    case '-':
    case '0' ... '9': return scan_number(r, p, &ignored);
    default: return invalid_value(r, p);
    }
}

/* A member's name and its colon; p stands where the name begins. Gives what follows. */
static inline const char *scan_name(struct json_reader *r, const char *p, struct str *raw,
                                    bool *has_escapes)
{
    const char *start = p + 1;
    if (byte_at(p, r->end) != '"')
        return byte_at(p, r->end) == '}' ? invalid_value(r, p)
                                         : invalid(r, p, "a member's name in quotes was expected");
    p = scan_string(r, start, has_escapes);
    if (!p)
        return NULL;
    *raw = str_mem(start, (size_t)(p - 1 - start));
    p = skip_space(p, r->end);
    if (byte_at(p, r->end) != ':')
        return invalid(r, p, "a colon was expected");
    return p + 1;
}

void json_reader_init(struct json_reader *r, struct str text, struct err *err)
{
    static const char nothing[] = "";
    const char *p = text.p ? text.p : nothing;
    *r = (struct json_reader){.p = p, .end = p + text.len, .start = p, .err = err};
    if (text.len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        invalid(r, p, "JSON text begins without a byte order mark");
}

void json_reader_fail(struct json_reader *r, const char *code, const char *what)
{
    fail(r, r->p, code, what);
}

int json_peek(struct json_reader *r)
{
    static const int8_t kinds[256] = {
        ['"'] = JSON_STRING + 1, ['{'] = JSON_OBJECT + 1,         ['['] = JSON_ARRAY + 1,
        ['t'] = JSON_BOOL + 1,   ['f'] = JSON_BOOL + 1,           ['n'] = JSON_NULL + 1,
        ['-'] = JSON_NUMBER + 1, ['0' ... '9'] = JSON_NUMBER + 1,
    };
    const char *p = r->p = skip_space(r->p, r->end);
    int kind = p < r->end ? kinds[(unsigned char)*p] - 1 : -1;
    if (__builtin_expect(kind < 0, 0))
        invalid_value(r, p);
    return kind;
}

/* The first byte of the next value, which must be `c`. */
static inline bool expect(struct json_reader *r, int c, const char *what)
{
    r->p = skip_space(r->p, r->end);
    return byte_at(r->p, r->end) == c || invalid(r, r->p, what) != NULL;
}

bool json_read_string(struct json_reader *r, struct str *raw, bool *has_escapes)
{
    if (!expect(r, '"', "a string was expected"))
        return false;
    const char *start = r->p + 1;
    const char *p = scan_string(r, start, has_escapes);
    if (!p)
        return false;
    *raw = str_mem(start, (size_t)(p - 1 - start));
    r->p = p;
    return true;
}

bool json_read_number(struct json_reader *r, struct str *raw, bool *integer)
{
    const char *start = r->p = skip_space(r->p, r->end);
    int c = byte_at(start, r->end);
    if (c != '-' && !is_digit(c))
        return invalid(r, start, "a number was expected") != NULL;
    const char *p = scan_number(r, start, integer);
    if (!p)
        return false;
    *raw = str_mem(start, (size_t)(p - start));
    r->p = p;
    return true;
}

bool json_read_bool(struct json_reader *r, bool *value)
{
    r->p = skip_space(r->p, r->end);
    *value = byte_at(r->p, r->end) == 't';
    const char *p = scan_word(r, r->p, *value ? STR("true") : STR("false"));
    if (p)
        r->p = p;
    return p != NULL;
}

bool json_read_null(struct json_reader *r)
{
    const char *p = scan_word(r, r->p = skip_space(r->p, r->end), STR("null"));
    if (p)
        r->p = p;
    return p != NULL;
}

static bool too_deep(struct json_reader *r)
{
    char what[64];
    snprintf(what, sizeof what, "arrays and objects nest at most %d deep", JSON_DEPTH_MAX);
    return fail(r, r->p, "JSON_TOO_DEEP", what);
}

static inline bool enter(struct json_reader *r)
{
    if (r->depth == JSON_DEPTH_MAX)
        return too_deep(r);
    r->depth++;
    r->p++;
    return true;
}

bool json_enter_array(struct json_reader *r)
{
    return expect(r, '[', "an array was expected") && enter(r);
}

bool json_enter_object(struct json_reader *r)
{
    return expect(r, '{', "an object was expected") && enter(r);
}

/* Takes the comma before the next item and gives where that begins; NULL after the closing bracket,
 * or on failure. */
static inline const char *next(struct json_reader *r, bool first, char closing)
{
    const char *p = skip_space(r->p, r->end);
    int c = byte_at(p, r->end);
    if (c == closing) {
        r->p = p + 1;
        r->depth--;
        return NULL;
    }
    if (first)
        return p;
    if (c != ',')
        return invalid(r, p,
                       closing == ']' ? "a comma or ] was expected" : "a comma or } was expected");
    return skip_space(p + 1, r->end);
}

bool json_next_item(struct json_reader *r, bool *first)
{
    const char *p = next(r, *first, ']');
    if (!p)
        return false;
    if (byte_at(p, r->end) == ']')
        return invalid_value(r, p) != NULL;
    r->p = p;
    *first = false;
    return true;
}

bool json_next_member(struct json_reader *r, bool *first, struct str *raw_name, bool *has_escapes)
{
    const char *p = next(r, *first, '}');
    if (p)
        p = scan_name(r, p, raw_name, has_escapes);
    if (!p)
        return false;
    r->p = p;
    *first = false;
    return true;
}

/* What json_skip() has entered: the bracket that closes each level. */
struct nest {
    int depth, floor;
    char closing[JSON_DEPTH_MAX + 1];
};

/* p stands on an opening bracket. Gives where the first value inside begins, or, with *empty, what
 * follows the closing bracket. */
static inline const char *skip_open(struct json_reader *r, struct nest *n, const char *p,
                                    bool *empty)
{
    struct str name;
    bool escapes;
    char closing = *p == '{' ? '}' : ']';
    if (n->depth == JSON_DEPTH_MAX) {
        r->p = p;
        too_deep(r);
        return NULL;
    }
    p = skip_space(p + 1, r->end);
    *empty = byte_at(p, r->end) == closing;
    if (*empty)
        return p + 1;
    n->closing[++n->depth] = closing;
    return closing == '}' ? scan_name(r, p, &name, &escapes) : p;
}

/* From behind a value to where the next one begins, or behind the last closing bracket with
 * n->depth == n->floor. */
static inline const char *skip_between(struct json_reader *r, struct nest *n, const char *p)
{
    struct str name;
    bool escapes;
    while (n->depth > n->floor) {
        p = skip_space(p, r->end);
        int c = byte_at(p, r->end);
        char closing = n->closing[n->depth];
        if (c == ',') {
            p = skip_space(p + 1, r->end);
            return closing == '}' ? scan_name(r, p, &name, &escapes) : p;
        }
        if (c != closing)
            return invalid(
                r, p, closing == ']' ? "a comma or ] was expected" : "a comma or } was expected");
        p++;
        n->depth--;
    }
    return p;
}

static const char *skip_nested(struct json_reader *r, const char *p)
{
    struct nest n;
    n.depth = n.floor = r->depth;
    do {
        p = skip_space(p, r->end);
        int c = byte_at(p, r->end);
        bool after_value = true;
        if (c == '{' || c == '[')
            p = skip_open(r, &n, p, &after_value);
        else
            p = scan_scalar(r, p);
        if (p && after_value)
            p = skip_between(r, &n, p);
    } while (p && n.depth > n.floor);
    return p;
}

bool json_skip(struct json_reader *r, struct str *raw)
{
    const char *start = skip_space(r->p, r->end);
    int c = byte_at(start, r->end);
    const char *p = c == '{' || c == '[' ? skip_nested(r, start) : scan_scalar(r, start);
    if (!p)
        return false;
    r->p = p;
    *raw = str_mem(start, (size_t)(p - start));
    return true;
}

bool json_at_end(struct json_reader *r)
{
    r->p = skip_space(r->p, r->end);
    if (r->p < r->end)
        invalid(r, r->p, "nothing may follow the value");
    return !r->failed;
}

static const char *unescape_one(const char *p, const char *end, char **out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    if (p[1] != 'u') {
        const char *at = strchr(from, p[1]);
        *(*out)++ = at ? to[at - from] : p[1];
        return p + 2;
    }
    uint32_t c = (uint32_t)hex4(p + 2, end);
    p += 6;
    if (c >= 0xD800 && c <= 0xDBFF) {
        c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)hex4(p + 2, end) - 0xDC00);
        p += 6;
    }
    *out += utf8_put(*out, c);
    return p;
}

struct str json_unescape(struct arena *a, struct str raw)
{
    if (str_find_char(raw, '\\') < 0)
        return raw;
    char *text = arena_alloc_raw(a, raw.len),
         *out = text; /* an escape is never shorter than what it stands for */
    const char *p = raw.p, *end = raw.p + raw.len;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((escape ? escape : end) - p);
        memcpy(out, p, plain);
        out += plain;
        p += plain;
        if (escape)
            p = unescape_one(p, end, &out);
    }
    return str_mem(text, (size_t)(out - text));
}
