#include "federation/supergraph_private.h"

#include "base/panic.h"
#include "graphql/parser.h"

#define SUPERGRAPH_BYTES_MAX ((size_t)1 << 30)

static uint64_t next_id = 1;

void sg_fail(struct sg_loader *l, struct gql_loc loc, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = arena_vprintf(l->scratch, fmt, ap);
    va_end(ap);
    gql_error_add(l->scratch, l->errors, SUPERGRAPH_ERROR, &loc, loc.line ? 1 : 0, "%.*s",
                  STR_ARG(text));
}

struct str sg_string_arg(const struct gql_directive *d, struct str name)
{
    const struct gql_value *v = gql_directive_arg(d, name);
    return v && (v->kind == GQL_STRING || v->kind == GQL_ENUM) ? v->text : STR_NONE;
}

bool sg_bool_arg(const struct gql_directive *d, struct str name, bool otherwise)
{
    const struct gql_value *v = gql_directive_arg(d, name);
    return v && v->kind == GQL_BOOLEAN ? v->boolean : otherwise;
}

static bool load_schemas(struct sg_loader *l)
{
    struct gql_schema_options options = {.assume_valid = true, .allow_unknown_directives = true};

    l->s->full = gql_schema_build(l->a, sg_document_full(l), &options, l->errors);
    if (!l->s->full || l->errors->n)
        return false;
    l->s->api = gql_schema_build(l->a, sg_document_api(l), &options, l->errors);
    return l->s->api && !l->errors->n;
}

static bool load(struct sg_loader *l, struct str sdl)
{
    l->s->sdl = arena_str(l->a, sdl);
    l->doc = gql_parse(l->a, l->s->sdl, &(struct gql_parse_options){0}, l->errors);
    if (!l->doc)
        return false;
    sg_load_links(l);
    if (l->errors->n || !load_schemas(l))
        return false;
    sg_load_subgraphs(l);
    if (l->errors->n)
        return false;
    sg_load_types(l);
    if (l->errors->n)
        return false;
    sg_load_auth(l);
    return !l->errors->n;
}

/* Messages may point into the supergraph's arena, which goes away when loading fails. */
static void keep_messages(struct sg_loader *l, size_t from)
{
    for (size_t i = from; i < l->errors->n; i++) {
        struct gql_error *e = &l->errors->v[i];
        e->message = arena_str(l->scratch, e->message);
        e->code = arena_str(l->scratch, e->code);
        e->locs = arena_memdup(l->scratch, e->locs, sizeof *e->locs * e->n_locs);
    }
}

struct supergraph *supergraph_load(struct str sdl, struct arena *error_arena,
                                   struct gql_errors *errors)
{
    return supergraph_load_with(sdl, &(struct supergraph_options){0}, error_arena, errors);
}

struct supergraph *supergraph_load_with(struct str sdl, const struct supergraph_options *options,
                                        struct arena *error_arena, struct gql_errors *errors)
{
    size_t before = errors->n;
    struct gql_errors own = {0};
    struct arena *a = arena_new(SUPERGRAPH_BYTES_MAX);
    struct supergraph *s = arena_new_of(a, struct supergraph);
    struct sg_loader l = {
        .s = s, .a = a, .scratch = error_arena, .errors = &own, .defer = options->defer};

    s->arena = a;
    s->refs = 1;
    bool ok = load(&l, sdl);
    keep_messages(&l, 0);
    for (size_t i = 0; i < own.n; i++)
        vec_push(error_arena, errors, own.v[i]);
    if (!ok) {
        PB_ASSERT(errors->n > before);
        arena_free(&a);
        return NULL;
    }
    s->id = __atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED);
    return s;
}

struct supergraph *supergraph_ref(struct supergraph *s)
{
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return s;
}

void supergraph_unref(struct supergraph **s)
{
    struct supergraph *old = *s;
    *s = NULL;
    if (!old || __atomic_sub_fetch(&old->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    struct arena *arena = old->arena; /* which holds `old` */
    arena_free(&arena);
}

void supergraph_print_api(struct buf *out, const struct supergraph *s)
{
    gql_schema_print(out, s->api, false);
    if (out->len && out->p[out->len - 1] != '\n')
        buf_add_char(out, '\n');
}

const struct sg_field *supergraph_field(const struct supergraph *s,
                                        const struct gql_field *field_of_full)
{
    const struct sg_type *t = field_of_full->parent ? &s->types[field_of_full->parent->id] : NULL;
    return t && t->fields ? &t->fields[field_of_full->index] : NULL;
}

const struct sg_field_join *sg_field_in(const struct sg_field *f, uint32_t subgraph)
{
    for (uint32_t i = 0; i < f->n_joins; i++)
        if (f->joins[i].subgraph == subgraph)
            return &f->joins[i];
    return NULL;
}
