/* Plans: what to fetch from which subgraph in which order, and where every byte of the replies goes.
 *
 * A plan is immutable, lives in one arena, is counted (plan_ref/unref) and shared by all threads through the plan
 * cache. The router executes it without looking at any schema.
 *
 * Layouts and slots. The response is a tree of records. All records at one place of the operation (`customer`,
 * `customer.projects.@`) have the same layout: one slot for each distinct field that any fetch brings or needs there
 * (client fields, key fields, fields for @requires), whatever aliases leaves have; a field with a selection has one for
 * each alias. A slot holds a leaf (bytes of a reply), a record, or a list of those. Shapes say which response key of a
 * reply goes to which slot; representations are read from slots; the output tree reads slots in the client's order
 * under the client's names.
 *
 * The same field with other arguments, or with a type that cannot share (other leaf type, other list depth), has
 * another slot.
 *
 * Parts. With @defer the response comes in parts: parts[0] is the initial one. Each use of @defer at a place makes a
 * part, and at run time one delivery for each record there. A field of the output is in the initial part, or it belongs
 * to a *share*: the set of parts that ask for it and that do not begin below one another. It is delivered once, with
 * whichever of them is complete first, or on its own. What lies below a field belongs to the field's share as long as
 * nothing else is said. Written whole, the output is the response without @defer. Each fetch belongs to one part; a
 * part is complete when its fetches and those of the parts it lies in have ended. docs/decisions/0009.
 *
 * Subscriptions. fetches[0], and it alone, subscribes; its shape reads `data` of each event. All others run for each
 * event.
 *
 * Conditions. A plan is made for given values of the variables in @skip, @include and @defer and for given permissions
 * (both are in the cache key), so a plan has no conditions in it: docs/decisions/0002.
 */
#ifndef PAINTBOX_PLANNER_PLAN_H
#define PAINTBOX_PLANNER_PLAN_H

#include "federation/supergraph.h"

/* How a leaf of a reply is checked and written (specification §3.5). */
enum plan_leaf {
    PLAN_LEAF_INT,     /* JSON integer in 32 bits; 1.0 is accepted and written as 1 */
    PLAN_LEAF_FLOAT,   /* any finite JSON number */
    PLAN_LEAF_STRING,  /* JSON string */
    PLAN_LEAF_BOOLEAN,
    PLAN_LEAF_ID,      /* JSON string, or an integer that is written as a string */
    PLAN_LEAF_ENUM,    /* a JSON string that is a value of the API schema's enum */
    PLAN_LEAF_CUSTOM,  /* any JSON, verbatim */
};

struct plan_layout;

struct plan_slot {
    struct str field;            /* the schema's field name, for messages */
    struct plan_layout *child;   /* NULL for a leaf */
    uint32_t list_depth; /* how many lists the field's type has; tells a list of custom scalars from one value */
    enum plan_leaf leaf;
    const struct gql_type *named; /* of `full`; the enum type for PLAN_LEAF_ENUM */
};

struct plan_layout {
    uint32_t id;                 /* dense in the plan; the root's is 0 */
    uint32_t n_slots;
    struct plan_slot *slots;
    const struct gql_type *type; /* declared type of this place, of `full` */
    const struct gql_type *concrete; /* when only one runtime type is possible; else NULL: the reply's __typename decides */
    struct plan_layout *parent;  /* NULL for the root */
    uint32_t parent_slot;
    bool is_target;              /* an entity fetch starts here: the executor remembers the records */
    bool contextual; /* its records lie above or below a use of a context: each place has its own, even where others are
                        equal */
};

struct plan_output_field;

#define PLAN_TEXT_ROOM 32 /* so many bytes are compared at once */
#define PLAN_TEXT_PIECE 24  /* so many of them belong to the text; a short string behind it is then seen with it */

struct plan_text_step {
    char text[PLAN_TEXT_ROOM];   /* stands first; a longer one has several steps */
    uint8_t n;                   /* bytes of `text`; 0 only before a leaf that is a list's item */
    bool string;                 /* the leaf is one */
    bool nullable;               /* the leaf */
    const struct plan_slot *leaf; /* then this; NULL: nothing, or items */
    struct plan_text *items;     /* then any number of these, with commas; the bracket that closes the list is in the next step */
};

/* One value as a text, when none of it is null but nullable leaves: before each leaf and each list stands what must be
 * there, brackets, names and all. */
struct plan_text {
    struct plan_text_step *steps;
    uint32_t n_steps;
    uint32_t depth;              /* brackets that are open at once, those of lists' items included */
    struct plan_text_step next;  /* of objects in a list: the last step, a comma and the first step at once; .n 0: that is too long */
};

/* How to read one object of a reply. Members that are not listed are skipped. */
struct plan_shape_field {
    struct str key;              /* response key in the subgraph's reply */
    struct str key_json;         /* `"key":` */
    uint32_t slot;
    const struct bits *types;    /* runtime types whose objects must have this member; NULL: all */
    const struct bits *maybe;    /* runtime types whose objects can have it: those of `types` and more; NULL: all */
    struct plan_shape *child;    /* NULL for a leaf */
    /* Objects that nobody else brings or reads, shown here with the same members in the same order: when a reply has
     * them like that, their text becomes a leaf. NULL: records are needed. */
    const struct plan_output_field *verbatim;
    const struct plan_text *text; /* of one such object, lists taken away; NULL where no such text is worth looking for */
};

struct plan_shape {
    const struct plan_layout *layout;
    struct plan_shape_field *fields; /* in the order in which the subgraph will answer */
    uint32_t n_fields;
    bool has_typename;           /* the reply has "__typename"; otherwise layout->concrete is the type */
    /* The subgraph knows this place only as an @interfaceObject: its __typename says nothing about the runtime type. */
    bool interface_object;
};

/* How to write one representation from a record. */
struct plan_rep_field {
    struct str key_json;         /* `"id":`, ready to copy */
    uint32_t slot;
    struct plan_rep *children;   /* of the nested object, tried in order against its runtime type; lists are followed */
    uint32_t n_children;         /* 0 for a leaf */
    bool nullable;               /* a null or missing value is sent as null; otherwise the record is not sent at all */
};

struct plan_rep {
    const struct bits *types;    /* runtime types (ids of `full`) this one is for; NULL: all */
    bool with_typename;          /* `__typename` comes first */
    struct str typename_json; /* `"Customer"`: what the target subgraph calls it; .p NULL: the record's runtime type */
    struct plan_rep_field *fields;
    uint32_t n_fields;
};

/* An argument of fields in an `_entities` selection that an object above fills in (@fromContext). */
struct plan_context_source {
    const struct plan_layout *at; /* of the target or above */
    struct plan_rep *reps;        /* by runtime type: the one way down to the value (a leaf, or lists of it); none: it does not set it */
    uint32_t n_reps;
};

struct plan_context {
    struct str variable;          /* `c0_0` … */
    struct str type;              /* in the subgraph */
    bool nullable;                /* of that type; otherwise records without a value are not sent */
    struct plan_context_source *sources; /* the one nearest to the target counts */
    uint32_t n_sources;
};

/* Contexts. A request has one value for each variable, but the objects above may give every entity another one. Hence a
 * selection with contexts is written as often as there are different tuples of values, each with its own alias,
 * representations and variables, which have `_1`, `_2` … behind their names from the second on: one request, unless
 * there are very many. When each such selection has exactly one tuple, which is usual, `document` serves; otherwise it
 * is put together from `head`, the selections, in which PLAN_COPY_MARK stands where the number goes, and the
 * definitions of the variables in them. Selections without any tuple are left out. */
#define PLAN_COPY_MARK '\x01'

/* One `_entities` selection of a request. With `reentry` there is no such selection: below a field that returns Query
 * or Mutation stand fields of that root which other subgraphs resolve, and these are asked of the subgraph's own root.
 * `shape` then is that of `data` itself (no two parts of a request have a response key in common); it fills every
 * record at the target that a representation takes, and `variable` and `alias` are .p NULL. When no part of a request
 * has a record, it is not sent. */
struct plan_entities {
    bool reentry;
    struct str alias;            /* response key: `_entities`, or `_e0`, `_e1` … when several share a request */
    struct str variable;         /* `representations`, or `r0`, `r1` … */
    struct plan_layout *target;  /* records that are completed */
    struct plan_rep *reps;       /* tried in order against the record's runtime type; none fits: not sent */
    uint32_t n_reps;
    struct plan_shape *shape;    /* of one entity */
    struct plan_context *contexts;
    uint32_t n_contexts;
    struct str definitions;      /* its variables, when any part of the fetch has contexts */
    struct str selection;        /* its text then */
    uint32_t *uses;              /* and which of the client's variables occur in it: indexes in plan_fetch.variables */
    uint32_t n_uses;
};

enum plan_fetch_kind { PLAN_FETCH_ROOT, PLAN_FETCH_ENTITIES };

struct plan_fetch {
    uint32_t id;                 /* index in plan->fetches */
    uint32_t part;               /* the first that needs it: index in plan->parts */
    enum plan_fetch_kind kind;
    uint32_t subgraph;
    enum gql_operation_kind operation;
    struct str document;         /* compact GraphQL */
    struct str document_json;    /* the same as a JSON string with quotes, ready to send */
    struct str operation_name;   /* e.g. Dashboard__customers__0; .p NULL when the client's has no name */
    struct str head;             /* with contexts: `query Name` */
    struct str directives;       /* behind the variables: the client's at the operation, as far as they are passed on */
    struct str *variables;       /* the client's variables that the document uses */
    struct str *definitions;     /* of each, `$name:Type=default` */
    uint32_t n_variables;
    struct plan_shape *shape;    /* ROOT: of `data` */
    struct plan_entities *entities; /* ENTITIES */
    uint32_t n_entities;
    uint32_t *after;             /* fetches that must have ended before this one starts */
    uint32_t n_after;
    struct str reason;           /* why it exists, for `paintbox plan` */
};

/* ---- output ---- */

struct plan_output;

enum plan_output_kind {
    PLAN_OUT_SLOT,
    PLAN_OUT_TYPENAME,     /* the record's runtime type */
    PLAN_OUT_INTROSPECTION, /* __schema or __type: `selection` says which */
    PLAN_OUT_REFUSED,      /* the caller may not see it: null, and an error with code UNAUTHORIZED_FIELD_OR_TYPE */
};

struct plan_output_field {
    enum plan_output_kind kind;
    struct str key;              /* client's response key */
    struct str key_json;         /* `"name":` */
    uint32_t slot;
    uint32_t share;              /* index in plan->shares; 0: not deferred */
    const struct gql_tref *type; /* of `api`: nullability and lists for null propagation */
    struct plan_output *child;   /* NULL for leaves */
    const struct gql_selection *selection; /* the client's first selection of that key: position for messages */
    struct str coordinate;       /* `Customer.email` */
};

/* What is written for records of some runtime types. Every runtime type that can occur finds exactly one variant. */
struct plan_output_variant {
    const struct bits *types;    /* ids of `full`; NULL: all */
    struct plan_output_field *fields;
    uint32_t n_fields;
    uint32_t *parts;             /* that begin at such a record */
    uint32_t n_parts;
};

struct plan_output {
    struct plan_output_variant *variants;
    uint32_t n_variants;
    struct bits *parts;          /* that have fields here or below; NULL without @defer */
};

/* ---- parts ---- */

struct plan_part {
    struct str label;            /* .p NULL without one */
    uint32_t parent;             /* the part in which it lies; parts[0] is its own */
    struct plan_layout *layout;  /* of the records where it begins */
    struct str path; /* of them in the response, for people: `customer.projects.@`; fragments may lead to others */
};

/* Parts of which none lies in another. shares[0] is empty: what is not deferred. */
struct plan_share {
    uint32_t *parts;
    uint32_t n_parts;
};

/* ---- the plan ---- */

/* A variable in @skip, @include or @defer, and the value that the plan is for. */
struct plan_condition {
    struct str variable;
    bool value;
};


struct plan {
    struct arena *arena;
    int refs;
    struct supergraph *supergraph; /* one reference */
    const struct gql_document *document; /* of the operation, in the plan's arena */
    const struct gql_definition *operation;
    struct plan_layout **layouts;  /* by id; [0] is the root */
    uint32_t n_layouts;
    struct plan_fetch *fetches;    /* in an order in which each comes after those it waits for */
    uint32_t n_fetches;
    uint32_t depth;                /* the longest chain of fetches */
    uint64_t steps;                /* that making it took: a count that is the same on every machine */
    struct plan_part *parts;       /* each after the one it lies in */
    uint32_t n_parts;              /* 1 without @defer */
    struct plan_share *shares;
    uint32_t n_shares;
    struct plan_condition *conditions;
    uint32_t n_conditions;
    struct plan_output *output;    /* of the root record */
};

struct plan *plan_ref(struct plan *p); /* atomic */
void plan_unref(struct plan **p);

/* For people: cost and conditions, then step by step, and part by part, who is asked for what, at which records, with
 * what, and why. */
void plan_print(struct buf *out, const struct plan *p);
/* For programs: {"depth", "conditions": {"variable": true}, "parts": [{"id","label","path","parent","answers"}],
 * "fetches": [{"id","subgraph","part","kind","after","path","document","requires","reason"}]}. */
void plan_print_json(struct buf *out, const struct plan *p);

#endif
