/* Makes plans without a cache, for lib/planning.mjs.
 *
 *     bench-plan SUPERGRAPH OPERATION
 *
 * Each line of standard input is a number of repetitions; each is answered with one line of JSON: nanoseconds of CPU of one parse,
 * one validation and one plan, what the plan costs, and the process's memory (resident now and at most, in KB). */
#include "base/file.h"
#include "base/timestamp.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "planner/planner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX ((size_t)256 << 20)

struct bench {
    struct supergraph *s;
    struct planner *planner;
    struct str text;
    int64_t parse, validate, plan; /* ns, all repetitions together */
    uint32_t fetches, depth, bytes;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void note(struct bench *b, const struct plan *plan)
{
    b->fetches = plan->n_fetches;
    b->depth = plan->depth;
    b->bytes = 0;
    for (uint32_t i = 0; i < plan->n_fetches; i++)
        b->bytes += (uint32_t)plan->fetches[i].document.len;
}

static const struct gql_definition *operation_of(const struct gql_document *doc)
{
    uint32_t i = 0;
    while (doc->definitions[i]->kind != GQL_OPERATION)
        i++;
    return doc->definitions[i];
}

static bool once(struct bench *b)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct gql_errors errors = {0};
    struct gql_variables vars = {0};
    struct plan *plan = NULL;

    int64_t t0 = now_ns();
    struct gql_document *doc = gql_parse(a, b->text, &(struct gql_parse_options){0}, &errors);
    int64_t t1 = now_ns();
    bool ok = doc && gql_validate(a, b->s->api, doc, &errors);
    int64_t t2 = now_ns();
    if (ok)
        plan = planner_plan(b->planner,
                            &(struct plan_request){.document = doc, .operation = operation_of(doc), .variables = &vars}, a,
                            &errors);
    int64_t t3 = now_ns();
    b->parse += t1 - t0;
    b->validate += t2 - t1;
    b->plan += t3 - t2;
    if (plan)
        note(b, plan);
    else
        fprintf(stderr, "bench-plan: %.*s\n", STR_ARG(errors.v[0].message));
    plan_unref(&plan);
    arena_free(&a);
    return errors.n == 0;
}

static long memory_kb(const char *field)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, field, strlen(field)) == 0)
            kb = strtol(line + strlen(field), NULL, 10);
    if (f)
        fclose(f);
    return kb;
}

static bool serve(struct bench *b)
{
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        long n = strtol(line, NULL, 10);
        b->parse = b->validate = b->plan = 0;
        for (long i = 0; i < n; i++)
            if (!once(b))
                return false;
        if (n > 0)
            printf("{\"parse\":%" PRId64 ",\"validate\":%" PRId64 ",\"plan\":%" PRId64, b->parse / n, b->validate / n,
                   b->plan / n);
        else
            printf("{\"none\":true");
        printf(",\"fetches\":%u,\"depth\":%u,\"bytes\":%u,\"rss\":%ld,\"peak\":%ld}\n", b->fetches, b->depth, b->bytes,
               memory_kb("VmRSS:"), memory_kb("VmHWM:"));
        fflush(stdout);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new(2 * FILE_MAX);
    struct gql_errors errors = {0};
    struct err err = {0};
    struct bench b = {0};

    if (argc != 3)
        return 2;
    struct str sdl = file_read(a, argv[1], FILE_MAX, &err);
    b.text = file_read(a, argv[2], FILE_MAX, &err);
    b.s = sdl.p && b.text.p ? supergraph_load(sdl, a, &errors) : NULL;
    if (!b.s) {
        fprintf(stderr, "bench-plan: %s\n", errors.n ? errors.v[0].message.p : err.msg);
        return 1;
    }
    b.planner = planner_new(b.s);
    bool ok = serve(&b);
    planner_free(&b.planner);
    supergraph_unref(&b.s);
    arena_free(&a);
    return ok ? 0 : 1;
}
