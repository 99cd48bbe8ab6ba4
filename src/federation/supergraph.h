/* A supergraph that can be asked: which subgraph resolves which field, and how to get there.
 *
 * supergraph_load() reads Apollo's supergraph format (specs `link` v1.0, `join` v0.1–v0.5, `inaccessible`, `tag`,
 * `authenticated`, `requiresScopes`, `policy`, `cost`, `context`, `cacheTag`), from our composer or anybody else's. The
 * result is immutable, lives in one arena and is read by all threads; supergraph_ref/unref count its users.
 *
 * Two schemas: `full` has everything that fetches may need, inaccessible elements too; `api` is what clients see. Both
 * are without the machinery (join__*, link__*, the core directives' definitions). Type ids in this header and in plans
 * are those of `full`.
 */
#ifndef PAINTBOX_FEDERATION_SUPERGRAPH_H
#define PAINTBOX_FEDERATION_SUPERGRAPH_H

#include "graphql/schema.h"

struct sg_subgraph {
    uint32_t id;
    struct str name;      /* as in @join__graph(name:) */
    struct str enum_name; /* value of join__Graph */
    struct str url;
};

/* One @key of a type in one subgraph. */
struct sg_key {
    uint32_t subgraph;
    struct str text;                  /* as written */
    struct gql_selection_set *fields;
    bool resolvable;
};

/* An argument that the subgraph gets from an object above (@fromContext). It is no argument of the supergraph's field. */
struct sg_context_arg {
    struct str name;
    struct str type;    /* in the subgraph, as written */
    uint32_t context;   /* index into supergraph.contexts */
    struct str text;    /* of the selection */
    struct gql_selection_set *selection; /* on the object that sets the context: one way down to one leaf for each of its types */
};

/* How one subgraph knows a field. */
struct sg_field_join {
    uint32_t subgraph;
    bool external;        /* known for keys, @requires or @provides only: not resolvable here */
    bool key_external;    /* external but part of a key of this subgraph (Federation 1 style): readable with the key */
    bool overridden;      /* taken over by another subgraph (usedOverridden): readable as external only */
    struct gql_selection_set *requires; /* NULL without */
    struct gql_selection_set *provides; /* NULL without */
    const struct gql_tref *type;        /* the field's type in this subgraph */
    struct sg_context_arg *contexts;
    uint32_t n_contexts;
    struct str override_from; /* .p NULL without */
    int label; /* of a progressive @override, index into supergraph.labels, or -1. On both sides: with override_from the
                * field is resolved here while the label is on, without it while it is off. */
};

struct sg_field {
    const struct gql_field *field; /* of `full` */
    struct sg_field_join *joins;   /* one for each subgraph that knows the field */
    uint32_t n_joins;
    bool inaccessible;
    int auth; /* index into supergraph.auth of what is required for this field (own and its type's together), or -1 */
};

struct sg_type {
    const struct gql_type *type; /* of `full` */
    struct bits *subgraphs;      /* where the type exists */
    struct bits *interface_object; /* subgraphs where this interface is an @interfaceObject */
    struct sg_key *keys;         /* of all subgraphs, in order of subgraphs and source */
    uint32_t n_keys;
    struct sg_field *fields;     /* parallel to type->fields; NULL for types without fields */
    /* per subgraph id: runtime types this interface or union can have there (bits by type id), else NULL */
    struct bits **possible_in;
    bool inaccessible;
};

/* What a caller must show: signed in, and for each of `all` one alternative whose scopes it has entirely. */
struct sg_scope_set {
    struct str *scopes;
    uint32_t n;
};
struct sg_auth {
    bool authenticated;
    struct sg_scope_set *any_of; /* @requiresScopes, disjunctive normal form; n_any_of 0: none needed */
    uint32_t n_any_of;
    struct sg_scope_set *policies_any_of;
    uint32_t n_policies_any_of;
};

/* @context: objects of these types set it for all that is below them. */
struct sg_context {
    struct str name;    /* `subgraph__name` */
    struct bits *types; /* runtime types (ids of `full`) */
};

/* The label of progressive @overrides. */
struct sg_label {
    struct str text;
    double percent; /* of percent(N); below 0: a name, on or off as the configuration says */
};

struct supergraph {
    struct arena *arena;
    int refs;
    struct str sdl;
    struct gql_schema *full, *api;
    struct sg_subgraph *subgraphs;
    uint32_t n_subgraphs;
    struct sg_type *types; /* by type id of `full` */
    struct sg_auth *auth;  /* distinct requirements */
    uint32_t n_auth;
    struct sg_context *contexts;
    uint32_t n_contexts;
    struct sg_label *labels; /* distinct */
    uint32_t n_labels;
    uint64_t id; /* unique per load in this process; part of cache keys */
};

/* One reference for the caller. NULL with errors: what is missing or malformed, with line and column. Code
 * INVALID_FEDERATION_SUPERGRAPH or UNSUPPORTED_LINKED_FEATURE (a feature marked for: SECURITY or EXECUTION that is not
 * known). */
struct supergraph *supergraph_load(struct str sdl, struct arena *error_arena, struct gql_errors *errors);
struct supergraph_options {
    bool defer; /* `api` has the directive @defer, unless the supergraph defines one */
};
struct supergraph *supergraph_load_with(struct str sdl, const struct supergraph_options *options,
                                        struct arena *error_arena, struct gql_errors *errors);
struct supergraph *supergraph_ref(struct supergraph *s); /* atomic */
void supergraph_unref(struct supergraph **s);

/* The API schema as SDL. */
void supergraph_print_api(struct buf *out, const struct supergraph *s);

const struct sg_field *supergraph_field(const struct supergraph *s, const struct gql_field *field_of_full);
const struct sg_field_join *sg_field_in(const struct sg_field *f, uint32_t subgraph); /* NULL when it is not there */

/* Do both ask the same of a caller? */
bool sg_auth_equal(const struct sg_auth *a, const struct sg_auth *b);

#endif
