#include "services/common.h"
#include "services/integrations/queries.h"
#include "services/services.h"

/* Generated text, here and not in a file of its own: so the table below is made of constants. */
#define data_0 sdl_text
#include "services/integrations/schema.h"
#undef data_0
#include "services/integrations/migrations.h"

static void query_me(struct batch *b)
{
    struct pg_param id = caller_id(b);
    if (id.text.p)
        batch_set_all(b, cell_object(batch_load(b, "User", id.text)));
}

/* Who may not read users finds themself only; other people are names beside what they did. */
static bool reads_users(struct batch *b)
{
    return identity_has_scope(&batch_request(b)->caller, STR("users:read"));
}

static void query_user(struct batch *b)
{
    struct str id = batch_arg_str(b, "id");
    if (is_uuid(id) && (reads_users(b) || str_eq_nocase(id, caller_id(b).text)))
        batch_set_all(b, cell_object(batch_load(b, "User", id)));
}

static void query_users(struct batch *b)
{
    struct pg_param only = reads_users(b) ? (struct pg_param){STR_NONE} : caller_id(b);
    const struct pg_param params[] = {
        {batch_arg_str(b, "role")}, {batch_arg_bool(b, "activeOnly", true) ? STR("true") : STR("false")}, only};
    if (reads_users(b) || only.text.p)
        answer_rows(b, batch_query(b, &USERS, params, 3), "User");
    else
        batch_set_all(b, cell_list(NULL, 0));
}

static void query_integration(struct batch *b)
{
    const struct pg_param params[] = {{batch_arg_str(b, "provider")}};
    answer_row(b, batch_query(b, &INTEGRATIONS, params, 1), "Integration");
}

static void query_integrations(struct batch *b)
{
    const struct pg_param params[] = {{STR_NONE}};
    answer_rows(b, batch_query(b, &INTEGRATIONS, params, 1), "Integration");
}

/* What the role allows: the same table that tokens are made from. */
static void user_scopes(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        const struct str *scopes = role_scopes(role_parse(batch_column(b, i, "role")));
        size_t n = 0;
        while (scopes && scopes[n].p)
            n++;
        struct cell *items = arena_array(batch_arena(b), struct cell, n);
        for (size_t j = 0; j < n; j++)
            items[j] = cell_text(scopes[j]);
        batch_set(b, i, cell_list(items, n));
    }
}

static void timeline(struct batch *b, const struct page_query *q)
{
    enum role role = batch_request(b)->caller.role;
    bool crew = role == ROLE_CREW_LEAD || role == ROLE_PAINTER;
    const struct pg_param params[] = {own_customer(b), {crew ? STR("true") : STR("false")}};
    batch_resolve_page(b, &(struct page_request){.query = q,
                                                 .descending = true,
                                                 .default_first = 25,
                                                 .params = params,
                                                 .n_params = 2,
                                                 .parent_column = "id"});
}

static void customer_timeline(struct batch *b)
{
    timeline(b, &CUSTOMER_TIMELINE);
}

static void project_timeline(struct batch *b)
{
    timeline(b, &PROJECT_TIMELINE);
}

static void integration_connected_by(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "connected_by");
}

static void integration_health(struct batch *b)
{
    batch_resolve_rows(b, &HEALTH_BY_INTEGRATION, "id");
}

static void timeline_item_actor(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "actor_id");
}

static const struct resolver RESOLVERS[] = {{"Query.me", query_me},
                                            {"Query.user", query_user},
                                            {"Query.users", query_users},
                                            {"Query.integration", query_integration},
                                            {"Query.integrations", query_integrations},
                                            {"User.scopes", user_scopes},
                                            {"Integration.connectedBy", integration_connected_by},
                                            {"Integration.health", integration_health},
                                            {"TimelineItem.actor", timeline_item_actor},
                                            {"Customer.timeline", customer_timeline},
                                            {"Project.timeline", project_timeline},
                                            {0}};

static const struct entity ENTITIES[] = {{"User", &USERS_BY_ID, "id"}, {"Integration", &INTEGRATIONS_BY_ID, "id"}, {0}};

static const struct event_handler HANDLERS[] = {{"customers", "*", &TIMELINE_EVENT.st},
                                                {"projects", "*", &TIMELINE_EVENT.st},
                                                {"estimates", "*", &TIMELINE_EVENT.st},
                                                {0}};

const struct service INTEGRATIONS_SERVICE = {
    .name = "integrations",
    .database = "paintbox_integrations",
    .port = 4005,
    .sdl = {sdl_text, sizeof sdl_text - 1},
    .migrations = integrations_migrations_files,
    .n_migrations = sizeof integrations_migrations_files / sizeof *integrations_migrations_files - 1,
    .queries = INTEGRATIONS_QUERIES,
    .resolvers = RESOLVERS,
    .entities = ENTITIES,
    .events = HANDLERS,
};
