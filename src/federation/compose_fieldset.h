/* Field sets: the selections inside @key, @requires, @provides and @fromContext, resolved against a schema. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_FIELDSET_H
#define PAINTBOX_FEDERATION_COMPOSE_FIELDSET_H

#include "federation/compose_msg.h"

struct fed_selections;

struct fed_selection {
    const struct gql_selection *ast;
    struct fed_type *parent;
    struct fed_field *field;    /* a field; NULL for __typename and fragments */
    struct fed_type *condition; /* a fragment's type condition, or NULL */
    struct fed_selections *sub; /* NULL for leaves */
};

struct fed_selections {
    struct fed_type *parent;
    struct fed_selection *v;
    uint32_t n;
};

/* The selection set `text` on `parent`. NULL with *problem (a sentence without its end) when it is not valid there. */
struct fed_selections *fieldset_parse(const struct fed_schema *s, struct fed_type *parent, struct str text,
                                      struct str *problem);
/* What can be resolved of it up to the first thing that does not exist, silently; NULL when it cannot even be parsed.
 */
struct fed_selections *fieldset_parse_lenient(const struct fed_schema *s, struct fed_type *parent, struct str text);

/* Is it valid there, but for objects without selections? Then it can be compared with another one. */
bool fieldset_comparable(const struct fed_schema *s, struct fed_type *parent, struct str text);

/* The same selections, in any order? */
bool fieldset_equal(const struct fed_selections *a, const struct fed_selections *b);
struct str fieldset_print(struct arena *a, const struct fed_selections *set);

/* Calls `visit` for each field of it, deeply; with `implementations` also for the same fields of the types that
 * implement an interface on the way. */
typedef void (*fieldset_visit)(struct fed_field *f, void *data);
void fieldset_each(const struct fed_selections *set, bool implementations, fieldset_visit visit, void *data);

/* Does a value fit a type? Custom scalars take anything; variables fit nothing. */
bool fed_value_fits(const struct fed_schema *s, const struct gql_type_ref *type, const struct gql_value *v);

#endif
