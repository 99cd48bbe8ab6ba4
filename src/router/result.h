/* The result of a request while it grows: records with slots, as the plan's layouts describe them (planner/plan.h).
 *
 * Everything lives in the request's arena. Leaves point into the bodies of subgraph replies, which stay alive until the
 * response has been written. One request runs on one thread, so fetches fill the same tree without locks.
 */
#ifndef PAINTBOX_ROUTER_RESULT_H
#define PAINTBOX_ROUTER_RESULT_H

#include "json/json.h"
#include "planner/plan.h"

enum slot_kind {
    SLOT_UNSET,  /* nobody has brought it */
    SLOT_NULL,   /* a subgraph said null */
    SLOT_LEAF,   /* JSON text, checked and ready to be written */
    SLOT_RECORD,
    SLOT_LIST,
    SLOT_ERROR,  /* null, because of `errors` */
};

struct record;
struct slot_list;
struct error_link;

struct slot {
    uint32_t kind;
    uint32_t len; /* LEAF */
    union {
        const char *leaf;
        struct record *record;
        struct slot_list *list;
        struct error_link *errors; /* at least one */
        const struct plan_shape *shape; /* NULL: what the object would have had by those who said that there is none; none for a leaf */
    };
};

struct slot_list {
    uint32_t n;
    struct slot items[];
};

struct record {
    const struct plan_layout *layout;
    const struct gql_type *type; /* runtime type, of `full`; NULL until some reply says it */
    struct slot slots[];
};

/* An error of a subgraph or of the router, on its way to the client. It has no path of its own: it hangs at the slot
 * that it made null, and is written with the client's path when the output walk comes there. */
struct result_error {
    struct str message;    /* unescaped */
    struct str code;       /* for extensions.code when `extensions` has none */
    struct str extensions; /* of the subgraph: a JSON object as it stands in the reply; .p NULL: none */
    struct str service;    /* subgraph; .p NULL: the router itself */
    /* Where it happened below the slot it hangs at, as the subgraph said it: path[path_from …], read with `shape`. */
    const struct json *path;
    uint32_t path_from;
    const struct plan_shape *shape;
    bool hung;    /* at some slot */
    bool written;
};

/* One error may hang at many slots: that of a failed fetch at all that it should have filled. */
struct error_link {
    struct result_error *error;
    struct error_link *next;
};

struct record_vec VEC_BODY(struct record *);
struct rep_groups;
struct error_vec VEC_BODY(struct result_error *);

struct result {
    struct arena *arena;
    const struct plan *plan;
    struct record *root;
    struct record_vec *targets; /* by layout id: the records that entity fetches complete */
    struct rep_groups **groups; /* by layout id: how represent.c has grouped them */
    struct error_vec errors; /* all that were made; those not yet written after the walk are written without a place */
    const struct gql_type *const *api_types; /* by type id of `full`; NULL: not in the API */
};

void result_init(struct result *r, struct arena *a, const struct plan *plan, const struct gql_type *const *api_types);

struct record *result_record(struct result *r, const struct plan_layout *layout);

/* An error that hangs nowhere yet. */
struct result_error *result_error_new(struct result *r, struct str service, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Makes a slot null because of an error. A slot with data keeps its data, one with an error gets another. */
void slot_fail(struct result *r, struct slot *s, struct result_error *e);

/* The value that a fetch should have brought is null because of the error. Where others have brought objects, that goes
 * for what the fetch should have added to them: `shape` is theirs, NULL for a leaf. */
void value_fail(struct result *r, struct slot *s, const struct plan_shape *shape, struct result_error *e);
/* Every slot that this shape should have filled is null because of the error. */
void record_fail(struct result *r, struct record *rec, const struct plan_shape *shape, struct result_error *e);

/* The same when the subgraph said null: what nobody has brought of it is null, as far as it was asked for of objects of
 * their types. */
void value_null(struct result *r, struct slot *s, const struct plan_shape *shape);
void record_null(struct result *r, struct record *rec, const struct plan_shape *shape);

/* The slot had no value `before`, by the word of one subgraph, and another has brought objects: what they should have got from the first is null
 * for that reason. With an error it is all that they lack, unless someone brings it later. */
void value_take_over(struct result *r, struct slot *s, const struct slot *before);

#endif
