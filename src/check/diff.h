/* What has changed between two type systems, and what it means for clients.
 *
 *     struct change_vec changes = diff_schemas(arena, old, new);
 *     for (size_t i = 0; i < changes.n; i++) changes.v[i].level, .coordinate, .message
 *
 * The kinds of change and their levels are those of @graphql-inspector/core 8, the oracle of the tests;
 * docs/check.md lists where we decide otherwise and why. Both schemas must live as long as the changes. Built-in
 * scalars, the directives that every schema has, and introspection are not compared.
 */
#ifndef PAINTBOX_CHECK_DIFF_H
#define PAINTBOX_CHECK_DIFF_H

#include "graphql/schema.h"

/* SAFE: no client can notice, or only as it likes. DANGEROUS: every operation stays valid, but answers may be what
 * a client did not expect. BREAKING: operations may stop to work. */
enum change_level { CHANGE_SAFE, CHANGE_DANGEROUS, CHANGE_BREAKING };

enum change_kind {
    TYPE_ADDED,
    TYPE_REMOVED,
    TYPE_KIND_CHANGED,
    TYPE_DESCRIPTION_ADDED,
    TYPE_DESCRIPTION_REMOVED,
    TYPE_DESCRIPTION_CHANGED,
    SCHEMA_QUERY_TYPE_CHANGED,
    SCHEMA_MUTATION_TYPE_CHANGED,
    SCHEMA_SUBSCRIPTION_TYPE_CHANGED,
    OBJECT_TYPE_INTERFACE_ADDED, /* of interfaces too */
    OBJECT_TYPE_INTERFACE_REMOVED,
    UNION_MEMBER_ADDED,
    UNION_MEMBER_REMOVED,
    FIELD_ADDED,
    FIELD_REMOVED,
    FIELD_TYPE_CHANGED,
    FIELD_DESCRIPTION_ADDED,
    FIELD_DESCRIPTION_REMOVED,
    FIELD_DESCRIPTION_CHANGED,
    FIELD_DEPRECATION_ADDED,
    FIELD_DEPRECATION_REMOVED,
    FIELD_DEPRECATION_REASON_ADDED, /* where the default reason stood */
    FIELD_DEPRECATION_REASON_REMOVED,
    FIELD_DEPRECATION_REASON_CHANGED,
    FIELD_ARGUMENT_ADDED,
    FIELD_ARGUMENT_REMOVED,
    FIELD_ARGUMENT_TYPE_CHANGED,
    FIELD_ARGUMENT_DEFAULT_CHANGED,
    FIELD_ARGUMENT_DESCRIPTION_CHANGED,
    ENUM_VALUE_ADDED,
    ENUM_VALUE_REMOVED,
    ENUM_VALUE_DESCRIPTION_CHANGED,
    ENUM_VALUE_DEPRECATION_REASON_ADDED,
    ENUM_VALUE_DEPRECATION_REASON_REMOVED,
    ENUM_VALUE_DEPRECATION_REASON_CHANGED,
    INPUT_FIELD_ADDED,
    INPUT_FIELD_REMOVED,
    INPUT_FIELD_TYPE_CHANGED,
    INPUT_FIELD_DEFAULT_VALUE_CHANGED,
    INPUT_FIELD_DESCRIPTION_ADDED,
    INPUT_FIELD_DESCRIPTION_REMOVED,
    INPUT_FIELD_DESCRIPTION_CHANGED,
    DIRECTIVE_ADDED,
    DIRECTIVE_REMOVED,
    DIRECTIVE_DESCRIPTION_CHANGED,
    DIRECTIVE_REPEATABLE_ADDED,
    DIRECTIVE_REPEATABLE_REMOVED,
    DIRECTIVE_LOCATION_ADDED,
    DIRECTIVE_LOCATION_REMOVED,
    DIRECTIVE_ARGUMENT_ADDED,
    DIRECTIVE_ARGUMENT_REMOVED,
    DIRECTIVE_ARGUMENT_TYPE_CHANGED,
    DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED,
    DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED,
    /* Directives applied to elements. Each ADDED is followed by its REMOVED. */
    DIRECTIVE_USAGE_SCHEMA_ADDED,
    DIRECTIVE_USAGE_SCHEMA_REMOVED,
    DIRECTIVE_USAGE_SCALAR_ADDED,
    DIRECTIVE_USAGE_SCALAR_REMOVED,
    DIRECTIVE_USAGE_OBJECT_ADDED,
    DIRECTIVE_USAGE_OBJECT_REMOVED,
    DIRECTIVE_USAGE_INTERFACE_ADDED,
    DIRECTIVE_USAGE_INTERFACE_REMOVED,
    DIRECTIVE_USAGE_UNION_MEMBER_ADDED, /* of the union */
    DIRECTIVE_USAGE_UNION_MEMBER_REMOVED,
    DIRECTIVE_USAGE_ENUM_ADDED,
    DIRECTIVE_USAGE_ENUM_REMOVED,
    DIRECTIVE_USAGE_INPUT_OBJECT_ADDED,
    DIRECTIVE_USAGE_INPUT_OBJECT_REMOVED,
    DIRECTIVE_USAGE_FIELD_DEFINITION_ADDED,
    DIRECTIVE_USAGE_FIELD_DEFINITION_REMOVED,
    DIRECTIVE_USAGE_ARGUMENT_DEFINITION_ADDED,
    DIRECTIVE_USAGE_ARGUMENT_DEFINITION_REMOVED,
    DIRECTIVE_USAGE_ENUM_VALUE_ADDED,
    DIRECTIVE_USAGE_ENUM_VALUE_REMOVED,
    DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_ADDED,
    DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION_REMOVED,
    DIRECTIVE_USAGE_ARGUMENT_ADDED, /* an argument of an applied directive; a new value is both */
    DIRECTIVE_USAGE_ARGUMENT_REMOVED,
    CHANGE_KINDS
};

struct change {
    enum change_kind kind;
    enum change_level level;
    struct str coordinate; /* Type, Type.field, Type.field(arg:), Enum.VALUE, @directive, @directive(arg:), "schema" */
    struct str message;    /* one sentence */

    /* The parts of the coordinate; .p NULL where there is none. */
    struct str type, member, argument, directive;
    /* What the change is about besides: the member type or interface, the location, `@applied` or `@applied(arg:)`. */
    struct str subject;
    /* A type that was changed, as it was and as it is: .p NULL when no type is concerned. */
    struct str was, is;

    bool implied;  /* part of a larger change that is listed too, such as a field of a new type */
    bool required; /* operations break that do not give the argument or input field */
    bool is_new;   /* `loc` is in the new schema's text, else in the old one's */
    struct gql_loc loc; /* line 0 when unknown */
};
struct change_vec VEC_BODY(struct change);

/* What is known of each kind, whatever the case at hand. */
struct change_about {
    const char *name;   /* "FIELD_REMOVED" */
    const char *title;  /* for a list of rules: "A field was removed" */
    const char *advice; /* what to do when it is not SAFE; NULL for kinds that always are */
    bool description;   /* concerns descriptions only */
};
const struct change_about *change_about(enum change_kind kind);
const char *change_level_name(enum change_level level); /* "BREAKING", "DANGEROUS", "SAFE" */

/* In the order of the schemas' definitions: directives, schema, types. */
struct change_vec diff_schemas(struct arena *a, const struct gql_schema *from, const struct gql_schema *to);

#endif
