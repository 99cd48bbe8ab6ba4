/* Migrations: numbered pairs of SQL files, each run in a transaction and remembered in `schema_migrations` with the SHA-256
 * of its text. A file that was changed after it ran is an error that says so. An advisory lock keeps two runners apart. Blocking calls, for the
 * command line and for `up`. */
#ifndef PAINTBOX_SUBGRAPH_MIGRATE_H
#define PAINTBOX_SUBGRAPH_MIGRATE_H

#include "subgraph/subgraph.h"

/* Creates the database when it is missing. */
int migrate_create_database(struct str conninfo, const struct service *s, struct err *err);
/* Applies all that is pending; *applied says how many. */
int migrate_up(struct str conninfo, const struct service *s, unsigned *applied, struct err *err);
/* Takes the last `count` back. */
int migrate_down(struct str conninfo, const struct service *s, unsigned count, unsigned *reverted, struct err *err);

struct migration_status {
    struct str name;
    bool applied, changed;
    struct str applied_at;
};
int migrate_status(struct str conninfo, const struct service *s, struct arena *a, struct migration_status **list, size_t *n, struct err *err);

#endif
