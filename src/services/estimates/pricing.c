#include "services/estimates/pricing.h"

#include "services/estimates/pricing_job.h"
#include "services/estimates/ratio.h"

/* Material of one product in one colour: containers are rounded up once for the group. */
struct group {
    const struct job_product *product;
    struct str color;
    struct ratio gallons;
};

struct calc {
    struct arena *a;
    const struct job *job;
    struct err *err;
    bool failed;
    struct ratio x, y; /* scratch */
    struct group *groups;
    size_t n_groups;
};

static void too_large(struct calc *c)
{
    if (!c->failed)
        err_set(c->err, "PRICING_INPUT",
                "the job is too large: an amount exceeds 2^53: check quantities, rates and prices");
    c->failed = true;
}

static int64_t half_up(struct calc *c, const struct ratio *r)
{
    int64_t n = 0;
    if (!ratio_half_up(r, &n))
        too_large(c);
    return n;
}

/* round(value · n/d) */
static int64_t share(struct calc *c, int64_t value, int64_t n, int64_t d)
{
    ratio_set(&c->x, value, 1);
    ratio_mul(&c->x, n, d);
    return half_up(c, &c->x);
}

static int64_t plus(struct calc *c, int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum) || sum > PRICING_CENTS_MAX || sum < -PRICING_CENTS_MAX) {
        too_large(c);
        return 0;
    }
    return sum;
}

/* ---- lines ---- */

static bool item_in_tier(const struct job_item *item, struct str tier)
{
    for (size_t i = 0; i < item->n_tiers; i++)
        if (str_eq(item->tiers[i], tier))
            return true;
    return item->n_tiers == 0;
}

static int64_t coats_of(const struct job_tier *tier, struct str surface)
{
    for (size_t i = 0; i < tier->n_coats; i++)
        if (str_eq(tier->coats[i].surface, surface))
            return tier->coats[i].coats;
    return -1;
}

/* out := quantity / units per hour */
static void hours_for(struct ratio *out, struct fixed qty, struct fixed per_hour)
{
    ratio_set(out, qty.n, qty.d);
    ratio_mul(out, per_hour.d, per_hour.n);
}

static void surroundings(struct ratio *hours, const struct job_item *item)
{
    ratio_mul(hours, item->height_bp, 10000);
    ratio_mul(hours, item->occupied_bp, 10000);
    ratio_mul(hours, 100, 1);
}

static void price_rated(struct calc *c, const struct job_item *item, const struct job_tier *tier,
                        struct pricing_line *line)
{
    const struct job_rate *rate = item->rate;
    struct fixed prep = rate->prep[tier->prep_level - 1];
    ratio_set(&c->x, 0, 1);
    if (prep.d) {
        hours_for(&c->x, item->qty, prep);
        ratio_mul(&c->x, item->condition_bp, 10000);
    }
    ratio_set(&c->y, 0, 1);
    ratio_add(&c->y, &c->x);
    surroundings(&c->y, item);
    line->prep_centi_hours = half_up(c, &c->y);
    if (line->coats >= 1) {
        hours_for(&c->y, item->qty, rate->first);
        ratio_add(&c->x, &c->y);
        hours_for(&c->y, item->qty, rate->next);
        ratio_mul(&c->y, line->coats - 1, 1);
        ratio_add(&c->x, &c->y);
    }
    surroundings(&c->x, item);
    line->centi_hours = half_up(c, &c->x);
}

static struct group *find_group(struct calc *c, const struct job_product *product, struct str color)
{
    for (size_t i = 0; i < c->n_groups; i++)
        if (str_eq(c->groups[i].product->id, product->id) && str_eq(c->groups[i].color, color))
            return &c->groups[i];
    struct group *g = &c->groups[c->n_groups++];
    *g = (struct group){.product = product, .color = color};
    ratio_init(&g->gallons);
    return g;
}

static const struct job_product *find_product(const struct job_tier *tier, struct str key)
{
    for (size_t i = 0; i < tier->n_products; i++)
        if (str_eq(tier->products[i].key, key))
            return &tier->products[i];
    return NULL;
}

static void add_paint(struct calc *c, const struct job_item *item, const struct job_tier *tier,
                      struct pricing_line *line)
{
    const struct job_product *product = find_product(tier, item->product);
    if (!product) {
        if (!c->failed)
            err_set(c->err, "PRICING_INPUT", "item %.*s: tier %.*s has no product \"%.*s\": name one in rateCard.tiers",
                    STR_ARG(item->id), STR_ARG(tier->name), STR_ARG(item->product));
        c->failed = true;
        return;
    }
    struct group *g = find_group(c, product, item->color);
    hours_for(&c->x, item->qty, item->rate->coverage);
    ratio_mul(&c->x, line->coats, 1);
    ratio_mul(&c->x, 10000 + item->rate->waste_bp, 10000);
    ratio_add(&g->gallons, &c->x);
    ratio_mul(&c->x, 100, 1);
    line->centi_gallons = half_up(c, &c->x);
}

static void price_line(struct calc *c, const struct job_item *item, const struct job_tier *tier,
                       struct pricing_line *line)
{
    if (!item->rate) {
        ratio_set(&c->x, item->qty.n, item->qty.d);
        ratio_mul(&c->x, item->hours_each.n, item->hours_each.d);
        ratio_mul(&c->x, 100, 1);
        line->centi_hours = half_up(c, &c->x);
    } else {
        int64_t coats = coats_of(tier, item->surface);
        if (coats < 0) {
            if (!c->failed)
                err_set(c->err, "PRICING_INPUT", "item %.*s: tier %.*s does not say how many coats %.*s gets",
                        STR_ARG(item->id), STR_ARG(tier->name), STR_ARG(item->surface));
            c->failed = true;
            return;
        }
        line->coats = (uint32_t)coats;
        price_rated(c, item, tier, line);
        if (item->product.p && coats)
            add_paint(c, item, tier, line);
    }
    line->labor_cents = share(c, line->centi_hours, c->job->sell, 100);
}

static void price_lines(struct calc *c, const struct job_tier *tier, struct pricing_tier *out)
{
    const struct job *job = c->job;
    out->lines = arena_array(c->a, struct pricing_line, job->n_items);
    for (size_t i = 0; i < job->n_items && !c->failed; i++) {
        if (!item_in_tier(&job->items[i], tier->name))
            continue;
        struct pricing_line *line = &out->lines[out->n_lines++];
        *line = (struct pricing_line){.id = job->items[i].id, .item = (uint32_t)i};
        price_line(c, &job->items[i], tier, line);
        out->centi_hours = plus(c, out->centi_hours, line->centi_hours);
        out->labor_cents = plus(c, out->labor_cents, line->labor_cents);
    }
}

/* ---- material ---- */

static void price_group(struct calc *c, const struct group *g, struct pricing_material *m)
{
    m->product = g->product->id;
    m->color = g->color;
    ratio_set(&c->x, 0, 1);
    ratio_add(&c->x, &g->gallons);
    ratio_mul(&c->x, 100, 1);
    m->exact_centi_gallons = half_up(c, &c->x);
    ratio_mul(&c->x, g->product->container.d, 100 * g->product->container.n);
    if (!ratio_ceil(&c->x, &m->containers))
        too_large(c);
    ratio_set(&c->x, m->containers, 1);
    ratio_mul(&c->x, g->product->cost_cents, 1);
    m->cost_cents = half_up(c, &c->x);
    m->sell_cents = share(c, m->cost_cents, 10000 + c->job->markup_bp, 10000);
}

static int64_t price_material(struct calc *c, struct pricing_tier *out)
{
    int64_t paint = 0, cost = 0;
    out->materials = arena_array(c->a, struct pricing_material, c->n_groups);
    for (size_t i = 0; i < c->n_groups && !c->failed; i++) {
        struct pricing_material *m = &out->materials[out->n_materials++];
        price_group(c, &c->groups[i], m);
        paint = plus(c, paint, m->sell_cents);
        cost = plus(c, cost, m->cost_cents);
    }
    out->material_cents = plus(c, paint, share(c, paint, c->job->sundries_bp, 10000));
    return cost;
}

/* ---- the document ---- */

/* c->y := hours · burdened + containers · cost · (1 + sundries), in cents, exact */
static void direct_cost(struct calc *c, struct pricing_tier *out, int64_t paint_cost)
{
    out->direct_labor_cents = share(c, out->centi_hours, c->job->cost, 100);
    out->direct_material_cents = share(c, paint_cost, 10000 + c->job->sundries_bp, 10000);
    ratio_set(&c->x, paint_cost, 1);
    ratio_mul(&c->x, 10000 + c->job->sundries_bp, 10000);
    ratio_set(&c->y, out->centi_hours, 1);
    ratio_mul(&c->y, c->job->cost, 100);
    ratio_add(&c->y, &c->x);
    out->direct_cents = half_up(c, &c->y);
}

/* Shares `labor` out over the lines in proportion to their hours, so that the lines add up to it. */
static void spread_labor(struct calc *c, struct pricing_tier *out, int64_t labor)
{
    int64_t hours = 0, given = 0;
    for (size_t i = 0; i < out->n_lines; i++) {
        hours += out->lines[i].centi_hours;
        int64_t up_to_here = out->centi_hours ? share(c, hours, labor, out->centi_hours) : 0;
        out->lines[i].labor_cents = up_to_here - given;
        given = up_to_here;
    }
    out->labor_cents = labor;
}

static void aim_at_margin(struct calc *c, struct pricing_tier *out)
{
    ratio_set(&c->x, 0, 1);
    ratio_add(&c->x, &c->y);
    ratio_mul(&c->x, 10000, 10000 - c->job->target_bp);
    int64_t price = half_up(c, &c->x);
    if (price < out->material_cents || (out->centi_hours == 0 && price > out->material_cents)) {
        if (!c->failed)
            err_set(
                c->err, "PRICING_INPUT",
                "tier %.*s: a price for the target margin does not cover the marked-up material: raise targetMarginBp",
                STR_ARG(out->name));
        c->failed = true;
        return;
    }
    spread_labor(c, out, price - out->material_cents);
}

static void subtract_discount(struct calc *c, struct pricing_tier *out)
{
    int64_t before = plus(c, plus(c, out->labor_cents, out->material_cents), out->options_cents);
    out->discount_cents = plus(c, share(c, before, c->job->discount_bp, 10000), c->job->discount_cents);
    if (out->discount_cents > before && !c->failed) {
        err_set(c->err, "PRICING_INPUT", "tier %.*s: the discount exceeds the price: lower it", STR_ARG(out->name));
        c->failed = true;
    }
    out->subtotal_cents = before - out->discount_cents;
}

static void add_tax(struct calc *c, struct pricing_tier *out)
{
    if (c->job->tax == TAX_MATERIALS_RESOLD)
        out->tax_cents = share(c, out->material_cents, c->job->tax_micros, 1000000);
    else if (c->job->tax == TAX_FULL_CONTRACT)
        out->tax_cents = share(c, out->subtotal_cents, c->job->tax_micros, 1000000);
    out->total_cents = plus(c, out->subtotal_cents, out->tax_cents);
}

static void cut(struct pricing_tier *out, int64_t cap)
{
    if (out->deposit_cents > cap) {
        out->deposit_cents = cap;
        out->deposit_was_cut = true;
    }
}

static void ask_deposit(struct calc *c, struct pricing_tier *out)
{
    const struct job *job = c->job;
    out->deposit_cents =
        job->deposit_fixed ? job->deposit_fixed_cents : share(c, out->total_cents, job->deposit_percent_bp, 10000);
    if (job->deposit_cap_cents >= 0)
        cut(out, job->deposit_cap_cents);
    if (job->deposit_cap_bp >= 0) {
        int64_t cap = 0;
        ratio_set(&c->x, out->total_cents, 1);
        ratio_mul(&c->x, job->deposit_cap_bp, 10000);
        if (!ratio_floor(&c->x, &cap))
            too_large(c);
        cut(out, cap);
    }
    if (out->deposit_cents > out->total_cents)
        out->deposit_cents = out->total_cents;
}

/* c->y holds the direct cost. */
static void measure_margin(struct calc *c, struct pricing_tier *out)
{
    ratio_set(&c->x, out->subtotal_cents, 1);
    ratio_sub(&c->x, &c->y);
    if (out->subtotal_cents > 0)
        ratio_mul(&c->x, 10000, out->subtotal_cents);
    else
        ratio_set(&c->x, 0, 1);
    out->margin_bp = half_up(c, &c->x);
    ratio_set(&c->y, c->job->floor_bp, 1);
    ratio_sub(&c->x, &c->y);
    out->below_floor = c->job->floor_bp >= 0 && ratio_sign(&c->x) < 0;
}

static void count_crew_days(struct calc *c, struct pricing_tier *out)
{
    struct fixed day = c->job->crew_day;
    ratio_set(&c->x, out->centi_hours, 50);
    ratio_mul(&c->x, day.d, day.n);
    if (!ratio_ceil(&c->x, &out->crew_half_days))
        too_large(c);
}

static void price_tier(struct calc *c, const struct job_tier *tier, struct pricing_tier *out)
{
    out->name = tier->name;
    out->prep_level = tier->prep_level;
    c->n_groups = 0;
    price_lines(c, tier, out);
    if (!c->failed) {
        int64_t paint_cost = price_material(c, out);
        out->options_cents = c->job->options_cents;
        direct_cost(c, out, paint_cost);
        if (c->job->target_bp >= 0)
            aim_at_margin(c, out);
        subtract_discount(c, out);
        add_tax(c, out);
        ask_deposit(c, out);
        direct_cost(c, out, paint_cost);
        measure_margin(c, out);
        count_crew_days(c, out);
    }
    for (size_t i = 0; i < c->n_groups; i++)
        ratio_clear(&c->groups[i].gallons);
}

struct pricing_result *pricing_compute(struct arena *a, const struct json *input, struct err *err)
{
    struct job *job = pricing_job_read(a, input, err);
    if (!job)
        return NULL;
    struct pricing_result *result = arena_new_of(a, struct pricing_result);
    result->has_options = job->has_options;
    result->n_tiers = job->n_tiers;
    result->tiers = arena_array(a, struct pricing_tier, job->n_tiers);
    struct calc c = {.a = a, .job = job, .err = err, .groups = arena_array(a, struct group, job->n_items)};
    ratio_init(&c.x);
    ratio_init(&c.y);
    for (size_t i = 0; i < job->n_tiers && !c.failed; i++)
        price_tier(&c, &job->tiers[i], &result->tiers[i]);
    ratio_clear(&c.x);
    ratio_clear(&c.y);
    return c.failed ? NULL : result;
}

const struct pricing_tier *pricing_tier(const struct pricing_result *r, struct str name)
{
    for (size_t i = 0; i < r->n_tiers; i++)
        if (str_eq(r->tiers[i].name, name))
            return &r->tiers[i];
    return NULL;
}

int pricing_check_order(const struct pricing_result *r, struct err *err)
{
    for (size_t i = 1; i < r->n_tiers; i++) {
        const struct pricing_tier *low = &r->tiers[i - 1], *high = &r->tiers[i];
        if (low->total_cents > high->total_cents)
            return err_set(err, "PRICING_ORDER",
                           "%.*s costs %lld cents, more than %.*s with %lld: leave less out of the higher tier",
                           STR_ARG(low->name), (long long)low->total_cents, STR_ARG(high->name),
                           (long long)high->total_cents);
    }
    return 0;
}
