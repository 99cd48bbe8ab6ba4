/* The type systems that composition works on: each subgraph's, and the supergraph that grows out of them.
 *
 * Unlike gql_schema this model may be changed: Federation 1 schemas are upgraded in place, roots are renamed, merged
 * elements are added and taken away again. Types are referred to by name (gql_type_ref), so an element of one schema
 * can be compared with one of another. Everything lives in the arena of the composition.
 *
 * Every element begins with a struct fed_elem, so that descriptions and directives are merged by one piece of code.
 */
#ifndef PAINTBOX_FEDERATION_COMPOSE_MODEL_H
#define PAINTBOX_FEDERATION_COMPOSE_MODEL_H

#include "base/map.h"
#include "federation/compose_link.h"
#include "graphql/parser.h"
#include "graphql/schema.h"

/* A directive on an element. `ext` tells the part it stands on: 0 the definition, k the k-th extension. */
struct fed_applied {
    struct str name;
    struct gql_argument *args;
    uint32_t n_args;
    struct gql_loc loc;
    uint32_t ext;
};
struct fed_applied_vec VEC_BODY(struct fed_applied);

enum fed_elem_kind {
    FED_ELEM_SCHEMA,
    FED_ELEM_TYPE,
    FED_ELEM_FIELD,
    FED_ELEM_INPUT,
    FED_ELEM_ENUM_VALUE,
    FED_ELEM_DIRECTIVE
};

struct fed_elem {
    enum fed_elem_kind elem_kind;
    struct str name;
    struct str description;
    bool has_description;
    bool removed; /* taken out of the supergraph again */
    struct gql_loc loc;
    struct fed_applied_vec applied;
};

struct fed_type;
struct fed_field;
struct fed_directive;

/* An argument (of `field` or of `directive`) or a field of the input object `parent`. */
struct fed_input {
    struct fed_elem e;
    struct fed_type *parent;
    struct fed_field *field;
    struct fed_directive *directive;
    const struct gql_type_ref *type;
    const struct gql_value *default_value;
};
struct fed_input_vec VEC_BODY(struct fed_input *);

struct fed_field {
    struct fed_elem e;
    struct fed_type *parent;
    const struct gql_type_ref *type;
    struct fed_input_vec args;
    uint32_t ext;
    /* Of a subgraph's field; filled by fed_meta_compute(). */
    bool external;      /* marked @external, itself or by its type, and really so */
    bool fake_external; /* @external in the key of an extension: Federation 1's way to write a key */
    bool provided;      /* by some @provides of this subgraph */
    bool used;          /* by @key, @requires, @provides, @fromContext or an interface */
    bool shareable;
    /* Filled when fields are merged. */
    bool overridden;  /* another subgraph has taken it over for good */
    struct str label; /* progressive @override: resolved here only while the label is `label_on`; .p NULL without */
    bool label_on;
};
struct fed_field_vec VEC_BODY(struct fed_field *);

struct fed_enum_value {
    struct fed_elem e;
    struct fed_type *parent;
};
struct fed_enum_value_vec VEC_BODY(struct fed_enum_value *);

struct fed_name_vec VEC_BODY(struct str);
struct fed_type_vec VEC_BODY(struct fed_type *);

struct fed_type {
    struct fed_elem e;
    enum gql_type_kind kind;
    uint32_t id; /* in fed_schema.types */
    bool builtin;
    bool feature;        /* belongs to the machinery: link__*, join__*, federation__*, _Any … */
    bool has_definition; /* not only extensions */
    uint32_t n_extensions;
    struct gql_loc extension_loc; /* of the first extension */
    bool interface_object;
    bool displaced; /* a root takes its name */

    struct fed_field_vec fields; /* OBJECT, INTERFACE */
    struct map field_by_name;
    struct fed_name_vec interfaces;
    struct fed_name_vec members; /* UNION */
    struct fed_enum_value_vec values;
    struct fed_input_vec inputs;
    struct map child_by_name;     /* values or inputs */
    struct fed_type_vec possible; /* runtime types; filled by fed_schema_index() */
    bool possible_known;
};

struct fed_directive {
    struct fed_elem e;
    bool repeatable;
    bool builtin;
    bool feature;       /* defined by a linked feature, by us or by hand */
    uint32_t locations; /* bits: 1 << enum gql_directive_location */
    struct fed_input_vec args;
};
struct fed_directive_vec VEC_BODY(struct fed_directive *);

struct fed_schema {
    struct arena *arena;
    struct fed_elem e; /* the schema itself: description, @link, @tag, … */
    bool has_schema_definition;
    struct str root_name[3]; /* by enum gql_operation_kind; .p NULL when absent */
    struct fed_type_vec types;
    struct map type_by_name;
    struct fed_directive_vec directives;
    struct map directive_by_name;
};

/* The directives of Federation, in the order of its documentation. */
enum fed_dir {
    FED_KEY,
    FED_REQUIRES,
    FED_PROVIDES,
    FED_EXTERNAL,
    FED_TAG,
    FED_EXTENDS,
    FED_SHAREABLE,
    FED_INACCESSIBLE,
    FED_OVERRIDE,
    FED_COMPOSE_DIRECTIVE,
    FED_INTERFACE_OBJECT,
    FED_AUTHENTICATED,
    FED_REQUIRES_SCOPES,
    FED_POLICY,
    FED_CONTEXT,
    FED_FROM_CONTEXT,
    FED_COST,
    FED_LIST_SIZE,
    FED_CACHE_TAG,
    FED_DIRS
};

struct fed_subgraph {
    uint32_t index;
    struct str name, url, sdl;
    struct str enum_name;
    struct gql_document *doc;
    struct fed_schema *schema;
    struct link_features links;
    bool fed2;
    bool upgraded;                 /* was Federation 1 */
    struct link_version version;   /* of the federation feature */
    struct str dir_name[FED_DIRS]; /* name in this schema; .p NULL where the version does not have it */
    bool broken;                   /* errors were reported: do not look further */
};

/* ---- construction ---- */

struct fed_schema *fed_schema_new(struct arena *a);
/* Adds a document's definitions and extensions. Names that are defined twice are left to gql_schema_build() to report.
 */
void fed_schema_add_document(struct fed_schema *s, const struct gql_document *doc);
void fed_schema_add_definition(struct fed_schema *s, const struct gql_definition *def, uint32_t *schema_extensions);

struct fed_type *fed_schema_add_type(struct fed_schema *s, enum gql_type_kind kind, struct str name);
struct fed_directive *fed_schema_add_directive(struct fed_schema *s, struct str name);
struct fed_field *fed_type_add_field(struct fed_schema *s, struct fed_type *t, struct str name);
struct fed_input *fed_type_add_input(struct fed_schema *s, struct fed_type *t, struct str name);
struct fed_enum_value *fed_type_add_value(struct fed_schema *s, struct fed_type *t, struct str name);
struct fed_input *fed_field_add_arg(struct arena *a, struct fed_field *f, struct str name);
struct fed_input *fed_directive_add_arg(struct arena *a, struct fed_directive *d, struct str name);

void fed_schema_remove_type(struct fed_schema *s, struct fed_type *t);
void fed_type_remove_field(struct fed_schema *s, struct fed_type *t, struct fed_field *f);
void fed_schema_rename_type(struct fed_schema *s, struct fed_type *t, struct str name);
/* Forgets and computes again which object types each interface and union can be. */
void fed_schema_index(struct fed_schema *s);

/* ---- questions ---- */

struct fed_type *fed_schema_type(const struct fed_schema *s, struct str name);
struct fed_directive *fed_schema_directive(const struct fed_schema *s, struct str name);
struct fed_field *fed_type_field(const struct fed_type *t, struct str name);
struct fed_input *fed_type_input(const struct fed_type *t, struct str name);
struct fed_enum_value *fed_type_value(const struct fed_type *t, struct str name);
struct fed_input *fed_field_arg(const struct fed_field *f, struct str name);
struct fed_input *fed_directive_def_arg(const struct fed_directive *d, struct str name);
bool fed_type_implements(const struct fed_type *t, struct str interface);
bool fed_type_has_member(const struct fed_type *t, struct str member);
bool fed_type_can_be(const struct fed_type *t, const struct fed_type *object);
bool fed_type_is_root(const struct fed_schema *s, const struct fed_type *t, enum gql_operation_kind kind);
bool fed_type_is_any_root(const struct fed_schema *s, const struct fed_type *t);
static inline bool fed_type_is_composite(const struct fed_type *t)
{
    return t->kind == GQL_OBJECT_TYPE || t->kind == GQL_INTERFACE || t->kind == GQL_UNION;
}
static inline bool fed_type_has_fields(const struct fed_type *t)
{
    return t->kind == GQL_OBJECT_TYPE || t->kind == GQL_INTERFACE;
}
static inline bool fed_type_is_input(const struct fed_type *t)
{
    return t->kind == GQL_SCALAR || t->kind == GQL_ENUM_TYPE || t->kind == GQL_INPUT_OBJECT;
}
static inline struct fed_type *fed_ref_type(const struct fed_schema *s, const struct gql_type_ref *r);

const struct gql_type_ref *fed_ref_base(const struct gql_type_ref *r);
bool fed_ref_equal(const struct gql_type_ref *a, const struct gql_type_ref *b);
bool fed_ref_is_list(const struct gql_type_ref *r); /* [T] or [T]! */
struct str fed_ref_str(struct arena *a, const struct gql_type_ref *r);
bool fed_is_builtin_scalar(struct str name);
bool fed_input_required(const struct fed_input *i); /* non-null and without a default */

static inline struct fed_type *fed_ref_type(const struct fed_schema *s, const struct gql_type_ref *r)
{
    return r ? fed_schema_type(s, fed_ref_base(r)->name) : NULL;
}

/* The names of all directives that are applied somewhere. */
struct map fed_schema_used(struct arena *a, const struct fed_schema *s);

/* First application of that name, or NULL. A name with .p NULL is never found. */
const struct fed_applied *fed_applied_find(const struct fed_elem *e, struct str name);
const struct gql_value *fed_applied_arg(const struct fed_applied *d, struct str name);
/* The text of a string argument, STR_NONE when absent or of another kind. */
struct str fed_applied_str(const struct fed_applied *d, struct str name);
bool fed_applied_bool(const struct fed_applied *d, struct str name, bool otherwise);
void fed_elem_unapply(struct fed_elem *e, struct str name);
struct fed_applied *fed_elem_apply(struct arena *a, struct fed_elem *e, struct str name);
void fed_applied_add_arg(struct arena *a, struct fed_applied *d, struct str name, struct gql_value *value);

static inline const struct fed_applied *fed_find(const struct fed_subgraph *sg, const struct fed_elem *e,
                                                 enum fed_dir dir)
{
    return fed_applied_find(e, sg->dir_name[dir]);
}
static inline bool fed_has(const struct fed_subgraph *sg, const struct fed_elem *e, enum fed_dir dir)
{
    return fed_find(sg, e, dir) != NULL;
}

/* "Type", "Type.field", "Type.field(arg:)", "Enum.VALUE", "@directive(arg:)", "schema" */
struct str fed_coordinate(struct arena *a, const struct fed_elem *e);

/* ---- values ---- */

struct gql_value *fed_value_new(struct arena *a, enum gql_value_kind kind, struct str text);
struct gql_value *fed_value_bool(struct arena *a, bool b);
struct gql_value *fed_value_int(struct arena *a, int64_t n);
struct gql_value *fed_value_list(struct arena *a, struct gql_value **items, uint32_t n);
/* Equal as values: members of objects in any order, 1 and 1.0, an enum value and its name. NULL is absence. */
bool fed_value_equal(const struct gql_value *a, const struct gql_value *b);
/* Gives the literals of defaults and of directives' arguments the kind that their type asks for, in place: a name where
 * a String or ID is expected means that string, a string that of an enum's value. */
void fed_settle_values(const struct fed_schema *s);
struct str fed_value_str(struct arena *a, const struct gql_value *v);
struct str fed_applied_print(struct arena *a, const struct fed_applied *d);

#endif
