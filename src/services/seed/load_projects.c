#include "services/seed/load.h"

/* The states that a project went through on its way to where it is. */
static unsigned path_to(const struct seed_project *p, enum seed_status *path)
{
    static const enum seed_status line[] = {ST_DRAFT,       ST_ESTIMATING, ST_AWAITING,  ST_APPROVED, ST_SCHEDULED,
                                            ST_IN_PROGRESS, ST_PUNCH,      ST_COMPLETED, ST_INVOICED, ST_CLOSED};
    enum seed_status upto = p->status == ST_ON_HOLD     ? p->held_from
                            : p->status == ST_WEATHER   ? ST_IN_PROGRESS
                            : p->status == ST_CANCELLED ? ST_AWAITING
                                                        : p->status;
    unsigned n = 0;
    while (n < sizeof line / sizeof *line) {
        path[n] = line[n];
        if (line[n++] == upto)
            break;
    }
    if (upto != p->status)
        path[n++] = p->status;
    return n;
}

static void add_site(struct buf *b, const struct seed_property *site)
{
    const struct metro *m = &METROS[site->metro];
    row_str(b, site->line1);
    row_c(b, m->suburbs[site->suburb].city);
    row_c(b, m->region);
    row_c(b, m->suburbs[site->suburb].postal);
    row_c(b, "US");
    row_c(b, m->time_zone);
    row_double(b, site->lat);
    row_double(b, site->lng);
    row_bool(b, site->lead_safe);
}

static int year_of(int64_t us)
{
    char text[11];
    date_format((int32_t)(us / DAY_US), text);
    return atoi(text);
}

static void add_project(struct buf *b, struct world *w, unsigned i)
{
    static const char *const priorities[] = {"NORMAL", "NORMAL", "NORMAL", "NORMAL", "HIGH", "LOW", "NORMAL", "URGENT"};
    const struct seed_project *p = &w->projects[i];
    enum seed_status path[16];
    bool dated = p->start_us && p->status != ST_APPROVED;
    char number[24];
    snprintf(number, sizeof number, "P-%d-%05u", year_of(p->created_us), i + 1);
    row_id(b, SEED_PROJECT, i);
    row_c(b, number);
    row_id(b, SEED_CUSTOMER, p->customer);
    row_id(b, SEED_PROPERTY, p->property);
    row_str(b, p->name);
    row_c(b, p->type);
    row_c(b, STATUS_NAMES[p->status]);
    row_c(b, p->status == ST_ON_HOLD ? STATUS_NAMES[p->held_from] : NULL);
    row_time(b, p->status == ST_CANCELLED ? p->updated_us : 0);
    row_c(b, priorities[i % 8]);
    add_site(b, &w->properties[p->property]);
    row_time(b, dated ? p->start_us : 0);
    row_time(b, dated ? p->end_us : 0);
    row_time(b, p->status >= ST_IN_PROGRESS && p->status < ST_CANCELLED && p->status != ST_ON_HOLD ? p->start_us : 0);
    row_time(b, p->status >= ST_COMPLETED && p->status < ST_CANCELLED ? p->end_us : 0);
    if (p->accepted >= 0) {
        const struct seed_estimate *e = &w->estimates[p->accepted];
        int64_t hours = e->centi_hours[e->tier[0] == 'G' ? 0 : strcmp(e->tier, "BETTER") == 0 ? 1 : 2];
        char text[32];
        snprintf(text, sizeof text, "%lld.%02lld", (long long)(hours / 100), (long long)(hours % 100));
        row_c(b, text);
    } else {
        row_null(b);
    }
    row_c(b, i % 9 == 0 ? "{colour-consult}" : "{}");
    row_int(b, path_to(p, path));
    row_id(b, SEED_USER, w->customers[p->customer].owner);
    row_time(b, p->created_us);
    row_time(b, p->updated_us);
    row_end(b);
}

static void add_transitions(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_project *p = &w->projects[i];
    enum seed_status path[16];
    unsigned n = path_to(p, path);
    for (unsigned j = 0; j < n; j++) {
        row_id(b, SEED_TRANSITION, (uint64_t)i * 16 + j);
        row_id(b, SEED_PROJECT, i);
        row_c(b, j ? STATUS_NAMES[path[j - 1]] : NULL);
        row_c(b, STATUS_NAMES[path[j]]);
        row_c(b, path[j] == ST_WEATHER     ? "Rain in the forecast"
                 : path[j] == ST_CANCELLED ? "Customer chose another contractor"
                                           : NULL);
        row_id(b, SEED_USER, w->customers[p->customer].owner);
        row_time(b, p->created_us + (n > 1 ? (p->updated_us - p->created_us) / (int64_t)(n - 1) * (int64_t)j : 0));
        row_end(b);
    }
}

static void add_facts(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_project *p = &w->projects[i];
    unsigned sent = 0;
    for (unsigned j = 0; j < p->n_estimates; j++)
        sent += w->estimates[p->first_estimate + j].sent_us != 0;
    row_id(b, SEED_PROJECT, i);
    row_int(b, sent);
    row_int(b, p->accepted >= 0);
    row_bool(b, p->accepted >= 0 && (p->status != ST_APPROVED || i % 3 != 0));
    row_bool(b, p->status == ST_INVOICED || p->status == ST_CLOSED);
    if (p->status == ST_CLOSED)
        row_int(b, 0);
    else
        row_null(b);
    row_end(b);
}

static void add_crews(struct buf *b, struct world *w)
{
    static const char *const names[SEED_CREWS] = {"Alpine",  "Bristle", "Cobalt", "Drift",     "Ember",
                                                  "Fresco",  "Gesso",   "Harbor", "Indigo",    "Juniper",
                                                  "Kestrel", "Lacquer", "Madder", "Northlight"};
    for (unsigned i = 0; i < SEED_CREWS; i++) {
        const struct suburb *s = &METROS[i % 5].suburbs[0];
        row_id(b, SEED_CREW, i);
        row_c(b, names[i]);
        row_id(b, SEED_USER, 15 + i);
        row_bool(b, i >= 11);
        row_c(b, i < 5   ? "{INTERIOR,EXTERIOR,SPRAY,LEAD_SAFE}"
                 : i < 9 ? "{EXTERIOR,SPRAY,HIGH_REACH}"
                         : "{INTERIOR,CABINETS}");
        row_bool(b, i < 5);
        row_double(b, s->lat);
        row_double(b, s->lng);
        row_end(b);
    }
}

static void add_members(struct buf *b, struct world *w)
{
    for (unsigned i = 0; i < 14 + 33; i++) {
        row_id(b, SEED_CREW, i % SEED_CREWS);
        row_id(b, SEED_USER, 15 + i);
        row_c(b, i < 14 ? "LEAD" : i % 5 == 0 ? "APPRENTICE" : "PAINTER");
        row_day(b, w->now_us - (int64_t)(900 - i * 11) * DAY_US);
        row_end(b);
    }
}

static void add_assignment(struct buf *b, const struct seed_project *p, unsigned i)
{
    if (!p->start_us)
        return;
    row_id(b, SEED_PROJECT, i);
    row_id(b, SEED_CREW, p->crew);
    row_day(b, p->start_us);
    row_day(b, p->end_us > p->start_us ? p->end_us : p->start_us);
    row_c(b, "PRIMARY");
    row_end(b);
}

static void add_block(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_project *p = &w->projects[i];
    int64_t hours = p->end_us == p->start_us + 2 * 3600 * US_PER_SEC ? 2 : 8;
    if (!p->block_us)
        return;
    row_id(b, SEED_BLOCK, i);
    row_id(b, SEED_PROJECT, i);
    row_id(b, SEED_CREW, p->crew);
    row_c(b, p->status == ST_IN_PROGRESS ? "IN_PROGRESS" : "CONFIRMED");
    row_time(b, p->block_us);
    row_time(b, p->block_us + hours * 3600 * US_PER_SEC);
    row_bool(b, strcmp(p->type, "EXTERIOR") == 0 || strcmp(p->type, "DECK_AND_FENCE") == 0);
    row_end(b);
}

static void add_tasks(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_project *p = &w->projects[i];
    if (p->status < ST_PUNCH || p->status == ST_CANCELLED)
        return;
    for (unsigned j = 0; j < 2; j++) {
        bool done = !(p->punch_open && j == 0);
        row_id(b, SEED_TASK, (uint64_t)i * 2 + j);
        row_id(b, SEED_PROJECT, i);
        row_c(b, j ? "Touch up the door casing" : "Second look at the stairwell corner");
        row_c(b, "PUNCH");
        row_bool(b, done);
        row_time(b, done ? p->updated_us : 0);
        row_time(b, p->updated_us - DAY_US / 4);
        row_end(b);
    }
}

static void add_property_fact(struct buf *b, struct world *w, unsigned i)
{
    row_id(b, SEED_PROPERTY, i);
    row_id(b, SEED_CUSTOMER, w->properties[i].customer);
    add_site(b, &w->properties[i]);
    row_end(b);
}

static void add_customer_fact(struct buf *b, struct world *w, unsigned i)
{
    row_id(b, SEED_CUSTOMER, i);
    row_bool(b, w->customers[i].credit_hold);
    row_end(b);
}

static int load_history(struct world *w, PGconn *conn, struct buf *b, struct err *err)
{
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_transitions(b, w, i);
    if (copy_rows(conn, "project_transitions (id, project_id, from_status, to_status, reason, actor_id, at)", b, err) <
        0)
        return -1;
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_facts(b, w, i);
    if (copy_rows(conn,
                  "project_facts (project_id, estimates_sent, estimates_accepted, deposit_settled, final_invoice, "
                  "balance_cents)",
                  b, err) < 0)
        return -1;
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_tasks(b, w, i);
    if (copy_rows(conn, "project_tasks (id, project_id, title, kind, done, completed_at, created_at)", b, err) < 0)
        return -1;
    for (unsigned i = 0; i < SEED_PROPERTIES; i++)
        add_property_fact(b, w, i);
    if (copy_rows(
            conn,
            "property_facts (property_id, customer_id, line1, city, region, postal_code, country, time_zone, lat, lng, "
            "lead_safe_required)",
            b, err) < 0)
        return -1;
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++)
        add_customer_fact(b, w, i);
    return copy_rows(conn, "customer_facts (customer_id, credit_hold)", b, err);
}

static int load_schedule(struct world *w, PGconn *conn, struct buf *b, struct err *err)
{
    add_crews(b, w);
    if (copy_rows(conn, "crews (id, name, lead_user_id, is_subcontractor, skills, rrp_certified, lat, lng)", b, err) <
        0)
        return -1;
    add_members(b, w);
    if (copy_rows(conn, "crew_members (crew_id, user_id, role, since)", b, err) < 0)
        return -1;
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_assignment(b, &w->projects[i], i);
    if (copy_rows(conn, "crew_assignments (project_id, crew_id, from_day, to_day, role)", b, err) < 0)
        return -1;
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_block(b, w, i);
    return copy_rows(conn, "schedule_blocks (id, project_id, crew_id, status, starts_at, ends_at, exterior)", b, err);
}

int projects_load(struct world *w, PGconn *conn, struct err *err)
{
    struct buf b;
    buf_init(&b, COPY_BYTES_MAX);
    int status = copy_run(conn, "begin", err);
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        add_project(&b, w, i);
    if (status == 0)
        status = copy_rows(
            conn,
            "projects (id, number, customer_id, property_id, name, type, status, held_from, cancelled_at, priority,"
            " line1, "
            "city, region, postal_code, country, time_zone, lat, lng, lead_safe_required, scheduled_start, "
            "scheduled_end, actual_start, actual_end, budgeted_hours, tags, version, created_by, created_at, "
            "updated_at)",
            &b, err);
    if (status == 0)
        status = load_history(w, conn, &b, err);
    if (status == 0)
        status = load_schedule(w, conn, &b, err);
    buf_free(&b);
    if (status < 0 || copy_run(conn, "select setval('project_number', (select count(*) from projects))", err) < 0 ||
        copy_run(conn, "commit", err) < 0)
        return -1;
    return copy_run(conn, "analyze", err);
}
