#include "check/report.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static void member(struct json_writer *w, const char *name, struct str value)
{
    jw_name(w, str_c(name));
    jw_string(w, value);
}

static void begin_object(struct json_writer *w, const char *name)
{
    jw_name(w, str_c(name));
    jw_begin_object(w);
}

static void begin_array(struct json_writer *w, const char *name)
{
    jw_name(w, str_c(name));
    jw_begin_array(w);
}

static void text(struct json_writer *w, const char *name, struct str value)
{
    begin_object(w, name);
    member(w, "text", value);
    jw_end_object(w);
}

/* ---- rules: one for each kind of change, one for compositions, one for operations ---- */

#define RULE_COMPOSITION CHANGE_KINDS
#define RULE_OPERATION (CHANGE_KINDS + 1)
#define NAME_COMPOSITION "COMPOSITION_ERROR"
#define NAME_OPERATION "OPERATION_BROKEN"

static void write_rule(struct json_writer *w, const char *id, const char *title, const char *advice)
{
    jw_begin_object(w);
    member(w, "id", str_c(id));
    text(w, "shortDescription", str_c(title));
    if (advice)
        text(w, "help", str_c(advice));
    jw_end_object(w);
}

static void write_tool(struct json_writer *w)
{
    begin_object(w, "tool");
    begin_object(w, "driver");
    member(w, "name", STR("paintbox check"));
    begin_array(w, "rules");
    for (int i = 0; i < CHANGE_KINDS; i++) {
        const struct change_about *about = change_about((enum change_kind)i);
        write_rule(w, about->name, about->title, about->advice);
    }
    write_rule(w, NAME_COMPOSITION, "The new schemas do not make a valid whole", "correct the schemas");
    write_rule(w, NAME_OPERATION, "A recorded operation is no longer valid", "keep what it uses, or change the client");
    jw_end_array(w);
    jw_end_object(w);
    jw_end_object(w);
}

/* ---- places ---- */

/* A path as the URI reference that SARIF wants. */
static void write_uri(struct json_writer *w, const char *path)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (strchr("-._~/", c) || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
            buf_add_char(&out, (char)c);
        else
            buf_printf(&out, "%%%02X", c);
    }
    member(w, "uri", buf_str(&out));
    buf_free(&out);
}

static void write_location(struct json_writer *w, const char *path, uint32_t line, uint32_t column,
                           struct str coordinate)
{
    begin_array(w, "locations");
    jw_begin_object(w);
    begin_object(w, "physicalLocation");
    begin_object(w, "artifactLocation");
    write_uri(w, path);
    jw_end_object(w);
    if (line) {
        begin_object(w, "region");
        jw_name(w, STR("startLine"));
        jw_i64(w, line);
        if (column) {
            jw_name(w, STR("startColumn"));
            jw_i64(w, column);
        }
        jw_end_object(w);
    }
    jw_end_object(w);
    if (coordinate.p) {
        begin_array(w, "logicalLocations");
        jw_begin_object(w);
        member(w, "fullyQualifiedName", coordinate);
        jw_end_object(w);
        jw_end_array(w);
    }
    jw_end_object(w);
    jw_end_array(w);
}

static void begin_result(struct json_writer *w, const char *rule, int index, const char *level, struct str message)
{
    jw_begin_object(w);
    member(w, "ruleId", str_c(rule));
    jw_name(w, STR("ruleIndex"));
    jw_i64(w, index);
    member(w, "level", str_c(level));
    text(w, "message", message);
}

/* ---- results ---- */

/* NULL for a schema that is in no file. */
static const char *file_of(const struct check_input *in, struct str subgraph)
{
    for (uint32_t i = 0; subgraph.p && i < in->config.n_subgraphs; i++)
        if (str_eq(in->config.subgraphs[i].name, subgraph))
            return in->config.files[i].p;
    return in->path;
}

static void write_errors(struct json_writer *w, const struct check *k)
{
    const struct compose_result *r = &k->to->result;
    for (size_t i = 0; i < r->n_errors; i++) {
        const struct compose_message *m = &r->errors[i];
        begin_result(w, NAME_COMPOSITION, RULE_COMPOSITION, "error", m->message);
        const char *file = file_of(k->to, m->subgraph);
        bool placed = file && (m->subgraph.p || !k->to->composed);
        write_location(w, file ? file : k->to->path, placed ? m->line : 0, placed ? m->column : 0, m->coordinate);
        jw_end_object(w);
    }
}

static void write_changes(struct json_writer *w, const struct check *k)
{
    for (size_t i = 0; i < k->changes.n; i++) {
        const struct change *c = &k->changes.v[i];
        const struct check_input *in = c->is_new ? k->to : k->from;
        if (c->level == CHANGE_SAFE || c->implied)
            continue;
        const char *level = k->fates[i] == CHECK_FAILS ? "error" : k->fates[i] == CHECK_UNUSED ? "note" : "warning";
        begin_result(w, change_about(c->kind)->name, (int)c->kind, level, c->message);
        write_location(w, in->path, in->has_places ? c->loc.line : 0, in->has_places ? c->loc.column : 0,
                       c->coordinate);
        jw_end_object(w);
    }
}

static void write_operations(struct json_writer *w, const struct check *k)
{
    for (size_t i = 0; k->operations && k->to->schema && i < k->operations->list.n; i++) {
        const struct operation_impact *o = &k->usage.operations[i];
        if (o->state != OPERATION_BROKEN)
            continue;
        begin_result(w, NAME_OPERATION, RULE_OPERATION, "error", o->errors.v[0].message);
        write_location(w, o->operation->file.p, o->operation->line, 0, STR_NONE);
        jw_end_object(w);
    }
}

void check_report_sarif(struct buf *out, const struct check *k)
{
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    member(&w, "$schema", STR(SCHEMA));
    member(&w, "version", STR("2.1.0"));
    begin_array(&w, "runs");
    jw_begin_object(&w);
    write_tool(&w);
    member(&w, "columnKind", STR("utf16CodeUnits"));
    begin_array(&w, "results");
    write_errors(&w, k);
    write_changes(&w, k);
    write_operations(&w, k);
    jw_end_array(&w);
    jw_end_object(&w);
    jw_end_array(&w);
    jw_end_object(&w);
    buf_add_char(out, '\n');
}
