#include "services/seed/measure.h"

#include <math.h>

#define ROOMS_MAX 14

struct measure {
    struct buf *out;
    struct rng r;
    bool first_area, first_surface;
    const char *color;
    bool occupied;
};

static void begin_area(struct measure *m, const char *name, const char *kind, int length, int width, int height,
                       int stories)
{
    buf_printf(m->out,
               "%s{\"name\":\"%s\",\"kind\":\"%s\",\"lengthFt\":%d,\"widthFt\":%d,\"heightFt\":%d,\"stories\":%d,"
               "\"occupied\":%s,"
               "\"surfaces\":[",
               m->first_area ? "" : ",", name, kind, length, width, height, stories, m->occupied ? "true" : "false");
    m->first_area = false;
    m->first_surface = true;
}

static void end_area(struct measure *m)
{
    buf_add(m->out, STR("]}"));
}

struct item {
    const char *surface, *substrate, *unit, *method, *height;
    double quantity;
    bool painted;
};

static const char *condition_of(struct measure *m)
{
    uint64_t x = rng_below(&m->r, 100);
    return x < 70 ? "GOOD" : x < 93 ? "FAIR" : "POOR";
}

static void add(struct measure *m, struct item i)
{
    uint64_t x = rng_below(&m->r, 100);
    const char *included = x < 86 ? "" : x < 95 ? ",\"included\":[\"BETTER\",\"BEST\"]" : ",\"included\":[\"BEST\"]";
    static const char *const from[] = {"TAPE", "LASER", "LASER", "PLAN", "PHOTO"};
    bool each = strcmp(i.unit, "EACH") == 0;
    buf_printf(m->out,
               "%s{\"surface\":\"%s\",\"substrate\":\"%s\",\"unit\":\"%s\",\"quantity\":\"%d\",\"measuredFrom\":\"%s\","
               "\"method\":\"%s\","
               "\"heightBand\":\"%s\",\"condition\":\"%s\"",
               m->first_surface ? "" : ",", i.surface, i.substrate, i.unit, (int)fmax(1, round(i.quantity)),
               each ? "COUNT" : from[rng_below(&m->r, 5)], i.method, i.height, condition_of(m));
    if (m->color && i.painted)
        buf_printf(m->out, ",\"color\":\"%s\"", m->color);
    buf_printf(m->out, "%s}", included);
    m->first_surface = false;
}

static void add_fixed(struct measure *m, const char *surface, double quantity, const char *hours_each)
{
    buf_printf(
        m->out,
        "%s{\"surface\":\"%s\",\"substrate\":\"DRYWALL\",\"unit\":\"EACH\",\"quantity\":\"%d\",\"hoursEach\":\"%s\","
        "\"measuredFrom\":\"COUNT\",\"method\":\"BRUSH_AND_ROLL\",\"heightBand\":\"TO_8_FT\",\"condition\":\"GOOD\"}",
        m->first_surface ? "" : ",", surface, (int)fmax(1, round(quantity)), hours_each);
    m->first_surface = false;
}

static void measure_room(struct measure *m, const char *name, double stretch)
{
    int length = (int)rng_range(&m->r, 10, 16), width = (int)rng_range(&m->r, 9, 13),
        height = rng_chance(&m->r, 0.8) ? 8 : 10;
    length = (int)fmax(6, round(length * stretch));
    const char *band = height > 8 ? "FROM_8_TO_13_FT" : "TO_8_FT";
    begin_area(m, name, "ROOM", length, width, height, 1);
    add(m, (struct item){"WALL", "DRYWALL", "SQFT", "BRUSH_AND_ROLL", band, 2.0 * (length + width) * height, true});
    add(m, (struct item){"CEILING", "DRYWALL", "SQFT", "BRUSH_AND_ROLL", band, length * width, false});
    add(m, (struct item){"BASEBOARD", "MDF", "LNFT", "BRUSH_AND_ROLL", "TO_8_FT", 2.0 * (length + width) - 6, false});
    add(m, (struct item){"DOOR_SIDE", "WOOD", "EACH", "BRUSH_AND_ROLL", "TO_8_FT", 1 + (double)rng_below(&m->r, 3),
                         false});
    if (rng_chance(&m->r, 0.55))
        add(m, (struct item){"WINDOW", "WOOD", "EACH", "BRUSH_AND_ROLL", "TO_8_FT", 1 + (double)rng_below(&m->r, 2),
                             false});
    end_area(m);
}

static void measure_interior(struct measure *m, double scale)
{
    static const char *const names[ROOMS_MAX] = {
        "Primary bedroom", "Living room", "Bedroom 2", "Kitchen", "Bedroom 3", "Dining room", "Hallway",
        "Office",          "Family room", "Entry",     "Bath",    "Laundry",   "Bedroom 4",   "Loft"};
    int rooms = (int)fmin(ROOMS_MAX, fmax(1, round(3 * pow(scale, 0.8))));
    double stretch = pow(3 * scale / rooms, 0.9);
    for (int i = 0; i < rooms; i++)
        measure_room(m, names[i], stretch);
    begin_area(m, "Whole job", "OTHER", 1, 1, 1, 1);
    add_fixed(m, "SETUP", rooms, "0.75");
    add_fixed(m, "MOBILIZATION", 1, "1.5");
    end_area(m);
}

static void measure_exterior(struct measure *m, double scale)
{
    static const char *const sides[] = {"North elevation", "East elevation", "South elevation", "West elevation"};
    bool tall = rng_chance(&m->r, 0.45);
    scale *= 1.33;
    const char *low = "FROM_8_TO_13_FT", *high = tall ? "FROM_13_TO_17_FT" : "FROM_8_TO_13_FT";
    for (int i = 0; i < 4; i++) {
        double length = (double)rng_range(&m->r, 30, 48) * sqrt(scale), height = (tall ? 19 : 13) * sqrt(scale);
        begin_area(m, sides[i], "ELEVATION", (int)fmax(8, length), 1, (int)fmax(8, height), tall ? 2 : 1);
        add(m, (struct item){"SIDING", "LAP_SIDING", "SQFT", "SPRAY_AND_BACKROLL", high, length * height, true});
        add(m, (struct item){"EXTERIOR_TRIM", "WOOD", "LNFT", "BRUSH_AND_ROLL", low, length * 2.4, false});
        add(m, (struct item){"FASCIA", "WOOD", "LNFT", "BRUSH_AND_ROLL", high, length, false});
        if (i % 2 == 0)
            add(m, (struct item){"SOFFIT", "WOOD", "SQFT", "SPRAY", high, length * 2, false});
        end_area(m);
    }
    begin_area(m, "Whole job", "OTHER", 1, 1, 1, 1);
    add_fixed(m, "MASKING", 4 * scale, "1.25");
    add_fixed(m, "MOBILIZATION", 1, "3");
    end_area(m);
}

static void measure_cabinets(struct measure *m, double scale)
{
    for (int i = 0; i < 3; i++) {
        static const char *const runs[] = {"Wall cabinets", "Base cabinets", "Island"};
        begin_area(m, runs[i], "CABINET_RUN", 10, 2, 3, 1);
        add(m, (struct item){"CABINET_FACE", "WOOD", "EACH", "SPRAY", "TO_8_FT", (8 - 2 * i) * scale, true});
        add(m, (struct item){"CASING", "WOOD", "LNFT", "BRUSH_AND_ROLL", "TO_8_FT", 12 * scale, true});
        add_fixed(m, "MASKING", 1, "1.5");
        end_area(m);
    }
}

static void measure_deck(struct measure *m, double scale)
{
    int length = (int)rng_range(&m->r, 14, 24), width = (int)rng_range(&m->r, 10, 16);
    begin_area(m, "Deck", "DECK", length, width, 3, 1);
    add(m,
        (struct item){"DECK_FLOOR", "CEDAR", "SQFT", "BRUSH_AND_ROLL", "TO_8_FT", length * width * scale * 1.6, false});
    add(m, (struct item){"FENCE", "CEDAR", "SQFT", "SPRAY_AND_BACKROLL", "TO_8_FT", 420 * scale, false});
    add_fixed(m, "MOBILIZATION", 1, "2");
    end_area(m);
}

static void write_document(struct buf *out, const struct world *w, const struct seed_estimate *e)
{
    const struct seed_project *p = &w->projects[e->project];
    const struct metro *metro = &METROS[w->properties[p->property].metro];
    buf_printf(out,
               "{\"kind\":\"%s\",\"tax\":{\"mode\":\"%s\",\"jurisdiction\":\"%s\",\"rateMicros\":%d,\"exempt\":%s},"
               "\"deposit\":{\"kind\":\"PERCENT\",\"percentBp\":3000},\"discountBp\":%d,\"areas\":[",
               e->kind, metro->tax_mode, metro->jurisdiction, metro->tax_micros,
               w->customers[p->customer].tax_exempt ? "true" : "false", e->discount_bp);
}

void measure_estimate(struct buf *out, const struct world *w, const struct seed_estimate *e)
{
    struct measure m = {.out = out, .first_area = true};
    rng_seed(&m.r, e->seed);
    m.color = rng_chance(&m.r, 0.6) ? COLORS[rng_below(&m.r, N_COLORS)] : NULL;
    write_document(out, w, e);
    if (strcmp(e->kind, "EXTERIOR") == 0)
        measure_exterior(&m, e->scale);
    else if (strcmp(e->kind, "CABINETS") == 0)
        measure_cabinets(&m, e->scale);
    else if (strcmp(e->kind, "DECK") == 0)
        measure_deck(&m, e->scale);
    else {
        m.occupied = rng_chance(&m.r, 0.8);
        measure_interior(&m, e->scale);
    }
    buf_add(out, STR("]}"));
}
