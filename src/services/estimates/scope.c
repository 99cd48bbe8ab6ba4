#include "services/estimates/scope.h"

#include "base/vec.h"

#define INPUT_BYTES_MAX (8u << 20)
#define CLASSES_MAX 64

const char *const TIERS[3] = {"GOOD", "BETTER", "BEST"};

const char *prep_level_name(unsigned level)
{
    static const char *const names[] = {"L1_BASIC", "L2_STANDARD", "L3_SUPERIOR", "L4_SUPREME"};
    return names[level >= 1 && level <= 4 ? level - 1 : 0];
}

/* What the recipes of a card count as one thing: coats and products are by class. */
static const struct {
    const char *surface, *class;
} CLASSES[] = {
    {"WALL", "WALL"},
    {"ACCENT_WALL", "WALL"},
    {"CLOSET_INTERIOR", "WALL"},
    {"CEILING", "CEILING"},
    {"BASEBOARD", "TRIM"},
    {"CROWN", "TRIM"},
    {"CASING", "TRIM"},
    {"DOOR_SIDE", "TRIM"},
    {"WINDOW", "TRIM"},
    {"STAIR_RAIL", "TRIM"},
    {"CABINET_FACE", "CABINET"},
    {"SIDING", "BODY"},
    {"GABLE", "BODY"},
    {"MASONRY", "BODY"},
    {"GARAGE_DOOR", "BODY"},
    {"SOFFIT", "EXTERIOR_TRIM"},
    {"FASCIA", "EXTERIOR_TRIM"},
    {"EXTERIOR_TRIM", "EXTERIOR_TRIM"},
    {"SHUTTER", "EXTERIOR_TRIM"},
    {"DECK_FLOOR", "DECK"},
    {"FENCE", "DECK"},
};

static struct str class_of(struct str surface)
{
    for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++)
        if (str_eq_c(surface, CLASSES[i].surface))
            return str_c(CLASSES[i].class);
    return STR_NONE;
}

struct used {
    struct str key;
    const struct json *value;
};
struct used_vec VEC_BODY(struct used);

struct builder {
    struct arena *a;
    struct err *err;
    const struct json *scope, *card;
    struct priced *out;
    VEC(struct priced_item) items;
    struct used_vec rates, classes, products; /* what the job uses of the card */
    struct buf text;
    unsigned area, surface; /* position, from 1 */
};

static int fail(struct builder *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct builder *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str msg = arena_vprintf(b->a, fmt, ap);
    va_end(ap);
    return err_set(b->err, "PRICING_INPUT", "areas[%u].surfaces[%u]: %.*s", b->area - 1, b->surface - 1, STR_ARG(msg));
}

static bool use(struct builder *b, struct used_vec *set, struct str key, const struct json *value)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_eq(set->v[i].key, key))
            return false;
    vec_push(b->a, set, (struct used){key, value});
    return true;
}

static bool given(const struct json *v)
{
    return v && v->kind != JSON_NULL;
}

/* ---- decimals ---- */

/* "0416.50" → "416.5". False for a sign, an exponent, more than nine digits before the point or six after it. */
static bool decimal_plain(struct arena *a, const struct json *v, struct str *out)
{
    if (v->kind != JSON_NUMBER && v->kind != JSON_STRING)
        return false;
    struct str s = v->text;
    size_t whole = 0;
    while (whole < s.len && s.p[whole] >= '0' && s.p[whole] <= '9')
        whole++;
    size_t end = whole;
    if (end < s.len && s.p[end] == '.')
        for (end++; end < s.len && s.p[end] >= '0' && s.p[end] <= '9';)
            end++;
    if (whole == 0 || end != s.len || end == whole + 1)
        return false;
    size_t from = 0;
    while (from + 1 < whole && s.p[from] == '0')
        from++;
    while (end > whole && s.p[end - 1] == '0')
        end--;
    if (end == whole + 1)
        end--;
    *out = arena_str(a, (struct str){s.p + from, end - from});
    return whole - from <= 9 && (end <= whole || end - whole - 1 <= 6);
}

/* A length in thousandths of a foot; -1 when it is not given or no such length. */
static int64_t thousandths(struct builder *b, const struct json *v)
{
    struct str s;
    if (!given(v) || !decimal_plain(b->a, v, &s))
        return -1;
    int64_t n = 0;
    int after = -1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '.')
            after = 0;
        else {
            n = n * 10 + (s.p[i] - '0');
            after += after >= 0;
        }
    }
    if (after > 3)
        return -1;
    for (after = after < 0 ? 0 : after; after < 3; after++)
        n *= 10;
    return n <= 10000000 ? n : -1;
}

static struct str millionths_text(struct builder *b, int64_t n)
{
    struct str text = arena_printf(b->a, "%lld.%06lld", (long long)(n / 1000000), (long long)(n % 1000000));
    struct json v = {.kind = JSON_NUMBER, .text = text};
    struct str plain = text;
    decimal_plain(b->a, &v, &plain);
    return plain;
}

/* Measured solid, openings not deducted: walls round the room, ceilings and floors, runs along the floor, elevations.
 */
static int derive_quantity(struct builder *b, const struct json *area, struct str surface, struct str *out)
{
    int64_t l = thousandths(b, json_get(area, STR("lengthFt"))), w = thousandths(b, json_get(area, STR("widthFt")));
    int64_t h = thousandths(b, json_get(area, STR("heightFt")));
    bool room = l >= 0 && w >= 0;
    if (str_eq_c(surface, "WALL") && room && h >= 0)
        *out = millionths_text(b, 2 * (l + w) * h);
    else if ((str_eq_c(surface, "CEILING") || str_eq_c(surface, "DECK_FLOOR")) && room)
        *out = millionths_text(b, l * w);
    else if ((str_eq_c(surface, "BASEBOARD") || str_eq_c(surface, "CROWN")) && room)
        *out = millionths_text(b, 2 * (l + w) * 1000);
    else if ((str_eq_c(surface, "SIDING") || str_eq_c(surface, "MASONRY") || str_eq_c(surface, "FENCE")) && l >= 0 &&
             h >= 0)
        *out = millionths_text(b, l * h);
    else
        return fail(b, "give a quantity: it cannot be derived for %.*s from the area's length, width and height",
                    STR_ARG(surface));
    return 0;
}

/* ---- items ---- */

/* The rate for the substrate, or else the one for any. */
static const struct json *find_rate(struct builder *b, struct str surface, struct str substrate, struct str method)
{
    const struct json *rates = json_get(b->card, STR("rates")), *any = NULL;
    for (uint32_t i = 0; rates && rates->kind == JSON_ARRAY && i < rates->n; i++) {
        const struct json *r = rates->items[i];
        if (!str_eq(json_get_str(r, STR("surface")), surface) || !str_eq(json_get_str(r, STR("method")), method))
            continue;
        struct str of = json_get_str(r, STR("substrate"));
        if (of.p && str_eq(of, substrate))
            return r;
        if (!of.p)
            any = r;
    }
    return any;
}

static void member(struct builder *b, const char *name, struct str value)
{
    buf_printf(&b->text, ",\"%s\":", name);
    json_write_string(&b->text, value);
}

static int write_rated(struct builder *b, const struct json *s, const struct json *area, struct priced_item *item)
{
    struct str surface = json_get_str(s, STR("surface")), substrate = json_get_str(s, STR("substrate"));
    struct str method = json_get_str(s, STR("method")), unit = json_get_str(s, STR("unit"));
    struct str class = class_of(surface), product = json_get_str(s, STR("productId")),
               color = json_get_str(s, STR("color"));
    const struct json *rate = find_rate(b, surface, substrate, method);
    if (!class.p)
        return fail(b, "%.*s has no production rate: give hoursEach", STR_ARG(surface));
    if (!rate)
        return fail(b, "the rate card has no rate for %.*s by %.*s: choose another method, or give hoursEach",
                    STR_ARG(surface), STR_ARG(method));
    struct str rated_unit = json_get_str(rate, STR("unit"));
    if (unit.p && !str_eq(unit, rated_unit))
        return fail(b, "%.*s is measured in %.*s, not in %.*s", STR_ARG(surface), STR_ARG(rated_unit), STR_ARG(unit));
    item->rate_id = json_get_str(rate, STR("id"));
    use(b, &b->rates, item->rate_id, rate);
    use(b, &b->classes, class, NULL);
    member(b, "surface", class);
    member(b, "rate", item->rate_id);
    if (product.p) {
        const struct json *p = json_get(json_get(b->card, STR("products")), product);
        if (!p)
            return fail(b, "there is no paint product %.*s", STR_ARG(product));
        use(b, &b->products, product, p);
    }
    member(b, "product", product.p ? product : class);
    if (color.p)
        member(b, "color", color);
    member(b, "height", json_get_str(s, STR("heightBand")));
    member(b, "condition", json_get_str(s, STR("condition")));
    const struct json *occupied = json_get(area, STR("occupied"));
    if (occupied && occupied->kind == JSON_BOOL && occupied->boolean)
        buf_add(&b->text, STR(",\"occupied\":true"));
    return 0;
}

static int write_item(struct builder *b, const struct json *s, const struct json *area)
{
    struct priced_item item = {0};
    const struct json *quantity = json_get(s, STR("quantity")), *hours = json_get(s, STR("hoursEach"));
    const struct json *included = json_get(s, STR("included"));
    if (given(hours) && !decimal_plain(b->a, hours, &item.hours_each))
        return fail(b, "hoursEach must be a decimal that is not negative, with at most six digits after the point");
    if (given(quantity) && !decimal_plain(b->a, quantity, &item.quantity))
        return fail(b, "quantity must be a decimal that is not negative, with at most six digits after the point");
    if (!given(quantity) && item.hours_each.p)
        item.quantity = STR("1");
    else if (!given(quantity) && derive_quantity(b, area, json_get_str(s, STR("surface")), &item.quantity) < 0)
        return -1;
    buf_printf(&b->text, "%s{\"id\":\"%u.%u\"", b->items.n ? "," : "", b->area, b->surface);
    member(b, "qty", item.quantity);
    if (item.hours_each.p)
        member(b, "hoursEach", item.hours_each);
    else if (write_rated(b, s, area, &item) < 0)
        return -1;
    if (given(included) && included->kind == JSON_ARRAY && included->n < 3) {
        buf_add(&b->text, STR(",\"tiers\":"));
        json_write(&b->text, included);
    }
    buf_add_char(&b->text, '}');
    vec_push(b->a, &b->items, item);
    return 0;
}

static int write_items(struct builder *b)
{
    const struct json *areas = json_get(b->scope, STR("areas"));
    buf_add(&b->text, STR("{\"items\":["));
    for (uint32_t i = 0; areas && areas->kind == JSON_ARRAY && i < areas->n; i++) {
        const struct json *surfaces = json_get(areas->items[i], STR("surfaces"));
        for (uint32_t j = 0; surfaces && surfaces->kind == JSON_ARRAY && j < surfaces->n; j++) {
            b->area = i + 1;
            b->surface = j + 1;
            if (b->items.n == PRICING_ITEMS_MAX)
                return fail(b, "an estimate has at most %d surfaces: split it", PRICING_ITEMS_MAX);
            if (write_item(b, surfaces->items[j], areas->items[i]) < 0)
                return -1;
        }
    }
    buf_add_char(&b->text, ']');
    return 0;
}

/* ---- the card, as far as it is used ---- */

static void copy_member(struct builder *b, const char *before, const char *name)
{
    const struct json *v = json_get(b->card, str_c(name));
    if (!given(v))
        return;
    buf_printf(&b->text, "%s\"%s\":", before, name);
    json_write(&b->text, v);
}

static void write_rates(struct builder *b)
{
    static const char *const members[] = {"first", "next", "coverage", "wasteBp"};
    buf_add(&b->text, STR(",\"rates\":{"));
    for (size_t i = 0; i < b->rates.n; i++) {
        const struct json *rate = b->rates.v[i].value;
        buf_printf(&b->text, "%s\"%.*s\":{", i ? "," : "", STR_ARG(b->rates.v[i].key));
        for (size_t j = 0; j < sizeof members / sizeof *members; j++) {
            buf_printf(&b->text, "\"%s\":", members[j]);
            json_write(&b->text, json_get(rate, str_c(members[j])));
            buf_add_char(&b->text, ',');
        }
        buf_add(&b->text, STR("\"prep\":"));
        const struct json *prep = json_get(json_get(b->card, STR("prep")), json_get_str(rate, STR("surface")));
        if (prep)
            json_write(&b->text, prep);
        else
            buf_add(&b->text, STR("{}"));
        buf_add_char(&b->text, '}');
    }
    buf_add_char(&b->text, '}');
}

static int write_class(struct builder *b, const struct json *recipe, const char *member_name, struct str class,
                       bool first)
{
    const struct json *v = json_get(json_get(recipe, str_c(member_name)), class);
    if (!v)
        return err_set(b->err, "PRICING_INPUT", "the rate card's recipe for %.*s says nothing about %.*s (%s)",
                       STR_ARG(json_get_str(recipe, STR("tier"))), STR_ARG(class), member_name);
    buf_printf(&b->text, "%s\"%.*s\":", first ? "" : ",", STR_ARG(class));
    json_write(&b->text, v);
    return 0;
}

static int write_tier(struct builder *b, const struct json *recipe, const char *tier)
{
    struct str prep = json_get_str(recipe, STR("prep"));
    buf_printf(&b->text, "\"%s\":{\"prep\":\"%.*s\",\"coats\":{", tier, (int)(prep.len > 2 ? 2 : prep.len), prep.p);
    for (size_t i = 0; i < b->classes.n; i++)
        if (write_class(b, recipe, "coatsByClass", b->classes.v[i].key, i == 0) < 0)
            return -1;
    buf_add(&b->text, STR("},\"products\":{"));
    for (size_t i = 0; i < b->classes.n; i++)
        if (write_class(b, recipe, "productsByClass", b->classes.v[i].key, i == 0) < 0)
            return -1;
    for (size_t i = 0; i < b->products.n; i++) {
        buf_printf(&b->text, "%s\"%.*s\":", b->classes.n || i ? "," : "", STR_ARG(b->products.v[i].key));
        json_write(&b->text, b->products.v[i].value);
    }
    buf_add(&b->text, STR("}}"));
    return 0;
}

static const struct json *find_recipe(const struct json *card, struct str kind, const char *tier)
{
    const struct json *recipes = json_get(card, STR("recipes"));
    for (uint32_t i = 0; recipes && recipes->kind == JSON_ARRAY && i < recipes->n; i++)
        if (str_eq(json_get_str(recipes->items[i], STR("kind")), kind) &&
            str_eq_c(json_get_str(recipes->items[i], STR("tier")), tier))
            return recipes->items[i];
    return NULL;
}

static int write_card(struct builder *b)
{
    static const char *const members[] = {"costCentsPerHour", "markupBp",        "sundriesBp", "occupiedBp",
                                          "marginFloorBp",    "crewHoursPerDay", "height",     "condition"};
    struct str kind = json_get_str(b->scope, STR("kind"));
    copy_member(b, ",\"rateCard\":{", "sellCentsPerHour");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        copy_member(b, ",", members[i]);
    write_rates(b);
    buf_add(&b->text, STR(",\"tiers\":{"));
    for (unsigned i = 0; i < 3; i++) {
        b->out->recipes[i] = find_recipe(b->card, kind, TIERS[i]);
        if (!b->out->recipes[i])
            return err_set(b->err, "PRICING_INPUT", "the rate card has no %s recipe for %.*s work", TIERS[i],
                           STR_ARG(kind));
        buf_add_c(&b->text, i ? "," : "");
        if (write_tier(b, b->out->recipes[i], TIERS[i]) < 0)
            return -1;
    }
    buf_add(&b->text, STR("}}"));
    return 0;
}

/* ---- the document ---- */

/* California, Business and Professions Code 7159: the lesser of $1,000 or 10 %. */
static const char *deposit_cap(struct str jurisdiction)
{
    bool california = str_starts(jurisdiction, STR("US-CA"));
    return california ? ",\"capBp\":1000,\"capCents\":100000" : "";
}

static void write_deposit(struct builder *b)
{
    const struct json *deposit = json_get(b->scope, STR("deposit")), *tax = json_get(b->scope, STR("tax"));
    struct str kind = json_get_str(deposit, STR("kind"));
    const struct json *percent = json_get(deposit, STR("percentBp")), *fixed = json_get(deposit, STR("fixedCents"));
    if (!kind.p || str_eq(kind, STR("NONE")))
        return;
    bool by_percent = str_eq(kind, STR("PERCENT"));
    const struct json *value = by_percent ? percent : fixed;
    buf_printf(&b->text, ",\"deposit\":{\"%s\":%.*s%s}", by_percent ? "percentBp" : "fixedCents",
               given(value) ? (int)value->text.len : 1, given(value) ? value->text.p : "0",
               deposit_cap(json_get_str(tax, STR("jurisdiction"))));
}

static void write_options(struct builder *b)
{
    const struct json *options = json_get(b->scope, STR("options"));
    if (!given(options) || options->kind != JSON_ARRAY || options->n == 0)
        return;
    buf_add(&b->text, STR(",\"options\":["));
    for (uint32_t i = 0; i < options->n; i++) {
        const struct json *price = json_get(options->items[i], STR("priceCents"));
        buf_printf(&b->text, "%s{\"priceCents\":", i ? "," : "");
        json_write(&b->text, price ? price : options->items[i]);
        buf_add_char(&b->text, '}');
    }
    buf_add_char(&b->text, ']');
}

static void write_number(struct builder *b, const char *name)
{
    const struct json *v = json_get(b->scope, str_c(name));
    int64_t n;
    if (given(v) && !(json_to_i64(v, &n) && n == 0)) {
        buf_printf(&b->text, ",\"%s\":", name);
        json_write(&b->text, v);
    }
}

static void write_tax(struct builder *b)
{
    const struct json *tax = json_get(b->scope, STR("tax")), *exempt = json_get(tax, STR("exempt"));
    const struct json *rate = json_get(tax, STR("rateMicros"));
    buf_add(&b->text, STR(",\"tax\":{\"mode\":"));
    json_write_string(&b->text, json_get_str(tax, STR("mode")));
    buf_add(&b->text, STR(",\"rateMicros\":"));
    if (given(rate))
        json_write(&b->text, rate);
    else
        buf_add_char(&b->text, '0');
    if (exempt && exempt->kind == JSON_BOOL && exempt->boolean)
        buf_add(&b->text, STR(",\"exempt\":true"));
    buf_add_char(&b->text, '}');
}

static int write_input(struct builder *b)
{
    if (write_items(b) < 0 || write_card(b) < 0)
        return -1;
    write_tax(b);
    write_deposit(b);
    write_options(b);
    write_number(b, "discountBp");
    write_number(b, "discountCents");
    buf_add_char(&b->text, '}');
    return 0;
}

struct priced *scope_price(struct arena *a, const struct json *scope, const struct json *card, struct err *err)
{
    struct builder b = {.a = a, .err = err, .scope = scope, .card = card, .out = arena_new_of(a, struct priced)};
    struct priced *out = b.out;
    buf_init(&b.text, INPUT_BYTES_MAX);
    if (write_input(&b) == 0)
        out->input = json_parse(a, arena_str(a, buf_str(&b.text)), err);
    buf_free(&b.text);
    if (!out->input)
        return NULL;
    out->items = b.items.v;
    out->n_items = b.items.n;
    out->result = pricing_compute(a, out->input, err);
    if (!out->result || pricing_check_order(out->result, err) < 0)
        return NULL;
    for (size_t i = 0; i < out->result->n_tiers; i++)
        out->below_floor |= out->result->tiers[i].below_floor;
    pricing_hash_json(out->input, out->input_hash);
    pricing_hash_result(out->result, out->result_hash);
    return out;
}
