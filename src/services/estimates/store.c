#include "services/estimates/estimates.h"

#define ROWS_BYTES_MAX (64u << 20)

static struct str take(struct batch *b, struct buf *text)
{
    struct str s = arena_str(batch_arena(b), buf_str(text));
    buf_free(text);
    return s;
}

static void member_raw(struct json_writer *w, const char *name, struct str raw)
{
    jw_name(w, str_c(name));
    if (raw.p)
        jw_raw(w, raw);
    else
        jw_null(w);
}

static void member_text(struct json_writer *w, const char *name, struct str text)
{
    jw_name(w, str_c(name));
    if (text.p)
        jw_string(w, text);
    else
        jw_null(w);
}

static void member_int(struct json_writer *w, const char *name, int64_t n)
{
    jw_name(w, str_c(name));
    jw_i64(w, n);
}

/* A member of the input, whatever it is. */
static void member_of(struct batch *b, struct json_writer *w, const char *name, const struct json *from,
                      const char *member)
{
    const struct json *v = json_get(from, str_c(member));
    member_raw(w, name, v ? json_text(b, v) : STR_NONE);
}

/* ---- pricing ---- */

static struct object *pricing_refused(struct batch *b, const struct err *err)
{
    return validation_error(b, &(struct field_error){"input.pricing", arena_str(batch_arena(b), str_c(err->msg))}, 1);
}

struct priced *price_input(struct batch *b, const struct json *pricing, const struct json *deposit,
                           const struct json *card, const struct json **scope, struct object **refused)
{
    struct patch p = {.b = b, .input = pricing};
    struct err err = {0};
    patch_set(&p, "options", STR("[]")); /* offered, not chosen: they cost nothing yet */
    patch_set(&p, "deposit", deposit ? json_text(b, deposit) : STR("null"));
    struct json *parsed = json_parse(batch_arena(b), patch_text(&p), &err);
    struct priced *priced = parsed ? scope_price(batch_arena(b), parsed, card, &err) : NULL;
    *scope = parsed;
    if (!priced)
        *refused = pricing_refused(b, &err);
    return priced;
}

struct json *read_card(struct write *w, struct str card_id)
{
    const struct pg_param params[] = {{card_id}};
    struct pg_result *r = is_uuid(card_id) ? write_query(w, &RATE_CARD_DOCUMENT, params, 1) : NULL;
    if (is_uuid(card_id) && !r)
        return NULL;
    if (!r || !r->n_rows || !pg_get(r, 0, 0).p) {
        write_reject(
            w, validation_error(
                   w->batch, &(struct field_error){"input.pricing.rateCardId", STR("there is no such rate card")}, 1));
        return NULL;
    }
    return json_parse(batch_arena(w->batch), pg_get(r, 0, 0), NULL);
}

bool price_stored(struct write *w, struct str estimate, struct str card_id, struct store *out)
{
    struct batch *b = w->batch;
    struct err err = {0};
    const struct pg_param params[] = {{estimate}};
    struct pg_result *r = write_query(w, &ESTIMATE_SCOPE, params, 1);
    struct json *scope = r ? json_parse(batch_arena(b), pg_get(r, 0, 0), NULL) : NULL;
    if (!scope)
        return false;
    *out = (struct store){
        .id = estimate, .card_id = card_id.p ? card_id : json_get_str(scope, STR("rateCardId")), .scope = scope};
    struct json *card = read_card(w, out->card_id);
    if (!card)
        return false;
    out->priced = scope_price(batch_arena(b), scope, card, &err);
    if (!out->priced)
        write_reject(w, pricing_refused(b, &err));
    return out->priced != NULL;
}

/* ---- the estimate's own columns ---- */

struct str store_price_members(struct batch *b, const struct store *s)
{
    const struct json *tax = json_get(s->scope, STR("tax")), *deposit = json_get(s->scope, STR("deposit"));
    struct str kind = json_get_str(deposit, STR("kind"));
    struct buf text;
    buf_init(&text, ROWS_BYTES_MAX);
    struct json_writer w = json_writer(&text);
    member_text(&w, "kind", json_get_str(s->scope, STR("kind")));
    static const char *const cents[3] = {"good_cents", "better_cents", "best_cents"};
    for (unsigned t = 0; t < 3; t++)
        member_int(&w, cents[t], s->priced->result->tiers[t].total_cents);
    member_of(b, &w, "tax_mode", tax, "mode");
    member_of(b, &w, "tax_jurisdiction", tax, "jurisdiction");
    member_of(b, &w, "tax_rate_micros", tax, "rateMicros");
    member_of(b, &w, "tax_exempt", tax, "exempt");
    member_text(&w, "deposit_kind", kind.p ? kind : STR("NONE"));
    member_of(b, &w, "deposit_percent_bp", deposit, "percentBp");
    member_of(b, &w, "deposit_fixed_cents", deposit, "fixedCents");
    member_text(&w, "rate_card_id", s->card_id);
    member_text(&w, "engine_version", STR(PRICING_ENGINE));
    member_text(&w, "input_hash", str_c(s->priced->input_hash));
    member_text(&w, "result_hash", str_c(s->priced->result_hash));
    jw_name(&w, STR("needs_approval"));
    jw_bool(&w, s->priced->below_floor);
    return take(b, &text);
}

/* ---- lines and tiers ---- */

static struct str line_rows(struct batch *b, const struct priced *p, const struct str *surface_ids)
{
    struct buf text;
    buf_init(&text, ROWS_BYTES_MAX);
    struct json_writer w = json_writer(&text);
    jw_begin_array(&w);
    for (unsigned t = 0; t < 3; t++)
        for (size_t i = 0; i < p->result->tiers[t].n_lines; i++) {
            const struct pricing_line *line = &p->result->tiers[t].lines[i];
            jw_begin_object(&w);
            member_text(&w, "surface_id", surface_ids[line->item]);
            member_text(&w, "tier", str_c(TIERS[t]));
            member_text(&w, "prep_level", str_c(prep_level_name(p->result->tiers[t].prep_level)));
            member_int(&w, "coats", line->coats);
            member_text(&w, "rate_id", p->items[line->item].rate_id);
            member_int(&w, "prep_centi_hours", line->prep_centi_hours);
            member_int(&w, "centi_hours", line->centi_hours);
            member_int(&w, "centi_gallons", line->centi_gallons);
            member_int(&w, "labor_cents", line->labor_cents);
            jw_end_object(&w);
        }
    jw_end_array(&w);
    return take(b, &text);
}

static void write_tier(struct batch *b, struct json_writer *w, const struct pricing_tier *t, const struct json *recipe)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {{"centi_hours", t->centi_hours},
                   {"crew_half_days", t->crew_half_days},
                   {"labor_cents", t->labor_cents},
                   {"material_cents", t->material_cents},
                   {"options_cents", t->options_cents},
                   {"discount_cents", t->discount_cents},
                   {"subtotal_cents", t->subtotal_cents},
                   {"tax_cents", t->tax_cents},
                   {"total_cents", t->total_cents},
                   {"deposit_cents", t->deposit_cents},
                   {"direct_labor_cents", t->direct_labor_cents},
                   {"direct_material_cents", t->direct_material_cents},
                   {"direct_cents", t->direct_cents},
                   {"margin_bp", t->margin_bp}};
    struct buf materials;
    jw_begin_object(w);
    member_text(w, "tier", t->name);
    member_of(b, w, "label", recipe, "label");
    member_of(b, w, "description", recipe, "description");
    member_text(w, "prep_level", str_c(prep_level_name(t->prep_level)));
    member_of(b, w, "coats", recipe, "coats");
    member_of(b, w, "warranty_years", recipe, "warrantyYears");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        member_int(w, numbers[i].name, numbers[i].value);
    jw_name(w, STR("below_floor"));
    jw_bool(w, t->below_floor);
    buf_init(&materials, ROWS_BYTES_MAX);
    pricing_write_materials(&materials, t);
    member_raw(w, "materials", take(b, &materials));
    jw_end_object(w);
}

static struct str tier_rows(struct batch *b, const struct priced *p)
{
    struct buf text;
    buf_init(&text, ROWS_BYTES_MAX);
    struct json_writer w = json_writer(&text);
    jw_begin_array(&w);
    for (unsigned t = 0; t < 3; t++)
        write_tier(b, &w, &p->result->tiers[t], p->recipes[t]);
    jw_end_array(&w);
    return take(b, &text);
}

static bool insert_prices(struct write *w, const struct store *s, const struct str *surface_ids)
{
    const struct pg_param lines[] = {{line_rows(w->batch, s->priced, surface_ids)}};
    const struct pg_param tiers[] = {{s->id}, {tier_rows(w->batch, s->priced)}};
    return write_query(w, &LINES_INSERT, lines, 1) && write_query(w, &TIERS_INSERT, tiers, 2);
}

/* ---- areas and surfaces ---- */

static void write_surface(struct batch *b, struct json_writer *w, const struct json *s, const struct priced_item *item,
                          struct str id, struct str area_id, unsigned position)
{
    static const char *const same[][2] = {{"surface", "surface"},
                                          {"substrate", "substrate"},
                                          {"unit", "unit"},
                                          {"method", "method"},
                                          {"condition", "condition"},
                                          {"measured_from", "measuredFrom"},
                                          {"height_band", "heightBand"},
                                          {"color_change", "colorChange"},
                                          {"product_id", "productId"},
                                          {"color", "color"},
                                          {"included", "included"}};
    jw_begin_object(w);
    member_text(w, "id", id);
    member_text(w, "area_id", area_id);
    member_int(w, "position", position);
    member_text(w, "quantity", item->quantity);
    member_text(w, "hours_each", item->hours_each);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        member_of(b, w, same[i][0], s, same[i][1]);
    jw_end_object(w);
}

static void write_area(struct batch *b, struct json_writer *w, const struct json *area, struct str id,
                       unsigned position)
{
    static const char *const same[][2] = {
        {"name", "name"},          {"kind", "kind"},       {"length_ft", "lengthFt"}, {"width_ft", "widthFt"},
        {"height_ft", "heightFt"}, {"stories", "stories"}, {"occupied", "occupied"},  {"notes", "notes"}};
    jw_begin_object(w);
    member_text(w, "id", id);
    member_int(w, "position", position);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        member_of(b, w, same[i][0], area, same[i][1]);
    jw_end_object(w);
}

bool store_scope(struct write *w, const struct store *s)
{
    struct batch *b = w->batch;
    const struct json *areas = json_get(s->scope, STR("areas"));
    struct str *ids = arena_array(batch_arena(b), struct str, s->priced->n_items);
    struct buf area_text, surface_text;
    buf_init(&area_text, ROWS_BYTES_MAX);
    buf_init(&surface_text, ROWS_BYTES_MAX);
    struct json_writer aw = json_writer(&area_text), sw = json_writer(&surface_text);
    size_t item = 0;
    jw_begin_array(&aw);
    jw_begin_array(&sw);
    for (uint32_t i = 0; areas && i < areas->n; i++) {
        const struct json *surfaces = json_get(areas->items[i], STR("surfaces"));
        struct str area_id = new_id(b);
        write_area(b, &aw, areas->items[i], area_id, i + 1);
        for (uint32_t j = 0; surfaces && j < surfaces->n; j++, item++) {
            ids[item] = new_id(b);
            write_surface(b, &sw, surfaces->items[j], &s->priced->items[item], ids[item], area_id, j + 1);
        }
    }
    jw_end_array(&aw);
    jw_end_array(&sw);
    const struct pg_param area_params[] = {{s->id}, {take(b, &area_text)}},
                          surface_params[] = {{s->id}, {take(b, &surface_text)}};
    return write_query(w, &AREAS_INSERT, area_params, 2) && write_query(w, &SURFACES_INSERT, surface_params, 2) &&
           insert_prices(w, s, ids);
}

bool store_reprice(struct write *w, const struct store *s)
{
    struct batch *b = w->batch;
    const struct pg_param id[] = {{s->id}};
    struct str members = store_price_members(b, s);
    const struct pg_param price[] = {{s->id}, {arena_printf(batch_arena(b), "{%.*s}", STR_ARG(members))}};
    struct pg_result *surfaces = write_query(w, &SURFACE_IDS, id, 1);
    if (!surfaces)
        return false;
    struct str *ids = arena_array(batch_arena(b), struct str, surfaces->n_rows);
    for (size_t i = 0; i < surfaces->n_rows; i++)
        ids[i] = pg_get(surfaces, i, 0);
    return write_query(w, &LINES_CLEAR, id, 1) && write_query(w, &TIERS_CLEAR, id, 1) && insert_prices(w, s, ids) &&
           write_query(w, &ESTIMATE_REPRICED, price, 2);
}
