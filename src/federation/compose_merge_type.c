/* Unions, enums and input types. */
#include "federation/compose_merge.h"

/* ---- unions: everything that some subgraph has ---- */

static struct str text_of_member(struct arena *a, const struct source *s, const void *data)
{
    return fed_type_has_member((const struct fed_type *)s->elem, *(const struct str *)data) ? STR("present")
                                                                                            : STR("missing");
}

static void hint_member(struct merge *mg, const struct sources *types, const struct fed_type *dest, struct str member)
{
    for (uint32_t i = 0; i < types->n; i++)
        if (types->v[i].elem && !fed_type_has_member((struct fed_type *)types->v[i].elem, member)) {
            msg_hint(mg->m, COMPOSE_DEBUG, in_supergraph(&dest->e), "INCONSISTENT_UNION_MEMBER",
                     "\"%.*s\" is not a member of union \"%.*s\" everywhere: it is %.*s", STR_ARG(member),
                     STR_ARG(dest->e.name),
                     STR_ARG(sources_describe(mg->a, types, STR("present"), text_of_member, &member, false)));
            return;
        }
}

void merge_union(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    for (uint32_t i = 0; i < types->n; i++) {
        const struct fed_type *t = (const struct fed_type *)types->v[i].elem;
        for (size_t j = 0; t && j < t->members.n; j++)
            if (!fed_type_has_member(dest, t->members.v[j]))
                vec_push(mg->a, &dest->members, t->members.v[j]);
    }
    for (size_t j = 0; j < dest->members.n; j++) {
        for (uint32_t i = 0; i < types->n; i++)
            if (types->v[i].elem && fed_type_has_member((struct fed_type *)types->v[i].elem, dest->members.v[j])) {
                struct fed_applied *d = merge_join(mg, &dest->e, "join__unionMember", types->v[i].sg);
                merge_join_arg(mg, d, "member", GQL_STRING, dest->members.v[j]);
            }
        hint_member(mg, types, dest, dest->members.v[j]);
    }
}

/* ---- enums: as output everything, as input what all have, as both they must agree ---- */

static struct sources value_sources(struct merge *mg, const struct sources *types, struct str name, bool *everywhere)
{
    struct sources s = {arena_array(mg->a, struct source, types->n), types->n};
    *everywhere = true;
    for (uint32_t i = 0; i < types->n; i++) {
        const struct fed_type *t = (const struct fed_type *)types->v[i].elem;
        struct fed_enum_value *v = t ? fed_type_value(t, name) : NULL;
        s.v[i] = (struct source){types->v[i].sg, v ? &v->e : NULL};
        *everywhere &= !t || v;
    }
    return s;
}

static struct str text_of_value(struct arena *a, const struct source *s, const void *data)
{
    return fed_type_value((const struct fed_type *)s->elem, *(const struct str *)data) ? STR("present")
                                                                                       : STR("missing");
}

static void report_value(struct merge *mg, const struct sources *types, const struct enum_use *use,
                         struct fed_enum_value *v)
{
    struct str at = fed_coordinate(mg->a, &v->e);
    struct str who = sources_describe(mg->a, types, STR("present"), text_of_value, &v->e.name, false);
    if (use->input && use->output)
        msg_error(mg->m, in_supergraph(&v->e), "ENUM_VALUE_MISMATCH",
                  "\"%.*s\" is %.*s; as the enum is used for input (\"%.*s\") and output (\"%.*s\"), all subgraphs "
                  "need the same values: "
                  "add it, or mark it @inaccessible",
                  STR_ARG(at), STR_ARG(who), STR_ARG(use->input_example), STR_ARG(use->output_example));
    else if (use->input)
        msg_hint(mg->m, COMPOSE_WARN, in_supergraph(&v->e), "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
                 "\"%.*s\" is left out of the supergraph, as the enum is used for input and the value is %.*s",
                 STR_ARG(at), STR_ARG(who));
    else
        msg_hint(mg->m, COMPOSE_DEBUG, in_supergraph(&v->e), "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
                 "\"%.*s\" is not in all subgraphs: it is %.*s", STR_ARG(at), STR_ARG(who));
}

/* False when the value has to go. */
static bool merge_value(struct merge *mg, const struct sources *types, const struct enum_use *use,
                        struct fed_enum_value *v)
{
    bool everywhere;
    struct sources s = value_sources(mg, types, v->e.name, &everywhere);
    merge_description(mg, &s, &v->e);
    merge_applied_later(mg, &s, &v->e);
    for (uint32_t i = 0; i < s.n; i++)
        if (s.v[i].elem)
            merge_join(mg, &v->e, "join__enumValue", s.v[i].sg);
    bool output_only = !use->input;
    if (everywhere || (!output_only && merge_is_inaccessible(mg, &v->e)))
        return true;
    report_value(mg, types, use, v);
    return output_only || use->output;
}

void merge_enum(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    const struct enum_use *use = map_get(&mg->enum_uses, dest->e.name), unused = {.output = true};
    if (!use) {
        use = &unused;
        msg_hint(mg->m, COMPOSE_DEBUG, in_supergraph(&dest->e), "UNUSED_ENUM_TYPE", "enum \"%.*s\" is used nowhere",
                 STR_ARG(dest->e.name));
    }
    for (uint32_t i = 0; i < types->n; i++) {
        const struct fed_type *t = (const struct fed_type *)types->v[i].elem;
        for (size_t j = 0; t && j < t->values.n; j++)
            if (!fed_type_value(dest, t->values.v[j]->e.name))
                fed_type_add_value(mg->out, dest, t->values.v[j]->e.name);
    }
    size_t n = 0;
    for (size_t j = 0; j < dest->values.n; j++) {
        struct fed_enum_value *v = dest->values.v[j];
        v->e.removed = !merge_value(mg, types, use, v);
        if (!v->e.removed)
            dest->values.v[n++] = v;
    }
    dest->values.n = n;
    if (n == 0)
        msg_error(mg->m, in_supergraph(&dest->e), "EMPTY_MERGED_ENUM_TYPE",
                  "no value of enum \"%.*s\" is in all of %.*s, and for input only such values are kept: agree on at "
                  "least one",
                  STR_ARG(dest->e.name), STR_ARG(sources_list(mg->a, types, source_present, NULL)));
}

/* ---- inputs: what all have ---- */

static bool keep_required(const struct source *s, const void *data)
{
    return s->elem && fed_input_required((const struct fed_input *)s->elem);
}

static struct str text_of_field(struct arena *a, const struct source *s, const void *data)
{
    return s->elem ? STR("present") : STR("missing");
}

/* False when the field has to go. */
static bool check_presence(struct merge *mg, const struct sources *s, struct fed_input *f)
{
    bool missing = false, required = false;
    for (uint32_t i = 0; i < s->n; i++) {
        missing |= !s->v[i].elem;
        required |= keep_required(&s->v[i], NULL);
    }
    if (!missing || merge_is_inaccessible(mg, &f->e))
        return true;
    struct str at = fed_coordinate(mg->a, &f->e);
    if (required)
        msg_error(mg->m, in_supergraph(&f->e), "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
                  "\"%.*s\" is required in %.*s but missing in %.*s: add it there, or make it optional", STR_ARG(at),
                  STR_ARG(sources_list(mg->a, s, keep_required, NULL)),
                  STR_ARG(sources_list(mg->a, s, source_absent, NULL)));
    else
        msg_hint(mg->m, COMPOSE_WARN, in_supergraph(&f->e), "INCONSISTENT_INPUT_OBJECT_FIELD",
                 "\"%.*s\" is left out of the supergraph: it is %.*s", STR_ARG(at),
                 STR_ARG(sources_describe(mg->a, s, STR("present"), text_of_field, NULL, true)));
    return false;
}

static void join_input(struct merge *mg, const struct sources *s, struct fed_input *dest, bool all_equal)
{
    bool missing = false;
    for (uint32_t i = 0; i < s->n; i++)
        missing |= !s->v[i].elem;
    for (uint32_t i = 0; i < s->n && (missing || !all_equal); i++) {
        if (!s->v[i].elem)
            continue;
        struct fed_applied *d = merge_join(mg, &dest->e, "join__field", s->v[i].sg);
        if (!all_equal)
            merge_join_arg(mg, d, "type", GQL_STRING, fed_ref_str(mg->a, source_type(&s->v[i])));
    }
}

void merge_input(struct merge *mg, const struct sources *types, struct fed_type *dest)
{
    for (uint32_t i = 0; i < types->n; i++) {
        const struct fed_type *t = (const struct fed_type *)types->v[i].elem;
        for (size_t j = 0; t && j < t->inputs.n; j++)
            if (!fed_type_input(dest, t->inputs.v[j]->e.name))
                fed_type_add_input(mg->out, dest, t->inputs.v[j]->e.name);
    }
    size_t n = 0;
    for (size_t j = 0; j < dest->inputs.n; j++) {
        struct fed_input *f = dest->inputs.v[j];
        struct sources s = merge_field_sources(mg, dest, f->e.name);
        merge_description(mg, &s, &f->e);
        merge_applied_later(mg, &s, &f->e);
        bool all_equal = merge_type_ref(mg, &s, &f->e, true);
        join_input(mg, &s, f, all_equal);
        merge_default(mg, &s, f);
        f->e.removed = !check_presence(mg, &s, f);
        if (!f->e.removed)
            dest->inputs.v[n++] = f;
    }
    dest->inputs.n = n;
    if (n == 0)
        msg_error(
            mg->m, in_supergraph(&dest->e), "EMPTY_MERGED_INPUT_TYPE",
            "no field of input type \"%.*s\" is in all of %.*s, and only such fields are kept: agree on at least one",
            STR_ARG(dest->e.name), STR_ARG(sources_list(mg->a, types, source_present, NULL)));
}
