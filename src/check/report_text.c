#include "check/report.h"

#include "federation/compose_report.h"

#define LISTED_MAX 5 /* operations named under one change */
#define LISTED_OPERATIONS_MAX 50

/* ---- for all reports ---- */

const char *operation_state_name(enum operation_state state)
{
    static const char *const NAMES[] = {[OPERATION_UNAFFECTED] = "UNAFFECTED",
                                        [OPERATION_AFFECTED] = "AFFECTED",
                                        [OPERATION_BROKEN] = "BROKEN",
                                        [OPERATION_INVALID] = "INVALID"};
    return NAMES[state];
}

uint64_t check_change_count(const struct check *k, size_t change)
{
    uint64_t n = 0;
    for (size_t i = 0; k->operations && i < k->usage.changes[change].n; i++)
        if (__builtin_add_overflow(n, k->usage.operations[k->usage.changes[change].v[i]].operation->count, &n))
            return UINT64_MAX;
    return n;
}

void report_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
    buf_add_u64(out, n);
    buf_printf(out, " %s", n == 1 ? one : many);
}

void report_verdict(struct buf *out, const struct check *k)
{
    if (!k->to->schema) {
        buf_add_c(out, "failed: ");
        report_count(out, k->to->result.n_errors, "error", "errors");
        buf_add_c(out, k->to->composed ? " of composition" : " in the new schema");
        return;
    }
    buf_add_c(out, k->failed ? "failed: " : "passed: ");
    report_count(out, k->levels[CHANGE_BREAKING], "breaking change", "breaking changes");
    if (k->n_unused)
        buf_printf(out, " (%u of them used by nobody)", k->n_unused);
    buf_printf(out, ", %u dangerous, %u safe", k->levels[CHANGE_DANGEROUS], k->levels[CHANGE_SAFE]);
    if (k->operations) {
        buf_add_c(out, "; ");
        report_count(out, k->usage.states[OPERATION_BROKEN], "broken operation", "broken operations");
    }
}

/* ---- changes ---- */

static void write_users(struct buf *out, const struct check *k, size_t change)
{
    const struct index_vec *users = &k->usage.changes[change];
    buf_add_c(out, "      used by ");
    report_count(out, users->n, "operation", "operations");
    buf_add_c(out, ", seen ");
    report_count(out, check_change_count(k, change), "time", "times");
    for (size_t i = 0; i < users->n && i < LISTED_MAX; i++)
        buf_printf(out, "%s%.*s", i ? ", " : ": ", STR_ARG(k->usage.operations[users->v[i]].label));
    if (users->n > LISTED_MAX)
        buf_printf(out, " and %zu more", users->n - LISTED_MAX);
    buf_add_char(out, '\n');
}

static void write_change(struct buf *out, const struct check *k, size_t i)
{
    const struct change *c = &k->changes.v[i];
    buf_printf(out, "  %.*s", STR_ARG(c->message));
    buf_printf(out, "  [%s]\n", change_about(c->kind)->name);
    if (c->level == CHANGE_SAFE)
        return;
    if (k->operations && k->usage.changes[i].n)
        write_users(out, k, i);
    if (k->fates[i] == CHECK_FAILS && change_about(c->kind)->advice)
        buf_printf(out, "      to do: %s\n", change_about(c->kind)->advice);
}

static void write_group(struct buf *out, const struct check *k, const char *title, enum change_level level, bool unused)
{
    uint32_t n = 0;
    for (size_t i = 0; i < k->changes.n; i++)
        n += k->changes.v[i].level == level && !k->changes.v[i].implied && (k->fates[i] == CHECK_UNUSED) == unused;
    if (n == 0)
        return;
    buf_printf(out, "%s (%u)\n", title, n);
    for (size_t i = 0; i < k->changes.n; i++)
        if (k->changes.v[i].level == level && !k->changes.v[i].implied && (k->fates[i] == CHECK_UNUSED) == unused)
            write_change(out, k, i);
    buf_add_char(out, '\n');
}

/* ---- operations ---- */

static void write_operation(struct buf *out, const struct operation_impact *o)
{
    const struct operation *op = o->operation;
    buf_printf(out, "  %.*s (%.*s:%u", STR_ARG(o->label), STR_ARG(op->file), op->line);
    for (size_t i = 0; i < op->clients.n; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "; ", STR_ARG(op->clients.v[i]));
    buf_add_c(out, ")\n");
    for (size_t i = 0; i < o->errors.n; i++)
        buf_printf(out, "      %.*s\n", STR_ARG(o->errors.v[i].message));
}

static void write_operations(struct buf *out, const struct check *k, enum operation_state state, const char *title)
{
    uint32_t listed = 0, n = k->usage.states[state];
    if (n == 0)
        return;
    buf_printf(out, "%s (%u)\n", title, n);
    for (size_t i = 0; i < k->operations->list.n && listed < LISTED_OPERATIONS_MAX; i++)
        if (k->usage.operations[i].state == state) {
            write_operation(out, &k->usage.operations[i]);
            listed++;
        }
    if (listed < n)
        buf_printf(out, "  … and %u more\n", n - listed);
    buf_add_char(out, '\n');
}

static void write_all_operations(struct buf *out, const struct check *k)
{
    write_operations(out, k, OPERATION_BROKEN, "Operations that are no longer valid");
    write_operations(out, k, OPERATION_AFFECTED, "Operations that stay valid, but use what changes");
    write_operations(out, k, OPERATION_INVALID, "Operations that were not valid before, and are ignored");
}

void check_report_text(struct buf *out, const struct check *k)
{
    const struct compose_result *r = &k->to->result;
    if (r->n_errors || r->n_hints) {
        compose_report_text(out, r, COMPOSE_WARN);
        if (out->len)
            buf_add_char(out, '\n');
    }
    write_group(out, k, "Breaking", CHANGE_BREAKING, false);
    write_group(out, k, "Breaking, but used by no recorded operation", CHANGE_BREAKING, true);
    write_group(out, k, "Dangerous", CHANGE_DANGEROUS, false);
    write_group(out, k, "Safe", CHANGE_SAFE, false);
    if (k->operations && k->to->schema)
        write_all_operations(out, k);
    report_verdict(out, k);
    buf_add_char(out, '\n');
}
