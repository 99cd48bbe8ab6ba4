#include "io/http.h"

struct str http_header_get(const struct http_headers *h, struct str name)
{
    for (unsigned i = 0; i < h->n; i++)
        if (str_eq_nocase(h->v[i].name, name))
            return h->v[i].value;
    return STR_NONE;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded: '+' is a space. */
static bool percent_decode(struct arena *a, struct str in, struct str *out)
{
    char *p = arena_alloc_raw(a, in.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (in.p[i] == '%') {
            int high = i + 2 < in.len ? hex_digit(in.p[i + 1]) : -1;
            int low = i + 2 < in.len ? hex_digit(in.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            p[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            p[n++] = in.p[i] == '+' ? ' ' : in.p[i];
        }
    }
    p[n] = 0;
    *out = str_mem(p, n);
    return true;
}

struct str http_query_param(struct arena *a, struct str query, struct str name, bool *bad_encoding)
{
    struct str pair, key, value;
    *bad_encoding = false;
    while (str_split(&query, '&', &pair)) {
        ptrdiff_t eq = str_find_char(pair, '=');
        struct str raw_key = eq < 0 ? pair : str_sub(pair, 0, (size_t)eq);
        if (!percent_decode(a, raw_key, &key) || !str_eq(key, name))
            continue;
        if (percent_decode(a, eq < 0 ? STR("") : str_sub(pair, (size_t)eq + 1, SIZE_MAX), &value))
            return value;
        *bad_encoding = true;
        return STR_NONE;
    }
    return STR_NONE;
}

const char *http_status_text(int status)
{
    switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return status < 200 ? "Informational" : status < 300 ? "Success" : status < 400 ? "Redirection" : "Error";
    }
}
