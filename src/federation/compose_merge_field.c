/* Fields of objects and interfaces. */
#include "federation/compose_merge.h"
#include "federation/compose_subgraph.h"

static struct fed_field *field_of(const struct source *s)
{
    return (struct fed_field *)s->elem;
}

/* ---- which subgraphs have a say ---- */

/* Does the subgraph have an interface object for one of the interfaces of this type? */
static bool has_interface_object(const struct fed_subgraph *sg, const struct fed_type *dest)
{
    for (size_t i = 0; i < dest->interfaces.n; i++) {
        struct fed_type *t = fed_schema_type(sg->schema, dest->interfaces.v[i]);
        if (t && t->interface_object)
            return true;
    }
    return false;
}

struct sources merge_field_sources(struct merge *mg, const struct fed_type *dest, struct str name)
{
    struct sources s = {arena_array(mg->a, struct source, mg->n), 0};
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_subgraph *sg = &mg->sg[i];
        struct fed_type *t = fed_schema_type(sg->schema, dest->e.name);
        if (!t && !has_interface_object(sg, dest))
            continue;
        struct fed_elem *e = NULL;
        if (t && (t->interface_object ? GQL_INTERFACE : t->kind) == dest->kind) {
            if (dest->kind == GQL_INPUT_OBJECT)
                e = (struct fed_elem *)fed_type_input(t, name);
            else
                e = (struct fed_elem *)fed_type_field(t, name);
        }
        s.v[s.n++] = (struct source){sg, e};
    }
    return s;
}

void merge_abstracting_fields(const struct merge *mg, const struct fed_field *dest, const struct fed_subgraph *sg,
                              struct fed_field_vec *out)
{
    const struct fed_type *parent = dest->parent;
    if (parent->kind != GQL_OBJECT_TYPE || fed_schema_type(sg->schema, parent->e.name))
        return;
    for (size_t i = 0; i < parent->interfaces.n; i++) {
        struct fed_type *itf = fed_schema_type(mg->out, parent->interfaces.v[i]);
        struct fed_type *here = fed_schema_type(sg->schema, parent->interfaces.v[i]);
        if (!itf || !fed_type_field(itf, dest->e.name) || !here || here->kind != GQL_OBJECT_TYPE)
            continue;
        struct fed_field *f = fed_type_field(here, dest->e.name);
        if (f)
            vec_push(mg->a, out, f);
    }
}

bool merge_provided_by_interface_object(const struct merge *mg, struct str interface, struct str field)
{
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_type *t = fed_schema_type(mg->sg[i].schema, interface);
        struct fed_field *f = t && t->interface_object ? fed_type_field(t, field) : NULL;
        if (f && !f->external)
            return true;
    }
    return false;
}

/* ---- one field ---- */

static bool every_external(struct merge *mg, const struct sources *s, const struct fed_field *dest)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->v[i].elem) {
            if (!field_of(&s->v[i])->external)
                return false;
            continue;
        }
        struct fed_field_vec abstracting = {0};
        merge_abstracting_fields(mg, dest, s->v[i].sg, &abstracting);
        for (size_t j = 0; j < abstracting.n; j++)
            if (!abstracting.v[j]->external)
                return false;
    }
    return true;
}

/* The sources that resolve the field: external ones become absent. */
static struct sources without_external(struct merge *mg, const struct sources *s, bool *any)
{
    struct sources out = {arena_array(mg->a, struct source, s->n), s->n};
    *any = false;
    for (uint32_t i = 0; i < s->n; i++) {
        out.v[i] = s->v[i];
        if (!s->v[i].elem || !field_of(&s->v[i])->external) {
            *any |= s->v[i].elem != NULL;
            continue;
        }
        out.v[i].elem = NULL;
        for (size_t j = 0; j < s->v[i].elem->applied.n; j++) {
            const struct fed_applied *d = &s->v[i].elem->applied.v[j];
            if (merge_is_merged(mg, s->v[i].sg, d->name))
                msg_error(
                    mg->m, (struct where){s->v[i].sg, s->v[i].elem, d->loc}, "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                    "@%.*s has no effect on \"%.*s\", which is @external here: put it where the field is resolved",
                    STR_ARG(d->name), STR_ARG(fed_coordinate(mg->a, s->v[i].elem)));
        }
    }
    return out;
}

static bool has_external(const struct sources *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].elem && field_of(&s->v[i])->external)
            return true;
    return false;
}

/* ---- @join__field ---- */

static bool special_source(const struct source *s)
{
    const struct fed_field *f = field_of(s);
    return f->external || fed_has(s->sg, &f->e, FED_PROVIDES) || fed_has(s->sg, &f->e, FED_REQUIRES);
}

/* Without @join__field a field belongs to all subgraphs of its type alike; with it, to those that are named. */
static bool needs_join(struct merge *mg, const struct sources *s, const struct fed_field *dest, bool all_equal,
                       const struct override_state *ov)
{
    if (!all_equal || map_has(&mg->context_fields, fed_coordinate(mg->a, &dest->e)))
        return true;
    for (uint32_t i = 0; i < s->n; i++) {
        if (ov[i].used_overridden || ov[i].label.p)
            return true;
        if (s->v[i].elem && !ov[i].unused_overridden) {
            if (special_source(&s->v[i]))
                return true;
        } else if (fed_schema_type(s->v[i].sg->schema, dest->parent->e.name)) {
            return true;
        }
    }
    return false;
}

static void join_field_set(struct merge *mg, struct fed_applied *d, const struct source *s, enum fed_dir dir,
                           const char *name)
{
    const struct fed_applied *set = fed_find(s->sg, s->elem, dir);
    if (set)
        merge_join_arg(mg, d, name, GQL_STRING, fed_applied_str(set, STR("fields")));
}

static struct gql_value *context_argument(struct merge *mg, const struct source *s, const struct fed_input *arg,
                                          const struct fed_applied *from)
{
    struct str field = fed_applied_str(from, STR("field")), name = STR_NONE, selection = STR_NONE;
    if (!context_split(field, &name, &selection))
        return NULL;
    struct gql_value *v = fed_value_new(mg->a, GQL_OBJECT, STR_NONE);
    const struct {
        struct str name, text;
    } members[] = {
        {STR("context"), arena_printf(mg->a, "%.*s__%.*s", STR_ARG(s->sg->name), STR_ARG(name))},
        {STR("name"), arg->e.name},
        {STR("type"), fed_ref_str(mg->a, arg->type)},
        {STR("selection"), selection},
    };
    v->n = sizeof members / sizeof *members;
    v->fields = arena_array(mg->a, struct gql_object_field, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        v->fields[i].name.s = members[i].name;
        v->fields[i].value = fed_value_new(mg->a, GQL_STRING, members[i].text);
    }
    return v;
}

static void join_contexts(struct merge *mg, struct fed_applied *d, const struct source *s)
{
    const struct fed_field *f = field_of(s);
    if (!s->sg->dir_name[FED_FROM_CONTEXT].p)
        return;
    struct gql_value **items = arena_array(mg->a, struct gql_value *, f->args.n);
    uint32_t n = 0;
    for (size_t i = 0; i < f->args.n; i++) {
        const struct fed_applied *from = fed_find(s->sg, &f->args.v[i]->e, FED_FROM_CONTEXT);
        if (from && (items[n] = context_argument(mg, s, f->args.v[i], from)))
            n++;
    }
    if (n)
        fed_applied_add_arg(mg->a, d, STR("contextArguments"), fed_value_list(mg->a, items, n));
}

static void join_one(struct merge *mg, const struct source *s, struct fed_field *dest, bool all_equal,
                     const struct override_state *ov)
{
    const struct fed_field *f = field_of(s);
    struct fed_applied *d = merge_join(mg, &dest->e, "join__field", s->sg);
    join_field_set(mg, d, s, FED_REQUIRES, "requires");
    join_field_set(mg, d, s, FED_PROVIDES, "provides");
    if (!all_equal)
        merge_join_arg(mg, d, "type", GQL_STRING, fed_ref_str(mg->a, f->type));
    if (f->external)
        fed_applied_add_arg(mg->a, d, STR("external"), fed_value_bool(mg->a, true));
    const struct fed_applied *override = fed_find(s->sg, &f->e, FED_OVERRIDE);
    if (override)
        merge_join_arg(mg, d, "override", GQL_STRING, fed_applied_str(override, STR("from")));
    if (ov->used_overridden)
        fed_applied_add_arg(mg->a, d, STR("usedOverridden"), fed_value_bool(mg->a, true));
    if (ov->label.p)
        merge_join_arg(mg, d, "overrideLabel", GQL_STRING, ov->label);
    join_contexts(mg, d, s);
}

static void join_field(struct merge *mg, const struct sources *s, struct fed_field *dest, bool all_equal,
                       const struct override_state *ov)
{
    if (!needs_join(mg, s, dest, all_equal, ov))
        return;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].elem && (!ov[i].unused_overridden || ov[i].label.p))
            join_one(mg, &s->v[i], dest, all_equal, &ov[i]);
}

static void merge_field(struct merge *mg, const struct sources *s, struct fed_field *dest,
                        const struct override_state *ov)
{
    if (every_external(mg, s, dest)) {
        msg_error(mg->m, in_supergraph(&dest->e), "EXTERNAL_MISSING_ON_BASE",
                  "\"%.*s\" is @external in %.*s and resolved nowhere: add it without @external to the subgraph that "
                  "resolves it",
                  STR_ARG(fed_coordinate(mg->a, &dest->e)), STR_ARG(sources_list(mg->a, s, source_present, NULL)));
        return;
    }
    bool any;
    struct sources own = without_external(mg, s, &any);
    if (any) {
        merge_description(mg, &own, &dest->e);
        merge_applied_later(mg, &own, &dest->e);
        merge_arguments(mg, &own, &dest->e);
    }
    bool all_equal = merge_type_ref(mg, any ? &own : s, &dest->e, false);
    if (has_external(s))
        merge_check_external(mg, s, dest, all_equal);
    join_field(mg, s, dest, all_equal, ov);
}

/* ---- objects ---- */

static struct str text_of_presence(struct arena *a, const struct source *s, const void *data)
{
    const struct fed_type *t = (const struct fed_type *)s->elem;
    return fed_type_field(t, *(const struct str *)data) ? STR("present") : STR("missing");
}

static bool all_fields_external(const struct fed_type *t)
{
    for (size_t i = 0; i < t->fields.n; i++)
        if (!t->fields.v[i]->external)
            return false;
    return true;
}

static void hint_value_type_field(struct merge *mg, const struct sources *types, const struct fed_type *dest,
                                  struct str name)
{
    for (uint32_t i = 0; i < types->n; i++) {
        struct fed_type *t = (struct fed_type *)types->v[i].elem;
        if (!t || t->interface_object || fed_type_field(t, name) || all_fields_external(t))
            continue;
        if (dest->kind == GQL_INTERFACE && merge_provided_by_interface_object(mg, dest->e.name, name))
            continue;
        msg_hint(mg->m, COMPOSE_DEBUG, in_supergraph(&dest->e),
                 dest->kind == GQL_INTERFACE ? "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD"
                                             : "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
                 "\"%.*s.%.*s\" is not in all subgraphs that have the type: it is %.*s", STR_ARG(dest->e.name),
                 STR_ARG(name),
                 STR_ARG(sources_describe(mg->a, types, STR("present"), text_of_presence, &name, false)));
        return;
    }
}

static struct str text_of_entity(struct arena *a, const struct source *s, const void *data)
{
    return fed_has(s->sg, s->elem, FED_KEY) ? STR("with @key") : STR("without @key");
}

static bool hint_entity(struct merge *mg, const struct sources *types, const struct fed_type *dest)
{
    bool with = false, without = false;
    for (uint32_t i = 0; i < types->n; i++)
        if (types->v[i].elem)
            *(fed_has(types->v[i].sg, types->v[i].elem, FED_KEY) ? &with : &without) = true;
    if (with && without)
        msg_hint(mg->m, COMPOSE_INFO, in_supergraph(&dest->e), "INCONSISTENT_ENTITY", "type \"%.*s\" is %.*s",
                 STR_ARG(dest->e.name), STR_ARG(sources_describe(mg->a, types, STR_NONE, text_of_entity, NULL, false)));
    return with;
}

/* The fields of all sources, in order of appearance. */
static void add_fields(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    for (uint32_t i = 0; i < types->n; i++) {
        struct fed_type *t = (struct fed_type *)types->v[i].elem;
        for (size_t j = 0; t && j < t->fields.n; j++)
            if (!fed_type_field(dest, t->fields.v[j]->e.name))
                fed_type_add_field(mg->out, dest, t->fields.v[j]->e.name);
    }
}

/* Events cannot be asked from two places. */
static void check_subscription(struct merge *mg, const struct sources *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].elem && fed_has(s->v[i].sg, s->v[i].elem, FED_SHAREABLE)) {
            msg_error(mg->m, (struct where){s->v[i].sg, s->v[i].elem, {0}}, "INVALID_FIELD_SHARING",
                      "\"%.*s\" is a subscription and cannot be @shareable: delete @shareable",
                      STR_ARG(fed_coordinate(mg->a, s->v[i].elem)));
            return;
        }
}

void merge_object(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    bool value_type = !hint_entity(mg, types, dest) && !fed_type_is_any_root(mg->out, dest);
    bool subscription = fed_type_is_root(mg->out, dest, GQL_SUBSCRIPTION);
    add_fields(mg, types, dest);
    for (size_t i = 0; i < dest->fields.n; i++) {
        struct fed_field *f = dest->fields.v[i];
        struct sources s = merge_field_sources(mg, dest, f->e.name);
        if (value_type)
            hint_value_type_field(mg, types, dest, f->e.name);
        struct override_state *ov = merge_override(mg, &s, f);
        if (subscription)
            check_subscription(mg, &s);
        merge_field(mg, &s, f, ov);
        merge_check_sharing(mg, &s, f, ov);
    }
}

/* ---- interfaces ---- */

/* Whoever resolves an interface by key must know all its implementations. */
static void check_interface_keys(struct merge *mg, const struct source *s, const struct fed_type *dest)
{
    const struct fed_type *t = (const struct fed_type *)s->elem;
    const struct fed_applied *key = NULL;
    for (size_t i = 0; i < t->e.applied.n && !key; i++)
        if (str_eq(t->e.applied.v[i].name, s->sg->dir_name[FED_KEY]) &&
            fed_applied_bool(&t->e.applied.v[i], STR("resolvable"), true))
            key = &t->e.applied.v[i];
    struct fed_name_vec missing = {0};
    for (size_t i = 0; key && i < dest->possible.n; i++) {
        struct fed_type *here = fed_schema_type(s->sg->schema, dest->possible.v[i]->e.name);
        if (!here || !fed_type_can_be(t, here))
            vec_push(mg->a, &missing, dest->possible.v[i]->e.name);
    }
    if (missing.n)
        msg_error(mg->m, (struct where){s->sg, &t->e, key->loc}, "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                  "interface \"%.*s\" has a resolvable key here, so this subgraph must know all its types: define %.*s "
                  "and let "
                  "them implement \"%.*s\"",
                  STR_ARG(t->e.name), STR_ARG(msg_names(mg->a, "type", "types", missing.v, missing.n)),
                  STR_ARG(t->e.name));
}

/* An interface object stands for all implementations; the subgraph cannot know some of them too. */
static void check_interface_object(struct merge *mg, const struct source *s, const struct fed_type *dest)
{
    struct fed_name_vec known = {0};
    for (size_t i = 0; i < dest->possible.n; i++)
        if (fed_schema_type(s->sg->schema, dest->possible.v[i]->e.name))
            vec_push(mg->a, &known, dest->possible.v[i]->e.name);
    if (known.n)
        msg_error(mg->m, (struct where){s->sg, s->elem, {0}}, "INTERFACE_OBJECT_USAGE_ERROR",
                  "\"%.*s\" is an @interfaceObject here, and this subgraph also defines %.*s, which implement it: use "
                  "one or the other",
                  STR_ARG(dest->e.name), STR_ARG(msg_names(mg->a, "type", "types", known.v, known.n)));
}

void merge_interface(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    bool has_key = false;
    for (uint32_t i = 0; i < types->n; i++) {
        const struct fed_type *t = (const struct fed_type *)types->v[i].elem;
        if (!t)
            continue;
        if (t->interface_object) {
            check_interface_object(mg, &types->v[i], dest);
        } else {
            has_key |= fed_has(types->v[i].sg, &t->e, FED_KEY);
            check_interface_keys(mg, &types->v[i], dest);
        }
    }
    add_fields(mg, types, dest);
    for (size_t i = 0; i < dest->fields.n; i++) {
        struct fed_field *f = dest->fields.v[i];
        struct sources s = merge_field_sources(mg, dest, f->e.name);
        if (!has_key)
            hint_value_type_field(mg, types, dest, f->e.name);
        struct override_state *ov = merge_override(mg, &s, f);
        merge_field(mg, &s, f, ov);
    }
}

/* ---- fields that interface objects give to implementations ---- */

static bool fully_external(const struct fed_field *f)
{
    bool any = false;
    for (size_t i = 0; i < f->e.applied.n; i++) {
        if (!str_eq(f->e.applied.v[i].name, STR("join__field")))
            continue;
        any = true;
        if (!fed_applied_bool(&f->e.applied.v[i], STR("external"), false))
            return false;
    }
    return any;
}

static void copy_field(struct merge *mg, const struct fed_field *from, struct fed_type *to)
{
    struct fed_field *f = fed_type_add_field(mg->out, to, from->e.name);
    f->type = from->type;
    f->e.description = from->e.description;
    f->e.has_description = from->e.has_description;
    merge_copy_applied(mg, &from->e, &f->e);
    for (size_t i = 0; i < from->args.n; i++) {
        struct fed_input *arg = fed_field_add_arg(mg->a, f, from->args.v[i]->e.name);
        arg->type = from->args.v[i]->type;
        arg->default_value = from->args.v[i]->default_value;
        arg->e.description = from->args.v[i]->e.description;
        arg->e.has_description = from->args.v[i]->e.has_description;
        merge_copy_applied(mg, &from->args.v[i]->e, &arg->e);
    }
    fed_elem_apply(mg->a, &f->e, STR("join__field"));
    struct sources s = {arena_array(mg->a, struct source, mg->n), mg->n};
    for (uint32_t i = 0; i < mg->n; i++)
        s.v[i].sg = &mg->sg[i];
    merge_check_sharing(mg, &s, f, arena_array(mg->a, struct override_state, mg->n));
}

void merge_interface_object_fields(struct merge *mg)
{
    for (size_t i = 0; i < mg->out->types.n; i++) {
        struct fed_type *t = mg->out->types.v[i];
        for (size_t j = 0; t->kind == GQL_OBJECT_TYPE && j < t->interfaces.n; j++) {
            struct fed_type *itf = fed_schema_type(mg->out, t->interfaces.v[j]);
            for (size_t k = 0; itf && k < itf->fields.n; k++) {
                struct fed_field *f = itf->fields.v[k], *own = fed_type_field(t, f->e.name);
                if ((own && !fully_external(own)) || !merge_provided_by_interface_object(mg, itf->e.name, f->e.name))
                    continue;
                if (own)
                    merge_copy_applied(mg, &f->e, &own->e);
                else
                    copy_field(mg, f, t);
            }
        }
    }
}
