/* For the tests that run under node: reads jobs as JSON lines from standard input and answers each with one line.
 *
 *     {"from": "type Query …", "to": "type Query …"}
 *
 * is answered with {"changes": [{kind, level, coordinate, subject?, message, implied}]}, or {"error": "…"} when a
 * schema is not valid. With "operations": [{query, operationName?, variables?}] the answer has "operations":
 * [{state, errors, changes}] besides, with the indexes of the changes that each uses. */
#include "check/report.h"
#include "graphql/parser.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

static struct gql_schema *read_schema(struct arena *a, struct str sdl, struct gql_errors *errors)
{
    struct gql_document *doc = gql_parse(a, sdl, &(struct gql_parse_options){0}, errors);
    return doc ? gql_schema_build(a, doc, &(struct gql_schema_options){.allow_no_query = true}, errors) : NULL;
}

static void member(struct json_writer *w, const char *name, struct str value)
{
    jw_name(w, str_c(name));
    jw_string(w, value);
}

static void write_changes(struct json_writer *w, const struct change_vec *changes)
{
    jw_name(w, STR("changes"));
    jw_begin_array(w);
    for (size_t i = 0; i < changes->n; i++) {
        const struct change *c = &changes->v[i];
        jw_begin_object(w);
        member(w, "kind", str_c(change_about(c->kind)->name));
        member(w, "level", str_c(change_level_name(c->level)));
        member(w, "coordinate", c->coordinate);
        member(w, "message", c->message);
        if (c->subject.p)
            member(w, "subject", c->subject);
        jw_name(w, STR("implied"));
        jw_bool(w, c->implied);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static struct operations read_operations(struct arena *a, const struct json *list)
{
    struct operations out = {0};
    for (uint32_t i = 0; i < list->n; i++) {
        struct operation *op = arena_new_of(a, struct operation);
        *op = (struct operation){.query = json_get_str(list->items[i], STR("query")),
                                 .name = json_get_str(list->items[i], STR("operationName")),
                                 .variables = json_get(list->items[i], STR("variables")),
                                 .count = 1};
        vec_push(a, &out.list, op);
    }
    return out;
}

static void write_usage(struct json_writer *w, const struct usage *u, size_t n)
{
    jw_name(w, STR("operations"));
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        const struct operation_impact *o = &u->operations[i];
        jw_begin_object(w);
        member(w, "state", str_c(operation_state_name(o->state)));
        jw_name(w, STR("errors"));
        jw_begin_array(w);
        for (size_t k = 0; k < o->errors.n; k++)
            jw_string(w, o->errors.v[k].message);
        jw_end_array(w);
        jw_name(w, STR("changes"));
        jw_begin_array(w);
        for (size_t k = 0; k < o->changes.n; k++)
            jw_i64(w, o->changes.v[k]);
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_answer(struct arena *a, struct json_writer *w, const struct json *job, const struct gql_schema *from,
                         const struct gql_schema *to)
{
    const struct json *list = json_get(job, STR("operations"));
    struct change_vec changes = diff_schemas(a, from, to);
    write_changes(w, &changes);
    if (!list)
        return;
    struct operations operations = read_operations(a, list);
    struct usage usage = usage_find(a, from, to, &changes, &operations);
    write_usage(w, &usage, operations.list.n);
}

static void run(struct str line)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct err err = {0};
    struct gql_errors errors = {0};
    struct json *job = json_parse(a, line, &err);
    struct gql_schema *from = read_schema(a, json_get_str(job, STR("from")), &errors);
    struct gql_schema *to = from ? read_schema(a, json_get_str(job, STR("to")), &errors) : NULL;
    struct buf out;
    buf_init(&out, (size_t)1 << 30);
    struct json_writer w = json_writer(&out);
    jw_begin_object(&w);
    if (to)
        write_answer(a, &w, job, from, to);
    else
        member(&w, "error", errors.v[0].message);
    jw_end_object(&w);
    buf_add_char(&out, '\n');
    fwrite(out.p, 1, out.len, stdout);
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
