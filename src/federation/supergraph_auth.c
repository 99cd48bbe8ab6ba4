/* @authenticated, @requiresScopes and @policy: the distinct requirements, and which of them each
 * field has.
 *
 * A field asks for what its own directives, its parent type's and its result type's ask for
 * together. */
#include "federation/supergraph_private.h"

#define AUTH_ALTERNATIVES_MAX 256

struct dnf {
    struct sg_scope_set *v;
    uint32_t n;
};

/* `[["a", "b"], ["c"]]`, sorted inside and without duplicates, so that equal requirements compare
 * equal. */
static struct sg_scope_set scope_set(struct sg_loader *l, const struct gql_value *list)
{
    struct sg_scope_set set = {arena_array(l->a, struct str, list->n), 0};
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t at = 0;
        while (at < set.n && str_cmp(set.scopes[at], list->items[i]->text) < 0)
            at++;
        if (at < set.n && str_eq(set.scopes[at], list->items[i]->text))
            continue;
        memmove(&set.scopes[at + 1], &set.scopes[at], sizeof *set.scopes * (set.n - at));
        set.scopes[at] = list->items[i]->text;
        set.n++;
    }
    return set;
}

static struct dnf read_dnf(struct sg_loader *l, const struct gql_directive_list *ds,
                           struct str directive, struct str arg)
{
    const struct gql_directive *d = directive.p ? gql_directive_find(ds, directive) : NULL;
    const struct gql_value *v = d ? gql_directive_arg(d, arg) : NULL;
    struct dnf out = {0};

    if (!v || v->kind != GQL_LIST)
        return out;
    out.v = arena_array(l->a, struct sg_scope_set, v->n);
    for (uint32_t i = 0; i < v->n; i++)
        if (v->items[i]->kind == GQL_LIST)
            out.v[out.n++] = scope_set(l, v->items[i]);
    return out;
}

static struct sg_scope_set scopes_joined(struct sg_loader *l, struct sg_scope_set a,
                                         struct sg_scope_set b)
{
    struct sg_scope_set out = {arena_array(l->a, struct str, a.n + b.n), 0};
    for (uint32_t i = 0, k = 0; i < a.n || k < b.n;) {
        int order = i == a.n ? 1 : k == b.n ? -1 : str_cmp(a.scopes[i], b.scopes[k]);
        out.scopes[out.n++] = order <= 0 ? a.scopes[i] : b.scopes[k];
        i += order <= 0;
        k += order >= 0;
    }
    return out;
}

/* Both must hold: every alternative of one with every alternative of the other. */
static struct dnf both(struct sg_loader *l, struct dnf a, struct dnf b, struct gql_loc loc)
{
    if (!a.n || !b.n)
        return a.n ? a : b;
    if (a.n * b.n > AUTH_ALTERNATIVES_MAX) {
        sg_fail(
            l, loc,
            "The scopes of this field and of its types combine to %u alternatives; the limit is %d",
            a.n * b.n, AUTH_ALTERNATIVES_MAX);
        return a;
    }
    struct dnf out = {arena_array(l->a, struct sg_scope_set, a.n * b.n), 0};
    for (uint32_t i = 0; i < a.n; i++)
        for (uint32_t k = 0; k < b.n; k++)
            out.v[out.n++] = scopes_joined(l, a.v[i], b.v[k]);
    return out;
}

static bool dnf_equal(const struct sg_scope_set *a, uint32_t na, const struct sg_scope_set *b,
                      uint32_t nb)
{
    if (na != nb)
        return false;
    for (uint32_t i = 0; i < na; i++) {
        if (a[i].n != b[i].n)
            return false;
        for (uint32_t k = 0; k < a[i].n; k++)
            if (!str_eq(a[i].scopes[k], b[i].scopes[k]))
                return false;
    }
    return true;
}

bool sg_auth_equal(const struct sg_auth *a, const struct sg_auth *b)
{
    return a->authenticated == b->authenticated &&
           dnf_equal(a->any_of, a->n_any_of, b->any_of, b->n_any_of) &&
           dnf_equal(a->policies_any_of, a->n_policies_any_of, b->policies_any_of,
                     b->n_policies_any_of);
}

static void add_directives(struct sg_loader *l, struct sg_auth *auth,
                           const struct gql_directive_list *ds, struct gql_loc loc)
{
    struct dnf scopes = both(l, (struct dnf){auth->any_of, auth->n_any_of},
                             read_dnf(l, ds, l->names.requires_scopes, STR("scopes")), loc);
    struct dnf policies = both(l, (struct dnf){auth->policies_any_of, auth->n_policies_any_of},
                               read_dnf(l, ds, l->names.policy, STR("policies")), loc);

    auth->authenticated |=
        l->names.authenticated.p && gql_directive_find(ds, l->names.authenticated);
    auth->any_of = scopes.v;
    auth->n_any_of = scopes.n;
    auth->policies_any_of = policies.v;
    auth->n_policies_any_of = policies.n;
}

struct auth_table VEC_BODY(struct sg_auth);

static int intern(struct sg_loader *l, struct auth_table *table, struct sg_auth auth)
{
    if (!auth.authenticated && !auth.n_any_of && !auth.n_policies_any_of)
        return -1;
    for (size_t i = 0; i < table->n; i++)
        if (sg_auth_equal(&table->v[i], &auth))
            return (int)i;
    vec_push(l->a, table, auth);
    return (int)table->n - 1;
}

void sg_load_auth(struct sg_loader *l)
{
    struct auth_table table = {0};

    if (!l->names.authenticated.p && !l->names.requires_scopes.p && !l->names.policy.p)
        return;
    for (uint32_t i = 0; i < l->s->full->n_types; i++) {
        struct sg_type *t = &l->s->types[i];
        for (uint32_t k = 0; k < t->type->n_fields; k++) {
            const struct gql_field *f = t->fields[k].field;
            struct gql_loc loc = f->ast ? f->ast->loc : (struct gql_loc){0};
            struct sg_auth auth = {0};
            add_directives(l, &auth, &f->directives, loc);
            add_directives(l, &auth, &t->type->directives, loc);
            add_directives(l, &auth, &gql_tref_named(f->type)->directives, loc);
            t->fields[k].auth = intern(l, &table, auth);
        }
    }
    l->s->auth = table.v;
    l->s->n_auth = (uint32_t)table.n;
}
