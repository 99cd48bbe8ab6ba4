/* The result as canonical JSON, and the hashes. Members are written in sorted order by hand. */
#include "services/estimates/pricing.h"

#define RESULT_BYTES_MAX (16u << 20)

static void put(struct buf *out, const char *before, int64_t n)
{
    buf_add_c(out, before);
    buf_add_i64(out, n);
}

static void write_lines(struct buf *out, const struct pricing_tier *t)
{
    buf_add(out, STR(",\"lines\":["));
    for (size_t i = 0; i < t->n_lines; i++) {
        put(out, i ? ",{\"centiHours\":" : "{\"centiHours\":", t->lines[i].centi_hours);
        buf_add(out, STR(",\"id\":"));
        json_write_string(out, t->lines[i].id);
        put(out, ",\"laborCents\":", t->lines[i].labor_cents);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

void pricing_write_materials(struct buf *out, const struct pricing_tier *t)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < t->n_materials; i++) {
        const struct pricing_material *m = &t->materials[i];
        buf_add_c(out, i ? ",{" : "{");
        if (m->color.p) {
            buf_add(out, STR("\"color\":"));
            json_write_string(out, m->color);
            buf_add_char(out, ',');
        }
        put(out, "\"containers\":", m->containers);
        put(out, ",\"costCents\":", m->cost_cents);
        put(out, ",\"exactCentiGallons\":", m->exact_centi_gallons);
        buf_add(out, STR(",\"product\":"));
        json_write_string(out, m->product);
        put(out, ",\"sellCents\":", m->sell_cents);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void write_tier(struct buf *out, const struct pricing_tier *t, bool options)
{
    put(out, "{\"centiHours\":", t->centi_hours);
    put(out, ",\"crewHalfDays\":", t->crew_half_days);
    put(out, ",\"depositCents\":", t->deposit_cents);
    put(out, ",\"directCostCents\":", t->direct_cents);
    put(out, ",\"discountCents\":", t->discount_cents);
    put(out, ",\"grossMarginBp\":", t->margin_bp);
    put(out, ",\"laborCents\":", t->labor_cents);
    write_lines(out, t);
    put(out, ",\"materialCents\":", t->material_cents);
    buf_add(out, STR(",\"materials\":"));
    pricing_write_materials(out, t);
    if (options)
        put(out, ",\"optionsCents\":", t->options_cents);
    put(out, ",\"subtotalCents\":", t->subtotal_cents);
    put(out, ",\"taxCents\":", t->tax_cents);
    put(out, ",\"totalCents\":", t->total_cents);
    buf_add_char(out, '}');
}

void pricing_write_result(struct buf *out, const struct pricing_result *r)
{
    static const char *const sorted[] = {"BEST", "BETTER", "GOOD"};
    const char *before = "{\"";
    for (unsigned i = 0; i < 3; i++) {
        const struct pricing_tier *t = pricing_tier(r, str_c(sorted[i]));
        if (!t)
            continue;
        buf_add_c(out, before);
        buf_add_c(out, sorted[i]);
        buf_add(out, STR("\":"));
        write_tier(out, t, r->has_options);
        before = ",\"";
    }
    buf_add_char(out, '}');
}

void pricing_hash_result(const struct pricing_result *r, char out[SHA256_HEX_LEN + 1])
{
    struct buf text;
    buf_init(&text, RESULT_BYTES_MAX);
    pricing_write_result(&text, r);
    sha256_hex(buf_str(&text), out);
    buf_free(&text);
}

void pricing_hash_json(const struct json *v, char out[SHA256_HEX_LEN + 1])
{
    struct buf text;
    buf_init(&text, RESULT_BYTES_MAX);
    json_write_canonical(&text, v);
    sha256_hex(buf_str(&text), out);
    buf_free(&text);
}
