/* Speed of reading and writing a reply of a subgraph (84 KB, compact), of the same text indented,
 * and of one in Cyrillic. Prints GB/s, the best of several rounds, since the machine may be busy
 * with other things. */
#include "base/rng.h"
#include "base/timestamp.h"
#include "json/json.h"

#include <stdio.h>

#define ROUNDS 40
#define TARGET_BYTES 84000

static struct arena *arena;
static struct str input;
static struct json *tree;
static struct buf out;

static void run_skip(void)
{
    struct json_reader r;
    struct str raw;
    json_reader_init(&r, input, NULL);
    if (!json_skip(&r, &raw))
        abort();
}

/* Every value once through the calls that a plan's reader uses. */
static void walk(struct json_reader *r)
{
    struct str raw;
    bool flag, first = true;
    switch (json_peek(r)) {
    case JSON_OBJECT:
        json_enter_object(r);
        while (json_next_member(r, &first, &raw, &flag))
            walk(r);
        break;
    case JSON_ARRAY:
        json_enter_array(r);
        while (json_next_item(r, &first))
            walk(r);
        break;
    case JSON_STRING: json_read_string(r, &raw, &flag); break;
    case JSON_NUMBER: json_read_number(r, &raw, &flag); break;
    case JSON_BOOL: json_read_bool(r, &flag); break;
    default: json_read_null(r);
    }
}

static void run_walk(void)
{
    struct json_reader r;
    json_reader_init(&r, input, NULL);
    walk(&r);
    if (r.failed)
        abort();
}

static void run_parse(void)
{
    arena_reset(arena);
    tree = json_parse(arena, input, NULL);
}

static void run_write(void)
{
    buf_clear(&out);
    json_write(&out, tree);
}

static double best_gb_per_s(void (*f)(void))
{
    int64_t best = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = clock_monotonic_us();
        for (int i = 0; i < 20; i++)
            f();
        int64_t took = clock_monotonic_us() - start;
        if (took < best)
            best = took;
    }
    return (double)input.len * 20 / ((double)best * 1000);
}

static void generate(struct buf *b, const char *indent, bool cyrillic)
{
    struct rng r;
    rng_seed(&r, 1);
    buf_add_c(b, "{\"data\":{\"projects\":[");
    for (int i = 0; b->len < TARGET_BYTES; i++) {
        buf_printf(
            b, "%s%s{%s\"__typename\":\"Project\",%s\"id\":\"019abc12-%04x-7def-8%03x-%012x\",",
            i ? "," : "", indent, indent, indent, i, i & 4095, (unsigned)rng_below(&r, 1u << 31));
        buf_printf(b, "%s\"name\":\"%s %d\",%s\"area\":%d.%d,%s\"rooms\":%d,%s\"active\":%s,",
                   indent,
                   cyrillic ? "Покраска фасада и крыши дома" : "Repaint of the house on the hill",
                   i, indent, (int)rng_below(&r, 3000), (int)rng_below(&r, 10), indent,
                   (int)rng_below(&r, 12), indent, rng_chance(&r, 0.5) ? "true" : "false");
        buf_printf(
            b, "%s\"notes\":%s,%s\"customer\":{%s\"__typename\":\"Customer\",%s\"id\":\"c%d\",",
            indent,
            rng_chance(&r, 0.5) ? "null"
                                : "\"Mind the \\\"fresh\\\" paint.\\nSecond coat on Monday.\"",
            indent, indent, indent, i % 50);
        buf_printf(b, "%s\"email\":\"customer%d@example.com\"},%s\"colors\":[\"#%06x\",\"#%06x\"]}",
                   indent, i % 50, indent, (unsigned)rng_below(&r, 1 << 24),
                   (unsigned)rng_below(&r, 1 << 24));
    }
    buf_add_c(b, "]}}");
}

static void measure(const char *name, const char *indent, bool cyrillic)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    generate(&text, indent, cyrillic);
    input = buf_str(&text);
    double skip = best_gb_per_s(run_skip), walked = best_gb_per_s(run_walk),
           parse = best_gb_per_s(run_parse);
    printf("%-9s %7zu bytes   skip %5.2f   walk %5.2f   parse %5.2f   write %5.2f GB/s\n", name,
           input.len, skip, walked, parse, best_gb_per_s(run_write));
    buf_free(&text);
}

int main(void)
{
    arena = arena_new(0);
    buf_init(&out, SIZE_MAX);
    measure("compact", "", false);
    measure("indented", "\n            ", false);
    measure("cyrillic", "", true);
    buf_free(&out);
    arena_free(&arena);
    return 0;
}
