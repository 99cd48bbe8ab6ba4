#include "services/estimates/estimates.h"

#define CONSENT "I accept this proposal and agree to do business electronically."

/* ---- the life of an estimate ---- */

static const struct {
    const char *from, *to;
} STEPS[] = {
    {"DRAFT", "PRICED"},    {"DRAFT", "VOID"},         {"PRICED", "SENT"},     {"PRICED", "VOID"},
    {"SENT", "VIEWED"},     {"SENT", "ACCEPTED"},      {"SENT", "DECLINED"},   {"SENT", "EXPIRED"},
    {"SENT", "SUPERSEDED"}, {"SENT", "VOID"},          {"VIEWED", "ACCEPTED"}, {"VIEWED", "DECLINED"},
    {"VIEWED", "EXPIRED"},  {"VIEWED", "SUPERSEDED"},  {"VIEWED", "VOID"},     {"DECLINED", "SUPERSEDED"},
    {"DECLINED", "VOID"},   {"EXPIRED", "SUPERSEDED"}, {"EXPIRED", "VOID"},
};
#define N_STEPS (sizeof STEPS / sizeof *STEPS)

bool estimate_may_go(struct str from, const char *to)
{
    for (size_t i = 0; i < N_STEPS; i++)
        if (str_eq_c(from, STEPS[i].from) && strcmp(to, STEPS[i].to) == 0)
            return true;
    return false;
}

void reject_step(struct write *w, struct str from, const char *to)
{
    struct batch *b = w->batch;
    struct object *o = object_new(b, "IllegalEstimateTransitionError");
    struct cell *items = arena_array(batch_arena(b), struct cell, N_STEPS);
    size_t n = 0;
    for (size_t i = 0; i < N_STEPS; i++)
        if (str_eq_c(from, STEPS[i].from))
            items[n++] = cell_text(str_c(STEPS[i].to));
    object_put(o, "code", cell_text(STR("ILLEGAL_TRANSITION")));
    object_put(o, "message",
               cell_text(arena_printf(batch_arena(b), "an estimate in %.*s cannot go to %s", STR_ARG(from), to)));
    object_put(o, "from", cell_text(from));
    object_put(o, "to", cell_text(str_c(to)));
    object_put(o, "allowed", cell_list(items, n));
    write_reject(w, o);
}

struct step {
    struct str id, reason;
    int64_t expected;
    const char *to, *action, *verb;
    const struct json *input;
};

/* The locked row, when the step is allowed; NULL when the write has its answer. */
static struct pg_result *may_step(struct write *w, const struct step *s)
{
    struct pg_result *r = lock_estimate(w, s->id, s->expected);
    if (!r || estimate_may_go(row_text(r, 0, "status"), s->to))
        return r;
    reject_step(w, row_text(r, 0, "status"), s->to);
    return NULL;
}

static void finish_step(struct write *w, const struct step *s, const struct pg_result *before)
{
    const struct pg_param params[] = {{s->id}, {str_c(s->to)}, {s->reason}};
    struct pg_result *r = write_query(w, &ESTIMATE_MOVE, params, 3);
    if (!r)
        return;
    estimate_event(w, before, r, s->action, s->verb);
    answer_estimate(w, s->id);
}

static void plain_step(struct write *w)
{
    struct pg_result *before = may_step(w, w->arg);
    if (before)
        finish_step(w, w->arg, before);
}

/* ---- select, send, decline, void ---- */

static void select_tier(struct write *w)
{
    struct step *s = w->arg;
    struct pg_result *before = lock_estimate(w, s->id, s->expected), *r;
    if (!before)
        return;
    struct str status = row_text(before, 0, "status");
    if (str_eq_c(status, "ACCEPTED") || str_eq_c(status, "VOID") || str_eq_c(status, "SUPERSEDED")) {
        reject_step(w, status, "PRICED");
        return;
    }
    const struct pg_param params[] = {{s->id}, {batch_arg_str(w->batch, "tier")}};
    if (!(r = write_query(w, &ESTIMATE_TIER, params, 2)))
        return;
    estimate_event(w, before, r, "estimate.tier_selected", "has another choice");
    answer_estimate(w, s->id);
}

void mutation_select_tier(struct batch *b)
{
    struct step s = {.id = batch_arg_str(b, "id")};
    batch_arg_i64(b, "expectedVersion", &s.expected);
    batch_write(b, &(struct write_options){.name = "selectTier"}, select_tier, &s);
}

static struct object *check_recipients(struct batch *b, const struct json *input)
{
    const struct json *to = json_get(input, STR("toEmails"));
    struct check c = {.b = b};
    check_strings(&c, "input", input);
    if (!to || to->kind != JSON_ARRAY || to->n == 0 || to->n > 20)
        check_fail(&c, "input.toEmails", "has 1 to 20 addresses");
    for (uint32_t i = 0; to && to->kind == JSON_ARRAY && i < to->n; i++)
        if (!normal_email(batch_arena(b), to->items[i]->text).p)
            check_fail(&c, "input.toEmails", "has something that is no e-mail address");
    return check_errors(&c);
}

/* Under the margin floor an owner or admin sends: that is the approval. */
static void send_estimate(struct write *w)
{
    static const char *const scopes[] = {"pricing:admin"};
    struct step *s = w->arg;
    struct object *refused = check_recipients(w->batch, s->input);
    enum role role = batch_request(w->batch)->caller.role;
    if (refused) {
        write_reject(w, refused);
        return;
    }
    struct pg_result *before = may_step(w, s);
    if (!before)
        return;
    if (row_true(before, 0, "needs_approval") && role != ROLE_OWNER && role != ROLE_ADMIN) {
        write_reject(w, forbidden_error(w->batch,
                                        "a tier is under the margin floor: an owner or admin has to send this estimate",
                                        scopes, 1));
        return;
    }
    finish_step(w, s, before);
}

void mutation_send_estimate(struct batch *b)
{
    struct step s = {.input = batch_arg(b, "input"), .to = "SENT", .action = "estimate.sent", .verb = "sent"};
    s.id = json_get_str(s.input, STR("id"));
    json_to_i64(json_get(s.input, STR("expectedVersion")), &s.expected);
    batch_write(b, &(struct write_options){.name = "sendEstimate"}, send_estimate, &s);
}

static void with_reason(struct batch *b, const char *name, struct step *s)
{
    s->id = batch_arg_str(b, "id");
    s->reason = batch_arg_str(b, "reason");
    batch_arg_i64(b, "expectedVersion", &s->expected);
    if (s->reason.len > 2000 || (s->reason.len && memchr(s->reason.p, 0, s->reason.len)))
        batch_set_all(b, cell_object(validation_error(
                             b, &(struct field_error){"reason", STR("has at most 2,000 bytes and no U+0000")}, 1)));
    else
        batch_write(b, &(struct write_options){.name = name}, plain_step, s);
}

void mutation_decline_estimate(struct batch *b)
{
    struct step s = {.to = "DECLINED", .action = "estimate.declined", .verb = "declined"};
    with_reason(b, "declineEstimate", &s);
}

void mutation_void_estimate(struct batch *b)
{
    struct step s = {.to = "VOID", .action = "estimate.voided", .verb = "voided"};
    with_reason(b, "voidEstimate", &s);
}

/* ---- accept ---- */

static struct object *check_signature(struct batch *b, const struct json *input)
{
    const struct json *signature = json_get(input, STR("signature"));
    struct check c = {.b = b};
    check_strings(&c, "input", input);
    check_text(&c, signature, "input.signature.signerName", "signerName", 200);
    if (!normal_email(batch_arena(b), json_get_str(signature, STR("signerEmail"))).p)
        check_fail(&c, "input.signature.signerEmail", "is no e-mail address");
    if (!json_is_true(signature, "consent"))
        check_fail(&c, "input.signature.consent", "is needed: nothing is signed without it");
    const struct json *options = json_get(input, STR("optionIds"));
    for (uint32_t i = 0; options && options->kind == JSON_ARRAY && i < options->n; i++)
        if (!is_uuid(options->items[i]->text))
            check_fail(&c, "input.optionIds", "has something that is no id");
    return check_errors(&c);
}

/* False when the write has its answer. */
static bool is_current(struct write *w, const struct step *s, const struct pg_result *row)
{
    struct str signed_hash = json_get_str(json_get(s->input, STR("signature")), STR("documentHash")),
               hash = row_text(row, 0, "result_hash");
    bool lapsed = row_true(row, 0, "lapsed");
    if (str_eq(signed_hash, hash) && !lapsed)
        return true;
    struct object *o = object_new(w->batch, "StaleProposalError");
    object_put(o, "code", cell_text(STR("PRECONDITION_FAILED")));
    object_put(
        o, "message",
        cell_text(lapsed ? STR("the proposal has lapsed: ask for a new one")
                         : STR("the document was changed since it was read: read it again and sign the current one")));
    object_put(o, "currentVersion", cell_int(row_number(row, 0, "version")));
    object_put(o, "currentHash", cell_text(hash));
    write_reject(w, o);
    return false;
}

/* The chosen options become part of the price. False when the write has its answer. */
static bool choose_options(struct write *w, const struct step *s, const struct pg_param *ids)
{
    const struct json *chosen = json_get(s->input, STR("optionIds"));
    const struct pg_param params[] = {{s->id}, *ids};
    struct store priced;
    if (!chosen || chosen->kind != JSON_ARRAY || chosen->n == 0)
        return true;
    struct pg_result *r = write_query(w, &OPTION_IDS, params, 2);
    if (r && r->n_rows != chosen->n)
        write_reject(w, validation_error(w->batch,
                                         &(struct field_error){"input.optionIds",
                                                               STR("names an option that the estimate does not have")},
                                         1));
    return r && r->n_rows == chosen->n && write_query(w, &OPTIONS_SELECT, params, 2) &&
           price_stored(w, s->id, STR_NONE, &priced) && store_reprice(w, &priced);
}

static void accept_estimate(struct write *w)
{
    struct step *s = w->arg;
    struct batch *b = w->batch;
    const struct json *signature = json_get(s->input, STR("signature")),
                      *options = json_get(s->input, STR("optionIds"));
    struct object *refused = check_signature(b, s->input);
    if (refused) {
        write_reject(w, refused);
        return;
    }
    struct pg_result *before = may_step(w, s);
    struct pg_param ids = param_list(b, options), tier = {json_get_str(s->input, STR("tier"))};
    if (!ids.text.p)
        ids.text = STR("{}");
    if (!before || !is_current(w, s, before) || !choose_options(w, s, &ids))
        return;
    const struct pg_param acceptance[] = {{s->id},
                                          tier,
                                          ids,
                                          param_of(signature, "signerName"),
                                          {normal_email(batch_arena(b), json_get_str(signature, STR("signerEmail")))},
                                          param_of(signature, "kind"),
                                          param_of(signature, "documentHash"),
                                          {STR_NONE},
                                          {STR_NONE},
                                          {STR(CONSENT)}};
    const struct pg_param accept[] = {{s->id}, tier};
    struct pg_result *r =
        write_query(w, &ACCEPTANCE_INSERT, acceptance, 10) ? write_query(w, &ESTIMATE_ACCEPT, accept, 2) : NULL;
    if (!r)
        return;
    estimate_event(w, before, r, "estimate.accepted", "accepted");
    answer_estimate(w, s->id);
}

void mutation_accept_estimate(struct batch *b)
{
    struct step s = {.input = batch_arg(b, "input"), .to = "ACCEPTED"};
    s.id = json_get_str(s.input, STR("id"));
    json_to_i64(json_get(s.input, STR("expectedVersion")), &s.expected);
    batch_write(b, &(struct write_options){"acceptEstimate", json_get_str(s.input, STR("idempotencyKey"))},
                accept_estimate, &s);
}
