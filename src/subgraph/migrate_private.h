/* Blocking libpq, for migrate.c and check.c. */
#ifndef PAINTBOX_SUBGRAPH_MIGRATE_PRIVATE_H
#define PAINTBOX_SUBGRAPH_MIGRATE_PRIVATE_H

#include "subgraph/migrate.h"

#include <libpq-fe.h>

/* NULL with *err. PQfinish() closes it. */
PGconn *migrate_connect(struct str conninfo, const char *database, struct err *err);

#endif
