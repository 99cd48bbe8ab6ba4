/* paintbox compose: subgraph schemas → supergraph, with rover's supergraph.yaml as input; supergraph → contract. */
#include "cli/ask_schema.h"
#include "cli/commands.h"
#include "cli/options.h"

#include "base/file.h"
#include "federation/compose_config.h"
#include "federation/compose_report.h"
#include "federation/supergraph.h"

#include <errno.h>
#include <stdio.h>

#define OUTPUT_MAX ((size_t)512 << 20)

struct compose_options {
    const char *config, *supergraph, *output, *format;
    struct words include, exclude;
    bool hints, keep_unreachable, api_schema;
};

static int fail(const char *msg)
{
    fprintf(stderr, "paintbox compose: %s\n", msg);
    return -1;
}

static bool print(FILE *to, struct str text)
{
    bool ok = fwrite(text.p, 1, text.len, to) == text.len && fflush(to) == 0;
    if (!ok)
        fprintf(stderr, "paintbox compose: cannot write: %s\n", strerror(errno));
    return ok;
}

/* What was asked for, where it was asked for. */
static bool deliver(const struct compose_options *o, struct str text)
{
    struct err err = {0};
    if (!o->output)
        return print(stdout, text);
    return file_write(o->output, text, 0644, &err) == 0 || fail(err.msg) == 0;
}

/* ---- what to make ---- */

/* One supergraph, and the contracts that the configuration lists with it. */
struct outcome {
    struct compose_result main;
    struct str api; /* of main; .p NULL when it is not asked for */
    struct compose_result *contracts;
    const struct contract_config *config; /* of the contracts */
    uint32_t n_contracts;
};

static struct str api_of(struct arena *a, struct str sdl)
{
    struct gql_errors errors = {0};
    struct supergraph *s = supergraph_load(sdl, a, &errors);
    struct buf out;
    if (!s)
        return STR_NONE;
    buf_init(&out, OUTPUT_MAX);
    supergraph_print_api(&out, s);
    supergraph_unref(&s);
    struct str api = arena_str(a, buf_str(&out));
    buf_free(&out);
    return api;
}

static const struct str *tags_of(struct arena *a, const struct words *w)
{
    struct str *tags = arena_array(a, struct str, w->n);
    for (int i = 0; i < w->n; i++)
        tags[i] = str_c(w->v[i]);
    return tags;
}

/* The hints of both steps in one list. */
static void join_hints(struct arena *a, struct compose_result *r, const struct compose_result *before)
{
    struct compose_message *all = arena_array(a, struct compose_message, before->n_hints + r->n_hints);
    if (before->n_hints)
        memcpy(all, before->hints, before->n_hints * sizeof *all);
    if (r->n_hints)
        memcpy(all + before->n_hints, r->hints, r->n_hints * sizeof *all);
    r->hints = all;
    r->n_hints += before->n_hints;
}

/* What --include-tag and --exclude-tag leave. */
static void narrow(struct arena *a, const struct compose_options *o, struct compose_result *r)
{
    struct contract c = {.include = tags_of(a, &o->include),
                         .exclude = tags_of(a, &o->exclude),
                         .n_include = (uint32_t)o->include.n,
                         .n_exclude = (uint32_t)o->exclude.n,
                         .keep_unreachable = o->keep_unreachable};
    if (r->n_errors || (c.n_include == 0 && c.n_exclude == 0))
        return;
    struct compose_result narrowed = contract_make(a, r->supergraph, &c);
    join_hints(a, &narrowed, r);
    *r = narrowed;
}

static void make_contracts(struct arena *a, const struct compose_config *config, struct outcome *out)
{
    if (out->main.n_errors)
        return;
    out->config = config->contracts;
    out->n_contracts = config->n_contracts;
    out->contracts = arena_array(a, struct compose_result, config->n_contracts);
    for (uint32_t i = 0; i < config->n_contracts; i++)
        out->contracts[i] = contract_make(a, out->main.supergraph, &config->contracts[i].contract);
}

/* A supergraph that is there already; what is wrong with it is an error like those of composition. */
static struct compose_result read_supergraph(struct arena *a, struct str sdl)
{
    struct gql_errors errors = {0};
    struct supergraph *s = supergraph_load(sdl, a, &errors);
    struct compose_result r = {.supergraph = s ? sdl : STR_NONE, .n_errors = errors.n};
    supergraph_unref(&s);
    r.errors = arena_array(a, struct compose_message, errors.n);
    for (size_t i = 0; i < errors.n; i++) {
        const struct gql_error *e = &errors.v[i];
        r.errors[i] = (struct compose_message){.code = e->code, .message = e->message};
        if (e->n_locs) {
            r.errors[i].line = e->locs[0].line;
            r.errors[i].column = e->locs[0].column;
        }
    }
    return r;
}

static int make(struct arena *a, const struct compose_options *o, struct outcome *out, struct err *err)
{
    if (o->supergraph) {
        struct str sdl = file_read(a, o->supergraph, OUTPUT_MAX, err);
        if (!sdl.p)
            return -1;
        out->main = read_supergraph(a, sdl);
    } else {
        struct compose_config config;
        if (compose_config_read(a, o->config, ask_schema, &config, err) < 0)
            return -1;
        out->main = compose(a, config.subgraphs, config.n_subgraphs);
        make_contracts(a, &config, out);
    }
    narrow(a, o, &out->main);
    if (o->api_schema && out->main.n_errors == 0)
        out->api = api_of(a, out->main.supergraph);
    return 0;
}

/* ---- what to say ---- */

static bool any_errors(const struct outcome *r)
{
    size_t n = r->main.n_errors;
    for (uint32_t i = 0; i < r->n_contracts; i++)
        n += r->contracts[i].n_errors;
    return n > 0;
}

static int write_contracts(struct arena *a, const struct outcome *r, struct err *err)
{
    for (uint32_t i = 0; i < r->n_contracts; i++) {
        const struct contract_config *c = &r->config[i];
        struct str sdl = r->contracts[i].supergraph;
        if (sdl.p && file_write(c->output.p, sdl, 0644, err) < 0)
            return -1;
        if (sdl.p && c->api_schema.p && file_write(c->api_schema.p, api_of(a, sdl), 0644, err) < 0)
            return -1;
    }
    return 0;
}

static bool print_json(const struct compose_options *o, const struct outcome *r)
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    struct json_writer w = json_writer(&out);
    jw_begin_object(&w);
    compose_report_members(&w, &r->main);
    if (r->api.p) {
        jw_name(&w, STR("apiSchema"));
        jw_string(&w, r->api);
    }
    if (r->n_contracts) {
        jw_name(&w, STR("contracts"));
        jw_begin_array(&w);
    }
    for (uint32_t i = 0; i < r->n_contracts; i++) {
        jw_begin_object(&w);
        jw_name(&w, STR("name"));
        jw_string(&w, r->config[i].contract.name);
        compose_report_members(&w, &r->contracts[i]);
        jw_end_object(&w);
    }
    if (r->n_contracts)
        jw_end_array(&w);
    jw_end_object(&w);
    buf_add_char(&out, '\n');
    bool ok = buf_overflowed(&out) ? fail("the result is too large") == 0 : deliver(o, buf_str(&out));
    buf_free(&out);
    return ok;
}

static bool print_text(const struct compose_options *o, const struct outcome *r)
{
    struct buf said;
    enum compose_level level = o->hints ? COMPOSE_DEBUG : COMPOSE_WARN;
    buf_init(&said, OUTPUT_MAX);
    compose_report_text(&said, &r->main, level);
    for (uint32_t i = 0; i < r->n_contracts; i++)
        compose_report_text(&said, &r->contracts[i], level);
    bool ok = said.len == 0 || print(stderr, buf_str(&said));
    buf_free(&said);
    return ok && (r->main.n_errors || deliver(o, r->api.p ? r->api : r->main.supergraph));
}

/* What cannot be read is an error in JSON form too, for the tools that read only that. */
static int print_failure(const struct err *err, const struct compose_options *o)
{
    struct compose_message m = {.code = str_c(err->code), .message = str_c(err->msg)};
    struct outcome r = {.main = {.errors = &m, .n_errors = 1}};
    fail(err->msg);
    if (strcmp(o->format, "json") == 0)
        print_json(o, &r);
    return 1;
}

static int run(struct arena *a, const struct compose_options *o)
{
    struct outcome r = {0};
    struct err err = {0};
    if (make(a, o, &r, &err) < 0 || write_contracts(a, &r, &err) < 0)
        return print_failure(&err, o);
    bool ok = strcmp(o->format, "json") == 0 ? print_json(o, &r) : print_text(o, &r);
    return ok && !any_errors(&r) ? 0 : 1;
}

#define USAGE                                    \
    "paintbox compose --config FILE [options]\n" \
    "       paintbox compose --supergraph FILE [options]"

int cmd_compose(int argc, char **argv)
{
    struct compose_options o = {.format = "text"};
    const struct option_def DEFS[] = {
        {"config", OPTION_TEXT, &o.config, "FILE",
         "the subgraphs, as in rover's supergraph.yaml, and the contracts made with them"},
        {"supergraph", OPTION_TEXT, &o.supergraph, "FILE", "instead: a supergraph that is composed already"},
        {"include-tag", OPTION_LIST, &o.include, "TAG", "a contract: show only what has one of these tags"},
        {"exclude-tag", OPTION_LIST, &o.exclude, "TAG", "a contract: hide what has one of these tags"},
        {"keep-unreachable", OPTION_FLAG, &o.keep_unreachable, NULL,
         "a contract: show types too that no root type leads to"},
        {"api-schema", OPTION_FLAG, &o.api_schema, NULL, "what clients see, instead of the supergraph"},
        {"output", OPTION_TEXT, &o.output, "FILE",
         "instead of standard output: a file, replaced at once; a schema only if nothing is wrong"},
        {"format", OPTION_TEXT, &o.format, "text|json",
         "the schema alone, or {supergraph, errors, hints, apiSchema?, contracts?} (default text)"},
        {"hints", OPTION_FLAG, &o.hints, NULL, "show all hints, not only warnings"},
        {0}};
    int rc = options_parse(argc, argv, USAGE, DEFS, NULL);
    if (rc >= 0)
        return rc;
    if (!o.config == !o.supergraph || (strcmp(o.format, "text") != 0 && strcmp(o.format, "json") != 0)) {
        fail("either --config or --supergraph is needed, and --format is text or json; `paintbox compose --help` "
             "tells more");
        return 2;
    }
    struct arena *a = arena_new((size_t)2 << 30);
    rc = run(a, &o);
    arena_free(&a);
    return rc;
}
