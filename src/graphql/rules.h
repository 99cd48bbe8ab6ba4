/* The rules for operations; private to the room. validate.c walks the document once and calls them, each group of
 * rules in a file of its own. The messages and positions are those of graphql-js. */
#ifndef PAINTBOX_GRAPHQL_RULES_H
#define PAINTBOX_GRAPHQL_RULES_H

#include "base/panic.h"
#include "graphql/names.h"
#include "graphql/validate.h"

/* A variable where it is used. */
struct gql_usage {
    struct str name;
    struct gql_loc loc;
    const struct gql_tref *type;   /* of the place; NULL: the place is not known */
    const struct gql_type *object; /* the input object whose field it is, or NULL */
    bool has_default;              /* the place has one */
};

struct gql_selection_vec VEC_BODY(const struct gql_selection *);

/* What the walk learns of an operation or a fragment. */
struct gql_part {
    const struct gql_definition *def;
    VEC(struct gql_usage) usages;
    struct gql_selection_vec spreads; /* in the order in which graphql-js meets them */
    bool has_spreads;                 /* `spreads` is filled */
    bool used;                        /* FRAGMENT: an operation reaches it */
    uint32_t mark;                    /* for walks over fragments: the walk that was here */
    bool root_checked, subscription_checked; /* FRAGMENT: nothing is deferred there that may not be */
};

struct gql_part_vec VEC_BODY(struct gql_part *);

struct gql_overlap;

struct gql_validation {
    struct arena *a;
    const struct gql_schema *s;
    const struct gql_document *doc;
    struct gql_errors *errors;
    size_t errors_before;
    bool stopped; /* enough errors */
    struct gql_part *parts; /* by definition */
    struct map fragments;   /* → struct gql_part; of two with one name the last */
    uint32_t marks;
    struct map labels; /* of @defer and @stream → struct gql_directive */
    struct gql_overlap *overlap;
};

/* Where the walk is. */
struct gql_place {
    struct gql_part *part;
    const struct gql_type *parent; /* the composite type around a selection; NULL: not known */
    const struct gql_field *field; /* the field at hand or the one around; NULL: none or not known */
    bool introspected;             /* inside a __schema or __type that is too deep already */
};

#define GQL_AT(...) ((struct gql_loc[]){__VA_ARGS__})
#define GQL_REPORT(v, places, ...) gql_rule_report((v), (places), PB_ARRAY_LEN(places), __VA_ARGS__)

void gql_rule_report(struct gql_validation *v, const struct gql_loc *locs, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "There can be only one WHAT named …" for each name that is in the list twice. */
void gql_rule_unique(struct gql_validation *v, struct gql_name_list list, struct str before);

/* A type that operations may name: built-in scalars that the schema does not use are not known to them. */
struct gql_type *gql_rule_type(const struct gql_validation *v, struct str name);
/* NULL when a name in it is not known. */
struct gql_tref *gql_rule_type_ref(struct gql_validation *v, const struct gql_type_ref *ref);
void gql_rule_known_type(struct gql_validation *v, struct str name, struct gql_loc loc);

/* The spreads of a definition, and the fragments that it reaches. */
const struct gql_selection_vec *gql_rule_spreads(struct gql_validation *v, struct gql_part *part);
void gql_rule_reached(struct gql_validation *v, struct gql_part *from, struct gql_part_vec *out);

/* validate_operations.c */
void gql_rule_definitions(struct gql_validation *v);
void gql_rule_subscription(struct gql_validation *v, struct gql_part *part);

/* validate_fields.c */
void gql_rule_field(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel);
bool gql_rule_introspection_depth(struct gql_validation *v, const struct gql_selection *sel);

/* validate_fragments.c */
void gql_rule_fragment(struct gql_validation *v, struct gql_part *part);
void gql_rule_spread(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel);
void gql_rule_inline_fragment(struct gql_validation *v, const struct gql_place *at, const struct gql_selection *sel,
                              const struct gql_type *on);
void gql_rule_fragments(struct gql_validation *v);

/* validate_values.c */
void gql_rule_arguments(struct gql_validation *v, const struct gql_place *at, const struct gql_input *defs,
                        uint32_t n_defs, const struct gql_argument *args, uint32_t n);
void gql_rule_const(struct gql_validation *v, const struct gql_value *value, const struct gql_tref *type);
void gql_rule_directives(struct gql_validation *v, const struct gql_place *at, const struct gql_directive_list *list,
                         enum gql_directive_location where);
void gql_rule_required_args(struct gql_validation *v, struct str owner, const struct gql_input *defs, uint32_t n_defs,
                            const struct gql_argument *args, uint32_t n, struct gql_loc loc);

/* validate_incremental.c */
void gql_rule_label(struct gql_validation *v, const struct gql_directive *d);
void gql_rule_incremental(struct gql_validation *v, struct gql_part *part);

/* validate_variables.c */
void gql_rule_variable_definitions(struct gql_validation *v, struct gql_part *part);
void gql_rule_variables(struct gql_validation *v, struct gql_part *part);

/* validate_overlap.c */
void gql_rule_overlap(struct gql_validation *v, const struct gql_type *parent, const struct gql_selection_set *set);

#endif
