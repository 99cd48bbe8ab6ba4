/* Everything that `up` runs, as one thing that is either wholly up or wholly down. */
#ifndef PAINTBOX_CLI_SYSTEM_H
#define PAINTBOX_CLI_SYSTEM_H

#include "cli/child.h"
#include "cli/place.h"
#include "services/services.h"

#define SYSTEM_SUBGRAPHS 4
#define SYSTEM_CHILDREN (SYSTEM_SUBGRAPHS + 3)

struct system {
    struct place place;
    const char *program;                       /* of the children: this very binary */
    struct child postgres, redis, router;
    struct child subgraphs[SYSTEM_SUBGRAPHS];  /* in the order of SERVICES */
    struct child *children[SYSTEM_CHILDREN];   /* in the order of starting */
    size_t n_children;
    bool seed;
    bool seeded;                               /* this start loaded the demo data */
};

/* Databases, migrations, demo data, subgraphs, composition, router, in this order. When a step fails everything that
 * runs is stopped and -1 says which step and why. SIGINT and SIGTERM between steps give up with code INTERRUPTED. */
int system_start(struct system *s, struct err *err);
/* In the opposite order. */
void system_stop(struct system *s);
/* Watches the children until SIGINT or SIGTERM; starts again what crashes. */
void system_watch(struct system *s);

int service_port(const struct place *p, const struct service *s);
int router_port(const struct place *p);

#endif
