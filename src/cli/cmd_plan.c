/* paintbox plan: how an operation would be fetched. */
#include "cli/commands.h"
#include "cli/options.h"

#include "base/file.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "json/json.h"
#include "planner/planner.h"

#include <errno.h>

struct plan_options {
    const char *supergraph, *operation, *operation_name, *variables, *format;
    bool whole;
};

static bool read_file(struct arena *a, const char *path, struct str *out)
{
    struct err err;
    *out = file_read(a, path, 0, &err);
    if (!out->p)
        fprintf(stderr, "paintbox plan: %s\n", err.msg);
    return out->p != NULL;
}

static int report(const char *where, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        fprintf(stderr, "%s", where);
        if (e->n_locs)
            fprintf(stderr, ":%u:%u", e->locs[0].line, e->locs[0].column);
        fprintf(stderr, ": %.*s (%.*s)\n", STR_ARG(e->message), STR_ARG(e->code));
    }
    return 1;
}

static struct plan *make_plan(struct arena *a, struct supergraph *s, const struct plan_options *o,
                              struct str text, struct gql_errors *errors)
{
    struct gql_variables vars;
    struct err err = {0};
    struct json *given = o->variables ? json_parse(a, str_c(o->variables), &err) : NULL;
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, errors);
    const struct gql_definition *op;

    if (o->variables && !given) {
        gql_error_add(a, errors, STR("BAD_USER_INPUT"), NULL, 0, "--variables: %s", err.msg);
        return NULL;
    }
    if (!doc || !gql_validate(a, s->api, doc, errors) ||
        !(op = gql_document_operation(a, doc, str_c(o->operation_name), errors)))
        return NULL;
    struct gql_errors missing = {0};
    bool coerced = gql_coerce_variables(a, s->api, op, given, &vars, &missing);
    if (!coerced && o->variables) {
        *errors = missing;
        return NULL;
    }
    if (!coerced)
        vars = (struct gql_variables){0};
    struct plan_request request = {
        .document = doc, .operation = op, .variables = &vars, .incremental = !o->whole};
    struct planner *planner = planner_new(s);
    struct plan *plan =
        planner_plan(planner, &request, a, errors);
    planner_free(&planner);
    return plan;
}

static int print_plan(const struct plan *plan, const char *format)
{
    struct buf out;
    buf_init(&out, FILE_BYTES_MAX);
    if (strcmp(format, "json") == 0) {
        plan_print_json(&out, plan);
        buf_add_char(&out, '\n');
    } else {
        plan_print(&out, plan);
    }
    bool ok = fwrite(out.p, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_free(&out);
    if (!ok)
        fprintf(stderr, "paintbox plan: cannot write: %s\n", strerror(errno));
    return ok ? 0 : 1;
}

static int run(struct arena *a, const struct plan_options *o)
{
    struct str sdl, text;
    struct gql_errors errors = {0};

    if (!read_file(a, o->supergraph, &sdl) || !read_file(a, o->operation, &text))
        return 1;
    struct supergraph *s = supergraph_load_with(sdl, &(struct supergraph_options){.defer = true}, a, &errors);
    if (!s)
        return report(o->supergraph, &errors);
    struct plan *plan = make_plan(a, s, o, text, &errors);
    int rc = plan ? print_plan(plan, o->format) : report(o->operation, &errors);
    plan_unref(&plan);
    supergraph_unref(&s);
    return rc;
}

int cmd_plan(int argc, char **argv)
{
    struct plan_options o = {.format = "text"};
    const struct option_def DEFS[] = {{"supergraph", OPTION_TEXT, &o.supergraph, "FILE",
                                       "the supergraph, as `paintbox compose` writes it"},
                                      {"operation", OPTION_TEXT, &o.operation, "FILE",
                                       "the operation; - reads it from standard input"},
                                      {"operation-name", OPTION_TEXT, &o.operation_name, "NAME",
                                       "which operation, when the file has several"},
                                      {"variables", OPTION_TEXT, &o.variables, "JSON",
                                       "values; those in @skip, @include and @defer decide the plan"},
                                      {"whole", OPTION_FLAG, &o.whole, NULL,
                                       "for a client that cannot take the response in parts: as if @defer "
                                       "were not there"},
                                      {"format", OPTION_TEXT, &o.format, "text|json",
                                       "for people or for programs (default text)"},
                                      {0}};
    int rc = options_parse(argc, argv, "paintbox plan --supergraph FILE --operation FILE [options]",
                           DEFS, NULL);

    if (rc >= 0)
        return rc;
    if (!o.supergraph || !o.operation ||
        (strcmp(o.format, "text") != 0 && strcmp(o.format, "json") != 0)) {
        fprintf(
            stderr,
            "paintbox plan: --supergraph and --operation are needed, and --format is text or json; "
            "`paintbox plan --help` tells more\n");
        return 2;
    }
    struct arena *a = arena_new(FILE_BYTES_MAX);
    rc = run(a, &o);
    arena_free(&a);
    return rc;
}
