#include "services/estimates/estimates.h"
#include "services/services.h"

/* Generated text, here and not in a file of its own: so the table below is made of constants. */
#define data_0 sdl_text
#include "services/estimates/schema.h"
#undef data_0
#include "services/estimates/migrations.h"

static void estimate_customer(struct batch *b)
{
    batch_resolve_refs(b, "Customer", "id", "customer_id");
}
static void estimate_project(struct batch *b)
{
    batch_resolve_refs(b, "Project", "id", "project_id");
}
static void estimate_property(struct batch *b)
{
    batch_resolve_refs(b, "Property", "id", "property_id");
}
static void estimate_previous(struct batch *b)
{
    batch_resolve_refs(b, "Estimate", "id", "previous_id");
}
static void estimate_created_by(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "created_by");
}
static void estimate_tiers(struct batch *b)
{
    batch_resolve_lists(b, &TIERS_BY_ESTIMATE, "id");
}
static void estimate_areas(struct batch *b)
{
    batch_resolve_lists(b, &AREAS_BY_ESTIMATE, "id");
}
static void estimate_options(struct batch *b)
{
    batch_resolve_lists(b, &OPTIONS_BY_ESTIMATE, "id");
}
static void estimate_discounts(struct batch *b)
{
    batch_resolve_lists(b, &DISCOUNTS_BY_ESTIMATE, "id");
}
static void estimate_acceptance(struct batch *b)
{
    batch_resolve_rows(b, &ACCEPTANCE_BY_ESTIMATE, "id");
}
static void discount_approved_by(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "approved_by");
}
static void area_surfaces(struct batch *b)
{
    batch_resolve_lists(b, &SURFACES_BY_AREA, "id");
}
static void surface_lines(struct batch *b)
{
    batch_resolve_lists(b, &LINES_BY_SURFACE, "id");
}
static void surface_product(struct batch *b)
{
    batch_resolve_refs(b, "PaintProduct", "id", "product_id");
}
static void project_accepted_estimate(struct batch *b)
{
    batch_resolve_rows(b, &ACCEPTED_BY_PROJECT, "id");
}
static void project_contract_cents(struct batch *b)
{
    batch_resolve_values(b, &CONTRACT_BY_PROJECT, "id", cell_null());
}
static void card_production_rates(struct batch *b)
{
    batch_resolve_lists(b, &PRODUCTION_RATES_BY_CARD, "id");
}
static void card_prep_rates(struct batch *b)
{
    batch_resolve_lists(b, &PREP_RATES_BY_CARD, "id");
}
static void card_height_factors(struct batch *b)
{
    batch_resolve_lists(b, &HEIGHT_FACTORS_BY_CARD, "id");
}
static void card_condition_factors(struct batch *b)
{
    batch_resolve_lists(b, &CONDITION_FACTORS_BY_CARD, "id");
}
static void card_recipes(struct batch *b)
{
    batch_resolve_lists(b, &RECIPES_BY_CARD, "id");
}

static const struct resolver RESOLVERS[] = {{"Estimate.customer", estimate_customer},
                                            {"Estimate.project", estimate_project},
                                            {"Estimate.property", estimate_property},
                                            {"Estimate.tiers", estimate_tiers},
                                            {"Estimate.areas", estimate_areas},
                                            {"Estimate.options", estimate_options},
                                            {"Estimate.discounts", estimate_discounts},
                                            {"Estimate.previousRevision", estimate_previous},
                                            {"Estimate.revisions", estimate_revisions},
                                            {"Estimate.acceptance", estimate_acceptance},
                                            {"Estimate.createdBy", estimate_created_by},
                                            {"Discount.approvedBy", discount_approved_by},
                                            {"EstimateArea.surfaces", area_surfaces},
                                            {"SurfaceItem.product", surface_product},
                                            {"SurfaceItem.lines", surface_lines},
                                            {"RateCard.productionRates", card_production_rates},
                                            {"RateCard.prepRates", card_prep_rates},
                                            {"RateCard.heightFactors", card_height_factors},
                                            {"RateCard.conditionFactors", card_condition_factors},
                                            {"RateCard.tierRecipes", card_recipes},
                                            {"Customer.estimates", customer_estimates},
                                            {"Customer.estimatesConnection", customer_estimates_connection},
                                            {"Customer.estimateSummary", customer_estimate_summary},
                                            {"Project.estimates", project_estimates},
                                            {"Project.acceptedEstimate", project_accepted_estimate},
                                            {"Project.contractCents", project_contract_cents},
                                            {"Query.estimate", query_estimate},
                                            {"Query.estimates", query_estimates},
                                            {"Query.previewPricing", query_preview_pricing},
                                            {"Query.replayPricing", query_replay_pricing},
                                            {"Query.rateCards", query_rate_cards},
                                            {"Query.paintProducts", query_paint_products},
                                            {"Mutation.createEstimate", mutation_create_estimate},
                                            {"Mutation.updateEstimate", mutation_update_estimate},
                                            {"Mutation.recalculateEstimate", mutation_recalculate_estimate},
                                            {"Mutation.reviseEstimate", mutation_revise_estimate},
                                            {"Mutation.applyDiscount", mutation_apply_discount},
                                            {"Mutation.selectTier", mutation_select_tier},
                                            {"Mutation.sendEstimate", mutation_send_estimate},
                                            {"Mutation.acceptEstimate", mutation_accept_estimate},
                                            {"Mutation.declineEstimate", mutation_decline_estimate},
                                            {"Mutation.voidEstimate", mutation_void_estimate},
                                            {0}};

static const struct entity ENTITIES[] = {{"Estimate", &ESTIMATES_BY_ID, "id", customer_entity_rule},
                                         {"RateCard", &RATE_CARDS_BY_ID, "id"},
                                         {"PaintProduct", &PRODUCTS_BY_ID, "id"},
                                         {0}};

const struct service ESTIMATES_SERVICE = {
    .name = "estimates",
    .database = "paintbox_estimates",
    .port = 4002,
    .sdl = {sdl_text, sizeof sdl_text - 1},
    .migrations = estimates_migrations_files,
    .n_migrations = sizeof estimates_migrations_files / sizeof *estimates_migrations_files - 1,
    .queries = ESTIMATES_QUERIES,
    .resolvers = RESOLVERS,
    .entities = ENTITIES,
};
