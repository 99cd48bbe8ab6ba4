/* Where a schema comes from: a file of SDL, a supergraph, or a configuration of subgraphs that are composed (files
 * that end in .yaml, .yml or .json, as in federation/compose_config.h). What is compared is always what clients
 * see. */
#ifndef PAINTBOX_CHECK_INPUT_H
#define PAINTBOX_CHECK_INPUT_H

#include "federation/compose_config.h"
#include "federation/supergraph.h"

/* A subgraph's schema that stands in for the one of the configuration, or is added to it. */
struct check_replacement {
    struct str name;
    const char *file;
};

struct check_input {
    const char *path;
    bool composed;             /* of subgraphs */
    bool has_places;           /* lines of the schema are lines of the file `path` */
    struct compose_result result; /* errors and hints; `supergraph` .p NULL for plain SDL */
    const struct gql_schema *schema; /* NULL with errors */
    struct supergraph *loaded;       /* private */
    struct compose_config config;    /* when composed */
};

/* -1 with *err when a file cannot be read or the configuration is wrong (SETTINGS_*, FILE_UNREADABLE,
 * CHECK_INPUT) or a subgraph cannot be asked. What is wrong with schemas is in result.errors. Memory of `a`, but for
 * the supergraph: check_input_free(). */
int check_input_read(struct arena *a, const char *path, compose_ask *ask, const struct check_replacement *replaced,
                     size_t n, struct check_input *out, struct err *err);
void check_input_free(struct check_input *in);

#endif
