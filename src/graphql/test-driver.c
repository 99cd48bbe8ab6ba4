/* The room on a pipe, for comparisons with other implementations (test/conformance/).
 *
 * Reads cases from stdin: a line `MODE LENGTH`, then LENGTH bytes. Writes one JSON object per case to stdout:
 * {"error":{"message","line","column"}} or what the mode gives. */
#include "base/buf.h"
#include "graphql/parser.h"
#include "graphql/printer.h"
#include "graphql/schema.h"
#include "json/json.h"

#define CASE_MAX (64u << 20)

static void write_error(struct json_writer *w, const struct gql_error *e)
{
    jw_name(w, STR("error"));
    jw_begin_object(w);
    jw_name(w, STR("message"));
    jw_string(w, e->message);
    jw_name(w, STR("line"));
    jw_i64(w, e->n_locs ? e->locs[0].line : 0);
    jw_name(w, STR("column"));
    jw_i64(w, e->n_locs ? e->locs[0].column : 0);
    jw_end_object(w);
}

/* ---- positions of all nodes, in the order of graphql-js visit() ---- */

static void at(struct buf *out, struct gql_loc loc) { buf_printf(out, "%u:%u ", loc.line, loc.column); }

static void name_at(struct buf *out, struct gql_name name)
{
    if (name.s.p)
        at(out, name.loc);
}

static void value_at(struct buf *out, const struct gql_value *v)
{
    at(out, v->loc);
    for (uint32_t i = 0; v->kind == GQL_LIST && i < v->n; i++)
        value_at(out, v->items[i]);
    for (uint32_t i = 0; v->kind == GQL_OBJECT && i < v->n; i++) {
        at(out, v->fields[i].name.loc);
        value_at(out, v->fields[i].value);
    }
}

static void arguments_at(struct buf *out, const struct gql_argument *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        at(out, args[i].name.loc);
        value_at(out, args[i].value);
    }
}

static void directives_at(struct buf *out, const struct gql_directive_list *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        at(out, list->v[i].loc);
        at(out, list->v[i].name.loc);
        arguments_at(out, list->v[i].args, list->v[i].n_args);
    }
}

static void type_at(struct buf *out, const struct gql_type_ref *t)
{
    at(out, t->loc);
    if (t->of)
        type_at(out, t->of);
}

static void selections_at(struct buf *out, const struct gql_selection_set *set)
{
    at(out, set->loc);
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *s = set->items[i];
        at(out, s->loc);
        name_at(out, s->alias);
        name_at(out, s->name);
        name_at(out, s->on);
        arguments_at(out, s->args, s->n_args);
        directives_at(out, &s->directives);
        if (s->selections)
            selections_at(out, s->selections);
    }
}

static void inputs_at(struct buf *out, const struct gql_input_value_definition *inputs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        at(out, inputs[i].loc);
        at(out, inputs[i].name.loc);
        type_at(out, inputs[i].type);
        if (inputs[i].default_value)
            value_at(out, inputs[i].default_value);
        directives_at(out, &inputs[i].directives);
    }
}

static void names_at(struct buf *out, const struct gql_name *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        at(out, names[i].loc);
}

static void executable_at(struct buf *out, const struct gql_definition *def)
{
    for (uint32_t i = 0; i < def->n_variables; i++) {
        const struct gql_variable_definition *v = &def->variables[i];
        at(out, v->loc);
        at(out, v->name.loc);
        type_at(out, v->type);
        if (v->default_value)
            value_at(out, v->default_value);
        directives_at(out, &v->directives);
    }
    name_at(out, def->on);
    directives_at(out, &def->directives);
    selections_at(out, def->selections);
}

static void definition_at(struct buf *out, const struct gql_definition *def)
{
    at(out, def->loc);
    name_at(out, def->name);
    if (def->kind == GQL_OPERATION || def->kind == GQL_FRAGMENT) {
        executable_at(out, def);
        return;
    }
    if (def->kind == GQL_DIRECTIVE_DEF)
        inputs_at(out, def->inputs, def->n_inputs);
    names_at(out, def->interfaces, def->n_interfaces);
    directives_at(out, &def->directives);
    for (uint32_t i = 0; i < def->n_roots; i++) {
        at(out, def->roots[i].loc);
        at(out, def->roots[i].type.loc);
    }
    for (uint32_t i = 0; i < def->n_fields; i++) {
        at(out, def->fields[i].loc);
        at(out, def->fields[i].name.loc);
        inputs_at(out, def->fields[i].args, def->fields[i].n_args);
        type_at(out, def->fields[i].type);
        directives_at(out, &def->fields[i].directives);
    }
    names_at(out, def->members, def->n_members);
    for (uint32_t i = 0; i < def->n_values; i++) {
        at(out, def->values[i].loc);
        at(out, def->values[i].name.loc);
        directives_at(out, &def->values[i].directives);
    }
    if (def->kind == GQL_INPUT_DEF)
        inputs_at(out, def->inputs, def->n_inputs);
    names_at(out, def->locations, def->n_locations);
}

/* ---- modes ---- */

static void write_text(struct json_writer *w, const char *name, struct buf *text)
{
    jw_name(w, str_c(name));
    jw_string(w, buf_str(text));
    buf_clear(text);
}

/* {"print","compact","nodes","tokens"} */
static bool run_document(struct json_writer *w, struct arena *a, struct str text, struct gql_errors *errors)
{
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, errors);
    if (!doc)
        return false;
    struct buf out;
    buf_init(&out, CASE_MAX);
    gql_print_document(&out, doc, GQL_PRINT_PRETTY);
    write_text(w, "print", &out);
    gql_print_document(&out, doc, GQL_PRINT_COMPACT);
    write_text(w, "compact", &out);
    for (uint32_t i = 0; i < doc->n; i++)
        definition_at(&out, doc->definitions[i]);
    write_text(w, "nodes", &out);
    buf_free(&out);
    jw_name(w, STR("tokens"));
    jw_i64(w, doc->n_tokens);
    return true;
}

static bool run_value(struct json_writer *w, struct arena *a, struct str text, struct gql_errors *errors)
{
    struct gql_value *value = gql_parse_const_value(a, text, errors);
    if (!value)
        return false;
    struct buf out;
    buf_init(&out, CASE_MAX);
    gql_print_value(&out, value);
    write_text(w, "print", &out);
    buf_free(&out);
    return true;
}

static bool run_type(struct json_writer *w, struct arena *a, struct str text, struct gql_errors *errors)
{
    struct gql_type_ref *type = gql_parse_type_ref(a, text, errors);
    if (!type)
        return false;
    struct buf out;
    buf_init(&out, CASE_MAX);
    gql_print_type_ref(&out, type);
    write_text(w, "print", &out);
    buf_free(&out);
    return true;
}

/* {"print","full"}: the schema with and without applied directives */
static bool run_schema(struct json_writer *w, struct arena *a, struct str text, struct gql_errors *errors)
{
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, errors);
    struct gql_schema *s = doc ? gql_schema_build(a, doc, &(struct gql_schema_options){0}, errors) : NULL;
    if (!s)
        return false;
    struct buf out;
    buf_init(&out, CASE_MAX);
    gql_schema_print(&out, s, false);
    write_text(w, "print", &out);
    gql_schema_print(&out, s, true);
    write_text(w, "full", &out);
    buf_free(&out);
    return true;
}

struct mode {
    const char *name;
    bool (*run)(struct json_writer *w, struct arena *a, struct str text, struct gql_errors *errors);
};

static const struct mode modes[] = {
    {"document", run_document}, {"value", run_value}, {"type", run_type}, {"schema", run_schema}};

static bool run_case(const char *name, struct buf *line, struct str text)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(name, modes[i].name) != 0)
            continue;
        struct arena *a = arena_new(0);
        struct gql_errors errors = {0};
        struct json_writer w = json_writer(line);
        jw_begin_object(&w);
        if (!modes[i].run(&w, a, text, &errors))
            write_error(&w, &errors.v[0]);
        jw_end_object(&w);
        arena_free(&a);
        return true;
    }
    return false;
}

int main(void)
{
    char name[16];
    size_t len;
    struct buf line;
    buf_init(&line, (size_t)CASE_MAX * 4);
    while (scanf("%15s %zu", name, &len) == 2 && getchar() == '\n' && len <= CASE_MAX) {
        char *text = malloc(len ? len : 1); /* of its exact size, so that a read past the end is found */
        bool ok = fread(text, 1, len, stdin) == len && run_case(name, &line, str_mem(text, len));
        free(text);
        if (!ok) {
            fprintf(stderr, "bad case: %s %zu\n", name, len);
            return 1;
        }
        buf_add_char(&line, '\n');
        fwrite(line.p, 1, line.len, stdout);
        buf_clear(&line);
    }
    buf_free(&line);
    return feof(stdin) ? 0 : 1;
}
