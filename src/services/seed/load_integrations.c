#include "services/seed/load.h"

static void add_users(struct buf *b, struct world *w)
{
    for (unsigned i = 0; i < SEED_USERS; i++) {
        const struct seed_user *u = &w->users[i];
        row_id(b, SEED_USER, i);
        row_c(b, u->name);
        row_str(b, u->email);
        row_str(b, u->phone);
        row_c(b, u->role);
        row_bool(b, i % 31 != 30);
        row_c(b, METROS[u->metro].time_zone);
        row_time(b, w->now_us - (int64_t)(i + 1) * 3600 * US_PER_SEC);
        row_time(b, w->now_us - 1100 * DAY_US);
        row_time(b, w->now_us - 1100 * DAY_US);
        row_end(b);
    }
}

static const struct {
    const char *provider, *name, *status, *account, *error;
    int requests, errors, p50, p95;
} CONNECTIONS[] = {
    {"SALESFORCE", "Salesforce", "CONNECTED", "00D5g0000051Paint", NULL, 412, 2, 180, 640},
    {"COMPANYCAM", "CompanyCam", "CONNECTED", "Paintbox Denver", "429 Too Many Requests", 388, 31, 240, 2350},
    {"WEATHER", "Weather", "CONNECTED", NULL, NULL, 96, 0, 90, 210},
    {"PDF", "PDF", "CONNECTED", NULL, NULL, 24, 0, 420, 900},
    {"EMAIL", "Email", "CONNECTED", "office@paintbox.example", NULL, 140, 1, 110, 380},
    {"QUICKBOOKS", "QuickBooks", "NOT_CONNECTED", NULL, NULL, 0, 0, 0, 0},
    {"PAYMENTS", "Payments", "NOT_CONNECTED", NULL, NULL, 0, 0, 0, 0},
};
#define N_CONNECTIONS (sizeof CONNECTIONS / sizeof *CONNECTIONS)

static void add_connections(struct buf *b, struct world *w)
{
    for (unsigned i = 0; i < N_CONNECTIONS; i++) {
        bool connected = strcmp(CONNECTIONS[i].status, "CONNECTED") == 0;
        row_id(b, SEED_INTEGRATION, i);
        row_c(b, CONNECTIONS[i].provider);
        row_c(b, CONNECTIONS[i].name);
        row_c(b, CONNECTIONS[i].status);
        row_c(b, CONNECTIONS[i].account);
        if (connected)
            row_id(b, SEED_USER, 0);
        else
            row_null(b);
        row_time(b, connected ? w->now_us - 700 * DAY_US : 0);
        row_time(b, w->now_us - 720 * DAY_US);
        row_time(b, w->now_us - DAY_US);
        row_end(b);
    }
}

static void add_health(struct buf *b, struct world *w)
{
    for (unsigned i = 0; i < N_CONNECTIONS; i++) {
        row_id(b, SEED_INTEGRATION, i);
        row_int(b, CONNECTIONS[i].requests);
        row_int(b, CONNECTIONS[i].errors);
        row_int(b, CONNECTIONS[i].p50);
        row_int(b, CONNECTIONS[i].p95);
        row_c(b, CONNECTIONS[i].error);
        row_time(b, w->now_us);
        row_end(b);
    }
}

struct event {
    int64_t at;
    const char *kind, *entity;
    struct str summary;
    enum seed_kind entity_kind;
    uint64_t entity_id;
    unsigned customer, actor;
    int project; /* -1: none */
};

static void add_event(struct buf *b, uint64_t *n, const struct event *e)
{
    row_id(b, SEED_TIMELINE, (*n)++);
    row_time(b, e->at);
    row_c(b, e->kind);
    row_str(b, e->summary);
    row_id(b, SEED_USER, e->actor);
    row_c(b, e->entity);
    row_id(b, e->entity_kind, e->entity_id);
    row_id(b, SEED_CUSTOMER, e->customer);
    if (e->project >= 0)
        row_id(b, SEED_PROJECT, (uint64_t)e->project);
    else
        row_null(b);
    row_end(b);
}

static void add_estimate_events(struct buf *b, uint64_t *n, struct world *w, struct arena *a, unsigned i)
{
    const struct seed_estimate *e = &w->estimates[i];
    const struct seed_project *p = &w->projects[e->project];
    struct event event = {.entity = "Estimate",
                          .entity_kind = SEED_ESTIMATE,
                          .entity_id = i,
                          .customer = p->customer,
                          .actor = w->customers[p->customer].owner,
                          .project = (int)e->project};
    if (e->sent_us) {
        event.at = e->sent_us;
        event.kind = "estimate.sent";
        event.summary = arena_printf(a, "Estimate sent: %.*s", STR_ARG(p->name));
        add_event(b, n, &event);
    }
    if (e->tier) {
        event.at = e->updated_us;
        event.kind = "estimate.accepted";
        event.summary = arena_printf(a, "Estimate accepted (%s): %.*s", e->tier, STR_ARG(p->name));
        add_event(b, n, &event);
    }
}

static void add_timeline(struct buf *b, struct world *w, struct arena *a)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++)
        add_event(b, &n,
                  &(struct event){.at = w->customers[i].created_us,
                                  .kind = "customer.created",
                                  .summary = STR("Customer created"),
                                  .entity = "Customer",
                                  .entity_kind = SEED_CUSTOMER,
                                  .entity_id = i,
                                  .customer = i,
                                  .actor = 9 + i % 6,
                                  .project = -1});
    for (unsigned i = 0; i < SEED_PROJECTS; i++) {
        const struct seed_project *p = &w->projects[i];
        struct event e = {.at = p->created_us,
                          .kind = "project.created",
                          .entity = "Project",
                          .entity_kind = SEED_PROJECT,
                          .entity_id = i,
                          .summary = arena_printf(a, "Project created: %.*s", STR_ARG(p->name)),
                          .customer = p->customer,
                          .actor = w->customers[p->customer].owner,
                          .project = (int)i};
        add_event(b, &n, &e);
        e.at = p->updated_us;
        e.kind = "project.status_changed";
        e.summary = arena_printf(a, "%.*s is now %s", STR_ARG(p->name), STATUS_NAMES[p->status]);
        if (p->status != ST_DRAFT)
            add_event(b, &n, &e);
    }
    for (unsigned i = 0; i < SEED_ESTIMATES; i++)
        add_estimate_events(b, &n, w, a, i);
}

int integrations_load(struct world *w, PGconn *conn, struct err *err)
{
    struct buf b;
    struct arena *a = arena_new(64u << 20);
    buf_init(&b, COPY_BYTES_MAX);
    int status = copy_run(conn, "begin", err);
    add_users(&b, w);
    if (status == 0)
        status = copy_rows(
            conn, "users (id, name, email, phone, role, active, time_zone, last_seen_at, created_at, updated_at)", &b,
            err);
    add_connections(&b, w);
    if (status == 0)
        status = copy_rows(
            conn,
            "integrations (id, provider, display_name, status, account_label, connected_by, connected_at, created_at, "
            "updated_at)",
            &b, err);
    add_health(&b, w);
    if (status == 0)
        status = copy_rows(
            conn, "integration_health (integration_id, requests, errors, p50_ms, p95_ms, last_error, checked_at)", &b,
            err);
    add_timeline(&b, w, a);
    if (status == 0)
        status = copy_rows(
            conn, "timeline_items (id, at, kind, summary, actor_id, entity_type, entity_id, customer_id, project_id)",
            &b, err);
    buf_free(&b);
    arena_free(&a);
    return status == 0 && copy_run(conn, "commit", err) == 0 ? copy_run(conn, "analyze", err) : -1;
}
