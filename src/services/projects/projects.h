/* Private to projects: what its files share. */
#ifndef PAINTBOX_SERVICES_PROJECTS_PROJECTS_H
#define PAINTBOX_SERVICES_PROJECTS_PROJECTS_H

#include "services/common.h"
#include "services/projects/queries.h"

/* read.c */
void query_project(struct batch *b);
void query_projects(struct batch *b);
void query_search_projects(struct batch *b);
void query_projects_near(struct batch *b);
void query_crew(struct batch *b);
void query_crews(struct batch *b);
void query_schedule(struct batch *b);
void customer_projects(struct batch *b);
void customer_projects_connection(struct batch *b);
void customer_project_summary(struct batch *b);
void property_projects(struct batch *b);
void project_schedule_blocks(struct batch *b);
void crew_blocks(struct batch *b);
void user_schedule_blocks(struct batch *b);

/* write.c */
void mutation_create_project(struct batch *b);
void mutation_update_project(struct batch *b);
void mutation_add_task(struct batch *b);
void mutation_set_task_done(struct batch *b);
/* The row, locked, of the expected version and visible to the caller; NULL when the write has its answer. */
struct pg_result *lock_project(struct write *w, struct str id, int64_t expected);
/* `after` is the row of an update: version, number, row_json. */
void project_event(struct write *w, const struct pg_result *before, const struct pg_result *after, const char *action,
                   struct str summary);
struct object *project_success(struct batch *b, const char *type, struct str id);

/* transition.c */
void mutation_transition_project(struct batch *b);
void project_allowed_transitions(struct batch *b);

/* schedule.c */
void mutation_schedule_project(struct batch *b);

#endif
