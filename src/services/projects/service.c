#include "services/projects/projects.h"
#include "services/services.h"

/* Generated text, here and not in a file of its own: so the table below is made of constants. */
#define data_0 sdl_text
#include "services/projects/schema.h"
#undef data_0
#include "services/projects/migrations.h"

static void project_customer(struct batch *b)
{
    batch_resolve_refs(b, "Customer", "id", "customer_id");
}
static void project_property(struct batch *b)
{
    batch_resolve_refs(b, "Property", "id", "property_id");
}
static void project_status_history(struct batch *b)
{
    batch_resolve_lists(b, &TRANSITIONS_BY_PROJECT, "id");
}
static void project_crews(struct batch *b)
{
    batch_resolve_lists(b, &ASSIGNMENTS_BY_PROJECT, "id");
}
static void project_tasks(struct batch *b)
{
    batch_resolve_lists(b, &TASKS_BY_PROJECT, "id");
}
static void transition_actor(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "actor_id");
}
static void task_assignee(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "assignee_id");
}
static void task_completed_by(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "completed_by");
}
static void crew_lead(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "lead_user_id");
}
static void crew_members(struct batch *b)
{
    batch_resolve_lists(b, &MEMBERS_BY_CREW, "id");
}
static void member_user(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "user_id");
}
static void crew_of(struct batch *b)
{
    batch_resolve_refs(b, "Crew", "id", "crew_id");
}
static void block_project(struct batch *b)
{
    batch_resolve_refs(b, "Project", "id", "project_id");
}
static void user_crews(struct batch *b)
{
    batch_resolve_lists(b, &CREWS_BY_USER, "id");
}

static const struct resolver RESOLVERS[] = {{"Project.customer", project_customer},
                                            {"Project.property", project_property},
                                            {"Project.allowedTransitions", project_allowed_transitions},
                                            {"Project.statusHistory", project_status_history},
                                            {"Project.crews", project_crews},
                                            {"Project.scheduleBlocks", project_schedule_blocks},
                                            {"Project.tasks", project_tasks},
                                            {"ProjectTransition.actor", transition_actor},
                                            {"ProjectTask.assignee", task_assignee},
                                            {"ProjectTask.completedBy", task_completed_by},
                                            {"Crew.lead", crew_lead},
                                            {"Crew.members", crew_members},
                                            {"Crew.blocks", crew_blocks},
                                            {"CrewMember.user", member_user},
                                            {"CrewAssignment.crew", crew_of},
                                            {"ScheduleBlock.project", block_project},
                                            {"ScheduleBlock.crew", crew_of},
                                            {"Customer.projects", customer_projects},
                                            {"Customer.projectsConnection", customer_projects_connection},
                                            {"Customer.projectSummary", customer_project_summary},
                                            {"Property.projects", property_projects},
                                            {"User.crews", user_crews},
                                            {"User.scheduleBlocks", user_schedule_blocks},
                                            {"Query.project", query_project},
                                            {"Query.projects", query_projects},
                                            {"Query.searchProjects", query_search_projects},
                                            {"Query.projectsNear", query_projects_near},
                                            {"Query.crew", query_crew},
                                            {"Query.crews", query_crews},
                                            {"Query.schedule", query_schedule},
                                            {"Mutation.createProject", mutation_create_project},
                                            {"Mutation.updateProject", mutation_update_project},
                                            {"Mutation.transitionProject", mutation_transition_project},
                                            {"Mutation.scheduleProject", mutation_schedule_project},
                                            {"Mutation.addTask", mutation_add_task},
                                            {"Mutation.setTaskDone", mutation_set_task_done},
                                            {0}};

static const struct entity ENTITIES[] = {
    {"Project", &PROJECTS_BY_ID, "id", project_entity_rule}, {"Crew", &CREWS_BY_ID, "id"}, {0}};

static const struct event_handler HANDLERS[] = {{"customers", "customer.*", &CUSTOMER_EVENT.st},
                                                {"customers", "property.*", &SITE_EVENT_LOCK.st},
                                                {"customers", "property.*", &PROPERTY_EVENT.st},
                                                {"estimates", "estimate.*", &ESTIMATE_EVENT.st},
                                                {0}};

const struct service PROJECTS_SERVICE = {
    .name = "projects",
    .database = "paintbox_projects",
    .port = 4004,
    .sdl = {sdl_text, sizeof sdl_text - 1},
    .migrations = projects_migrations_files,
    .n_migrations = sizeof projects_migrations_files / sizeof *projects_migrations_files - 1,
    .queries = PROJECTS_QUERIES,
    .resolvers = RESOLVERS,
    .entities = ENTITIES,
    .events = HANDLERS,
};
