/* Private to estimates: what its files share. */
#ifndef PAINTBOX_SERVICES_ESTIMATES_ESTIMATES_H
#define PAINTBOX_SERVICES_ESTIMATES_ESTIMATES_H

#include "services/common.h"
#include "services/estimates/queries.h"
#include "services/estimates/scope.h"

/* read.c */
void query_estimate(struct batch *b);
void query_estimates(struct batch *b);
void query_preview_pricing(struct batch *b);
void query_replay_pricing(struct batch *b);
void query_rate_cards(struct batch *b);
void query_paint_products(struct batch *b);
void customer_estimates(struct batch *b);
void customer_estimates_connection(struct batch *b);
void customer_estimate_summary(struct batch *b);
void project_estimates(struct batch *b);
void estimate_revisions(struct batch *b);

/* store.c: a priced scope as rows */
struct store {
    struct str id; /* of the estimate */
    struct str card_id;
    const struct json *scope;
    const struct priced *priced;
};
/* The priced scope of PricingInput and DepositInput; NULL after *refused is set to a ValidationError. */
struct priced *price_input(struct batch *b, const struct json *pricing, const struct json *deposit,
                           const struct json *card, const struct json **scope, struct object **refused);
/* Columns that a price decides, as members of a JSON object without its braces. */
struct str store_price_members(struct batch *b, const struct store *s);
/* These write rows; false: the write has its answer. */
bool store_scope(struct write *w, const struct store *s); /* areas, surfaces, lines, tiers */
bool store_reprice(
    struct write *w,
    const struct store *s); /* lines and tiers of the surfaces that are there, and the estimate's prices */
/* Prices the estimate's own scope with its card, or with `card_id` when given. False: the write has its answer. */
bool price_stored(struct write *w, struct str estimate, struct str card_id, struct store *out);
struct json *read_card(struct write *w, struct str card_id);

/* revise.c */
/* A new revision of the locked row; the old one becomes SUPERSEDED. The new id; p NULL: the write has its answer. */
struct str revise(struct write *w, const struct pg_result *old);
void mutation_revise_estimate(struct batch *b);

/* write.c */
void mutation_create_estimate(struct batch *b);
void mutation_update_estimate(struct batch *b);
void mutation_recalculate_estimate(struct batch *b);
void mutation_apply_discount(struct batch *b);
/* The row, locked, visible to the caller, of the expected version (-1: any); NULL when the write has its answer. */
struct pg_result *lock_estimate(struct write *w, struct str id, int64_t expected);
/* `after` has version, number, row_json. */
void estimate_event(struct write *w, const struct pg_result *before, const struct pg_result *after, const char *action,
                    const char *verb);
void answer_estimate(struct write *w, struct str id);

/* state.c */
void mutation_select_tier(struct batch *b);
void mutation_send_estimate(struct batch *b);
void mutation_accept_estimate(struct batch *b);
void mutation_decline_estimate(struct batch *b);
void mutation_void_estimate(struct batch *b);
bool estimate_may_go(struct str from, const char *to);
void reject_step(struct write *w, struct str from, const char *to);

#endif
