/* Speed of reading and printing the documents given as files: µs each, the best of several rounds, since the machine
 * may be busy with other things. test/conformance/bench-graphql.mjs puts graphql-js beside it. */
#include "base/timestamp.h"
#include "graphql/parser.h"
#include "graphql/printer.h"

#define ROUNDS 30
#define ROUND_US 20000
#define FILE_MAX (16u << 20)

static struct arena *arena;
static struct str input;
static struct gql_document *doc;
static struct buf out;

static void run_parse(void)
{
    struct gql_errors errors = {0};
    arena_reset(arena);
    doc = gql_parse(arena, input, &(struct gql_parse_options){0}, &errors);
    if (!doc) {
        fprintf(stderr, "%.*s\n", STR_ARG(errors.v[0].message));
        exit(1);
    }
}

static void run_print(void)
{
    buf_clear(&out);
    gql_print_document(&out, doc, GQL_PRINT_PRETTY);
}

static double measure(void (*run)(void))
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = clock_monotonic_us(), now = start;
        int n = 0;
        for (; now - start < ROUND_US; n++, now = clock_monotonic_us())
            run();
        double each = (double)(now - start) / n;
        best = each < best ? each : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    char *bytes = malloc(FILE_MAX);
    arena = arena_new(0);
    buf_init(&out, FILE_MAX * 4);
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        input = str_mem(bytes, fread(bytes, 1, FILE_MAX, f));
        fclose(f);
        double parse = measure(run_parse);
        printf("%s %zu %.2f %.2f %zu\n", argv[i], input.len, parse, measure(run_print), arena_used(arena));
    }
    arena_free(&arena);
    buf_free(&out);
    free(bytes);
    return 0;
}
