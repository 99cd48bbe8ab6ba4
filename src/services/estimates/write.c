#include "services/estimates/estimates.h"

#include "base/timestamp.h"

#define ESTIMATOR_DISCOUNT_MAX_BP 1000

struct edit {
    const struct json *input;
    struct str id;
    int64_t expected;
    struct object *refused;
};

/* ---- shared with state.c and revise.c ---- */

struct pg_result *lock_estimate(struct write *w, struct str id, int64_t expected)
{
    const struct pg_param params[] = {{id}}, rule[] = {{id}, own_customer(w->batch)};
    struct pg_result *r = is_uuid(id) ? write_query(w, &ESTIMATE_LOCK, params, 1) : NULL;
    struct pg_result *seen = r ? write_query(w, &ESTIMATE_BY_ID, rule, 2) : NULL;
    if (is_uuid(id) && !seen)
        return NULL;
    if (!seen || !seen->n_rows) {
        write_reject(w, not_found_error(w->batch, "estimate", id));
        return NULL;
    }
    if (expected >= 0 && row_number(r, 0, "version") != expected) {
        write_reject(w, conflict_error(w->batch, expected, row_number(r, 0, "version")));
        return NULL;
    }
    return r;
}

void estimate_event(struct write *w, const struct pg_result *before, const struct pg_result *after, const char *action,
                    const char *verb)
{
    struct json *row = json_parse(batch_arena(w->batch), row_text(after, 0, "row_json"), NULL);
    struct str number = json_get_str(row, STR("number"));
    int64_t version = 1;
    json_to_i64(json_get(row, STR("version")), &version);
    write_event(
        w, &(struct change){.entity = "Estimate",
                            .id = json_get_str(row, STR("id")),
                            .version = version,
                            .action = action,
                            .before = before ? row_text(before, 0, "row_json") : STR_NONE,
                            .after = row_text(after, 0, "row_json"),
                            .summary = arena_printf(batch_arena(w->batch), "Estimate %.*s %s", STR_ARG(number), verb),
                            .customer = json_get_str(row, STR("customer_id")),
                            .project = json_get_str(row, STR("project_id"))});
}

void answer_estimate(struct write *w, struct str id)
{
    write_result(w, success_of(w->batch, "EstimateSuccess", "estimate", object_of_ref(w->batch, "Estimate", "id", id)));
}

/* ---- checks ---- */

static void check_discount(struct check *c, const char *path, int64_t bp)
{
    if (batch_request(c->b)->caller.role == ROLE_ESTIMATOR && bp > ESTIMATOR_DISCOUNT_MAX_BP)
        check_fail(c, path, "an estimator gives 10 %% at most: ask an owner or admin");
}

static void check_pricing(struct check *c, const struct json *pricing)
{
    const struct json *options = json_get(pricing, STR("options")), *areas = json_get(pricing, STR("areas"));
    int64_t bp = 0;
    if (!pricing || pricing->kind != JSON_OBJECT)
        return;
    check_range(c, pricing, "input.pricing.discountBp", "discountBp", 0, 10000);
    if (json_to_i64(json_get(pricing, STR("discountBp")), &bp))
        check_discount(c, "input.pricing.discountBp", bp);
    check_range(c, json_get(pricing, STR("tax")), "input.pricing.tax.rateMicros", "rateMicros", 0, 1000000);
    if (areas && areas->kind == JSON_ARRAY && areas->n > 200)
        check_fail(c, "input.pricing.areas", "has more than 200 areas: split the estimate");
    for (uint32_t i = 0; options && options->kind == JSON_ARRAY && i < options->n; i++) {
        check_text(c, options->items[i], "input.pricing.options.name", "name", 200);
        check_range(c, options->items[i], "input.pricing.options.priceCents", "priceCents", 0, INT64_C(1000000000));
    }
}

static void check_edit(struct check *c, const struct json *input)
{
    int32_t day;
    const struct json *deposit = json_get(input, STR("deposit"));
    check_strings(c, "input", input);
    check_text(c, input, "input.title", "title", 200);
    check_id(c, input, "input.customerId", "customerId");
    check_id(c, input, "input.projectId", "projectId");
    check_id(c, input, "input.propertyId", "propertyId");
    check_range(c, deposit, "input.deposit.percentBp", "percentBp", 0, 10000);
    check_range(c, deposit, "input.deposit.fixedCents", "fixedCents", 0, INT64_C(1000000000000));
    if (str_eq_c(json_get_str(deposit, STR("kind")), "PERCENT") && !is_given(deposit, "percentBp"))
        check_fail(c, "input.deposit.percentBp", "is needed for a deposit by PERCENT");
    if (str_eq_c(json_get_str(deposit, STR("kind")), "FIXED") && !is_given(deposit, "fixedCents"))
        check_fail(c, "input.deposit.fixedCents", "is needed for a FIXED deposit");
    if (is_given(input, "validUntil") && !date_parse(json_get_str(input, STR("validUntil")), &day))
        check_fail(c, "input.validUntil", "is no date: write YYYY-MM-DD");
    check_pricing(c, json_get(input, STR("pricing")));
}

/* ---- create ---- */

static struct str option_rows(struct batch *b, const struct json *pricing)
{
    const struct json *options = json_get(pricing, STR("options"));
    struct str rows = STR("[");
    for (uint32_t i = 0; options && options->kind == JSON_ARRAY && i < options->n; i++) {
        struct patch p = {.b = b, .input = options->items[i]};
        patch_set(&p, "id", json_quote(b, new_id(b)));
        patch_set(&p, "position", arena_printf(batch_arena(b), "%u", i + 1));
        patch_set(&p, "price_cents", param_of(options->items[i], "priceCents").text);
        struct str row = patch_text(&p);
        rows = arena_printf(batch_arena(b), "%.*s%s%.*s", STR_ARG(rows), i ? "," : "", STR_ARG(row));
    }
    return arena_printf(batch_arena(b), "%.*s]", STR_ARG(rows));
}

static bool store_options(struct write *w, struct str id, const struct json *pricing)
{
    const struct pg_param params[] = {{id}, {option_rows(w->batch, pricing)}};
    return write_query(w, &OPTIONS_CLEAR, params, 1) && write_query(w, &OPTIONS_INSERT, params, 2);
}

static bool store_discount(struct write *w, struct str id, const struct json *pricing)
{
    int64_t bp = 0;
    const struct pg_param clear[] = {{id}};
    const struct pg_param params[] = {
        {new_id(w->batch)}, {id}, {STR("Discount")}, param_of(pricing, "discountBp"), {STR_NONE}, caller_id(w->batch)};
    if (!write_query(w, &DISCOUNTS_CLEAR, clear, 1))
        return false;
    json_to_i64(json_get(pricing, STR("discountBp")), &bp);
    return bp == 0 || write_query(w, &DISCOUNT_INSERT, params, 6);
}

/* The card of a PricingInput, published; NULL when the write has its answer. */
static struct json *card_for(struct write *w, const struct json *pricing)
{
    struct json *card = read_card(w, json_get_str(pricing, STR("rateCardId")));
    if (card && !str_eq_c(json_get_str(card, STR("status")), "PUBLISHED")) {
        write_reject(w,
                     validation_error(
                         w->batch,
                         &(struct field_error){"input.pricing.rateCardId", STR("this rate card is not published")}, 1));
        return NULL;
    }
    return card;
}

static struct str insert_text(struct batch *b, const struct store *s, const struct json *input, struct str number)
{
    static const char *const same[][2] = {{"title", "title"},
                                          {"customer_id", "customerId"},
                                          {"project_id", "projectId"},
                                          {"property_id", "propertyId"},
                                          {"valid_until", "validUntil"},
                                          {"terms", "terms"},
                                          {"exclusions", "exclusions"}};
    struct str members = store_price_members(b, s), rest = STR("");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const struct json *v = json_get(input, str_c(same[i][1]));
        struct str text = v ? json_text(b, v) : STR("null");
        rest = arena_printf(batch_arena(b), "%.*s,\"%s\":%.*s", STR_ARG(rest), same[i][0], STR_ARG(text));
    }
    struct str user = json_quote(b, caller_id(b).text);
    return arena_printf(
        batch_arena(b),
        "{%.*s%.*s,\"id\":\"%.*s\",\"root_id\":\"%.*s\",\"number\":\"%.*s\",\"revision\":1,\"created_by\":%.*s}",
        STR_ARG(members), STR_ARG(rest), STR_ARG(s->id), STR_ARG(s->id), STR_ARG(number), STR_ARG(user));
}

static void create_estimate(struct write *w)
{
    struct edit *e = w->arg;
    struct batch *b = w->batch;
    const struct json *pricing = json_get(e->input, STR("pricing")), *deposit = json_get(e->input, STR("deposit"));
    struct store s = {.id = new_id(b), .card_id = json_get_str(pricing, STR("rateCardId"))};
    struct json *card = e->refused ? NULL : card_for(w, pricing);
    if (card)
        s.priced = price_input(b, pricing, deposit, card, &s.scope, &e->refused);
    if (e->refused)
        write_reject(w, e->refused);
    if (!card || e->refused)
        return;
    struct pg_result *number = write_query(w, &ESTIMATE_NUMBER, NULL, 0);
    if (!number)
        return;
    const struct pg_param params[] = {{insert_text(b, &s, e->input, pg_get(number, 0, 0))}};
    struct pg_result *r = write_query(w, &ESTIMATE_INSERT, params, 1);
    if (!r || !store_scope(w, &s) || !store_options(w, s.id, pricing) || !store_discount(w, s.id, pricing))
        return;
    estimate_event(w, NULL, r, "estimate.created", "created");
    answer_estimate(w, s.id);
}

static void prepare(struct batch *b, struct edit *e)
{
    struct check c = {.b = b};
    e->input = batch_arg(b, "input");
    check_edit(&c, e->input);
    e->refused = check_errors(&c);
}

void mutation_create_estimate(struct batch *b)
{
    struct edit e = {0};
    prepare(b, &e);
    batch_write(b, &(struct write_options){"createEstimate", json_get_str(e.input, STR("idempotencyKey"))},
                create_estimate, &e);
}

/* ---- update ---- */

/* The estimate that an edit goes to: itself while it has not been sent, a new revision after that. p NULL: the write
 * has its answer. */
static struct str editable(struct write *w, const struct pg_result *row)
{
    struct str status = row_text(row, 0, "status");
    if (str_eq_c(status, "DRAFT") || str_eq_c(status, "PRICED"))
        return row_text(row, 0, "id");
    if (estimate_may_go(status, "SUPERSEDED"))
        return revise(w, row);
    reject_step(w, status, "SUPERSEDED");
    return STR_NONE;
}

/* `deposit` of an edit, or what the estimate has. */
static const struct json *deposit_of(struct batch *b, const struct json *input, const struct pg_result *row)
{
    const struct json *given = json_get(input, STR("deposit"));
    if (given && given->kind == JSON_OBJECT)
        return given;
    struct json *stored = json_parse(batch_arena(b), row_text(row, 0, "row_json"), NULL);
    struct patch p = {.b = b};
    patch_set(&p, "kind", json_quote(b, json_get_str(stored, STR("deposit_kind"))));
    patch_set(&p, "percentBp", json_text(b, json_get(stored, STR("deposit_percent_bp"))));
    patch_set(&p, "fixedCents", json_text(b, json_get(stored, STR("deposit_fixed_cents"))));
    return json_parse(batch_arena(b), patch_text(&p), NULL);
}

static bool replace_scope(struct write *w, struct str id, const struct json *input, const struct pg_result *row)
{
    struct batch *b = w->batch;
    const struct json *pricing = json_get(input, STR("pricing"));
    struct store s = {.id = id, .card_id = json_get_str(pricing, STR("rateCardId"))};
    struct object *refused = NULL;
    struct json *card = card_for(w, pricing);
    if (!card)
        return false;
    s.priced = price_input(b, pricing, deposit_of(b, input, row), card, &s.scope, &refused);
    if (!s.priced) {
        write_reject(w, refused);
        return false;
    }
    struct str members = store_price_members(b, &s);
    const struct pg_param key[] = {{id}}, price[] = {{id}, {arena_printf(batch_arena(b), "{%.*s}", STR_ARG(members))}};
    return write_query(w, &LINES_CLEAR, key, 1) && write_query(w, &SCOPE_CLEAR, key, 1) &&
           write_query(w, &TIERS_CLEAR, key, 1) && store_scope(w, &s) && write_query(w, &ESTIMATE_REPRICED, price, 2) &&
           store_options(w, id, pricing) && store_discount(w, id, pricing);
}

/* A new deposit alone changes the tiers' deposits, and so the price's hash. */
static bool replace_deposit(struct write *w, struct str id, const struct json *input)
{
    struct batch *b = w->batch;
    struct store s;
    struct err err = {0};
    if (!price_stored(w, id, STR_NONE, &s))
        return false;
    struct patch p = {.b = b, .input = s.scope};
    patch_set(&p, "deposit", json_text(b, json_get(input, STR("deposit"))));
    s.scope = json_parse(batch_arena(b), patch_text(&p), &err);
    struct json *card = read_card(w, s.card_id);
    s.priced = card ? scope_price(batch_arena(b), s.scope, card, &err) : NULL;
    return s.priced && store_reprice(w, &s);
}

static bool apply_edit(struct write *w, const struct edit *e, struct str id, const struct pg_result *row)
{
    const struct pg_param texts[] = {{id}, {json_text(w->batch, e->input)}};
    if (!write_query(w, &ESTIMATE_TEXTS, texts, 2))
        return false;
    if (is_given(e->input, "pricing"))
        return replace_scope(w, id, e->input, row);
    return !is_given(e->input, "deposit") || replace_deposit(w, id, e->input);
}

static void update_estimate(struct write *w)
{
    struct edit *e = w->arg;
    if (e->refused) {
        write_reject(w, e->refused);
        return;
    }
    struct pg_result *before = lock_estimate(w, e->id, e->expected);
    struct str id = before ? editable(w, before) : STR_NONE;
    if (!id.p || !apply_edit(w, e, id, before))
        return;
    const struct pg_param key[] = {{id}};
    struct pg_result *r = write_query(w, &ESTIMATE_TOUCH, key, 1);
    if (!r)
        return;
    estimate_event(w, before, r, "estimate.repriced", "edited");
    answer_estimate(w, id);
}

void mutation_update_estimate(struct batch *b)
{
    struct edit e = {0};
    prepare(b, &e);
    e.id = json_get_str(e.input, STR("id"));
    json_to_i64(json_get(e.input, STR("expectedVersion")), &e.expected);
    batch_write(b, &(struct write_options){.name = "updateEstimate"}, update_estimate, &e);
}

/* ---- recalculate, discount ---- */

/* Prices what is stored anew, with another card when one is named, and answers. */
static void reprice(struct write *w, const struct pg_result *before, struct str id, struct str card_id,
                    const char *verb)
{
    struct store s;
    const struct pg_param key[] = {{id}};
    if (!price_stored(w, id, card_id, &s) || !store_reprice(w, &s))
        return;
    struct pg_result *r = write_query(w, &ESTIMATE_TOUCH, key, 1);
    if (!r)
        return;
    estimate_event(w, before, r, "estimate.repriced", verb);
    answer_estimate(w, id);
}

static void recalculate_estimate(struct write *w)
{
    struct edit *e = w->arg;
    struct pg_result *before = lock_estimate(w, e->id, e->expected);
    struct str id = before ? editable(w, before) : STR_NONE;
    if (id.p)
        reprice(w, before, id, batch_arg_str(w->batch, "rateCardId"), "recalculated");
}

void mutation_recalculate_estimate(struct batch *b)
{
    struct edit e = {.id = batch_arg_str(b, "id")};
    batch_arg_i64(b, "expectedVersion", &e.expected);
    batch_write(b, &(struct write_options){.name = "recalculateEstimate"}, recalculate_estimate, &e);
}

static void apply_discount(struct write *w)
{
    struct edit *e = w->arg;
    struct batch *b = w->batch;
    struct check c = {.b = b};
    int64_t bp = 0, cents = 0;
    bool percent = batch_arg_i64(b, "percentBp", &bp), amount = batch_arg_i64(b, "amountCents", &cents);
    struct str label = batch_arg_str(b, "label");
    struct pg_result *before = lock_estimate(w, e->id, e->expected);
    if (!before)
        return;
    if (percent == amount)
        check_fail(&c, "percentBp", "give either percentBp or amountCents");
    if (bp < 0 || bp > 10000 || cents < 0)
        check_fail(&c, percent ? "percentBp" : "amountCents", "is out of range");
    if (str_trim(label).len == 0 || label.len > 200 || memchr(label.p, 0, label.len))
        check_fail(&c, "label", "has 1 to 200 bytes");
    check_discount(&c, percent ? "percentBp" : "amountCents",
                   percent ? bp : cents * 10000 / (row_number(before, 0, "good_cents") + 1));
    if (c.errors.n) {
        write_reject(w, check_errors(&c));
        return;
    }
    struct str id = editable(w, before);
    const struct pg_param params[] = {{new_id(b)},
                                      {id},
                                      {label},
                                      {percent ? batch_arg(b, "percentBp")->text : STR_NONE},
                                      {amount ? batch_arg(b, "amountCents")->text : STR_NONE},
                                      caller_id(b)};
    if (id.p && write_query(w, &DISCOUNT_INSERT, params, 6))
        reprice(w, before, id, STR_NONE, "discounted");
}

void mutation_apply_discount(struct batch *b)
{
    struct edit e = {.id = batch_arg_str(b, "id")};
    batch_arg_i64(b, "expectedVersion", &e.expected);
    batch_write(b, &(struct write_options){.name = "applyDiscount"}, apply_discount, &e);
}
