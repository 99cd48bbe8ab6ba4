/* The three fields that are computed from what other services know; @requires brings it in the representation. */
#include "services/customers/customers.h"

#include "base/timestamp.h"

#include <math.h>

static int64_t price_cents(const struct json *estimate)
{
    struct str tier = json_get_str(estimate, STR("selectedTier"));
    const char *field = str_eq_c(tier, "GOOD") ? "goodPrice" : str_eq_c(tier, "BEST") ? "bestPrice" : "betterPrice";
    double dollars;
    return json_to_double(json_get(estimate, str_c(field)), &dollars) ? llround(dollars * 100) : 0;
}

/* Summed in cents, divided once: no error adds up. */
void customer_total_estimate_value(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        const struct json *estimates = batch_required(b, i, "estimates");
        int64_t cents = 0;
        for (uint32_t j = 0; estimates && estimates->kind == JSON_ARRAY && j < estimates->n; j++)
            cents += price_cents(estimates->items[j]);
        batch_set(b, i, cell_float((double)cents / 100));
    }
}

static bool is_active(struct str status)
{
    static const char *const active[] = {"ESTIMATING",  "AWAITING_APPROVAL", "APPROVED",     "SCHEDULED",
                                         "IN_PROGRESS", "ON_HOLD",           "WEATHER_HOLD", "PUNCH_LIST"};
    for (size_t i = 0; i < sizeof active / sizeof *active; i++)
        if (str_eq_c(status, active[i]))
            return true;
    return false;
}

void customer_active_projects_count(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        const struct json *projects = batch_required(b, i, "projects");
        int64_t n = 0;
        for (uint32_t j = 0; projects && projects->kind == JSON_ARRAY && j < projects->n; j++)
            n += is_active(json_get_str(projects->items[j], STR("status")));
        batch_set(b, i, cell_int(n));
    }
}

static int64_t latest(const struct json *list, int64_t so_far)
{
    int64_t us;
    for (uint32_t j = 0; list && list->kind == JSON_ARRAY && j < list->n; j++)
        if (timestamp_parse(json_get_str(list->items[j], STR("updatedAt")), &us) && us > so_far)
            so_far = us;
    return so_far;
}

/* Only a customer without any estimate or project costs a statement: their own updatedAt stands in. */
void customer_last_activity_date(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        char text[TIMESTAMP_RFC3339_LEN + 1];
        int64_t us = latest(batch_required(b, i, "projects"), latest(batch_required(b, i, "estimates"), INT64_MIN));
        if (us == INT64_MIN && !pg_time(batch_column(b, i, "updated_at"), &us)) {
            batch_fail(b, i, "NOT_FOUND", "there is no such customer");
            continue;
        }
        timestamp_format(us, text);
        batch_set(b, i, cell_text(arena_str(batch_arena(b), str_c(text))));
    }
}
