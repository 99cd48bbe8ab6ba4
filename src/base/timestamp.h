/* Points in time. Instants are microseconds since 1970-01-01T00:00:00Z in an int64_t; durations are
 * microseconds too, and say so in their names (`_us`). Code that waits or measures a request asks its loop
 * for the time (io/loop.h), so that a simulated clock governs it; these two read the machine. */
#ifndef PAINTBOX_BASE_TIMESTAMP_H
#define PAINTBOX_BASE_TIMESTAMP_H

#include "base/arena.h"

#define US_PER_MS INT64_C(1000)
#define US_PER_SEC INT64_C(1000000)

int64_t clock_wall_us(void);      /* CLOCK_REALTIME */
int64_t clock_monotonic_us(void); /* CLOCK_MONOTONIC */

#define TIMESTAMP_RFC3339_LEN 24 /* 2026-11-22T15:47:10.123Z */
/* Writes TIMESTAMP_RFC3339_LEN bytes, UTC with milliseconds, and a NUL. */
void timestamp_format(int64_t us, char out[TIMESTAMP_RFC3339_LEN + 1]);
/* RFC 3339 date-time with any offset and 0–9 fraction digits. False when it is not one. */
bool timestamp_parse(struct str s, int64_t *us);
/* "YYYY-MM-DD", proleptic Gregorian, checked. Days since 1970-01-01. */
bool date_parse(struct str s, int32_t *days);
void date_format(int32_t days, char out[11]);

#endif
