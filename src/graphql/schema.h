/* A type system that can be asked.
 *
 * gql_schema_build() turns a parsed document into a schema: extensions merged, references resolved, every rule of the
 * specification's "Type Validation" checked. Built-in scalars, directives and the introspection types are always there.
 * A schema is immutable afterwards, lives in one arena, and may be read by all threads.
 *
 * Types have dense ids in order of definition (built-in ones last), so that sets of types are bits (base/bits.h).
 */
#ifndef PAINTBOX_GRAPHQL_SCHEMA_H
#define PAINTBOX_GRAPHQL_SCHEMA_H

#include "base/bits.h"
#include "base/buf.h"
#include "base/map.h"
#include "graphql/ast.h"

enum gql_type_kind { GQL_SCALAR, GQL_OBJECT_TYPE, GQL_INTERFACE, GQL_UNION, GQL_ENUM_TYPE, GQL_INPUT_OBJECT };

struct gql_type;
struct gql_schema;

/* A use of a type with its wrappers: NAMED has `type`, the others have `of`. */
struct gql_tref {
    enum gql_ref_kind kind;
    struct gql_type *type;
    struct gql_tref *of;
};

struct gql_input { /* an argument or an input field */
    struct str name;
    struct str description;
    bool has_description;
    struct gql_tref *type;
    struct gql_value *default_value; /* NULL without one */
    struct gql_directive_list directives;
    const struct gql_input_value_definition *ast;
};

struct gql_field {
    struct str name;
    struct str description;
    bool has_description;
    struct gql_type *parent;
    uint32_t index; /* in parent->fields */
    struct gql_tref *type;
    struct gql_input *args;
    uint32_t n_args;
    struct gql_directive_list directives;
    const struct gql_field_definition *ast;
};

struct gql_enum_value {
    struct str name;
    struct str description;
    bool has_description;
    struct gql_directive_list directives;
    const struct gql_enum_value_definition *ast;
};

struct gql_type_vec VEC_BODY(struct gql_type *);

struct gql_type {
    enum gql_type_kind kind;
    uint32_t id;
    bool builtin; /* a built-in scalar or a type of introspection */
    bool listed;  /* introspection shows it: all but the built-in scalars that nothing uses */
    struct str name;
    struct str description;
    bool has_description;
    struct gql_directive_list directives; /* of the definition and its extensions, in order */
    const struct gql_definition *ast;     /* the definition, or the first extension; NULL for built-in types */
    const struct gql_definition **extensions;
    uint32_t n_extensions;

    /* OBJECT, INTERFACE */
    struct gql_field *fields;
    uint32_t n_fields;
    struct map field_by_name; /* → struct gql_field */
    struct gql_type_vec interfaces; /* as declared */

    /* INTERFACE, UNION: the object types a value can have; OBJECT: itself */
    struct bits *possible; /* by type id */
    struct gql_type_vec members; /* UNION: as declared; INTERFACE: types and interfaces that implement it */

    /* ENUM */
    struct gql_enum_value *values;
    uint32_t n_values;
    struct map value_by_name; /* → struct gql_enum_value */

    /* INPUT_OBJECT */
    struct gql_input *inputs;
    uint32_t n_inputs;
    struct map input_by_name; /* → struct gql_input */
    bool one_of;

    /* SCALAR */
    struct str specified_by; /* .p == NULL without one */
};

struct gql_directive_type {
    struct str name;
    struct str description;
    bool has_description;
    bool repeatable;
    bool builtin;
    uint32_t locations; /* bits: 1 << enum gql_directive_location */
    struct gql_input *args;
    uint32_t n_args;
    const struct gql_definition *ast; /* built-in ones have one too */
};

enum gql_directive_location {
    GQL_ON_QUERY, GQL_ON_MUTATION, GQL_ON_SUBSCRIPTION, GQL_ON_FIELD, GQL_ON_FRAGMENT_DEFINITION, GQL_ON_FRAGMENT_SPREAD,
    GQL_ON_INLINE_FRAGMENT, GQL_ON_VARIABLE_DEFINITION,
    GQL_ON_SCHEMA, GQL_ON_SCALAR, GQL_ON_OBJECT, GQL_ON_FIELD_DEFINITION, GQL_ON_ARGUMENT_DEFINITION, GQL_ON_INTERFACE,
    GQL_ON_UNION, GQL_ON_ENUM, GQL_ON_ENUM_VALUE, GQL_ON_INPUT_OBJECT, GQL_ON_INPUT_FIELD_DEFINITION,
    /* Known by name only, as in graphql-js: there is no syntax for these two in the September 2025 grammar. */
    GQL_ON_DIRECTIVE_DEFINITION,
    GQL_ON_FRAGMENT_VARIABLE_DEFINITION,
    GQL_DIRECTIVE_LOCATIONS
};
struct str gql_directive_location_name(enum gql_directive_location loc);
/* -1 for a name that is no location. */
int gql_directive_location_find(struct str name);

struct gql_schema {
    struct arena *arena;
    struct str description;
    bool has_description;
    struct gql_directive_list directives; /* of `schema` and its extensions */
    struct gql_type *query, *mutation, *subscription; /* NULL when absent */
    struct gql_type **types; /* by id */
    uint32_t n_types;
    struct gql_type **listed; /* the order in which graphql-js's introspection lists them */
    uint32_t n_listed;
    struct map type_by_name;      /* → struct gql_type */
    struct map directive_by_name; /* → struct gql_directive_type */
    struct gql_field *typename_field, *schema_field, *type_field; /* __typename, __schema, __type(name:) */
};

struct gql_schema_options {
    bool assume_valid;         /* skip validation: the text came from our own composer */
    bool allow_unknown_directives; /* a subgraph's SDL before its federation directives are known */
    bool allow_no_query;       /* a subgraph may have no Query type of its own */
    bool allow_orphan_extensions; /* federation: `extend type T` without a definition of T defines it */
    bool allow_deprecated_alone;  /* federation is older than the rule: a field is deprecated, the interface's is not */
};

/* NULL with at least one error. The schema takes its memory from `a`; `doc` must live as long (parse it into `a`). */
struct gql_schema *gql_schema_build(struct arena *a, const struct gql_document *doc,
                                    const struct gql_schema_options *options, struct gql_errors *errors);

struct gql_type *gql_schema_type(const struct gql_schema *s, struct str name); /* NULL when absent */
struct gql_type *gql_schema_root(const struct gql_schema *s, enum gql_operation_kind kind);
struct gql_directive_type *gql_schema_directive(const struct gql_schema *s, struct str name);

/* A field of a composite type; knows __typename everywhere and __schema, __type on the query root. NULL when absent. */
struct gql_field *gql_type_field(const struct gql_schema *s, const struct gql_type *t, struct str name);
struct gql_input *gql_field_arg(const struct gql_field *f, struct str name);

static inline bool gql_type_is_composite(const struct gql_type *t)
{
    return t->kind == GQL_OBJECT_TYPE || t->kind == GQL_INTERFACE || t->kind == GQL_UNION;
}
static inline bool gql_type_is_abstract(const struct gql_type *t) { return t->kind == GQL_INTERFACE || t->kind == GQL_UNION; }
static inline bool gql_type_is_leaf(const struct gql_type *t) { return t->kind == GQL_SCALAR || t->kind == GQL_ENUM_TYPE; }

/* What is left when lists and non-null are taken off. */
struct gql_type *gql_tref_named(const struct gql_tref *t);
bool gql_tref_equal(const struct gql_tref *a, const struct gql_tref *b); /* by type name, so schemas can differ */
void gql_tref_print(struct buf *out, const struct gql_tref *t);
struct str gql_tref_str(struct arena *a, const struct gql_tref *t);
/* A type as an operation writes it. NULL when the schema has no type of that name. */
struct gql_tref *gql_schema_tref(struct arena *a, const struct gql_schema *s, const struct gql_type_ref *ref);
/* Subtype test of the specification (IsSubType): a value of `sub` may stand where `super` is expected. */
bool gql_tref_is_subtype(const struct gql_schema *s, const struct gql_tref *sub, const struct gql_tref *super);

/* The directive of that name in a list, or NULL; its argument's value, or NULL. */
const struct gql_directive *gql_directive_find(const struct gql_directive_list *list, struct str name);
const struct gql_value *gql_directive_arg(const struct gql_directive *d, struct str name);
/* Is there @deprecated, and why? */
bool gql_deprecated(const struct gql_directive_list *list, struct str *reason);
/* Non-null and without a default: leaving it out is an error. */
bool gql_input_required(const struct gql_input *input);
/* May a value of the type be given by a client? */
static inline bool gql_type_is_input(const struct gql_type *t)
{
    return t->kind == GQL_SCALAR || t->kind == GQL_ENUM_TYPE || t->kind == GQL_INPUT_OBJECT;
}

/* The schema as SDL: what graphql-js printSchema() gives, plus the applied directives when `with_directives`. */
void gql_schema_print(struct buf *out, const struct gql_schema *s, bool with_directives);

#endif
