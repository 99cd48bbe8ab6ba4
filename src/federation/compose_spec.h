/* What the specifications define: the directives and types of each version of each feature of https://specs.apollo.dev,
 * as composition needs them. Facts of the published specifications, in one table. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_SPEC_H
#define PAINTBOX_FEDERATION_COMPOSE_SPEC_H

#include "federation/compose_model.h"
#include "graphql/suggest.h"

#define FED_VERSION_LATEST ((struct link_version){2, 14})
/* What a Federation 1 schema becomes. */
#define FED_VERSION_UPGRADE ((struct link_version){2, 4})

/* How values of one argument of a directive that may stand once are merged. */
enum spec_merge {
    SPEC_MERGE_NONE,
    SPEC_MERGE_MAX,
    SPEC_MERGE_NULLABLE_MAX,
    SPEC_MERGE_NULLABLE_UNION,
    SPEC_MERGE_NULLABLE_AND,
    SPEC_MERGE_DNF
};

struct spec_arg {
    const char *name;
    const char *type; /* names of the feature's own types are written $Type */
    const char *default_value;
    enum spec_merge merge;
};

struct spec_directive {
    enum fed_dir id;
    const char *name;
    struct link_version since; /* federation version */
    bool repeatable;
    const char *locations;
    struct spec_arg args[5];
    /* The feature of the supergraph that carries it; NULL: not composed. */
    const char *feature;
    struct link_version feature_version;
    const char *purpose; /* SECURITY, EXECUTION or NULL */
};

const struct spec_directive *spec_directive(enum fed_dir id);
const struct spec_directive *spec_directive_named(struct str feature, struct str name);
/* Is the directive part of that version of the feature (`federation` itself or one of its parts)? */
bool spec_has(const struct link_feature *f, const struct spec_directive *d);

bool spec_federation_known(struct link_version v);
/* Names that can be imported, directives with @. False when the feature (or its version) is not known here. */
bool spec_elements(struct arena *a, const struct link_feature *f, struct str_vec *names);
/* The federation version a feature asks for at least; {0,0} when none. */
struct link_version spec_minimum_federation(const struct link_feature *f);

/* The connectors: definitions for the router, which are not merged. As SDL in which $Type and @directive are the names
 * of the feature; NULL at the end. */
bool spec_is_connect(const struct link_feature *f);
const char *const *spec_connect_definitions(void);

/* Appends the definition of a directive as SDL: its name, and the names of its feature's types, are those of this
 * schema. */
void spec_write_directive(struct buf *out, struct arena *a, const struct spec_directive *d, struct str name,
                          const struct link_feature *f, struct link_version federation);
/* The scalars of a feature. */
void spec_scalars(struct arena *a, const struct link_feature *f, struct str_vec *names);
/* Appends their definitions, but for those that exist. */
void spec_write_types(struct buf *out, struct arena *a, const struct link_feature *f,
                      const struct fed_schema *existing);

#endif
