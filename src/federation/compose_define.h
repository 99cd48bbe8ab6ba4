/* What a schema need not define itself: the directives and types of the features it links. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_DEFINE_H
#define PAINTBOX_FEDERATION_COMPOSE_DEFINE_H

#include "federation/compose_msg.h"

/* Adds the definitions of all linked features, and of the federation directives that came `from` that version on
 * `upto` another; those that the schema has itself are compared with the specification. Names the directives. Sets
 * sg->broken when errors were reported. */
void subgraph_define(struct fed_subgraph *sg, struct messages *m, struct link_version from, struct link_version upto);

/* Only compares what the schema defines of @link itself with the specification: beside errors in how it is used. */
void subgraph_check_link(struct fed_subgraph *sg, struct messages *m);

/* Forgets a definition of @key and friends that old tools wrote with other types of arguments: the right one is added.
 */
void subgraph_forget_old_definition(struct fed_subgraph *sg, const char *name);

#endif
