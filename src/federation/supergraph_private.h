/* The parts of supergraph_load(). */
#ifndef PAINTBOX_FEDERATION_SUPERGRAPH_PRIVATE_H
#define PAINTBOX_FEDERATION_SUPERGRAPH_PRIVATE_H

#include "federation/supergraph.h"

#define SUPERGRAPH_ERROR STR("INVALID_FEDERATION_SUPERGRAPH")

/* The names that directives of linked features have here; .p NULL when a feature is not linked. */
struct sg_names {
    struct str inaccessible, authenticated, requires_scopes, policy, context;
};

/* A linked feature: its elements are called PREFIX__name, or as its imports say. */
struct sg_feature {
    struct str prefix;
    const struct gql_value *imports; /* NULL without */
};

struct sg_loader {
    struct supergraph *s;
    struct arena *a;       /* the supergraph's */
    struct arena *scratch; /* of errors */
    const struct gql_document *doc;
    struct sg_names names;
    VEC(struct sg_feature) features;
    struct map graph_by_enum; /* → struct sg_subgraph */
    VEC(struct sg_label) labels;
    VEC(struct sg_context) contexts;
    struct gql_errors *errors;
    bool defer;
};

void sg_fail(struct sg_loader *l, struct gql_loc loc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* supergraph_link.c: which features the document links and under which names. */
void sg_load_links(struct sg_loader *l);
/* Is it a type, or a directive, of the machinery? */
bool sg_is_machinery_type(struct str name);
bool sg_is_machinery_directive(const struct sg_loader *l, struct str name);
/* Does it belong to any linked feature, a custom one too? Clients see none of these. */
bool sg_is_feature_element(const struct sg_loader *l, bool directive, struct str name);

/* supergraph_api.c: documents without the machinery; for clients also without what is inaccessible. */
const struct gql_document *sg_document_full(struct sg_loader *l);
const struct gql_document *sg_document_api(struct sg_loader *l);

/* supergraph_joins.c: who resolves what. */
void sg_load_subgraphs(struct sg_loader *l);
void sg_load_types(struct sg_loader *l);

/* supergraph_context.c: types that set contexts, before the fields that use them. */
void sg_load_contexts(struct sg_loader *l);
void sg_load_context_args(struct sg_loader *l, const struct gql_directive *join, struct sg_field_join *out);

/* supergraph_auth.c: what a caller must show for a field. */
void sg_load_auth(struct sg_loader *l);

struct str sg_string_arg(const struct gql_directive *d, struct str name); /* .p NULL when absent */
bool sg_bool_arg(const struct gql_directive *d, struct str name, bool otherwise);

#endif
