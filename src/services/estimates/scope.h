/* From the measured scope of an estimate to its prices: picks rates, preparation, coats and products out of a rate
 * card, builds the job that the engine takes (pricing.h), and runs it.
 *
 * The scope is JSON in the form of GraphQL's PricingInput, or of the SQL function estimate_scope(), which differ in
 * nothing that counts: `kind`, `tax`, `deposit`, `discountBp`, `discountCents`, `options` (the chosen ones),
 * `areas[].occupied`, `areas[].surfaces[]`. The card is the document of rate_card_document(). Items are named by
 * position ("2.1": second area, first surface), so that a preview and the estimate stored from it have the same hash.
 */
#ifndef PAINTBOX_SERVICES_ESTIMATES_SCOPE_H
#define PAINTBOX_SERVICES_ESTIMATES_SCOPE_H

#include "services/estimates/pricing.h"

struct priced_item {
    struct str quantity;   /* decimal, no zeros at the end; derived from the area's size when the scope gave none */
    struct str hours_each; /* p NULL: none */
    struct str rate_id;    /* p NULL: a fixed line */
};

struct priced {
    struct json *input;
    struct pricing_result *result;
    char input_hash[SHA256_HEX_LEN + 1], result_hash[SHA256_HEX_LEN + 1];
    struct priced_item *items; /* in the order of the surfaces */
    size_t n_items;
    const struct json *recipes[3]; /* GOOD, BETTER, BEST, out of the card */
    bool below_floor;              /* some tier is under the margin floor */
};

/* NULL with code PRICING_INPUT (what is wrong with which surface) or PRICING_ORDER. */
struct priced *scope_price(struct arena *a, const struct json *scope, const struct json *card, struct err *err);

extern const char *const TIERS[3]; /* "GOOD", "BETTER", "BEST" */

/* "L1_BASIC" for 1 … */
const char *prep_level_name(unsigned level);

#endif
