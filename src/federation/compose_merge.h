/* Merging: checked Federation 2 subgraphs → one supergraph. Private to composition.
 *
 * The order matters, because later steps ask what earlier ones have made: features, empty types and directives,
 * `implements`, unions, roots, scalars, inputs, interfaces, objects, directive definitions, enums (their merge depends
 * on where they are used), then the directives applied to all of these.
 */
#ifndef PAINTBOX_FEDERATION_COMPOSE_MERGE_H
#define PAINTBOX_FEDERATION_COMPOSE_MERGE_H

#include "federation/compose_msg.h"
#include "federation/compose_spec.h"

/* A directive that is carried into the supergraph. */
struct merged_directive {
    struct str name;                        /* in the supergraph */
    const struct spec_directive *spec;      /* NULL: a custom one, by @composeDirective */
    struct bits *composed_by;               /* custom: the subgraphs that ask for it */
    struct fed_subgraph *defined_by;        /* custom: whose definition is taken … */
    const struct fed_directive *definition; /* … and it, perhaps under another name */
};

/* Directives that wait until all elements exist. */
struct source_vec VEC_BODY(struct source);

struct pending_applied {
    struct sources sources;
    struct source_vec *extra[3]; /* more sources for the directives of access control; NULL without */
    struct fed_elem *dest;
};

/* Where an enum is used; one example of each for messages. */
struct enum_use {
    bool input, output;
    struct str input_example, output_example;
};

/* What @override makes of one source of a field. */
struct override_state {
    bool used_overridden;   /* taken over by another subgraph, still needed here for keys and the like */
    bool unused_overridden; /* taken over and of no use any more */
    bool unknown_target;    /* overrides from a subgraph that does not exist */
    struct str label;
};

struct merge {
    struct arena *a;
    struct messages *m;
    struct fed_subgraph *sg;
    uint32_t n;
    struct fed_schema *out;
    struct link_version version;   /* the highest federation version in use */
    struct link_features features; /* of the supergraph, without link and join */
    struct fed_name_vec purposes;  /* parallel to features; .p NULL without one */
    struct map directives;         /* name → struct merged_directive */
    struct str inaccessible;       /* name of that directive in the supergraph; .p NULL when it is not used */
    const struct map *hidden_why;  /* of a contract: coordinate of what it hides → struct str; NULL in composition */
    struct str auth_name[3];       /* authenticated, requiresScopes, policy */
    struct map auth_extra[3];      /* coordinate → struct source_vec: what interfaces take from their types */
    VEC(struct pending_applied) pending;
    struct map enum_uses;
    struct map override_fields; /* coordinates with @override somewhere */
    struct map context_fields;  /* coordinates with @fromContext somewhere */
};

static inline struct where in_supergraph(const struct fed_elem *e)
{
    return (struct where){NULL, e, {0}};
}
static inline uint32_t join_minor(const struct merge *mg)
{
    return mg->version.minor >= 8 ? 5 : mg->version.minor >= 7 ? 4 : 3;
}

/* ---- compose_features.c ---- */
void merge_features(struct merge *mg);
/* Is that application on an element of `sg` carried into the supergraph? */
bool merge_is_merged(const struct merge *mg, const struct fed_subgraph *sg, struct str directive);

/* ---- compose_alias.c ---- */
/* Gives each feature of the supergraph a prefix that nothing else has. */
void merge_choose_prefixes(struct merge *mg);

/* ---- compose_merge.c ---- */
/* NULL when errors were reported. */
struct fed_schema *merge_subgraphs(struct merge *mg);
struct sources merge_type_sources(const struct merge *mg, const struct fed_type *dest);
struct source *merge_source_of(const struct sources *s, const struct fed_subgraph *sg);
void merge_description(struct merge *mg, const struct sources *s, struct fed_elem *dest);
void merge_join_arg(struct merge *mg, struct fed_applied *d, const char *name, enum gql_value_kind kind,
                    struct str text);
struct fed_applied *merge_join(struct merge *mg, struct fed_elem *e, const char *directive,
                               const struct fed_subgraph *sg);

/* ---- compose_merge_field.c ---- */
void merge_object(struct merge *mg, const struct sources *types, struct fed_type *dest);
void merge_interface(struct merge *mg, const struct sources *types, struct fed_type *dest);
/* One source for each subgraph that has the parent (or stands in for it with an interface object). */
struct sources merge_field_sources(struct merge *mg, const struct fed_type *dest, struct str name);
/* Fields of interface objects that stand for this field in that subgraph. */
void merge_abstracting_fields(const struct merge *mg, const struct fed_field *dest, const struct fed_subgraph *sg,
                              struct fed_field_vec *out);
bool merge_provided_by_interface_object(const struct merge *mg, struct str interface, struct str field);
void merge_interface_object_fields(struct merge *mg);

/* ---- compose_merge_ref.c: types, arguments and defaults ---- */
const struct gql_type_ref *source_type(const struct source *s);
bool merge_is_strict_subtype(const struct merge *mg, const struct gql_type_ref *super, const struct gql_type_ref *sub);
/* Decides the type of `dest` (a field or an input). True when all sources have the same. */
bool merge_type_ref(struct merge *mg, const struct sources *s, struct fed_elem *dest, bool input);
void merge_default(struct merge *mg, const struct sources *s, struct fed_input *dest);
void merge_arguments(struct merge *mg, const struct sources *s, struct fed_elem *dest);
struct sources merge_arg_sources(struct merge *mg, const struct sources *s, struct str name);

/* ---- compose_override.c, compose_sharing.c ---- */
struct override_state *merge_override(struct merge *mg, const struct sources *s, struct fed_field *dest);
void merge_check_sharing(struct merge *mg, const struct sources *s, struct fed_field *dest,
                         const struct override_state *ov);
void merge_check_external(struct merge *mg, const struct sources *s, struct fed_field *dest, bool all_equal);

/* ---- compose_merge_type.c: unions, enums, inputs ---- */
void merge_union(struct merge *mg, const struct sources *types, struct fed_type *dest);
void merge_enum(struct merge *mg, const struct sources *types, struct fed_type *dest);
void merge_input(struct merge *mg, const struct sources *types, struct fed_type *dest);

/* ---- compose_merge_directive.c ---- */
void merge_directive_definitions(struct merge *mg);
/* Notes the directives of the sources for later; @inaccessible is merged at once, since merging asks for it. */
void merge_applied_later(struct merge *mg, const struct sources *s, struct fed_elem *dest);
void merge_applied_pending(struct merge *mg);
/* Directives that are only noted for the router, as @join__directive. */
void merge_join_directives(struct merge *mg, const struct sources *s, struct fed_elem *dest);

/* ---- compose_guard.c ---- */
/* What interfaces are guarded by: the requirements of the types that implement them. */
void merge_collect_auth(struct merge *mg);
/* Scopes or policies, `[[String]]`: any of the lists, entirely. All of `values` together; n ≥ 1. NULL when the
 * alternatives are too many to be written down. */
struct gql_value *dnf_and(struct arena *a, struct gql_value *const *values, size_t n);
/* Does whoever has `have` have `need` too? NULL: nothing. */
bool dnf_implies(struct arena *a, const struct gql_value *have, const struct gql_value *need);
bool merge_is_inaccessible(const struct merge *mg, const struct fed_elem *e);
void merge_copy_applied(struct merge *mg, const struct fed_elem *from, struct fed_elem *to);

/* ---- after merging ---- */
void merge_check_interfaces(struct merge *mg);
void merge_check_requires(struct merge *mg);
void merge_check_auth(struct merge *mg);         /* compose_auth.c */
void merge_check_inaccessible(struct merge *mg); /* compose_inaccessible.c */

/* ---- compose_join.c ---- */
struct str merge_print(struct merge *mg);

#endif
