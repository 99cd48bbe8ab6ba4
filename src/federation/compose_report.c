#include "federation/compose_report.h"

static const char *const LEVELS[] = {
    [COMPOSE_ERROR] = "ERROR", [COMPOSE_WARN] = "WARN", [COMPOSE_INFO] = "INFO", [COMPOSE_DEBUG] = "DEBUG"};

static void write_member(struct json_writer *w, const char *name, struct str value)
{
    if (!value.p)
        return;
    jw_name(w, str_c(name));
    jw_string(w, value);
}

static void write_message(struct json_writer *w, const struct compose_message *m)
{
    jw_begin_object(w);
    write_member(w, "code", m->code);
    write_member(w, "message", m->message);
    if (m->level != COMPOSE_ERROR)
        write_member(w, "level", str_c(LEVELS[m->level]));
    write_member(w, "subgraph", m->subgraph);
    write_member(w, "coordinate", m->coordinate);
    if (m->line) {
        jw_name(w, STR("line"));
        jw_i64(w, m->line);
        jw_name(w, STR("column"));
        jw_i64(w, m->column);
    }
    jw_end_object(w);
}

static void write_messages(struct json_writer *w, const char *name, const struct compose_message *v, size_t n)
{
    jw_name(w, str_c(name));
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++)
        write_message(w, &v[i]);
    jw_end_array(w);
}

void compose_report_messages(struct json_writer *w, const struct compose_result *r)
{
    write_messages(w, "errors", r->errors, r->n_errors);
    write_messages(w, "hints", r->hints, r->n_hints);
}

void compose_report_members(struct json_writer *w, const struct compose_result *r)
{
    jw_name(w, STR("supergraph"));
    if (r->supergraph.p)
        jw_string(w, r->supergraph);
    else
        jw_null(w);
    compose_report_messages(w, r);
}

void compose_report_json(struct buf *out, const struct compose_result *r)
{
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    compose_report_members(&w, r);
    jw_end_object(&w);
}

void compose_report_text(struct buf *out, const struct compose_result *r, enum compose_level level)
{
    for (size_t i = 0; i < r->n_errors; i++)
        buf_printf(out, "error %.*s: %.*s\n", STR_ARG(r->errors[i].code), STR_ARG(r->errors[i].message));
    for (size_t i = 0; i < r->n_hints; i++) {
        static const char *const NAMES[] = {"error", "warning", "info", "debug"};
        const struct compose_message *m = &r->hints[i];
        if (m->level <= level)
            buf_printf(out, "%s %.*s: %.*s\n", NAMES[m->level], STR_ARG(m->code), STR_ARG(m->message));
    }
}
