/* What the stages of one planning hand to each other. Everything lives in one scratch arena and dies
 * with it.
 *
 *   spots.c      operation → spots: places of the response, their slots, and what the client wants
 *   directives.c the client's directives that are passed on
 *   parts.c      @defer: which part of the response asks for what
 *   needs.c      classes of runtime types, and what keys and @requires may need at each spot
 *   contexts.c   which objects above a field set the contexts that its arguments come from
 *   places.c     spots → places: a spot as seen from the fetches that can reach it; atoms (one field
 *                of one class at one place) and entries (ways into a subgraph)
 *   search.c     which subgraphs to open at which step so that every wanted atom arrives
 *   rounds.c     one search for each part, on top of what the parts around it fetch
 *   assign.c     which entry brings which atom
 *   document.c   the selections of each fetch: document and shape
 *   build.c      layouts, representations, fetches
 *   output.c     what is written to the client
 *   verbatim.c   what of a reply can be written as it stands
 */
#ifndef PAINTBOX_PLANNER_WORK_H
#define PAINTBOX_PLANNER_WORK_H

#include "planner/planner.h"

/* Objects that only inputs go through unfold without a bound where keys or @requires lead in a ring. They do within the
 * reach, which grows as long as goals are lost for want of more. */
#define PLANNER_INPUT_DEPTH_FREE 2  /* this deep, repetition does not count */
#define PLANNER_INPUT_DEPTH_MAX 256 /* of nesting, whatever the reach */
#define PLANNER_INPUT_SPOTS_EACH 8  /* for each object of the client, beside those of the reach */
/* Beyond these, alike classes share entries, and places are shared more freely. */
#define PLANNER_ENTRIES_EXACT 400
#define PLANNER_PLACES_EXACT 200
#define PLANNER_SPOTS_MAX 10000
#define PLANNER_PLACES_MAX 20000
#define PLANNER_ATOMS_MAX 60000

struct planner {
    struct arena *arena;
    struct supergraph *s;
    struct map set_ids;             /* a selection set's address → its text's id */
    VEC(struct str) input_names;    /* fields in keys and @requires */
    struct gql_type_vec conditions; /* types of fragments in keys, @requires and @provides */
    struct bits *input_labels;      /* labels of fields with such names */
    struct planner_options limits;
};

/* ---- spots ---- */

struct spot;

/* ---- parts ---- */

/* One @defer at one spot; parts.v[0] is the initial response. */
struct part {
    uint32_t id, parent;
    const struct gql_selection *fragment;
    struct spot *spot;
    struct str label;
};
struct part_ids VEC_BODY(uint32_t);

/* A selection set of the client, and for which runtime types of its spot it holds. */
struct client_set {
    const struct gql_selection_set *set;
    const struct bits *types;
    const struct gql_type *on; /* static type there */
    uint32_t part;
};
struct client_sets VEC_BODY(struct client_set);

struct directives VEC_BODY(const struct gql_directive *);

/* One field as the client wrote it. */
struct occurrence {
    struct str key, name, args;
    struct str key_json; /* `"key":`, once it has been written */
    uint64_t hash; /* of name and arguments, to tell most apart quickly */
    const struct gql_selection *sel;
    const struct gql_type *on; /* static parent type */
    struct bits *types;
    struct directives directives; /* passed on; those of all fields under this key */
    struct str directives_text;
    uint32_t part;
};

/* A part that begins at the records of these types. */
struct beginning {
    uint32_t part;
    struct bits *types;
};

struct occurrences {
    struct occurrence *v;
    size_t n, cap;
    VEC(struct beginning) begin;
};

struct slot {
    uint32_t index;
    struct str name, args;
    uint64_t hash;
    struct slot *chain;           /* the next in the spot's hash table */
    struct str key;               /* slot_key() of its occurrences */
    const struct gql_selection *sel; /* for its arguments */
    struct directives directives;
    struct bits *types;           /* runtime types of the spot that it stands for */
    const struct gql_type *named;
    uint32_t list_depth;
    bool leaf, client, used;
    struct spot *child;
    struct part_ids parts;        /* of the client, in which it is wanted; none lies in another */
    uint32_t final;               /* index in the layout */
};
struct slot_vec VEC_BODY(struct slot *);

/* Types that need the same occurrences of one field. */
struct cell {
    struct bits *types;
    VEC(const struct occurrence *) occs;
    struct directives directives;
    struct str directives_text;
};
struct cells VEC_BODY(struct cell);

/* A way into a subgraph from any record of a class. */
struct way {
    uint32_t subgraph;
    bool reentry;                 /* the class is a root type: its fields are asked of the subgraph's own root */
    const struct gql_type *as;    /* the interface to ask for; NULL: the record's own type */
    const struct gql_type *owner; /* the type whose keys are used */
};

struct need {
    struct slot *slot;
    bool goal; /* the client wants it */
};

/* Runtime types of a spot that the planner need not tell apart. */
struct klass {
    struct bits *types;
    const struct gql_type *first;
    VEC(struct need) needs;
    VEC(struct way) ways;
    bool wants_typename;  /* the client asks for the runtime type, or selections depend on it */
    bool wants_existence; /* nothing else is asked of it */
    bool input_existence; /* a selection that makes nothing of it is an input: that there is an object */
};

struct place;
struct node; /* document.c */

struct spot {
    const struct gql_type *type;
    struct bits *types;
    struct spot *parent;
    struct slot *of;              /* of the client: the slot whose records are here; NULL: the root */
    bool reached;                 /* the parts around the one at hand bring its records */
    struct slot_vec slots;
    struct slot **by_hash; /* chains of slots; a power of two of them */
    uint32_t n_chains;
    struct client_sets sets;
    struct occurrences occs;
    struct gql_type_vec decls;    /* what subgraphs may declare it as */
    VEC(struct klass *) classes;
    bool client;
    bool unknown_type;            /* an @interfaceObject may bring records of unknown type */
    uint32_t input_depth;
    struct str input_of;          /* the field through which inputs go there */
    uint32_t repeats;             /* how often inputs went through the same field of the same type before */
    VEC(struct place *) places;
    VEC(struct output_memo { const struct client_sets *sets; struct plan_output *output; }) outputs;
    bool target;                  /* an entity fetch starts here */
    struct plan_layout *layout;
    struct node *unified;         /* different nodes in the document whose top node is `unified_below` */
    const struct node *unified_below;
};

/* ---- places ---- */

struct entry;

/* A selection that @provides allows below. */
struct provided {
    const struct gql_selection_set *set;
    const struct provided *next;
};

struct source {
    struct entry *entry;
    const struct gql_type *decl; /* declared type there; NULL: the record's own (entities) */
    const struct provided *provided;
};
struct source_vec VEC_BODY(struct source);

enum { SLOT_TYPENAME = -1, SLOT_EXISTS = -2 };

struct atom {
    uint32_t id;
    struct place *place;
    uint32_t klass;
    int slot; /* index in the spot, or SLOT_* */
    VEC(struct entry *) providers;
    VEC(struct entry *) able; /* with parts: all that could, of which `providers` are those that may in this round */
    bool goal, input;
    /* assignment */
    struct entry *by;
    uint32_t first; /* when it first arrives; 0: never */
    uint32_t level; /* when it is taken */
    bool needed;
};
struct atom_vec VEC_BODY(struct atom *);

struct class_at { /* a class at a place */
    bool present;
    VEC(struct entry *) entries;
    struct atom **atoms;      /* by slot index; NULL for what is not a leaf or not resolvable */
    struct place **children;  /* by slot index */
    struct atom *type_name, *exists;
};

struct place_parent {
    struct place *place; /* NULL for a root */
    uint32_t klass;
    uint32_t slot;
};

struct place {
    uint32_t id;
    struct spot *spot;
    struct source_vec sources;
    VEC(struct place_parent) parents;
    struct class_at *classes;
    uint32_t marked;              /* the round whose goals have been marked here */
    uint32_t late;                /* goals here and below may be taken this late; 0: when they first arrive */
    struct node *node;            /* in the document whose top node is `node_below` */
    const struct node *node_below;
};

struct context_args VEC_BODY(const struct sg_context_arg *);

/* One choice of inputs of an entry. */
struct alternative {
    const struct gql_selection_set *key;
    struct atom_vec atoms; /* of key and @requires, and the type's name where it is needed */
};

struct entry_vec VEC_BODY(struct entry *);

struct entry {
    uint32_t id;
    struct place *place;
    VEC(uint32_t) classes;        /* of the place; one, unless alike classes share */
    uint32_t subgraph;
    const struct gql_type *as, *owner;
    struct slot *requiring;       /* the field whose @requires this entry satisfies; NULL: plain */
    const struct gql_selection_set *requires;
    struct context_args contexts; /* known when it fires: fields at its place and below may use them */
    bool own_context;             /* its records set one of them */
    bool root;
    bool reentry;                 /* no entities: root fields, asked once for all records here */
    VEC(struct alternative) alternatives;
    struct bits *provides;        /* atoms */
    /* search and assignment */
    uint32_t level;               /* when it fires; 0: never */
    bool used, forbidden;
    const struct alternative *chosen;
    struct bits *visited;         /* places that its document reaches */
    /* of a finished round, see rounds.c */
    uint32_t part;
    struct entry *copy;           /* the last one made of this entry */
    struct entry_vec copies;
    struct entry *origin;         /* of a copy; NULL: is none */
    struct bits *kept;            /* what `visited` was when its round ended */
    struct atom_vec brings;
    struct entry_vec from;        /* who brings its inputs */
    struct fetch *fetch;
};

/* ---- fetches ---- */

struct fetch {
    uint32_t id, subgraph, level, part;
    enum gql_operation_kind operation;
    const struct segment *segment;
    struct entry_vec entries;
    struct bits *after;
    VEC(struct entity_group *) groups;
};

struct fetch_vec VEC_BODY(struct fetch *);

/* Entries of one fetch that share one `_entities` selection. */
struct entity_group {
    struct spot *spot;
    struct entry_vec entries;
};

/* What is planned for itself: all of a query, or neighbouring mutation fields of one subgraph. */
#define SEARCH_DEPTH_MAX 512
struct segment {
    const struct bits *slots;     /* root slots */
    int only;                     /* the one subgraph for the root, or -1 */
    struct place *root;
    struct atom_vec atoms;
    struct entry_vec entries;
    VEC(struct place *) places;
    struct bits *goals, *lost;    /* atoms; `lost` when a search fails */
    bool too_deep;                /* it failed because it needs more than SEARCH_DEPTH_MAX steps */
    uint32_t part;                /* whose goals these are */
    struct entry_vec given;       /* of finished rounds, with the level at which they fire */
    uint32_t depth;
    struct bits **open;           /* by level, from 1: subgraphs */
};

/* How far inputs of inputs unfold. */
struct reach {
    uint32_t repeats; /* of a field on one path */
    uint32_t spots;   /* that only inputs go through */
};

/* How a graph is kept small. When goals are lost in a graph that shares, it may be for what was left out: the next is
 * tried. */
enum sharing {
    SHARE_NOTHING,
    SHARE_MOST,    /* alike classes share entries, places are shared more freely, no entry leads back to where a record
                      comes from */
    SHARE_SOME,    /* the same with such entries */
    SHARE_NOT_BIG, /* nothing is shared, and there are no limits but those of all graphs */
};

struct wanted {
    struct spot *spot;
    struct klass *klass;
    struct slot *slot;
};

struct work {
    const struct planner *p;
    const struct supergraph *s;
    const struct plan_request *req;
    struct arena *a;              /* scratch */
    struct arena *plan_arena;
    struct plan *plan;
    VEC(struct spot *) spots;
    VEC(struct part) parts;
    VEC(struct part_ids) shares;
    struct reach reach;
    size_t n_client;              /* spots; the rest are for inputs */
    bool cut;                     /* some inputs lie beyond it */
    bool lost;                    /* goals were */
    VEC(struct wanted) wanted;    /* needs.c: whose inputs are still to be found */
    uint64_t steps;               /* of the search */
    uint64_t effort;              /* of everything else, in the same coin */
    bool too_big;
    enum sharing sharing;
    struct fetch_vec fetches;
};

/* spots.c */
uint64_t field_hash(struct str name, struct str args);
struct spot *spots_build(struct work *w);
struct occurrences occurrences_collect(struct work *w, struct spot *spot,
                                       const struct client_sets *sets);
struct str slot_key(const struct work *w, const struct spot *spot, const struct occurrence *o);
struct slot *spot_slot(const struct spot *spot, struct str name, struct str args, struct str key,
                       uint32_t type_id);
void arguments_print(struct buf *out, const struct gql_argument *args, uint32_t n);
struct str arguments_text(struct work *w, const struct gql_selection *sel);
/* Adds the occurrence. The cells' types stay disjoint. */
void cells_split(struct work *w, struct cells *cells, const struct occurrence *o);
bool field_refused(const struct work *w, const struct gql_type *t, struct str name);
bool is_introspection(struct str name);
/* Is this runtime type one that the condition takes? */
bool type_fits(const struct gql_type *condition, uint32_t type_id);
struct slot *slot_new(struct work *w, struct spot *spot, const struct gql_selection *sel,
                      const struct gql_field *f, struct str args);
bool slot_fits(const struct slot *s, const struct gql_field *f);
struct spot *spot_new(struct work *w, struct spot *parent, const struct gql_type *type);
void spot_add_types(struct work *w, struct spot *child, const struct gql_type *parent,
                    struct str name);
/* directives.c */
/* Those that are passed on, of a list, where their definitions allow them at that location. */
struct directives directives_at(struct work *w, const struct gql_directive_list *all,
                                enum gql_directive_location where);
struct str directives_text(struct work *w, const struct directives *list);
/* Fields under one response key are one field, with the directives of all. */
void directives_join(struct work *w, struct occurrences *occs);

/* parts.c */
/* The part that this fragment makes there, `inside` another; `inside` itself when it is not deferred. */
uint32_t part_of_fragment(struct work *w, struct spot *spot, const struct gql_selection *fragment,
                          uint32_t inside);
bool part_has(const struct part_ids *parts, uint32_t part);
/* Is `outer` the part or one in which it lies? */
bool part_within(const struct work *w, uint32_t part, uint32_t outer);
/* Adds a part, unless it lies in one that is there; what lies in it goes. */
void part_add(struct work *w, struct part_ids *parts, uint32_t part);
uint32_t share_of(struct work *w, const struct part_ids *parts);
/* The plan's own copy, with the paths of the output. */
void parts_build(struct work *w);

/* rounds.c: everything of a segment, from goals to fetches. NULL, or the atom that cannot be had. */
const struct atom *rounds_run(struct work *w, struct segment *seg, bool serial);

/* needs.c: classes of every spot and what each of them may need. */
void needs_build(struct work *w);
/* Does the selection ask for a field of any of the spot's classes? */
bool set_selects(const struct work *w, const struct spot *spot, const struct gql_selection_set *set);

/* joins.c */
const struct sg_field_join *join_at(const struct supergraph *s, uint32_t subgraph,
                                    const struct gql_type *t, struct str field);
/* Does the subgraph resolve it under the request's labels? */
bool join_usable(const struct work *w, const struct sg_field_join *j);
bool is_interface_object(const struct supergraph *s, const struct gql_type *t, uint32_t subgraph);
/* Is it Query or Mutation? Subgraphs can be asked for those without any key, wherever the type stands. */
bool is_reentrant(const struct supergraph *s, const struct gql_type *t);
bool subgraph_yields(const struct supergraph *s, uint32_t subgraph, const struct gql_type *decl,
                     uint32_t type_id);
const struct sg_field_join *source_resolves(const struct work *w, const struct source *src,
                                            const struct gql_type *t, struct str name);
const struct provided *provided_below(struct work *w, const struct source *src,
                                      const struct gql_type *t, struct str name,
                                      const struct sg_field_join *j);
bool requires_is_local(struct work *w, const struct source *src, const struct gql_type *t,
                       const struct sg_field_join *j);

/* contexts.c */
/* Does an object of this type set the context? */
bool context_set_by(const struct work *w, const struct sg_context_arg *arg, uint32_t type_id);
bool same_context_args(const struct sg_context_arg *a, const struct sg_context_arg *b);
/* The slot of `up` that leads to `below`, which lies directly below. */
const struct slot *slot_towards(const struct spot *up, const struct spot *below);
/* Do the entry's records of this class set it for what lies below them? */
bool context_is_own(const struct work *w, const struct entry *e, uint32_t klass, const struct sg_context_arg *arg);
/* All that contextual fields strictly below ask for in this subgraph and that is set at `spot` or above. */
struct context_args contexts_below(struct work *w, const struct spot *spot, const struct klass *c, uint32_t subgraph);
void context_args_add(struct work *w, struct context_args *to, const struct sg_field_join *j);
/* Index of an equal argument, or -1. */
int context_args_find(const struct context_args *in, const struct sg_context_arg *arg);
/* Are the field's contextual arguments among what the entry knows, with nothing between that sets them anew? */
bool contexts_given(const struct work *w, const struct entry *e, const struct spot *at, const struct sg_field_join *j);

/* places.c */
/* False when the graph is too big even when as much as possible is shared. */
bool places_build(struct work *w, struct segment *seg, struct spot *root);
/* Makes the atoms that one part wants the segment's goals. */
void goals_mark(struct work *w, struct segment *seg, uint32_t part);
bool class_wants(const struct spot *spot, const struct klass *c, uint32_t part);
bool entry_serves(const struct entry *e, uint32_t klass);
/* search.c: the least-cost opening. False when some goals cannot be reached: seg->lost. */
bool search_plan(struct work *w, struct segment *seg);
/* Marks the levels at which entries fire under seg->open. */
void search_fire(struct work *w, const struct segment *seg, struct bits *got);
/* assign.c */
void assign_atoms(struct work *w, struct segment *seg);
/* build.c */
/* How `sel` is read from records of one class, for representations and contexts. */
struct plan_rep rep_of_selection(struct work *w, const struct place *p, uint32_t klass,
                                 const struct gql_selection_set *sel);
/* Makes w->fetches of seg->given. `serial`: they start after all that exist already. */
void fetches_build(struct work *w, struct segment *seg, bool serial);
/* Layouts of all spots that are used; then the fetches of all segments. */
void layouts_build(struct work *w);
void plan_fetches_build(struct work *w);
/* document.c */
struct plan_shape *document_root(struct work *w, const struct fetch *f, struct plan_fetch *out);
void document_entities(struct work *w, const struct fetch *f, struct plan_fetch *out);
/* output.c */
struct plan_output *output_build(struct work *w, struct spot *spot, const struct client_sets *sets);
/* represent_contexts.c */
/* The values that the group's entries need of objects above, for plan_entities.contexts. */
void contexts_build(struct work *w, const struct entity_group *g, uint32_t part, struct plan_entities *out);
/* Records that may get different values though they are represented alike. */
void contexts_mark(struct work *w);

/* verbatim.c */
void verbatim_mark(struct work *w);

#endif
