/* CPU per request of the HTTP server and of the client.
 *
 *     bench-http server 127.0.0.1:0 [SECONDS]
 *     wrk -c 32 -t 1 -d 10 -s bench-http.lua http://127.0.0.1:PORT/
 *     bench-http client http://127.0.0.1:PORT/ CALLS CONCURRENCY
 *
 * The server answers every request with 1 KB. Both print the CPU time of their own process per request.
 */
#include "base/panic.h"
#include "io/http_client.h"
#include "io/http_server.h"

#include <stdio.h>
#include <sys/resource.h>

static char reply[1025], question[193];

static int64_t cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * US_PER_SEC + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static void print_figures(const char *what, uint64_t n, int64_t cpu, int64_t wall)
{
    printf("%s: %llu requests, %.2f us CPU each, %.0f per second\n", what, (unsigned long long)n,
           n ? (double)cpu / (double)n : 0, (double)n * 1e6 / (double)wall);
}

static void answer(struct http_exchange *x, void *arg)
{
    http_reply(x, 200, STR("application/json"), str_mem(reply, sizeof reply - 1));
}

struct server_run {
    struct str listen;
    int64_t seconds;
};

static void serve(void *arg)
{
    struct server_run *run = arg;
    struct err err;
    struct http_server_options o = {.listen = run->listen};
    struct http_server *s = http_server_open(loop_current(), &o, answer, NULL, &err);
    if (!s) {
        fprintf(stderr, "%s\n", err.msg);
        return;
    }
    printf("listening on %.*s\n", STR_ARG(http_server_address(s)));
    fflush(stdout);
    int64_t cpu = cpu_us(), start = loop_now_us(loop_current());
    fiber_sleep(run->seconds * US_PER_SEC);
    struct http_server_stats stats;
    http_server_stats(s, &stats);
    print_figures("server", stats.requests, cpu_us() - cpu, loop_now_us(loop_current()) - start);
    http_server_close(&s, 0);
}

struct client_run {
    struct http_client *client;
    struct http_target target;
    struct str url;
    long left;
    unsigned concurrency;
    bool failed;
};

static void caller(void *arg)
{
    struct client_run *run = arg;
    struct arena *a = arena_new(0);
    struct iovec body = {.iov_base = question, .iov_len = sizeof question - 1};
    struct http_call call = {
        .target = &run->target,
        .method = STR("POST"),
        .header_block = STR("Content-Type: application/json\r\nAccept: application/json\r\n"),
        .body = &body,
        .n_body = 1,
    };
    struct http_response response;
    struct err err;
    while (!run->failed && run->left-- > 0) {
        if (http_call(run->client, a, &call, &response, &err) < 0) {
            fprintf(stderr, "%s: %s\n", err.code, err.msg);
            run->failed = true;
        }
        arena_reset(a);
    }
    arena_free(&a);
}

static void call_all(void *arg)
{
    struct client_run *run = arg;
    struct arena *a = arena_new(0);
    struct err err;
    if (http_target_parse(a, run->url, &run->target, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
    } else {
        long calls = run->left;
        int64_t cpu = cpu_us(), start = clock_monotonic_us();
        struct fiber_group g;
        fiber_group_init(&g);
        run->client = http_client_new(loop_current(), NULL);
        for (unsigned i = 0; i < run->concurrency; i++)
            fiber_group_go(&g, caller, run);
        fiber_group_wait(&g);
        http_client_free(&run->client);
        print_figures("client", (uint64_t)calls, cpu_us() - cpu, clock_monotonic_us() - start);
    }
    arena_free(&a);
}

int main(int argc, char **argv)
{
    memset(reply, 'r', sizeof reply - 1);
    memset(question, 'q', sizeof question - 1);
    struct loop *loop = loop_new();
    struct server_run server = {.seconds = argc > 3 ? atol(argv[3]) : 15};
    struct client_run client = {
        .left = argc > 3 ? atol(argv[3]) : 0,
        .concurrency = argc > 4 ? (unsigned)atol(argv[4]) : 1,
    };
    if (argc > 2 && strcmp(argv[1], "server") == 0) {
        server.listen = str_c(argv[2]);
        loop_go(loop, serve, &server);
    } else if (argc > 4 && strcmp(argv[1], "client") == 0) {
        client.url = str_c(argv[2]);
        loop_go(loop, call_all, &client);
    } else {
        fprintf(stderr, "usage: bench-http server ADDRESS [SECONDS] | client URL CALLS CONCURRENCY\n");
    }
    loop_run(loop);
    loop_free(&loop);
    return 0;
}
