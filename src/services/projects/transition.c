#include "services/projects/lifecycle.h"
#include "services/projects/projects.h"

struct transition {
    const struct json *input;
    struct str id, reason;
    enum project_status from, to;
    int held_from;
    bool override;
    struct project_facts facts;
};

static struct cell status_list(struct batch *b, enum project_status from, int held_from)
{
    enum project_status next[PROJECT_STATUSES];
    unsigned n = lifecycle_next(from, held_from, next);
    struct cell *items = arena_array(batch_arena(b), struct cell, n);
    for (unsigned i = 0; i < n; i++)
        items[i] = cell_text(str_c(project_status_name(next[i])));
    return cell_list(items, n);
}

void project_allowed_transitions(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        int from = project_status_parse(batch_column(b, i, "status"));
        if (from >= 0)
            batch_set(b, i,
                      status_list(b, (enum project_status)from, project_status_parse(batch_column(b, i, "held_from"))));
    }
}

static struct object *illegal_error(struct batch *b, const struct transition *t, struct str message,
                                    const char *const *failed, unsigned n)
{
    struct object *o = object_new(b, "IllegalProjectTransitionError");
    struct cell *items = arena_array(batch_arena(b), struct cell, n);
    for (unsigned i = 0; i < n; i++)
        items[i] = cell_text(str_c(failed[i]));
    object_put(o, "code", cell_text(STR("ILLEGAL_TRANSITION")));
    object_put(o, "message", cell_text(message));
    object_put(o, "from", cell_text(str_c(project_status_name(t->from))));
    object_put(o, "to", cell_text(str_c(project_status_name(t->to))));
    object_put(o, "allowed", status_list(b, t->from, t->held_from));
    object_put(o, "failedGuards", cell_list(items, n));
    return o;
}

static bool is_admin(struct batch *b)
{
    enum role role = batch_request(b)->caller.role;
    return role == ROLE_OWNER || role == ROLE_ADMIN;
}

/* Steps that a crew lead takes on site. */
static bool crew_may(const struct transition *t)
{
    return (t->from == PROJECT_SCHEDULED && t->to == PROJECT_IN_PROGRESS) ||
           (t->from == PROJECT_WEATHER_HOLD && t->to == PROJECT_IN_PROGRESS) ||
           (t->from == PROJECT_IN_PROGRESS && (t->to == PROJECT_PUNCH_LIST || t->to == PROJECT_WEATHER_HOLD)) ||
           (t->from == PROJECT_PUNCH_LIST && (t->to == PROJECT_COMPLETED || t->to == PROJECT_IN_PROGRESS));
}

/* What the caller may not do whatever the project's state; NULL: nothing. */
static struct object *forbidden(struct batch *b, const struct transition *t)
{
    static const char *const scopes[] = {"projects:write"};
    enum role role = batch_request(b)->caller.role;
    if (t->override && !is_admin(b))
        return forbidden_error(b, "only an owner or admin overrides guards", scopes, 1);
    if (role == ROLE_PAINTER || role == ROLE_CUSTOMER)
        return forbidden_error(b, "your role does not move projects", scopes, 1);
    if (role == ROLE_CREW_LEAD && !crew_may(t))
        return forbidden_error(b, "a crew lead starts, pauses for weather and finishes work; the office does the rest",
                               scopes, 1);
    return NULL;
}

static bool read_facts(struct write *w, struct transition *t)
{
    const struct pg_param params[] = {{t->id}};
    struct pg_result *r = write_query(w, &GUARD_FACTS, params, 1);
    if (!r || !r->n_rows)
        return false;
    t->facts = (struct project_facts){
        .estimate_sent = row_true(r, 0, "estimate_sent"),
        .estimate_accepted = row_true(r, 0, "estimate_accepted"),
        .deposit_settled = row_true(r, 0, "deposit_settled"),
        .credit_hold = row_true(r, 0, "credit_hold"),
        .final_invoice = row_true(r, 0, "final_invoice"),
        .balance_settled = row_true(r, 0, "balance_settled"),
        .has_crew = row_true(r, 0, "has_crew"),
        .has_rrp_crew = row_true(r, 0, "has_rrp"),
        .has_dates = row_true(r, 0, "has_dates"),
        .open_punch_items = row_true(r, 0, "open_punch"),
        .has_exterior = row_true(r, 0, "has_exterior"),
        .lead_safe_required = row_true(r, 0, "lead_safe_required"),
        .cancelled_lately = row_true(r, 0, "cancelled_lately"),
        .caller_is_admin = is_admin(w->batch),
        .has_reason = str_trim(t->reason).len > 0,
    };
    return true;
}

static struct str guard_words(struct batch *b, const char *const *failed, unsigned n)
{
    struct str text = STR_NONE;
    for (unsigned i = 0; i < n; i++)
        text = arena_printf(batch_arena(b), "%.*s%s%s", STR_ARG(text), i ? ", " : "", failed[i]);
    return text;
}

static bool record_step(struct write *w, const struct transition *t, const char *const *skipped, unsigned n)
{
    struct str *words = arena_array(batch_arena(w->batch), struct str, n);
    for (unsigned i = 0; i < n; i++)
        words[i] = str_c(skipped[i]);
    const struct pg_param params[] = {{new_id(w->batch)},
                                      {t->id},
                                      {str_c(project_status_name(t->from))},
                                      {str_c(project_status_name(t->to))},
                                      {t->reason},
                                      {t->override ? STR("true") : STR("false")},
                                      {pg_array(batch_arena(w->batch), words, n)},
                                      caller_id(w->batch)};
    return write_query(w, &TRANSITION_INSERT, params, 8) != NULL;
}

static void move(struct write *w, struct transition *t, const struct pg_result *before, const char *const *skipped,
                 unsigned n)
{
    bool holds = t->to == PROJECT_ON_HOLD;
    const struct pg_param params[] = {
        {t->id}, {str_c(project_status_name(t->to))}, {holds ? str_c(project_status_name(t->from)) : STR_NONE}};
    struct pg_result *r = write_query(w, &PROJECT_MOVE, params, 3);
    if (!r || !record_step(w, t, skipped, n))
        return;
    struct str number = row_text(r, 0, "number");
    project_event(w, before, r, "project.status_changed",
                  arena_printf(batch_arena(w->batch), "Project %.*s: %s → %s%s", STR_ARG(number),
                               project_status_name(t->from), project_status_name(t->to),
                               n ? " (guards overridden)" : ""));
    write_result(w, project_success(w->batch, "ProjectSuccess", t->id));
}

static void transition_project(struct write *w)
{
    struct transition *t = w->arg;
    struct batch *b = w->batch;
    int64_t expected = 0;
    const char *failed[LIFECYCLE_GUARDS_MAX];
    json_to_i64(json_get(t->input, STR("expectedVersion")), &expected);
    struct pg_result *before = lock_project(w, t->id, expected);
    if (!before)
        return;
    t->from = (enum project_status)project_status_parse(row_text(before, 0, "status"));
    t->held_from = project_status_parse(row_text(before, 0, "held_from"));
    struct object *no = forbidden(b, t);
    if (no) {
        write_reject(w, no);
        return;
    }
    if (!lifecycle_allows(t->from, t->to, t->held_from)) {
        struct str message = arena_printf(batch_arena(b), "a project in %s cannot go to %s",
                                          project_status_name(t->from), project_status_name(t->to));
        write_reject(w, illegal_error(b, t, message, NULL, 0));
        return;
    }
    if (!read_facts(w, t))
        return;
    unsigned n = lifecycle_failed(t->from, t->to, &t->facts, failed);
    if (n && !t->override) {
        struct str words = guard_words(b, failed, n);
        write_reject(w, illegal_error(b, t,
                                      arena_printf(batch_arena(b), "%s needs more first: %.*s",
                                                   project_status_name(t->to), STR_ARG(words)),
                                      failed, n));
        return;
    }
    move(w, t, before, failed, n);
}

void mutation_transition_project(struct batch *b)
{
    struct transition t = {.input = batch_arg(b, "input")};
    struct check c = {.b = b};
    t.id = json_get_str(t.input, STR("projectId"));
    t.reason = json_get_str(t.input, STR("reason"));
    t.override = json_is_true(t.input, "override");
    t.to = (enum project_status)project_status_parse(json_get_str(t.input, STR("to")));
    check_strings(&c, "input", t.input);
    if (c.errors.n) {
        batch_set_all(b, cell_object(check_errors(&c)));
        return;
    }
    batch_write(b, &(struct write_options){.name = "transitionProject"}, transition_project, &t);
}
