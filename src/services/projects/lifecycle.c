#include "services/projects/lifecycle.h"

static const char *const NAMES[PROJECT_STATUSES] = {
    "DRAFT",        "ESTIMATING", "AWAITING_APPROVAL", "APPROVED", "SCHEDULED", "IN_PROGRESS", "ON_HOLD",
    "WEATHER_HOLD", "PUNCH_LIST", "COMPLETED",         "INVOICED", "CLOSED",    "CANCELLED"};

const char *project_status_name(enum project_status s)
{
    return NAMES[s];
}

int project_status_parse(struct str s)
{
    for (int i = 0; i < PROJECT_STATUSES; i++)
        if (str_eq_c(s, NAMES[i]))
            return i;
    return -1;
}

enum guard {
    GUARD_SENT = 1 << 0,
    GUARD_ACCEPTED = 1 << 1,
    GUARD_CREW = 1 << 2,
    GUARD_DATES = 1 << 3,
    GUARD_DEPOSIT = 1 << 4,
    GUARD_CREDIT = 1 << 5,
    GUARD_RRP = 1 << 6,
    GUARD_EXTERIOR = 1 << 7,
    GUARD_ADMIN = 1 << 8,
    GUARD_REASON = 1 << 9,
    GUARD_PUNCH = 1 << 10,
    GUARD_INVOICE = 1 << 11,
    GUARD_BALANCE = 1 << 12,
    GUARD_NO_INVOICE = 1 << 13,
    GUARD_30_DAYS = 1 << 14,
};

static const struct step {
    enum project_status from, to;
    unsigned guards;
} STEPS[] = {
    {PROJECT_DRAFT, PROJECT_ESTIMATING, 0},
    {PROJECT_DRAFT, PROJECT_CANCELLED, 0},
    {PROJECT_ESTIMATING, PROJECT_AWAITING_APPROVAL, GUARD_SENT},
    {PROJECT_ESTIMATING, PROJECT_CANCELLED, 0},
    {PROJECT_AWAITING_APPROVAL, PROJECT_APPROVED, GUARD_ACCEPTED},
    {PROJECT_AWAITING_APPROVAL, PROJECT_ESTIMATING, 0},
    {PROJECT_AWAITING_APPROVAL, PROJECT_CANCELLED, 0},
    {PROJECT_APPROVED, PROJECT_SCHEDULED, GUARD_CREW | GUARD_DATES | GUARD_DEPOSIT | GUARD_CREDIT},
    {PROJECT_APPROVED, PROJECT_ON_HOLD, 0},
    {PROJECT_APPROVED, PROJECT_CANCELLED, 0},
    {PROJECT_SCHEDULED, PROJECT_IN_PROGRESS, GUARD_CREW | GUARD_RRP},
    {PROJECT_SCHEDULED, PROJECT_APPROVED, 0},
    {PROJECT_SCHEDULED, PROJECT_WEATHER_HOLD, GUARD_EXTERIOR},
    {PROJECT_SCHEDULED, PROJECT_ON_HOLD, 0},
    {PROJECT_SCHEDULED, PROJECT_CANCELLED, 0},
    {PROJECT_IN_PROGRESS, PROJECT_PUNCH_LIST, 0},
    {PROJECT_IN_PROGRESS, PROJECT_WEATHER_HOLD, GUARD_EXTERIOR},
    {PROJECT_IN_PROGRESS, PROJECT_ON_HOLD, 0},
    {PROJECT_IN_PROGRESS, PROJECT_CANCELLED, GUARD_ADMIN | GUARD_REASON},
    {PROJECT_WEATHER_HOLD, PROJECT_SCHEDULED, 0},
    {PROJECT_WEATHER_HOLD, PROJECT_IN_PROGRESS, 0},
    {PROJECT_WEATHER_HOLD, PROJECT_ON_HOLD, 0},
    {PROJECT_WEATHER_HOLD, PROJECT_CANCELLED, 0},
    {PROJECT_ON_HOLD, PROJECT_CANCELLED, 0},
    {PROJECT_PUNCH_LIST, PROJECT_COMPLETED, GUARD_PUNCH},
    {PROJECT_PUNCH_LIST, PROJECT_IN_PROGRESS, 0},
    {PROJECT_COMPLETED, PROJECT_INVOICED, GUARD_INVOICE},
    {PROJECT_COMPLETED, PROJECT_PUNCH_LIST, 0},
    {PROJECT_INVOICED, PROJECT_CLOSED, GUARD_BALANCE},
    {PROJECT_INVOICED, PROJECT_COMPLETED, GUARD_NO_INVOICE},
    {PROJECT_CANCELLED, PROJECT_DRAFT, GUARD_ADMIN | GUARD_30_DAYS},
};
#define N_STEPS (sizeof STEPS / sizeof *STEPS)

static const struct step *find_step(enum project_status from, enum project_status to)
{
    for (size_t i = 0; i < N_STEPS; i++)
        if (STEPS[i].from == from && STEPS[i].to == to)
            return &STEPS[i];
    return NULL;
}

bool lifecycle_allows(enum project_status from, enum project_status to, int held_from)
{
    return find_step(from, to) || (from == PROJECT_ON_HOLD && (int)to == held_from);
}

unsigned lifecycle_next(enum project_status from, int held_from, enum project_status out[PROJECT_STATUSES])
{
    unsigned n = 0;
    if (from == PROJECT_ON_HOLD && held_from >= 0)
        out[n++] = (enum project_status)held_from;
    for (size_t i = 0; i < N_STEPS; i++)
        if (STEPS[i].from == from)
            out[n++] = STEPS[i].to;
    return n;
}

unsigned lifecycle_failed(enum project_status from, enum project_status to, const struct project_facts *f,
                          const char *out[LIFECYCLE_GUARDS_MAX])
{
    const struct step *step = find_step(from, to);
    const struct {
        enum guard guard;
        bool holds;
        const char *word;
    } guards[] = {
        {GUARD_SENT, f->estimate_sent, "NO_SENT_ESTIMATE"},
        {GUARD_ACCEPTED, f->estimate_accepted, "NO_ACCEPTED_ESTIMATE"},
        {GUARD_CREW, f->has_crew, "NO_CREW"},
        {GUARD_DATES, f->has_dates, "NO_DATES"},
        {GUARD_DEPOSIT, f->deposit_settled, "DEPOSIT_UNPAID"},
        {GUARD_CREDIT, !f->credit_hold, "CREDIT_HOLD"},
        {GUARD_RRP, !f->lead_safe_required || f->has_rrp_crew, "NO_RRP_CREW"},
        {GUARD_EXTERIOR, f->has_exterior, "NOT_EXTERIOR"},
        {GUARD_ADMIN, f->caller_is_admin, "ADMIN_ONLY"},
        {GUARD_REASON, f->has_reason, "NO_REASON"},
        {GUARD_PUNCH, !f->open_punch_items, "OPEN_PUNCH_ITEMS"},
        {GUARD_INVOICE, f->final_invoice, "NO_FINAL_INVOICE"},
        {GUARD_BALANCE, f->balance_settled, "BALANCE_DUE"},
        {GUARD_NO_INVOICE, !f->final_invoice, "FINAL_INVOICE_STANDS"},
        {GUARD_30_DAYS, f->cancelled_lately, "CANCELLED_OVER_30_DAYS_AGO"},
    };
    unsigned n = 0;
    for (size_t i = 0; step && i < sizeof guards / sizeof *guards && n < LIFECYCLE_GUARDS_MAX; i++)
        if (step->guards & guards[i].guard && !guards[i].holds)
            out[n++] = guards[i].word;
    return n;
}
