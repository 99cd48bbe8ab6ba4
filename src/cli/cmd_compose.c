/* paintbox compose: subgraph schemas → supergraph, with rover's supergraph.yaml as input. */
#include "cli/commands.h"
#include "cli/options.h"

#include "base/file.h"
#include "federation/compose_report.h"
#include "json/settings.h"

#include <errno.h>

#define OUTPUT_MAX ((size_t)512 << 20)
#define SCHEMA_MAX ((size_t)64 << 20)

struct compose_options {
    const char *config, *format;
    bool hints;
};

static const struct str KEYS[] = {
    STR_INIT("federation_version"),
    STR_INIT("subgraphs.*.routing_url"),
    STR_INIT("subgraphs.*.schema.file"),
    STR_INIT("subgraphs.*.schema.subgraph_url"),
};

static int fail(const char *msg)
{
    fprintf(stderr, "paintbox compose: %s\n", msg);
    return -1;
}

/* Paths count from the folder of the configuration. */
static struct str beside(struct arena *a, const char *config, struct str file)
{
    const char *slash = strrchr(config, '/');
    if (!slash || file.p[0] == '/')
        return arena_str(a, file);
    return arena_printf(a, "%.*s/%.*s", (int)(slash - config), config, STR_ARG(file));
}

static int read_file(struct arena *a, struct str path, struct str *out, struct err *err)
{
    *out = file_read(a, path.p, SCHEMA_MAX, err);
    return out->p ? 0 : -1;
}

static int read_subgraph(struct arena *a, const char *config, const struct json_member *m, struct compose_subgraph *out,
                         struct err *err)
{
    struct str file = STR_NONE;
    out->name = m->name;
    out->url = STR("");
    if (settings_string(m->value, "routing_url", &out->url, err) < 0 ||
        settings_string(m->value, "schema.file", &file, err) < 0)
        return -1;
    if (!file.p)
        return err_set(err, "SETTINGS_INVALID", "%.*s: subgraph \"%.*s\" needs schema: {file: PATH}",
                       STR_ARG(settings_place(a, m->value)), STR_ARG(m->name));
    if (read_file(a, beside(a, config, file), &out->sdl, err) < 0)
        return err_prefix(err, "subgraph \"%.*s\"", STR_ARG(m->name));
    return 0;
}

/* The number of subgraphs, or -1. */
static int read_config(struct arena *a, const char *config, struct compose_subgraph **out, struct err *err)
{
    struct json *root = settings_read_file(a, config, err);
    if (!root || settings_check(root, KEYS, sizeof KEYS / sizeof *KEYS, err) < 0)
        return -1;
    struct json *list = settings_get(root, "subgraphs");
    if (!list || list->kind != JSON_OBJECT || list->n == 0)
        return err_set(err, "SETTINGS_INVALID",
                       "%s: `subgraphs` must be a mapping of names to {routing_url, schema: {file}}", config);
    *out = arena_array(a, struct compose_subgraph, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        if (read_subgraph(a, config, &list->members[i], &(*out)[i], err) < 0)
            return -1;
    return (int)list->n;
}

static bool print(FILE *to, const struct buf *b)
{
    bool ok = !buf_overflowed(b) && fwrite(b->p, 1, b->len, to) == b->len && fflush(to) == 0;
    if (!ok)
        fprintf(stderr, "paintbox compose: cannot write: %s\n",
                buf_overflowed(b) ? "the result is too large" : strerror(errno));
    return ok;
}

static int print_json(const struct compose_result *r)
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    compose_report_json(&out, r);
    buf_add_char(&out, '\n');
    bool ok = print(stdout, &out);
    buf_free(&out);
    return ok && r->n_errors == 0 ? 0 : 1;
}

static int print_text(const struct compose_result *r, bool hints)
{
    struct buf said;
    buf_init(&said, OUTPUT_MAX);
    compose_report_text(&said, r, hints ? COMPOSE_DEBUG : COMPOSE_WARN);
    bool ok = said.len == 0 || print(stderr, &said);
    buf_free(&said);
    if (r->n_errors)
        return 1;
    struct buf sdl = {.p = (char *)r->supergraph.p, .len = r->supergraph.len};
    return ok && print(stdout, &sdl) ? 0 : 1;
}

/* A configuration that cannot be read is an error in JSON form too, for the tools that read only that. */
static int print_failure(const struct err *err, const char *format)
{
    struct compose_message m = {.code = str_c(err->code), .message = str_c(err->msg)};
    struct compose_result r = {.errors = &m, .n_errors = 1};
    fail(err->msg);
    return strcmp(format, "json") == 0 ? print_json(&r) : 1;
}

int cmd_compose(int argc, char **argv)
{
    struct compose_options o = {.format = "text"};
    const struct option_def DEFS[] = {
        {"config", OPTION_TEXT, &o.config, "FILE", "the subgraphs, as in rover's supergraph.yaml"},
        {"format", OPTION_TEXT, &o.format, "text|json",
         "the supergraph alone, or {supergraph, errors, hints} (default text)"},
        {"hints", OPTION_FLAG, &o.hints, NULL, "show all hints, not only warnings"},
        {0}};
    int rc = options_parse(argc, argv, "paintbox compose --config FILE [options]", DEFS, NULL);
    if (rc >= 0)
        return rc;
    if (!o.config || (strcmp(o.format, "text") != 0 && strcmp(o.format, "json") != 0)) {
        fail("--config is needed, and --format is text or json; `paintbox compose --help` tells more");
        return 2;
    }
    struct err err = {0};
    struct compose_subgraph *subgraphs = NULL;
    struct arena *a = arena_new((size_t)2 << 30);
    int n = read_config(a, o.config, &subgraphs, &err);
    if (n < 0) {
        rc = print_failure(&err, o.format);
    } else {
        struct compose_result r = compose(a, subgraphs, (size_t)n);
        rc = strcmp(o.format, "json") == 0 ? print_json(&r) : print_text(&r, o.hints);
    }
    arena_free(&a);
    return rc;
}
