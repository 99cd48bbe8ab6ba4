/* Fields that several subgraphs have: who may resolve them, and whether @external ones agree with the real ones. */
#include "federation/compose_merge.h"

static struct fed_field *field_of(const struct source *s)
{
    return (struct fed_field *)s->elem;
}

/* ---- sharing ---- */

struct sharing {
    struct merge *mg;
    VEC(struct source) all, non_shareable;
    bool shareable;
};

static void count_field(struct sharing *sh, struct fed_subgraph *sg, struct fed_field *f)
{
    if (f->external && !f->provided)
        return;
    struct source s = {sg, &f->e};
    vec_push(sh->mg->a, &sh->all, s);
    if (f->shareable)
        sh->shareable = true;
    else
        vec_push(sh->mg->a, &sh->non_shareable, s);
}

static bool unknown_override(const struct sources *s, const struct override_state *ov)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (ov[i].unknown_target)
            return true;
    return false;
}

void merge_check_sharing(struct merge *mg, const struct sources *s, struct fed_field *dest,
                         const struct override_state *ov)
{
    struct sharing sh = {.mg = mg};
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->v[i].elem && (ov[i].used_overridden || ov[i].unused_overridden))
            continue;
        struct fed_field_vec fields = {0};
        if (s->v[i].elem)
            vec_push(mg->a, &fields, field_of(&s->v[i]));
        else
            merge_abstracting_fields(mg, dest, s->v[i].sg, &fields);
        for (size_t j = 0; j < fields.n; j++)
            count_field(&sh, s->v[i].sg, fields.v[j]);
    }
    if (sh.non_shareable.n == 0 || (!sh.shareable && sh.non_shareable.n == 1))
        return;
    struct sources all = {sh.all.v, (uint32_t)sh.all.n}, non = {sh.non_shareable.v, (uint32_t)sh.non_shareable.n};
    msg_error(mg->m, in_supergraph(&dest->e), "INVALID_FIELD_SHARING",
              "\"%.*s\" is resolved by %.*s, and is not @shareable in %.*s: mark it @shareable everywhere, or leave it "
              "to one%s",
              STR_ARG(fed_coordinate(mg->a, &dest->e)), STR_ARG(sources_list(mg->a, &all, source_present, NULL)),
              STR_ARG(sources_list(mg->a, &non, source_present, NULL)),
              unknown_override(s, ov)
                  ? " (one of them has @override from a subgraph that does not exist: is its name right?)"
                  : "");
}

/* ---- @external ---- */

static struct str text_of_type(struct arena *a, const struct source *s, const void *data)
{
    return arena_printf(a, "\"%.*s\"%s", STR_ARG(fed_ref_str(a, source_type(s))),
                        s->elem->elem_kind == FED_ELEM_FIELD && field_of(s)->external ? " (@external)" : "");
}

static void check_external_type(struct merge *mg, const struct sources *s, struct fed_field *dest, bool all_equal)
{
    for (uint32_t i = 0; i < s->n; i++) {
        struct fed_field *f = field_of(&s->v[i]);
        if (!f || !f->external || fed_ref_equal(dest->type, f->type) ||
            (!all_equal && merge_is_strict_subtype(mg, dest->type, f->type)))
            continue;
        msg_error(mg->m, in_supergraph(&dest->e), "EXTERNAL_TYPE_MISMATCH",
                  "\"%.*s\" has another type where it is @external: it is %.*s. Repeat the type of the subgraph that "
                  "resolves it",
                  STR_ARG(fed_coordinate(mg->a, &dest->e)),
                  STR_ARG(sources_describe(mg->a, s, STR_NONE, text_of_type, NULL, false)));
        return;
    }
}

static struct str text_of_default(struct arena *a, const struct source *s, const void *data)
{
    const struct gql_value *v = ((struct fed_input *)s->elem)->default_value;
    return v ? fed_value_str(a, v) : STR("no default");
}

enum { ARG_MISSING = 1, ARG_TYPE = 2, ARG_DEFAULT = 4 };

static int compare_argument(struct merge *mg, const struct sources *s, const struct fed_input *dest)
{
    int found = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!s->v[i].elem || !field_of(&s->v[i])->external)
            continue;
        struct fed_input *arg = fed_field_arg(field_of(&s->v[i]), dest->e.name);
        if (!arg) {
            found |= ARG_MISSING;
            continue;
        }
        if (!fed_ref_equal(dest->type, arg->type) && !merge_is_strict_subtype(mg, arg->type, dest->type))
            found |= ARG_TYPE;
        if (!fed_value_equal(dest->default_value, arg->default_value))
            found |= ARG_DEFAULT;
    }
    return found;
}

static void check_external_argument(struct merge *mg, const struct sources *s, struct fed_input *dest)
{
    int found = compare_argument(mg, s, dest);
    if (!found)
        return;
    struct sources args = merge_arg_sources(mg, s, dest->e.name);
    VEC(struct source) declaring = {0};
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].elem)
            vec_push(mg->a, &declaring, args.v[i]);
    struct sources known = {declaring.v, (uint32_t)declaring.n};
    struct str at = fed_coordinate(mg->a, &dest->e);
    if (found & ARG_MISSING)
        msg_error(mg->m, in_supergraph(&dest->e), "EXTERNAL_ARGUMENT_MISSING",
                  "\"%.*s\" is missing in %.*s, where the field is @external: repeat the argument there", STR_ARG(at),
                  STR_ARG(sources_list(mg->a, &known, source_absent, NULL)));
    if (found & ARG_TYPE)
        msg_error(mg->m, in_supergraph(&dest->e), "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                  "\"%.*s\" has another type where its field is @external: it is %.*s. Make them the same", STR_ARG(at),
                  STR_ARG(sources_describe(mg->a, &known, STR_NONE, text_of_type, NULL, false)));
    if (found & ARG_DEFAULT)
        msg_error(mg->m, in_supergraph(&dest->e), "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
                  "\"%.*s\" has another default where its field is @external: it has %.*s. Make them the same",
                  STR_ARG(at), STR_ARG(sources_describe(mg->a, &known, STR_NONE, text_of_default, NULL, false)));
}

void merge_check_external(struct merge *mg, const struct sources *s, struct fed_field *dest, bool all_equal)
{
    check_external_type(mg, s, dest, all_equal);
    for (size_t i = 0; i < dest->args.n; i++)
        check_external_argument(mg, s, dest->args.v[i]);
}
