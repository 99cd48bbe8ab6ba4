/* The pricing engine: pure, exact, repeatable.
 *
 * A job (rate card, measured items, tax, deposit, discount) goes in as a JSON tree, the prices of its tiers come out.
 * All arithmetic is on integers and exact rationals (GMP); nothing is rounded but where docs/pricing.md says so, and
 * then half-up. The same input gives the same result and the same hashes on every machine and in every year: a change
 * of any rule needs a new PRICING_ENGINE.
 *
 *     struct pricing_result *r = pricing_compute(arena, input, &err);
 *     if (!r) …;                              // code PRICING_INPUT: what, where, what to do
 *     pricing_hash_json(input, input_hash);
 *     pricing_hash_result(r, result_hash);
 *
 * Units: hours in hundredths, gallons in hundredths, money in cents, percentages in basis points, tax rates in
 * millionths. The members of the input are described in docs/pricing.md.
 */
#ifndef PAINTBOX_SERVICES_ESTIMATES_PRICING_H
#define PAINTBOX_SERVICES_ESTIMATES_PRICING_H

#include "base/encoding.h"
#include "base/err.h"
#include "json/json.h"

#define PRICING_ENGINE "1"
#define PRICING_ITEMS_MAX 2000
#define PRICING_CENTS_MAX (INT64_C(1) << 53)

struct pricing_material {
    struct str product, color; /* color.p NULL: none */
    int64_t exact_centi_gallons, containers, cost_cents, sell_cents;
};

struct pricing_line {
    struct str id;
    uint32_t item; /* index into the input's items */
    uint32_t coats;
    int64_t centi_hours, prep_centi_hours, centi_gallons, labor_cents;
};

struct pricing_tier {
    struct str name;
    unsigned prep_level; /* 1 … 4 */
    int64_t centi_hours, crew_half_days;
    int64_t labor_cents, material_cents, options_cents, discount_cents, subtotal_cents, tax_cents, total_cents,
        deposit_cents;
    int64_t direct_labor_cents, direct_material_cents, direct_cents, margin_bp;
    bool deposit_was_cut; /* the jurisdiction's cap took effect */
    bool below_floor;     /* only when the rate card has a marginFloorBp */
    struct pricing_material *materials;
    size_t n_materials;
    struct pricing_line *lines;
    size_t n_lines;
};

struct pricing_result {
    struct pricing_tier *tiers; /* in the order of the rate card: GOOD, BETTER, BEST */
    size_t n_tiers;
    bool has_options;
};

struct pricing_result *pricing_compute(struct arena *a, const struct json *input, struct err *err);

/* NULL when absent. */
const struct pricing_tier *pricing_tier(const struct pricing_result *r, struct str name);
/* GOOD ≤ BETTER ≤ BEST: -1 with a message when a later tier is cheaper. */
int pricing_check_order(const struct pricing_result *r, struct err *err);

/* Canonical JSON: members sorted, no white space. */
void pricing_write_result(struct buf *out, const struct pricing_result *r);
/* The list of a tier's materials, as it stands in the result. */
void pricing_write_materials(struct buf *out, const struct pricing_tier *t);
void pricing_hash_result(const struct pricing_result *r, char out[SHA256_HEX_LEN + 1]);
void pricing_hash_json(const struct json *v, char out[SHA256_HEX_LEN + 1]);

#endif
