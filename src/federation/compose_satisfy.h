/* Satisfiability: can the subgraphs together answer every query that the supergraph allows? */
#ifndef PAINTBOX_FEDERATION_COMPOSE_SATISFY_H
#define PAINTBOX_FEDERATION_COMPOSE_SATISFY_H

#include "federation/compose_merge.h"

/* Reports SATISFIABILITY_ERROR with a query that cannot be answered and, per subgraph, why. */
void satisfy_check(struct merge *mg);

#endif
