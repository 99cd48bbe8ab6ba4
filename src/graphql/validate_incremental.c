/* @defer and @stream: unique static labels, nothing deferred at the root of mutations and subscriptions, nothing at all
 * in subscriptions. The rules go by the directives' names, whether or not the schema defines them. */
#include "graphql/rules.h"

static bool is_stream(const struct gql_directive *d) { return str_eq_c(d->name.s, "stream"); }

static bool is_incremental(const struct gql_directive *d) { return is_stream(d) || str_eq_c(d->name.s, "defer"); }

void gql_rule_label(struct gql_validation *v, const struct gql_directive *d)
{
    const struct gql_value *label = is_incremental(d) ? gql_directive_arg(d, STR("label")) : NULL;
    if (!label || label->kind == GQL_NULL)
        return;
    if (label->kind != GQL_STRING) {
        GQL_REPORT(v, GQL_AT(d->loc), "Argument \"@%.*s(label:)\" must be a static string.", STR_ARG(d->name.s));
        return;
    }
    const struct gql_directive *before = map_get(&v->labels, label->text);
    if (before)
        GQL_REPORT(v, GQL_AT(before->loc, d->loc),
                   "Value for arguments \"defer(label:)\" and \"stream(label:)\" must be unique across all Defer/Stream "
                   "directive usages.");
    else
        map_put(v->a, &v->labels, label->text, (void *)d);
}

/* ---- walks from an operation through its fragments ---- */

struct step {
    const struct gql_selection_set *set;
    uint32_t next;
    const struct gql_selection *spread; /* that led here; NULL: none did */
};

struct walk {
    struct gql_validation *v;
    struct gql_part *operation;
    VEC(struct step) stack;
    struct gql_part_vec visited;
    bool found;
};

static void enter(struct walk *w, const struct gql_selection_set *set, const struct gql_selection *spread)
{
    vec_push(w->v->a, &w->stack, (struct step){set, 0, spread});
}

/* The next selection, or NULL at the end. */
static const struct gql_selection *next_selection(struct walk *w)
{
    while (w->stack.n) {
        struct step *top = &vec_last(&w->stack);
        if (top->next < top->set->n)
            return top->set->items[top->next++];
        w->stack.n--;
    }
    return NULL;
}

/* The fragment when this walk has not been there, which it now has. */
static struct gql_part *visit(struct walk *w, const struct gql_selection *spread)
{
    struct gql_part *f = map_get(&w->v->fragments, spread->name.s);
    if (!f || f->mark == w->v->marks)
        return NULL;
    f->mark = w->v->marks;
    vec_push(w->v->a, &w->visited, f);
    return f;
}

/* ---- the root of mutations and subscriptions ---- */

static void refuse_root(struct walk *w, const struct gql_selection *sel, const char *directive, const char *word)
{
    static const char *const WORDS[] = {"query", "mutation", "subscription"};
    const struct gql_directive *d = gql_directive_find(&sel->directives, str_c(directive));
    enum gql_operation_kind kind = w->operation->def->operation;
    if (!d)
        return;
    w->found = true;
    GQL_REPORT(w->v, GQL_AT(d->loc), "%s directive cannot be used on root %s type \"%.*s\".", word, WORDS[kind],
               STR_ARG(gql_schema_root(w->v->s, kind)->name));
}

static void root_selection(struct walk *w, const struct gql_selection *sel)
{
    if (sel->kind == GQL_FIELD) {
        refuse_root(w, sel, "stream", "Stream");
    } else if (sel->kind == GQL_INLINE_FRAGMENT) {
        refuse_root(w, sel, "defer", "Defer");
        enter(w, sel->selections, NULL);
    } else {
        struct gql_part *f = visit(w, sel);
        if (!f)
            return;
        refuse_root(w, sel, "defer", "Defer");
        if (!f->root_checked)
            enter(w, f->def->selections, sel);
    }
}

static void check_root(struct gql_validation *v, struct gql_part *operation)
{
    struct walk w = {.v = v, .operation = operation};
    v->marks++;
    enter(&w, operation->def->selections, NULL);
    for (const struct gql_selection *sel; (sel = next_selection(&w));)
        root_selection(&w, sel);
    for (size_t i = 0; !w.found && i < w.visited.n; i++)
        w.visited.v[i]->root_checked = true;
}

/* ---- anywhere in subscriptions ---- */

static bool can_be(const struct gql_directive *d, bool value, bool otherwise)
{
    const struct gql_value *v = gql_directive_arg(d, STR("if"));
    if (!v)
        return otherwise;
    return v->kind == GQL_BOOLEAN ? v->boolean == value : true;
}

static bool may_be_left_out(const struct gql_selection *sel)
{
    const struct gql_directive *skip = gql_directive_find(&sel->directives, STR("skip"));
    const struct gql_directive *include = gql_directive_find(&sel->directives, STR("include"));
    return (skip && can_be(skip, true, true)) || (include && can_be(include, false, false));
}

/* Only `false` and variables switch the directive off. */
static bool may_be_off(const struct gql_directive *d)
{
    const struct gql_value *v = gql_directive_arg(d, STR("if"));
    return v && (v->kind == GQL_VARIABLE || (v->kind == GQL_BOOLEAN && !v->boolean));
}

static void refuse_in_subscription(struct walk *w, const struct gql_directive *d)
{
    VEC(struct gql_loc) places = {0};
    const char *word = is_stream(d) ? "Stream" : "Defer", *name = is_stream(d) ? "stream" : "defer";
    w->found = true;
    vec_push(w->v->a, &places, d->loc);
    for (size_t i = w->stack.n; i > 0; i--)
        if (w->stack.v[i - 1].spread)
            vec_push(w->v->a, &places, w->stack.v[i - 1].spread->loc);
    gql_rule_report(w->v, places.v, places.n,
                    "%s directive not supported on subscription operations. Disable `@%s` by setting the `if` argument to "
                    "`false`.",
                    word, name);
}

static void subscription_selection(struct walk *w, const struct gql_selection *sel)
{
    if (may_be_left_out(sel))
        return;
    for (uint32_t i = 0; i < sel->directives.n; i++)
        if (is_incremental(&sel->directives.v[i]) && !may_be_off(&sel->directives.v[i]))
            refuse_in_subscription(w, &sel->directives.v[i]);
    if (sel->kind == GQL_FRAGMENT_SPREAD) {
        struct gql_part *f = map_get(&w->v->fragments, sel->name.s);
        if (f && !f->subscription_checked && visit(w, sel))
            enter(w, f->def->selections, sel);
    } else if (sel->selections) {
        enter(w, sel->selections, NULL);
    }
}

static void check_subscription(struct gql_validation *v, struct gql_part *operation)
{
    struct walk w = {.v = v, .operation = operation};
    v->marks++;
    enter(&w, operation->def->selections, NULL);
    for (const struct gql_selection *sel; (sel = next_selection(&w));)
        subscription_selection(&w, sel);
    for (size_t i = 0; !w.found && i < w.visited.n; i++)
        w.visited.v[i]->subscription_checked = true;
}

void gql_rule_incremental(struct gql_validation *v, struct gql_part *part)
{
    enum gql_operation_kind kind = part->def->operation;
    if (kind != GQL_QUERY && gql_schema_root(v->s, kind))
        check_root(v, part);
    if (kind == GQL_SUBSCRIPTION)
        check_subscription(v, part);
}
