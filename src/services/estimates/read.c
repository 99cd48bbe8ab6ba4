#include "services/estimates/estimates.h"

void query_estimate(struct batch *b)
{
    const struct pg_param params[] = {{batch_arg_str(b, "id")}, own_customer(b)};
    if (is_uuid(params[0].text))
        answer_row(b, batch_query(b, &ESTIMATE_BY_ID, params, 2), "Estimate");
}

/* EstimateFilter and the row rule, in the order of the statements. False after batch_fail_all(). */
#define FILTER_PARAMS 12
static bool read_filter(struct batch *b, struct pg_param *out)
{
    const struct json *f = batch_arg(b, "filter"), *valid = json_get(f, STR("validUntil")),
                      *updated = json_get(f, STR("updatedAt"));
    if (!check_filter_id(b, f, "customerId") || !check_filter_id(b, f, "projectId") ||
        !check_filter_id(b, f, "createdById"))
        return false;
    const struct pg_param params[FILTER_PARAMS] = {param_list(b, json_get(f, STR("statuses"))),
                                                   param_list(b, json_get(f, STR("kinds"))),
                                                   param_of(f, "customerId"),
                                                   param_of(f, "projectId"),
                                                   param_of(f, "createdById"),
                                                   param_of(f, "minBetterCents"),
                                                   param_of(f, "maxBetterCents"),
                                                   param_of(valid, "from"),
                                                   param_of(valid, "to"),
                                                   param_of(updated, "from"),
                                                   param_of(updated, "to"),
                                                   own_customer(b)};
    memcpy(out, params, sizeof params);
    return true;
}

void query_estimates(struct batch *b)
{
    struct pg_param params[FILTER_PARAMS];
    if (!read_filter(b, params))
        return;
    struct page_request page = {.query = &ESTIMATES, .default_first = 25, .params = params, .n_params = FILTER_PARAMS};
    page_order(b, &page);
    batch_resolve_page(b, &page);
}

void customer_estimates_connection(struct batch *b)
{
    struct pg_param params[FILTER_PARAMS];
    if (read_filter(b, params))
        batch_resolve_page(b, &(struct page_request){.query = &CUSTOMER_ESTIMATES,
                                                     .descending = true,
                                                     .default_first = 20,
                                                     .params = params,
                                                     .n_params = FILTER_PARAMS,
                                                     .parent_column = "id"});
}

static void own_lists(struct batch *b, const struct query *q, const char *column)
{
    const struct pg_param rule[] = {own_customer(b)};
    batch_resolve_lists_with(b, q, column, rule, 1);
}

void customer_estimates(struct batch *b)
{
    own_lists(b, &ESTIMATES_BY_CUSTOMER, "id");
}
void project_estimates(struct batch *b)
{
    own_lists(b, &ESTIMATES_BY_PROJECT, "id");
}
void estimate_revisions(struct batch *b)
{
    own_lists(b, &REVISIONS_BY_ROOT, "root_id");
}

/* One row for each customer who has estimates; the others get a summary of nothing. */
void customer_estimate_summary(struct batch *b)
{
    static const char *const zeros[] = {"count", "openCount", "acceptedCount", "acceptedCents", "openPipelineCents"};
    struct str *keys = arena_array(batch_arena(b), struct str, batch_size(b));
    for (size_t i = 0; i < batch_size(b); i++)
        keys[i] = batch_column(b, i, "id");
    const struct pg_param params[] = {{pg_array(batch_arena(b), keys, batch_size(b))}, own_customer(b)};
    struct pg_result *r = batch_query(b, &SUMMARY_BY_CUSTOMER, params, 2);
    for (size_t i = 0; r && i < batch_size(b); i++) {
        struct object *o = object_new(b, "CustomerEstimateSummary");
        for (size_t j = 0; j < sizeof zeros / sizeof *zeros; j++)
            object_put(o, zeros[j], cell_int(0));
        for (size_t j = 0; j < r->n_rows; j++)
            if (str_eq(pg_get(r, j, 0), keys[i]))
                o = object_of_row(b, "CustomerEstimateSummary", r, j);
        batch_set(b, i, cell_object(o));
    }
}

void query_rate_cards(struct batch *b)
{
    answer_rows(b, batch_query(b, &RATE_CARDS, NULL, 0), "RateCard");
}

void query_paint_products(struct batch *b)
{
    int64_t first = 50;
    batch_arg_i64(b, "first", &first);
    if (first < 0 || first > PAGE_MAX) {
        batch_fail_all(b, "BAD_USER_INPUT", "\"first\" must be from 0 to %d", PAGE_MAX);
        return;
    }
    const struct pg_param params[] = {{batch_arg_str(b, "search")},
                                      {arena_printf(batch_arena(b), "%lld", (long long)first)}};
    answer_rows(b, batch_query(b, &PRODUCTS, params, 2), "PaintProduct");
}

/* ---- preview ---- */

static struct cell hundredths(int64_t n)
{
    return cell_float((double)n / 100);
}

static struct cell material_cells(struct batch *b, const struct pricing_tier *t, const struct json *card,
                                  int64_t *centi_gallons)
{
    struct cell *items = arena_array(batch_arena(b), struct cell, t->n_materials);
    for (size_t i = 0; i < t->n_materials; i++) {
        const struct pricing_material *m = &t->materials[i];
        struct object *o = object_new(b, "MaterialLine");
        object_put(o, "product", cell_object(object_of_ref(b, "PaintProduct", "id", m->product)));
        object_put(o, "color", cell_text(m->color));
        object_put(o, "exactGallons", hundredths(m->exact_centi_gallons));
        object_put(o, "containers", cell_int(m->containers));
        object_put(o, "containerGallons",
                   cell_json(json_get_str(json_get(json_get(card, STR("products")), m->product), STR("containerGal"))));
        object_put(o, "sellCents", cell_int(m->sell_cents));
        object_put(o, "costCents", cell_int(m->cost_cents));
        *centi_gallons += m->exact_centi_gallons;
        items[i] = cell_object(o);
    }
    return cell_list(items, t->n_materials);
}

static struct cell cost_cell(struct batch *b, const struct pricing_tier *t)
{
    struct object *o = object_new(b, "TierCost");
    object_put(o, "laborCents", cell_int(t->direct_labor_cents));
    object_put(o, "materialCents", cell_int(t->direct_material_cents));
    object_put(o, "directCents", cell_int(t->direct_cents));
    object_put(o, "grossProfitCents", cell_int(t->subtotal_cents - t->direct_cents));
    object_put(o, "grossMarginBp", cell_int(t->margin_bp));
    object_put(o, "belowFloor", cell_bool(t->below_floor));
    return cell_object(o);
}

static struct cell tier_cell(struct batch *b, const struct pricing_tier *t, const struct json *recipe,
                             const struct json *card)
{
    const struct {
        const char *field;
        int64_t value;
    } cents[] = {{"laborCents", t->labor_cents},       {"materialCents", t->material_cents},
                 {"optionsCents", t->options_cents},   {"discountCents", t->discount_cents},
                 {"subtotalCents", t->subtotal_cents}, {"taxCents", t->tax_cents},
                 {"totalCents", t->total_cents},       {"depositCents", t->deposit_cents}};
    struct object *o = object_new(b, "TierPrice");
    int64_t gallons = 0;
    object_put(o, "tier", cell_text(t->name));
    object_put(o, "label", cell_text(json_get_str(recipe, STR("label"))));
    object_put(o, "description", cell_text(json_get_str(recipe, STR("description"))));
    object_put(o, "prepLevel", cell_text(str_c(prep_level_name(t->prep_level))));
    object_put(o, "coats", cell_json(json_get(recipe, STR("coats"))->text));
    object_put(o, "warrantyYears", cell_json(json_get(recipe, STR("warrantyYears"))->text));
    object_put(o, "hours", hundredths(t->centi_hours));
    object_put(o, "crewDays", cell_float((double)t->crew_half_days / 2));
    for (size_t i = 0; i < sizeof cents / sizeof *cents; i++)
        object_put(o, cents[i].field, cell_int(cents[i].value));
    object_put(o, "cost", cost_cell(b, t));
    object_put(o, "materials", material_cells(b, t, card, &gallons));
    object_put(o, "gallons", hundredths(gallons));
    return cell_object(o);
}

static struct json *card_document(struct batch *b, struct str card_id)
{
    const struct pg_param params[] = {{card_id}};
    struct pg_result *r = is_uuid(card_id) ? batch_query(b, &RATE_CARD_DOCUMENT, params, 1) : NULL;
    return r && r->n_rows && pg_get(r, 0, 0).p ? json_parse(batch_arena(b), pg_get(r, 0, 0), NULL) : NULL;
}

void query_preview_pricing(struct batch *b)
{
    const struct json *input = batch_arg(b, "input"), *scope;
    struct err err = {0};
    struct json *card = card_document(b, json_get_str(input, STR("rateCardId")));
    struct patch p = {.b = b, .input = input};
    if (!card) {
        batch_fail_all(b, "BAD_USER_INPUT", "there is no rate card \"%.*s\"",
                       STR_ARG(json_get_str(input, STR("rateCardId"))));
        return;
    }
    patch_set(&p, "options", STR("[]"));
    scope = json_parse(batch_arena(b), patch_text(&p), &err);
    struct priced *priced = scope ? scope_price(batch_arena(b), scope, card, &err) : NULL;
    if (!priced) {
        batch_fail_all(b, "BAD_USER_INPUT", "%s", err.msg);
        return;
    }
    struct cell *tiers = arena_array(batch_arena(b), struct cell, 3);
    for (unsigned t = 0; t < 3; t++)
        tiers[t] = tier_cell(b, &priced->result->tiers[t], priced->recipes[t], card);
    batch_set_all(b, cell_list(tiers, 3));
}

/* ---- replay ---- */

struct differences {
    struct batch *b;
    VEC(struct cell) cells;
};

static void compare(struct differences *d, struct str path, struct str stored, struct str replayed)
{
    if (str_eq(stored, replayed))
        return;
    struct object *o = object_new(d->b, "PricingDifference");
    object_put(o, "path", cell_text(path));
    object_put(o, "stored", cell_text(stored.p ? stored : STR("")));
    object_put(o, "replayed", cell_text(replayed));
    vec_push(batch_arena(d->b), &d->cells, cell_object(o));
}

static void compare_tier(struct differences *d, const struct pg_result *rows, size_t row, const struct pricing_tier *t)
{
    const struct {
        const char *column;
        int64_t value;
    } numbers[] = {{"centi_hours", t->centi_hours},       {"crew_half_days", t->crew_half_days},
                   {"labor_cents", t->labor_cents},       {"material_cents", t->material_cents},
                   {"options_cents", t->options_cents},   {"discount_cents", t->discount_cents},
                   {"subtotal_cents", t->subtotal_cents}, {"tax_cents", t->tax_cents},
                   {"total_cents", t->total_cents},       {"deposit_cents", t->deposit_cents},
                   {"direct_cents", t->direct_cents},     {"margin_bp", t->margin_bp}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        compare(d, arena_printf(batch_arena(d->b), "%.*s.%s", STR_ARG(t->name), numbers[i].column),
                row_text(rows, row, numbers[i].column),
                arena_printf(batch_arena(d->b), "%lld", (long long)numbers[i].value));
}

static struct object *replay_object(struct batch *b, const struct pg_result *estimate, const struct pg_result *tiers,
                                    const struct priced *p)
{
    struct differences d = {.b = b};
    struct str stored = row_text(estimate, 0, "result_hash"), input = row_text(estimate, 0, "input_hash");
    compare(&d, STR("engineVersion"), row_text(estimate, 0, "engine_version"), STR(PRICING_ENGINE));
    compare(&d, STR("inputHash"), input, str_c(p->input_hash));
    for (size_t i = 0; i < tiers->n_rows && i < p->result->n_tiers; i++)
        compare_tier(&d, tiers, i, &p->result->tiers[i]);
    struct object *o = object_new(b, "PricingReplay");
    object_put(o, "estimate", cell_object(object_of_row(b, "Estimate", estimate, 0)));
    object_put(o, "matches", cell_bool(d.cells.n == 0 && str_eq_c(stored, p->result_hash)));
    object_put(o, "storedHash", cell_text(stored));
    object_put(o, "replayedHash", cell_text(arena_str(batch_arena(b), str_c(p->result_hash))));
    object_put(o, "differences", cell_list(d.cells.v, d.cells.n));
    return o;
}

void query_replay_pricing(struct batch *b)
{
    const struct pg_param params[] = {{batch_arg_str(b, "estimateId")}, own_customer(b)};
    struct err err = {0};
    struct pg_result *estimate = is_uuid(params[0].text) ? batch_query(b, &ESTIMATE_BY_ID, params, 2) : NULL;
    if (!estimate || !estimate->n_rows)
        return;
    struct pg_result *scope = batch_query(b, &ESTIMATE_SCOPE, params, 1),
                     *tiers = batch_query(b, &STORED_TIERS, params, 1);
    struct json *parsed = scope && tiers ? json_parse(batch_arena(b), pg_get(scope, 0, 0), &err) : NULL;
    struct json *card = parsed ? card_document(b, json_get_str(parsed, STR("rateCardId"))) : NULL;
    if (!card)
        return;
    struct priced *priced = scope_price(batch_arena(b), parsed, card, &err);
    if (priced)
        batch_set_all(b, cell_object(replay_object(b, estimate, tiers, priced)));
    else
        batch_fail_all(b, "PRICING_INPUT", "the stored scope cannot be priced any more: %s", err.msg);
}
