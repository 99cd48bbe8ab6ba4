/* Lets a test in another language ask the request parser. Standard input is a sequence of byte strings, each after
 * its length as a 32-bit little-endian number; each stands for what comes over one connection. For each a line comes
 * back, a JSON array: [method, target, body in hexadecimal] per request, then null for an end at a message's border,
 * "more" for an end in the middle, or [status, message] for a refusal.
 */
#include "base/panic.h"
#include "io/http_codec.h"
#include "json/json.h"

#include <stdio.h>

static void put_request(struct buf *out, const struct http_request *r)
{
    buf_add_char(out, '[');
    json_write_string(out, r->method);
    buf_add_char(out, ',');
    json_write_string(out, r->target);
    buf_add(out, STR(",\""));
    for (size_t i = 0; i < r->body.len; i++)
        buf_printf(out, "%02x", (uint8_t)r->body.p[i]);
    buf_add(out, STR("\"],"));
}

static void put_refusal(struct buf *out, const struct http_parser *p)
{
    buf_printf(out, "[%d,", p->status);
    json_write_string(out, str_c(p->message));
    buf_add_char(out, ']');
}

static void answer(struct arena *a, char *data, size_t len, struct buf *out)
{
    struct http_parser p;
    struct http_request r;
    bool keep_alive = true;
    enum http_parse_state st = HTTP_DONE;
    buf_add_char(out, '[');
    while (len > 0 && keep_alive) {
        http_parser_init_request(&p, &(struct http_limits){.body_max = HTTP_BODY_MAX_DEFAULT});
        st = http_parser_feed(&p, data, &len);
        if (st != HTTP_DONE)
            break;
        http_parser_request(&p, a, data, &r);
        put_request(out, &r);
        keep_alive = r.keep_alive;
        data += p.consumed;
        len -= p.consumed;
    }
    if (st == HTTP_BAD)
        put_refusal(out, &p);
    else
        buf_add_c(out, st == HTTP_NEED_MORE ? "\"more\"" : "null");
    buf_add(out, STR("]\n"));
}

int main(void)
{
    struct arena *a = arena_new(0);
    struct buf out;
    buf_init(&out, 64u << 20);
    uint8_t head[4];
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        char *data = xmalloc(len + 1);
        PB_ASSERT(fread(data, 1, len, stdin) == len);
        answer(a, data, len, &out);
        fwrite(out.p, 1, out.len, stdout);
        buf_clear(&out);
        arena_reset(a);
        free(data);
    }
    buf_free(&out);
    arena_free(&a);
    return 0;
}
