#include "services/projects/lifecycle.h"

#include "base/test.h"

/* Rows: from, in the order of the enum; columns: to. '.' no such step, 'o' open, 'g' guarded. Written from the domain's
 * table. */
static const char *const TABLE[PROJECT_STATUSES] = {
    /*                      DRA EST AWA APP SCH INP HOL WEA PUN COM INV CLO CAN */
    [PROJECT_DRAFT] = ".o..........o",
    [PROJECT_ESTIMATING] = "..g.........o",
    [PROJECT_AWAITING_APPROVAL] = ".o.g........o",
    [PROJECT_APPROVED] = "....g.o.....o",
    [PROJECT_SCHEDULED] = "...o.gog....o",
    [PROJECT_IN_PROGRESS] = "......ogo...g",
    [PROJECT_ON_HOLD] = "............o",
    [PROJECT_WEATHER_HOLD] = "....ooo.....o",
    [PROJECT_PUNCH_LIST] = ".....o...g...",
    [PROJECT_COMPLETED] = "........o.g..",
    [PROJECT_INVOICED] = ".........g.g.",
    [PROJECT_CLOSED] = ".............",
    [PROJECT_CANCELLED] = "g............",
};

/* Nothing holds: every guard refuses. */
static const struct project_facts NOTHING = {
    .credit_hold = true, .open_punch_items = true, .lead_safe_required = true, .final_invoice = false};

static void every_pair(void **state)
{
    for (int from = 0; from < PROJECT_STATUSES; from++)
        for (int to = 0; to < PROJECT_STATUSES; to++) {
            char want = TABLE[from][to];
            const char *failed[LIFECYCLE_GUARDS_MAX];
            struct project_facts facts = NOTHING;
            facts.final_invoice = from == PROJECT_INVOICED && to == PROJECT_COMPLETED;
            if (lifecycle_allows(from, to, -1) != (want != '.'))
                fail_msg("%s → %s", project_status_name(from), project_status_name(to));
            if (want != '.' && (lifecycle_failed(from, to, &facts, failed) > 0) != (want == 'g'))
                fail_msg("guards of %s → %s", project_status_name(from), project_status_name(to));
        }
}

static void a_hold_goes_back(void **state)
{
    for (int held = 0; held < PROJECT_STATUSES; held++)
        for (int to = 0; to < PROJECT_STATUSES; to++)
            assert_int_equal(lifecycle_allows(PROJECT_ON_HOLD, to, held), to == held || to == PROJECT_CANCELLED);
    enum project_status next[PROJECT_STATUSES];
    assert_int_equal(lifecycle_next(PROJECT_ON_HOLD, PROJECT_SCHEDULED, next), 2);
    assert_int_equal(next[0], PROJECT_SCHEDULED);
    assert_int_equal(lifecycle_next(PROJECT_CLOSED, -1, next), 0);
}

static const struct {
    enum project_status from, to;
    struct project_facts facts;
    const char *failed; /* words, in order */
} GUARDS[] = {
    {PROJECT_ESTIMATING, PROJECT_AWAITING_APPROVAL, {0}, "NO_SENT_ESTIMATE "},
    {PROJECT_ESTIMATING, PROJECT_AWAITING_APPROVAL, {.estimate_sent = true}, ""},
    {PROJECT_AWAITING_APPROVAL, PROJECT_APPROVED, {.estimate_sent = true}, "NO_ACCEPTED_ESTIMATE "},
    {PROJECT_APPROVED, PROJECT_SCHEDULED, {0}, "NO_CREW NO_DATES DEPOSIT_UNPAID "},
    {PROJECT_APPROVED,
     PROJECT_SCHEDULED,
     {.has_crew = true, .has_dates = true, .deposit_settled = true, .credit_hold = true},
     "CREDIT_HOLD "},
    {PROJECT_APPROVED, PROJECT_SCHEDULED, {.has_crew = true, .has_dates = true, .deposit_settled = true}, ""},
    {PROJECT_SCHEDULED, PROJECT_IN_PROGRESS, {.has_crew = true, .lead_safe_required = true}, "NO_RRP_CREW "},
    {PROJECT_SCHEDULED, PROJECT_IN_PROGRESS, {.has_crew = true, .lead_safe_required = true, .has_rrp_crew = true}, ""},
    {PROJECT_SCHEDULED, PROJECT_IN_PROGRESS, {.has_crew = true}, ""},
    {PROJECT_SCHEDULED, PROJECT_WEATHER_HOLD, {0}, "NOT_EXTERIOR "},
    {PROJECT_IN_PROGRESS, PROJECT_WEATHER_HOLD, {.has_exterior = true}, ""},
    {PROJECT_IN_PROGRESS, PROJECT_CANCELLED, {0}, "ADMIN_ONLY NO_REASON "},
    {PROJECT_IN_PROGRESS, PROJECT_CANCELLED, {.caller_is_admin = true, .has_reason = true}, ""},
    {PROJECT_PUNCH_LIST, PROJECT_COMPLETED, {.open_punch_items = true}, "OPEN_PUNCH_ITEMS "},
    {PROJECT_COMPLETED, PROJECT_INVOICED, {0}, "NO_FINAL_INVOICE "},
    {PROJECT_INVOICED, PROJECT_CLOSED, {.final_invoice = true}, "BALANCE_DUE "},
    {PROJECT_INVOICED, PROJECT_COMPLETED, {.final_invoice = true}, "FINAL_INVOICE_STANDS "},
    {PROJECT_CANCELLED, PROJECT_DRAFT, {.caller_is_admin = true}, "CANCELLED_OVER_30_DAYS_AGO "},
    {PROJECT_CANCELLED, PROJECT_DRAFT, {.caller_is_admin = true, .cancelled_lately = true}, ""},
};

static void guards_look_at_facts(void **state)
{
    for (size_t i = 0; i < sizeof GUARDS / sizeof *GUARDS; i++) {
        const char *failed[LIFECYCLE_GUARDS_MAX];
        char words[300] = "";
        unsigned n = lifecycle_failed(GUARDS[i].from, GUARDS[i].to, &GUARDS[i].facts, failed);
        for (unsigned j = 0, at = 0; j < n; j++)
            at += (unsigned)snprintf(words + at, sizeof words - at, "%s ", failed[j]);
        if (strcmp(words, GUARDS[i].failed) != 0)
            fail_msg("row %zu: %s", i, words);
    }
}

int main(void)
{
    return RUN_TESTS(every_pair, a_hold_goes_back, guards_look_at_facts);
}
