/* GraphQL over HTTP (the GraphQL Foundation's specification): what a request means, and with which status it is
 * answered. */
#include "base/log.h"
#include "base/panic.h"
#include "base/uuid.h"
#include "base/encoding.h"
#include "subgraph/serve.h"

struct params {
    struct str query, operation_name;
    const struct json *variables, *extensions;
};

enum media { MEDIA_NONE, MEDIA_JSON, MEDIA_GRAPHQL };

/* ---- media types ---- */

static bool accepts(struct str accept, struct str type)
{
    struct str part;
    while (str_split(&accept, ',', &part)) {
        struct str name = part;
        ptrdiff_t semicolon = str_find_char(part, ';');
        if (semicolon >= 0)
            name = str_sub(part, 0, (size_t)semicolon);
        if (str_eq_nocase(str_trim(name), type) && str_find(part, STR("q=0,")) < 0 &&
            !str_ends(str_trim(part), STR("q=0")))
            return true;
    }
    return false;
}

static enum media answer_media(struct str accept)
{
    if (!accept.p || accepts(accept, STR("application/json")))
        return accept.p && accepts(accept, STR("application/graphql-response+json")) ? MEDIA_GRAPHQL : MEDIA_JSON;
    if (accepts(accept, STR("application/graphql-response+json")))
        return MEDIA_GRAPHQL;
    return accepts(accept, STR("*/*")) || accepts(accept, STR("application/*")) ? MEDIA_JSON : MEDIA_NONE;
}

static struct str media_name(enum media m)
{
    return m == MEDIA_GRAPHQL ? STR("application/graphql-response+json; charset=utf-8")
                              : STR("application/json; charset=utf-8");
}

static bool is_json_body(const struct http_request *r)
{
    struct str type = http_header_get(&r->headers, STR("content-type"));
    struct str name;
    if (!type.p || !str_split(&type, ';', &name) || !str_eq_nocase(str_trim(name), STR("application/json")))
        return false;
    struct str charset = str_trim(type);
    return !charset.len || str_eq_nocase(charset, STR("charset=utf-8")) ||
           str_eq_nocase(charset, STR("charset=\"utf-8\""));
}

/* ---- parameters ---- */

/* False when the member is there and has another kind; null counts as absent. */
static bool member_of_kind(const struct json *body, struct str name, enum json_kind kind, const struct json **out)
{
    const struct json *v = json_get(body, name);
    *out = v && v->kind != JSON_NULL ? v : NULL;
    return !*out || v->kind == kind;
}

static int params_of_json(const struct json *body, struct params *p, struct err *err)
{
    const struct json *query, *operation;
    if (body->kind != JSON_OBJECT)
        return err_set(err, "BAD_REQUEST", "the body is a JSON object with the member \"query\"");
    if (!member_of_kind(body, STR("query"), JSON_STRING, &query) || !query)
        return err_set(err, "BAD_REQUEST", "the body lacks the string \"query\"");
    if (!member_of_kind(body, STR("operationName"), JSON_STRING, &operation))
        return err_set(err, "BAD_REQUEST", "\"operationName\" is a string");
    if (!member_of_kind(body, STR("variables"), JSON_OBJECT, &p->variables))
        return err_set(err, "BAD_REQUEST", "\"variables\" is an object");
    if (!member_of_kind(body, STR("extensions"), JSON_OBJECT, &p->extensions))
        return err_set(err, "BAD_REQUEST", "\"extensions\" is an object");
    p->query = query->text;
    p->operation_name = operation ? operation->text : STR_NONE;
    return 0;
}

static int json_param(struct http_exchange *x, struct str name, const struct json **out, struct err *err)
{
    bool bad = false;
    struct str text = http_query_param(x->arena, x->request.query, name, &bad);
    *out = NULL;
    if (bad)
        return err_set(err, "BAD_REQUEST", "the parameter \"%.*s\" is not encoded as a URL needs it", STR_ARG(name));
    if (!text.p || !text.len)
        return 0;
    *out = json_parse(x->arena, text, err);
    if (!*out)
        return err_prefix(err, "the parameter \"%.*s\"", STR_ARG(name));
    if ((*out)->kind == JSON_NULL)
        *out = NULL;
    return !*out || (*out)->kind == JSON_OBJECT ? 0
                                                : err_set(err, "BAD_REQUEST", "\"%.*s\" is an object", STR_ARG(name));
}

static int params_of_url(struct http_exchange *x, struct params *p, struct err *err)
{
    bool bad = false;
    p->query = http_query_param(x->arena, x->request.query, STR("query"), &bad);
    if (!bad)
        p->operation_name = http_query_param(x->arena, x->request.query, STR("operationName"), &bad);
    if (bad || !p->query.p)
        return err_set(err, "BAD_REQUEST", "the URL lacks the parameter \"query\"");
    if (!p->operation_name.len)
        p->operation_name = STR_NONE;
    if (json_param(x, STR("variables"), &p->variables, err) != 0)
        return -1;
    return json_param(x, STR("extensions"), &p->extensions, err);
}

/* ---- answers ---- */

/* A buffer of the worker's, with what returns it. */
struct answer {
    struct worker *worker;
    struct buf buf;
};

static void answer_release(void *arg)
{
    struct answer *a = arg;
    struct worker *w = a->worker;
    if (w->n_buffers < SERVE_BUFFERS_KEPT && a->buf.cap <= SERVE_BUFFER_KEPT_BYTES) {
        buf_clear(&a->buf);
        a->buf.overflowed = false;
        w->buffers[w->n_buffers++] = a->buf;
    } else {
        buf_free(&a->buf);
    }
}

static struct buf *answer_buffer(struct http_exchange *x, struct worker *w)
{
    struct answer *a = arena_new_of(x->arena, struct answer);
    a->worker = w;
    if (w->n_buffers)
        a->buf = w->buffers[--w->n_buffers];
    else
        buf_init(&a->buf, SERVE_ANSWER_BYTES_MAX);
    x->release = answer_release;
    x->release_arg = a;
    return &a->buf;
}

static void reply_errors(struct http_exchange *x, struct worker *w, enum media media, const struct gql_errors *errors)
{
    struct buf *out = answer_buffer(x, w);
    buf_add(out, STR("{\"errors\":["));
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        if (i)
            buf_add_char(out, ',');
        answer_error(out, e->message, e->locs, e->n_locs, e->code.p ? e->code : STR("BAD_USER_INPUT"));
    }
    buf_add(out, STR("]}"));
    w->metrics.errors++;
    http_reply(x, media == MEDIA_GRAPHQL ? 400 : 200, media_name(media), buf_str(out));
}

/* ---- running ---- */

/* The router's. A write gets one in any case, for its audit row. */
static struct str request_id(struct http_exchange *x, const struct gql_definition *op)
{
    struct str id = http_header_get(&x->request.headers, STR("x-request-id"));
    if (id.len > 0 && id.len <= 128)
        return id;
    if (op->operation != GQL_MUTATION)
        return STR_NONE;
    struct uuid u = uuid_new();
    char *text = arena_alloc_raw(x->arena, UUID_LEN + 1);
    uuid_format(&u, text);
    return str_mem(text, UUID_LEN);
}

static void write_extensions(struct exec *e, const struct params *p)
{
    if (p->extensions && json_get(p->extensions, STR("paintbox")))
        buf_printf(e->out, ",\"extensions\":{\"paintbox\":{\"statements\":%u}}", e->request.statements);
}

static void run(struct http_exchange *x, struct worker *w, struct exec *e, const struct params *p, enum media media)
{
    e->out = answer_buffer(x, w);
    buf_init(&e->errors, 4u << 20);
    struct node *root = execute_operation(e);
    buf_add(e->out, STR("{\"data\":"));
    answer_write(e, root);
    if (e->n_errors) {
        buf_add(e->out, STR(",\"errors\":["));
        buf_add(e->out, buf_str(&e->errors));
        buf_add_char(e->out, ']');
        w->metrics.errors++;
    }
    buf_free(&e->errors);
    write_extensions(e, p);
    buf_add_char(e->out, '}');
    w->metrics.statements += e->request.statements;
    w->metrics.answer_bytes += e->out->len;
    if (buf_overflowed(e->out))
        http_reply_json_error(x, 500, "RESPONSE_TOO_LARGE", "the answer is larger than %u MB: ask for less",
                              SERVE_ANSWER_BYTES_MAX >> 20);
    else
        http_reply(x, 200, media_name(media), buf_str(e->out));
}

static bool refuse_operation(struct http_exchange *x, const struct gql_definition *op)
{
    if (op->operation == GQL_SUBSCRIPTION) {
        http_reply_json_error(x, 400, "BAD_REQUEST", "this endpoint serves queries and mutations, not subscriptions");
        return true;
    }
    if (op->operation == GQL_MUTATION && str_eq(x->request.method, STR("GET"))) {
        http_reply_json_error(x, 405, "BAD_REQUEST", "a mutation needs POST");
        http_add_header(x, STR("Allow"), STR("POST"));
        return true;
    }
    return false;
}

static void execute(struct http_exchange *x, struct worker *w, struct document *doc, const struct params *p,
                    enum media media, const struct identity *caller)
{
    struct gql_errors errors = {0};
    if (!doc->ast) {
        reply_errors(x, w, media, &doc->errors);
        return;
    }
    const struct gql_definition *op = gql_document_operation(x->arena, doc->ast, p->operation_name, &errors);
    if (op && refuse_operation(x, op))
        return;
    struct exec *e = arena_new_of(x->arena, struct exec);
    if (!op || !gql_coerce_variables(x->arena, w->graph->schema, op, p->variables, &e->vars, &errors)) {
        reply_errors(x, w, media, &errors);
        return;
    }
    e->graph = w->graph;
    e->arena = x->arena;
    e->doc = doc;
    e->plan_arena = doc->conditional ? x->arena : doc->arena;
    e->operation = op;
    e->request = (struct request){.arena = x->arena,
                                  .pg = w->pg,
                                  .service = w->graph->service,
                                  .caller = *caller,
                                  .id = request_id(x, op),
                                  .private = e};
    run(x, w, e, p, media);
}

static int read_params(struct http_exchange *x, struct params *p, struct err *err)
{
    if (str_eq(x->request.method, STR("GET")))
        return params_of_url(x, p, err);
    struct json *body = json_parse(x->arena, x->request.body, err);
    if (!body)
        return err_prefix(err, "the body is not JSON");
    return params_of_json(body, p, err);
}

static bool authorize(struct http_exchange *x, struct worker *w, struct identity *caller)
{
    const struct http_headers *h = &x->request.headers;
    struct str token = http_header_get(h, STR(IDENTITY_SERVICE_HEADER));
    struct str claims = http_header_get(h, STR(IDENTITY_CALLER_HEADER));
    struct err err;
    if (w->options->service_token.len && (!token.p || !constant_time_eq(token, w->options->service_token))) {
        w->metrics.unauthorized++;
        http_reply_json_error(x, 401, "UNAUTHENTICATED", "this subgraph answers only the router: the header %s is %s",
                              IDENTITY_SERVICE_HEADER, token.p ? "wrong" : "missing");
        return false;
    }
    if (claims.p && identity_read(x->arena, claims, caller, &err) != 0) {
        http_reply_json_error(x, 400, "BAD_REQUEST", "the header " IDENTITY_CALLER_HEADER ": %s", err.msg);
        return false;
    }
    if (caller->role == ROLE_CUSTOMER && !caller->customer.len) {
        http_reply_json_error(x, 403, "FORBIDDEN",
                              "the caller is a CUSTOMER of nobody: their token needs the claim \"customer\"");
        return false;
    }
    return true;
}

void serve_graphql(struct http_exchange *x, struct worker *w)
{
    struct identity *caller = arena_new_of(x->arena, struct identity);
    bool get = str_eq(x->request.method, STR("GET"));
    struct params p = {0};
    struct err err;
    if (!get && !str_eq(x->request.method, STR("POST"))) {
        http_reply_json_error(x, 405, "BAD_REQUEST", "GraphQL needs POST or GET");
        http_add_header(x, STR("Allow"), STR("GET, POST"));
        return;
    }
    if (!authorize(x, w, caller))
        return;
    enum media media = answer_media(http_header_get(&x->request.headers, STR("accept")));
    if (media == MEDIA_NONE) {
        http_reply_json_error(x, 406, "BAD_REQUEST",
                              "answers are application/graphql-response+json or application/json");
        return;
    }
    if (!get && !is_json_body(&x->request)) {
        http_reply_json_error(x, 415, "BAD_REQUEST", "the body's Content-Type is application/json");
        return;
    }
    if (read_params(x, &p, &err) != 0) {
        http_reply_json_error(x, 400, "BAD_REQUEST", "%s", err.msg);
        return;
    }
    struct document *doc = document_get(w->documents, p.query);
    execute(x, w, doc, &p, media, caller);
    document_release(&doc);
}
