#include "services/estimates/scope.h"
#include "services/seed/load.h"
#include "services/seed/measure.h"

#define AREAS_PER_ESTIMATE 64
#define SURFACES_PER_ESTIMATE 256
#define ARENA_BYTES_MAX (64u << 20)

int estimates_read_card(PGconn *conn, struct arena *a, struct json **card, struct str *id, struct err *err)
{
    PGresult *r = PQexec(
        conn,
        "select id, rate_card_document(id) from rate_cards where status = 'PUBLISHED' order by version desc limit 1");
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1) {
        PQclear(r);
        return err_set(err, "SEED_FAILED",
                       "paintbox_estimates has no published rate card: run `paintbox migrate up` first");
    }
    *id = arena_str(a, str_c(PQgetvalue(r, 0, 0)));
    *card = json_parse(a, arena_str(a, str_c(PQgetvalue(r, 0, 1))), err);
    PQclear(r);
    return *card ? 0 : -1;
}

static struct buf *buffers(struct estimate_loader *l, unsigned i)
{
    struct buf *all[] = {&l->estimates, &l->areas,     &l->surfaces,    &l->lines,
                         &l->tiers,     &l->discounts, &l->acceptances, &l->scope};
    return i < sizeof all / sizeof *all ? all[i] : NULL;
}

void estimate_loader_init(struct estimate_loader *l, struct world *w, PGconn *conn, const struct json *card,
                          struct str card_id)
{
    *l = (struct estimate_loader){.world = w, .conn = conn, .card = card, .card_id = card_id};
    for (unsigned i = 0; buffers(l, i); i++)
        buf_init(buffers(l, i), COPY_BYTES_MAX);
}

void estimate_loader_free(struct estimate_loader *l)
{
    for (unsigned i = 0; buffers(l, i); i++)
        buf_free(buffers(l, i));
}

/* ---- rows ---- */

static int year_of(int64_t us)
{
    char text[11];
    date_format((int32_t)(us / DAY_US), text);
    return atoi(text);
}

static void add_estimate(struct estimate_loader *l, unsigned index, const struct priced *p)
{
    const struct world *w = l->world;
    const struct seed_estimate *e = &w->estimates[index];
    const struct seed_project *project = &w->projects[e->project];
    const struct seed_customer *c = &w->customers[project->customer];
    const struct metro *metro = &METROS[w->properties[project->property].metro];
    struct buf *b = &l->estimates;
    char number[40];
    snprintf(number, sizeof number, "E-%d-%05u-v%u", year_of(w->estimates[e->root].created_us), e->number, e->revision);
    row_id(b, SEED_ESTIMATE, index);
    row_id(b, SEED_ESTIMATE, e->root);
    row_c(b, number);
    row_int(b, e->revision);
    if (e->previous >= 0)
        row_id(b, SEED_ESTIMATE, (uint64_t)e->previous);
    else
        row_null(b);
    row_str(b, project->name);
    row_c(b, e->kind);
    row_c(b, e->status);
    row_id(b, SEED_CUSTOMER, project->customer);
    row_id(b, SEED_PROJECT, e->project);
    row_id(b, SEED_PROPERTY, project->property);
    row_c(b, e->tier);
    for (unsigned t = 0; t < 3; t++)
        row_int(b, e->total_cents[t]);
    row_c(b, metro->tax_mode);
    row_c(b, metro->jurisdiction);
    row_int(b, metro->tax_micros);
    row_bool(b, c->tax_exempt);
    row_c(b, "PERCENT");
    row_int(b, 3000);
    row_str(b, l->card_id);
    row_c(b, PRICING_ENGINE);
    row_c(b, p->input_hash);
    row_c(b, p->result_hash);
    row_time(b, e->created_us);
    row_bool(b, p->below_floor);
    row_day(b, (e->sent_us ? e->sent_us : e->created_us) + (strcmp(e->status, "EXPIRED") == 0 ? 1 : 30) * DAY_US);
    row_time(b, e->sent_us);
    row_time(b, e->views ? e->sent_us + DAY_US / 6 : 0);
    row_int(b, e->views);
    row_c(b,
          "Prices hold until the date shown. Furniture is moved and covered; colours are chosen before the first day.");
    row_c(b, "{\"Repair of rotten wood\",\"Wallpaper removal\"}");
    row_int(b, 1 + (e->sent_us != 0) + (e->tier != NULL));
    row_id(b, SEED_USER, c->owner);
    row_time(b, e->created_us);
    row_time(b, e->updated_us);
    row_end(b);
}

static void add_tiers(struct estimate_loader *l, unsigned index, const struct priced *p)
{
    struct buf *b = &l->tiers;
    for (unsigned t = 0; t < 3; t++) {
        const struct pricing_tier *tier = &p->result->tiers[t];
        const struct json *recipe = p->recipes[t];
        row_id(b, SEED_ESTIMATE, index);
        row_str(b, tier->name);
        row_str(b, json_get_str(recipe, STR("label")));
        row_str(b, json_get_str(recipe, STR("description")));
        row_c(b, prep_level_name(tier->prep_level));
        row_str(b, json_get(recipe, STR("coats"))->text);
        row_str(b, json_get(recipe, STR("warrantyYears"))->text);
        const int64_t numbers[] = {tier->centi_hours,    tier->crew_half_days,     tier->labor_cents,
                                   tier->material_cents, tier->options_cents,      tier->discount_cents,
                                   tier->subtotal_cents, tier->tax_cents,          tier->total_cents,
                                   tier->deposit_cents,  tier->direct_labor_cents, tier->direct_material_cents,
                                   tier->direct_cents,   tier->margin_bp};
        for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
            row_int(b, numbers[i]);
        row_bool(b, tier->below_floor);
        buf_clear(&l->scope);
        pricing_write_materials(&l->scope, tier);
        row_str(b, buf_str(&l->scope));
        row_end(b);
    }
}

static void add_lines(struct estimate_loader *l, unsigned index, const struct priced *p)
{
    struct buf *b = &l->lines;
    for (unsigned t = 0; t < 3; t++)
        for (size_t i = 0; i < p->result->tiers[t].n_lines; i++) {
            const struct pricing_line *line = &p->result->tiers[t].lines[i];
            row_id(b, SEED_SURFACE, (uint64_t)index * SURFACES_PER_ESTIMATE + line->item);
            row_c(b, TIERS[t]);
            row_c(b, prep_level_name(p->result->tiers[t].prep_level));
            row_int(b, line->coats);
            row_str(b, p->items[line->item].rate_id);
            row_int(b, line->prep_centi_hours);
            row_int(b, line->centi_hours);
            row_int(b, line->centi_gallons);
            row_int(b, line->labor_cents);
            row_end(b);
        }
}

static void add_included(struct buf *b, const struct json *included)
{
    struct buf text;
    if (!included) {
        row_c(b, "{GOOD,BETTER,BEST}");
        return;
    }
    buf_init(&text, 100);
    for (uint32_t i = 0; i < included->n; i++)
        buf_printf(&text, "%s%.*s", i ? "," : "{", STR_ARG(included->items[i]->text));
    buf_add_char(&text, '}');
    row_str(b, buf_str(&text));
    buf_free(&text);
}

static void add_surface(struct estimate_loader *l, unsigned index, unsigned item, unsigned area, unsigned position,
                        const struct json *s, const struct priced *p)
{
    static const char *const members[] = {"surface", "substrate", "unit"}, *const more[] = {"measuredFrom", "method",
                                                                                            "heightBand", "condition"};
    struct buf *b = &l->surfaces;
    row_id(b, SEED_SURFACE, (uint64_t)index * SURFACES_PER_ESTIMATE + item);
    row_id(b, SEED_ESTIMATE, index);
    row_id(b, SEED_AREA, (uint64_t)index * AREAS_PER_ESTIMATE + area);
    row_int(b, position);
    for (unsigned i = 0; i < 3; i++)
        row_str(b, json_get_str(s, str_c(members[i])));
    row_str(b, p->items[item].quantity);
    row_str(b, p->items[item].hours_each);
    for (unsigned i = 0; i < 4; i++)
        row_str(b, json_get_str(s, str_c(more[i])));
    row_str(b, json_get_str(s, STR("color")));
    add_included(b, json_get(s, STR("included")));
    row_end(b);
}

static void add_scope(struct estimate_loader *l, unsigned index, const struct json *scope, const struct priced *p)
{
    const struct json *areas = json_get(scope, STR("areas"));
    unsigned item = 0;
    for (uint32_t i = 0; i < areas->n; i++) {
        const struct json *area = areas->items[i], *surfaces = json_get(area, STR("surfaces"));
        struct buf *b = &l->areas;
        row_id(b, SEED_AREA, (uint64_t)index * AREAS_PER_ESTIMATE + i);
        row_id(b, SEED_ESTIMATE, index);
        row_int(b, i + 1);
        row_str(b, json_get_str(area, STR("name")));
        row_str(b, json_get_str(area, STR("kind")));
        row_str(b, json_get(area, STR("lengthFt"))->text);
        row_str(b, json_get(area, STR("widthFt"))->text);
        row_str(b, json_get(area, STR("heightFt"))->text);
        row_str(b, json_get(area, STR("stories"))->text);
        row_bool(b, json_get(area, STR("occupied"))->boolean);
        row_end(b);
        for (uint32_t j = 0; j < surfaces->n; j++)
            add_surface(l, index, item++, i, j + 1, surfaces->items[j], p);
    }
}

static void add_acceptance(struct estimate_loader *l, unsigned index, const struct priced *p)
{
    const struct seed_estimate *e = &l->world->estimates[index];
    const struct seed_customer *c = &l->world->customers[l->world->projects[e->project].customer];
    struct buf *b = &l->acceptances;
    char name[80];
    unsigned t = e->tier[0] == 'G' ? 0 : strcmp(e->tier, "BETTER") == 0 ? 1 : 2;
    snprintf(name, sizeof name, "%s %s", c->first, c->last);
    row_id(b, SEED_ESTIMATE, index);
    row_c(b, e->tier);
    row_int(b, e->total_cents[t]);
    row_c(b, name);
    row_str(b, c->email);
    row_c(b, "TYPED");
    row_c(b, p->result_hash);
    row_c(b, "I accept this proposal and agree to do business electronically.");
    row_time(b, e->updated_us);
    row_end(b);
}

static void add_discount(struct estimate_loader *l, unsigned index)
{
    const struct seed_estimate *e = &l->world->estimates[index];
    struct buf *b = &l->discounts;
    row_id(b, SEED_DISCOUNT, index);
    row_id(b, SEED_ESTIMATE, index);
    row_c(b, e->discount_bp > 500 ? "Neighbourhood offer" : "Returning customer");
    row_int(b, e->discount_bp);
    row_time(b, e->created_us);
    row_end(b);
}

static int load_one(struct estimate_loader *l, struct arena *a, unsigned index, struct err *err)
{
    struct seed_estimate *e = &l->world->estimates[index];
    buf_clear(&l->scope);
    measure_estimate(&l->scope, l->world, e);
    struct json *scope = json_parse(a, arena_str(a, buf_str(&l->scope)), err);
    struct priced *p = scope ? scope_price(a, scope, l->card, err) : NULL;
    if (!p)
        return err_prefix(err, "estimate %u", index);
    for (unsigned t = 0; t < 3; t++) {
        e->total_cents[t] = p->result->tiers[t].total_cents;
        e->centi_hours[t] = p->result->tiers[t].centi_hours;
    }
    add_estimate(l, index, p);
    add_scope(l, index, scope, p);
    add_lines(l, index, p);
    add_tiers(l, index, p);
    if (e->tier)
        add_acceptance(l, index, p);
    if (e->discount_bp)
        add_discount(l, index);
    return 0;
}

static int send_batch(struct estimate_loader *l, struct err *err)
{
    PGconn *c = l->conn;
    if (copy_run(c, "begin", err) < 0 ||
        copy_rows(
            c,
            "estimates (id, root_id, number, revision, previous_id, title, kind, status, customer_id, project_id, "
            "property_id, "
            "selected_tier, good_cents, better_cents, best_cents, tax_mode, tax_jurisdiction, tax_rate_micros, "
            "tax_exempt, "
            "deposit_kind, deposit_percent_bp, rate_card_id, engine_version, input_hash, result_hash, computed_at, "
            "needs_approval, valid_until, sent_at, first_viewed_at, view_count, terms, exclusions, version, "
            "created_by, "
            "created_at, updated_at)",
            &l->estimates, err) < 0 ||
        copy_rows(
            c,
            "estimate_areas (id, estimate_id, position, name, kind, length_ft, width_ft, height_ft, stories, occupied)",
            &l->areas, err) < 0 ||
        copy_rows(
            c,
            "estimate_surfaces (id, estimate_id, area_id, position, surface, substrate, unit, quantity, hours_each, "
            "measured_from, method, height_band, condition, color, included)",
            &l->surfaces, err) < 0 ||
        copy_rows(c,
                  "estimate_lines (surface_id, tier, prep_level, coats, rate_id, prep_centi_hours, centi_hours, "
                  "centi_gallons, "
                  "labor_cents)",
                  &l->lines, err) < 0 ||
        copy_rows(
            c,
            "estimate_tiers (estimate_id, tier, label, description, prep_level, coats, warranty_years, centi_hours, "
            "crew_half_days, labor_cents, material_cents, options_cents, discount_cents, subtotal_cents, tax_cents, "
            "total_cents, deposit_cents, direct_labor_cents, direct_material_cents, direct_cents, margin_bp, "
            "below_floor, "
            "materials)",
            &l->tiers, err) < 0 ||
        copy_rows(c, "estimate_discounts (id, estimate_id, label, percent_bp, created_at)", &l->discounts, err) < 0 ||
        copy_rows(c,
                  "acceptances (estimate_id, tier, total_cents, signer_name, signer_email, kind, document_hash, "
                  "consent_text, "
                  "signed_at)",
                  &l->acceptances, err) < 0)
        return -1;
    return copy_run(c, "commit", err);
}

int estimates_load(struct estimate_loader *l, unsigned from, unsigned to, struct err *err)
{
    struct arena *a = arena_new(ARENA_BYTES_MAX);
    int status = 0;
    for (unsigned i = from; i < to && status == 0; i++) {
        status = load_one(l, a, i, err);
        arena_reset(a);
    }
    arena_free(&a);
    return status == 0 ? send_batch(l, err) : -1;
}

int estimates_finish(PGconn *conn, struct err *err)
{
    return copy_run(conn,
                    "select setval('estimate_number', (select max(split_part(number, '-', 3)::int) from estimates))",
                    err) < 0 ||
                   copy_run(conn, "analyze", err) < 0
               ? -1
               : 0;
}
