/* The schema that a running subgraph says it has. Blocking. */
#ifndef PAINTBOX_CLI_ASK_SCHEMA_H
#define PAINTBOX_CLI_ASK_SCHEMA_H

#include "federation/compose_config.h"

/* A compose_ask: errors FETCH (does not answer), SDL (answers something else). */
compose_ask ask_schema;

/* The same with headers as fetch() takes them. */
struct str ask_schema_with(struct arena *a, const char *url, const char *const *headers, struct err *err);

#endif
