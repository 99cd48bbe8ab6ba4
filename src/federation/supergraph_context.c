/* @context and contextArguments of @join__field. */
#include "federation/supergraph_private.h"

#include "graphql/parser.h"

static int context_find(const struct sg_loader *l, struct str name)
{
    for (size_t i = 0; i < l->contexts.n; i++)
        if (str_eq(l->contexts.v[i].name, name))
            return (int)i;
    return -1;
}

static void context_of_type(struct sg_loader *l, const struct gql_type *t, struct str name)
{
    int at = context_find(l, name);
    if (at < 0) {
        at = (int)l->contexts.n;
        vec_push(l->a, &l->contexts, (struct sg_context){name, bits_new(l->a, l->s->full->n_types)});
    }
    if (t->kind == GQL_OBJECT_TYPE)
        bits_set(l->contexts.v[at].types, t->id);
    else if (t->possible)
        bits_or(l->contexts.v[at].types, t->possible);
}

void sg_load_contexts(struct sg_loader *l)
{
    for (uint32_t i = 0; l->names.context.p && i < l->s->full->n_types; i++) {
        const struct gql_type *t = l->s->full->types[i];
        for (uint32_t k = 0; k < t->directives.n; k++)
            if (str_eq(t->directives.v[k].name.s, l->names.context))
                context_of_type(l, t, sg_string_arg(&t->directives.v[k], STR("name")));
    }
    l->s->contexts = l->contexts.v;
    l->s->n_contexts = (uint32_t)l->contexts.n;
}

static struct str member(const struct gql_value *object, struct str name)
{
    for (uint32_t i = 0; object->kind == GQL_OBJECT && i < object->n; i++)
        if (str_eq(object->fields[i].name.s, name))
            return object->fields[i].value->text;
    return STR_NONE;
}

static bool context_arg(struct sg_loader *l, const struct gql_value *v, struct sg_context_arg *out)
{
    int context = context_find(l, member(v, STR("context")));

    *out = (struct sg_context_arg){.name = member(v, STR("name")),
                                   .type = member(v, STR("type")),
                                   .context = (uint32_t)context,
                                   .text = str_trim(member(v, STR("selection")))};
    struct gql_errors errors = {0};
    out->selection = out->text.len ? gql_parse_field_set(l->a, out->text, &errors) : NULL;
    return context >= 0 && out->name.len && out->type.len && out->selection;
}

void sg_load_context_args(struct sg_loader *l, const struct gql_directive *join, struct sg_field_join *out)
{
    const struct gql_value *list = gql_directive_arg(join, STR("contextArguments"));
    if (!list || list->kind != GQL_LIST)
        return;
    out->contexts = arena_array(l->a, struct sg_context_arg, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        if (!context_arg(l, list->items[i], &out->contexts[out->n_contexts++]))
            sg_fail(l, join->loc,
                    "@join__field(contextArguments:) needs for each argument its name, its type, a context that some type sets with "
                    "@context, and a selection; argument \"%.*s\" does not have that",
                    STR_ARG(member(list->items[i], STR("name"))));
}
