/* One reply while it is read: what the files reply*.c have in common. Private to them.
 *
 *   reply.c           the members of a reply, and what becomes of the rest when it is broken
 *   reply_value.c     objects and lists
 *   reply_leaf.c      leaves
 *   reply_entities.c  `data` of an entity fetch
 *   reply_errors.c    `errors`
 *   reply_missing.c   what is not there although it was asked for
 */
#ifndef PAINTBOX_ROUTER_REPLY_READER_H
#define PAINTBOX_ROUTER_REPLY_READER_H

#include "router/reply.h"

/* A slot that got the text of objects as it stood. */
struct verbatim_place {
    struct record *rec;
    const struct plan_shape_field *field;
};

/* An object whose __typename tells no type of the supergraph. */
struct strange_object {
    const struct record *rec;
    struct result_error *error;
};

struct reader {
    struct result *result;
    const struct plan_fetch *fetch;
    struct rep_set *sets;
    size_t n_sets;
    struct str service;
    struct json_reader json;
    struct err err;
    size_t memory_max;        /* what the arena may have handed out when the reply has been read */
    uint32_t n_misfits;
    struct result_error *many_misfits; /* stands for all after the first REPLY_ERRORS_MAX */
    VEC(struct slot) scratch; /* items of lists whose end has not been seen; used as a stack */
    bool records_only;        /* nothing is taken as it stands any more */
    VEC(struct verbatim_place) verbatim;
    bool lacks_members;       /* some object does not have all that it was asked for */
    VEC(struct strange_object) strange;
};

static inline bool slot_has_data(const struct slot *s)
{
    return s->kind == SLOT_LEAF || s->kind == SLOT_RECORD || s->kind == SLOT_LIST;
}

static inline void slot_set_leaf(struct slot *s, struct str json)
{
    *s = (struct slot){.kind = SLOT_LEAF, .len = (uint32_t)json.len, .leaf = json.p};
}

/* "Subgraph "x" answered `got` for Type.field where `wanted` belongs": one error, or the one that stands for too many. */
struct result_error *reader_misfit(struct reader *rd, const struct record *rec, const struct plan_slot *slot, const char *got,
                                   const char *wanted);
const char *reader_kind_text(int json_kind); /* negative: "nothing" */
const char *reader_wanted_text(const struct plan_slot *slot);
/* False, and the JSON has failed, when the reply has needed too much. */
bool reader_within_memory(struct reader *rd);

/* The value at the reader → slot. `list_depth`: lists that are still to come. */
void reader_value(struct reader *rd, const struct record *rec, const struct plan_shape_field *field,
                  uint32_t list_depth, struct slot *out);
void reader_object(struct reader *rd, const struct plan_shape *shape, struct record *rec);
void reader_leaf(struct reader *rd, const struct record *rec, const struct plan_slot *slot, int kind, struct slot *out);
/* Errors hang at nulls, and those may be in what was taken as it stood: it is read once more, into records. */
void reader_undo_verbatim(struct reader *rd);

void reader_entities(struct reader *rd);
/* Everything that the fetch should have brought for these records is null because of the error. */
void reader_fail_entry(struct reader *rd, const struct plan_shape *shape, struct rep_entry *entry,
                       struct result_error *e);

/* `raw`: the list of the reply's errors. */
void reader_errors(struct reader *rd, struct str raw);

/* Looks at an object whose members did not come as they were asked for; `n_taken` of them came. */
void reader_check_members(struct reader *rd, const struct plan_shape *shape, const struct record *rec,
                          uint32_t n_taken);
/* Everything of the fetch that nobody has brought is null because of `why`; NULL: of an error that says what is
 * missing. */
void reader_fail_rest(struct reader *rd, struct result_error *why);
/* The same for members and entities, if any are missing. */
void reader_fail_missing(struct reader *rd, struct result_error *why);

#endif
