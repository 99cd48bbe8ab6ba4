/* Migrations: numbered pairs of SQL files, `NNNN_name.up.sql` and `NNNN_name.down.sql`, each run in a transaction and
 * remembered in `schema_migrations` with the SHA-256 of its text. A file that was changed after it ran is an error that
 * says so. An advisory lock keeps two runners apart. Blocking calls, for the command line and for `up`.
 *
 * The kit's own tables (`0000_kit`: federation_keys, outbox, idempotency, audit_log) come before the service's.
 * `conninfo` is what libpq takes, a list of keywords or a URI; its database is replaced by the service's. An SQL error
 * names file and line.
 */
#ifndef PAINTBOX_SUBGRAPH_MIGRATE_H
#define PAINTBOX_SUBGRAPH_MIGRATE_H

#include "subgraph/subgraph.h"

/* Creates the database when it is missing. */
int migrate_create_database(struct str conninfo, const struct service *s, struct err *err);
/* Applies all that is pending; *applied says how many. */
int migrate_up(struct str conninfo, const struct service *s, unsigned *applied, struct err *err);
/* Takes the last `count` back; UINT_MAX takes all. */
int migrate_down(struct str conninfo, const struct service *s, unsigned count, unsigned *reverted, struct err *err);

struct migration_status {
    struct str name;
    bool applied, changed; /* changed: the text is another one than the one that ran */
    bool unknown;          /* in the database, not in this program */
    struct str applied_at; /* RFC 3339; p NULL when it is pending */
};
int migrate_status(struct str conninfo, const struct service *s, struct arena *a, struct migration_status **list,
                   size_t *n, struct err *err);

/* Prepares every statement of the service in its migrated database, and looks for a column for every field of an entity
 * that has no resolver. -1 with everything that is wrong, one line each. For tests. */
int service_check(struct str conninfo, const struct service *s, struct err *err);

#endif
