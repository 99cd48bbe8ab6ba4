/* Types of fields and arguments, arguments and defaults: what several subgraphs say about one of them. */
#include "federation/compose_merge.h"

const struct gql_type_ref *source_type(const struct source *s)
{
    return s->elem->elem_kind == FED_ELEM_FIELD ? ((struct fed_field *)s->elem)->type
                                                : ((struct fed_input *)s->elem)->type;
}

/* ---- subtypes ---- */

static bool is_subtype(const struct merge *mg, const struct gql_type_ref *super, const struct gql_type_ref *sub)
{
    return fed_ref_equal(super, sub) || merge_is_strict_subtype(mg, super, sub);
}

bool merge_is_strict_subtype(const struct merge *mg, const struct gql_type_ref *super, const struct gql_type_ref *sub)
{
    if (sub->kind == GQL_REF_LIST)
        return super->kind == GQL_REF_LIST && is_subtype(mg, super->of, sub->of);
    if (sub->kind == GQL_REF_NON_NULL)
        return is_subtype(mg, super->kind == GQL_REF_NON_NULL ? super->of : super, sub->of);
    if (super->kind != GQL_REF_NAMED)
        return false;
    const struct fed_type *a = fed_schema_type(mg->out, super->name), *b = fed_schema_type(mg->out, sub->name);
    if (!a || !b || !fed_type_has_fields(b))
        return false;
    if (a->kind == GQL_UNION)
        return b->kind == GQL_OBJECT_TYPE && fed_type_has_member(a, sub->name);
    return a->kind == GQL_INTERFACE && fed_type_implements(b, super->name);
}

/* ---- type references ---- */

static void note_enum(struct merge *mg, const struct gql_type_ref *type, const struct sources *s, bool input)
{
    const struct fed_type *t = fed_ref_type(mg->out, type);
    if (!t || t->kind != GQL_ENUM_TYPE)
        return;
    struct enum_use *use = map_get(&mg->enum_uses, t->e.name);
    if (!use) {
        use = arena_new_of(mg->a, struct enum_use);
        map_put(mg->a, &mg->enum_uses, t->e.name, use);
    }
    *(input ? &use->input : &use->output) = true;
    struct str *example = input ? &use->input_example : &use->output_example;
    for (uint32_t i = 0; i < s->n && !example->p; i++)
        if (s->v[i].elem)
            *example = fed_coordinate(mg->a, s->v[i].elem);
}

static struct str text_of_type(struct arena *a, const struct source *s, const void *data)
{
    return arena_printf(a, "\"%.*s\"", STR_ARG(fed_ref_str(a, source_type(s))));
}

static const char *element_kind(const struct fed_elem *e)
{
    if (e->elem_kind == FED_ELEM_FIELD)
        return "field";
    return ((const struct fed_input *)e)->parent ? "input field" : "argument";
}

enum { SAME = 0, SUBTYPES = 1, INCOMPATIBLE = 2 };

static int decide_type(struct merge *mg, const struct sources *s, bool input, const struct gql_type_ref **type)
{
    int found = SAME;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem)
            continue;
        const struct gql_type_ref *t = source_type(&s->v[i]);
        if (!*type || fed_ref_equal(*type, t)) {
            *type = t;
        } else if (merge_is_strict_subtype(mg, *type, t)) {
            found |= SUBTYPES;
            *type = input ? t : *type;
        } else if (merge_is_strict_subtype(mg, t, *type)) {
            found |= SUBTYPES;
            *type = input ? *type : t;
        } else {
            found |= INCOMPATIBLE;
        }
    }
    return found;
}

bool merge_type_ref(struct merge *mg, const struct sources *s, struct fed_elem *dest, bool input)
{
    const struct gql_type_ref *type = NULL;
    int found = decide_type(mg, s, input, &type);
    if (dest->elem_kind == FED_ELEM_FIELD)
        ((struct fed_field *)dest)->type = type;
    else
        ((struct fed_input *)dest)->type = type;
    note_enum(mg, type, s, input);
    if (found == SAME)
        return true;
    bool argument = dest->elem_kind == FED_ELEM_INPUT && !((struct fed_input *)dest)->parent;
    struct str first = arena_printf(mg->a, "\"%.*s\"", STR_ARG(fed_ref_str(mg->a, type)));
    struct str types = sources_describe(mg->a, s, first, text_of_type, NULL, false), at = fed_coordinate(mg->a, dest);
    if (found & INCOMPATIBLE)
        msg_error(mg->m, in_supergraph(dest), argument ? "FIELD_ARGUMENT_TYPE_MISMATCH" : "FIELD_TYPE_MISMATCH",
                  "the types of %s \"%.*s\" do not go together: it is %.*s. Make them the same", element_kind(dest),
                  STR_ARG(at), STR_ARG(types));
    else
        msg_hint(mg->m, COMPOSE_INFO, in_supergraph(dest),
                 argument ? "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE" : "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
                 "%s \"%.*s\" has different types: it is %.*s. The supergraph takes the first of these",
                 element_kind(dest), STR_ARG(at), STR_ARG(types));
    return false;
}

/* ---- defaults ---- */

static struct str text_of_default(struct arena *a, const struct source *s, const void *data)
{
    const struct gql_value *v = ((struct fed_input *)s->elem)->default_value;
    return v ? fed_value_str(a, v) : STR("no default");
}

void merge_default(struct merge *mg, const struct sources *s, struct fed_input *dest)
{
    const struct gql_value *value = NULL;
    bool seen = false, inconsistent = false, incompatible = false;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem)
            continue;
        const struct gql_value *v = ((struct fed_input *)s->v[i].elem)->default_value;
        if (!value) {
            value = v;
            inconsistent |= seen && v;
        } else if (!fed_value_equal(value, v)) {
            inconsistent = true;
            incompatible |= v != NULL;
        }
        seen = true;
    }
    if (!inconsistent || incompatible)
        dest->default_value = value;
    if (!inconsistent)
        return;
    struct str values = sources_describe(mg->a, s, STR_NONE, text_of_default, NULL, false),
               at = fed_coordinate(mg->a, &dest->e);
    if (incompatible)
        msg_error(mg->m, in_supergraph(&dest->e),
                  dest->parent ? "INPUT_FIELD_DEFAULT_MISMATCH" : "FIELD_ARGUMENT_DEFAULT_MISMATCH",
                  "the defaults of \"%.*s\" differ: it has %.*s. Make them the same", STR_ARG(at), STR_ARG(values));
    else
        msg_hint(mg->m, COMPOSE_WARN, in_supergraph(&dest->e), "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
                 "\"%.*s\" has %.*s. The supergraph takes none", STR_ARG(at), STR_ARG(values));
}

/* ---- arguments ---- */

static struct fed_input *arg_of(const struct fed_elem *e, struct str name)
{
    return e->elem_kind == FED_ELEM_FIELD ? fed_field_arg((const struct fed_field *)e, name)
                                          : fed_directive_def_arg((const struct fed_directive *)e, name);
}

static const struct fed_input_vec *args_of(const struct fed_elem *e)
{
    return e->elem_kind == FED_ELEM_FIELD ? &((const struct fed_field *)e)->args
                                          : &((const struct fed_directive *)e)->args;
}

struct sources merge_arg_sources(struct merge *mg, const struct sources *s, struct str name)
{
    struct sources out = {arena_array(mg->a, struct source, s->n), s->n};
    for (uint32_t i = 0; i < s->n; i++) {
        struct fed_input *arg = s->v[i].elem ? arg_of(s->v[i].elem, name) : NULL;
        out.v[i] = (struct source){s->v[i].sg, arg ? &arg->e : NULL};
    }
    return out;
}

static bool contextual(const struct source *s, struct str name)
{
    struct fed_input *arg = s->elem ? arg_of(s->elem, name) : NULL;
    return arg && fed_has(s->sg, &arg->e, FED_FROM_CONTEXT);
}

/* An argument that a context fills in one subgraph is none of the supergraph's. True when it is such an argument. */
static bool merge_contextual(struct merge *mg, const struct sources *s, struct str name)
{
    bool any = false;
    for (uint32_t i = 0; i < s->n; i++)
        any |= contextual(&s->v[i], name);
    for (uint32_t i = 0; any && i < s->n; i++) {
        struct fed_input *arg = s->v[i].elem ? arg_of(s->v[i].elem, name) : NULL;
        if (!arg || contextual(&s->v[i], name))
            continue;
        struct str at = fed_coordinate(mg->a, &arg->e);
        struct where w = {s->v[i].sg, &arg->e, {0}};
        if (fed_input_required(arg))
            msg_error(mg->m, w, "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
                      "\"%.*s\" comes from a context in another subgraph and is required here: add @fromContext or "
                      "make it optional",
                      STR_ARG(at));
        else
            msg_hint(mg->m, COMPOSE_INFO, w, "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
                     "\"%.*s\" comes from a context in another subgraph and is left out of the supergraph",
                     STR_ARG(at));
    }
    return any;
}

static bool keep_required(const struct source *s, const void *data)
{
    return s->elem && fed_input_required((const struct fed_input *)s->elem);
}

static struct str text_of_presence(struct arena *a, const struct source *s, const void *data)
{
    return s->elem ? STR("present") : STR("missing");
}

/* An argument must be everywhere to be in the supergraph: whoever ignores it would answer something else. */
static bool report_missing(struct merge *mg, const struct sources *s, struct fed_elem *dest, struct str name)
{
    VEC(struct source) having = {0};
    bool missing = false, required = false;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem)
            continue;
        struct fed_input *arg = arg_of(s->v[i].elem, name);
        vec_push(mg->a, &having, (struct source){s->v[i].sg, arg ? &arg->e : NULL});
        missing |= !arg;
        required |= arg && fed_input_required(arg);
    }
    if (!missing)
        return false;
    struct sources args = {having.v, (uint32_t)having.n};
    struct str at = fed_coordinate(mg->a, dest);
    if (required)
        msg_error(
            mg->m, in_supergraph(dest), "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            "argument \"%.*s\" of \"%.*s\" is required in %.*s but missing in %.*s: add it there, or make it optional",
            STR_ARG(name), STR_ARG(at), STR_ARG(sources_list(mg->a, &args, keep_required, NULL)),
            STR_ARG(sources_list(mg->a, &args, source_absent, NULL)));
    else
        msg_hint(mg->m, COMPOSE_WARN, in_supergraph(dest), "INCONSISTENT_ARGUMENT_PRESENCE",
                 "argument \"%.*s\" of \"%.*s\" is left out of the supergraph: it is %.*s", STR_ARG(name), STR_ARG(at),
                 STR_ARG(sources_describe(mg->a, &args, STR_NONE, text_of_presence, NULL, true)));
    return true;
}

static void merge_argument(struct merge *mg, const struct sources *s, struct fed_elem *dest, struct str name)
{
    if (merge_contextual(mg, s, name) || report_missing(mg, s, dest, name))
        return;
    struct fed_input *arg = dest->elem_kind == FED_ELEM_FIELD
                                ? fed_field_add_arg(mg->a, (struct fed_field *)dest, name)
                                : fed_directive_add_arg(mg->a, (struct fed_directive *)dest, name);
    struct sources args = merge_arg_sources(mg, s, name);
    merge_description(mg, &args, &arg->e);
    merge_applied_later(mg, &args, &arg->e);
    merge_type_ref(mg, &args, &arg->e, true);
    merge_default(mg, &args, arg);
}

void merge_arguments(struct merge *mg, const struct sources *s, struct fed_elem *dest)
{
    struct map names = {0};
    for (uint32_t i = 0; i < s->n; i++)
        for (size_t j = 0; s->v[i].elem && j < args_of(s->v[i].elem)->n; j++)
            map_put(mg->a, &names, args_of(s->v[i].elem)->v[j]->e.name, dest);
    for (size_t i = 0; i < names.n; i++)
        merge_argument(mg, s, dest, names.entries[i].key);
}
