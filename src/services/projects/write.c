#include "services/projects/projects.h"

struct project_write {
    const struct json *input;
    struct str id, text;
    int64_t expected;
    struct object *refused;
};

struct object *project_success(struct batch *b, const char *type, struct str id)
{
    return success_of(b, type, "project", object_of_ref(b, "Project", "id", id));
}

void project_event(struct write *w, const struct pg_result *before, const struct pg_result *after, const char *action,
                   struct str summary)
{
    struct json *row = json_parse(batch_arena(w->batch), row_text(after, 0, "row_json"), NULL);
    struct str id = json_get_str(row, STR("id"));
    int64_t version = 1;
    json_to_i64(json_get(row, STR("version")), &version);
    write_event(w, &(struct change){.entity = "Project",
                                    .id = id,
                                    .version = version,
                                    .action = action,
                                    .before = before ? row_text(before, 0, "row_json") : STR_NONE,
                                    .after = row_text(after, 0, "row_json"),
                                    .summary = summary,
                                    .customer = json_get_str(row, STR("customer_id")),
                                    .project = id});
}

/* A crew lead may write to the projects of their crews only: to all others they are not there. */
static bool is_visible(struct write *w, struct str id)
{
    struct pg_param params[4] = {{id}};
    project_rule(w->batch, params + 1);
    struct pg_result *r = write_query(w, &PROJECT_BY_ID, params, 4);
    return r && r->n_rows;
}

struct pg_result *lock_project(struct write *w, struct str id, int64_t expected)
{
    const struct pg_param params[] = {{id}};
    struct pg_result *r = is_uuid(id) ? write_query(w, &PROJECT_LOCK, params, 1) : NULL;
    if (is_uuid(id) && !r)
        return NULL;
    if (!r || !r->n_rows || !is_visible(w, id)) {
        write_reject(w, not_found_error(w->batch, "project", id));
        return NULL;
    }
    if (row_number(r, 0, "version") != expected) {
        write_reject(w, conflict_error(w->batch, expected, row_number(r, 0, "version")));
        return NULL;
    }
    return r;
}

static void check_project(struct check *c, const struct json *input)
{
    const struct json *tags = json_get(input, STR("tags")), *custom = json_get(input, STR("customFields"));
    check_strings(c, "input", input);
    check_text(c, input, "input.name", "name", 200);
    check_id(c, input, "input.customerId", "customerId");
    check_id(c, input, "input.propertyId", "propertyId");
    if (tags && tags->kind == JSON_ARRAY && tags->n > 50)
        check_fail(c, "input.tags", "has more than 50 tags");
    if (custom && custom->kind != JSON_OBJECT && custom->kind != JSON_NULL)
        check_fail(c, "input.customFields", "is a JSON object");
}

/* ---- create ---- */

/* What is known of the customer and the site must fit; what has not been told yet is taken on trust. False: the write
 * has its answer. */
static bool references_fit(struct write *w, const struct json *input)
{
    struct str customer = json_get_str(input, STR("customerId")), property = json_get_str(input, STR("propertyId"));
    const struct pg_param by_customer[] = {{customer}}, by_property[] = {{property}};
    struct pg_result *key = write_query(w, &CUSTOMER_KEY, by_customer, 1);
    bool locked = key && write_query(w, &SITE_LOCK, by_property, 1);
    struct pg_result *site = locked ? write_query(w, &PROPERTY_FACTS, by_property, 1) : NULL;
    if (!site)
        return false;
    if (key->n_rows && (row_true(key, 0, "deleted") || row_text(key, 0, "merged_into").p)) {
        write_reject(w, not_found_error(w->batch, "customer", customer));
        return false;
    }
    if (site->n_rows && !str_eq_nocase(row_text(site, 0, "customer_id"), customer)) {
        write_reject(w, validation_error(
                            w->batch,
                            &(struct field_error){"input.propertyId", STR("this job site belongs to another customer")},
                            1));
        return false;
    }
    return true;
}

static bool note_first_state(struct write *w, struct str id)
{
    const struct pg_param params[] = {{new_id(w->batch)}, {id},           {STR_NONE},  {STR("DRAFT")},
                                      {STR_NONE},         {STR("false")}, {STR("{}")}, caller_id(w->batch)};
    return write_query(w, &TRANSITION_INSERT, params, 8) != NULL;
}

static void create_project(struct write *w)
{
    struct project_write *pw = w->arg;
    if (pw->refused) {
        write_reject(w, pw->refused);
        return;
    }
    pw->id = new_id(w->batch);
    const struct pg_param params[] = {{pw->id}, {pw->text}, caller_id(w->batch)};
    struct pg_result *r = references_fit(w, pw->input) ? write_query(w, &PROJECT_INSERT, params, 3) : NULL;
    if (!r || !note_first_state(w, pw->id))
        return;
    struct str name = json_get_str(pw->input, STR("name"));
    project_event(w, NULL, r, "project.created",
                  arena_printf(batch_arena(w->batch), "Project created: %.*s", STR_ARG(name)));
    write_result(w, project_success(w->batch, "ProjectSuccess", pw->id));
}

static void prepare(struct batch *b, struct project_write *pw)
{
    struct check c = {.b = b};
    pw->input = batch_arg(b, "input");
    check_project(&c, pw->input);
    pw->refused = check_errors(&c);
    pw->text = json_text(b, pw->input);
}

void mutation_create_project(struct batch *b)
{
    struct project_write pw = {0};
    prepare(b, &pw);
    batch_write(b, &(struct write_options){"createProject", json_get_str(pw.input, STR("idempotencyKey"))},
                create_project, &pw);
}

/* ---- update ---- */

static void update_project(struct write *w)
{
    struct project_write *pw = w->arg;
    if (pw->refused) {
        write_reject(w, pw->refused);
        return;
    }
    struct pg_result *before = lock_project(w, pw->id, pw->expected);
    const struct pg_param params[] = {{pw->id}, {pw->text}};
    struct pg_result *r = before ? write_query(w, &PROJECT_UPDATE, params, 2) : NULL;
    if (!r)
        return;
    struct str number = row_text(r, 0, "number");
    project_event(w, before, r, "project.updated",
                  arena_printf(batch_arena(w->batch), "Project %.*s updated", STR_ARG(number)));
    write_result(w, project_success(w->batch, "ProjectSuccess", pw->id));
}

void mutation_update_project(struct batch *b)
{
    struct project_write pw = {0};
    prepare(b, &pw);
    pw.id = json_get_str(pw.input, STR("id"));
    json_to_i64(json_get(pw.input, STR("expectedVersion")), &pw.expected);
    batch_write(b, &(struct write_options){.name = "updateProject"}, update_project, &pw);
}

/* ---- tasks ---- */

static void task_event(struct write *w, const struct pg_result *task, struct str customer, int64_t version,
                       struct str before, const char *action, const char *verb)
{
    struct str title = row_text(task, 0, "title");
    write_event(
        w, &(struct change){.entity = "ProjectTask",
                            .id = row_text(task, 0, "id"),
                            .version = version,
                            .action = action,
                            .before = before,
                            .after = row_text(task, 0, "row_json"),
                            .customer = customer,
                            .project = row_text(task, 0, "project_id"),
                            .summary = arena_printf(batch_arena(w->batch), "Task %s: %.*s", verb, STR_ARG(title))});
}

static void answer_task(struct write *w, const struct pg_result *r)
{
    write_result(w, success_of(w->batch, "TaskSuccess", "task", object_of_row(w->batch, "ProjectTask", r, 0)));
}

static void add_task(struct write *w)
{
    struct batch *b = w->batch;
    struct check c = {.b = b};
    struct str project = batch_arg_str(b, "projectId"), title = batch_arg_str(b, "title"),
               assignee = batch_arg_str(b, "assigneeId");
    if (str_trim(title).len == 0 || title.len > 500 || memchr(title.p, 0, title.len))
        check_fail(&c, "title", "has 1 to 500 bytes and no U+0000");
    if (assignee.p && !is_uuid(assignee))
        check_fail(&c, "assigneeId", "is no id: an id is a UUID");
    if (check_errors(&c)) {
        write_reject(w, check_errors(&c));
        return;
    }
    const struct pg_param lock[] = {{project}};
    struct pg_result *p = is_uuid(project) && is_visible(w, project) ? write_query(w, &PROJECT_LOCK, lock, 1) : NULL;
    if (!p || !p->n_rows) {
        write_reject(w, not_found_error(b, "project", project));
        return;
    }
    const struct pg_param params[] = {{new_id(b)},
                                      {project},
                                      {title},
                                      {batch_arg_str(b, "kind")},
                                      {batch_arg_str(b, "dueOn")},
                                      {assignee},
                                      {batch_arg_str(b, "area")}};
    struct pg_result *r = write_query(w, &TASK_INSERT, params, 7);
    if (!r)
        return;
    task_event(w, r, row_text(p, 0, "customer_id"), 1, STR_NONE, "task.created", "added");
    answer_task(w, r);
}

void mutation_add_task(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "addTask"}, add_task, NULL);
}

static void set_task_done(struct write *w)
{
    struct batch *b = w->batch;
    struct str id = batch_arg_str(b, "id");
    const struct pg_param lock[] = {{id}};
    struct pg_result *before = is_uuid(id) ? write_query(w, &TASK_LOCK, lock, 1) : NULL;
    if (!before || !before->n_rows || !is_visible(w, row_text(before, 0, "project_id"))) {
        write_reject(w, not_found_error(b, "task", id));
        return;
    }
    bool done = batch_arg_bool(b, "done", true);
    const struct pg_param params[] = {{id}, {done ? STR("true") : STR("false")}, caller_id(b)};
    struct pg_result *r = write_query(w, &TASK_DONE, params, 3);
    if (!r)
        return;
    task_event(w, r, row_text(before, 0, "customer_id"), 2, row_text(before, 0, "row_json"), "task.updated",
               done ? "done" : "opened again");
    answer_task(w, r);
}

void mutation_set_task_done(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "setTaskDone"}, set_task_done, NULL);
}
