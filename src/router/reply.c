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

static struct result_error *not_a_response(struct reader *rd)
{
    bool large = rd->json.failed && strcmp(rd->err.code, "JSON_TOO_LARGE") == 0;
    return result_error_new(rd->result, rd->service, large ? "SUBREQUEST_TOO_LARGE" : "SUBREQUEST_MALFORMED_RESPONSE",
                            "Subgraph \"%.*s\" did not answer a GraphQL response%s: %s", STR_ARG(rd->service),
                            large ? " that can be taken" : "",
                            rd->json.failed ? rd->err.msg : "it has neither \"data\" nor \"errors\"");
}

/* The same error as one of the whole object that it hangs at. */
static struct result_error *without_path(struct reader *rd, const struct result_error *e)
{
    struct result_error *whole = arena_memdup(rd->result->arena, e, sizeof *e);
    whole->path_from = e->path ? e->path->n : 0;
    return whole;
}

/* There is no data, because of the errors from `from` on: those that hang nowhere are of everything, and no field
 * remains without one. */
static void fail_all(struct reader *rd, size_t from)
{
    struct result *r = rd->result;
    size_t end = r->errors.n;

    for (size_t i = from; i < end; i++)
        if (!r->errors.v[i]->hung)
            reply_fail(r, rd->fetch, rd->sets, rd->n_sets, r->errors.v[i]);
    reader_fail_rest(rd, from < end ? without_path(rd, r->errors.v[from]) : not_a_response(rd));
}

static struct result_error *first_unplaced(const struct result *r, size_t from)
{
    for (size_t i = from; i < r->errors.n; i++)
        if (!r->errors.v[i]->hung)
            return r->errors.v[i];
    return NULL;
}

static void explain(struct reader *rd, bool complete, struct str errors)
{
    struct result *r = rd->result;
    size_t from;

    if (errors.p)
        reader_undo_verbatim(rd);
    if (rd->json.failed)
        reader_fail_rest(rd, not_a_response(rd));
    from = r->errors.n;
    if (errors.p)
        reader_errors(rd, errors);
    if (complete)
        reader_fail_missing(rd, first_unplaced(r, from));
    else
        fail_all(rd, from);
}

void reply_read(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct str body)
{
    struct reader rd = {.result = r, .fetch = fetch, .sets = sets, .n_sets = n_sets,
                        .service = r->plan->supergraph->subgraphs[fetch->subgraph].name,
                        .memory_max = arena_used(r->arena) + REPLY_MEMORY_MAX};
    struct str errors = STR_NONE;

    json_reader_init(&rd.json, body, &rd.err);
    bool complete = json_peek(&rd.json) == JSON_OBJECT && read_members(&rd, &errors);
    if (rd.json.failed || (!complete && !errors.p))
        reader_fail_rest(&rd, not_a_response(&rd));
    else
        explain(&rd, complete, errors);
}

void reply_fail(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct result_error *e)
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
