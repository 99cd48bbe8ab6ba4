/* GraphQL over HTTP (graphql.github.io/graphql-over-http): what the client asks, and in which media type it wants the
 * answer. */
#include "router/exchange.h"

#include <stdarg.h>

/* ---- replies ---- */

static struct str media_text(enum media m)
{
    return m == MEDIA_GRAPHQL_RESPONSE ? STR("application/graphql-response+json; charset=utf-8")
                                       : STR("application/json; charset=utf-8");
}

enum flow reply_pieces(struct exchange *x, int status, struct str text, const struct response_pieces *pieces)
{
    size_t n = pieces->all.n, from = n ? pieces->all.v[0].at : text.len;

    http_reply(x->http, status, media_text(x->media), str_sub(text, 0, from));
    for (size_t i = 0; i < n; i++) {
        size_t next = i + 1 < n ? pieces->all.v[i + 1].at : text.len;
        vec_push(x->arena, &x->http->out_body, pieces->all.v[i].text);
        vec_push(x->arena, &x->http->out_body, str_sub(text, from, next - from));
        from = next;
    }
    return FLOW_REPLIED;
}

enum flow reply_out(struct exchange *x, int status)
{
    http_reply(x->http, status, media_text(x->media), buf_str(&x->out));
    return FLOW_REPLIED;
}

enum flow reply_error(struct exchange *x, int status, const char *code, const char *fmt, ...)
{
    struct gql_errors errors = {0};
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(x->arena, fmt, ap);
    va_end(ap);
    gql_error_add(x->arena, &errors, str_c(code), NULL, 0, "%.*s", STR_ARG(message));
    buf_clear(&x->out);
    response_write_request_errors(&x->out, &errors);
    if (status == 401)
        http_add_header(x->http, STR("WWW-Authenticate"), STR("Bearer realm=\"paintbox\""));
    return reply_out(x, status);
}

enum flow reply_graphql_errors(struct exchange *x, const struct gql_errors *errors)
{
    buf_clear(&x->out);
    response_write_request_errors(&x->out, errors);
    return reply_out(x, x->media == MEDIA_GRAPHQL_RESPONSE ? 400 : 200);
}

/* ---- media types ---- */

static bool media_is(struct str range, struct str type)
{
    struct str bare = range;
    ptrdiff_t semicolon = str_find_char(range, ';');
    if (semicolon >= 0)
        bare = str_sub(range, 0, (size_t)semicolon);
    return str_eq_nocase(str_trim(bare), type);
}

/* The first range of the client that we can serve wins; quality values only matter to clients that we cannot serve
 * anyway. */
static bool media_choose(struct str accept, enum media *out)
{
    struct str range;
    bool any = false;

    while (str_split(&accept, ',', &range)) {
        if (str_trim(range).len == 0)
            continue;
        any = true;
        if (media_is(range, STR("application/graphql-response+json"))) {
            *out = MEDIA_GRAPHQL_RESPONSE;
            return true;
        }
        if (media_is(range, STR("application/json")) || media_is(range, STR("*/*")) ||
            media_is(range, STR("application/*"))) {
            *out = MEDIA_JSON;
            return true;
        }
    }
    return !any;
}

/* `application/json`, in UTF-8. */
static bool body_is_json(struct str content_type)
{
    ptrdiff_t charset = str_find(content_type, STR("charset="));
    if (!media_is(content_type, STR("application/json")))
        return false;
    if (charset < 0)
        return true;
    struct str value = str_trim(str_sub(content_type, (size_t)charset + 8, content_type.len));
    return str_eq_nocase(value, STR("utf-8")) || str_eq_nocase(value, STR("\"utf-8\""));
}

/* ---- parameters ---- */

static enum flow bad_parameter(struct exchange *x, const char *name, const char *wanted)
{
    return reply_error(x, 400, "BAD_REQUEST", "The parameter \"%s\" has to be %s", name, wanted);
}

static enum flow take_text(struct exchange *x, const struct json *body, const char *name, struct str *out)
{
    const struct json *v = json_get(body, str_c(name));
    if (!v || v->kind == JSON_NULL)
        return FLOW_NEXT;
    if (v->kind != JSON_STRING)
        return bad_parameter(x, name, "a string");
    *out = v->text;
    return FLOW_NEXT;
}

static enum flow take_object(struct exchange *x, const struct json *body, const char *name, const struct json **out)
{
    const struct json *v = json_get(body, str_c(name));
    if (!v || v->kind == JSON_NULL)
        return FLOW_NEXT;
    if (v->kind != JSON_OBJECT)
        return bad_parameter(x, name, "an object");
    *out = v;
    return FLOW_NEXT;
}

static enum flow take_body(struct exchange *x, const struct json *body)
{
    const struct json *extensions = NULL;
    if (take_text(x, body, "query", &x->params.query) == FLOW_REPLIED ||
        take_text(x, body, "operationName", &x->params.operation_name) == FLOW_REPLIED ||
        take_object(x, body, "variables", &x->params.variables) == FLOW_REPLIED ||
        take_object(x, body, "extensions", &extensions) == FLOW_REPLIED)
        return FLOW_REPLIED;
    if (!x->params.query.p)
        return reply_error(x, 400, "BAD_REQUEST",
                           "The parameter \"query\" is missing: send the GraphQL document in it");
    return FLOW_NEXT;
}

static enum flow from_post(struct exchange *x)
{
    const struct http_request *req = &x->http->request;
    struct err err = {0};

    if (!body_is_json(http_header_get(&req->headers, STR("content-type"))))
        return reply_error(x, 415, "UNSUPPORTED_MEDIA_TYPE", "The request's Content-Type has to be application/json");
    struct json *body = json_parse(x->arena, req->body, &err);
    if (!body)
        return reply_error(x, 400, "BAD_REQUEST", "The request's body is not JSON: %s", err.msg);
    if (body->kind == JSON_ARRAY)
        return reply_error(x, 400, "BAD_REQUEST",
                           "Batches of operations are not accepted: send one operation in one request");
    if (body->kind != JSON_OBJECT)
        return reply_error(x, 400, "BAD_REQUEST", "The request's body has to be a JSON object");
    return take_body(x, body);
}

/* A query parameter as JSON text that stands in an object, so that GET and POST share the checks. */
static void add_get_member(struct exchange *x, struct buf *b, const char *name, bool is_json, bool *bad)
{
    struct str value = http_query_param(x->arena, x->http->request.query, str_c(name), bad);
    if (!value.p || (is_json && value.len == 0))
        return;
    buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
    if (is_json)
        buf_add(b, value);
    else
        json_write_string(b, value);
}

static enum flow from_get(struct exchange *x)
{
    struct buf b;
    struct err err = {0};
    bool bad = false;

    buf_init(&b, HTTP_TARGET_MAX * 8);
    buf_add_char(&b, '{');
    add_get_member(x, &b, "query", false, &bad);
    add_get_member(x, &b, "operationName", false, &bad);
    add_get_member(x, &b, "variables", true, &bad);
    add_get_member(x, &b, "extensions", true, &bad);
    buf_add_char(&b, '}');
    struct json *params = json_parse(x->arena, arena_str(x->arena, buf_str(&b)), &err);
    buf_free(&b);
    if (bad)
        return reply_error(x, 400, "BAD_REQUEST", "The URL's query string is not percent-encoded UTF-8");
    if (!params)
        return reply_error(x, 400, "BAD_REQUEST", "The parameters \"variables\" and \"extensions\" have to be JSON: %s",
                           err.msg);
    return take_body(x, params);
}

enum flow stage_parameters(struct exchange *x)
{
    const struct http_request *req = &x->http->request;
    struct str accept = http_header_get(&req->headers, STR("accept"));

    if (accept.p && !media_choose(accept, &x->media))
        return reply_error(x, 406, "NOT_ACCEPTABLE",
                           "Answers are application/graphql-response+json or application/json: accept one of them");
    if (str_eq(req->method, STR("POST")))
        return from_post(x);
    if (str_eq(req->method, STR("GET")))
        return from_get(x);
    http_add_header(x->http, STR("Allow"), STR("GET, POST, OPTIONS"));
    return reply_error(x, 405, "METHOD_NOT_ALLOWED", "GraphQL is asked with GET or POST");
}
