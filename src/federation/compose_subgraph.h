/* One subgraph: its SDL becomes a checked model in which every federation directive has its definition. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_SUBGRAPH_H
#define PAINTBOX_FEDERATION_COMPOSE_SUBGRAPH_H

#include "federation/compose_msg.h"

/* Reads and checks; sets sg->broken when errors were reported. */
void subgraph_load(struct fed_subgraph *sg, struct messages *m);

/* Gives a Federation 1 subgraph the directives of the version it is upgraded to. */
void subgraph_link_upgrade(struct fed_subgraph *sg, struct messages *m);

/* What @external, @key, @provides, @shareable … say about each field; again after each change of the schema. */
void fed_meta_compute(struct fed_subgraph *sg);
/* The field set of an application of @key, @requires or @provides, silently; NULL when it is not usable. */
struct fed_selections;
struct fed_selections *fed_meta_fields(const struct fed_subgraph *sg, struct fed_type *target,
                                       const struct fed_applied *d);

/* The rules of Federation 2 for one subgraph (compose_rules.c, compose_context.c). An error that is reported alone
 * takes the place of those after the first `before`. */
void subgraph_check_rules(struct fed_subgraph *sg, struct messages *m, size_t before);
void subgraph_check_contexts(struct fed_subgraph *sg, struct messages *m);

/* `$name selection` of @fromContext(field:). False when it is not of that form. */
bool context_split(struct str field, struct str *name, struct str *selection);

/* Federation 1 → 2, in place (compose_upgrade.c). */
void subgraphs_upgrade(struct fed_subgraph *subgraphs, uint32_t n, struct messages *m);

#endif
