/* @link: which features a schema uses, and under which names.
 *
 * A feature is named by a URL whose path ends in NAME/vMAJOR.MINOR; the part before the version is its identity. Its
 * elements are called NAME__element in the schema (and a directive with the feature's own name just NAME), `as:` gives
 * another prefix, `import:` gives names without prefix. Source: https://specs.apollo.dev/link/v1.0.
 */
#ifndef PAINTBOX_FEDERATION_COMPOSE_LINK_H
#define PAINTBOX_FEDERATION_COMPOSE_LINK_H

#include "base/vec.h"
#include "graphql/ast.h"

struct link_version {
    uint32_t major, minor;
};

struct link_import {
    struct str name; /* in the feature; directives begin with @ */
    struct str as;   /* in the schema; same form */
};

struct link_feature {
    struct str identity; /* https://specs.apollo.dev/federation */
    struct str name;     /* federation */
    struct link_version version;
    struct str alias; /* the prefix in this schema */
    struct gql_loc loc;
    VEC(struct link_import) imports;
};

struct link_features VEC_BODY(struct link_feature *);

#define LINK_SPEC_PREFIX "https://specs.apollo.dev/"

struct link_url {
    struct str identity, name;
    struct link_version version;
};

int link_version_cmp(struct link_version a, struct link_version b);
bool link_version_parse(struct str text, struct link_version *out);

/* False with *problem: what is wrong with the URL. */
bool link_url_parse(struct arena *a, struct str url, struct link_url *out, const char **problem);

struct link_feature *link_find(const struct link_features *links, struct str identity);
/* The feature of the apollo spec `name`. */
struct link_feature *link_find_spec(const struct link_features *links, struct str name);

/* Names of a feature's elements in the schema, without @. */
struct str link_directive_name(struct arena *a, const struct link_feature *f, struct str name);
struct str link_type_name(struct arena *a, const struct link_feature *f, struct str name);

/* The feature a directive or type of the schema comes from, or NULL. `*name_in_feature` is .p NULL when the element has
 * a feature's prefix but was imported under another name. */
struct link_feature *link_source(const struct link_features *links, bool directive, struct str name,
                                 struct str *name_in_feature);

struct fed_directive;
struct fed_schema;
struct fed_subgraph;
struct messages;
/* The schema's own definition of @link, if it links that itself by it: it counts, whatever else it has.
 * Otherwise NULL. */
const struct fed_directive *link_own_definition(const struct fed_schema *s);
/* Reads the @link applications on the schema of `sg`, reports what is wrong with them, fills sg->links. */
void link_read(struct fed_subgraph *sg, struct messages *m);
/* Is an element of a feature used by its own name although it is imported under another one? */
void link_check_shadowed(struct fed_subgraph *sg, struct messages *m);
/* Does `f`, one of sg->links that the schema did not write itself, take names that the others have, and can its
 * elements be imported? */
void link_check_added(struct fed_subgraph *sg, struct messages *m, struct link_feature *f);

#endif
