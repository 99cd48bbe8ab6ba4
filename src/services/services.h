/* The four services of the paint contractor. Each is a folder with a schema, migrations, queries and resolvers; each
 * has its own database; none knows another: what they tell each other goes through the graph and through events. */
#ifndef PAINTBOX_SERVICES_SERVICES_H
#define PAINTBOX_SERVICES_SERVICES_H

#include "subgraph/subgraph.h"

extern const struct service CUSTOMERS_SERVICE;    /* 4003 */
extern const struct service PROJECTS_SERVICE;     /* 4004 */
extern const struct service ESTIMATES_SERVICE;    /* 4002 */
extern const struct service INTEGRATIONS_SERVICE; /* 4005 */

extern const struct service *const SERVICES[]; /* all four, ends with NULL */

#endif
