/* For the tests that run under node: reads jobs as JSON lines from standard input and answers each with one line.
 *
 *     {"subgraphs": [{"name": "a", "url": "http://a", "sdl": "…"}]}
 *
 * is answered with what compose_report_json() writes. */
#include "federation/compose_report.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

static void run(struct str line)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct err err = {0};
    struct json *job = json_parse(a, line, &err);
    struct json *list = json_get(job, STR("subgraphs"));
    struct buf out;
    buf_init(&out, (size_t)1 << 30);
    size_t n = list && list->kind == JSON_ARRAY ? list->n : 0;
    struct compose_subgraph *in = arena_array(a, struct compose_subgraph, n);
    for (size_t i = 0; i < n; i++)
        in[i] = (struct compose_subgraph){json_get_str(list->items[i], STR("name")),
                                          json_get_str(list->items[i], STR("url")),
                                          json_get_str(list->items[i], STR("sdl"))};
    struct compose_result r = compose(a, in, n);
    compose_report_json(&out, &r);
    fwrite(out.p, 1, out.len, stdout);
    fputc('\n', stdout);
    fflush(stdout);
    buf_free(&out);
    arena_free(&a);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0)
        run(str_mem(line, (size_t)len));
    free(line);
    return 0;
}
