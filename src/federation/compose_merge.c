#include "federation/compose_merge.h"

/* ---- small parts that all merging uses ---- */

struct source *merge_source_of(const struct sources *s, const struct fed_subgraph *sg)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].sg == sg)
            return &s->v[i];
    return NULL;
}

/* One source for each subgraph; absent where the type is missing or of another kind. */
struct sources merge_type_sources(const struct merge *mg, const struct fed_type *dest)
{
    struct sources s = {arena_array(mg->a, struct source, mg->n), mg->n};
    for (uint32_t i = 0; i < mg->n; i++) {
        s.v[i].sg = &mg->sg[i];
        struct fed_type *t = fed_schema_type(mg->sg[i].schema, dest->e.name);
        enum gql_type_kind kind = t && t->interface_object ? GQL_INTERFACE : t ? t->kind : GQL_SCALAR;
        if (t && kind == dest->kind && !t->feature)
            s.v[i].elem = &t->e;
    }
    return s;
}

void merge_join_arg(struct merge *mg, struct fed_applied *d, const char *name, enum gql_value_kind kind,
                    struct str text)
{
    fed_applied_add_arg(mg->a, d, str_c(name), fed_value_new(mg->a, kind, text));
}

struct fed_applied *merge_join(struct merge *mg, struct fed_elem *e, const char *directive,
                               const struct fed_subgraph *sg)
{
    struct fed_applied *d = fed_elem_apply(mg->a, e, str_c(directive));
    if (sg)
        merge_join_arg(mg, d, "graph", GQL_ENUM, sg->enum_name);
    return d;
}

/* ---- descriptions ---- */

#define DESCRIPTION_SHOWN 60

static struct str shortened(struct arena *a, struct str text)
{
    struct str d = str_sub(text, 0, DESCRIPTION_SHOWN);
    while (d.len > 0 && d.len < text.len && ((unsigned char)text.p[d.len] & 0xC0) == 0x80)
        d.len--;
    return arena_printf(a, "\"%.*s%s\"", STR_ARG(d), d.len < text.len ? "…" : "");
}

static struct str text_of_description(struct arena *a, const struct source *s, const void *data)
{
    return s->elem->has_description ? shortened(a, s->elem->description) : STR_NONE;
}

struct counted {
    struct str text;
    uint32_t n;
};

/* The description that most subgraphs give; among equals the first. Empty ones count only when there is no other. */
void merge_description(struct merge *mg, const struct sources *s, struct fed_elem *dest)
{
    VEC(struct counted) found = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem || !s->v[i].elem->has_description)
            continue;
        size_t j = 0;
        while (j < found.n && !str_eq(found.v[j].text, s->v[i].elem->description))
            j++;
        if (j == found.n)
            vec_push(mg->a, &found, (struct counted){s->v[i].elem->description, 0});
        found.v[j].n++;
    }
    if (found.n == 0)
        return;
    size_t best = 0, filled = 0;
    for (size_t j = 0; j < found.n; j++) {
        filled += found.v[j].text.len > 0;
        bool better = found.v[best].text.len == 0 ? found.v[j].text.len > 0 : found.v[j].n > found.v[best].n;
        if (found.v[j].text.len > 0 && better)
            best = j;
    }
    dest->description = found.v[best].text;
    dest->has_description = true;
    if (filled > 1)
        msg_hint(
            mg->m, COMPOSE_WARN, in_supergraph(dest), "INCONSISTENT_DESCRIPTION",
            "\"%.*s\" has different descriptions: %.*s. The first of these goes into the supergraph",
            STR_ARG(fed_coordinate(mg->a, dest)),
            STR_ARG(sources_describe(mg->a, s, shortened(mg->a, dest->description), text_of_description, NULL, false)));
}

/* ---- shallow types ---- */

static const char *kind_name(const struct fed_type *t)
{
    static const char *const NAMES[] = {
        [GQL_SCALAR] = "scalar", [GQL_OBJECT_TYPE] = "object type", [GQL_INTERFACE] = "interface",
        [GQL_UNION] = "union",   [GQL_ENUM_TYPE] = "enum",          [GQL_INPUT_OBJECT] = "input type"};
    return t->interface_object ? "interface object (an object type with @interfaceObject)" : NAMES[t->kind];
}

static struct str text_of_kind(struct arena *a, const struct source *s, const void *data)
{
    return str_c(kind_name((const struct fed_type *)s->elem));
}

static struct sources all_with_name(struct merge *mg, struct str name)
{
    struct sources s = {arena_array(mg->a, struct source, mg->n), mg->n};
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_type *t = fed_schema_type(mg->sg[i].schema, name);
        s.v[i] = (struct source){&mg->sg[i], t ? &t->e : NULL};
    }
    return s;
}

static void report_kinds(struct merge *mg, struct fed_type *dest)
{
    struct sources s = all_with_name(mg, dest->e.name);
    msg_error(mg->m, in_supergraph(&dest->e), "TYPE_KIND_MISMATCH",
              "type \"%.*s\" is %.*s: make it the same everywhere, or rename one", STR_ARG(dest->e.name),
              STR_ARG(sources_describe(mg->a, &s, STR_NONE, text_of_kind, NULL, false)));
}

static void check_interface_object(struct merge *mg, struct fed_type *dest)
{
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_type *t = fed_schema_type(mg->sg[i].schema, dest->e.name);
        if (t && t->kind == GQL_INTERFACE)
            return;
    }
    struct sources s = all_with_name(mg, dest->e.name);
    msg_error(mg->m, in_supergraph(&dest->e), "INTERFACE_OBJECT_USAGE_ERROR",
              "\"%.*s\" is an @interfaceObject in %.*s, and nowhere an interface: define the interface in one subgraph",
              STR_ARG(dest->e.name), STR_ARG(sources_list(mg->a, &s, source_present, NULL)));
}

static void check_builtin_scalar(struct merge *mg, const struct fed_subgraph *sg, const struct fed_type *t)
{
    if (t->kind != GQL_SCALAR)
        msg_error(mg->m, (struct where){.subgraph = sg, .elem = &t->e}, "TYPE_KIND_MISMATCH",
                  "\"%.*s\" is a scalar of GraphQL itself: rename your type", STR_ARG(t->e.name));
}

static void add_types(struct merge *mg)
{
    struct map mismatched = {0}, interface_objects = {0};
    for (uint32_t i = 0; i < mg->n; i++)
        for (size_t j = 0; j < mg->sg[i].schema->types.n; j++) {
            struct fed_type *t = mg->sg[i].schema->types.v[j];
            if (fed_is_builtin_scalar(t->e.name))
                check_builtin_scalar(mg, &mg->sg[i], t);
            if (t->feature || fed_is_builtin_scalar(t->e.name))
                continue;
            enum gql_type_kind kind = t->interface_object ? GQL_INTERFACE : t->kind;
            struct fed_type *dest = fed_schema_type(mg->out, t->e.name);
            if (!dest)
                dest = fed_schema_add_type(mg->out, kind, t->e.name);
            else if (dest->kind != kind)
                map_put(mg->a, &mismatched, t->e.name, dest);
            if (t->interface_object)
                map_put(mg->a, &interface_objects, t->e.name, dest);
        }
    for (size_t i = 0; i < mismatched.n; i++)
        report_kinds(mg, mismatched.entries[i].value);
    for (size_t i = 0; i < interface_objects.n; i++)
        if (!map_has(&mismatched, interface_objects.entries[i].key))
            check_interface_object(mg, interface_objects.entries[i].value);
}

/* ---- implements, roots ---- */

static void merge_implements(struct merge *mg, struct fed_type *dest)
{
    struct sources s = merge_type_sources(mg, dest);
    for (uint32_t i = 0; i < s.n; i++) {
        struct fed_type *t = (struct fed_type *)s.v[i].elem;
        for (size_t j = 0; t && j < t->interfaces.n; j++) {
            struct fed_applied *d = merge_join(mg, &dest->e, "join__implements", s.v[i].sg);
            merge_join_arg(mg, d, "interface", GQL_STRING, t->interfaces.v[j]);
            if (!fed_type_implements(dest, t->interfaces.v[j]))
                vec_push(mg->a, &dest->interfaces, t->interfaces.v[j]);
        }
    }
}

static void merge_roots(struct merge *mg)
{
    struct sources s = {arena_array(mg->a, struct source, mg->n), mg->n};
    for (uint32_t i = 0; i < mg->n; i++)
        s.v[i] = (struct source){&mg->sg[i], &mg->sg[i].schema->e};
    merge_description(mg, &s, &mg->out->e);
    merge_applied_later(mg, &s, &mg->out->e);
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < mg->n && !mg->out->root_name[k].p; i++) {
            struct fed_schema *schema = mg->sg[i].schema;
            struct fed_type *t = schema->root_name[k].p ? fed_schema_type(schema, schema->root_name[k]) : NULL;
            if (t && t->fields.n > 0)
                mg->out->root_name[k] = t->e.name;
        }
}

/* ---- types ---- */

static void check_extension(struct merge *mg, const struct sources *s, const struct fed_type *dest)
{
    if (dest->kind == GQL_OBJECT_TYPE && fed_type_is_any_root(mg->out, dest))
        return;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].elem && ((struct fed_type *)s->v[i].elem)->has_definition)
            return;
    for (uint32_t i = 0; i < s->n; i++) {
        struct fed_type *t = (struct fed_type *)s->v[i].elem;
        if (t && t->n_extensions)
            msg_error(mg->m, (struct where){s->v[i].sg, &t->e, t->extension_loc}, "EXTENSION_WITH_NO_BASE",
                      "\"%.*s\" is only extended and defined in no subgraph: take \"extend\" away", STR_ARG(t->e.name));
    }
}

static void join_type(struct merge *mg, const struct source *s, struct fed_type *dest)
{
    struct fed_type *t = (struct fed_type *)s->elem;
    bool extends = fed_has(s->sg, &t->e, FED_EXTENDS), any = false;
    for (size_t i = 0; i < t->e.applied.n; i++) {
        struct fed_applied *key = &t->e.applied.v[i];
        if (!str_eq(key->name, s->sg->dir_name[FED_KEY]))
            continue;
        any = true;
        struct fed_applied *d = merge_join(mg, &dest->e, "join__type", s->sg);
        merge_join_arg(mg, d, "key", GQL_STRING, fed_applied_str(key, STR("fields")));
        if (extends || key->ext > 0)
            fed_applied_add_arg(mg->a, d, STR("extension"), fed_value_bool(mg->a, true));
        const struct gql_value *resolvable = fed_applied_arg(key, STR("resolvable"));
        if (resolvable && resolvable->kind == GQL_BOOLEAN && !resolvable->boolean)
            fed_applied_add_arg(mg->a, d, STR("resolvable"), fed_value_bool(mg->a, false));
        if (t->interface_object)
            fed_applied_add_arg(mg->a, d, STR("isInterfaceObject"), fed_value_bool(mg->a, true));
    }
    if (any)
        return;
    struct fed_applied *d = merge_join(mg, &dest->e, "join__type", s->sg);
    if (t->interface_object)
        fed_applied_add_arg(mg->a, d, STR("isInterfaceObject"), fed_value_bool(mg->a, true));
}

static void merge_type(struct merge *mg, struct fed_type *dest)
{
    struct sources s = merge_type_sources(mg, dest);
    check_extension(mg, &s, dest);
    merge_description(mg, &s, &dest->e);
    for (uint32_t i = 0; i < s.n; i++)
        if (s.v[i].elem)
            join_type(mg, &s.v[i], dest);
    merge_applied_later(mg, &s, &dest->e);
    switch (dest->kind) {
    case GQL_SCALAR: break;
    case GQL_OBJECT_TYPE: merge_object(mg, &s, dest); break;
    case GQL_INTERFACE: merge_interface(mg, &s, dest); break;
    case GQL_UNION: merge_union(mg, &s, dest); break;
    case GQL_ENUM_TYPE: merge_enum(mg, &s, dest); break;
    case GQL_INPUT_OBJECT: merge_input(mg, &s, dest); break;
    }
}

static void merge_kind(struct merge *mg, const struct fed_type_vec *types, enum gql_type_kind kind)
{
    for (size_t i = 0; i < types->n; i++)
        if (types->v[i]->kind == kind && !types->v[i]->feature)
            merge_type(mg, types->v[i]);
}

/* ---- what is noted before ---- */

static void note_fields(struct merge *mg)
{
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_subgraph *sg = &mg->sg[i];
        for (size_t j = 0; j < sg->schema->types.n; j++)
            for (size_t k = 0; k < sg->schema->types.v[j]->fields.n; k++) {
                struct fed_field *f = sg->schema->types.v[j]->fields.v[k];
                if (fed_has(sg, &f->e, FED_OVERRIDE))
                    map_put(mg->a, &mg->override_fields, fed_coordinate(mg->a, &f->e), f);
                for (size_t l = 0; sg->dir_name[FED_FROM_CONTEXT].p && l < f->args.n; l++)
                    if (fed_has(sg, &f->args.v[l]->e, FED_FROM_CONTEXT))
                        map_put(mg->a, &mg->context_fields, fed_coordinate(mg->a, &f->e), f);
            }
    }
}

static void remove_empty_objects(struct merge *mg)
{
    for (size_t i = mg->out->types.n; i-- > 0;) {
        struct fed_type *t = mg->out->types.v[i];
        if (t->kind == GQL_OBJECT_TYPE && t->fields.n == 0 && !t->feature)
            fed_schema_remove_type(mg->out, t);
    }
}

static void after_merge(struct merge *mg)
{
    fed_schema_index(mg->out);
    if (mg->m->errors.n == 0) {
        merge_check_interfaces(mg);
        merge_check_requires(mg);
        merge_check_auth(mg);
    }
    if (mg->m->errors.n == 0)
        merge_check_inaccessible(mg);
}

struct fed_schema *merge_subgraphs(struct merge *mg)
{
    mg->out = fed_schema_new(mg->a);
    note_fields(mg);
    merge_features(mg);
    if (mg->m->errors.n)
        return NULL;
    add_types(mg);
    struct fed_type_vec types = mg->out->types;
    for (size_t i = 0; i < types.n; i++)
        if (types.v[i]->kind == GQL_OBJECT_TYPE || types.v[i]->kind == GQL_INTERFACE)
            merge_implements(mg, types.v[i]);
    fed_schema_index(mg->out);
    merge_collect_auth(mg);
    merge_kind(mg, &types, GQL_UNION);
    merge_roots(mg);
    merge_kind(mg, &types, GQL_SCALAR);
    merge_kind(mg, &types, GQL_INPUT_OBJECT);
    merge_kind(mg, &types, GQL_INTERFACE);
    merge_kind(mg, &types, GQL_OBJECT_TYPE);
    merge_directive_definitions(mg);
    merge_kind(mg, &types, GQL_ENUM_TYPE);
    remove_empty_objects(mg);
    if (!mg->out->root_name[GQL_QUERY].p)
        msg_error(mg->m, (struct where){.coordinate = STR("Query")}, "NO_QUERIES",
                  "no subgraph has a query: give at least one a field on Query");
    merge_applied_pending(mg);
    merge_interface_object_fields(mg);
    after_merge(mg);
    return mg->m->errors.n ? NULL : mg->out;
}
