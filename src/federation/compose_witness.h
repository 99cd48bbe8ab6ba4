/* The message of a failed check: a query that cannot be answered, and for each subgraph why the way ends there. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_WITNESS_H
#define PAINTBOX_FEDERATION_COMPOSE_WITNESS_H

#include "federation/compose_graph.h"

/* Where a check stands: an object or abstract type of the supergraph, and the places where its data can be. */
struct walk_step {
    const struct walk_step *parent; /* NULL: a root */
    const struct fed_type *type;
    const struct fed_field *field; /* the field that led here; NULL for casts and roots */
    struct place_set places;
    struct place_set twice; /* those of them that one comes to in several ways */
    struct label_choice *choices;
    uint32_t n_choices;
    struct place_set contexts; /* where types that set a context were passed */
};

/* The query that leads to `s` and then asks for `next` (a field, or a type to cast to; NULL: nothing more). */
struct str witness_query(struct graph *g, const struct walk_step *s, const struct fed_elem *next);
struct str witness_message(struct graph *g, const struct walk_step *s, const struct fed_elem *next);
/* `type "A" in subgraph "x" and types "B" and "C" in subgraph "y"`: what each place can be. */
struct str witness_types(struct graph *g, const struct walk_step *s);

#endif
