/* What the files of this room share. Nobody outside of src/subgraph includes this.
 *
 * A request goes: document (parsed, validated and planned once per worker, document.c) → execution level by level
 * (execute.c, batch.c, loader.c) → one walk that writes the answer and propagates nulls (answer.c). */
#ifndef PAINTBOX_SUBGRAPH_KIT_H
#define PAINTBOX_SUBGRAPH_KIT_H

#include "graphql/introspect.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "subgraph/subgraph.h"

#define KIT_DEPTH_MAX 60       /* levels of one operation: each is a frame on the fiber's stack */
#define KIT_DOCUMENTS_MAX 1000 /* planned documents a worker keeps */
#define KIT_REQUEST_BYTES_MAX (64u << 20)
#define KIT_ERRORS_MAX 100 /* field errors reported for one request */

/* ---- the schema with its resolvers (schema.c): immutable, shared by the workers ---- */

enum leaf_kind {
    LEAF_NONE,
    LEAF_INT,
    LEAF_FLOAT,
    LEAF_STRING,
    LEAF_ID,
    LEAF_BOOLEAN,
    LEAF_ENUM,
    LEAF_DATETIME,
    LEAF_CUSTOM
};

struct field_info {
    const struct gql_field *field;
    void (*resolve)(struct batch *b); /* NULL: from a column or member of its name */
    struct str column;                /* display_name */
    struct gql_type *named;           /* the type without wrappers */
    enum leaf_kind leaf;              /* NONE: composite */
    bool list;
};

struct subgraph {
    const struct service *service;
    struct arena *arena;
    struct gql_schema *schema;
    struct field_info **fields;      /* by type id and field index; NULL for types without fields */
    const struct entity **entity_of; /* by type id: the first loader; NULL: none */
    bool *is_entity;                 /* by type id: has @key */
    struct field_info typename_info, introspect_info;
};

/* NULL with *err, which lists everything that is wrong. */
struct subgraph *subgraph_new(const struct service *s, struct err *err);
void subgraph_free(struct subgraph **g);
const struct field_info *subgraph_field(const struct subgraph *g, const struct gql_type *t, const struct gql_field *f);

/* ---- documents (document.c): one cache per worker ---- */

struct selection_plan;

struct field_plan {
    struct str key;      /* response key */
    struct str key_json; /* "key": with its quotes and colon */
    const struct gql_field *field;
    const struct field_info *info;
    const struct gql_selection **nodes;
    uint32_t n_nodes;
    int slot;          /* of the node's values; -1: written straight from the object */
    struct json *args; /* coerced once when no variable is in them */
    bool args_vary;
    struct selection_plan *sub;   /* composite */
    const struct pg_column *seen; /* where the column was in the last result */
    int seen_index;
};

struct type_plan {
    const struct gql_type *type;
    struct field_plan *fields;
    uint32_t n, n_slots;
    bool resolves; /* a field has a resolver */
};

struct selection_plan {
    const struct gql_selection_set **sets;
    uint32_t n_sets;
    unsigned depth;
    VEC(struct type_plan *) by_type;
};

struct document {
    struct arena *arena;
    struct str text;
    unsigned refs;
    struct gql_document *ast; /* NULL: errors */
    struct gql_errors errors;
    bool conditional;                   /* has @skip or @include: planned anew for each request */
    VEC(struct selection_plan *) roots; /* in the order of ast->definitions; NULL for fragments and until used */
};

struct document_cache;
struct document_cache *document_cache_new(const struct subgraph *g);
void document_cache_free(struct document_cache **c);
/* Held until document_release(). Parks when it is not in the cache. */
struct document *document_get(struct document_cache *c, struct str text);
void document_release(struct document **d);

/* ---- a running operation ---- */

struct exec {
    uint32_t magic;
    const struct subgraph *graph;
    struct request request;
    struct arena *arena;
    struct document *doc;
    struct arena *plan_arena; /* the document's, or the request's when conditional */
    const struct gql_definition *operation;
    struct gql_variables vars;
    struct loader *loaders;
    struct buf *out;
    struct buf errors; /* JSON texts of field errors, with commas */
    unsigned n_errors;
};

struct type_plan *plan_for_type(struct exec *x, struct selection_plan *sp, const struct gql_type *t);
struct selection_plan *plan_root(struct exec *x);

enum object_kind { OBJECT_ROW, OBJECT_REF, OBJECT_JSON, OBJECT_MADE };

struct member {
    const char *name;
    struct cell cell;
};

struct object {
    enum object_kind kind;
    const struct gql_type *type;
    const struct pg_result *rows; /* ROW; REF when loaded */
    size_t row;
    const struct json *json; /* JSON; REF: the representation, or NULL */
    const char *key;         /* REF */
    struct str key_value;
    VEC(struct member) members; /* MADE, and what object_put() added to the others */
    bool loaded, missing;       /* REF */
    bool restored;              /* from a remembered answer: its columns are this request's own */
    struct arena *arena;
};

struct failure {
    const char *code;
    struct str message;
};

enum value_kind { VALUE_NULL, VALUE_CELL, VALUE_NODE, VALUE_LIST, VALUE_FAILED };

struct node;
struct value {
    enum value_kind kind;
    union {
        struct cell cell; /* leaves, and lists of leaves */
        struct node *node;
        struct {
            struct value *items;
            size_t n;
        } list;
        struct failure *failure;
    };
};

/* An object in the answer: the same object may stand in several places with several selections. */
struct node {
    struct object *object;
    const struct type_plan *plan;
    struct value *values;    /* by slot */
    struct failure *failure; /* its row could not be loaded */
};

struct batch {
    struct exec *exec;
    struct field_plan *plan;
    const struct gql_type *parent_type;
    struct node **nodes;
    size_t n;
    struct cell *cells;
    struct failure **failures; /* NULL: none */
    struct json *args;
};

/* Runs the operation; every level in turn. The answer's "data" is then written by answer_write(). */
struct node *execute_operation(struct exec *x);

/* Where the value of a field without a resolver is. */
enum source_kind { SOURCE_NONE, SOURCE_CELL, SOURCE_COLUMN, SOURCE_JSON };
struct source {
    enum source_kind kind;
    struct cell cell;
    struct str text; /* COLUMN; p NULL: SQL NULL */
    uint32_t oid;
    const struct json *json;
};
struct source object_find(const struct object *o, struct field_plan *fp);
struct source object_find_name(const struct object *o, struct str field, struct str column);
/* Loads the rows of the references among the parents, in one statement per entity type. */
bool refs_load(struct exec *x, struct node **nodes, size_t n, struct err *err);

/* ---- loaders (loader.c) ---- */

struct loaded {
    bool done, failed;
    const struct pg_result *rows;
    uint32_t *index; /* rows of this key, in order */
    uint32_t n;
};
/* One `struct loaded` for each key; NULL where the key is SQL NULL. Each key is asked once per request. Parks. */
bool loader_load(struct exec *x, const struct query *q, const struct str *keys, size_t n, const struct pg_param *extra,
                 unsigned n_extra, struct loaded **out, struct err *err);
/* A key of a uuid[] as the server writes it; p NULL: it is no UUID, so no row has it and the server would refuse the
 * whole array for it. */
struct str canonical_uuid(struct arena *a, struct str key);
/* Rows of an entity, under its rule. */
bool loader_load_entity(struct exec *x, const struct entity *e, const struct str *keys, size_t n, struct loaded **out,
                        struct err *err);
/* After a write nothing that was read before is true for sure. */
void loaders_forget(struct exec *x);
struct pg_result *exec_query(struct exec *x, const struct query *q, const struct pg_param *params, unsigned n,
                             struct err *err);
/* Says an SQL error in the words of GraphQL: code and message of the field error. */
void batch_fail_sql(struct batch *b, const struct query *q, const struct err *err);

/* ---- answers (answer.c, leaf.c) ---- */

enum written { WRITTEN, WRITTEN_NULL, WRITTEN_FAILED };
/* A column's value as the cell of a field: numbers, truth values and json stay what they are. */
struct cell cell_of_column(const struct field_info *info, struct str text, uint32_t oid);
/* Writes a leaf; NULL, or what is wrong with the value. *null is set when it is null. Nothing is written then. */
const char *leaf_write(struct exec *x, const struct field_info *info, const struct source *s, bool *null);
/* A list from one value: an array column, a json array, a resolver's list. NULL: null, or no list at all. */
struct source *leaf_items(struct exec *x, const struct source *s, size_t *n, bool *null);
/* Writes the value of "data" into x->out and the errors into x->errors. */
void answer_write(struct exec *x, struct node *root);
/* {"message","locations","path","extensions"} of an error that is no field's. */
void answer_error(struct buf *out, struct str message, const struct gql_loc *locs, uint32_t n_locs, struct str code);

/* ---- values for the outside ---- */
struct object *object_alloc(struct exec *x, enum object_kind kind, const struct gql_type *type);
const struct gql_type *batch_type(struct batch *b, const char *type);
struct str snake_case(struct arena *a, struct str camel);

#endif
