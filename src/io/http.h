/* HTTP/1.1 messages (RFC 9110, RFC 9112): types and the codec that server and client share.
 *
 * The codec is strict, resumable and knows no sockets: feed it bytes, it says done, need more, or what is wrong. What
 * RFC 9112 calls a smuggling risk is refused: Content-Length beside Transfer-Encoding, differing lengths, bare CR or
 * LF in headers, obsolete line folding, spaces before the colon, control characters.
 */
#ifndef PAINTBOX_IO_HTTP_H
#define PAINTBOX_IO_HTTP_H

#include "base/buf.h"
#include "base/err.h"

#define HTTP_HEADERS_MAX 100
#define HTTP_HEAD_BYTES_MAX (32u << 10) /* request line and headers together → 431 */
#define HTTP_TARGET_MAX (16u << 10)     /* → 414 */
#define HTTP_BODY_MAX_DEFAULT (2u << 20) /* → 413 */

struct http_header {
    struct str name, value; /* the name as sent; compare with str_eq_nocase */
};

struct http_headers {
    struct http_header *v;
    unsigned n;
};

/* The first of that name, or STR_NONE. */
struct str http_header_get(const struct http_headers *h, struct str name);

struct http_request {
    struct str method, target; /* as sent */
    struct str path, query;    /* of the target; query without the '?' */
    int minor_version;         /* HTTP/1.minor */
    struct http_headers headers;
    struct str body;           /* complete, de-chunked */
    bool keep_alive;
};

struct http_response {
    int status;
    struct http_headers headers;
    struct str body;
    bool keep_alive;
};

/* The parameters of a query string, percent-decoded. STR_NONE (p NULL) when absent. */
struct str http_query_param(struct arena *a, struct str query, struct str name, bool *bad_encoding);

const char *http_status_text(int status);

/* ---- codec ---- */

enum http_parse_state { HTTP_NEED_MORE, HTTP_DONE, HTTP_BAD };

struct http_limits {
    size_t body_max;
};

struct http_parser; /* reads one message; io/http_codec.h */

#endif
