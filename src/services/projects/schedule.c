#include "services/projects/projects.h"

#include "base/timestamp.h"

struct booking {
    const struct json *input;
    struct str project, crew;
    int64_t expected;
};

static struct object *overlap_error(struct batch *b, const struct pg_result *r)
{
    struct object *o = object_new(b, "ScheduleConflictError");
    struct cell *items = arena_array(batch_arena(b), struct cell, r->n_rows);
    for (size_t i = 0; i < r->n_rows; i++)
        items[i] = cell_object(object_of_row(b, "ScheduleBlock", r, i));
    object_put(o, "code", cell_text(STR("PRECONDITION_FAILED")));
    object_put(o, "message",
               cell_text(STR("the crew is booked at that time: choose another time, or pass allowOverlap")));
    object_put(o, "blocks", cell_list(items, r->n_rows));
    return o;
}

/* False when the write has its answer. The lock on the crew keeps a second booking out until this one is committed. */
static bool crew_is_free(struct write *w, const struct booking *k)
{
    const struct pg_param crew[] = {{k->crew}},
                          span[] = {{k->crew}, param_of(k->input, "start"), param_of(k->input, "end")};
    struct pg_result *c = is_uuid(k->crew) ? write_query(w, &CREW_LOCK, crew, 1) : NULL;
    if (is_uuid(k->crew) && !c)
        return false;
    if (!c || !c->n_rows || !row_true(c, 0, "active")) {
        write_reject(w, not_found_error(w->batch, "active crew", k->crew));
        return false;
    }
    struct pg_result *r = json_is_true(k->input, "allowOverlap") ? NULL : write_query(w, &BLOCK_CONFLICTS, span, 3);
    if (r && r->n_rows)
        write_reject(w, overlap_error(w->batch, r));
    return json_is_true(k->input, "allowOverlap") || (r && !r->n_rows);
}

static bool can_be_scheduled(struct write *w, const struct pg_result *project)
{
    static const char *const states[] = {"APPROVED", "SCHEDULED",  "IN_PROGRESS", "WEATHER_HOLD",
                                         "ON_HOLD",  "PUNCH_LIST", "ESTIMATING"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_eq_c(row_text(project, 0, "status"), states[i]))
            return true;
    write_reject(
        w, validation_error(
               w->batch, &(struct field_error){"input.projectId", STR("a project in this state is not scheduled")}, 1));
    return false;
}

static void schedule_project(struct write *w)
{
    struct booking *k = w->arg;
    struct batch *b = w->batch;
    struct pg_result *before = lock_project(w, k->project, k->expected);
    if (!before || !can_be_scheduled(w, before) || !crew_is_free(w, k))
        return;
    struct str type = row_text(before, 0, "type");
    bool exterior = !str_eq_c(type, "INTERIOR") && !str_eq_c(type, "CABINETS");
    const struct pg_param start = param_of(k->input, "start"), end = param_of(k->input, "end");
    const struct pg_param block[] = {{new_id(b)},
                                     {k->project},
                                     {k->crew},
                                     param_of(k->input, "kind"),
                                     start,
                                     end,
                                     {exterior ? STR("true") : STR("false")},
                                     param_of(k->input, "allowOverlap"),
                                     caller_id(b)};
    const struct pg_param assign[] = {{k->project}, {k->crew}, start, end}, dates[] = {{k->project}, start, end};
    struct pg_result *made = write_query(w, &BLOCK_INSERT, block, 9);
    struct pg_result *after =
        made && write_query(w, &ASSIGN_CREW, assign, 4) ? write_query(w, &PROJECT_DATES, dates, 3) : NULL;
    if (!after)
        return;
    struct str number = row_text(after, 0, "number");
    project_event(w, before, after, "project.scheduled",
                  arena_printf(batch_arena(b), "Project %.*s: crew booked", STR_ARG(number)));
    struct object *o = project_success(b, "ScheduleSuccess", k->project);
    object_put(o, "block", cell_object(object_of_row(b, "ScheduleBlock", made, 0)));
    write_result(w, o);
}

void mutation_schedule_project(struct batch *b)
{
    struct booking k = {.input = batch_arg(b, "input")};
    struct check c = {.b = b};
    int64_t start, end;
    k.project = json_get_str(k.input, STR("projectId"));
    k.crew = json_get_str(k.input, STR("crewId"));
    json_to_i64(json_get(k.input, STR("expectedVersion")), &k.expected);
    if (!timestamp_parse(json_get_str(k.input, STR("start")), &start) ||
        !timestamp_parse(json_get_str(k.input, STR("end")), &end))
        check_fail(&c, "input.start", "start and end are RFC 3339 times, such as 2026-05-04T15:00:00Z");
    else if (end <= start || end - start > 60 * INT64_C(86400) * US_PER_SEC)
        check_fail(&c, "input.end", "must be after start, by 60 days at most");
    if (c.errors.n)
        batch_set_all(b, cell_object(check_errors(&c)));
    else
        batch_write(b, &(struct write_options){.name = "scheduleProject"}, schedule_project, &k);
}
