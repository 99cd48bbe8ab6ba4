/* A check as text: for people, for programs, for CI. */
#ifndef PAINTBOX_CHECK_REPORT_H
#define PAINTBOX_CHECK_REPORT_H

#include "check/check.h"

/* Grouped, the most severe first, with what to do; ends with the verdict. */
void check_report_text(struct buf *out, const struct check *k);
/* One object, see docs/check.md. */
void check_report_json(struct buf *out, const struct check *k);
/* JUnit XML: a suite each for composition, schema and operations; what fails the check is a failure. */
void check_report_junit(struct buf *out, const struct check *k);
/* SARIF 2.1.0: a rule for each kind of change, a result for each that is not safe. */
void check_report_sarif(struct buf *out, const struct check *k);

/* "BROKEN", "AFFECTED", "UNAFFECTED", "INVALID" */
const char *operation_state_name(enum operation_state state);
/* How often the operations that use a change were seen. */
uint64_t check_change_count(const struct check *k, size_t change);
/* "1 breaking change", "3 breaking changes" */
void report_count(struct buf *out, uint64_t n, const char *one, const char *many);
/* The verdict in one line: "passed: …", "failed: …". */
void report_verdict(struct buf *out, const struct check *k);

#endif
