#include "services/estimates/pricing_job.h"

#include "base/vec.h"

#define BP_MAX 100000000
#define WHOLE_DIGITS_MAX 9
#define FRACTION_DIGITS_MAX 6

struct reader {
    struct arena *a;
    struct err *err;
    bool failed;
};

static void fail(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct reader *r, const char *fmt, ...)
{
    if (r->failed)
        return;
    char msg[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    err_set(r->err, "PRICING_INPUT", "%s", msg);
    r->failed = true;
}

/* A decimal as text or number, not negative: at most nine digits before the point and six after it. */
static bool parse_fixed(struct str s, struct fixed *out)
{
    int64_t n = 0, d = 1;
    size_t i = 0;
    for (; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        n = n * 10 + (s.p[i] - '0');
    if (i == 0 || i > WHOLE_DIGITS_MAX)
        return false;
    if (i < s.len && s.p[i] == '.') {
        size_t first = ++i;
        for (; i < s.len && s.p[i] >= '0' && s.p[i] <= '9' && i - first < FRACTION_DIGITS_MAX; i++) {
            n = n * 10 + (s.p[i] - '0');
            d *= 10;
        }
        if (i == first)
            return false;
    }
    *out = (struct fixed){n, d};
    return i == s.len;
}

static struct fixed read_fixed(struct reader *r, const struct json *v, const char *where, bool positive)
{
    struct fixed f = {0, 0};
    if (!v || (v->kind != JSON_STRING && v->kind != JSON_NUMBER) || !parse_fixed(v->text, &f))
        fail(r,
             "%s: write a decimal such as \"12.5\", not negative, with at most %d digits before the point and %d "
             "after it",
             where, WHOLE_DIGITS_MAX, FRACTION_DIGITS_MAX);
    else if (positive && f.n == 0)
        fail(r, "%s must be greater than zero", where);
    return f;
}

static int64_t read_int(struct reader *r, const struct json *parent, const char *name, int64_t otherwise, int64_t max)
{
    const struct json *v = json_get(parent, str_c(name));
    int64_t n;
    if (!v || v->kind == JSON_NULL)
        return otherwise;
    if (!json_to_i64(v, &n) || n < 0 || n > max) {
        fail(r, "%s must be an integer from 0 to %lld", name, (long long)max);
        return otherwise;
    }
    return n;
}

static int64_t need_int(struct reader *r, const struct json *parent, const char *name, int64_t max)
{
    int64_t n = read_int(r, parent, name, -1, max);
    if (n < 0)
        fail(r, "%s is missing", name);
    return n;
}

static bool read_bool(struct reader *r, const struct json *parent, const char *name)
{
    const struct json *v = json_get(parent, str_c(name));
    if (v && v->kind != JSON_BOOL && v->kind != JSON_NULL)
        fail(r, "%s must be true or false", name);
    return v && v->kind == JSON_BOOL && v->boolean;
}

static const struct json *need(struct reader *r, const struct json *parent, const char *name, enum json_kind kind)
{
    static const struct json nothing = {.kind = JSON_NULL};
    const struct json *v = json_get(parent, str_c(name));
    if (v && v->kind == kind)
        return v;
    fail(r, "%s must be %s", name, kind == JSON_OBJECT ? "an object" : kind == JSON_ARRAY ? "a list" : "text");
    return &nothing;
}

static void read_rate(struct reader *r, struct job_rate *rate, struct str key, const struct json *v)
{
    static const char *const levels[PREP_LEVELS] = {"L1", "L2", "L3", "L4"};
    rate->key = key;
    rate->first = read_fixed(r, json_get(v, STR("first")), "rates.first", true);
    rate->next = read_fixed(r, json_get(v, STR("next")), "rates.next", true);
    rate->coverage = read_fixed(r, json_get(v, STR("coverage")), "rates.coverage", true);
    rate->waste_bp = read_int(r, v, "wasteBp", 0, BP_MAX);
    const struct json *prep = json_get(v, STR("prep"));
    for (unsigned i = 0; i < PREP_LEVELS; i++) {
        const struct json *level = json_get(prep, str_c(levels[i]));
        if (level)
            rate->prep[i] = read_fixed(r, level, "rates.prep", true);
    }
}

static void read_rates(struct reader *r, struct job *job, const struct json *card)
{
    const struct json *rates = need(r, card, "rates", JSON_OBJECT);
    job->rates = arena_array(r->a, struct job_rate, rates->n);
    for (uint32_t i = 0; i < rates->n; i++)
        read_rate(r, &job->rates[job->n_rates++], rates->members[i].name, rates->members[i].value);
}

static unsigned read_prep_level(struct reader *r, const struct json *tier)
{
    struct str s = json_get_str(tier, STR("prep"));
    if (s.len >= 2 && s.p[0] == 'L' && s.p[1] >= '1' && s.p[1] <= '0' + PREP_LEVELS && (s.len == 2 || s.p[2] == '_'))
        return (unsigned)(s.p[1] - '0');
    fail(r, "tiers.prep must be L1, L2, L3 or L4");
    return 1;
}

static void read_tier(struct reader *r, struct job_tier *tier, struct str name, const struct json *v)
{
    tier->name = name;
    tier->prep_level = read_prep_level(r, v);
    const struct json *coats = need(r, v, "coats", JSON_OBJECT);
    tier->coats = arena_array(r->a, struct job_coats, coats->n);
    for (uint32_t i = 0; i < coats->n; i++) {
        struct job_coats *c = &tier->coats[tier->n_coats++];
        c->surface = coats->members[i].name;
        if (!json_to_i64(coats->members[i].value, &c->coats) || c->coats < 0 || c->coats > 9)
            fail(r, "tiers.coats.%.*s must be an integer from 0 to 9", STR_ARG(c->surface));
    }
    const struct json *products = need(r, v, "products", JSON_OBJECT);
    tier->products = arena_array(r->a, struct job_product, products->n);
    for (uint32_t i = 0; i < products->n; i++) {
        const struct json *p = products->members[i].value;
        tier->products[tier->n_products++] = (struct job_product){
            .key = products->members[i].name,
            .id = need(r, p, "id", JSON_STRING)->text,
            .cost_cents = need_int(r, p, "costCents", PRICING_CENTS_MAX),
            .container = read_fixed(r, json_get(p, STR("containerGal")), "products.containerGal", true),
        };
    }
}

/* The canonical order of an object's members would put BEST before BETTER: the known tiers come in their own order. */
static void read_tiers(struct reader *r, struct job *job, const struct json *card)
{
    static const char *const order[] = {"GOOD", "BETTER", "BEST"};
    const struct json *tiers = need(r, card, "tiers", JSON_OBJECT);
    job->tiers = arena_array(r->a, struct job_tier, 3);
    for (unsigned i = 0; i < 3; i++) {
        const struct json *v = json_get(tiers, str_c(order[i]));
        if (v)
            read_tier(r, &job->tiers[job->n_tiers++], str_c(order[i]), v);
    }
    if (job->n_tiers == 0 || job->n_tiers != tiers->n)
        fail(r, "rateCard.tiers must have members named GOOD, BETTER, BEST");
}

static int64_t factor(struct reader *r, const struct json *table, const char *what, struct str key, struct str item)
{
    const struct json *v = json_get(table, key);
    int64_t bp;
    if (v && json_to_i64(v, &bp) && bp > 0 && bp <= BP_MAX)
        return bp;
    fail(r, "item %.*s: the rate card has no %s factor for %.*s: add one, or give the item hoursEach", STR_ARG(item),
         what, STR_ARG(key));
    return 10000;
}

static void read_item_rate(struct reader *r, struct job *job, struct job_item *item, const struct json *v,
                           const struct json *card)
{
    struct str key = json_get_str(v, STR("rate"));
    for (size_t i = 0; i < job->n_rates && !item->rate; i++)
        if (str_eq(job->rates[i].key, key))
            item->rate = &job->rates[i];
    if (!item->rate)
        fail(r, "item %.*s: the rate card has no rate \"%.*s\": add one, or give the item hoursEach", STR_ARG(item->id),
             STR_ARG(key));
    item->surface = need(r, v, "surface", JSON_STRING)->text;
    item->product = json_get_str(v, STR("product"));
    item->color = json_get_str(v, STR("color"));
    struct str height = json_get_str(v, STR("height")), condition = json_get_str(v, STR("condition"));
    item->height_bp = height.p ? factor(r, json_get(card, STR("height")), "height", height, item->id) : 10000;
    const struct json *occupied = json_get(v, STR("occupied"));
    item->occupied_bp = (occupied ? read_bool(r, v, "occupied") : job->occupied) ? job->occupied_bp : 10000;
    item->condition_bp =
        condition.p ? factor(r, json_get(card, STR("condition")), "condition", condition, item->id) : 10000;
}

static void read_item(struct reader *r, struct job *job, struct job_item *item, const struct json *v,
                      const struct json *card)
{
    item->id = need(r, v, "id", JSON_STRING)->text;
    item->qty = read_fixed(r, json_get(v, STR("qty")), "items.qty", false);
    const struct json *hours = json_get(v, STR("hoursEach"));
    if (hours && hours->kind != JSON_NULL)
        item->hours_each = read_fixed(r, hours, "items.hoursEach", false);
    else
        read_item_rate(r, job, item, v, card);
    const struct json *tiers = json_get(v, STR("tiers"));
    for (uint32_t i = 0; tiers && tiers->kind == JSON_ARRAY && i < tiers->n && i < ITEM_TIERS_MAX; i++)
        item->tiers[item->n_tiers++] = tiers->items[i]->text;
}

static void read_items(struct reader *r, struct job *job, const struct json *input, const struct json *card)
{
    const struct json *items = need(r, input, "items", JSON_ARRAY);
    if (items->n > PRICING_ITEMS_MAX) {
        fail(r, "items: at most %d in one job: split it into several estimates", PRICING_ITEMS_MAX);
        return;
    }
    job->items = arena_array(r->a, struct job_item, items->n);
    for (uint32_t i = 0; i < items->n && !r->failed; i++)
        read_item(r, job, &job->items[job->n_items++], items->items[i], card);
}

static void read_tax(struct reader *r, struct job *job, const struct json *input)
{
    const struct json *tax = json_get(input, STR("tax"));
    struct str mode = json_get_str(tax, STR("mode"));
    if (!mode.p || str_eq(mode, STR("NONE")))
        return;
    job->tax_micros = read_int(r, tax, "rateMicros", 0, 1000000);
    if (str_eq(mode, STR("MATERIALS_CONSUMED")))
        job->tax = TAX_MATERIALS_CONSUMED;
    else if (str_eq(mode, STR("MATERIALS_RESOLD")))
        job->tax = TAX_MATERIALS_RESOLD;
    else if (str_eq(mode, STR("FULL_CONTRACT")))
        job->tax = TAX_FULL_CONTRACT;
    else
        fail(r, "tax.mode must be NONE, MATERIALS_CONSUMED, MATERIALS_RESOLD or FULL_CONTRACT");
    if (read_bool(r, tax, "exempt"))
        job->tax = TAX_NONE;
}

static void read_deposit(struct reader *r, struct job *job, const struct json *input)
{
    const struct json *deposit = json_get(input, STR("deposit"));
    job->deposit_percent_bp = read_int(r, deposit, "percentBp", 0, 10000);
    job->deposit_fixed_cents = read_int(r, deposit, "fixedCents", -1, PRICING_CENTS_MAX);
    job->deposit_fixed = job->deposit_fixed_cents >= 0;
    job->deposit_cap_bp = read_int(r, deposit, "capBp", -1, 10000);
    job->deposit_cap_cents = read_int(r, deposit, "capCents", -1, PRICING_CENTS_MAX);
    if (str_eq_c(json_get_str(deposit, STR("kind")), "NONE"))
        job->deposit_fixed = false, job->deposit_percent_bp = 0;
}

static void read_extras(struct reader *r, struct job *job, const struct json *input)
{
    job->discount_bp = read_int(r, input, "discountBp", 0, 10000);
    job->discount_cents = read_int(r, input, "discountCents", 0, PRICING_CENTS_MAX);
    job->target_bp = read_int(r, input, "targetMarginBp", -1, 9999);
    const struct json *options = json_get(input, STR("options"));
    for (uint32_t i = 0; options && options->kind == JSON_ARRAY && i < options->n && !r->failed; i++) {
        job->options_cents += need_int(r, options->items[i], "priceCents", PRICING_CENTS_MAX / PRICING_ITEMS_MAX);
        job->has_options = true;
    }
    if (options && options->kind == JSON_ARRAY && options->n > PRICING_ITEMS_MAX)
        fail(r, "options: at most %d in one job", PRICING_ITEMS_MAX);
}

struct job *pricing_job_read(struct arena *a, const struct json *input, struct err *err)
{
    struct reader r = {.a = a, .err = err};
    struct job *job = arena_new_of(a, struct job);
    const struct json *card = need(&r, input, "rateCard", JSON_OBJECT);
    job->sell = need_int(&r, card, "sellCentsPerHour", 100000000);
    job->cost = need_int(&r, card, "costCentsPerHour", 100000000);
    job->markup_bp = need_int(&r, card, "markupBp", BP_MAX);
    job->sundries_bp = need_int(&r, card, "sundriesBp", BP_MAX);
    job->occupied_bp = read_int(&r, card, "occupiedBp", 10000, BP_MAX);
    job->floor_bp = read_int(&r, card, "marginFloorBp", -1, 10000);
    const struct json *day = json_get(card, STR("crewHoursPerDay"));
    job->crew_day = day ? read_fixed(&r, day, "crewHoursPerDay", true) : (struct fixed){24, 1};
    job->occupied = read_bool(&r, input, "occupied");
    if (!r.failed)
        read_rates(&r, job, card);
    if (!r.failed)
        read_tiers(&r, job, card);
    if (!r.failed)
        read_items(&r, job, input, card);
    if (!r.failed)
        read_tax(&r, job, input);
    if (!r.failed)
        read_deposit(&r, job, input);
    if (!r.failed)
        read_extras(&r, job, input);
    return r.failed ? NULL : job;
}
