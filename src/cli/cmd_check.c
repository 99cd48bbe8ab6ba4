/* paintbox check: what a new schema changes for clients, and whether that is good enough. */
#include "cli/ask_schema.h"
#include "cli/commands.h"
#include "cli/options.h"

#include "check/report.h"

#include <errno.h>
#include <stdio.h>

#define REPORT_MAX ((size_t)512 << 20)

struct check_arguments {
    const char *old, *new, *format, *fail_on;
    struct words subgraphs, operations;
    bool strict, ignore_descriptions;
};

struct report {
    const char *format;
    void (*write)(struct buf *out, const struct check *k);
};
static const struct report REPORTS[] = {{"text", check_report_text},
                                        {"json", check_report_json},
                                        {"junit", check_report_junit},
                                        {"sarif", check_report_sarif}};

static int fail(const char *msg)
{
    fprintf(stderr, "paintbox check: %s\n", msg);
    return 2;
}

static const struct report *find_report(const char *format)
{
    for (size_t i = 0; i < sizeof REPORTS / sizeof *REPORTS; i++)
        if (strcmp(REPORTS[i].format, format) == 0)
            return &REPORTS[i];
    return NULL;
}

/* ---- input ---- */

static int read_replacements(struct arena *a, const struct words *w, struct check_replacement **out, struct err *err)
{
    *out = arena_array(a, struct check_replacement, w->n);
    for (int i = 0; i < w->n; i++) {
        const char *equals = strchr(w->v[i], '=');
        if (!equals || equals == w->v[i] || !equals[1])
            return err_set(err, "CHECK_INPUT", "--subgraph %s: write it as NAME=FILE", w->v[i]);
        (*out)[i] = (struct check_replacement){str_mem(w->v[i], (size_t)(equals - w->v[i])), equals + 1};
    }
    return 0;
}

/* The old schema is what is in use; when it is wrong there is nothing to compare with. */
static int old_is_wrong(const struct check_input *old, struct err *err)
{
    const struct compose_message *m = &old->result.errors[0];
    return err_set(err, "CHECK_INPUT", "the old schema, %s, is not valid, so there is nothing to compare with: %.*s",
                   old->path, STR_ARG(m->message));
}

static int read_inputs(struct arena *a, const struct check_arguments *o, struct check_input *old,
                       struct check_input *new, struct err *err)
{
    struct check_replacement *replaced;
    if (read_replacements(a, &o->subgraphs, &replaced, err) < 0 ||
        check_input_read(a, o->old, ask_schema, NULL, 0, old, err) < 0)
        return -1;
    if (!old->schema)
        return old_is_wrong(old, err);
    return check_input_read(a, o->new ? o->new : o->old, ask_schema, replaced, (size_t)o->subgraphs.n, new, err);
}

static int read_operations(struct arena *a, const struct words *w, struct operations *out, struct err *err)
{
    for (int i = 0; i < w->n; i++)
        if (operations_read(a, w->v[i], out, err) < 0)
            return -1;
    if (w->n && out->list.n == 0)
        return err_set(err, "OPERATIONS_INVALID",
                       "there is no operation in %s: without any, every change would look unused", w->v[0]);
    return 0;
}

/* ---- output ---- */

static bool print(const struct report *report, const struct check *k)
{
    struct buf out;
    buf_init(&out, REPORT_MAX);
    report->write(&out, k);
    bool ok = !buf_overflowed(&out) && fwrite(out.p, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    if (!ok)
        fprintf(stderr, "paintbox check: cannot write: %s\n",
                buf_overflowed(&out) ? "the report is too large" : strerror(errno));
    buf_free(&out);
    return ok;
}

static int run(struct arena *a, const struct check_arguments *o, const struct report *report)
{
    struct check_input old = {0}, new = {0};
    struct operations operations = {0};
    struct err err = {0};
    struct check_options options = {.strict = o->strict,
                                    .fail_on_dangerous = strcmp(o->fail_on, "dangerous") == 0,
                                    .ignore_descriptions = o->ignore_descriptions};
    int rc;
    if (read_inputs(a, o, &old, &new, &err) < 0 || read_operations(a, &o->operations, &operations, &err) < 0) {
        rc = fail(err.msg);
    } else {
        struct check k = check_run(a, &old, &new, o->operations.n ? &operations : NULL, &options);
        rc = !print(report, &k) ? 2 : k.failed ? 1 : 0;
    }
    check_input_free(&old);
    check_input_free(&new);
    return rc;
}

#define USAGE                                                                                                       \
    "paintbox check --old FILE --new FILE [options]\n\n"                                                            \
    "FILE is a schema in SDL, a supergraph, or a .yaml configuration of subgraphs as for `paintbox compose`.\n"     \
    "Exit status: 0 the change is good; 1 it breaks clients, or the new schema is not valid or does not compose;\n" \
    "2 the command line is wrong, or something cannot be read."

int cmd_check(int argc, char **argv)
{
    struct check_arguments o = {.format = "text", .fail_on = "breaking"};
    const struct option_def DEFS[] = {
        {"old", OPTION_TEXT, &o.old, "FILE", "the schema in use"},
        {"new", OPTION_TEXT, &o.new, "FILE",
         "the schema that is to replace it (default: the old one, with --subgraph)"},
        {"subgraph", OPTION_LIST, &o.subgraphs, "NAME=FILE", "a subgraph of the new one whose schema is another file"},
        {"operations", OPTION_LIST, &o.operations, "PATH",
         "recorded operations: JSON lines, .graphql files, folders; a breaking change that none uses does not fail"},
        {"strict", OPTION_FLAG, &o.strict, NULL, "every breaking change fails, used or not"},
        {"fail-on", OPTION_TEXT, &o.fail_on, "breaking|dangerous", "what fails the check (default breaking)"},
        {"ignore-descriptions", OPTION_FLAG, &o.ignore_descriptions, NULL, "do not list changed descriptions"},
        {"format", OPTION_TEXT, &o.format, "text|json|junit|sarif", "the report (default text)"},
        {0}};
    int rc = options_parse(argc, argv, USAGE, DEFS, NULL);
    if (rc >= 0)
        return rc;
    const struct report *report = find_report(o.format);
    if (!o.old || (!o.new &&o.subgraphs.n == 0))
        return fail("--old and --new are needed; `paintbox check --help` tells more");
    if (!report || (strcmp(o.fail_on, "breaking") != 0 && strcmp(o.fail_on, "dangerous") != 0))
        return fail("--format is text, json, junit or sarif, --fail-on is breaking or dangerous");
    struct arena *a = arena_new((size_t)4 << 30);
    rc = run(a, &o, report);
    arena_free(&a);
    return rc;
}
