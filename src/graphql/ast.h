/* The abstract syntax tree of a GraphQL document (September 2025 specification, §2 and §3).
 *
 * One tree serves operations and type systems. Nodes live in the arena of their document and are never changed
 * after parsing, except by code that builds documents of its own. Lists keep source order. Slices point into the
 * source text, which must live as long as the tree; strings with escapes or blocks are decoded into the arena.
 */
#ifndef PAINTBOX_GRAPHQL_AST_H
#define PAINTBOX_GRAPHQL_AST_H

#include "base/vec.h"
#include "base/err.h"

/* Where a node begins. `offset` counts bytes. Lines and columns count from 1; columns count UTF-16 units, as graphql-js
 * and the specification's error format do in practice. 0 means: made by the program. */
struct gql_loc {
    uint32_t offset, line, column;
};

struct gql_name {
    struct str s;
    struct gql_loc loc;
};

/* ---- values ---- */

enum gql_value_kind {
    GQL_VARIABLE, GQL_INT, GQL_FLOAT, GQL_STRING, GQL_BOOLEAN, GQL_NULL, GQL_ENUM, GQL_LIST, GQL_OBJECT
};

struct gql_object_field;

struct gql_value {
    enum gql_value_kind kind;
    struct gql_loc loc;
    struct str text; /* VARIABLE, ENUM: the name; INT, FLOAT: as written; STRING: decoded */
    bool boolean;
    bool block; /* STRING: written as """block""" */
    uint32_t n;
    union {
        struct gql_value **items;         /* LIST */
        struct gql_object_field *fields;  /* OBJECT */
    };
};

struct gql_object_field {
    struct gql_name name;
    struct gql_value *value;
};

/* ---- types as written ---- */

enum gql_ref_kind { GQL_REF_NAMED, GQL_REF_LIST, GQL_REF_NON_NULL };

struct gql_type_ref {
    enum gql_ref_kind kind;
    struct gql_loc loc;
    struct str name;         /* NAMED */
    struct gql_type_ref *of; /* LIST, NON_NULL */
};

/* ---- parts ---- */

struct gql_argument {
    struct gql_name name;
    struct gql_value *value;
};

struct gql_directive {
    struct gql_name name; /* without the @ */
    struct gql_loc loc;   /* of the @ */
    struct gql_argument *args;
    uint32_t n_args;
};

struct gql_directive_list {
    struct gql_directive *v;
    uint32_t n;
};

struct gql_selection_set;

enum gql_selection_kind { GQL_FIELD, GQL_FRAGMENT_SPREAD, GQL_INLINE_FRAGMENT };

struct gql_selection {
    enum gql_selection_kind kind;
    struct gql_loc loc;
    struct gql_name alias; /* FIELD; alias.s.p == NULL without one */
    struct gql_name name;  /* FIELD, SPREAD */
    struct gql_name on;    /* INLINE: the type condition; on.s.p == NULL without one */
    struct gql_argument *args;
    uint32_t n_args;
    struct gql_directive_list directives;
    struct gql_selection_set *selections; /* FIELD (NULL for a leaf), INLINE */
};

struct gql_selection_set {
    struct gql_loc loc;
    struct gql_selection **items;
    uint32_t n;
};

/* The name under which a field answers. */
static inline struct str gql_response_key(const struct gql_selection *f) { return f->alias.s.p ? f->alias.s : f->name.s; }

struct gql_variable_definition {
    struct gql_loc loc;
    struct str description;
    bool has_description, description_block;
    struct gql_name name; /* without the $ */
    struct gql_type_ref *type;
    struct gql_value *default_value; /* NULL without one */
    struct gql_directive_list directives;
};

/* An argument of a field or directive, or a field of an input object. */
struct gql_input_value_definition {
    struct gql_loc loc;
    struct str description;
    bool has_description, description_block;
    struct gql_name name;
    struct gql_type_ref *type;
    struct gql_value *default_value;
    struct gql_directive_list directives;
};

struct gql_field_definition {
    struct gql_loc loc;
    struct str description;
    bool has_description, description_block;
    struct gql_name name;
    struct gql_input_value_definition *args;
    uint32_t n_args;
    struct gql_type_ref *type;
    struct gql_directive_list directives;
};

struct gql_enum_value_definition {
    struct gql_loc loc;
    struct str description;
    bool has_description, description_block;
    struct gql_name name;
    struct gql_directive_list directives;
};

/* ---- definitions ---- */

enum gql_operation_kind { GQL_QUERY, GQL_MUTATION, GQL_SUBSCRIPTION };

struct gql_root_type { /* `query: Query` of a schema definition */
    enum gql_operation_kind kind;
    struct gql_loc loc;
    struct gql_name type;
};

enum gql_definition_kind {
    GQL_OPERATION, GQL_FRAGMENT,
    GQL_SCHEMA_DEF, GQL_SCALAR_DEF, GQL_OBJECT_DEF, GQL_INTERFACE_DEF, GQL_UNION_DEF, GQL_ENUM_DEF, GQL_INPUT_DEF,
    GQL_DIRECTIVE_DEF
};

struct gql_definition {
    enum gql_definition_kind kind;
    bool extend; /* `extend type …`; SCHEMA … INPUT */
    struct gql_loc loc;
    struct str description;
    bool has_description, description_block;
    struct gql_name name; /* name.s.p == NULL: anonymous operation, schema */
    struct gql_directive_list directives;

    /* OPERATION */
    enum gql_operation_kind operation;
    bool shorthand; /* `{ field }` */
    struct gql_variable_definition *variables;
    uint32_t n_variables;
    /* OPERATION, FRAGMENT */
    struct gql_selection_set *selections;
    /* FRAGMENT */
    struct gql_name on;

    /* SCHEMA */
    struct gql_root_type *roots;
    uint32_t n_roots;
    /* OBJECT, INTERFACE */
    struct gql_name *interfaces;
    uint32_t n_interfaces;
    struct gql_field_definition *fields;
    uint32_t n_fields;
    /* UNION */
    struct gql_name *members;
    uint32_t n_members;
    /* ENUM */
    struct gql_enum_value_definition *values;
    uint32_t n_values;
    /* INPUT (its fields), DIRECTIVE (its arguments) */
    struct gql_input_value_definition *inputs;
    uint32_t n_inputs;
    /* DIRECTIVE */
    bool repeatable;
    struct gql_name *locations;
    uint32_t n_locations;
};

struct gql_document {
    struct arena *arena;
    struct str source;
    struct gql_definition **definitions;
    uint32_t n;
    uint32_t n_tokens;
};

/* ---- errors ----
 *
 * One error as the specification's response format wants it. Positions are those of graphql-js. */
struct gql_error {
    struct str message;
    struct str code; /* for extensions.code, e.g. GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED */
    struct gql_loc *locs;
    uint32_t n_locs;
};

struct gql_errors VEC_BODY(struct gql_error);

void gql_error_add(struct arena *a, struct gql_errors *errors, struct str code, const struct gql_loc *locs,
                   uint32_t n_locs, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
