/* For the tests that run under node: reads jobs as JSON lines from standard input and answers each with one line.
 *
 *     {"subgraphs": [{"name": "a", "url": "http://a", "sdl": "…"}]}
 *
 * is answered with what compose_report_json() writes, and so is
 *
 *     {"supergraph": "…", "include": ["a"], "exclude": ["b"], "keepUnreachable": false}
 *
 * for the contract, with "api" besides. */
#include "federation/compose_report.h"
#include "federation/contract.h"
#include "federation/supergraph.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_MAX ((size_t)1 << 30)

static const struct str *tags(struct arena *a, const struct json *list, uint32_t *n)
{
    struct str *out = arena_array(a, struct str, list ? list->n : 0);
    for (uint32_t i = 0; list && i < list->n; i++)
        out[(*n)++] = list->items[i]->text;
    return out;
}

static void run_contract(struct arena *a, const struct json *job, struct str supergraph, struct buf *out)
{
    struct contract c = {0};
    struct gql_errors errors = {0};
    const struct json *keep = json_get(job, STR("keepUnreachable"));
    c.include = tags(a, json_get(job, STR("include")), &c.n_include);
    c.exclude = tags(a, json_get(job, STR("exclude")), &c.n_exclude);
    c.keep_unreachable = keep && keep->boolean;
    struct compose_result r = contract_make(a, supergraph, &c);
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    compose_report_members(&w, &r);
    struct supergraph *s = r.supergraph.p ? supergraph_load(r.supergraph, a, &errors) : NULL;
    if (s) {
        struct buf api;
        buf_init(&api, OUT_MAX);
        supergraph_print_api(&api, s);
        jw_name(&w, STR("api"));
        jw_string(&w, buf_str(&api));
        buf_free(&api);
        supergraph_unref(&s);
    }
    jw_end_object(&w);
}

static void run_compose(struct arena *a, const struct json *job, struct buf *out)
{
    struct json *list = json_get(job, STR("subgraphs"));
    size_t n = list && list->kind == JSON_ARRAY ? list->n : 0;
    struct compose_subgraph *in = arena_array(a, struct compose_subgraph, n);
    for (size_t i = 0; i < n; i++)
        in[i] = (struct compose_subgraph){json_get_str(list->items[i], STR("name")),
                                          json_get_str(list->items[i], STR("url")),
                                          json_get_str(list->items[i], STR("sdl"))};
    struct compose_result r = compose(a, in, n);
    compose_report_json(out, &r);
}

static void run(struct str line)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct err err = {0};
    struct json *job = json_parse(a, line, &err);
    struct str supergraph = json_get_str(job, STR("supergraph"));
    struct buf out;
    buf_init(&out, OUT_MAX);
    if (supergraph.p)
        run_contract(a, job, supergraph, &out);
    else
        run_compose(a, job, &out);
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
