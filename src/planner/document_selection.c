/* The text of a selection and the shape of its reply, made in one walk over the nodes. */
#include "planner/document.h"

/* ---- response keys ---- */

struct same_name VEC_BODY(struct position_field *);

struct position *position_new(struct work *w, struct spot *spot)
{
    struct position *p = arena_new_of(w->a, struct position);
    *p = (struct position){.spot = spot, .taken = arena_new_of(w->a, struct map)};
    return p;
}

/* The key is the field's name or, when that is taken, the name with a number. */
static struct str free_key(struct doc *d, const struct position *p, struct str name, size_t n)
{
    struct str key = name;
    for (; map_has(p->taken, key); n++)
        key = arena_printf(d->w->a, "%.*s_%zu", STR_ARG(name), n ? n : 1);
    return key;
}

static struct position_field *position_field(struct doc *d, struct position *p,
                                             const struct item *it)
{
    struct same_name *same = map_get(&p->by_name, it->slot->name);
    if (!same) {
        same = arena_new_of(d->w->a, struct same_name);
        map_put(d->w->a, &p->by_name, it->slot->name, same);
    }
    for (size_t i = 0; i < same->n; i++)
        if (same->v[i]->slot == it->slot && str_eq(same->v[i]->sig, it->sig))
            return same->v[i];
    struct position_field *f = arena_new_of(d->w->a, struct position_field);
    *f = (struct position_field){
        .key = free_key(d, p, it->slot->name, same->n), .sig = it->sig, .slot = it->slot};
    if (it->child)
        f->child = position_new(d->w, it->child->spot);
    map_put(d->w->a, p->taken, f->key, f);
    vec_push(d->w->a, same, f);
    vec_push(d->w->a, &p->fields, f);
    return f;
}

/* ---- printing ---- */

static void use_variable(struct doc *d, struct str name)
{
    uint32_t index = 0;
    while (index < d->variables.n && !str_eq(d->variables.v[index], name))
        index++;
    if (index == d->variables.n)
        vec_push(d->w->a, &d->variables, name);
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.v[i] == index)
            return;
    vec_push(d->w->a, &d->uses, index);
}

static void use_variables(struct doc *d, const struct gql_value *v)
{
    if (v->kind == GQL_VARIABLE)
        use_variable(d, v->text);
    for (uint32_t i = 0; v->kind == GQL_LIST && i < v->n; i++)
        use_variables(d, v->items[i]);
    for (uint32_t i = 0; v->kind == GQL_OBJECT && i < v->n; i++)
        use_variables(d, v->fields[i].value);
}

void print_separator(struct doc *d)
{
    char last = d->out.len ? d->out.p[d->out.len - 1] : '{';
    if (last != '{' && last != '}' && last != ')')
        buf_add_char(&d->out, ' ');
}

void print_copied(struct doc *d, struct str name)
{
    buf_add(&d->out, name);
    if (d->entry && d->entry->contexts.n)
        buf_add_char(&d->out, PLAN_COPY_MARK);
}

static void print_arguments(struct doc *d, const struct item *it)
{
    struct str args = it->slot->args;

    for (uint32_t i = 0; args.len && i < it->slot->sel->n_args; i++)
        use_variables(d, it->slot->sel->args[i].value);
    if (!it->contextual) {
        buf_add(&d->out, args);
        return;
    }
    buf_add(&d->out, args.len ? str_sub(args, 0, args.len - 1) : STR("("));
    for (uint32_t i = 0; i < it->contextual->n_contexts; i++) {
        const struct sg_context_arg *arg = &it->contextual->contexts[i];
        int known = context_args_find(&d->entry->contexts, arg);
        buf_printf(&d->out, "%s%.*s:$", i || args.len ? "," : "", STR_ARG(arg->name));
        print_copied(d, d->contexts[known].variable);
    }
    buf_add_char(&d->out, ')');
}

void use_directives(struct doc *d, const struct directives *list)
{
    for (size_t i = 0; i < list->n; i++)
        for (uint32_t k = 0; k < list->v[i]->n_args; k++)
            use_variables(d, list->v[i]->args[k].value);
}

static void print_item(struct doc *d, const struct item *it, struct position *p)
{
    struct position_field *f = position_field(d, p, it);
    struct position *child = f->child;

    print_separator(d);
    if (!str_eq(f->key, it->slot->name)) {
        buf_add(&d->out, f->key);
        buf_add_char(&d->out, ':');
    }
    buf_add(&d->out, it->slot->name);
    print_arguments(d, it);
    use_directives(d, &it->slot->directives);
    buf_add(&d->out, directives_text(d->w, &it->slot->directives));
    if (!it->child)
        return;
    buf_add_char(&d->out, '{');
    print_node(d, it->child, child);
    buf_add_char(&d->out, '}');
}

/* Has `t` in this subgraph the fields of these items, with the same types? */
static bool declares(struct doc *d, const struct gql_type *t, const struct node *n,
                     const struct bits *of)
{
    for (size_t i = 0; i < n->items.n; i++)
        if (bits_equal(n->items.v[i].types, of) &&
            (!join_at(d->w->s, d->subgraph, t, n->items.v[i].slot->name) ||
             !str_eq(signature_of(d, t, n->items.v[i].slot->name), n->items.v[i].sig)))
            return false;
    return true;
}

static void print_group(struct doc *d, const struct node *n, struct position *p,
                        const struct bits *of)
{
    for (size_t i = 0; i < n->items.n; i++)
        if (bits_equal(n->items.v[i].types, of))
            print_item(d, &n->items.v[i], p);
}

static void print_fragment(struct doc *d, const struct node *n, struct position *p,
                           const struct bits *of, const struct gql_type *on)
{
    print_separator(d);
    buf_printf(&d->out, "...on %.*s{", STR_ARG(on->name));
    print_group(d, n, p, of);
    buf_add_char(&d->out, '}');
}

/* The interface that covers most of what is left without taking in anything else, or NULL. */
static const struct gql_type *widest_interface(struct doc *d, const struct node *n,
                                               const struct bits *of, const struct bits *left)
{
    const struct gql_type *best = NULL;
    uint32_t most = 1;
    const struct supergraph *s = d->w->s;
    int one = bits_next(left, 0);

    for (size_t i = 0; one >= 0 && i < s->full->types[one]->interfaces.n; i++) {
        const struct gql_type *t = s->full->types[one]->interfaces.v[i];
        const struct bits *possible = s->types[t->id].possible_in[d->subgraph];
        if (!possible || is_interface_object(s, t, d->subgraph) ||
            !bits_has(s->types[t->id].subgraphs, d->subgraph))
            continue;
        struct bits *taken = bits_copy(d->w->a, possible);
        bits_and(taken, n->here);
        if (!bits_subset(taken, of))
            continue;
        bits_and(taken, left);
        if (bits_count(taken) > most && declares(d, t, n, of)) {
            most = bits_count(taken);
            best = t;
        }
    }
    return best;
}

static void print_fragments(struct doc *d, const struct node *n, struct position *p,
                            const struct bits *of)
{
    struct bits *left = bits_copy(d->w->a, of);
    bits_and(left, n->here);
    for (int t; (t = bits_next(left, 0)) >= 0;) {
        const struct gql_type *wide = widest_interface(d, n, of, left);
        print_fragment(d, n, p, of, wide ? wide : d->w->s->full->types[t]);
        if (wide)
            bits_minus(left, d->w->s->types[wide->id].possible_in[d->subgraph]);
        bits_clear(left, (uint32_t)t);
    }
}

static bool bare(struct doc *d, const struct node *n, const struct bits *of)
{
    if (!n->decl)
        return false;
    if (n->decl->kind == GQL_OBJECT_TYPE || is_interface_object(d->w->s, n->decl, d->subgraph))
        return true;
    return n->decl->kind == GQL_INTERFACE && bits_subset(n->here, of) &&
           declares(d, n->decl, n, of);
}

static bool first_of_group(const struct node *n, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (bits_equal(n->items.v[k].types, n->items.v[i].types))
            return false;
    return true;
}

static void position_add_node(struct doc *d, struct position *p, const struct node *n)
{
    for (size_t i = 0; i < p->nodes.n; i++)
        if (p->nodes.v[i] == n)
            return;
    vec_push(d->w->a, &p->nodes, n);
}

void print_node(struct doc *d, const struct node *n, struct position *p)
{
    size_t from = d->out.len;
    bool object = n->decl && is_interface_object(d->w->s, n->decl, d->subgraph);

    position_add_node(d, p, n);
    p->interface_object |= object;
    d->w->effort += n->items.n * n->items.n;
    if (bits_count(n->spot->types) != 1 && !object && n->spot->parent) {
        p->has_typename = true;
        print_separator(d);
        buf_add(&d->out, STR("__typename"));
    }
    for (int fragments = 0; fragments < 2; fragments++)
        for (size_t i = 0; i < n->items.n; i++) {
            const struct bits *of = n->items.v[i].types;
            if (!first_of_group(n, i) || bare(d, n, of) == (fragments != 0))
                continue;
            if (fragments)
                print_fragments(d, n, p, of);
            else
                print_group(d, n, p, of);
        }
    if (d->out.len == from) {
        print_separator(d);
        buf_add(&d->out, STR("__typename"));
    }
}

/* ---- shapes ---- */

/* The runtime types of which this node asks for the field. */
static struct bits *asked_by(struct doc *d, const struct node *n, const struct position_field *f)
{
    struct bits *asked = bits_new(d->w->a, d->w->s->full->n_types);
    for (size_t i = 0; i < n->items.n; i++) {
        const struct item *it = &n->items.v[i];
        if (it->slot == f->slot && str_eq(it->sig, f->sig))
            bits_or(asked, bare(d, n, it->types) ? n->here : it->types);
    }
    bits_and(asked, n->here);
    return asked;
}

/* plan_shape_field.types and .maybe. Which of several nodes was printed may depend on the types of the objects above:
 * what only some of them ask for need not be there. */
static void set_types(struct doc *d, const struct position *p, const struct position_field *f,
                      struct plan_shape_field *out)
{
    struct arena *a = d->w->plan_arena;
    struct bits *asked = bits_new(d->w->a, d->w->s->full->n_types), *unasked = NULL;

    for (size_t i = 0; i < p->nodes.n; i++) {
        struct bits *by = asked_by(d, p->nodes.v[i], f);
        bits_or(asked, by);
        if (bits_subset(p->nodes.v[i]->here, by))
            continue;
        struct bits *rest = bits_copy(d->w->a, p->nodes.v[i]->here);
        bits_minus(rest, by);
        if (unasked)
            bits_or(unasked, rest);
        else
            unasked = rest;
    }
    if (!unasked)
        return;
    out->maybe = bits_copy(a, asked);
    bits_minus(asked, unasked);
    out->types = bits_copy(a, asked);
}

struct plan_shape *shape_of(struct doc *d, const struct position *p)
{
    struct arena *a = d->w->plan_arena;
    struct plan_shape *s = arena_new_of(a, struct plan_shape);
    bool plain = p->nodes.n == 1 && bits_count(p->spot->types) == 1;

    *s = (struct plan_shape){.layout = p->spot->layout,
                             .has_typename = p->has_typename,
                             .interface_object = p->interface_object,
                             .n_fields = (uint32_t)p->fields.n,
                             .fields = arena_array(a, struct plan_shape_field, p->fields.n)};
    for (size_t i = 0; i < p->fields.n; i++) {
        const struct position_field *f = p->fields.v[i];
        s->fields[i] = (struct plan_shape_field){.key = arena_str(a, f->key),
                                                 .key_json = arena_printf(a, "\"%.*s\":", STR_ARG(f->key)),
                                                 .slot = f->slot->final,
                                                 .child = f->child ? shape_of(d, f->child) : NULL};
        if (!plain)
            set_types(d, p, f, &s->fields[i]);
    }
    return s;
}
