/* The reader of HTTP/1.1 messages: bytes in, slices of the same bytes out. Knows no sockets and allocates nothing.
 *
 *     struct http_parser p;
 *     http_parser_init_request(&p, &limits);
 *     for (;;) {
 *         switch (http_parser_feed(&p, data, &len)) {  // `data` begins with the message; it may have moved
 *         case HTTP_NEED_MORE: … append to data, add to len …; continue;
 *         case HTTP_BAD: answer p.status with p.message, and close;
 *         case HTTP_DONE: http_parser_request(&p, arena, data, &request);  // slices of data
 *         }
 *         // the next message begins at data + p.consumed
 *     }
 *
 * Chunked bodies are put together in place, so feeding may move bytes within `data` and shorten *len.
 * What RFC 9112 lets a recipient repair is refused where repairing invites request smuggling; the full list is
 * in docs/io.md.
 */
#ifndef PAINTBOX_IO_HTTP_CODEC_H
#define PAINTBOX_IO_HTTP_CODEC_H

#include "io/http.h"

#define HTTP_METHOD_MAX 32
#define HTTP_CHUNK_LINE_MAX 256     /* size and extensions of one chunk */
#define HTTP_LEADING_CRLF_MAX 4     /* bytes of empty lines before a request line (RFC 9112, 2.2) */

enum http_phase {
    HTTP_PHASE_FIRST_LINE,
    HTTP_PHASE_HEADERS,
    HTTP_PHASE_LENGTH,     /* a body of content_length bytes */
    HTTP_PHASE_UNTIL_END,  /* a response's body that ends with the connection */
    HTTP_PHASE_CHUNK_SIZE,
    HTTP_PHASE_CHUNK_DATA,
    HTTP_PHASE_CHUNK_END,  /* the line end behind the data */
    HTTP_PHASE_TRAILERS,
    HTTP_PHASE_DONE,
    HTTP_PHASE_BAD,
};

struct http_field_span {
    uint16_t name, name_len, value, value_len; /* offsets into the message; HTTP_HEAD_BYTES_MAX fits */
};

struct http_parser {
    enum http_phase phase;
    bool is_response, head_only; /* head_only: answers HEAD, so has no body */
    size_t body_max;
    size_t pos, scanned; /* what has been parsed; how far a line end has been looked for */

    uint16_t method, method_len, target, target_len;
    int minor_version;
    int response_status;
    unsigned n_fields;
    struct http_field_span fields[HTTP_HEADERS_MAX];
    bool has_length, has_host, chunked, until_end, close, keep, expect_continue;
    uint64_t content_length, chunk_left;
    size_t trailer_bytes;
    size_t body, body_len; /* offset into the message; what is there of it */

    size_t consumed;     /* when done: length of the message */
    int status;          /* when bad: 400, 413, 414, 417, 431, 501 or 505 */
    const char *message; /* when bad: for people */
};

void http_parser_init_request(struct http_parser *p, const struct http_limits *limits);
void http_parser_init_response(struct http_parser *p, const struct http_limits *limits, bool to_head_request);
enum http_parse_state http_parser_feed(struct http_parser *p, char *data, size_t *len);
/* The connection has ended: a body that lasts until then is done, everything else is bad. */
enum http_parse_state http_parser_end(struct http_parser *p, size_t len);

static inline bool http_parser_head_done(const struct http_parser *p) { return p->phase >= HTTP_PHASE_LENGTH; }
/* The length of the whole message as far as it is known: how much room to make. */
size_t http_parser_expected(const struct http_parser *p);

/* After HTTP_DONE. Slices of `data`; the array of headers is in the arena. */
void http_parser_request(const struct http_parser *p, struct arena *a, const char *data, struct http_request *out);
void http_parser_response(const struct http_parser *p, struct arena *a, const char *data, struct http_response *out);

/* What a header may contain, for writers: tokens as names, no control characters in values. */
bool http_name_ok(struct str name);
bool http_value_ok(struct str value);

#endif
