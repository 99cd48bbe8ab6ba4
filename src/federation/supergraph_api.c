/* Documents made of the supergraph's definitions: `full` leaves the machinery's definitions out,
 * `api` also the directives of the machinery where they are applied, and everything that is
 * @inaccessible. */
#include "federation/supergraph_private.h"

#include "graphql/parser.h"

static const struct gql_document *document_of(struct sg_loader *l, struct gql_definition **defs,
                                              uint32_t n)
{
    struct gql_document *doc = arena_memdup(l->a, l->doc, sizeof *l->doc);
    doc->definitions = defs;
    doc->n = n;
    return doc;
}

static bool is_machinery(const struct sg_loader *l, const struct gql_definition *def)
{
    if (def->kind == GQL_DIRECTIVE_DEF)
        return sg_is_machinery_directive(l, def->name.s);
    return def->kind != GQL_SCHEMA_DEF && sg_is_machinery_type(def->name.s);
}

const struct gql_document *sg_document_full(struct sg_loader *l)
{
    struct gql_definition **defs = arena_array(l->a, struct gql_definition *, l->doc->n);
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->doc->n; i++)
        if (!is_machinery(l, l->doc->definitions[i]))
            defs[n++] = l->doc->definitions[i];
    return document_of(l, defs, n);
}

/* ---- api ---- */

static bool hidden(const struct sg_loader *l, const struct gql_directive_list *list)
{
    return l->names.inaccessible.p && gql_directive_find(list, l->names.inaccessible);
}

static bool type_hidden(const struct sg_loader *l, struct str name)
{
    const struct gql_type *t = gql_schema_type(l->s->full, name);
    return t && hidden(l, &t->directives);
}

static struct str ref_name(const struct gql_type_ref *ref)
{
    while (ref->kind != GQL_REF_NAMED)
        ref = ref->of;
    return ref->name;
}

static struct gql_directive_list kept_directives(struct sg_loader *l,
                                                 const struct gql_directive_list *list)
{
    struct gql_directive_list out = {arena_array(l->a, struct gql_directive, list->n), 0};
    for (uint32_t i = 0; i < list->n; i++)
        if (!sg_is_machinery_directive(l, list->v[i].name.s) && !sg_is_feature_element(l, true, list->v[i].name.s))
            out.v[out.n++] = list->v[i];
    return out;
}

static void keep_inputs(struct sg_loader *l, struct gql_input_value_definition **inputs,
                        uint32_t *n)
{
    struct gql_input_value_definition *out =
        arena_array(l->a, struct gql_input_value_definition, *n);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *n; i++) {
        if (hidden(l, &(*inputs)[i].directives) || type_hidden(l, ref_name((*inputs)[i].type)))
            continue;
        out[kept] = (*inputs)[i];
        out[kept].directives = kept_directives(l, &out[kept].directives);
        kept++;
    }
    *inputs = out;
    *n = kept;
}

static void keep_fields(struct sg_loader *l, struct gql_definition *def)
{
    struct gql_field_definition *out =
        arena_array(l->a, struct gql_field_definition, def->n_fields);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < def->n_fields; i++) {
        const struct gql_field_definition *f = &def->fields[i];
        if (hidden(l, &f->directives) || type_hidden(l, ref_name(f->type)))
            continue;
        out[kept] = *f;
        out[kept].directives = kept_directives(l, &f->directives);
        keep_inputs(l, &out[kept].args, &out[kept].n_args);
        kept++;
    }
    def->fields = out;
    def->n_fields = kept;
}

static void keep_names(struct sg_loader *l, struct gql_name **names, uint32_t *n)
{
    struct gql_name *out = arena_array(l->a, struct gql_name, *n);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *n; i++)
        if (!type_hidden(l, (*names)[i].s))
            out[kept++] = (*names)[i];
    *names = out;
    *n = kept;
}

static void keep_values(struct sg_loader *l, struct gql_definition *def)
{
    struct gql_enum_value_definition *out =
        arena_array(l->a, struct gql_enum_value_definition, def->n_values);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < def->n_values; i++) {
        if (hidden(l, &def->values[i].directives))
            continue;
        out[kept] = def->values[i];
        out[kept].directives = kept_directives(l, &out[kept].directives);
        kept++;
    }
    def->values = out;
    def->n_values = kept;
}

static void keep_roots(struct sg_loader *l, struct gql_definition *def)
{
    struct gql_root_type *out = arena_array(l->a, struct gql_root_type, def->n_roots);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < def->n_roots; i++)
        if (!type_hidden(l, def->roots[i].type.s))
            out[kept++] = def->roots[i];
    def->roots = out;
    def->n_roots = kept;
}

static struct gql_definition *api_definition(struct sg_loader *l,
                                             const struct gql_definition *source)
{
    if (is_machinery(l, source) ||
        (source->kind != GQL_SCHEMA_DEF &&
         sg_is_feature_element(l, source->kind == GQL_DIRECTIVE_DEF, source->name.s)) ||
        (source->kind != GQL_DIRECTIVE_DEF && hidden(l, &source->directives)))
        return NULL;
    struct gql_definition *def = arena_memdup(l->a, source, sizeof *source);
    def->directives = kept_directives(l, &source->directives);
    keep_roots(l, def);
    keep_fields(l, def);
    keep_names(l, &def->interfaces, &def->n_interfaces);
    keep_names(l, &def->members, &def->n_members);
    keep_values(l, def);
    keep_inputs(l, &def->inputs, &def->n_inputs);
    return def;
}

/* @defer as clients may use it, or NULL when the supergraph has a definition of its own. */
static struct gql_definition *defer_definition(struct sg_loader *l)
{
    static const char TEXT[] = "directive @defer(label: String, if: Boolean! = true) "
                               "on FRAGMENT_SPREAD | INLINE_FRAGMENT";
    for (uint32_t i = 0; i < l->doc->n; i++)
        if (l->doc->definitions[i]->kind == GQL_DIRECTIVE_DEF &&
            str_eq_c(l->doc->definitions[i]->name.s, "defer"))
            return NULL;
    struct gql_document *doc =
        gql_parse(l->a, str_c(TEXT), &(struct gql_parse_options){0}, l->errors);
    return doc ? doc->definitions[0] : NULL;
}

const struct gql_document *sg_document_api(struct sg_loader *l)
{
    struct gql_definition **defs = arena_array(l->a, struct gql_definition *, l->doc->n + 1);
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->doc->n; i++) {
        struct gql_definition *def = api_definition(l, l->doc->definitions[i]);
        if (def)
            defs[n++] = def;
    }
    struct gql_definition *defer = l->defer ? defer_definition(l) : NULL;
    if (defer)
        defs[n++] = defer;
    return document_of(l, defs, n);
}
