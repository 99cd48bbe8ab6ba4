/* The life of a project: which state may follow which, and what has to be true for it. Pure; the rules are a table.
 *
 * Guards look at facts. Those about estimates, deposits, invoices and credit belong to other services: the table
 * `project_facts` (and `customer_facts`) holds what events told; a fact that has not arrived counts as not given. An
 * owner or admin may override guards, never the table of steps; what was skipped is recorded with the transition.
 */
#ifndef PAINTBOX_SERVICES_PROJECTS_LIFECYCLE_H
#define PAINTBOX_SERVICES_PROJECTS_LIFECYCLE_H

#include "base/str.h"

enum project_status {
    PROJECT_DRAFT,
    PROJECT_ESTIMATING,
    PROJECT_AWAITING_APPROVAL,
    PROJECT_APPROVED,
    PROJECT_SCHEDULED,
    PROJECT_IN_PROGRESS,
    PROJECT_ON_HOLD,
    PROJECT_WEATHER_HOLD,
    PROJECT_PUNCH_LIST,
    PROJECT_COMPLETED,
    PROJECT_INVOICED,
    PROJECT_CLOSED,
    PROJECT_CANCELLED,
    PROJECT_STATUSES
};

const char *project_status_name(enum project_status s);
int project_status_parse(struct str s); /* -1 when unknown */

struct project_facts {
    bool estimate_sent, estimate_accepted, deposit_settled, credit_hold, final_invoice,
        balance_settled; /* from other services */
    bool has_crew, has_rrp_crew, has_dates, open_punch_items, has_exterior, lead_safe_required,
        cancelled_lately;             /* from this one */
    bool caller_is_admin, has_reason; /* from the request */
};

/* Is there such a step at all? `held_from` is the state that a hold left; -1 otherwise. */
bool lifecycle_allows(enum project_status from, enum project_status to, int held_from);
/* The next states of a row, in the table's order; the number of them. */
unsigned lifecycle_next(enum project_status from, int held_from, enum project_status out[PROJECT_STATUSES]);

#define LIFECYCLE_GUARDS_MAX 8
/* The guards that refuse the step, as words for programs ("NO_ACCEPTED_ESTIMATE"); the number of them. */
unsigned lifecycle_failed(enum project_status from, enum project_status to, const struct project_facts *f,
                          const char *out[LIFECYCLE_GUARDS_MAX]);

#endif
