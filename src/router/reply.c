#include "router/reply_reader.h"

static void read_data(struct reader *rd)
{
    if (rd->fetch->kind == PLAN_FETCH_ENTITIES)
        reader_entities(rd);
    else
        reader_object(rd, rd->fetch->shape, rd->result->root);
}

/* Reads the members of the reply. Gives whether there was a data object; *errors_raw is the source of "errors". */
static bool read_members(struct reader *rd, struct str *errors_raw)
{
    struct str key, raw;
    bool has_escapes, has_data_object = false;

    if (!json_enter_object(&rd->json))
        return false;
    for (bool first = true; json_next_member(&rd->json, &first, &key, &has_escapes);) {
        int kind = json_peek(&rd->json);
        if (str_eq(key, STR("data")) && kind == JSON_OBJECT) {
            has_data_object = true;
            read_data(rd);
        } else if (json_skip(&rd->json, &raw) && str_eq(key, STR("errors")) && kind == JSON_ARRAY) {
            *errors_raw = raw;
            rd->records_only = true;
        }
    }
    return json_at_end(&rd->json) && has_data_object;
}

/* Everything of the fetch that is still unset is null because of the errors that hang nowhere. */
static void fail_rest(struct reader *rd, size_t errors_before)
{
    struct result *r = rd->result;
    size_t end = r->errors.n;
    for (size_t i = errors_before; i < end; i++)
        if (!r->errors.v[i]->hung)
            reply_fail(r, rd->fetch, rd->sets, rd->n_sets, r->errors.v[i]);
}

static void fail_missing_below(struct reader *rd, struct slot *s, const struct plan_shape *shape, struct result_error *e);

/* The body broke off: what had come is good, the rest of every object that had begun is not there. */
static void fail_missing(struct reader *rd, struct record *rec, const struct plan_shape *shape, struct result_error *e)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        struct slot *s = &rec->slots[shape->fields[i].slot];
        if (s->kind == SLOT_UNSET)
            slot_fail(rd->result, s, e);
        else if (shape->fields[i].child)
            fail_missing_below(rd, s, shape->fields[i].child, e);
    }
}

static void fail_missing_below(struct reader *rd, struct slot *s, const struct plan_shape *shape, struct result_error *e)
{
    if (s->kind == SLOT_RECORD)
        fail_missing(rd, s->record, shape, e);
    for (uint32_t i = 0; s->kind == SLOT_LIST && i < s->list->n; i++)
        fail_missing_below(rd, &s->list->items[i], shape, e);
}

static void fail_missing_of_fetch(struct reader *rd, struct result_error *e)
{
    if (rd->fetch->kind == PLAN_FETCH_ROOT)
        fail_missing(rd, rd->result->root, rd->fetch->shape, e);
    for (size_t i = 0; i < rd->n_sets; i++) {
        struct rep_set *set = &rd->sets[i];
        for (size_t k = 0; k < set->entries.n; k++) {
            fail_missing(rd, set->entries.v[k].first, set->entities->shape, e);
            for (size_t m = 0; m < set->entries.v[k].others.n; m++)
                fail_missing(rd, set->entries.v[k].others.v[m], set->entities->shape, e);
        }
    }
}

static struct result_error *not_a_response(struct reader *rd)
{
    bool large = rd->json.failed && strcmp(rd->err.code, "JSON_TOO_LARGE") == 0;
    return result_error_new(rd->result, rd->service, large ? "SUBREQUEST_TOO_LARGE" : "SUBREQUEST_MALFORMED_RESPONSE",
                            "Subgraph \"%.*s\" did not answer a GraphQL response%s: %s", STR_ARG(rd->service),
                            large ? " that can be taken" : "",
                            rd->json.failed ? rd->err.msg : "it has neither \"data\" nor \"errors\"");
}

void reply_read(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct str body)
{
    struct reader rd = {.result = r, .fetch = fetch, .sets = sets, .n_sets = n_sets,
                        .service = r->plan->supergraph->subgraphs[fetch->subgraph].name,
                        .memory_max = arena_used(r->arena) + REPLY_MEMORY_MAX};
    struct str errors = STR_NONE;
    size_t errors_before = r->errors.n;

    json_reader_init(&rd.json, body, &rd.err);
    bool complete = json_peek(&rd.json) == JSON_OBJECT && read_members(&rd, &errors);
    if (rd.json.failed || (!complete && !errors.p)) {
        struct result_error *e = not_a_response(&rd);
        fail_missing_of_fetch(&rd, e);
        return;
    }
    if (errors.p) {
        reader_undo_verbatim(&rd);
        if (rd.json.failed)
            fail_missing_of_fetch(&rd, not_a_response(&rd));
        reader_errors(&rd, errors);
        if (!complete)
            fail_rest(&rd, errors_before);
    }
}

void reply_fail(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets, struct result_error *e)
{
    if (fetch->kind == PLAN_FETCH_ROOT) {
        record_fail(r, r->root, fetch->shape, e);
        return;
    }
    for (size_t i = 0; i < n_sets; i++)
        for (size_t k = 0; k < sets[i].entries.n; k++) {
            struct rep_entry *entry = &sets[i].entries.v[k];
            record_fail(r, entry->first, sets[i].entities->shape, e);
            for (size_t m = 0; m < entry->others.n; m++)
                record_fail(r, entry->others.v[m], sets[i].entities->shape, e);
        }
}
