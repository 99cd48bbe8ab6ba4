#ifndef PAINTBOX_PLANNER_DOCUMENT_H
#define PAINTBOX_PLANNER_DOCUMENT_H

/* The document of one fetch while it is made: nodes (document_nodes.c), their text and the shape of the reply
 * (document_selection.c), and what stands around them (document.c). Private to these files.
 *
 * A node is a place in the document with its items; the same node may be printed in several type
 * fragments. Response keys are given while printing: the field's name, or name_1, name_2 … where
 * GraphQL would not let two fields share a key (other arguments, or a type that conflicts in the
 * subgraph). Keys belong to a position of the reply, whatever fragments lead there. */
#include "planner/work.h"

struct item {
    struct slot *slot;
    struct bits *types;
    struct str sig; /* the field's type in the subgraph, as far as it decides conflicts */
    const struct sg_field_join *contextual; /* how the subgraph names what contexts fill in; NULL without */
    struct node *child;
};

struct node {
    const struct place *place; /* NULL: the top */
    struct spot *spot;
    const struct gql_type *decl; /* NULL: entities under their own types */
    struct bits *here;           /* runtime types that may occur */
    VEC(struct item) items;
    struct node *same; /* the first node with this content; NULL: not looked for yet */
    struct node *next; /* of the spot, with other content */
};

struct position_field {
    struct str key, sig;
    struct slot *slot;
    struct position *child;
};

struct position {
    struct spot *spot;
    VEC(struct position_field *) fields;
    struct map *taken;  /* keys; root selections of one request have them in common */
    struct map by_name; /* of the field → struct same_name */
    VEC(const struct node *) nodes; /* that have been printed here */
    bool has_typename, interface_object;
};

struct doc {
    struct work *w;
    uint32_t subgraph;
    struct node *top;
    struct buf out;
    VEC(struct str) variables;
    VEC(uint32_t) uses;                /* of the selection at hand: indexes in `variables` */
    const struct entry *entry;         /* of the selection at hand, for its contexts */
    const struct plan_context *contexts;
    struct directives directives;      /* of the operation */
};

/* document_nodes.c */
struct node *node_new(struct doc *d, const struct place *p, struct spot *spot, const struct gql_type *decl);
/* Fills `here` by what the subgraph can bring where `decl` is declared. */
void node_types_here(struct doc *d, struct node *n);
/* Adds what the entry brings below d->top. */
void node_add_entry(struct doc *d, const struct entry *e);
/* Places that were told apart for the search but ended up with equal selections become one node, from here down.
 * Returns the node that stays. */
struct node *node_unify(struct doc *d, struct node *n);
/* The field's type in the subgraph with all composite types alike: what decides whether two fields may share a key.
 * None where it has no such field. */
struct str signature_of(struct doc *d, const struct gql_type *at, struct str field);

/* document_selection.c */
struct position *position_new(struct work *w, struct spot *spot);
/* Writes the node's fields to d->out, without braces. */
void print_node(struct doc *d, const struct node *n, struct position *p);
/* A space only where two names would run together. */
void print_separator(struct doc *d);
/* A name that differs in each copy of the selection. */
void print_copied(struct doc *d, struct str name);
/* Counts the variables in their arguments as used. */
void use_directives(struct doc *d, const struct directives *list);
/* Of what has been printed at the position, in the plan's arena. */
struct plan_shape *shape_of(struct doc *d, const struct position *p);

#endif
