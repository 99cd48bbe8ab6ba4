/* The private PostgreSQL and Redis of an installation. They listen on Unix sockets in SERVERS/run only, so that two
 * installations never meet and nothing is open to the network. */
#ifndef PAINTBOX_CLI_SERVERS_H
#define PAINTBOX_CLI_SERVERS_H

#include "cli/child.h"
#include "cli/place.h"

/* Makes the cluster the first time and fills in how to start it. */
int postgres_prepare(struct place *p, struct child *c, struct err *err);
/* libpq conninfo without dbname. */
const char *postgres_conninfo(struct place *p);
/* 1 when it accepts connections, 0 when not yet. */
int postgres_ready(struct place *p);

int redis_prepare(struct place *p, struct child *c, struct err *err);
/* "unix:/…/redis.sock" */
const char *redis_address(struct place *p);
int redis_ready(struct place *p);

#endif
