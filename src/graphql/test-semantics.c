/* The meaning of documents on a pipe, for comparisons with other implementations (test/conformance/).
 *
 * Reads one JSON object per line from stdin, writes one per line to stdout:
 *     {"sdl": TEXT, "options": {…}}         makes TEXT the schema of the cases that follow; gives {"errors": […]}
 *     {"operation": TEXT}                   validates; gives {"errors": […]}
 *     {"variables": {…}, "of": TEXT}        coerces the variables of an operation and the arguments of its first field;
 *                                           gives {"values": {…}, "arguments": {…}} or {"errors": […]}
 *     {"introspect": TEXT, "with": {…}}     gives {"data": {…}}: the introspection fields of an operation
 * An error is {"message", "locations": [[line, column], …]}. */
#include "base/panic.h"
#include "graphql/introspect.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "json/json.h"

#include <unistd.h>

#define CASE_MAX (64u << 20)

struct driver {
    struct arena *schema_arena;
    struct gql_schema *schema;
    struct str schema_text;
};

static void write_errors(struct json_writer *w, const struct gql_errors *errors)
{
    jw_name(w, STR("errors"));
    jw_begin_array(w);
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        jw_begin_object(w);
        jw_name(w, STR("message"));
        jw_string(w, e->message);
        jw_name(w, STR("locations"));
        jw_begin_array(w);
        for (uint32_t j = 0; j < e->n_locs; j++) {
            jw_begin_array(w);
            jw_i64(w, e->locs[j].line);
            jw_i64(w, e->locs[j].column);
            jw_end_array(w);
        }
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static bool option(const struct json *options, struct str name)
{
    const struct json *v = json_get(options, name);
    return v && v->kind == JSON_BOOL && v->boolean;
}

static void set_schema(struct driver *d, struct str sdl, const struct json *options, struct json_writer *w)
{
    struct gql_errors errors = {0};
    arena_free(&d->schema_arena);
    d->schema_arena = arena_new(0);
    d->schema_text = arena_str(d->schema_arena, sdl);
    struct gql_document *doc = gql_parse(d->schema_arena, d->schema_text, &(struct gql_parse_options){0}, &errors);
    struct gql_schema_options opt = {
        .assume_valid = option(options, STR("assumeValid")),
        .allow_unknown_directives = option(options, STR("allowUnknownDirectives")),
        .allow_no_query = option(options, STR("allowNoQuery")),
        .allow_orphan_extensions = option(options, STR("allowOrphanExtensions")),
    };
    d->schema = doc ? gql_schema_build(d->schema_arena, doc, &opt, &errors) : NULL;
    PB_ASSERT((d->schema != NULL) == (errors.n == 0));
    write_errors(w, &errors);
}

static void validate(struct driver *d, struct arena *a, struct str text, struct json_writer *w)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    if (doc) {
        bool valid = gql_validate(a, d->schema, doc, &errors);
        PB_ASSERT(valid == (errors.n == 0));
    }
    write_errors(w, &errors);
}

static void write_arguments(struct driver *d, struct arena *a, const struct gql_definition *op,
                            const struct gql_variables *vars, struct json_writer *w)
{
    struct gql_errors errors = {0};
    const struct gql_selection *sel = op->selections->items[0];
    const struct gql_field *f = gql_type_field(d->schema, gql_schema_root(d->schema, op->operation), sel->name.s);
    struct json *args =
        gql_coerce_arguments(a, d->schema, f->args, f->n_args, sel->args, sel->n_args, sel->loc, vars, &errors);
    jw_name(w, STR("arguments"));
    jw_begin_object(w);
    jw_name(w, STR("values"));
    if (args)
        json_write(w->out, args);
    else
        jw_null(w);
    w->need_comma = true;
    write_errors(w, &errors);
    jw_end_object(w);
}

static void coerce(struct driver *d, struct arena *a, struct str text, const struct json *given, struct json_writer *w)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    const struct gql_definition *op = doc->definitions[0];
    struct gql_variables vars;
    if (!gql_coerce_variables(a, d->schema, op, given, &vars, &errors)) {
        write_errors(w, &errors);
        return;
    }
    jw_name(w, STR("values"));
    jw_begin_object(w);
    for (uint32_t i = 0; i < vars.n; i++)
        if (vars.v[i].value) {
            jw_name(w, vars.v[i].name);
            json_write(w->out, vars.v[i].value);
            w->need_comma = true;
        }
    jw_end_object(w);
    write_arguments(d, a, op, &vars, w);
}

static void
introspect(struct driver *d, struct arena *a, struct str text, const struct json *given, struct json_writer *w)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    const struct gql_definition *op = gql_document_operation(a, doc, STR_NONE, &errors);
    struct gql_variables vars;
    if (!gql_validate(a, d->schema, doc, &errors) || !gql_coerce_variables(a, d->schema, op, given, &vars, &errors)) {
        write_errors(w, &errors);
        return;
    }
    jw_name(w, STR("data"));
    jw_begin_object(w);
    for (uint32_t i = 0; i < op->selections->n; i++) {
        jw_name(w, gql_response_key(op->selections->items[i]));
        gql_introspect(w->out, a, d->schema, doc, op->selections->items[i], &vars);
        w->need_comma = true;
    }
    jw_end_object(w);
}

static void run_case(struct driver *d, struct arena *a, struct str line, struct buf *out)
{
    struct err err;
    struct json *input = json_parse(a, line, &err);
    if (!input)
        PB_PANIC("the case is no JSON: %s", err.msg);
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    if (json_get(input, STR("sdl")))
        set_schema(d, json_get_str(input, STR("sdl")), json_get(input, STR("options")), &w);
    else if (json_get(input, STR("operation")))
        validate(d, a, json_get_str(input, STR("operation")), &w);
    else if (json_get(input, STR("of")))
        coerce(d, a, json_get_str(input, STR("of")), json_get(input, STR("variables")), &w);
    else if (json_get(input, STR("introspect")))
        introspect(d, a, json_get_str(input, STR("introspect")), json_get(input, STR("with")), &w);
    jw_end_object(&w);
    buf_add_char(out, '\n');
}

static void flush_out(struct buf *out)
{
    for (size_t at = 0; at < out->len;) {
        ssize_t n = write(STDOUT_FILENO, out->p + at, out->len - at);
        if (n <= 0)
            exit(1);
        at += (size_t)n;
    }
    buf_clear(out);
}

int main(void)
{
    struct driver d = {0};
    struct buf out;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    buf_init(&out, CASE_MAX);
    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct arena *a = arena_new(0);
        run_case(&d, a, str_mem(line, (size_t)n), &out);
        arena_free(&a);
        flush_out(&out);
    }
    free(line);
    arena_free(&d.schema_arena);
    buf_free(&out);
    return 0;
}
