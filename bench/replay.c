/* Recorded subgraphs: answers each request with what was recorded for its path and body.
 *
 *     bench-replay 127.0.0.1:PORT RECORDING
 *
 * RECORDING has one JSON object a line: {"path":…,"body":…,"reply":…}. GET /stats gives {"answered":N,"unknown":N}. A request that was
 * not recorded is answered with 500, told on stderr (the first few) and counted: the benchmark then fails.
 */
#include "base/map.h"
#include "base/panic.h"
#include "io/http_server.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>

#define RECORDING_BYTES_MAX (512u << 20)
#define UNKNOWN_SHOWN 3

struct replay {
    struct arena *arena;
    struct map replies; /* "path\nbody" → struct str * */
    struct str listen;
    uint64_t answered, unknown;
};

static struct str reply_key(struct arena *a, struct str path, struct str body)
{
    char *p = arena_alloc_raw(a, path.len + 1 + body.len);
    memcpy(p, path.p, path.len);
    p[path.len] = '\n';
    memcpy(p + path.len + 1, body.p, body.len);
    return str_mem(p, path.len + 1 + body.len);
}

static bool add_line(struct replay *r, struct str line)
{
    struct err err;
    const struct json *entry = json_parse(r->arena, line, &err);
    struct str reply = json_get_str(entry, STR("reply"));
    if (!reply.p)
        return false;
    struct str key = reply_key(r->arena, json_get_str(entry, STR("path")), json_get_str(entry, STR("body")));
    map_put(r->arena, &r->replies, key, arena_memdup(r->arena, &reply, sizeof reply));
    return true;
}

static bool load(struct replay *r, const char *name)
{
    struct buf text;
    struct str rest, line;
    FILE *f = fopen(name, "rb");
    if (!f) {
        fprintf(stderr, "bench-replay: %s: %s\n", name, strerror(errno));
        return false;
    }
    buf_init(&text, RECORDING_BYTES_MAX);
    char *room;
    while ((room = buf_reserve(&text, 1 << 20))) {
        size_t n = fread(room, 1, 1 << 20, f);
        buf_advance(&text, n);
        if (n == 0)
            break;
    }
    fclose(f);
    rest = arena_str(r->arena, buf_str(&text));
    buf_free(&text);
    while (str_split(&rest, '\n', &line))
        if (line.len && !add_line(r, line)) {
            fprintf(stderr, "bench-replay: %s: a line is no {\"path\",\"body\",\"reply\"}\n", name);
            return false;
        }
    return true;
}

static void answer(struct http_exchange *x, void *arg)
{
    struct replay *r = arg;
    if (str_eq(x->request.path, STR("/stats"))) {
        http_reply(x, 200, STR("application/json"),
                   arena_printf(x->arena, "{\"answered\":%llu,\"unknown\":%llu}", (unsigned long long)r->answered,
                                (unsigned long long)r->unknown));
        return;
    }
    const struct str *reply = map_get(&r->replies, reply_key(x->arena, x->request.path, x->request.body));
    if (reply) {
        r->answered++;
        http_reply(x, 200, STR("application/json"), *reply);
        return;
    }
    if (r->unknown++ < UNKNOWN_SHOWN)
        fprintf(stderr, "bench-replay: not recorded: %.*s %.*s\n", STR_ARG(x->request.path), STR_ARG(x->request.body));
    http_reply_json_error(x, 500, "NOT_RECORDED", "this request was not recorded");
}

static void stop(struct loop *loop, int signo, void *arg)
{
    loop_stop(loop);
}

static void serve(void *arg)
{
    struct replay *r = arg;
    struct err err;
    struct http_server_options options = {.listen = r->listen};
    struct http_server *s = http_server_open(loop_current(), &options, answer, r, &err);
    if (!s || loop_on_stop_signal(loop_current(), stop, NULL, &err) < 0) {
        fprintf(stderr, "bench-replay: %s\n", err.msg);
        loop_stop(loop_current());
        return;
    }
    printf("listening on %.*s\n", STR_ARG(http_server_address(s)));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench-replay HOST:PORT RECORDING\n");
        return 2;
    }
    struct replay r = {.arena = arena_new(RECORDING_BYTES_MAX), .listen = str_c(argv[1])};
    if (!load(&r, argv[2]))
        return 1;
    struct loop *loop = loop_new();
    loop_go(loop, serve, &r);
    loop_run(loop);
    loop_free(&loop);
    arena_free(&r.arena);
    return 0;
}
