/* Private to seed: the company as it is in memory before it is written out. Everything follows from the seed and
 * `now_us`. */
#ifndef PAINTBOX_SERVICES_SEED_WORLD_H
#define PAINTBOX_SERVICES_SEED_WORLD_H

#include "base/arena.h"
#include "base/rng.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#define SEED_CUSTOMERS 5000
#define SEED_PROPERTIES 6300
#define SEED_PROJECTS 12000
#define SEED_ESTIMATES 30000
#define SEED_USERS 62
#define SEED_CREWS 14
#define DAY_US (INT64_C(86400) * US_PER_SEC)

enum seed_kind {
    SEED_CUSTOMER = 1,
    SEED_CONTACT,
    SEED_PROPERTY,
    SEED_PROJECT,
    SEED_ESTIMATE,
    SEED_AREA,
    SEED_SURFACE,
    SEED_USER,
    SEED_CREW,
    SEED_TRANSITION,
    SEED_BLOCK,
    SEED_TIMELINE,
    SEED_INTEGRATION,
    SEED_DISCOUNT,
    SEED_TASK
};

/* The id of the n-th row of a kind: a version 7 UUID whose order is n. */
void seed_id(enum seed_kind kind, uint64_t n, char out[UUID_LEN + 1]);

struct suburb {
    const char *city, *postal;
    double lat, lng;
};
struct metro {
    const char *name, *region, *time_zone, *area_code, *jurisdiction, *tax_mode;
    int tax_micros;
    struct suburb suburbs[5];
};
extern const struct metro METROS[5];

enum seed_status {
    ST_DRAFT,
    ST_ESTIMATING,
    ST_AWAITING,
    ST_APPROVED,
    ST_SCHEDULED,
    ST_IN_PROGRESS,
    ST_ON_HOLD,
    ST_WEATHER,
    ST_PUNCH,
    ST_COMPLETED,
    ST_INVOICED,
    ST_CLOSED,
    ST_CANCELLED,
    ST_COUNT
};
extern const char *const STATUS_NAMES[ST_COUNT];

struct seed_user {
    const char *name, *role;
    struct str email, phone;
    unsigned metro;
};

struct seed_customer {
    const char *type, *status, *first, *last;
    struct str company; /* p NULL: a person */
    struct str email, phone;
    unsigned metro, owner;
    int64_t created_us, updated_us;
    int merged_into; /* -1: not merged */
    bool tax_exempt, credit_hold;
    unsigned first_property, n_properties;
};

struct seed_property {
    unsigned customer, metro, suburb;
    struct str line1;
    double lat, lng;
    int year_built, stories, sqft;
    const char *kind, *lead;
    bool lead_safe;
};

struct seed_project {
    unsigned customer, property, crew, first_estimate, n_estimates;
    const char *type, *estimate_kind;
    struct str name;
    enum seed_status status, held_from;
    int64_t created_us, updated_us, start_us, end_us;
    int accepted;     /* estimate, -1: none */
    int64_t block_us; /* planned block; 0: none */
    bool punch_open;
};

struct seed_estimate {
    unsigned project, root, revision, number;
    int previous;
    const char *status, *kind, *tier;        /* tier NULL: none chosen */
    int64_t created_us, sent_us, updated_us; /* sent_us 0: never */
    int views, discount_bp;
    double scale;  /* size of the job against the median */
    uint64_t seed; /* of its scope: revisions share it */
    /* from the engine */
    int64_t total_cents[3], centi_hours[3];
};

struct world {
    struct arena *a;
    int64_t now_us;
    struct seed_user users[SEED_USERS];
    struct seed_customer *customers;
    struct seed_property *properties;
    struct seed_project *projects;
    struct seed_estimate *estimates;
};

struct world *world_build(struct arena *a, int64_t now_us);

/* "1480 Alder Ct" and names of people, for world.c */
extern const char *const FIRST_NAMES[],
    *const LAST_NAMES[], *const ACCENTED_FIRST[], *const ACCENTED_LAST[], *const STREETS[], *const COMPANY_WORDS[],
                                                                                                *const COLORS[];
extern const unsigned N_FIRST, N_LAST, N_ACCENTED_FIRST, N_ACCENTED_LAST, N_STREETS, N_COMPANY_WORDS, N_COLORS;

#endif
