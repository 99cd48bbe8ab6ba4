#include "check/report.h"

#include "federation/compose_report.h"

static void member(struct json_writer *w, const char *name, struct str value)
{
    if (!value.p)
        return;
    jw_name(w, str_c(name));
    jw_string(w, value);
}

static void number(struct json_writer *w, const char *name, uint64_t n)
{
    jw_name(w, str_c(name));
    jw_i64(w, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static void boolean(struct json_writer *w, const char *name, bool b)
{
    jw_name(w, str_c(name));
    jw_bool(w, b);
}

static void indexes(struct json_writer *w, const char *name, const struct index_vec *v)
{
    jw_name(w, str_c(name));
    jw_begin_array(w);
    for (size_t i = 0; i < v->n; i++)
        jw_i64(w, v->v[i]);
    jw_end_array(w);
}

static void write_change(struct json_writer *w, const struct check *k, size_t i)
{
    const struct change *c = &k->changes.v[i];
    const struct check_input *in = c->is_new ? k->to : k->from;
    jw_begin_object(w);
    member(w, "kind", str_c(change_about(c->kind)->name));
    member(w, "level", str_c(change_level_name(c->level)));
    member(w, "coordinate", c->coordinate);
    member(w, "subject", c->subject);
    member(w, "message", c->message);
    if (c->level != CHANGE_SAFE)
        member(w, "advice", str_c(change_about(c->kind)->advice));
    boolean(w, "implied", c->implied);
    boolean(w, "fails", k->fates[i] == CHECK_FAILS);
    if (in->has_places && c->loc.line) {
        member(w, "file", str_c(in->path));
        number(w, "line", c->loc.line);
        number(w, "column", c->loc.column);
    }
    if (k->operations && c->level != CHANGE_SAFE) {
        number(w, "requests", check_change_count(k, i));
        indexes(w, "operations", &k->usage.changes[i]);
    }
    jw_end_object(w);
}

static void write_operation(struct json_writer *w, const struct operation_impact *o)
{
    jw_begin_object(w);
    member(w, "name", o->label);
    member(w, "file", o->operation->file);
    number(w, "line", o->operation->line);
    number(w, "requests", o->operation->count);
    jw_name(w, STR("clients"));
    jw_begin_array(w);
    for (size_t i = 0; i < o->operation->clients.n; i++)
        jw_string(w, o->operation->clients.v[i]);
    jw_end_array(w);
    member(w, "state", str_c(operation_state_name(o->state)));
    jw_name(w, STR("errors"));
    jw_begin_array(w);
    for (size_t i = 0; i < o->errors.n; i++)
        jw_string(w, o->errors.v[i].message);
    jw_end_array(w);
    indexes(w, "changes", &o->changes);
    jw_end_object(w);
}

static void write_summary(struct json_writer *w, const struct check *k)
{
    jw_name(w, STR("summary"));
    jw_begin_object(w);
    number(w, "breaking", k->levels[CHANGE_BREAKING]);
    number(w, "breakingUnused", k->n_unused);
    number(w, "dangerous", k->levels[CHANGE_DANGEROUS]);
    number(w, "safe", k->levels[CHANGE_SAFE]);
    number(w, "implied", k->n_implied);
    if (k->operations) {
        static const char *const NAMES[] = {"operationsUnaffected", "operationsAffected", "operationsBroken",
                                            "operationsInvalid"};
        for (int i = 0; i < 4; i++)
            number(w, NAMES[i], k->usage.states[i]);
    }
    jw_end_object(w);
}

void check_report_json(struct buf *out, const struct check *k)
{
    struct json_writer w = json_writer(out);
    jw_begin_object(&w);
    boolean(&w, "passed", !k->failed);
    member(&w, "old", str_c(k->from->path));
    member(&w, "new", str_c(k->to->path));
    write_summary(&w, k);
    jw_name(&w, STR("composition"));
    jw_begin_object(&w);
    compose_report_messages(&w, &k->to->result);
    jw_end_object(&w);
    jw_name(&w, STR("changes"));
    jw_begin_array(&w);
    for (size_t i = 0; i < k->changes.n; i++)
        write_change(&w, k, i);
    jw_end_array(&w);
    if (k->operations) {
        jw_name(&w, STR("operations"));
        jw_begin_array(&w);
        for (size_t i = 0; k->to->schema && i < k->operations->list.n; i++)
            write_operation(&w, &k->usage.operations[i]);
        jw_end_array(&w);
    }
    jw_end_object(&w);
    buf_add_char(out, '\n');
}
