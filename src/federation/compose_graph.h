/* How data can be reached: the graph of (subgraph, type) places that satisfiability walks.
 *
 * A place is a type in one subgraph; a copy of it with a view is the same type behind a field with @provides, where
 * more of it can be read. From a place one moves along its fields, and to the same object in another subgraph by a @key
 * whose fields can be read from here. Which moves are possible depends on which others are: graph_solve() finds the
 * least fixed point.
 */
#ifndef PAINTBOX_FEDERATION_COMPOSE_GRAPH_H
#define PAINTBOX_FEDERATION_COMPOSE_GRAPH_H

#include "federation/compose_fieldset.h"
#include "federation/compose_merge.h"

/* What a @provides lets one read below a field. */
struct view {
    const struct fed_selections *set;
    struct fed_name_vec step_names; /* views of what is deeper, and of casts (the type's name) */
    VEC(struct view *) steps;
    VEC(uint32_t) places;
};

/* Sorted ids of places. */
struct place_set {
    uint32_t *v;
    uint32_t n, cap;
};

struct key_move {
    uint32_t target;
    const struct fed_selections *key;
    struct str text;
    bool ok;
};

struct required {
    struct fed_field *field;
    const struct fed_selections *set;
    bool ok;
};

struct place {
    uint32_t id;
    struct fed_subgraph *sg;
    struct fed_type *type;
    struct view *view; /* NULL: the type itself */
    bool expanded;
    VEC(struct key_move) moves;
    VEC(struct required) required;
    struct place_set reach; /* other places of the same object, by moves that are possible */
};

struct attempt;

struct graph {
    struct merge *mg;
    struct arena *a;
    VEC(struct place *) places;
    uint32_t solved;  /* places below are final */
    uint32_t **base;  /* [subgraph][type id] → place id + 1, or 0 */
    struct map views; /* by the field that provides */
    const struct attempt *attempts;
};

/* How a field was come to. */
struct approach {
    bool by_key; /* the last move was one by key: the field's @requires can be met on the way in */
    bool start;  /* nothing before: the beginning of a field set */
    const struct label_choice *choices;
    uint32_t n_choices;
};

/* Progressive overrides decided so far on a path. */
struct label_choice {
    struct str label;
    bool on;
};

void graph_init(struct graph *g, struct merge *mg);
uint32_t graph_place(struct graph *g, struct fed_subgraph *sg, struct fed_type *type, struct view *view);
/* Finishes all places that were added since the last call. */
void graph_solve(struct graph *g);

bool place_set_add(struct arena *a, struct place_set *s, uint32_t id);
bool place_set_has(const struct place_set *s, uint32_t id);
bool place_set_subset(const struct place_set *small, const struct place_set *big);

/* One field from one place, without moving to other subgraphs: true when it can be read, with the place behind it in
 * `out` when it has one. `type` is the object type the field is asked of. */
bool graph_direct(struct graph *g, const struct place *p, const struct fed_type *type, struct str field,
                  struct approach how, struct place_set *out);
bool graph_object_field(struct graph *g, const struct place *p, struct str name, const struct approach *how,
                        struct place_set *out);
/* The same of an interface, a union: the field of the abstract type itself. `*alone`: going through its types, one by
 * one, would lead to nothing else. */
bool graph_abstract_field(struct graph *g, const struct place *p, struct str name, bool *alone, struct place_set *out);
/* As an object type: the places where that type can be read, reachable ones too. */
void graph_cast(struct graph *g, uint32_t place, struct str type, struct place_set *out);
/* One of the types of an abstract place, in the same subgraph. */
uint32_t graph_cast_place(struct graph *g, const struct place *p, struct fed_type *type);
/* An interface object learns the type of the object from another subgraph. */
bool graph_knows_typename(const struct graph *g, const struct place *p);
/* Is there a key of the type in its own subgraph with which one could come back there? */
bool graph_has_own_key(const struct fed_subgraph *sg, const struct fed_type *t);
/* Do several subgraphs resolve the field of the supergraph? */
bool graph_is_shared(const struct fed_type *t, const struct fed_field *f);

/* Can all of `set` be read, beginning at a place? (compose_read.c) */
bool graph_can_read(struct graph *g, uint32_t place, const struct fed_selections *set);

#endif
