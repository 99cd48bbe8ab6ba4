/* The first byte chooses: request or response, and in pieces of which size the rest is fed a second time. Both ways
 * must come to the same end, whatever the bytes are. */
#include "base/panic.h"
#include "io/http_codec.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum http_parse_state state;
    struct http_parser parser;
    char *data;
    size_t len;
};

static void init(struct http_parser *p, uint8_t choice)
{
    struct http_limits limits = {.body_max = 4096};
    if (choice & 1)
        http_parser_init_response(p, &limits, (choice & 2) != 0);
    else
        http_parser_init_request(p, &limits);
}

static struct outcome run(uint8_t choice, const uint8_t *data, size_t size, size_t step)
{
    struct outcome o = {.state = HTTP_NEED_MORE};
    init(&o.parser, choice);
    for (size_t at = 0; at < size && o.state == HTTP_NEED_MORE; at += step) {
        size_t n = size - at < step ? size - at : step;
        char *moved = xmalloc(o.len + n);
        if (o.len)
            memcpy(moved, o.data, o.len);
        memcpy(moved + o.len, data + at, n);
        free(o.data);
        o.data = moved;
        o.len += n;
        o.state = http_parser_feed(&o.parser, o.data, &o.len);
        PB_ASSERT(o.parser.pos <= o.len && o.parser.body + o.parser.body_len <= o.len);
    }
    if (o.state == HTTP_NEED_MORE && choice & 1)
        o.state = http_parser_end(&o.parser, o.len);
    return o;
}

static void check_slice(const struct outcome *o, struct str s)
{
    PB_ASSERT(s.len == 0 || (s.p >= o->data && s.p + s.len <= o->data + o->len));
}

static void check_headers(const struct outcome *o, const struct http_headers *h)
{
    for (unsigned i = 0; i < h->n; i++) {
        check_slice(o, h->v[i].name);
        check_slice(o, h->v[i].value);
        PB_ASSERT(http_name_ok(h->v[i].name) && http_value_ok(h->v[i].value));
    }
}

static struct str check_message(const struct outcome *o, uint8_t choice, struct arena *a)
{
    PB_ASSERT(o->parser.consumed <= o->len);
    if (choice & 1) {
        struct http_response r;
        http_parser_response(&o->parser, a, o->data, &r);
        check_headers(o, &r.headers);
        check_slice(o, r.body);
        return r.body;
    }
    struct http_request r;
    http_parser_request(&o->parser, a, o->data, &r);
    check_headers(o, &r.headers);
    check_slice(o, r.body);
    check_slice(o, r.target);
    bool bad;
    http_query_param(a, r.query, STR("query"), &bad);
    return r.body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t choice = data[0];
    struct outcome whole = run(choice, data + 1, size - 1, size);
    struct outcome pieces = run(choice, data + 1, size - 1, 1 + (choice >> 2) % 9);
    PB_ASSERT(whole.state == pieces.state);
    struct arena *a = arena_new(0);
    if (whole.state == HTTP_DONE)
        PB_ASSERT(str_eq(check_message(&whole, choice, a), check_message(&pieces, choice, a)));
    else if (whole.state == HTTP_BAD)
        PB_ASSERT(whole.parser.message && pieces.parser.message && whole.parser.status >= 400);
    arena_free(&a);
    free(whole.data);
    free(pieces.data);
    return 0;
}
