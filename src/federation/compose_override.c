/* @override: one subgraph takes a field over from another, at once or by label. */
#include "federation/compose_merge.h"

#include "graphql/suggest.h"

#include <ctype.h>

struct override_check {
    struct merge *mg;
    const struct sources *s;
    struct fed_field *dest;
    struct override_state *ov;
    uint32_t i; /* the source that overrides */
    const struct fed_applied *applied;
    struct str from;
};

#define COLLISION "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"

#define override_error(c, code, ...)                                                                             \
    msg_error((c)->mg->m, (struct where){(c)->s->v[(c)->i].sg, (c)->s->v[(c)->i].elem, (c)->applied->loc}, code, \
              __VA_ARGS__)
#define override_hint(c, level, code, ...)                                                                             \
    msg_hint((c)->mg->m, level, (struct where){(c)->s->v[(c)->i].sg, (c)->s->v[(c)->i].elem, (c)->applied->loc}, code, \
             __VA_ARGS__)

/* Letters, digits and _-:./ beginning with a letter; or percent(N) with at most eight decimals. */
static bool label_is_name(struct str l)
{
    if (l.len == 0 || !isalpha((unsigned char)l.p[0]))
        return false;
    for (size_t i = 1; i < l.len; i++)
        if (!isalnum((unsigned char)l.p[i]) && !strchr("_-:./", l.p[i]))
            return false;
    return true;
}

static size_t count_digits(struct str s)
{
    size_t n = 0;
    while (n < s.len && isdigit((unsigned char)s.p[n]))
        n++;
    return n;
}

static bool label_is_percent(struct str l)
{
    if (!str_starts(l, STR("percent(")) || !str_ends(l, STR(")")))
        return false;
    struct str n = str_sub(l, 8, l.len - 9);
    if (str_eq(n, STR("100")))
        return true;
    size_t whole = count_digits(n);
    if (whole == 0 || whole > 2)
        return false;
    if (whole == n.len)
        return true;
    struct str decimals = str_sub(n, whole + 1, n.len);
    return n.p[whole] == '.' && decimals.len >= 1 && decimals.len <= 8 && count_digits(decimals) == decimals.len;
}

static void take_label(struct override_check *c, uint32_t from, bool referenced)
{
    struct str label = fed_applied_str(c->applied, STR("label")), at = fed_coordinate(c->mg->a, &c->dest->e);
    if (!label.len)
        return;
    if (label_is_name(label) || label_is_percent(label))
        c->ov[c->i].label = c->ov[from].label = label;
    else
        override_error(
            c, "OVERRIDE_LABEL_INVALID",
            "\"%.*s\" cannot be the label of an @override: use letters, digits and _-:./ beginning with a letter, or "
            "percent(N) with N from 0 to 100",
            STR_ARG(label));
    msg_hint(c->mg->m, COMPOSE_INFO, (struct where){c->s->v[from].sg, c->s->v[from].elem, {0}},
             "OVERRIDE_MIGRATION_IN_PROGRESS", "\"%.*s\" is moving from this subgraph to \"%.*s\" by label \"%.*s\"%s",
             STR_ARG(at), STR_ARG(c->s->v[c->i].sg->name), STR_ARG(label),
             referenced ? "; keep it as @external at the end, it is used in field sets" : "; delete it at the end");
}

static void take_over(struct override_check *c, uint32_t from)
{
    struct fed_field *f = (struct fed_field *)c->s->v[from].elem;
    struct str at = fed_coordinate(c->mg->a, &c->dest->e);
    bool labelled = fed_applied_str(c->applied, STR("label")).len > 0;
    struct where w = {c->s->v[from].sg, &f->e, {0}};
    if (f->external) {
        override_hint(c, COMPOSE_INFO, "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
                      "\"%.*s\" is already @external in subgraph \"%.*s\": @override can be deleted", STR_ARG(at),
                      STR_ARG(c->from));
    } else {
        *(f->used ? &c->ov[from].used_overridden : &c->ov[from].unused_overridden) = true;
        if (!labelled)
            msg_hint(c->mg->m, COMPOSE_INFO, w, "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
                     "\"%.*s\" is overridden by subgraph \"%.*s\": %s", STR_ARG(at), STR_ARG(c->s->v[c->i].sg->name),
                     f->used ? "it is still used in field sets here, so mark it @external" : "it can be deleted here");
    }
    take_label(c, from, f->used);
}

/* What cannot be combined with an override: the name of the directive, or NULL. */
static const char *conflict(struct override_check *c, uint32_t from)
{
    const struct source *f = &c->s->v[from];
    if (fed_has(f->sg, f->elem, FED_REQUIRES))
        return "requires";
    if (fed_has(f->sg, f->elem, FED_PROVIDES))
        return "provides";
    return ((struct fed_field *)c->s->v[c->i].elem)->external ? "external" : NULL;
}

static void override_from(struct override_check *c, struct fed_subgraph *from_sg)
{
    struct str at = fed_coordinate(c->mg->a, &c->dest->e);
    uint32_t from = 0;
    while (from < c->s->n && c->s->v[from].sg != from_sg)
        from++;
    if (from < c->s->n && c->s->v[from].elem && fed_has(from_sg, c->s->v[from].elem, FED_OVERRIDE)) {
        override_error(c, "OVERRIDE_SOURCE_HAS_OVERRIDE",
                       "\"%.*s\" has @override in subgraph \"%.*s\" too: delete one of them", STR_ARG(at),
                       STR_ARG(c->from));
        return;
    }
    if (from < c->s->n && c->s->v[from].elem) {
        const char *directive = conflict(c, from);
        if (directive)
            override_error(c, COLLISION, "@override on \"%.*s\" cannot be combined with @%s in %s: delete one of them",
                           STR_ARG(at), directive,
                           strcmp(directive, "external") ? "the subgraph it takes over from" : "the same subgraph");
        else
            take_over(c, from);
        return;
    }
    struct fed_field_vec abstracting = {0};
    if (from < c->s->n)
        merge_abstracting_fields(c->mg, c->dest, from_sg, &abstracting);
    if (abstracting.n)
        override_error(
            c, COLLISION,
            "\"%.*s\" cannot be overridden from subgraph \"%.*s\", which has it only through interface object \"%.*s\": delete @override",
            STR_ARG(at), STR_ARG(c->from), STR_ARG(abstracting.v[0]->parent->e.name));
    else
        override_hint(c, COMPOSE_INFO, "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
                      "subgraph \"%.*s\" does not have \"%.*s\" any more: @override can be deleted", STR_ARG(c->from),
                      STR_ARG(at));
}

static void check_one(struct override_check *c)
{
    const struct source *s = &c->s->v[c->i];
    const struct fed_type *parent = ((struct fed_field *)s->elem)->parent;
    struct str at = fed_coordinate(c->mg->a, &c->dest->e);
    struct fed_subgraph *from = NULL;
    struct str_vec names = {0};
    if (parent->kind == GQL_INTERFACE) {
        override_error(c, "OVERRIDE_ON_INTERFACE",
                       "@override cannot stand on \"%.*s\", a field of an interface: override the "
                       "fields of the implementing types",
                       STR_ARG(at));
        return;
    }
    if (parent->interface_object) {
        override_error(c, COLLISION, "@override cannot stand on \"%.*s\", a field of an @interfaceObject: delete it",
                       STR_ARG(at));
        return;
    }
    for (uint32_t i = 0; i < c->mg->n; i++) {
        vec_push(c->mg->a, &names, c->mg->sg[i].name);
        if (str_eq(c->mg->sg[i].name, c->from))
            from = &c->mg->sg[i];
    }
    if (!from) {
        c->ov[c->i].unknown_target = true;
        override_hint(c, COMPOSE_WARN, "FROM_SUBGRAPH_DOES_NOT_EXIST",
                      "\"%.*s\" overrides from subgraph \"%.*s\", which does not exist.%.*s", STR_ARG(at),
                      STR_ARG(c->from), STR_ARG(gql_suggest(c->mg->a, "", c->from, &names)));
    } else if (from == s->sg) {
        override_error(c, "OVERRIDE_FROM_SELF_ERROR",
                       "\"%.*s\" overrides from its own subgraph: name another one, or delete @override", STR_ARG(at));
    } else {
        override_from(c, from);
    }
}

/* What it means for resolving. */
static void note_on_fields(const struct override_check *c)
{
    for (uint32_t i = 0; i < c->s->n; i++) {
        struct fed_field *f = (struct fed_field *)c->s->v[i].elem;
        if (!f)
            continue;
        f->label = c->ov[i].label;
        f->label_on = fed_has(c->s->v[i].sg, &f->e, FED_OVERRIDE);
        f->overridden = (c->ov[i].used_overridden || c->ov[i].unused_overridden) && !f->label.p;
    }
}

/* One state for each source. */
struct override_state *merge_override(struct merge *mg, const struct sources *s, struct fed_field *dest)
{
    struct override_check c = {.mg = mg, .s = s, .dest = dest, .ov = arena_array(mg->a, struct override_state, s->n)};
    if (!map_has(&mg->override_fields, fed_coordinate(mg->a, &dest->e)))
        return c.ov;
    for (c.i = 0; c.i < s->n; c.i++) {
        c.applied = s->v[c.i].elem ? fed_find(s->v[c.i].sg, s->v[c.i].elem, FED_OVERRIDE) : NULL;
        if (!c.applied)
            continue;
        c.from = fed_applied_str(c.applied, STR("from"));
        check_one(&c);
    }
    note_on_fields(&c);
    return c.ov;
}
