#include "services/estimates/estimates.h"

/* The members of the old row that the new revision takes over. */
static struct str revision_text(struct batch *b, const struct store *s, const struct pg_result *old, struct str id)
{
    static const char *const same[] = {"root_id",     "title",       "customer_id", "project_id",
                                       "property_id", "valid_until", "terms",       "exclusions"};
    struct json *row = json_parse(batch_arena(b), row_text(old, 0, "row_json"), NULL);
    struct str members = store_price_members(b, s), number = json_get_str(row, STR("number")),
               user = json_quote(b, caller_id(b).text);
    size_t base = number.len;
    while (base && number.p[base - 1] != '-')
        base--;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct str text = json_text(b, json_get(row, str_c(same[i])));
        members = arena_printf(batch_arena(b), "%.*s,\"%s\":%.*s", STR_ARG(members), same[i], STR_ARG(text));
    }
    return arena_printf(
        batch_arena(b),
        "{%.*s,\"id\":\"%.*s\",\"number\":\"%.*s\",\"revision\":%lld,\"previous_id\":\"%.*s\",\"created_by\":%.*s}",
        STR_ARG(members), STR_ARG(id), (int)(base ? base - 1 : 0), number.p,
        (long long)row_number(old, 0, "revision") + 1, STR_ARG(row_text(old, 0, "id")), STR_ARG(user));
}

struct str revise(struct write *w, const struct pg_result *old)
{
    struct batch *b = w->batch;
    struct str old_id = row_text(old, 0, "id"), id = new_id(b);
    struct store s;
    const struct pg_param move[] = {{old_id}, {STR("SUPERSEDED")}, {STR_NONE}}, copy[] = {{old_id}, {id}};
    if (!price_stored(w, old_id, STR_NONE, &s))
        return STR_NONE;
    const struct pg_param insert[] = {{revision_text(b, &s, old, id)}};
    s.id = id;
    struct pg_result *moved = write_query(w, &ESTIMATE_MOVE, move, 3);
    if (!moved || !write_query(w, &ESTIMATE_INSERT, insert, 1) || !write_query(w, &SCOPE_COPY, copy, 2) ||
        !write_query(w, &OPTIONS_COPY, copy, 2) || !write_query(w, &DISCOUNTS_COPY, copy, 2) || !store_reprice(w, &s))
        return STR_NONE;
    estimate_event(w, old, moved, "estimate.superseded", "superseded");
    return id;
}

static void revise_estimate(struct write *w)
{
    struct pg_result *old = lock_estimate(w, batch_arg_str(w->batch, "id"), -1);
    if (!old)
        return;
    if (!estimate_may_go(row_text(old, 0, "status"), "SUPERSEDED")) {
        reject_step(w, row_text(old, 0, "status"), "SUPERSEDED");
        return;
    }
    struct str id = revise(w, old);
    const struct pg_param key[] = {{id}};
    struct pg_result *r = id.p ? write_query(w, &ESTIMATE_LOCK, key, 1) : NULL;
    if (!r)
        return;
    estimate_event(w, NULL, r, "estimate.created", "revised");
    answer_estimate(w, id);
}

void mutation_revise_estimate(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "reviseEstimate"}, revise_estimate, NULL);
}
