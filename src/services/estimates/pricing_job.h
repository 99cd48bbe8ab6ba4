/* Private to the pricing engine: the job as it is read from JSON, every value checked. */
#ifndef PAINTBOX_SERVICES_ESTIMATES_PRICING_JOB_H
#define PAINTBOX_SERVICES_ESTIMATES_PRICING_JOB_H

#include "services/estimates/pricing.h"

/* An exact decimal n / d, d a power of ten up to 10^6. d == 0: not given. */
struct fixed {
    int64_t n, d;
};

#define PREP_LEVELS 4

struct job_rate {
    struct str key;
    struct fixed first, next, coverage;
    struct fixed prep[PREP_LEVELS]; /* units per hour; not given: no preparation at this level */
    int64_t waste_bp;
};

struct job_product {
    struct str key, id;
    int64_t cost_cents;
    struct fixed container;
};

struct job_coats {
    struct str surface;
    int64_t coats;
};

struct job_tier {
    struct str name;
    unsigned prep_level;
    struct job_coats *coats;
    struct job_product *products;
    size_t n_coats, n_products;
};

#define ITEM_TIERS_MAX 16

struct job_item {
    struct str id, surface, color;
    struct fixed qty, hours_each; /* hours_each given: a fixed line */
    const struct job_rate *rate;
    struct str product;
    int64_t height_bp, condition_bp, occupied_bp; /* occupied_bp: 10000 in an empty room */
    struct str tiers[ITEM_TIERS_MAX];             /* none: all tiers */
    size_t n_tiers;
};

enum job_tax { TAX_NONE, TAX_MATERIALS_CONSUMED, TAX_MATERIALS_RESOLD, TAX_FULL_CONTRACT };

struct job {
    bool occupied;
    int64_t sell, cost, markup_bp, sundries_bp, occupied_bp, floor_bp, target_bp; /* the last two: -1 when not given */
    struct fixed crew_day;
    struct job_rate *rates;
    struct job_tier *tiers;
    struct job_item *items;
    size_t n_rates, n_tiers, n_items;
    int64_t options_cents, discount_bp, discount_cents;
    bool has_options;
    enum job_tax tax;
    int64_t tax_micros;
    bool deposit_fixed;
    int64_t deposit_percent_bp, deposit_fixed_cents, deposit_cap_bp,
        deposit_cap_cents; /* caps: -1 when there is none */
};

struct job *pricing_job_read(struct arena *a, const struct json *input, struct err *err);

#endif
