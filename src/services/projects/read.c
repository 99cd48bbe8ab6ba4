#include "services/projects/projects.h"

void query_project(struct batch *b)
{
    struct pg_param params[4] = {{batch_arg_str(b, "id")}};
    project_rule(b, params + 1);
    if (is_uuid(params[0].text))
        answer_row(b, batch_query(b, &PROJECT_BY_ID, params, 4), "Project");
}

/* ProjectFilter and the row rule, in the order of the statements. False after batch_fail_all(). */
#define FILTER_PARAMS 15
static bool read_filter(struct batch *b, struct pg_param *out)
{
    const struct json *f = batch_arg(b, "filter"), *scheduled = json_get(f, STR("scheduled")),
                      *updated = json_get(f, STR("updatedAt"));
    struct pg_param circle[3];
    if (!check_filter_id(b, f, "customerId") || !check_filter_id(b, f, "crewId") ||
        !param_circle(b, json_get(f, STR("near")), circle))
        return false;
    const struct pg_param params[FILTER_PARAMS - 3] = {param_list(b, json_get(f, STR("statuses"))),
                                                       param_list(b, json_get(f, STR("types"))),
                                                       param_of(f, "customerId"),
                                                       param_of(f, "crewId"),
                                                       param_of(scheduled, "from"),
                                                       param_of(scheduled, "to"),
                                                       param_of(updated, "from"),
                                                       param_of(updated, "to"),
                                                       circle[0],
                                                       circle[1],
                                                       circle[2],
                                                       param_list(b, json_get(f, STR("tags")))};
    memcpy(out, params, sizeof params);
    project_rule(b, out + FILTER_PARAMS - 3);
    return true;
}

void query_projects(struct batch *b)
{
    struct pg_param params[FILTER_PARAMS];
    if (!read_filter(b, params))
        return;
    struct page_request page = {.query = &PROJECTS, .default_first = 25, .params = params, .n_params = FILTER_PARAMS};
    page_order(b, &page);
    batch_resolve_page(b, &page);
}

void customer_projects_connection(struct batch *b)
{
    struct pg_param params[FILTER_PARAMS];
    if (read_filter(b, params))
        batch_resolve_page(b, &(struct page_request){.query = &CUSTOMER_PROJECTS,
                                                     .descending = true,
                                                     .default_first = 20,
                                                     .params = params,
                                                     .n_params = FILTER_PARAMS,
                                                     .parent_column = "id"});
}

void query_search_projects(struct batch *b)
{
    struct pg_param params[4];
    project_rule(b, params + 1);
    if (search_words(b, params))
        batch_resolve_page(b, &(struct page_request){.query = &SEARCH_PROJECTS,
                                                     .descending = true,
                                                     .default_first = 20,
                                                     .params = params,
                                                     .n_params = 4,
                                                     .edge = edge_score});
}

void query_projects_near(struct batch *b)
{
    struct pg_param params[7];
    if (!param_circle(b, batch_arg(b, "near"), params))
        return;
    params[3] = param_list(b, batch_arg(b, "statuses"));
    project_rule(b, params + 4);
    batch_resolve_page(
        b, &(struct page_request){
               .query = &PROJECTS_NEAR, .default_first = 50, .params = params, .n_params = 7, .edge = edge_distance});
}

static void ruled_lists(struct batch *b, const struct query *q)
{
    struct pg_param rule[3];
    project_rule(b, rule);
    batch_resolve_lists_with(b, q, "id", rule, 3);
}

void customer_projects(struct batch *b)
{
    ruled_lists(b, &PROJECTS_BY_CUSTOMER);
}
void property_projects(struct batch *b)
{
    ruled_lists(b, &PROJECTS_BY_PROPERTY);
}

/* One row for each customer who has projects; the others get a summary of nothing. */
void customer_project_summary(struct batch *b)
{
    struct pg_param params[4];
    struct str *keys = arena_array(batch_arena(b), struct str, batch_size(b));
    for (size_t i = 0; i < batch_size(b); i++)
        keys[i] = batch_column(b, i, "id");
    params[0] = (struct pg_param){pg_array(batch_arena(b), keys, batch_size(b))};
    project_rule(b, params + 1);
    struct pg_result *r = batch_query(b, &PROJECT_SUMMARY, params, 4);
    for (size_t i = 0; r && i < batch_size(b); i++) {
        struct object *o = object_new(b, "CustomerProjectSummary");
        object_put(o, "total", cell_int(0));
        object_put(o, "active", cell_int(0));
        object_put(o, "completed", cell_int(0));
        for (size_t j = 0; j < r->n_rows; j++)
            if (str_eq(pg_get(r, j, 0), keys[i]))
                o = object_of_row(b, "CustomerProjectSummary", r, j);
        batch_set(b, i, cell_object(o));
    }
}

/* ---- crews and blocks ---- */

void query_crew(struct batch *b)
{
    struct str id = batch_arg_str(b, "id");
    if (is_uuid(id))
        batch_set_all(b, cell_object(batch_load(b, "Crew", id)));
}

void query_crews(struct batch *b)
{
    const struct pg_param params[] = {{batch_arg_bool(b, "activeOnly", true) ? STR("true") : STR("false")}};
    answer_rows(b, batch_query(b, &CREWS, params, 1), "Crew");
}

void query_schedule(struct batch *b)
{
    const struct json *range = batch_arg(b, "range"), *crews = batch_arg(b, "crewIds");
    struct pg_param rule[3];
    for (uint32_t i = 0; crews && crews->kind == JSON_ARRAY && i < crews->n; i++)
        if (!is_uuid(crews->items[i]->text)) {
            batch_fail_all(b, "BAD_USER_INPUT", "\"crewIds\" has something that is no id");
            return;
        }
    project_rule(b, rule);
    if (rule[0].text.p) { /* the board is the company's, not a customer's */
        batch_set_all(b, cell_list(NULL, 0));
        return;
    }
    const struct pg_param params[] = {param_of(range, "from"), param_of(range, "to"), param_list(b, crews), rule[1],
                                      rule[2]};
    answer_rows(b, batch_query(b, &SCHEDULE, params, 5), "ScheduleBlock");
}

static void blocks(struct batch *b, const struct query *q)
{
    const struct json *range = batch_arg(b, "range");
    const struct pg_param extra[] = {param_of(range, "from"), param_of(range, "to")};
    batch_resolve_lists_with(b, q, "id", extra, 2);
}

void project_schedule_blocks(struct batch *b)
{
    blocks(b, &BLOCKS_BY_PROJECT);
}
void crew_blocks(struct batch *b)
{
    blocks(b, &BLOCKS_BY_CREW);
}
void user_schedule_blocks(struct batch *b)
{
    blocks(b, &BLOCKS_BY_USER);
}
