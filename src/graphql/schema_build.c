#include "base/embed.h"
#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/sdl.h"

EMBEDDED_FILES(graphql_builtin);

struct builder {
    struct gql_sdl sdl;
    struct arena *a;
    struct gql_schema *s;
    struct gql_type_vec types;
    struct gql_type_vec by_listing;
    struct map listed; /* by name */
};

typedef void (*definition_fn)(struct builder *b, const struct gql_definition *d, struct gql_type *t);

/* Calls `fn` for the definition of the type and then for its extensions. */
static void each_part(struct builder *b, struct gql_type *t, const struct gql_definition *main_part, definition_fn fn)
{
    if (main_part)
        fn(b, main_part, t);
    for (uint32_t i = 0; i < t->n_extensions; i++)
        fn(b, t->extensions[i], t);
}

static enum gql_type_kind kind_of(const struct gql_definition *d)
{
    switch (d->kind) {
    case GQL_SCALAR_DEF:
        return GQL_SCALAR;
    case GQL_OBJECT_DEF:
        return GQL_OBJECT_TYPE;
    case GQL_INTERFACE_DEF:
        return GQL_INTERFACE;
    case GQL_UNION_DEF:
        return GQL_UNION;
    case GQL_ENUM_DEF:
        return GQL_ENUM_TYPE;
    case GQL_INPUT_DEF:
        return GQL_INPUT_OBJECT;
    default:
        PB_PANIC("definition %d is no type", (int)d->kind);
    }
}

/* ---- references ---- */

static struct gql_type *resolve(struct builder *b, struct str name, struct gql_loc loc)
{
    struct gql_type *t = map_get(&b->s->type_by_name, name);
    if (!t)
        gql_error_add(b->a, b->sdl.errors, GQL_CODE_SCHEMA, &loc, loc.line ? 1 : 0, "Unknown type \"%.*s\".",
                      STR_ARG(name));
    return t;
}

static struct gql_tref *make_tref(struct builder *b, const struct gql_type_ref *ref)
{
    struct gql_tref *first = NULL, **at = &first;
    for (; ref; ref = ref->of) {
        struct gql_tref *t = *at = arena_new_of(b->a, struct gql_tref);
        t->kind = ref->kind;
        at = &t->of;
        if (ref->kind == GQL_REF_NAMED) {
            t->type = resolve(b, ref->name, ref->loc);
            return t->type ? first : NULL;
        }
    }
    return NULL;
}

/* ---- members of types ---- */

/* Two members of one name are an error that gql_sdl_check() reports; with assume_valid the last one counts. */
static uint32_t make_inputs(struct builder *b, const struct gql_input_value_definition *defs, uint32_t n,
                            struct gql_input *out, uint32_t n_out)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = 0;
        while (at < n_out && !str_eq(out[at].name, defs[i].name.s))
            at++;
        if (at == n_out)
            n_out++;
        out[at] = (struct gql_input){
            .name = defs[i].name.s,
            .description = defs[i].description,
            .has_description = defs[i].has_description,
            .type = make_tref(b, defs[i].type),
            .default_value = defs[i].default_value,
            .directives = defs[i].directives,
            .ast = &defs[i],
        };
    }
    return n_out;
}

static void add_fields(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    for (uint32_t i = 0; i < d->n_fields; i++) {
        const struct gql_field_definition *def = &d->fields[i];
        struct gql_field *f = map_get(&t->field_by_name, def->name.s);
        uint32_t at = f ? f->index : t->n_fields++;
        f = &t->fields[at];
        *f = (struct gql_field){
            .name = def->name.s,
            .description = def->description,
            .has_description = def->has_description,
            .parent = t,
            .index = at,
            .type = make_tref(b, def->type),
            .args = arena_array(b->a, struct gql_input, def->n_args),
            .directives = def->directives,
            .ast = def,
        };
        f->n_args = make_inputs(b, def->args, def->n_args, f->args, 0);
        map_put(b->a, &t->field_by_name, f->name, f);
    }
}

static void add_interfaces(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    for (uint32_t i = 0; i < d->n_interfaces; i++) {
        struct gql_type *iface = resolve(b, d->interfaces[i].s, d->interfaces[i].loc);
        if (iface)
            vec_push(b->a, &t->interfaces, iface);
    }
}

static void add_members(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    for (uint32_t i = 0; i < d->n_members; i++) {
        struct gql_type *member = resolve(b, d->members[i].s, d->members[i].loc);
        if (member)
            vec_push(b->a, &t->members, member);
    }
}

static void add_values(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    for (uint32_t i = 0; i < d->n_values; i++) {
        const struct gql_enum_value_definition *def = &d->values[i];
        struct gql_enum_value *v = map_get(&t->value_by_name, def->name.s);
        if (!v)
            v = &t->values[t->n_values++];
        *v = (struct gql_enum_value){def->name.s, def->description, def->has_description, def->directives, def};
        map_put(b->a, &t->value_by_name, v->name, v);
    }
}

static void add_inputs(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    t->n_inputs = make_inputs(b, d->inputs, d->n_inputs, t->inputs, t->n_inputs);
}

static void add_directives(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    uint32_t n = t->directives.n + d->directives.n;
    if (!d->directives.n)
        return;
    struct gql_directive *all = arena_array(b->a, struct gql_directive, n);
    if (t->directives.n)
        memcpy(all, t->directives.v, t->directives.n * sizeof *all);
    memcpy(all + t->directives.n, d->directives.v, d->directives.n * sizeof *all);
    t->directives = (struct gql_directive_list){all, n};
}

static void count_members(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    (void)b;
    t->n_fields += d->n_fields;
    t->n_values += d->n_values;
    t->n_inputs += d->n_inputs;
}

/* Room for all members of all parts, so that their addresses stay. */
static void reserve_members(struct builder *b, struct gql_type *t, const struct gql_definition *main_part)
{
    each_part(b, t, main_part, count_members);
    t->fields = arena_array(b->a, struct gql_field, t->n_fields);
    t->values = arena_array(b->a, struct gql_enum_value, t->n_values);
    t->inputs = arena_array(b->a, struct gql_input, t->n_inputs);
    t->n_fields = t->n_values = t->n_inputs = 0;
}

static void add_specified_by(struct builder *b, const struct gql_definition *d, struct gql_type *t)
{
    (void)b;
    const struct gql_directive *by = gql_directive_find(&d->directives, STR("specifiedBy"));
    const struct gql_value *url = by ? gql_directive_arg(by, STR("url")) : NULL;
    if (url && url->kind == GQL_STRING)
        t->specified_by = url->text.p ? url->text : STR("");
}

static void fill_type(struct builder *b, struct gql_type *t, const struct gql_definition *main_part)
{
    reserve_members(b, t, main_part);
    each_part(b, t, main_part, add_directives);
    switch (t->kind) {
    case GQL_SCALAR:
        each_part(b, t, main_part, add_specified_by);
        break;
    case GQL_OBJECT_TYPE:
    case GQL_INTERFACE:
        each_part(b, t, main_part, add_interfaces);
        each_part(b, t, main_part, add_fields);
        break;
    case GQL_UNION:
        each_part(b, t, main_part, add_members);
        break;
    case GQL_ENUM_TYPE:
        each_part(b, t, main_part, add_values);
        break;
    case GQL_INPUT_OBJECT:
        each_part(b, t, main_part, add_inputs);
        for (uint32_t i = 0; i < t->n_inputs; i++)
            map_put(b->a, &t->input_by_name, t->inputs[i].name, &t->inputs[i]);
        t->one_of = gql_directive_find(&main_part->directives, STR("oneOf")) != NULL;
        break;
    }
}

/* ---- types ---- */

static struct gql_type *new_type(struct builder *b, const struct gql_definition *d)
{
    struct gql_type *t = arena_new_of(b->a, struct gql_type);
    t->kind = kind_of(d);
    t->id = (uint32_t)b->types.n;
    t->name = d->name.s;
    t->description = d->description;
    t->has_description = d->has_description;
    t->ast = d;
    vec_push(b->a, &b->types, t);
    map_put(b->a, &b->s->type_by_name, t->name, t);
    return t;
}

static bool is_meta(const struct gql_definition *d) { return str_eq(d->name.s, STR("__Meta")); }

static const struct gql_definition *builtin_definition(const struct builder *b, struct str name)
{
    const struct gql_document *doc = b->sdl.builtin;
    for (uint32_t i = 0; i < doc->n; i++)
        if (gql_definition_is_type(doc->definitions[i]) && !is_meta(doc->definitions[i]) &&
            str_eq(doc->definitions[i]->name.s, name))
            return doc->definitions[i];
    return NULL;
}

/* What the text says about a type with a built-in name does not count. */
static void declare_type(struct builder *b, const struct gql_definition *d)
{
    const struct gql_definition *builtin = builtin_definition(b, d->name.s);
    struct gql_type *t = gql_schema_type(b->s, d->name.s);
    if (t && !t->builtin && !d->extend)
        t->ast = d; /* the last of two definitions, with assume_valid */
    if (t)
        return;
    t = new_type(b, builtin ? builtin : d);
    t->builtin = builtin != NULL;
}

static void declare_types(struct builder *b)
{
    const struct gql_document *doc = b->sdl.doc;
    struct map defined = {0};
    for (uint32_t i = 0; i < doc->n; i++)
        if (gql_definition_is_type(doc->definitions[i]) && !doc->definitions[i]->extend)
            map_put(b->a, &defined, doc->definitions[i]->name.s, doc->definitions[i]);
    for (uint32_t i = 0; i < doc->n; i++) {
        const struct gql_definition *d = doc->definitions[i];
        if (gql_definition_is_type(d) && (!d->extend || !map_has(&defined, d->name.s)))
            declare_type(b, d);
    }
    const struct gql_document *builtin = b->sdl.builtin;
    for (uint32_t i = 0; i < builtin->n; i++)
        if (gql_definition_is_type(builtin->definitions[i]) && !is_meta(builtin->definitions[i]))
            declare_type(b, builtin->definitions[i]);
}

static void attach_extensions(struct builder *b)
{
    const struct gql_document *doc = b->sdl.doc;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < doc->n; i++) {
            const struct gql_definition *d = doc->definitions[i];
            if (!gql_definition_is_type(d) || !d->extend)
                continue;
            struct gql_type *t = gql_schema_type(b->s, d->name.s);
            if (t->builtin || t->ast == d || t->kind != kind_of(d))
                continue;
            if (pass)
                t->extensions[t->n_extensions] = d;
            t->n_extensions++;
        }
        for (size_t i = 0; !pass && i < b->types.n; i++) {
            struct gql_type *t = b->types.v[i];
            t->extensions = arena_array(b->a, const struct gql_definition *, t->n_extensions);
            t->n_extensions = 0;
        }
    }
}

static void fill_types(struct builder *b)
{
    for (size_t i = 0; i < b->types.n; i++) {
        struct gql_type *t = b->types.v[i];
        const struct gql_definition *main_part = t->ast;
        if (t->builtin)
            t->ast = NULL;
        fill_type(b, t, main_part);
    }
    b->s->types = b->types.v;
    b->s->n_types = (uint32_t)b->types.n;
}

/* ---- directives ---- */

static void add_directive_type(struct builder *b, const struct gql_definition *d, bool builtin)
{
    if (builtin && map_has(&b->s->directive_by_name, d->name.s))
        return;
    struct gql_directive_type *t = arena_new_of(b->a, struct gql_directive_type);
    *t = (struct gql_directive_type){
        .name = d->name.s,
        .description = d->description,
        .has_description = d->has_description,
        .repeatable = d->repeatable,
        .builtin = builtin,
        .args = arena_array(b->a, struct gql_input, d->n_inputs),
        .ast = d,
    };
    t->n_args = make_inputs(b, d->inputs, d->n_inputs, t->args, 0);
    for (uint32_t i = 0; i < d->n_locations; i++) {
        int loc = gql_directive_location_find(d->locations[i].s);
        if (loc >= 0)
            t->locations |= 1u << loc;
    }
    map_put(b->a, &b->s->directive_by_name, t->name, t);
}

static void add_directive_types(struct builder *b, const struct gql_document *doc)
{
    for (uint32_t i = 0; i < doc->n; i++)
        if (doc->definitions[i]->kind == GQL_DIRECTIVE_DEF)
            add_directive_type(b, doc->definitions[i], doc == b->sdl.builtin);
}

/* ---- the schema itself ---- */

static struct gql_type **root_slot(struct gql_schema *s, enum gql_operation_kind kind)
{
    return kind == GQL_QUERY ? &s->query : kind == GQL_MUTATION ? &s->mutation : &s->subscription;
}

static void add_schema_part(struct builder *b, const struct gql_definition *d)
{
    struct gql_schema *s = b->s;
    for (uint32_t i = 0; i < d->n_roots; i++)
        *root_slot(s, d->roots[i].kind) = resolve(b, d->roots[i].type.s, d->roots[i].type.loc);
    struct gql_type all = {.directives = s->directives};
    add_directives(b, d, &all);
    s->directives = all.directives;
    if (!d->extend && d->has_description) {
        s->description = d->description;
        s->has_description = true;
    }
}

static void add_roots(struct builder *b)
{
    const struct gql_document *doc = b->sdl.doc;
    bool defined = false;
    for (int extend = 0; extend < 2; extend++)
        for (uint32_t i = 0; i < doc->n; i++)
            if (doc->definitions[i]->kind == GQL_SCHEMA_DEF && doc->definitions[i]->extend == (bool)extend) {
                defined |= !extend;
                add_schema_part(b, doc->definitions[i]);
            }
    if (defined)
        return;
    static const struct str NAMES[] = {STR_INIT("Query"), STR_INIT("Mutation"), STR_INIT("Subscription")};
    for (int kind = GQL_QUERY; kind <= GQL_SUBSCRIPTION; kind++) {
        struct gql_type *t = gql_schema_type(b->s, NAMES[kind]);
        if (t)
            *root_slot(b->s, kind) = t;
    }
}

static void set_possible_types(struct builder *b)
{
    for (size_t i = 0; i < b->types.n; i++)
        b->types.v[i]->possible = bits_new(b->a, (uint32_t)b->types.n);
    for (size_t i = 0; i < b->types.n; i++) {
        struct gql_type *t = b->types.v[i];
        if (t->kind == GQL_OBJECT_TYPE)
            bits_set(t->possible, t->id);
        for (size_t j = 0; t->kind == GQL_UNION && j < t->members.n; j++)
            bits_set(t->possible, t->members.v[j]->id);
        for (size_t j = 0; j < t->interfaces.n; j++) {
            struct gql_type *iface = t->interfaces.v[j];
            if (iface->kind != GQL_INTERFACE)
                continue;
            vec_push(b->a, &iface->members, t);
            if (t->kind == GQL_OBJECT_TYPE)
                bits_set(iface->possible, t->id);
        }
    }
}

static void add_meta_fields(struct builder *b)
{
    const struct gql_document *doc = b->sdl.builtin;
    for (uint32_t i = 0; i < doc->n; i++) {
        if (!is_meta(doc->definitions[i]))
            continue;
        struct gql_type *meta = arena_new_of(b->a, struct gql_type);
        reserve_members(b, meta, doc->definitions[i]);
        add_fields(b, doc->definitions[i], meta);
        for (uint32_t j = 0; j < meta->n_fields; j++)
            meta->fields[j].parent = NULL;
        b->s->schema_field = map_get(&meta->field_by_name, STR("__schema"));
        b->s->type_field = map_get(&meta->field_by_name, STR("__type"));
        b->s->typename_field = map_get(&meta->field_by_name, STR("__typename"));
    }
}

/* ---- the order in which introspection lists the types ----
 *
 * graphql-js lists each type of the text at its place and a built-in one where it is first used, the types of
 * introspection last. */

static void list_type(struct builder *b, struct gql_type *t)
{
    if (t->listed)
        return;
    t->listed = true;
    vec_push(b->a, &b->by_listing, t);
}

static void list_uses(struct builder *b, const struct gql_type *t);

/* Types of the text get their own turn; a built-in one is listed with all that it uses. Their depth is fixed. */
static void list_use(struct builder *b, struct gql_type *t)
{
    if (!t->builtin || t->listed || map_has(&b->listed, t->name))
        return;
    list_type(b, t);
    list_uses(b, t);
}

static void list_inputs(struct builder *b, const struct gql_input *inputs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        list_use(b, gql_tref_named(inputs[i].type));
}

static void list_uses(struct builder *b, const struct gql_type *t)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        list_use(b, gql_tref_named(t->fields[i].type));
        list_inputs(b, t->fields[i].args, t->fields[i].n_args);
    }
    list_inputs(b, t->inputs, t->n_inputs);
}

static void list_types(struct builder *b)
{
    const struct gql_document *doc = b->sdl.doc;
    for (uint32_t i = 0; i < doc->n; i++)
        if (gql_definition_is_type(doc->definitions[i]))
            map_put(b->a, &b->listed, doc->definitions[i]->name.s, doc->definitions[i]);
    for (size_t i = 0; i < b->types.n; i++) {
        struct gql_type *t = b->types.v[i];
        if (t->builtin && !map_has(&b->listed, t->name))
            continue;
        list_type(b, t);
        list_uses(b, t);
    }
    for (size_t i = 0; i < b->s->directive_by_name.n; i++) {
        const struct gql_directive_type *d = b->s->directive_by_name.entries[i].value;
        list_inputs(b, d->args, d->n_args);
    }
    list_use(b, gql_schema_type(b->s, STR("__Schema")));
    b->s->listed = b->by_listing.v;
    b->s->n_listed = (uint32_t)b->by_listing.n;
}

struct gql_schema *gql_schema_build(struct arena *a, const struct gql_document *doc,
                                    const struct gql_schema_options *options, struct gql_errors *errors)
{
    static const struct gql_schema_options STRICT;
    struct builder b = {.a = a, .sdl = {.arena = a, .doc = doc, .errors = errors}};
    b.sdl.options = options ? options : &STRICT;
    size_t before = errors->n;
    struct str text = EMBEDDED_FIND(graphql_builtin, STR("builtin.graphql"))->data;
    b.sdl.builtin = gql_parse(a, text, &(struct gql_parse_options){0}, errors);
    PB_ASSERT(b.sdl.builtin);
    if (!b.sdl.options->assume_valid)
        gql_sdl_check(&b.sdl);
    if (errors->n > before)
        return NULL;

    b.s = arena_new_of(a, struct gql_schema);
    b.s->arena = a;
    declare_types(&b);
    attach_extensions(&b);
    fill_types(&b);
    add_directive_types(&b, doc);
    add_directive_types(&b, b.sdl.builtin);
    add_roots(&b);
    add_meta_fields(&b);
    if (errors->n > before)
        return NULL;
    set_possible_types(&b);
    list_types(&b);
    if (!b.sdl.options->assume_valid)
        gql_schema_check(&b.sdl, b.s);
    return errors->n > before ? NULL : b.s;
}
