/* @join__type, @join__field, @join__implements and @join__unionMember → who resolves what. */
#include "federation/supergraph_private.h"

#include "graphql/parser.h"

/* ---- subgraphs ---- */

void sg_load_subgraphs(struct sg_loader *l)
{
    const struct gql_definition *graphs = NULL;
    for (uint32_t i = 0; i < l->doc->n; i++)
        if (l->doc->definitions[i]->kind == GQL_ENUM_DEF &&
            str_eq_c(l->doc->definitions[i]->name.s, "join__Graph"))
            graphs = l->doc->definitions[i];
    if (!graphs || !graphs->n_values) {
        sg_fail(l, graphs ? graphs->loc : (struct gql_loc){0},
                "The supergraph names no subgraphs: enum join__Graph is missing or empty");
        return;
    }
    l->s->n_subgraphs = graphs->n_values;
    l->s->subgraphs = arena_array(l->a, struct sg_subgraph, graphs->n_values);
    for (uint32_t i = 0; i < graphs->n_values; i++) {
        const struct gql_enum_value_definition *v = &graphs->values[i];
        const struct gql_directive *d = gql_directive_find(&v->directives, STR("join__graph"));
        struct sg_subgraph *g = &l->s->subgraphs[i];
        if (!d)
            sg_fail(l, v->loc, "join__Graph.%.*s has no @join__graph(name:, url:)",
                    STR_ARG(v->name.s));
        *g = (struct sg_subgraph){.id = i,
                                  .enum_name = v->name.s,
                                  .name = d ? sg_string_arg(d, STR("name")) : v->name.s,
                                  .url = d ? sg_string_arg(d, STR("url")) : STR_NONE};
        map_put(l->a, &l->graph_by_enum, g->enum_name, g);
    }
}

/* The subgraph that `graph:` names, or NULL when the argument is absent (or wrong: then there is an
 * error). */
static const struct sg_subgraph *graph_of(struct sg_loader *l, const struct gql_directive *d)
{
    struct str name = sg_string_arg(d, STR("graph"));
    if (!name.p)
        return NULL;
    const struct sg_subgraph *g = map_get(&l->graph_by_enum, name);
    if (!g)
        sg_fail(l, d->loc, "@%.*s names the subgraph %.*s, which enum join__Graph does not have",
                STR_ARG(d->name.s), STR_ARG(name));
    return g;
}

static struct gql_selection_set *field_set(struct sg_loader *l, const struct gql_directive *d,
                                           struct str arg)
{
    struct str text = sg_string_arg(d, arg);
    if (!text.p)
        return NULL;
    struct gql_errors errors = {0};
    struct gql_selection_set *set = gql_parse_field_set(l->a, text, &errors);
    if (!set)
        sg_fail(l, d->loc, "@%.*s(%.*s: \"%.*s\") is no selection of fields: %.*s",
                STR_ARG(d->name.s), STR_ARG(arg), STR_ARG(text), STR_ARG(errors.v[0].message));
    return set;
}

/* ---- types ---- */

static void load_type_joins(struct sg_loader *l, struct sg_type *t)
{
    const struct gql_directive_list *ds = &t->type->directives;
    VEC(struct sg_key) keys = {0};
    bool any = false;

    for (uint32_t i = 0; i < ds->n; i++) {
        const struct gql_directive *d = &ds->v[i];
        if (!str_eq_c(d->name.s, "join__type") && !str_eq_c(d->name.s, "join__owner"))
            continue;
        const struct sg_subgraph *g = graph_of(l, d);
        if (!g)
            continue;
        any = true;
        bits_set(t->subgraphs, g->id);
        if (sg_bool_arg(d, STR("isInterfaceObject"), false))
            bits_set(t->interface_object, g->id);
        struct gql_selection_set *fields = field_set(l, d, STR("key"));
        if (fields)
            vec_push(l->a, &keys,
                     (struct sg_key){.subgraph = g->id,
                                     .text = sg_string_arg(d, STR("key")),
                                     .fields = fields,
                                     .resolvable = sg_bool_arg(d, STR("resolvable"), true)});
    }
    for (uint32_t i = 0; !any && i < l->s->n_subgraphs;
         i++) /* join v0.1: value types say nothing */
        bits_set(t->subgraphs, i);
    t->keys = keys.v;
    t->n_keys = (uint32_t)keys.n;
}

static bool defines(const struct sg_loader *l, const char *directive)
{
    for (uint32_t i = 0; i < l->doc->n; i++)
        if (l->doc->definitions[i]->kind == GQL_DIRECTIVE_DEF &&
            str_eq_c(l->doc->definitions[i]->name.s, directive))
            return true;
    return false;
}

static struct bits *possible_bits(struct sg_loader *l, struct sg_type *t, uint32_t subgraph)
{
    if (!t->possible_in[subgraph])
        t->possible_in[subgraph] = bits_new(l->a, l->s->full->n_types);
    return t->possible_in[subgraph];
}

/* Older documents do not say which subgraph knows which member: then whoever knows both knows the
 * relation. */
static void possible_by_default(struct sg_loader *l, struct sg_type *t)
{
    for (int m = bits_next(t->type->possible, 0); m >= 0;
         m = bits_next(t->type->possible, (uint32_t)m + 1))
        for (int g = bits_next(t->subgraphs, 0); g >= 0;
             g = bits_next(t->subgraphs, (uint32_t)g + 1))
            if (bits_has(l->s->types[m].subgraphs, (uint32_t)g))
                bits_set(possible_bits(l, t, (uint32_t)g), (uint32_t)m);
}

static void union_members(struct sg_loader *l, struct sg_type *t)
{
    const struct gql_directive_list *ds = &t->type->directives;
    for (uint32_t i = 0; i < ds->n; i++) {
        if (!str_eq_c(ds->v[i].name.s, "join__unionMember"))
            continue;
        const struct sg_subgraph *g = graph_of(l, &ds->v[i]);
        const struct gql_type *m =
            gql_schema_type(l->s->full, sg_string_arg(&ds->v[i], STR("member")));
        if (g && m)
            bits_set(possible_bits(l, t, g->id), m->id);
    }
}

static void implementations(struct sg_loader *l, struct sg_type *t)
{
    const struct gql_directive_list *ds = &t->type->directives;
    for (uint32_t i = 0; i < ds->n; i++) {
        if (!str_eq_c(ds->v[i].name.s, "join__implements"))
            continue;
        const struct sg_subgraph *g = graph_of(l, &ds->v[i]);
        const struct gql_type *iface =
            gql_schema_type(l->s->full, sg_string_arg(&ds->v[i], STR("interface")));
        if (g && iface && iface->kind == GQL_INTERFACE)
            bits_set(possible_bits(l, &l->s->types[iface->id], g->id), t->type->id);
    }
}

static void load_possible(struct sg_loader *l)
{
    bool says_members = defines(l, "join__unionMember"),
         says_implements = defines(l, "join__implements");

    for (uint32_t i = 0; i < l->s->full->n_types; i++) {
        struct sg_type *t = &l->s->types[i];
        bool by_default = t->type->kind == GQL_UNION
                              ? !says_members
                              : t->type->kind == GQL_INTERFACE && !says_implements;
        if (by_default)
            possible_by_default(l, t);
        else if (t->type->kind == GQL_UNION)
            union_members(l, t);
        else if (t->type->kind == GQL_OBJECT_TYPE)
            implementations(l, t);
    }
}

/* ---- fields ---- */

static struct gql_tref *resolve_ref(struct sg_loader *l, const struct gql_type_ref *ref)
{
    struct gql_tref *t = arena_new_of(l->a, struct gql_tref);
    t->kind = ref->kind;
    if (ref->kind == GQL_REF_NAMED)
        t->type = gql_schema_type(l->s->full, ref->name);
    else
        t->of = resolve_ref(l, ref->of);
    return ref->kind != GQL_REF_NAMED ? (t->of ? t : NULL) : (t->type ? t : NULL);
}

static const struct gql_tref *join_field_type(struct sg_loader *l, const struct gql_field *f,
                                              const struct gql_directive *d)
{
    struct str text = sg_string_arg(d, STR("type"));
    if (!text.p)
        return f->type;
    struct gql_errors errors = {0};
    struct gql_type_ref *ref = gql_parse_type_ref(l->a, text, &errors);
    const struct gql_tref *type = ref ? resolve_ref(l, ref) : NULL;
    if (!type)
        sg_fail(l, d->loc,
                "@join__field(type: \"%.*s\") on %.*s.%.*s names no type of this document",
                STR_ARG(text), STR_ARG(f->parent->name), STR_ARG(f->name));
    return type;
}

static bool in_key(const struct sg_type *t, uint32_t subgraph, struct str field)
{
    for (uint32_t i = 0; i < t->n_keys; i++)
        for (uint32_t k = 0; t->keys[i].subgraph == subgraph && k < t->keys[i].fields->n; k++)
            if (str_eq(t->keys[i].fields->items[k]->name.s, field))
                return true;
    return false;
}

/* The number N of `percent(N)`, or -1. */
static double percent_of(struct str label)
{
    char digits[32];
    if (!str_starts(label, STR("percent(")) || !str_ends(label, STR(")")) || label.len - 9 >= sizeof digits)
        return -1;
    memcpy(digits, label.p + 8, label.len - 9);
    digits[label.len - 9] = '\0';
    char *end;
    double n = strtod(digits, &end);
    return end > digits && *end == '\0' && n >= 0 && n <= 100 ? n : -1;
}

static int label_index(struct sg_loader *l, struct str text)
{
    if (!text.p)
        return -1;
    for (size_t i = 0; i < l->labels.n; i++)
        if (str_eq(l->labels.v[i].text, text))
            return (int)i;
    vec_push(l->a, &l->labels, (struct sg_label){text, percent_of(text)});
    return (int)l->labels.n - 1;
}

static struct sg_field_join join_of(struct sg_loader *l, const struct sg_type *t,
                                    const struct gql_field *f, const struct gql_directive *d,
                                    uint32_t subgraph)
{
    bool external = sg_bool_arg(d, STR("external"), false);
    struct sg_field_join join = {
        .subgraph = subgraph,
        .external = external,
        .key_external = external && in_key(t, subgraph, f->name),
        .overridden = sg_bool_arg(d, STR("usedOverridden"), false),
        .requires = field_set(l, d, STR("requires")),
        .provides = field_set(l, d, STR("provides")),
        .type = join_field_type(l, f, d),
        .override_from = sg_string_arg(d, STR("override")),
        .label = label_index(l, sg_string_arg(d, STR("overrideLabel"))),
    };
    sg_load_context_args(l, d, &join);
    return join;
}

/* A field without any @join__field is known wherever its type is. In join v0.1 the owner of an
 * entity has the rest of its fields. */
static void join_everywhere(struct sg_loader *l, const struct sg_type *t, struct sg_field *f)
{
    const struct gql_directive *owner =
        gql_directive_find(&t->type->directives, STR("join__owner"));
    const struct sg_subgraph *only = owner ? graph_of(l, owner) : NULL;

    f->joins = arena_array(l->a, struct sg_field_join, bits_count(t->subgraphs));
    for (int g = bits_next(t->subgraphs, 0); g >= 0; g = bits_next(t->subgraphs, (uint32_t)g + 1))
        if (!only || only->id == (uint32_t)g || in_key(t, (uint32_t)g, f->field->name))
            f->joins[f->n_joins++] =
                (struct sg_field_join){.subgraph = (uint32_t)g, .type = f->field->type, .label = -1};
}

static void load_field_joins(struct sg_loader *l, const struct sg_type *t, struct sg_field *f)
{
    const struct gql_directive_list *ds = &f->field->directives;
    VEC(struct sg_field_join) joins = {0};
    bool any = false;

    for (uint32_t i = 0; i < ds->n; i++) {
        if (!str_eq_c(ds->v[i].name.s, "join__field"))
            continue;
        any = true;
        /* Without a subgraph: an @interfaceObject brings the field, and no subgraph has it on this
         * type. */
        const struct sg_subgraph *g = graph_of(l, &ds->v[i]);
        if (g)
            vec_push(l->a, &joins, join_of(l, t, f->field, &ds->v[i], g->id));
    }
    if (!any) {
        join_everywhere(l, t, f);
        return;
    }
    f->joins = joins.v;
    f->n_joins = (uint32_t)joins.n;
}

void sg_load_types(struct sg_loader *l)
{
    uint32_t n = l->s->full->n_types;

    l->s->types = arena_array(l->a, struct sg_type, n);
    for (uint32_t i = 0; i < n; i++) {
        struct sg_type *t = &l->s->types[i];
        t->type = l->s->full->types[i];
        t->subgraphs = bits_new(l->a, l->s->n_subgraphs);
        t->interface_object = bits_new(l->a, l->s->n_subgraphs);
        t->possible_in = arena_array(l->a, struct bits *, l->s->n_subgraphs);
        t->inaccessible = l->names.inaccessible.p &&
                          gql_directive_find(&t->type->directives, l->names.inaccessible);
        if (!t->type->builtin)
            load_type_joins(l, t);
    }
    load_possible(l);
    sg_load_contexts(l);
    for (uint32_t i = 0; i < n; i++) {
        struct sg_type *t = &l->s->types[i];
        t->fields =
            t->type->n_fields ? arena_array(l->a, struct sg_field, t->type->n_fields) : NULL;
        for (uint32_t k = 0; k < t->type->n_fields; k++) {
            struct sg_field *f = &t->fields[k];
            f->field = &t->type->fields[k];
            f->auth = -1;
            f->inaccessible = l->names.inaccessible.p &&
                              gql_directive_find(&f->field->directives, l->names.inaccessible);
            if (!t->type->builtin)
                load_field_joins(l, t, f);
        }
    }
    l->s->labels = l->labels.v;
    l->s->n_labels = (uint32_t)l->labels.n;
}
