#include "base/panic.h"
#include "subgraph/kit.h"

/* displayName → display_name, line1 → line1, p95Ms → p95_ms. */
struct str snake_case(struct arena *a, struct str camel)
{
    char *text = arena_alloc_raw(a, camel.len * 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < camel.len; i++) {
        char c = camel.p[i];
        bool upper = c >= 'A' && c <= 'Z';
        if (upper && i > 0)
            text[n++] = '_';
        text[n++] = upper ? (char)(c + 32) : c;
    }
    text[n] = 0;
    return str_mem(text, n);
}

static enum leaf_kind leaf_of(const struct gql_type *t)
{
    static const struct {
        const char *name;
        enum leaf_kind kind;
    } scalars[] = {
        {"Int", LEAF_INT}, {"Float", LEAF_FLOAT},     {"String", LEAF_STRING},
        {"ID", LEAF_ID},   {"Boolean", LEAF_BOOLEAN}, {"DateTime", LEAF_DATETIME},
    };
    if (t->kind == GQL_ENUM_TYPE)
        return LEAF_ENUM;
    if (t->kind != GQL_SCALAR)
        return LEAF_NONE;
    for (size_t i = 0; i < PB_ARRAY_LEN(scalars); i++) {
        if (str_eq_c(t->name, scalars[i].name))
            return scalars[i].kind;
    }
    return LEAF_CUSTOM;
}

static struct field_info info_of(struct arena *a, const struct gql_field *f)
{
    const struct gql_tref *type = f->type;
    if (type->kind == GQL_REF_NON_NULL)
        type = type->of;
    struct gql_type *named = gql_tref_named(f->type);
    return (struct field_info){.field = f,
                               .column = snake_case(a, f->name),
                               .named = named,
                               .leaf = leaf_of(named),
                               .list = type->kind == GQL_REF_LIST};
}

/* ---- what federation adds ---- */

static bool has_key(const struct gql_definition *d)
{
    return gql_directive_find(&d->directives, STR("key")) != NULL;
}

/* The service's SDL with the types and root fields of a subgraph behind it. */
static struct str executable_sdl(struct arena *a, struct str sdl, const struct gql_document *doc)
{
    struct map entities = {0};
    bool query = false;
    for (uint32_t i = 0; i < doc->n; i++) {
        const struct gql_definition *d = doc->definitions[i];
        query = query || (d->kind == GQL_OBJECT_DEF && str_eq(d->name.s, STR("Query")));
        if (d->kind == GQL_OBJECT_DEF && has_key(d))
            map_put(a, &entities, d->name.s, (void *)d);
    }
    struct buf b;
    buf_init(&b, 16u << 20);
    buf_add(&b, sdl);
    buf_add(&b, STR("\nscalar _Any\ntype _Service { sdl: String }\n"));
    for (size_t i = 0; i < entities.n; i++)
        buf_printf(&b, "%s%.*s", i ? " | " : "union _Entity = ", STR_ARG(entities.entries[i].key));
    buf_add_c(&b, query ? "\nextend type Query {\n" : "\ntype Query {\n");
    if (entities.n)
        buf_add(&b, STR("  _entities(representations: [_Any!]!): [_Entity]!\n"));
    buf_add(&b, STR("  _service: _Service!\n}\n"));
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static int graphql_error(struct err *err, const char *service, const struct gql_errors *errors)
{
    const struct gql_error *e = &errors->v[0];
    return err_set(err, "SCHEMA_INVALID", "schema of %s, line %u: %.*s (%zu error%s)", service,
                   e->n_locs ? e->locs[0].line : 0, STR_ARG(e->message), errors->n, errors->n == 1 ? "" : "s");
}

static struct gql_schema *build_schema(struct subgraph *g, struct err *err)
{
    struct gql_errors errors = {0};
    const struct gql_schema_options options = {
        .allow_unknown_directives = true, .allow_no_query = true, .allow_orphan_extensions = true};
    struct gql_document *doc = gql_parse(g->arena, g->service->sdl, &(struct gql_parse_options){0}, &errors);
    if (doc) {
        struct str sdl = executable_sdl(g->arena, g->service->sdl, doc);
        doc = gql_parse(g->arena, sdl, &(struct gql_parse_options){0}, &errors);
    }
    struct gql_schema *s = doc ? gql_schema_build(g->arena, doc, &options, &errors) : NULL;
    if (!s)
        graphql_error(err, g->service->name, &errors);
    return s;
}

/* ---- resolvers and entities ---- */

static void entities_resolve(struct batch *b);
static void service_resolve(struct batch *b);

static const struct resolver FEDERATION_RESOLVERS[] = {
    {"Query._entities", entities_resolve}, {"Query._service", service_resolve}, {0}};

static void add_problem(struct err *err, bool *ok, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void add_problem(struct err *err, bool *ok, const char *fmt, ...)
{
    va_list ap;
    size_t n = *ok ? 0 : strlen(err->msg);
    if (!*ok && n + 2 < sizeof err->msg) {
        memcpy(err->msg + n, "; ", 3);
        n += 2;
    }
    *ok = false;
    va_start(ap, fmt);
    vsnprintf(err->msg + n, sizeof err->msg - n, fmt, ap);
    va_end(ap);
    memcpy(err->code, "SERVICE_INVALID", sizeof "SERVICE_INVALID");
}

static struct field_info *find_coordinate(struct subgraph *g, struct str coordinate)
{
    struct str type;
    if (!str_split(&coordinate, '.', &type))
        return NULL;
    struct gql_type *t = gql_schema_type(g->schema, type);
    struct gql_field *f = t && t->kind == GQL_OBJECT_TYPE ? map_get(&t->field_by_name, coordinate) : NULL;
    return f ? &g->fields[t->id][f->index] : NULL;
}

static void add_resolvers(struct subgraph *g, const struct resolver *r, bool own, struct err *err, bool *ok)
{
    for (; r && r->coordinate; r++) {
        struct field_info *info = find_coordinate(g, str_c(r->coordinate));
        if (!info) {
            if (own)
                add_problem(err, ok, "resolver \"%s\" names no field of the schema", r->coordinate);
        } else if (info->resolve) {
            add_problem(err, ok, "there are two resolvers for \"%s\"", r->coordinate);
        } else {
            info->resolve = r->resolve;
        }
    }
}

static void add_entities(struct subgraph *g, struct err *err, bool *ok)
{
    for (const struct entity *e = g->service->entities; e && e->type; e++) {
        struct gql_type *t = gql_schema_type(g->schema, str_c(e->type));
        if (!t || !g->is_entity[t->id])
            add_problem(err, ok, "entity \"%s\" is no type with a @key", e->type);
        else if (e->by_key && !e->by_key->key)
            add_problem(err, ok, "statement %s loads entity \"%s\" and so needs '-- key:'", e->by_key->st.name,
                        e->type);
        else if (!map_has(&t->field_by_name, str_c(e->key)))
            add_problem(err, ok, "entity \"%s\" has no field \"%s\"", e->type, e->key);
        else if (e->by_key && (e->by_key->n_params > 1) != (e->rule != NULL))
            add_problem(err, ok,
                        "statement %s takes %u parameters, and entity \"%s\" has %s rule to give those from $2 on",
                        e->by_key->st.name, e->by_key->n_params, e->type, e->rule ? "a" : "no");
        else if (e->by_key && !g->entity_of[t->id])
            g->entity_of[t->id] = e;
    }
}

/* Root fields have no row to come from. */
static void check_roots(const struct subgraph *g, const struct gql_type *root, struct err *err, bool *ok)
{
    for (uint32_t i = 0; root && i < root->n_fields; i++) {
        if (!g->fields[root->id][i].resolve)
            add_problem(err, ok, "%.*s.%.*s has no resolver", STR_ARG(root->name), STR_ARG(root->fields[i].name));
    }
}

static void make_infos(struct subgraph *g)
{
    const struct gql_schema *s = g->schema;
    g->fields = arena_array(g->arena, struct field_info *, s->n_types);
    g->entity_of = arena_array(g->arena, const struct entity *, s->n_types);
    g->is_entity = arena_array(g->arena, bool, s->n_types);
    for (uint32_t i = 0; i < s->n_types; i++) {
        const struct gql_type *t = s->types[i];
        if (t->kind != GQL_OBJECT_TYPE && t->kind != GQL_INTERFACE)
            continue;
        g->is_entity[i] = gql_directive_find(&t->directives, STR("key")) != NULL;
        g->fields[i] = arena_array(g->arena, struct field_info, t->n_fields);
        for (uint32_t k = 0; k < t->n_fields; k++)
            g->fields[i][k] = info_of(g->arena, &t->fields[k]);
    }
    g->typename_info = info_of(g->arena, s->typename_field);
    g->introspect_info = info_of(g->arena, s->schema_field);
}

struct subgraph *subgraph_new(const struct service *s, struct err *err)
{
    struct arena *a = arena_new(0);
    struct subgraph *g = arena_new_of(a, struct subgraph);
    bool ok = true;
    g->arena = a;
    g->service = s;
    g->schema = build_schema(g, err);
    if (g->schema) {
        make_infos(g);
        add_resolvers(g, FEDERATION_RESOLVERS, false, err, &ok);
        add_resolvers(g, s->resolvers, true, err, &ok);
        add_entities(g, err, &ok);
        check_roots(g, g->schema->query, err, &ok);
        check_roots(g, g->schema->mutation, err, &ok);
        if (!ok)
            err_prefix(err, "service %s", s->name);
    }
    if (!g->schema || !ok)
        subgraph_free(&g);
    return g;
}

void subgraph_free(struct subgraph **g)
{
    if (!*g)
        return;
    struct arena *a = (*g)->arena;
    arena_free(&a);
    *g = NULL;
}

const struct field_info *subgraph_field(const struct subgraph *g, const struct gql_type *t, const struct gql_field *f)
{
    if (f == g->schema->typename_field)
        return &g->typename_info;
    if (f == g->schema->schema_field || f == g->schema->type_field)
        return &g->introspect_info;
    return &g->fields[t->id][f->index];
}

/* ---- _service and _entities ---- */

static void service_resolve(struct batch *b)
{
    struct object *o = object_new(b, NULL);
    object_put(o, "sdl", cell_text(b->exec->graph->service->sdl));
    batch_set_all(b, cell_object(o));
}

/* The loader whose key the representation has; without one the type's first. */
static const struct entity *entity_for(const struct subgraph *g, const struct gql_type *t,
                                       const struct json *representation)
{
    for (const struct entity *e = g->service->entities; e && e->type; e++) {
        if (str_eq_c(t->name, e->type) && json_get(representation, str_c(e->key)))
            return e;
    }
    return g->entity_of[t->id];
}

/* NULL when the representation is wrong: *problem says how. */
static struct object *reference(struct batch *b, const struct json *representation, struct str *problem)
{
    struct exec *x = b->exec;
    struct str name = json_get_str(representation, STR("__typename"));
    if (!representation || representation->kind != JSON_OBJECT || !name.p) {
        *problem = STR("a representation is an object with the string member \"__typename\"");
        return NULL;
    }
    const struct gql_type *t = gql_schema_type(x->graph->schema, name);
    if (!t || t->kind != GQL_OBJECT_TYPE || !x->graph->is_entity[t->id]) {
        *problem = arena_printf(x->arena, "\"%.*s\" is no entity of the subgraph %s",
                                (int)(name.len < 100 ? name.len : 100), name.p, x->graph->service->name);
        return NULL;
    }
    const struct entity *e = entity_for(x->graph, t, representation);
    struct object *o = object_alloc(x, OBJECT_REF, t);
    o->json = representation;
    o->key = e ? e->key : "id";
    const struct json *key = json_get(representation, str_c(o->key));
    if (key && (key->kind == JSON_STRING || key->kind == JSON_NUMBER))
        o->key_value = key->text;
    else if (e)
        *problem = arena_printf(x->arena, "the representation of a %.*s lacks its key \"%s\"", STR_ARG(name), o->key);
    return problem->p ? NULL : o;
}

static void entities_resolve(struct batch *b)
{
    const struct json *list = batch_arg(b, "representations");
    struct cell *items = arena_array(b->exec->arena, struct cell, list->n);
    for (uint32_t i = 0; i < list->n; i++) {
        struct str problem = STR_NONE;
        struct object *o = reference(b, list->items[i], &problem);
        if (problem.p) {
            batch_fail_all(b, "BAD_USER_INPUT", "representations[%u]: %.*s", i, STR_ARG(problem));
            return;
        }
        items[i] = cell_object(o);
    }
    batch_set_all(b, cell_list(items, list->n));
}
