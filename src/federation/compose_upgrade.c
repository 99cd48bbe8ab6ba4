/* Federation 1 schemas become Federation 2 schemas.
 *
 * Federation 1 was lax: what had no effect was allowed. It is taken away here, so that the stricter rules hold:
 * @external on interfaces, types and keys of extensions; `extend` where the definition is elsewhere; @requires and
 * @provides of fields that the subgraph has anyway; unused @external fields; directives on interfaces. What several
 * subgraphs resolve is @shareable.
 */
#include "federation/compose_fieldset.h"
#include "federation/compose_subgraph.h"

struct upgrade {
    struct fed_subgraph *sg;
    struct fed_subgraph *all;
    uint32_t n;
    struct messages *m;
    struct arena *a;
    struct map interface_keys; /* interfaces that had a @key */
};

/* Fields as they were before any upgrade: "Type.field" in subgraph i resolves it? */
struct before {
    struct map *resolves; /* per subgraph: coordinates of fields that are not merely external */
    struct map *shareable;
    struct map *defines; /* types with a definition (not only extensions) */
    struct map *objects; /* object and interface types */
};

static bool is_key(const struct upgrade *u, const struct fed_applied *d)
{
    return str_eq(d->name, u->sg->dir_name[FED_KEY]);
}

static bool federation_extension(const struct upgrade *u, const struct fed_type *t)
{
    bool extends = fed_has(u->sg, &t->e, FED_EXTENDS);
    return fed_type_has_fields(t) && (extends || (t->n_extensions > 0 && !t->has_definition));
}

static bool root_extension(const struct upgrade *u, const struct fed_type *t)
{
    return t->kind == GQL_OBJECT_TYPE && fed_type_is_any_root(u->sg->schema, t) && federation_extension(u, t);
}

static void unapply_external(const struct upgrade *u, struct fed_elem *e)
{
    fed_elem_unapply(e, u->sg->dir_name[FED_EXTERNAL]);
}

/* ---- steps ---- */

static void check_bases(struct upgrade *u, const struct before *b)
{
    for (size_t i = 0; i < u->sg->schema->types.n; i++) {
        struct fed_type *t = u->sg->schema->types.v[i];
        bool defined = false;
        if (!federation_extension(u, t) || root_extension(u, t))
            continue;
        for (uint32_t j = 0; j < u->n; j++)
            defined |= j != u->sg->index && map_has(&b->defines[j], t->e.name);
        if (!defined)
            msg_error(u->m, (struct where){u->sg, &t->e, t->extension_loc}, "EXTENSION_WITH_NO_BASE",
                      "\"%.*s\" is only extended and defined in no subgraph: take \"extend\" or @extends away",
                      STR_ARG(t->e.name));
    }
}

static struct str joined(struct arena *a, const struct gql_value *list)
{
    struct str out = STR("");
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->items[i]->kind != GQL_STRING)
            return STR_NONE;
        out = arena_printf(a, "%.*s%s%.*s", STR_ARG(out), i ? " " : "", STR_ARG(list->items[i]->text));
    }
    return out;
}

/* `fields: id` and `fields: ["id", "name"]` are written as strings. */
static void fix_arguments(struct upgrade *u, struct fed_elem *e)
{
    for (size_t i = 0; i < e->applied.n; i++) {
        struct fed_applied *d = &e->applied.v[i];
        if (!is_key(u, d) && !str_eq(d->name, u->sg->dir_name[FED_REQUIRES]) &&
            !str_eq(d->name, u->sg->dir_name[FED_PROVIDES]))
            continue;
        for (uint32_t j = 0; j < d->n_args; j++) {
            const struct gql_value *v = d->args[j].value;
            struct str text = v->kind == GQL_ENUM ? v->text : v->kind == GQL_LIST ? joined(u->a, v) : STR_NONE;
            if (text.p && str_eq(d->args[j].name.s, STR("fields")))
                d->args[j].value = fed_value_new(u->a, GQL_STRING, text);
        }
    }
}

static void drop_external_marks(struct upgrade *u, struct fed_type *t)
{
    if (t->kind == GQL_OBJECT_TYPE)
        unapply_external(u, &t->e);
    for (size_t i = 0; t->kind == GQL_INTERFACE && i < t->fields.n; i++)
        unapply_external(u, &t->fields.v[i]->e);
}

struct external_drop {
    const struct upgrade *u;
    struct fed_type *own;
    const struct fed_type *target;
};

static void drop_key_external(struct fed_field *f, void *data)
{
    struct external_drop *d = data;
    struct fed_field *own = f->parent == d->target ? fed_type_field(d->own, f->e.name) : NULL;
    if (own)
        unapply_external(d->u, &own->e);
}

/* In an extension the key's fields were written @external, but they are this subgraph's own. */
static void drop_external_on_extension(struct upgrade *u, struct fed_type *t)
{
    if (!federation_extension(u, t) && !root_extension(u, t))
        return;
    bool any = false;
    for (size_t i = 0; i < t->e.applied.n; i++) {
        if (!is_key(u, &t->e.applied.v[i]))
            continue;
        any = true;
        struct external_drop d = {u, t, t};
        fieldset_each(fed_meta_fields(u->sg, t, &t->e.applied.v[i]), false, drop_key_external, &d);
    }
    for (uint32_t i = 0; !any && i < u->n; i++) {
        struct fed_type *other = &u->all[i] != u->sg ? fed_schema_type(u->all[i].schema, t->e.name) : NULL;
        const struct fed_applied *key =
            other && fed_type_has_fields(other) ? fed_find(&u->all[i], &other->e, FED_KEY) : NULL;
        struct external_drop d = {u, t, other};
        if (key)
            fieldset_each(fed_meta_fields(&u->all[i], other, key), false, drop_key_external, &d);
    }
}

/* ---- @requires and @provides of what is here anyway ---- */

static bool really_external(const struct upgrade *u, const struct fed_field *f)
{
    if (fed_has(u->sg, &f->e, FED_EXTERNAL))
        return true;
    for (size_t i = 0; f->parent->kind == GQL_INTERFACE && i < f->parent->possible.n; i++) {
        struct fed_field *impl = fed_type_field(f->parent->possible.v[i], f->e.name);
        if (impl && fed_has(u->sg, &impl->e, FED_EXTERNAL))
            return true;
    }
    return false;
}

/* The part of the set that is truly external; counts what falls away. */
static struct fed_selections *external_part(const struct upgrade *u, const struct fed_selections *set,
                                            uint32_t *dropped)
{
    struct fed_selections *out = arena_memdup(u->a, set, sizeof *set);
    out->v = arena_array(u->a, struct fed_selection, set->n);
    out->n = 0;
    for (uint32_t i = 0; i < set->n; i++) {
        struct fed_selection s = set->v[i];
        if (s.field && really_external(u, s.field)) {
            out->v[out->n++] = s;
            continue;
        }
        if (s.sub)
            s.sub = external_part(u, s.sub, dropped);
        if (s.sub && s.sub->n)
            out->v[out->n++] = s;
        else
            ++*dropped;
    }
    return out;
}

static void fix_inactive(struct upgrade *u, struct fed_field *f, enum fed_dir dir, struct fed_type *target)
{
    struct fed_elem *e = &f->e;
    size_t n = 0;
    for (size_t i = 0; i < e->applied.n; i++) {
        struct fed_applied d = e->applied.v[i];
        struct str problem;
        bool ours = str_eq(d.name, u->sg->dir_name[dir]) && target && fed_type_is_composite(target);
        struct fed_selections *set =
            ours ? fieldset_parse(u->sg->schema, target, fed_applied_str(&d, STR("fields")), &problem) : NULL;
        uint32_t dropped = 0;
        struct fed_selections *kept = set ? external_part(u, set, &dropped) : NULL;
        if (dropped && kept->n == 0)
            continue;
        if (dropped) {
            d.args = NULL;
            d.n_args = 0;
            fed_applied_add_arg(u->a, &d, STR("fields"), fed_value_new(u->a, GQL_STRING, fieldset_print(u->a, kept)));
        }
        e->applied.v[n++] = d;
    }
    e->applied.n = n;
}

static void fix_field(struct upgrade *u, struct fed_field *f)
{
    struct fed_type *type = fed_ref_type(u->sg->schema, f->type);
    fix_inactive(u, f, FED_PROVIDES, type);
    fix_inactive(u, f, FED_REQUIRES, f->parent);
    if (f->parent->kind == GQL_INTERFACE) {
        fed_elem_unapply(&f->e, u->sg->dir_name[FED_PROVIDES]);
        fed_elem_unapply(&f->e, u->sg->dir_name[FED_REQUIRES]);
    } else if (!type || !fed_type_is_composite(type)) {
        fed_elem_unapply(&f->e, u->sg->dir_name[FED_PROVIDES]);
    }
}

static void drop_extension(struct upgrade *u, struct fed_type *t)
{
    if (!federation_extension(u, t) && !root_extension(u, t))
        return;
    t->n_extensions = 0;
    t->has_definition = true;
    for (size_t i = 0; i < t->e.applied.n; i++)
        t->e.applied.v[i].ext = 0;
    for (size_t i = 0; i < t->fields.n; i++)
        t->fields.v[i]->ext = 0;
}

static void drop_interface_keys(struct upgrade *u, struct fed_type *t)
{
    if (t->kind != GQL_INTERFACE || !fed_has(u->sg, &t->e, FED_KEY))
        return;
    map_put(u->a, &u->interface_keys, t->e.name, t);
    fed_elem_unapply(&t->e, u->sg->dir_name[FED_KEY]);
}

/* ---- unused externals ---- */

static bool is_referenced(const struct fed_schema *s, const struct fed_type *t)
{
    for (size_t i = 0; i < s->types.n; i++) {
        const struct fed_type *o = s->types.v[i];
        if (fed_type_implements(o, t->e.name) || fed_type_has_member(o, t->e.name))
            return true;
        for (size_t j = 0; j < o->fields.n; j++)
            if (str_eq(fed_ref_base(o->fields.v[j]->type)->name, t->e.name))
                return true;
    }
    return fed_type_is_any_root(s, t);
}

static void drop_unused_externals(struct upgrade *u)
{
    struct fed_schema *s = u->sg->schema;
    fed_meta_compute(u->sg);
    for (size_t i = s->types.n; i-- > 0;) {
        struct fed_type *t = s->types.v[i];
        if (!fed_type_has_fields(t) || t->feature || t->fields.n == 0)
            continue;
        for (size_t j = t->fields.n; j-- > 0;)
            if (t->fields.v[j]->external && !t->fields.v[j]->used)
                fed_type_remove_field(s, t, t->fields.v[j]);
        if (t->fields.n)
            continue;
        if (fed_type_is_root(s, t, GQL_QUERY))
            continue;
        if (is_referenced(s, t))
            msg_error(
                u->m, (struct where){u->sg, &t->e, {0}}, "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
                "type \"%.*s\" has only @external fields that nothing uses: delete it, or the fields that refer to it",
                STR_ARG(t->e.name));
        else
            fed_schema_remove_type(s, t);
    }
}

/* ---- @shareable ---- */

static void share_field(struct upgrade *u, const struct before *b, struct fed_field *f)
{
    struct str at = fed_coordinate(u->a, &f->e);
    if (map_has(&b->shareable[u->sg->index], at) || fed_has(u->sg, &f->e, FED_SHAREABLE))
        return;
    for (uint32_t i = 0; i < u->n; i++)
        if (i != u->sg->index && map_has(&b->resolves[i], at)) {
            fed_elem_apply(u->a, &f->e, u->sg->dir_name[FED_SHAREABLE]);
            return;
        }
}

static void share_type(struct upgrade *u, const struct before *b, struct fed_type *t)
{
    if (t->kind != GQL_OBJECT_TYPE || t->feature || fed_type_is_root(u->sg->schema, t, GQL_SUBSCRIPTION))
        return;
    if (fed_has(u->sg, &t->e, FED_KEY) || fed_type_is_any_root(u->sg->schema, t)) {
        for (size_t i = 0; i < t->fields.n; i++)
            share_field(u, b, t->fields.v[i]);
        return;
    }
    for (uint32_t i = 0; i < u->n; i++)
        if (i != u->sg->index && map_has(&b->objects[i], t->e.name) && !fed_has(u->sg, &t->e, FED_SHAREABLE)) {
            fed_elem_apply(u->a, &t->e, u->sg->dir_name[FED_SHAREABLE]);
            return;
        }
}

/* ---- @tag on external fields: the resolving subgraph has it too ---- */

static bool tagged_elsewhere(const struct upgrade *u, const struct fed_field *f, const struct fed_applied *tag)
{
    for (uint32_t i = 0; i < u->n; i++) {
        struct fed_type *t = &u->all[i] != u->sg ? fed_schema_type(u->all[i].schema, f->parent->e.name) : NULL;
        struct fed_field *o = t && fed_type_has_fields(t) ? fed_type_field(t, f->e.name) : NULL;
        for (size_t j = 0; o && !fed_has(&u->all[i], &o->e, FED_EXTERNAL) && j < o->e.applied.n; j++)
            if (str_eq(o->e.applied.v[j].name, u->all[i].dir_name[FED_TAG]) &&
                str_eq(fed_applied_str(&o->e.applied.v[j], STR("name")), fed_applied_str(tag, STR("name"))))
                return true;
    }
    return false;
}

static void drop_tags(struct upgrade *u, struct fed_field *f)
{
    size_t n = 0;
    if (!fed_has(u->sg, &f->e, FED_EXTERNAL))
        return;
    for (size_t i = 0; i < f->e.applied.n; i++)
        if (!str_eq(f->e.applied.v[i].name, u->sg->dir_name[FED_TAG]) || !tagged_elsewhere(u, f, &f->e.applied.v[i]))
            f->e.applied.v[n++] = f->e.applied.v[i];
    f->e.applied.n = n;
}

/* ---- all ---- */

static void each_type(struct upgrade *u, void (*step)(struct upgrade *, struct fed_type *))
{
    for (size_t i = 0; i < u->sg->schema->types.n; i++)
        step(u, u->sg->schema->types.v[i]);
}

static void each_field(struct upgrade *u, void (*step)(struct upgrade *, struct fed_field *))
{
    for (size_t i = 0; i < u->sg->schema->types.n; i++)
        for (size_t j = 0; j < u->sg->schema->types.v[i]->fields.n; j++)
            step(u, u->sg->schema->types.v[i]->fields.v[j]);
}

static void fix_type_arguments(struct upgrade *u, struct fed_type *t)
{
    fix_arguments(u, &t->e);
}
static void fix_field_arguments(struct upgrade *u, struct fed_field *f)
{
    fix_arguments(u, &f->e);
}

static void upgrade_one(struct upgrade *u, const struct before *b)
{
    size_t errors = u->m->errors.n;
    subgraph_link_upgrade(u->sg, u->m);
    if (u->sg->broken)
        return;
    check_bases(u, b);
    each_type(u, fix_type_arguments);
    each_field(u, fix_field_arguments);
    each_type(u, drop_external_marks);
    each_type(u, drop_external_on_extension);
    each_field(u, fix_field);
    each_type(u, drop_extension);
    each_type(u, drop_interface_keys);
    drop_unused_externals(u);
    for (size_t i = 0; i < u->sg->schema->types.n; i++)
        share_type(u, b, u->sg->schema->types.v[i]);
    each_field(u, drop_tags);
    fed_meta_compute(u->sg);
    if (u->m->errors.n == errors)
        subgraph_check_rules(u->sg, u->m, u->m->errors.n);
}

static void note_before(struct arena *a, struct before *b, struct fed_subgraph *sg)
{
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        if (t->has_definition)
            map_put(a, &b->defines[sg->index], t->e.name, t);
        if (fed_type_has_fields(t))
            map_put(a, &b->objects[sg->index], t->e.name, t);
        for (size_t j = 0; j < t->fields.n; j++) {
            struct fed_field *f = t->fields.v[j];
            struct str at = fed_coordinate(a, &f->e);
            if (!f->external || f->provided)
                map_put(a, &b->resolves[sg->index], at, f);
            if (f->shareable)
                map_put(a, &b->shareable[sg->index], at, f);
        }
    }
}

static void check_interface_objects(struct fed_subgraph *subgraphs, uint32_t n, struct messages *m,
                                    const struct map *keys)
{
    for (uint32_t i = 0; i < n; i++)
        for (size_t j = 0; j < subgraphs[i].schema->types.n; j++) {
            struct fed_type *t = subgraphs[i].schema->types.v[j];
            struct fed_subgraph *old = t->interface_object ? map_get(keys, t->e.name) : NULL;
            if (old)
                msg_error(m, (struct where){&subgraphs[i], &t->e, {0}}, "INTERFACE_OBJECT_USAGE_ERROR",
                          "\"%.*s\" is an @interfaceObject, which needs its key resolved as in Federation 2, but "
                          "subgraph \"%.*s\" is a "
                          "Federation 1 schema: upgrade that subgraph",
                          STR_ARG(t->e.name), STR_ARG(old->name));
        }
}

void subgraphs_upgrade(struct fed_subgraph *subgraphs, uint32_t n, struct messages *m)
{
    struct arena *a = m->arena;
    struct before b = {arena_array(a, struct map, n), arena_array(a, struct map, n), arena_array(a, struct map, n),
                       arena_array(a, struct map, n)};
    struct map keys = {0};
    bool any = false;
    for (uint32_t i = 0; i < n; i++)
        any |= !subgraphs[i].fed2;
    if (!any)
        return;
    for (uint32_t i = 0; i < n; i++)
        note_before(a, &b, &subgraphs[i]);
    for (uint32_t i = 0; i < n; i++) {
        struct upgrade u = {.sg = &subgraphs[i], .all = subgraphs, .n = n, .m = m, .a = a};
        if (subgraphs[i].fed2)
            continue;
        size_t errors = m->errors.n;
        upgrade_one(&u, &b);
        if (m->errors.n > errors) /* as it is, nobody knows what its keys are */
            continue;
        for (size_t j = 0; j < u.interface_keys.n; j++)
            map_put(a, &keys, u.interface_keys.entries[j].key, &subgraphs[i]);
    }
    check_interface_objects(subgraphs, n, m, &keys);
}
