/* Demo data: a paint contractor with three years of history in five metros, the same one every time (fixed seed), with
 * dates relative to the moment it is loaded. It goes in by COPY on two threads; prices come from the real engine, so
 * every estimate replays.
 *
 * The four databases are migrated and empty; nothing is loaded over rows that exist (code SEED_NOT_EMPTY). The role
 * must own the tables; as a superuser it also skips foreign keys and triggers, which is faster. Blocking calls, for the
 * command line and for `up`.
 */
#ifndef PAINTBOX_SERVICES_SEED_H
#define PAINTBOX_SERVICES_SEED_H

#include "base/err.h"

/* The owner of the company, for tokens. */
#define SEED_OWNER_ID "01900000-0000-7000-8000-000000000001"

/* Called from the calling thread and from one more, never at the same time: `what` is "estimates", done of total rows.
 */
typedef void seed_progress(void *arg, const char *what, size_t done, size_t total);

/* `conninfo` without dbname. progress may be NULL. */
int seed_load(struct str conninfo, seed_progress *progress, void *arg, struct err *err);

#endif
