#include "io/http_codec.h"

#include "base/panic.h"

#include <string.h>

_Static_assert(HTTP_HEAD_BYTES_MAX + HTTP_LEADING_CRLF_MAX <= UINT16_MAX, "offsets of fields are 16 bits wide");

/* tchar of RFC 9110, 5.6.2 */
static const bool TOKEN[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true, ['#'] = true, ['$'] = true,
    ['%'] = true, ['&'] = true, ['\''] = true, ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['^'] = true,
    ['_'] = true, ['`'] = true, ['|'] = true, ['~'] = true,
};

/* Inside of a field's value: everything but control characters. */
static const bool VALUE[256] = {['\t'] = true, [' ' ... '~'] = true, [0x80 ... 0xff] = true};

/* In a Host header: reg-name, IP literal, port (RFC 3986, 3.2.2). */
static const bool HOST[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true, ['$'] = true, ['%'] = true,
    ['&'] = true, ['\''] = true, ['('] = true, [')'] = true, ['*'] = true, ['+'] = true, [','] = true, ['-'] = true,
    ['.'] = true, [':'] = true, [';'] = true, ['='] = true, ['['] = true, [']'] = true, ['_'] = true, ['~'] = true,
};

static bool all_in(const bool table[256], struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!table[(uint8_t)s.p[i]])
            return false;
    return true;
}

bool http_name_ok(struct str name)
{
    return name.len > 0 && all_in(TOKEN, name);
}

bool http_value_ok(struct str value)
{
    return all_in(VALUE, value);
}

static void parser_init(struct http_parser *p, const struct http_limits *limits)
{
    memset(p, 0, offsetof(struct http_parser, fields));
    size_t after = offsetof(struct http_parser, fields) + sizeof p->fields;
    memset((char *)p + after, 0, sizeof *p - after);
    p->body_max = limits->body_max;
}

void http_parser_init_request(struct http_parser *p, const struct http_limits *limits)
{
    parser_init(p, limits);
}

void http_parser_init_response(struct http_parser *p, const struct http_limits *limits, bool to_head_request)
{
    parser_init(p, limits);
    p->is_response = true;
    p->head_only = to_head_request;
}

static int bad(struct http_parser *p, int status, const char *message)
{
    p->phase = HTTP_PHASE_BAD;
    p->status = status;
    p->message = message;
    return -1;
}

/* ---- lines ---- */

/* The next line without its CRLF. 1, 0 when it is not all there, -1 bad. */
static int next_line(struct http_parser *p, const char *data, size_t len, struct str *line)
{
    const char *lf = memchr(data + p->scanned, '\n', len - p->scanned);
    if (!lf) {
        p->scanned = len;
        return 0;
    }
    size_t end = (size_t)(lf - data);
    if (end == p->pos || data[end - 1] != '\r')
        return bad(p, 400, "a line ends in LF without CR");
    *line = str_mem(data + p->pos, end - 1 - p->pos);
    p->pos = p->scanned = end + 1;
    return 1;
}

/* ---- the first line ---- */

/* Refuses what cannot become a request line before its end has come: a TLS handshake would otherwise wait for a
 * time-out. */
static int check_partial_method(struct http_parser *p, const char *data, size_t len)
{
    for (size_t i = p->pos; i < len && i < p->pos + HTTP_METHOD_MAX + 1; i++) {
        if (data[i] == ' ' && i > p->pos)
            return 0;
        if (!TOKEN[(uint8_t)data[i]] && !(data[i] == '\r' && i == p->pos))
            return bad(p, 400, "this is not an HTTP request");
    }
    return len - p->pos > HTTP_METHOD_MAX ? bad(p, 400, "the method is too long") : 0;
}

static int check_partial_first_line(struct http_parser *p, const char *data, size_t len)
{
    if (p->is_response)
        return len - p->pos > HTTP_HEAD_BYTES_MAX ? bad(p, 431, "the status line is too long") : 0;
    if (check_partial_method(p, data, len) < 0)
        return -1;
    size_t longest = HTTP_TARGET_MAX + HTTP_METHOD_MAX + sizeof " HTTP/1.1";
    return len - p->pos > longest ? bad(p, 414, "the target is too long") : 0;
}

/* "HTTP/1.1": the minor version or -1. */
static int parse_version(struct http_parser *p, struct str s)
{
    if (s.len != 8 || memcmp(s.p, "HTTP/", 5) != 0 || s.p[5] < '0' || s.p[5] > '9' || s.p[6] != '.' || s.p[7] < '0' ||
        s.p[7] > '9')
        return bad(p, 400, "the HTTP version is malformed");
    if (s.p[5] != '1' || s.p[7] > '1')
        return bad(p, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    p->minor_version = s.p[7] - '0';
    return 0;
}

static int check_target(struct http_parser *p, struct str method, struct str target)
{
    if (target.len > HTTP_TARGET_MAX)
        return bad(p, 414, "the target is too long");
    for (size_t i = 0; i < target.len; i++)
        if (target.p[i] <= ' ' || target.p[i] >= 0x7f || target.p[i] == '#')
            return bad(p, 400, "the target contains a character that must be percent-encoded");
    if (str_eq(method, STR("CONNECT")))
        return bad(p, 501, "CONNECT is not supported");
    bool asterisk = str_eq(target, STR("*"));
    if (asterisk ? !str_eq(method, STR("OPTIONS")) && !str_eq(method, STR("PRI"))
                 : target.p[0] != '/' && !str_starts(target, STR("http://")) && !str_starts(target, STR("https://")))
        return bad(p, 400, "the target must begin with / or be an http URL");
    return 0;
}

static int parse_request_line(struct http_parser *p, const char *data, struct str line)
{
    ptrdiff_t sp = str_find_char(line, ' ');
    if (sp <= 0 || sp > HTTP_METHOD_MAX || !all_in(TOKEN, str_sub(line, 0, (size_t)sp)))
        return bad(p, 400, "the request line does not begin with a method");
    struct str method = str_sub(line, 0, (size_t)sp), rest = str_sub(line, (size_t)sp + 1, SIZE_MAX);
    sp = str_find_char(rest, ' ');
    if (sp <= 0)
        return bad(p, 400, "the request line must be: method, target, version");
    struct str target = str_sub(rest, 0, (size_t)sp);
    if (check_target(p, method, target) < 0 || parse_version(p, str_sub(rest, (size_t)sp + 1, SIZE_MAX)) < 0)
        return -1;
    p->method = (uint16_t)(method.p - data);
    p->method_len = (uint16_t)method.len;
    p->target = (uint16_t)(target.p - data);
    p->target_len = (uint16_t)target.len;
    return 0;
}

static int parse_status_line(struct http_parser *p, struct str line)
{
    if (line.len < 12 || line.p[8] != ' ' || (line.len > 12 && line.p[12] != ' ') || !all_in(VALUE, line))
        return bad(p, 400, "the status line is malformed");
    if (parse_version(p, str_sub(line, 0, 8)) < 0)
        return -1;
    uint64_t status;
    if (!str_to_u64(str_sub(line, 9, 3), &status) || status < 100 || status > 599)
        return bad(p, 400, "the status is not a number from 100 to 599");
    p->response_status = (int)status;
    return 0;
}

static int step_first_line(struct http_parser *p, const char *data, size_t len)
{
    struct str line;
    int rc = next_line(p, data, len, &line);
    if (rc == 0)
        return check_partial_first_line(p, data, len);
    if (rc < 0)
        return -1;
    if (line.len == 0 && !p->is_response && p->pos <= HTTP_LEADING_CRLF_MAX)
        return 1; /* an empty line left over from a body */
    rc = p->is_response ? parse_status_line(p, line) : parse_request_line(p, data, line);
    if (rc == 0)
        p->phase = HTTP_PHASE_HEADERS;
    return rc < 0 ? -1 : 1;
}

/* ---- headers ---- */

static int take_length(struct http_parser *p, struct str value)
{
    if (p->has_length)
        return bad(p, 400, "Content-Length is given twice");
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return bad(p, 400, "Content-Length is not a number");
    if (value.len == 0)
        return bad(p, 400, "Content-Length is empty");
    p->has_length = true;
    if (!str_to_u64(value, &p->content_length))
        p->content_length = UINT64_MAX; /* refused as too large */
    return 0;
}

static int take_transfer_encoding(struct http_parser *p, struct str value)
{
    if (p->chunked)
        return bad(p, 400, "Transfer-Encoding is given twice");
    if (p->minor_version == 0)
        return bad(p, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (!str_eq_nocase(value, STR("chunked")))
        return bad(p, 501, "the only Transfer-Encoding understood is chunked");
    p->chunked = true;
    return 0;
}

static int take_host(struct http_parser *p, struct str value)
{
    if (p->is_response)
        return 0;
    if (p->has_host)
        return bad(p, 400, "Host is given twice");
    p->has_host = true;
    return all_in(HOST, value) ? 0 : bad(p, 400, "Host is malformed");
}

static int take_connection(struct http_parser *p, struct str value)
{
    struct str part;
    while (str_split(&value, ',', &part)) {
        part = str_trim(part);
        p->close |= str_eq_nocase(part, STR("close"));
        p->keep |= str_eq_nocase(part, STR("keep-alive"));
    }
    return 0;
}

static int take_expect(struct http_parser *p, struct str value)
{
    if (p->is_response || p->minor_version == 0)
        return 0;
    if (!str_eq_nocase(value, STR("100-continue")))
        return bad(p, 417, "the only expectation understood is 100-continue");
    p->expect_continue = true;
    return 0;
}

/* What the message's framing depends on. */
static int take_known_field(struct http_parser *p, struct str name, struct str value)
{
    switch (name.len) {
    case 4:
        return str_eq_nocase(name, STR("host")) ? take_host(p, value) : 0;
    case 6:
        return str_eq_nocase(name, STR("expect")) ? take_expect(p, value) : 0;
    case 10:
        return str_eq_nocase(name, STR("connection")) ? take_connection(p, value) : 0;
    case 14:
        return str_eq_nocase(name, STR("content-length")) ? take_length(p, value) : 0;
    case 17:
        return str_eq_nocase(name, STR("transfer-encoding")) ? take_transfer_encoding(p, value) : 0;
    default:
        return 0;
    }
}

static int parse_field(struct http_parser *p, struct str line, struct str *name, struct str *value)
{
    size_t colon = 0;
    while (colon < line.len && TOKEN[(uint8_t)line.p[colon]])
        colon++;
    if (colon == 0 && line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
        return bad(p, 400, "a header is continued on a second line");
    if (colon == 0 || colon == line.len || line.p[colon] != ':')
        return bad(p, 400, "a header must be: name, colon, value; with no space before the colon");
    *name = str_sub(line, 0, colon);
    size_t from = colon + 1, to = line.len;
    while (from < to && (line.p[from] == ' ' || line.p[from] == '\t'))
        from++;
    while (to > from && (line.p[to - 1] == ' ' || line.p[to - 1] == '\t'))
        to--;
    *value = str_mem(line.p + from, to - from);
    return all_in(VALUE, *value) ? 0 : bad(p, 400, "a header contains a control character");
}

static int take_field(struct http_parser *p, const char *data, struct str line)
{
    struct str name, value;
    if (parse_field(p, line, &name, &value) < 0)
        return -1;
    if (p->n_fields == HTTP_HEADERS_MAX)
        return bad(p, 431, "there are more than 100 headers");
    p->fields[p->n_fields++] = (struct http_field_span){
        .name = (uint16_t)(name.p - data),
        .name_len = (uint16_t)name.len,
        .value = (uint16_t)(value.p - data),
        .value_len = (uint16_t)value.len,
    };
    return take_known_field(p, name, value);
}

static int finish(struct http_parser *p)
{
    p->consumed = p->pos;
    p->phase = HTTP_PHASE_DONE;
    return 1;
}

/* The empty line has been read: what follows? */
static int finish_head(struct http_parser *p)
{
    if (!p->is_response && p->minor_version == 1 && !p->has_host)
        return bad(p, 400, "HTTP/1.1 requires a Host header");
    if (p->has_length && p->chunked)
        return bad(p, 400, "Content-Length beside Transfer-Encoding");
    p->body = p->pos;
    int s = p->response_status;
    if (p->is_response && (p->head_only || s < 200 || s == 204 || s == 304))
        return finish(p);
    if (p->has_length && p->content_length > p->body_max)
        return bad(p, 413, "the body is too large");
    if (p->chunked)
        p->phase = HTTP_PHASE_CHUNK_SIZE;
    else if (p->has_length)
        p->phase = HTTP_PHASE_LENGTH;
    else if (!p->is_response)
        return finish(p);
    else
        p->phase = HTTP_PHASE_UNTIL_END;
    p->until_end = p->phase == HTTP_PHASE_UNTIL_END;
    return 1;
}

static int step_header(struct http_parser *p, const char *data, size_t len)
{
    struct str line;
    int rc = next_line(p, data, len, &line);
    if ((rc == 0 ? len : p->pos) > HTTP_HEAD_BYTES_MAX && rc >= 0)
        return bad(p, 431, "the headers are too large");
    if (rc <= 0)
        return rc;
    if (line.len == 0)
        return finish_head(p);
    return take_field(p, data, line) < 0 ? -1 : 1;
}

/* ---- bodies ---- */

static int step_length(struct http_parser *p, size_t len)
{
    size_t there = len - p->body;
    if (there < p->content_length) {
        p->body_len = there;
        return 0;
    }
    p->body_len = (size_t)p->content_length;
    p->pos = p->body + p->body_len;
    return finish(p);
}

static int step_until_end(struct http_parser *p, size_t len)
{
    p->body_len = len - p->body;
    p->pos = len;
    return p->body_len > p->body_max ? bad(p, 413, "the body is too large") : 0;
}

static size_t token_end(struct str s, size_t i)
{
    while (i < s.len && TOKEN[(uint8_t)s.p[i]])
        i++;
    return i;
}

/* The end of a quoted string that begins at i; 0 when it has none. */
static size_t quoted_end(struct str s, size_t i)
{
    for (i++; i < s.len && VALUE[(uint8_t)s.p[i]]; i++) {
        if (s.p[i] == '"')
            return i + 1;
        if (s.p[i] == '\\')
            i++;
    }
    return 0;
}

/* *( ";" token [ "=" ( token / quoted-string ) ] ): checked, then ignored. */
static bool chunk_extensions_ok(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        size_t name = i + 1, end = token_end(s, name);
        if (s.p[i] != ';' || end == name)
            return false;
        i = end;
        if (i == s.len || s.p[i] != '=')
            continue;
        size_t value = i + 1;
        i = value < s.len && s.p[value] == '"' ? quoted_end(s, value) : token_end(s, value);
        if (i <= value)
            return false;
    }
    return all_in(VALUE, s);
}

/* 1*HEXDIG and extensions. */
static bool parse_chunk_size(struct str line, uint64_t *size)
{
    size_t i = 0;
    *size = 0;
    for (; i < line.len && i < 16; i++) {
        char c = line.p[i], low = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            *size = *size << 4 | (uint64_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *size = *size << 4 | (uint64_t)(low - 'a' + 10);
        else
            break;
    }
    return i > 0 && i < 16 && chunk_extensions_ok(str_sub(line, i, SIZE_MAX));
}

static int step_chunk_size(struct http_parser *p, const char *data, size_t len)
{
    struct str line;
    size_t from = p->pos;
    int rc = next_line(p, data, len, &line);
    if (rc >= 0 && (rc ? p->pos : len) - from > HTTP_CHUNK_LINE_MAX)
        return bad(p, 400, "the line of a chunk's size is too long");
    if (rc <= 0)
        return rc;
    if (!parse_chunk_size(line, &p->chunk_left))
        return bad(p, 400, "the size of a chunk is malformed");
    if (p->chunk_left > p->body_max - p->body_len)
        return bad(p, 413, "the body is too large");
    p->phase = p->chunk_left ? HTTP_PHASE_CHUNK_DATA : HTTP_PHASE_TRAILERS;
    return 1;
}

/* Moves the data to the end of the body, over the chunk's framing. */
static int step_chunk_data(struct http_parser *p, char *data, size_t len)
{
    size_t n = len - p->pos < p->chunk_left ? len - p->pos : (size_t)p->chunk_left;
    if (p->body + p->body_len != p->pos)
        memmove(data + p->body + p->body_len, data + p->pos, n);
    p->body_len += n;
    p->pos += n;
    p->scanned = p->pos;
    p->chunk_left -= n;
    if (p->chunk_left > 0)
        return 0;
    p->phase = HTTP_PHASE_CHUNK_END;
    return 1;
}

static int step_chunk_end(struct http_parser *p, const char *data, size_t len)
{
    if (len - p->pos < 2)
        return len > p->pos && data[p->pos] != '\r' ? bad(p, 400, "a chunk is longer than it says") : 0;
    if (memcmp(data + p->pos, "\r\n", 2) != 0)
        return bad(p, 400, "a chunk is longer than it says");
    p->pos += 2;
    p->scanned = p->pos;
    p->phase = HTTP_PHASE_CHUNK_SIZE;
    return 1;
}

/* Trailers are checked and dropped: nothing here would know what to do with them. */
static int step_trailer(struct http_parser *p, const char *data, size_t len)
{
    struct str line, name, value;
    size_t from = p->pos;
    int rc = next_line(p, data, len, &line);
    if (rc >= 0 && p->trailer_bytes + (rc ? p->pos : len) - from > HTTP_HEAD_BYTES_MAX)
        return bad(p, 431, "the trailers are too large");
    if (rc <= 0)
        return rc;
    p->trailer_bytes += p->pos - from;
    if (line.len == 0)
        return finish(p);
    if (parse_field(p, line, &name, &value) < 0)
        return -1;
    if (str_eq_nocase(name, STR("content-length")) || str_eq_nocase(name, STR("transfer-encoding")))
        return bad(p, 400, "a trailer must not say how long the message is");
    return 1;
}

/* Closes the gap that a partly read chunked body leaves, so that the buffer holds no more than body and one line. */
static void close_gap(struct http_parser *p, char *data, size_t *len)
{
    size_t to = p->body + p->body_len, gap = p->pos - to;
    if (gap == 0)
        return;
    memmove(data + to, data + p->pos, *len - p->pos);
    *len -= gap;
    p->pos -= gap;
    p->scanned -= gap;
}

/* 1: go on, 0: more bytes are needed, -1: bad. */
static int step(struct http_parser *p, char *data, size_t len)
{
    switch (p->phase) {
    case HTTP_PHASE_FIRST_LINE:
        return step_first_line(p, data, len);
    case HTTP_PHASE_HEADERS:
        return step_header(p, data, len);
    case HTTP_PHASE_LENGTH:
        return step_length(p, len);
    case HTTP_PHASE_UNTIL_END:
        return step_until_end(p, len);
    case HTTP_PHASE_CHUNK_SIZE:
        return step_chunk_size(p, data, len);
    case HTTP_PHASE_CHUNK_DATA:
        return step_chunk_data(p, data, len);
    case HTTP_PHASE_CHUNK_END:
        return step_chunk_end(p, data, len);
    case HTTP_PHASE_TRAILERS:
        return step_trailer(p, data, len);
    case HTTP_PHASE_DONE:
    case HTTP_PHASE_BAD:
        break;
    }
    return 0;
}

enum http_parse_state http_parser_feed(struct http_parser *p, char *data, size_t *len)
{
    PB_ASSERT(*len >= p->pos && *len >= p->scanned);
    while (p->phase < HTTP_PHASE_DONE && step(p, data, *len) > 0) {
    }
    if (p->phase == HTTP_PHASE_BAD)
        return HTTP_BAD;
    if (p->phase == HTTP_PHASE_DONE)
        return HTTP_DONE;
    if (p->phase >= HTTP_PHASE_CHUNK_SIZE)
        close_gap(p, data, len);
    return HTTP_NEED_MORE;
}

enum http_parse_state http_parser_end(struct http_parser *p, size_t len)
{
    if (p->phase == HTTP_PHASE_UNTIL_END) {
        finish(p);
        return HTTP_DONE;
    }
    bad(p, 400, len == 0 ? "the connection was closed" : "the connection was closed in the middle of a message");
    return HTTP_BAD;
}

size_t http_parser_expected(const struct http_parser *p)
{
    return p->phase == HTTP_PHASE_LENGTH ? p->body + (size_t)p->content_length : 0;
}

/* ---- results ---- */

static struct http_headers headers_of(const struct http_parser *p, struct arena *a, const char *data)
{
    struct http_headers h = {.v = arena_alloc_raw(a, p->n_fields * sizeof *h.v), .n = p->n_fields};
    for (unsigned i = 0; i < p->n_fields; i++) {
        const struct http_field_span *f = &p->fields[i];
        h.v[i] = (struct http_header){
            .name = str_mem(data + f->name, f->name_len),
            .value = str_mem(data + f->value, f->value_len),
        };
    }
    return h;
}

static bool keeps_alive(const struct http_parser *p)
{
    return !p->close && (p->minor_version == 1 || p->keep);
}

/* Path and query of the origin form or of a whole URL. */
static void split_target(struct http_request *r)
{
    struct str t = r->target;
    ptrdiff_t scheme = t.len > 0 && t.p[0] != '/' ? str_find(t, STR("://")) : -1;
    if (scheme > 0) {
        t = str_sub(t, (size_t)scheme + 3, SIZE_MAX);
        size_t authority = 0;
        while (authority < t.len && t.p[authority] != '/' && t.p[authority] != '?')
            authority++;
        t = str_sub(t, authority, SIZE_MAX);
    }
    ptrdiff_t mark = str_find_char(t, '?');
    r->path = mark < 0 ? t : str_sub(t, 0, (size_t)mark);
    r->query = mark < 0 ? STR_NONE : str_sub(t, (size_t)mark + 1, SIZE_MAX);
    if (r->path.len == 0)
        r->path = STR("/");
}

void http_parser_request(const struct http_parser *p, struct arena *a, const char *data, struct http_request *out)
{
    *out = (struct http_request){
        .method = str_mem(data + p->method, p->method_len),
        .target = str_mem(data + p->target, p->target_len),
        .minor_version = p->minor_version,
        .headers = headers_of(p, a, data),
        .body = str_mem(data + p->body, p->body_len),
        .keep_alive = keeps_alive(p),
    };
    split_target(out);
}

void http_parser_response(const struct http_parser *p, struct arena *a, const char *data, struct http_response *out)
{
    *out = (struct http_response){
        .status = p->response_status,
        .headers = headers_of(p, a, data),
        .body = str_mem(data + p->body, p->body_len),
        .keep_alive = keeps_alive(p) && !p->until_end,
    };
}
