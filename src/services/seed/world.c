#include "services/seed/world.h"

#include <math.h>

#define SEED 20260001
#define PLANTED_MANAGER 0 /* customer: a property manager with 140 projects and 420 estimates */
#define PLANTED_NONE 1    /* customer: without projects */
#define PLANTED_SCHOOL 2  /* customer: tax exempt */
#define MANAGER_PROJECTS 140
#define MANAGER_ESTIMATES 420
#define MANAGER_PROPERTIES 40
#define ID_EPOCH_US (INT64_C(1704067200) * US_PER_SEC) /* 2024-01-01: the ids do not depend on the load time */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

void seed_id(enum seed_kind kind, uint64_t n, char out[UUID_LEN + 1])
{
    uint64_t random[2] = {mix((uint64_t)kind << 56 ^ n), mix(n ^ (uint64_t)kind << 48)};
    struct uuid u = uuid_v7(ID_EPOCH_US + (int64_t)n * US_PER_MS, (const uint8_t *)random);
    if (kind == SEED_USER && n == 0)
        uuid_parse(STR("01900000-0000-7000-8000-000000000001"), &u);
    uuid_format(&u, out);
}

static const char *pick(struct rng *r, const char *const *list, unsigned n)
{
    return list[rng_below(r, n)];
}

/* An index with the given weights, which add up to 1000. */
static unsigned weighted(struct rng *r, const unsigned *weights)
{
    unsigned x = (unsigned)rng_below(r, 1000), i = 0;
    while (x >= weights[i])
        x -= weights[i++];
    return i;
}

static int64_t days_ago(struct world *w, struct rng *r, int from, int to)
{
    return w->now_us - rng_range(r, from * DAY_US, to * DAY_US);
}

/* ---- people ---- */

static void lower_ascii(char *to, size_t size, const char *from)
{
    size_t n = 0;
    for (; *from && n + 1 < size; from++)
        if ((*from | 32) >= 'a' && (*from | 32) <= 'z')
            to[n++] = (char)(*from | 32);
    to[n] = 0;
}

static struct str email_for(struct arena *a, const char *first, const char *last, unsigned n, const char *domain)
{
    char f[32], l[32];
    lower_ascii(f, sizeof f, first);
    lower_ascii(l, sizeof l, last);
    return arena_printf(a, "%s.%s%u@%s", f, l, n, domain);
}

static void build_users(struct world *w, struct rng *r)
{
    static const struct {
        const char *role;
        unsigned n;
    } STAFF[] = {{"OWNER", 1}, {"ADMIN", 2}, {"ESTIMATOR", 6}, {"OFFICE", 6}, {"CREW_LEAD", 14}, {"PAINTER", 33}};
    unsigned n = 0;
    for (unsigned i = 0; i < sizeof STAFF / sizeof *STAFF; i++)
        for (unsigned j = 0; j < STAFF[i].n; j++, n++) {
            const char *first = FIRST_NAMES[(n * 7 + 3) % N_FIRST], *last = LAST_NAMES[(n * 11 + 5) % N_LAST];
            struct seed_user *u = &w->users[n];
            u->role = STAFF[i].role;
            u->name = arena_printf(w->a, "%s %s", first, last).p;
            u->email = email_for(w->a, first, last, n, "paintbox.example");
            u->metro = (unsigned)rng_below(r, 5);
            u->phone = arena_printf(w->a, "+1%s555%04u", METROS[u->metro].area_code, 9000 + n);
        }
}

static void name_customer(struct world *w, struct rng *r, struct seed_customer *c, unsigned i)
{
    bool accented = rng_below(r, 100) < 9;
    c->first = accented ? pick(r, ACCENTED_FIRST, N_ACCENTED_FIRST) : pick(r, FIRST_NAMES, N_FIRST);
    c->last = accented ? pick(r, ACCENTED_LAST, N_ACCENTED_LAST) : pick(r, LAST_NAMES, N_LAST);
    static const unsigned weights[] = {840, 50, 50, 30, 20, 10};
    static const char *const types[] = {"RESIDENTIAL", "COMMERCIAL",         "PROPERTY_MANAGER",
                                        "HOA",         "GENERAL_CONTRACTOR", "GOVERNMENT"};
    static const char *const suffix[] = {"",         "Dental",         "Property Management", "Homeowners Association",
                                         "Builders", "School District"};
    unsigned type = weighted(r, weights);
    if (i == PLANTED_MANAGER)
        type = 2;
    if (i == PLANTED_SCHOOL)
        type = 5;
    if (i == PLANTED_NONE)
        type = 0;
    c->type = types[type];
    if (type)
        c->company = arena_printf(w->a, "%s %s %u", pick(r, COMPANY_WORDS, N_COMPANY_WORDS), suffix[type], i);
    if (i == PLANTED_MANAGER)
        c->company = STR("Northgate Property Management");
    if (i == PLANTED_SCHOOL)
        c->company = STR("Ridgeline Elementary School");
    c->tax_exempt = type == 5;
}

static void build_customers(struct world *w, struct rng *r)
{
    static const unsigned status_weights[] = {200, 640, 110, 20, 30};
    static const char *const statuses[] = {"PROSPECT", "ACTIVE", "INACTIVE", "DO_NOT_CONTACT", "ARCHIVED"};
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++) {
        struct seed_customer *c = &w->customers[i];
        name_customer(w, r, c, i);
        c->metro = (unsigned)rng_below(r, 5);
        c->status = i < 3 ? "ACTIVE" : statuses[weighted(r, status_weights)];
        c->email = email_for(w->a, c->first, c->last, i, "example.com");
        c->phone = arena_printf(w->a, "+1%s555%04u", METROS[c->metro].area_code, i % 9000);
        c->owner = 3 + (unsigned)rng_below(r, 6);
        c->created_us = days_ago(w, r, 3, 1095);
        c->updated_us = c->created_us + rng_range(r, 0, 2 * DAY_US);
        c->credit_hold = i > 2 && rng_below(r, 1000) < 8;
        c->merged_into = -1;
        if (i >= 100 && rng_below(r, 1000) < 15) {
            c->merged_into = (int)rng_range(r, 3, 99);
            c->status = "MERGED";
        }
    }
    for (unsigned i = 3; i < 100; i++)
        if (w->customers[i].status[0] == 'M')
            w->customers[i].status = "ACTIVE";
}

/* ---- places ---- */

static void build_property(struct world *w, struct rng *r, unsigned i, unsigned customer)
{
    struct seed_property *p = &w->properties[i];
    const struct seed_customer *c = &w->customers[customer];
    bool home = strcmp(c->type, "RESIDENTIAL") == 0;
    p->customer = customer;
    p->metro = c->metro;
    p->suburb = (unsigned)rng_below(r, 5);
    const struct suburb *s = &METROS[p->metro].suburbs[p->suburb];
    p->line1 = arena_printf(w->a, "%d %s", (int)rng_range(r, 100, 9899), pick(r, STREETS, N_STREETS));
    p->lat = s->lat + rng_normal(r) * 0.018;
    p->lng = s->lng + rng_normal(r) * 0.022;
    p->year_built = rng_below(r, 100) < 38 ? (int)rng_range(r, 1905, 1977) : (int)rng_range(r, 1978, 2023);
    p->stories = 1 + (int)rng_below(r, home ? 2 : 4);
    p->sqft = (int)rng_range(r, home ? 950 : 2500, home ? 4200 : 24000);
    static const char *const homes[] = {"SINGLE_FAMILY", "SINGLE_FAMILY", "SINGLE_FAMILY", "TOWNHOUSE", "CONDO"};
    static const char *const others[] = {"OFFICE", "RETAIL", "MULTI_FAMILY", "INDUSTRIAL"};
    p->kind = c->tax_exempt ? "INSTITUTIONAL" : home ? pick(r, homes, 5) : pick(r, others, 4);
    static const char *const tests[] = {"UNKNOWN", "UNKNOWN", "PRESUMED", "TESTED_NEGATIVE", "TESTED_POSITIVE"};
    p->lead = p->year_built < 1978 ? pick(r, tests, 5) : "NOT_APPLICABLE";
    p->lead_safe = p->year_built < 1978 && strcmp(p->lead, "TESTED_NEGATIVE") != 0;
}

static void build_properties(struct world *w, struct rng *r)
{
    unsigned n = 0;
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++)
        w->customers[i].n_properties = i == PLANTED_MANAGER ? MANAGER_PROPERTIES : 1;
    for (unsigned extra = SEED_PROPERTIES - SEED_CUSTOMERS - (MANAGER_PROPERTIES - 1); extra; extra--)
        w->customers[rng_range(r, PLANTED_SCHOOL + 1, SEED_CUSTOMERS - 1)].n_properties++;
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++) {
        w->customers[i].first_property = n;
        for (unsigned j = 0; j < w->customers[i].n_properties; j++)
            build_property(w, r, n++, i);
    }
}

/* ---- projects ---- */

static void date_project(struct world *w, struct rng *r, struct seed_project *p)
{
    static const struct {
        int from, to;
    } AGE[ST_COUNT] = {{0, 20},  {2, 30},   {8, 45},   {15, 60},  {25, 80},   {30, 90},  {40, 150},
                       {35, 95}, {35, 100}, {45, 120}, {50, 140}, {75, 1090}, {30, 1000}};
    p->created_us = days_ago(w, r, AGE[p->status].from, AGE[p->status].to);
    int64_t lead_time = rng_range(r, 18 * DAY_US, 40 * DAY_US), length = rng_range(r, 1 * DAY_US, 6 * DAY_US);
    if (p->status >= ST_IN_PROGRESS && p->status <= ST_CLOSED && p->status != ST_ON_HOLD) {
        p->start_us = p->created_us + lead_time;
        if (p->start_us > w->now_us - 8 * DAY_US)
            p->start_us = w->now_us - rng_range(r, 2 * DAY_US, 8 * DAY_US);
        p->end_us = p->start_us + length;
    }
    if (p->status == ST_IN_PROGRESS || p->status == ST_WEATHER)
        p->end_us = w->now_us + length;
    p->updated_us = p->end_us ? p->end_us + rng_range(r, DAY_US, 25 * DAY_US)
                              : p->created_us + rng_range(r, DAY_US / 24, 10 * DAY_US);
    if (p->updated_us > w->now_us)
        p->updated_us = w->now_us - rng_range(r, 0, DAY_US);
    if (p->updated_us < p->created_us)
        p->updated_us = p->created_us;
}

static void type_project(struct world *w, struct rng *r, struct seed_project *p)
{
    static const unsigned weights[] = {550, 300, 60, 50, 40};
    static const char *const types[] = {"INTERIOR", "EXTERIOR", "CABINETS", "DECK_AND_FENCE", "COMMERCIAL"};
    static const char *const kinds[] = {"INTERIOR", "EXTERIOR", "CABINETS", "DECK", "INTERIOR"};
    static const char *const names[5][4] = {
        {"Interior repaint", "Three bedrooms", "Main floor walls and ceilings", "Trim and doors"},
        {"Exterior repaint", "Siding and trim", "Full exterior", "Soffits, fascia and siding"},
        {"Kitchen cabinets", "Cabinet refinish", "Bath vanities", "Built-ins"},
        {"Deck stain", "Fence and gate", "Deck and pergola", "Back fence"},
        {"Common areas", "Office suite repaint", "Corridors and lobby", "Tenant turnover"}};
    unsigned t = weighted(r, weights);
    if (p->status == ST_WEATHER)
        t = 1;
    p->type = types[t];
    p->estimate_kind = kinds[t];
    const struct seed_property *site = &w->properties[p->property];
    p->name = arena_printf(w->a, "%s, %.*s", names[t][rng_below(r, 4)], STR_ARG(site->line1));
}

static void build_project(struct world *w, struct rng *r, unsigned i)
{
    static const unsigned weights[] = {10, 20, 40, 30, 40, 50, 10, 10, 20, 30, 40, 610, 90};
    struct seed_project *p = &w->projects[i];
    p->customer = i < MANAGER_PROJECTS       ? PLANTED_MANAGER
                  : i < MANAGER_PROJECTS + 3 ? PLANTED_SCHOOL
                                             : 3 + (unsigned)rng_below(r, SEED_CUSTOMERS - 3);
    while (w->customers[p->customer].merged_into >= 0)
        p->customer = 3 + (unsigned)rng_below(r, SEED_CUSTOMERS - 3);
    const struct seed_customer *c = &w->customers[p->customer];
    p->property = c->first_property + (unsigned)rng_below(r, c->n_properties);
    p->status = weighted(r, weights);
    p->held_from = rng_chance(r, 0.5) ? ST_APPROVED : ST_SCHEDULED;
    p->crew = (unsigned)rng_below(r, SEED_CREWS);
    p->accepted = -1;
    type_project(w, r, p);
    date_project(w, r, p);
    p->punch_open = p->status == ST_PUNCH;
}

/* Coming jobs stand one after the other in the calendar of their crew, a day each, from tomorrow on; running ones
 * before today. */
static void plan_blocks(struct world *w)
{
    int ahead[SEED_CREWS], behind[SEED_CREWS] = {0};
    int64_t today = w->now_us - w->now_us % DAY_US;
    for (unsigned i = 0; i < SEED_CREWS; i++)
        ahead[i] = 1;
    for (unsigned i = 0; i < SEED_PROJECTS; i++) {
        struct seed_project *p = &w->projects[i];
        if (p->status == ST_SCHEDULED || (p->status == ST_ON_HOLD && p->held_from == ST_SCHEDULED)) {
            p->start_us = today + ahead[p->crew] * DAY_US + 15 * 3600 * US_PER_SEC;
            p->end_us = p->start_us + 8 * 3600 * US_PER_SEC;
            if (p->status == ST_SCHEDULED) {
                p->block_us = p->start_us;
                ahead[p->crew]++;
            }
        } else if (p->status == ST_IN_PROGRESS) {
            p->block_us = today - behind[p->crew]++ * DAY_US + 15 * 3600 * US_PER_SEC;
            if (p->start_us > p->block_us)
                p->start_us = p->block_us;
        }
    }
}

/* ---- estimates ---- */

static void finish_document(struct world *w, struct rng *r, struct seed_project *p, unsigned index, bool wins)
{
    struct seed_estimate *e = &w->estimates[index];
    static const unsigned tiers[] = {210, 550, 240};
    static const char *const names[] = {"GOOD", "BETTER", "BEST"};
    e->sent_us = e->created_us + rng_range(r, DAY_US / 12, 3 * DAY_US);
    e->views = 1 + (int)rng_below(r, 4);
    e->updated_us = e->sent_us + (int64_t)(2 * (double)DAY_US * exp(0.8 * rng_normal(r)));
    if (wins) {
        e->status = "ACCEPTED";
        e->tier = names[weighted(r, tiers)];
        p->accepted = (int)index;
    } else if (p->status == ST_AWAITING) {
        e->status = rng_chance(r, 0.6) ? "VIEWED" : "SENT";
        e->views = e->status[0] == 'V' ? e->views : 0;
    } else if (p->status == ST_DRAFT || p->status == ST_ESTIMATING) {
        e->status = "PRICED";
        e->sent_us = 0;
        e->views = 0;
        e->updated_us = e->created_us;
    } else {
        e->status = rng_chance(r, 0.7) ? "DECLINED" : "EXPIRED";
    }
    if (e->updated_us > w->now_us)
        e->updated_us = w->now_us;
    if (e->sent_us > e->updated_us)
        e->sent_us = e->updated_us;
}

static void new_document(struct world *w, struct rng *r, struct seed_estimate *e, unsigned index, unsigned *number)
{
    e->root = index;
    e->revision = 1;
    e->number = ++*number;
    e->scale = exp(0.55 * rng_normal(r));
    e->seed = rng_next(r);
    e->discount_bp = rng_below(r, 100) < 12 ? 500 : 0;
}

static void build_estimates_of(struct world *w, struct rng *r, unsigned project, unsigned *next, unsigned *number)
{
    struct seed_project *p = &w->projects[project];
    bool open = p->status <= ST_AWAITING || p->status == ST_CANCELLED;
    p->first_estimate = *next;
    for (unsigned i = 0; i < p->n_estimates; i++) {
        unsigned index = (*next)++;
        struct seed_estimate *e = &w->estimates[index];
        e->project = project;
        e->kind = p->estimate_kind;
        e->previous = -1;
        e->created_us = p->created_us + (int64_t)i * DAY_US * 2 + rng_range(r, DAY_US / 24, DAY_US);
        if (e->created_us > w->now_us)
            e->created_us = w->now_us - (int64_t)(p->n_estimates - i) * 60 * US_PER_SEC;
        struct seed_estimate *before = i ? e - 1 : NULL;
        if (before && rng_below(r, 100) < 34) {
            e->root = before->root;
            e->revision = before->revision + 1;
            e->number = before->number;
            e->previous = (int)index - 1;
            e->scale = before->scale * (0.92 + 0.16 * rng_unit(r));
            e->seed = before->seed;
            e->discount_bp = rng_chance(r, 0.3) ? 500 : before->discount_bp;
            before->status = "SUPERSEDED";
            before->tier = NULL;
        } else {
            new_document(w, r, e, index, number);
        }
        finish_document(w, r, p, index, !open && i + 1 == p->n_estimates);
    }
}

/* 2.5 for each project, 30,000 in all; the property manager has 420. */
static void share_out_estimates(struct world *w, struct rng *r)
{
    static const unsigned weights[] = {200, 350, 250, 150, 50};
    unsigned total = 0;
    for (unsigned i = 0; i < SEED_PROJECTS; i++) {
        unsigned n = i < MANAGER_PROJECTS ? MANAGER_ESTIMATES / MANAGER_PROJECTS : 1 + weighted(r, weights);
        total += w->projects[i].n_estimates = n;
    }
    while (total != SEED_ESTIMATES) {
        struct seed_project *p = &w->projects[rng_range(r, MANAGER_PROJECTS, SEED_PROJECTS - 1)];
        if (total < SEED_ESTIMATES && p->n_estimates < 6) {
            p->n_estimates++;
            total++;
        } else if (total > SEED_ESTIMATES && p->n_estimates > 1) {
            p->n_estimates--;
            total--;
        }
    }
}

/* ---- planted stories ---- */

static struct seed_project *find_project(struct world *w, enum seed_status status, const char *type, unsigned *from)
{
    for (unsigned i = *from; i < SEED_PROJECTS; i++)
        if (w->projects[i].status == status && (!type || strcmp(w->projects[i].type, type) == 0)) {
            *from = i + 1;
            return &w->projects[i];
        }
    return NULL;
}

static void plant_stories(struct world *w)
{
    unsigned from = MANAGER_PROJECTS + 3;
    int64_t tomorrow = w->now_us - w->now_us % DAY_US + DAY_US;
    static const char *const dew[] = {"Dew-point watch: south elevation", "Dew-point watch: river side"};
    for (unsigned i = 0; i < 2; i++) {
        struct seed_project *p = find_project(w, ST_SCHEDULED, "EXTERIOR", &from);
        if (p) {
            p->name = str_c(dew[i]);
            p->block_us = p->start_us =
                tomorrow + (int64_t)(13 * 3600) * US_PER_SEC - (int64_t)i * 4 * 3600 * US_PER_SEC;
            p->end_us = p->start_us + 2 * 3600 * US_PER_SEC;
        }
    }
    struct seed_project *lead = find_project(w, ST_SCHEDULED, NULL, &from);
    if (lead) {
        lead->name = STR("Blocked: 1924 bungalow needs a lead-safe crew");
        lead->crew = SEED_CREWS - 1; /* a crew without certificate */
        w->properties[lead->property].year_built = 1924;
        w->properties[lead->property].lead = "PRESUMED";
        w->properties[lead->property].lead_safe = true;
        lead->block_us = 0;
    }
    struct seed_project *nine = find_project(w, ST_AWAITING, "INTERIOR", &from);
    if (nine) {
        struct seed_estimate *e = &w->estimates[nine->first_estimate + nine->n_estimates - 1];
        nine->name = STR("Nine views and no signature");
        e->status = "VIEWED";
        e->views = 9;
    }
    struct seed_project *cheap = find_project(w, ST_ESTIMATING, NULL, &from);
    if (cheap) {
        cheap->name = STR("Discount under the floor");
        w->estimates[cheap->first_estimate + cheap->n_estimates - 1].discount_bp = 1500;
    }
}

static void touch_customers(struct world *w)
{
    for (unsigned i = 0; i < SEED_PROJECTS; i++) {
        struct seed_customer *c = &w->customers[w->projects[i].customer];
        if (w->projects[i].created_us < c->created_us)
            c->created_us = w->projects[i].created_us - DAY_US;
        if (c->updated_us < c->created_us)
            c->updated_us = c->created_us;
        if (strcmp(c->status, "PROSPECT") == 0 && w->projects[i].accepted >= 0)
            c->status = "ACTIVE";
    }
}

struct world *world_build(struct arena *a, int64_t now_us)
{
    struct world *w = arena_new_of(a, struct world);
    struct rng r;
    w->a = a;
    w->now_us = now_us - now_us % US_PER_SEC;
    w->customers = arena_array(a, struct seed_customer, SEED_CUSTOMERS);
    w->properties = arena_array(a, struct seed_property, SEED_PROPERTIES);
    w->projects = arena_array(a, struct seed_project, SEED_PROJECTS);
    w->estimates = arena_array(a, struct seed_estimate, SEED_ESTIMATES);
    rng_seed(&r, SEED);
    build_users(w, &r);
    build_customers(w, &r);
    build_properties(w, &r);
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        build_project(w, &r, i);
    plan_blocks(w);
    share_out_estimates(w, &r);
    unsigned next = 0, number = 0;
    for (unsigned i = 0; i < SEED_PROJECTS; i++)
        build_estimates_of(w, &r, i, &next, &number);
    plant_stories(w);
    touch_customers(w);
    return w;
}
