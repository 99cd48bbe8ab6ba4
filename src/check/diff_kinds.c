#include "check/diff_private.h"

#include "base/panic.h"

struct kind {
    struct change_about about;
    enum change_level level; /* as a rule */
};

#define DEPRECATE "deprecate it first, and remove it when no client uses it any more"
#define KEEP "keep it until no client uses it any more"
#define LOOK "make sure that clients can live with it"

#define K(kind, level, title, advice) [kind] = {{#kind, title, advice, false}, CHANGE_##level}
#define TEXT(kind, title) [kind] = {{#kind, title, NULL, true}, CHANGE_SAFE}
#define USAGE(kind, what)                                                                                 \
    [kind##_ADDED] = {{#kind "_ADDED", "A directive was added to " what, LOOK, false}, CHANGE_DANGEROUS}, \
    [kind##_REMOVED] = {{#kind "_REMOVED", "A directive was removed from " what, LOOK, false}, CHANGE_DANGEROUS}

static const struct kind KINDS[CHANGE_KINDS] = {
    K(TYPE_ADDED, SAFE, "A type was added", NULL),
    K(TYPE_REMOVED, BREAKING, "A type was removed", KEEP),
    K(TYPE_KIND_CHANGED, BREAKING, "A type became another kind of type", "give the new type a name of its own"),
    TEXT(TYPE_DESCRIPTION_ADDED, "A type got a description"),
    TEXT(TYPE_DESCRIPTION_REMOVED, "A type lost its description"),
    TEXT(TYPE_DESCRIPTION_CHANGED, "The description of a type was changed"),
    K(SCHEMA_QUERY_TYPE_CHANGED, BREAKING, "The query root type was changed", KEEP),
    K(SCHEMA_MUTATION_TYPE_CHANGED, BREAKING, "The mutation root type was changed", KEEP),
    K(SCHEMA_SUBSCRIPTION_TYPE_CHANGED, BREAKING, "The subscription root type was changed", KEEP),
    K(OBJECT_TYPE_INTERFACE_ADDED, DANGEROUS, "A type implements one more interface",
      "make sure that clients can live with one more type behind the interface"),
    K(OBJECT_TYPE_INTERFACE_REMOVED, BREAKING, "A type no longer implements an interface", KEEP),
    K(UNION_MEMBER_ADDED, DANGEROUS, "A union has one more member",
      "make sure that clients can live with one more type in the union"),
    K(UNION_MEMBER_REMOVED, BREAKING, "A union lost a member", KEEP),
    K(FIELD_ADDED, SAFE, "A field was added", NULL),
    K(FIELD_REMOVED, BREAKING, "A field was removed", DEPRECATE),
    K(FIELD_TYPE_CHANGED, BREAKING, "The type of a field was changed", "add a field of the new type beside it"),
    TEXT(FIELD_DESCRIPTION_ADDED, "A field got a description"),
    TEXT(FIELD_DESCRIPTION_REMOVED, "A field lost its description"),
    TEXT(FIELD_DESCRIPTION_CHANGED, "The description of a field was changed"),
    K(FIELD_DEPRECATION_ADDED, SAFE, "A field was deprecated", NULL),
    K(FIELD_DEPRECATION_REMOVED, SAFE, "A field is no longer deprecated", NULL),
    K(FIELD_DEPRECATION_REASON_ADDED, SAFE, "The deprecation of a field got a reason", NULL),
    K(FIELD_DEPRECATION_REASON_REMOVED, SAFE, "The deprecation of a field lost its reason", NULL),
    K(FIELD_DEPRECATION_REASON_CHANGED, SAFE, "The reason of a field's deprecation was changed", NULL),
    K(FIELD_ARGUMENT_ADDED, DANGEROUS, "An argument was added", "make it optional, or give it a default"),
    K(FIELD_ARGUMENT_REMOVED, BREAKING, "An argument was removed", DEPRECATE),
    K(FIELD_ARGUMENT_TYPE_CHANGED, BREAKING, "The type of an argument was changed",
      "add an optional argument of the new type beside it"),
    K(FIELD_ARGUMENT_DEFAULT_CHANGED, DANGEROUS, "The default of an argument was changed",
      "make sure that clients that leave it out can live with the new default"),
    TEXT(FIELD_ARGUMENT_DESCRIPTION_CHANGED, "The description of an argument was changed"),
    K(ENUM_VALUE_ADDED, DANGEROUS, "An enum has one more value",
      "make sure that clients can live with a value that they do not know"),
    K(ENUM_VALUE_REMOVED, BREAKING, "An enum lost a value", DEPRECATE),
    TEXT(ENUM_VALUE_DESCRIPTION_CHANGED, "The description of an enum value was changed"),
    K(ENUM_VALUE_DEPRECATION_REASON_ADDED, SAFE, "An enum value was deprecated, or its deprecation got a reason", NULL),
    K(ENUM_VALUE_DEPRECATION_REASON_REMOVED, SAFE,
      "An enum value is no longer deprecated, or its deprecation lost its reason", NULL),
    K(ENUM_VALUE_DEPRECATION_REASON_CHANGED, SAFE, "The reason of an enum value's deprecation was changed", NULL),
    K(INPUT_FIELD_ADDED, SAFE, "An input field was added", "make it optional"),
    K(INPUT_FIELD_REMOVED, BREAKING, "An input field was removed", DEPRECATE),
    K(INPUT_FIELD_TYPE_CHANGED, BREAKING, "The type of an input field was changed",
      "add an optional input field of the new type beside it"),
    K(INPUT_FIELD_DEFAULT_VALUE_CHANGED, DANGEROUS, "The default of an input field was changed",
      "make sure that clients that leave it out can live with the new default"),
    TEXT(INPUT_FIELD_DESCRIPTION_ADDED, "An input field got a description"),
    TEXT(INPUT_FIELD_DESCRIPTION_REMOVED, "An input field lost its description"),
    TEXT(INPUT_FIELD_DESCRIPTION_CHANGED, "The description of an input field was changed"),
    K(DIRECTIVE_ADDED, SAFE, "A directive was added", NULL),
    K(DIRECTIVE_REMOVED, BREAKING, "A directive was removed", KEEP),
    TEXT(DIRECTIVE_DESCRIPTION_CHANGED, "The description of a directive was changed"),
    K(DIRECTIVE_REPEATABLE_ADDED, SAFE, "A directive became repeatable", NULL),
    K(DIRECTIVE_REPEATABLE_REMOVED, DANGEROUS, "A directive is no longer repeatable", KEEP),
    K(DIRECTIVE_LOCATION_ADDED, SAFE, "A directive can stand in one more place", NULL),
    K(DIRECTIVE_LOCATION_REMOVED, BREAKING, "A directive can stand in one place less", KEEP),
    K(DIRECTIVE_ARGUMENT_ADDED, SAFE, "An argument of a directive was added", "make it optional"),
    K(DIRECTIVE_ARGUMENT_REMOVED, BREAKING, "An argument of a directive was removed", KEEP),
    K(DIRECTIVE_ARGUMENT_TYPE_CHANGED, BREAKING, "The type of a directive's argument was changed",
      "add an optional argument of the new type beside it"),
    K(DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED, DANGEROUS, "The default of a directive's argument was changed",
      "make sure that clients that leave it out can live with the new default"),
    TEXT(DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED, "The description of a directive's argument was changed"),
    USAGE(DIRECTIVE_USAGE_SCHEMA, "the schema"),
    USAGE(DIRECTIVE_USAGE_SCALAR, "a scalar"),
    USAGE(DIRECTIVE_USAGE_OBJECT, "an object type"),
    USAGE(DIRECTIVE_USAGE_INTERFACE, "an interface"),
    USAGE(DIRECTIVE_USAGE_UNION_MEMBER, "a union"),
    USAGE(DIRECTIVE_USAGE_ENUM, "an enum"),
    USAGE(DIRECTIVE_USAGE_INPUT_OBJECT, "an input object"),
    USAGE(DIRECTIVE_USAGE_FIELD_DEFINITION, "a field"),
    USAGE(DIRECTIVE_USAGE_ARGUMENT_DEFINITION, "an argument"),
    USAGE(DIRECTIVE_USAGE_ENUM_VALUE, "an enum value"),
    USAGE(DIRECTIVE_USAGE_INPUT_FIELD_DEFINITION, "an input field"),
    K(DIRECTIVE_USAGE_ARGUMENT_ADDED, SAFE, "An applied directive has one more argument", NULL),
    K(DIRECTIVE_USAGE_ARGUMENT_REMOVED, DANGEROUS, "An applied directive lost or changed an argument", LOOK),
};

const struct change_about *change_about(enum change_kind kind)
{
    PB_ASSERT(kind < CHANGE_KINDS && KINDS[kind].about.name);
    return &KINDS[kind].about;
}

enum change_level change_usual_level(enum change_kind kind)
{
    PB_ASSERT(kind < CHANGE_KINDS);
    return KINDS[kind].level;
}

const char *change_level_name(enum change_level level)
{
    static const char *const NAMES[] = {
        [CHANGE_SAFE] = "SAFE", [CHANGE_DANGEROUS] = "DANGEROUS", [CHANGE_BREAKING] = "BREAKING"};
    return NAMES[level];
}
