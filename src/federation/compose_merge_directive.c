/* Directives: the definitions of executable and composed ones, and the applications on everything that was merged. */
#include "federation/compose_merge.h"

#define EXECUTABLE ((1u << (GQL_ON_VARIABLE_DEFINITION + 1)) - 1)

/* ---- definitions ---- */

static bool builtin(struct str name)
{
    return str_eq(name, STR("skip")) || str_eq(name, STR("include")) || str_eq(name, STR("deprecated")) ||
           str_eq(name, STR("specifiedBy"));
}

static struct str text_of_repeatable(struct arena *a, const struct source *s, const void *data)
{
    return ((const struct fed_directive *)s->elem)->repeatable ? STR("repeatable") : STR("not repeatable");
}

static struct str text_of_locations(struct arena *a, const struct source *s, const void *data)
{
    uint32_t bits = ((const struct fed_directive *)s->elem)->locations & EXECUTABLE;
    struct str out = STR("on");
    for (int l = 0; l <= GQL_ON_VARIABLE_DEFINITION; l++)
        if (bits >> l & 1)
            out = arena_printf(a, "%.*s %.*s", STR_ARG(out),
                               STR_ARG(gql_directive_location_name((enum gql_directive_location)l)));
    return out;
}

static struct str text_of_presence(struct arena *a, const struct source *s, const void *data)
{
    return s->elem ? STR("defined") : STR("missing");
}

#define directive_hint(mg, name, code, fmt, ...)                                                                       \
    msg_hint((mg)->m, COMPOSE_WARN, (struct where){.coordinate = arena_printf((mg)->a, "@%.*s", STR_ARG(name))}, code, \
             "directive @%.*s " fmt, STR_ARG(name), STR_ARG(__VA_ARGS__))

/* Is it in all subgraphs, or at least in all before it is clear that they have no place in common? */
static bool in_all(struct merge *mg, const struct sources *s, struct str name)
{
    uint32_t common = EXECUTABLE;
    for (uint32_t i = 0; i < s->n && common; i++) {
        if (!s->v[i].elem) {
            directive_hint(mg, name, "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
                           "is left out of the supergraph: it is %.*s",
                           sources_describe(mg->a, s, STR("defined"), text_of_presence, NULL, true));
            return false;
        }
        common &= ((const struct fed_directive *)s->v[i].elem)->locations;
    }
    return true;
}

/* A client can use what every subgraph understands. */
static void merge_executable(struct merge *mg, const struct sources *s, struct str name)
{
    if (!in_all(mg, s, name))
        return;
    uint32_t locations = EXECUTABLE, all = 0;
    bool repeatable = true, any_repeatable = false, different = false;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct fed_directive *d = (const struct fed_directive *)s->v[i].elem;
        if (!d)
            continue;
        different |= i > 0 && (d->locations & EXECUTABLE) != all;
        all |= d->locations & EXECUTABLE;
        locations &= d->locations;
        repeatable &= d->repeatable;
        any_repeatable |= d->repeatable;
    }
    if (!locations) {
        directive_hint(mg, name, "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
                       "is left out of the supergraph, as no place is common to all: it is %.*s",
                       sources_describe(mg->a, s, STR_NONE, text_of_locations, NULL, false));
        return;
    }
    struct fed_directive *dest = fed_schema_add_directive(mg->out, name);
    dest->repeatable = repeatable;
    dest->locations = locations;
    merge_description(mg, s, &dest->e);
    if (any_repeatable && !repeatable)
        directive_hint(mg, name, "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
                       "is not repeatable in the supergraph: it is %.*s",
                       sources_describe(mg->a, s, STR_NONE, text_of_repeatable, NULL, false));
    if (different)
        directive_hint(mg, name, "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
                       "keeps the places common to all: it is %.*s",
                       sources_describe(mg->a, s, STR_NONE, text_of_locations, NULL, false));
    merge_arguments(mg, s, &dest->e);
}

static void copy_custom(struct merge *mg, const struct merged_directive *m)
{
    const struct fed_directive *def = m->definition;
    if (!def)
        return;
    struct fed_directive *dest = fed_schema_add_directive(mg->out, m->name);
    dest->repeatable = def->repeatable;
    dest->locations = def->locations;
    dest->e.description = def->e.description;
    dest->e.has_description = def->e.has_description;
    struct source one = {m->defined_by, (struct fed_elem *)&def->e};
    merge_arguments(mg, &(struct sources){&one, 1}, &dest->e);
}

static struct sources directive_sources(struct merge *mg, struct str name)
{
    struct sources s = {arena_array(mg->a, struct source, mg->n), mg->n};
    for (uint32_t i = 0; i < mg->n; i++)
        s.v[i] = (struct source){&mg->sg[i], (struct fed_elem *)fed_schema_directive(mg->sg[i].schema, name)};
    return s;
}

void merge_directive_definitions(struct merge *mg)
{
    for (size_t i = 0; i < mg->directives.n; i++) {
        const struct merged_directive *m = mg->directives.entries[i].value;
        if (!m->spec)
            copy_custom(mg, m);
    }
    struct map seen = {0};
    for (uint32_t i = 0; i < mg->n; i++)
        for (size_t j = 0; j < mg->sg[i].schema->directives.n; j++) {
            const struct fed_directive *d = mg->sg[i].schema->directives.v[j];
            if (!(d->locations & EXECUTABLE) || builtin(d->e.name) || map_has(&mg->directives, d->e.name) ||
                map_has(&seen, d->e.name))
                continue;
            map_put(mg->a, &seen, d->e.name, &seen);
            struct sources s = directive_sources(mg, d->e.name);
            merge_executable(mg, &s, d->e.name);
        }
}

/* ---- equal applications ---- */

struct application {
    const struct fed_applied *d;
    const struct fed_directive *def; /* of a directive that no feature of ours brings: in the subgraph it is from */
    uint32_t count;
};
struct application_vec VEC_BODY(struct application);

/* What an argument that is left out is by the specification. */
static const struct gql_value *spec_default(struct merge *mg, const struct fed_applied *d, struct str arg)
{
    const struct merged_directive *m = map_get(&mg->directives, d->name);
    if (str_eq(d->name, STR("deprecated")))
        return fed_value_new(mg->a, GQL_STRING, STR("No longer supported"));
    for (const struct spec_arg *a = m && m->spec ? m->spec->args : NULL; a && a->name; a++)
        if (str_eq_c(arg, a->name) && a->default_value)
            return fed_value_bool(mg->a, true);
    return NULL;
}

/* The value an argument has, its default included; NULL for null, which is what it is when it is left out without one.
 */
static const struct gql_value *effective(struct merge *mg, const struct application *app, struct str arg)
{
    const struct gql_value *v = fed_applied_arg(app->d, arg);
    const struct fed_input *i = app->def ? fed_directive_def_arg(app->def, arg) : NULL;
    if (!v)
        v = i ? i->default_value : spec_default(mg, app->d, arg);
    return v && v->kind != GQL_NULL ? v : NULL;
}

static bool same_argument(struct merge *mg, const struct application *a, const struct application *b, struct str arg)
{
    return fed_value_equal(effective(mg, a, arg), effective(mg, b, arg));
}

/* Subgraphs that define a directive with other arguments or defaults mean different things by what looks alike. */
static bool same_meaning(struct merge *mg, const struct application *a, const struct application *b)
{
    for (size_t i = 0; i < a->def->args.n; i++) {
        struct str name = a->def->args.v[i]->e.name;
        if (!fed_directive_def_arg(b->def, name) || !same_argument(mg, a, b, name))
            return false;
    }
    return a->def->args.n == b->def->args.n;
}

static bool covers(struct merge *mg, const struct application *a, const struct application *b)
{
    for (uint32_t i = 0; i < a->d->n_args; i++)
        if (!same_argument(mg, a, b, a->d->args[i].name.s))
            return false;
    return true;
}

static bool same_application(struct merge *mg, const struct application *a, const struct application *b)
{
    return a->def && b->def ? same_meaning(mg, a, b) : covers(mg, a, b) && covers(mg, b, a);
}

/* ---- merging the arguments of directives that stand once ---- */

struct value_list VEC_BODY(struct gql_value *);

static int64_t int_of(const struct gql_value *v)
{
    int64_t n = 0;
    return v->kind == GQL_INT && str_to_i64(v->text, &n) ? n : 0;
}

static struct gql_value *merge_max(struct merge *mg, const struct value_list *v)
{
    int64_t max = int_of(v->v[0]);
    for (size_t i = 1; i < v->n; i++)
        if (int_of(v->v[i]) > max)
            max = int_of(v->v[i]);
    return fed_value_int(mg->a, max);
}

static struct gql_value *merge_and(struct merge *mg, const struct value_list *v)
{
    bool all = true;
    for (size_t i = 0; i < v->n; i++)
        all &= v->v[i]->boolean;
    return fed_value_bool(mg->a, all);
}

static void push_new(struct merge *mg, struct value_list *list, struct gql_value *v)
{
    for (size_t i = 0; i < list->n; i++)
        if (fed_value_equal(list->v[i], v))
            return;
    vec_push(mg->a, list, v);
}

static struct gql_value *merge_union_of_lists(struct merge *mg, const struct value_list *v)
{
    struct value_list out = {0};
    for (size_t i = 0; i < v->n; i++) {
        if (v->v[i]->kind != GQL_LIST)
            push_new(mg, &out, v->v[i]);
        for (uint32_t j = 0; v->v[i]->kind == GQL_LIST && j < v->v[i]->n; j++)
            push_new(mg, &out, v->v[i]->items[j]);
    }
    return fed_value_list(mg->a, out.v, (uint32_t)out.n);
}

static struct gql_value *merge_values(struct merge *mg, enum spec_merge how, const struct value_list *v)
{
    if (v->n == 0)
        return NULL;
    switch (how) {
    case SPEC_MERGE_MAX:
    case SPEC_MERGE_NULLABLE_MAX: return merge_max(mg, v);
    case SPEC_MERGE_NULLABLE_AND: return merge_and(mg, v);
    case SPEC_MERGE_NULLABLE_UNION: return merge_union_of_lists(mg, v);
    case SPEC_MERGE_DNF: return dnf_and(mg->a, v->v, v->n);
    case SPEC_MERGE_NONE: break;
    }
    return v->v[0];
}

static void apply_merged(struct merge *mg, const struct spec_directive *spec, const struct application_vec *apps,
                         struct fed_elem *dest)
{
    struct fed_applied *out = fed_elem_apply(mg->a, dest, apps->v[0].d->name);
    for (const struct spec_arg *arg = spec->args; arg->name; arg++) {
        struct value_list values = {0};
        for (size_t i = 0; i < apps->n; i++) {
            const struct gql_value *v = effective(mg, &apps->v[i], str_c(arg->name));
            if (v)
                vec_push(mg->a, &values, (struct gql_value *)v);
        }
        struct gql_value *v = merge_values(mg, arg->merge, &values);
        if (v)
            fed_applied_add_arg(mg->a, out, str_c(arg->name), v);
        else if (arg->merge == SPEC_MERGE_DNF)
            msg_error(
                mg->m, in_supergraph(dest), "UNSUPPORTED_FEATURE",
                "the %s of \"%.*s\" multiply to too many alternatives across subgraphs: use the same ones everywhere",
                arg->name, STR_ARG(fed_coordinate(mg->a, dest)));
    }
    msg_hint(mg->m, COMPOSE_INFO, in_supergraph(dest), "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
             "@%s on \"%.*s\" has different arguments in different subgraphs; they are merged to %.*s", spec->name,
             STR_ARG(fed_coordinate(mg->a, dest)), STR_ARG(fed_applied_print(mg->a, out)));
}

/* ---- one directive on one element ---- */

static struct str text_of_application(struct arena *a, const struct source *s, const void *data)
{
    const struct fed_applied *d = fed_applied_find(s->elem, *(const struct str *)data);
    return d ? fed_applied_print(a, d) : STR_NONE;
}

static void apply_copy(struct merge *mg, const struct fed_applied *d, struct fed_elem *dest)
{
    struct fed_applied *out = fed_elem_apply(mg->a, dest, d->name);
    out->args = d->args;
    out->n_args = d->n_args;
}

static bool is_repeatable(const struct merge *mg, struct str name)
{
    const struct merged_directive *m = map_get(&mg->directives, name);
    if (m && m->spec)
        return m->spec->repeatable;
    const struct fed_directive *def = m ? m->definition : NULL;
    return def && def->repeatable;
}

/* @context(name:) carries the subgraph in the name: contexts of different subgraphs are different. */
static const struct fed_applied *transformed(struct merge *mg, const struct fed_applied *d,
                                             const struct fed_subgraph *sg)
{
    const struct merged_directive *m = map_get(&mg->directives, d->name);
    if (!m || !m->spec || m->spec->id != FED_CONTEXT)
        return d;
    struct fed_applied *out = arena_new_of(mg->a, struct fed_applied);
    out->name = d->name;
    struct str name = fed_applied_str(d, STR("name"));
    fed_applied_add_arg(
        mg->a, out, STR("name"),
        fed_value_new(mg->a, GQL_STRING, arena_printf(mg->a, "%.*s__%.*s", STR_ARG(sg->name), STR_ARG(name))));
    return out;
}

static void collect(struct merge *mg, const struct sources *s, struct str name, struct application_vec *out)
{
    const struct merged_directive *m = map_get(&mg->directives, name);
    bool custom = m && !m->spec;
    for (uint32_t i = 0; i < s->n; i++)
        for (size_t j = 0; s->v[i].elem && j < s->v[i].elem->applied.n; j++) {
            const struct fed_applied *d = &s->v[i].elem->applied.v[j];
            if (!str_eq(d->name, name))
                continue;
            const struct fed_directive *def = custom ? fed_schema_directive(s->v[i].sg->schema, name) : NULL;
            struct application app = {transformed(mg, d, s->v[i].sg), def, 0};
            size_t k = 0;
            while (k < out->n && !same_application(mg, &out->v[k], &app))
                k++;
            if (k == out->n)
                vec_push(mg->a, out, app);
            out->v[k].count++;
        }
}

static void merge_one(struct merge *mg, struct str name, const struct sources *s, struct fed_elem *dest)
{
    struct application_vec apps = {0};
    collect(mg, s, name, &apps);
    if (apps.n == 0)
        return;
    const struct merged_directive *m = map_get(&mg->directives, name);
    if (apps.n == 1 || is_repeatable(mg, name)) {
        for (size_t i = 0; i < apps.n; i++)
            apply_copy(mg, apps.v[i].d, dest);
        return;
    }
    if (m && m->spec && m->spec->args[0].name && m->spec->args[0].merge != SPEC_MERGE_NONE) {
        apply_merged(mg, m->spec, &apps, dest);
        return;
    }
    size_t best = 0;
    for (size_t i = 1; i < apps.n; i++)
        if (apps.v[i].count > apps.v[best].count)
            best = i;
    apply_copy(mg, apps.v[best].d, dest);
    msg_hint(mg->m, COMPOSE_WARN, in_supergraph(dest), "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
             "@%.*s on \"%.*s\" has different arguments: it is %.*s. The supergraph takes the first", STR_ARG(name),
             STR_ARG(fed_coordinate(mg->a, dest)),
             STR_ARG(sources_describe(mg->a, s, fed_applied_print(mg->a, apps.v[best].d), text_of_application, &name,
                                      false)));
}

/* ---- all directives of an element ---- */

bool merge_is_inaccessible(const struct merge *mg, const struct fed_elem *e)
{
    return fed_applied_find(e, mg->inaccessible) != NULL;
}

static bool guarded_kind(const struct fed_elem *e)
{
    return e->elem_kind == FED_ELEM_FIELD ||
           (e->elem_kind == FED_ELEM_TYPE && ((const struct fed_type *)e)->kind == GQL_INTERFACE);
}

void merge_applied_later(struct merge *mg, const struct sources *s, struct fed_elem *dest)
{
    struct pending_applied p = {.sources = *s, .dest = dest};
    if (mg->inaccessible.p)
        merge_one(mg, mg->inaccessible, s, dest);
    bool any = false;
    for (uint32_t i = 0; i < s->n; i++)
        any |= s->v[i].elem && s->v[i].elem->applied.n;
    if (guarded_kind(dest))
        for (int i = 0; i < 3; i++) {
            p.extra[i] = mg->auth_extra[i].n ? map_get(&mg->auth_extra[i], fed_coordinate(mg->a, dest)) : NULL;
            any |= p.extra[i] != NULL;
        }
    if (any)
        vec_push(mg->a, &mg->pending, p);
}

static struct sources with_extra(struct merge *mg, const struct sources *s, const struct source_vec *extra)
{
    if (!extra)
        return *s;
    struct sources out = {arena_array(mg->a, struct source, s->n + extra->n), s->n + (uint32_t)extra->n};
    if (s->n)
        memcpy(out.v, s->v, s->n * sizeof *s->v);
    memcpy(out.v + s->n, extra->v, extra->n * sizeof *extra->v);
    return out;
}

static const struct source_vec *extra_for(const struct merge *mg, const struct pending_applied *p, struct str name)
{
    for (int i = 0; i < 3; i++)
        if (mg->auth_name[i].p && str_eq(mg->auth_name[i], name))
            return p->extra[i];
    return NULL;
}

static void merge_pending(struct merge *mg, const struct pending_applied *p)
{
    struct map names = {0};
    for (uint32_t i = 0; i < p->sources.n; i++) {
        const struct source *s = &p->sources.v[i];
        for (size_t j = 0; s->elem && j < s->elem->applied.n; j++)
            if (merge_is_merged(mg, s->sg, s->elem->applied.v[j].name))
                map_put(mg->a, &names, s->elem->applied.v[j].name, &names);
    }
    for (int i = 0; i < 3; i++)
        if (p->extra[i] && mg->auth_name[i].p)
            map_put(mg->a, &names, mg->auth_name[i], &names);
    for (size_t i = 0; i < names.n; i++) {
        struct str name = names.entries[i].key;
        if (mg->inaccessible.p && str_eq(name, mg->inaccessible))
            continue;
        struct sources s = with_extra(mg, &p->sources, extra_for(mg, p, name));
        merge_one(mg, name, &s, p->dest);
    }
    merge_join_directives(mg, &p->sources, p->dest);
}

void merge_applied_pending(struct merge *mg)
{
    for (size_t i = 0; i < mg->pending.n; i++)
        if (!mg->pending.v[i].dest->removed)
            merge_pending(mg, &mg->pending.v[i]);
}

void merge_copy_applied(struct merge *mg, const struct fed_elem *from, struct fed_elem *to)
{
    for (int i = 0; to->elem_kind == FED_ELEM_FIELD && i < 3; i++) {
        struct source_vec *extra = mg->auth_extra[i].n ? map_get(&mg->auth_extra[i], fed_coordinate(mg->a, to)) : NULL;
        if (extra && mg->auth_name[i].p)
            merge_one(mg, mg->auth_name[i], &(struct sources){extra->v, (uint32_t)extra->n}, to);
    }
    for (size_t i = 0; i < from->applied.n; i++) {
        const struct fed_applied *d = &from->applied.v[i];
        bool auth = false;
        for (int j = 0; j < 3; j++)
            auth |= mg->auth_name[j].p && str_eq(mg->auth_name[j], d->name);
        if (!auth && !str_starts(d->name, STR("join__")))
            apply_copy(mg, d, to);
    }
}
