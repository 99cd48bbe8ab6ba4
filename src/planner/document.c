/* The selections of one fetch: its document and the shape of its reply, made in one walk.
 *
 * A node is a place in the document with its items; the same node may be printed in several type
 * fragments. Response keys are given while printing: the field's name, or name_1, name_2 … where
 * GraphQL would not let two fields share a key (other arguments, or a type that conflicts in the
 * subgraph). Keys belong to a position of the reply, whatever fragments lead there. */
#include "planner/work.h"

#include "graphql/printer.h"

#define DOCUMENT_BYTES_MAX (4u << 20)

/* ---- positions of the reply ---- */

struct position;
struct node;

struct position_field {
    struct str key, sig;
    struct slot *slot;
    struct position *child;
};

struct same_name VEC_BODY(struct position_field *);

struct position {
    struct spot *spot;
    VEC(struct position_field *) fields;
    struct map *taken;  /* keys; root selections of one request have them in common */
    struct map by_name; /* of the field → struct same_name */
    VEC(const struct node *) nodes; /* that have been printed here */
    bool has_typename, interface_object;
};

/* ---- nodes of the document ---- */

struct item {
    struct slot *slot;
    struct bits *types;
    struct str sig; /* the field's type in the subgraph, as far as it decides conflicts */
    const struct sg_field_join *contextual; /* how the subgraph names what contexts fill in; NULL without */
    struct node *child;
};

struct node {
    const struct place *place; /* NULL: the top */
    struct spot *spot;
    const struct gql_type *decl; /* NULL: entities under their own types */
    struct bits *here;           /* runtime types that may occur */
    VEC(struct item) items;
    struct node *same; /* the first node with this content; NULL: not looked for yet */
    struct node *next; /* of the spot, with other content */
};

struct doc {
    struct work *w;
    uint32_t subgraph;
    struct node *top;
    struct buf out;
    VEC(struct str) variables;
    VEC(uint32_t) uses;                /* of the selection at hand: indexes in `variables` */
    const struct entry *entry;         /* of the selection at hand, for its contexts */
    const struct plan_context *contexts;
    struct directives directives;      /* of the operation */
};

/* ---- building nodes ---- */

static void sig_type(struct buf *b, const struct gql_tref *t)
{
    if (t->kind == GQL_REF_NON_NULL) {
        sig_type(b, t->of);
        buf_add_char(b, '!');
    } else if (t->kind == GQL_REF_LIST) {
        buf_add_char(b, '[');
        sig_type(b, t->of);
        buf_add_char(b, ']');
    } else {
        buf_add(b, gql_type_is_composite(t->type) ? STR("{}") : t->type->name);
    }
}

static struct str signature_of(struct doc *d, const struct gql_type *at, struct str field)
{
    const struct sg_field_join *j = join_at(d->w->s, d->subgraph, at, field);
    struct buf b;
    if (!j)
        return STR_NONE;
    buf_init(&b, 4096);
    sig_type(&b, j->type);
    struct str text = arena_str(d->w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

static const struct sg_field_join *contextual_at(struct doc *d, const struct gql_type *at, struct str field)
{
    const struct sg_field_join *j = join_at(d->w->s, d->subgraph, at, field);
    return j && j->n_contexts ? j : NULL;
}

static bool same_arguments(const struct sg_field_join *a, const struct sg_field_join *b)
{
    if (!a || !b || a->n_contexts != b->n_contexts)
        return a == b;
    for (uint32_t i = 0; i < a->n_contexts; i++)
        if (!str_eq(a->contexts[i].name, b->contexts[i].name) ||
            !same_context_args(&a->contexts[i], &b->contexts[i]))
            return false;
    return true;
}

static bool same_item(const struct item *a, const struct item *b)
{
    return a->slot == b->slot && a->child == b->child && str_eq(a->sig, b->sig) &&
           same_arguments(a->contextual, b->contextual);
}

static void add_item(struct doc *d, struct node *n, const struct klass *c, struct slot *slot,
                     struct node *child)
{
    const struct gql_type *at =
        n->decl && is_interface_object(d->w->s, n->decl, d->subgraph) ? n->decl : c->first;
    struct item fresh = {.slot = slot,
                         .types = bits_copy(d->w->a, c->types),
                         .sig = signature_of(d, at, slot->name),
                         .contextual = contextual_at(d, at, slot->name),
                         .child = child};
    for (size_t i = 0; i < n->items.n; i++)
        if (same_item(&n->items.v[i], &fresh)) {
            bits_or(n->items.v[i].types, c->types);
            return;
        }
    vec_push(d->w->a, &n->items, fresh);
}

static struct node *node_new(struct doc *d, const struct place *p, struct spot *spot,
                             const struct gql_type *decl)
{
    struct node *n = arena_new_of(d->w->a, struct node);
    *n = (struct node){
        .place = p, .spot = spot, .decl = decl, .here = bits_new(d->w->a, d->w->s->full->n_types)};
    return n;
}

static void types_here(struct doc *d, struct node *n)
{
    for (int t = bits_next(n->spot->types, 0); t >= 0;
         t = bits_next(n->spot->types, (uint32_t)t + 1))
        if (subgraph_yields(d->w->s, d->subgraph, n->decl, (uint32_t)t))
            bits_set(n->here, (uint32_t)t);
}

static struct node *node_get(struct doc *d, const struct entry *e, struct place *p)
{
    const struct gql_type *decl = NULL;
    if (p == e->place || !p->parents.n)
        return d->top;
    if (p->node_below == d->top)
        return p->node;
    for (size_t i = 0; i < p->sources.n; i++)
        if (p->sources.v[i].entry == e->origin)
            decl = p->sources.v[i].decl;
    struct node *n = node_new(d, p, p->spot, decl);
    p->node = n;
    p->node_below = d->top;
    types_here(d, n);
    for (size_t i = 0; i < p->parents.n; i++) {
        const struct place_parent *up = &p->parents.v[i];
        add_item(d, node_get(d, e, up->place), up->place->spot->classes.v[up->klass],
                 up->place->spot->slots.v[up->slot], n);
    }
    return n;
}

static void add_entry(struct doc *d, const struct entry *e)
{
    for (size_t i = 0; i < e->brings.n; i++) {
        const struct atom *a = e->brings.v[i];
        struct node *n = node_get(d, e, a->place);
        if (a->slot >= 0)
            add_item(d, n, a->place->spot->classes.v[a->klass], a->place->spot->slots.v[a->slot],
                     NULL);
    }
}

/* ---- equal nodes ---- */

static bool same_content(const struct node *a, const struct node *b)
{
    if (a->spot != b->spot || a->decl != b->decl || a->items.n != b->items.n ||
        !bits_equal(a->here, b->here))
        return false;
    for (size_t i = 0; i < a->items.n; i++)
        if (!same_item(&a->items.v[i], &b->items.v[i]) ||
            !bits_equal(a->items.v[i].types, b->items.v[i].types))
            return false;
    return true;
}

/* In the client's order, with inputs behind. */
static void sort_items(struct node *n)
{
    for (size_t i = 1; i < n->items.n; i++) {
        struct item it = n->items.v[i];
        size_t k = i;
        for (; k > 0 && n->items.v[k - 1].slot->index > it.slot->index; k--)
            n->items.v[k] = n->items.v[k - 1];
        n->items.v[k] = it;
    }
}

/* Items that differ only in types become one. */
static void merge_items(struct node *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->items.n; i++) {
        size_t k = 0;
        while (k < kept && !same_item(&n->items.v[k], &n->items.v[i]))
            k++;
        if (k < kept)
            bits_or(n->items.v[k].types, n->items.v[i].types);
        else
            n->items.v[kept++] = n->items.v[i];
    }
    n->items.n = kept;
}

/* Places that were told apart for the search but ended up with equal selections are printed as one.
 */
static struct node *unify(struct doc *d, struct node *n)
{
    if (n->same)
        return n->same;
    for (size_t i = 0; i < n->items.n; i++)
        if (n->items.v[i].child)
            n->items.v[i].child = unify(d, n->items.v[i].child);
    merge_items(n);
    sort_items(n);
    if (n->spot->unified_below != d->top) {
        n->spot->unified_below = d->top;
        n->spot->unified = NULL;
    }
    for (struct node *other = n->spot->unified; other; other = other->next)
        if (same_content(other, n))
            return n->same = other;
    n->next = n->spot->unified;
    n->spot->unified = n;
    return n->same = n;
}

/* ---- response keys ---- */

static struct position *position_new(struct work *w, struct spot *spot)
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

/* A space only where two names would run together. */
static void separate(struct doc *d)
{
    char last = d->out.len ? d->out.p[d->out.len - 1] : '{';
    if (last != '{' && last != '}' && last != ')')
        buf_add_char(&d->out, ' ');
}

static void print_node(struct doc *d, const struct node *n, struct position *p);

/* A name that differs in each copy of the selection. */
static void print_copied(struct doc *d, struct str name)
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

static void use_directives(struct doc *d, const struct directives *list)
{
    for (size_t i = 0; i < list->n; i++)
        for (uint32_t k = 0; k < list->v[i]->n_args; k++)
            use_variables(d, list->v[i]->args[k].value);
}

static void print_item(struct doc *d, const struct item *it, struct position *p)
{
    struct position_field *f = position_field(d, p, it);
    struct position *child = f->child;

    separate(d);
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
    separate(d);
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

static void print_node(struct doc *d, const struct node *n, struct position *p)
{
    size_t from = d->out.len;
    bool object = n->decl && is_interface_object(d->w->s, n->decl, d->subgraph);

    position_add_node(d, p, n);
    p->interface_object |= object;
    d->w->effort += n->items.n * n->items.n;
    if (bits_count(n->spot->types) != 1 && !object && n->spot->parent) {
        p->has_typename = true;
        separate(d);
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
        separate(d);
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

/* plan_shape_field.types and .maybe. Which of several nodes was printed may depend on the types of the objects above: what only some of them
 * ask for need not be there. */
static void set_types(struct doc *d, const struct position *p, const struct position_field *f, struct plan_shape_field *out)
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

static struct plan_shape *shape_of(struct doc *d, const struct position *p)
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

/* ---- whole documents ---- */

static struct str operation_name(struct work *w, const struct fetch *f)
{
    struct str client = w->plan->operation->name.s, name = w->s->subgraphs[f->subgraph].name;
    if (!client.p)
        return STR_NONE;
    struct str text =
        arena_printf(w->plan_arena, "%.*s__%.*s__%u", STR_ARG(client), STR_ARG(name), f->id);
    for (char *c = (char *)text.p; c < text.p + text.len; c++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
              *c == '_'))
            *c = '_';
    return text;
}

static void print_variable(struct doc *d, struct buf *head, struct str name)
{
    const struct gql_definition *op = d->w->plan->operation;
    for (uint32_t i = 0; i < op->n_variables; i++) {
        const struct gql_variable_definition *v = &op->variables[i];
        if (!str_eq(v->name.s, name))
            continue;
        buf_printf(head, "$%.*s:", STR_ARG(name));
        gql_print_type_ref(head, v->type);
        if (v->default_value) {
            buf_add_char(head, '=');
            gql_print_value(head, v->default_value);
        }
        struct directives list = directives_at(d->w, &v->directives, GQL_ON_VARIABLE_DEFINITION);
        buf_add(head, directives_text(d->w, &list));
    }
}

/* Those of the client's operation. A request of a mutation's later steps is a query. */
static struct directives operation_directives(struct doc *d, const struct fetch *f)
{
    static const enum gql_directive_location where[] = {GQL_ON_QUERY, GQL_ON_MUTATION, GQL_ON_SUBSCRIPTION};
    return directives_at(d->w, &d->w->plan->operation->directives, where[f->operation]);
}

/* The text of one copy only. */
static void add_unmarked(struct buf *to, struct str text)
{
    struct str piece;
    while (str_split(&text, PLAN_COPY_MARK, &piece))
        buf_add(to, piece);
}

static void print_definitions(struct doc *d, struct plan_fetch *out)
{
    static const char *const words[] = {"query", "mutation", "subscription"};
    struct arena *a = d->w->plan_arena;
    struct buf b;

    buf_init(&b, DOCUMENT_BYTES_MAX);
    out->n_variables = (uint32_t)d->variables.n;
    out->variables = arena_array(a, struct str, d->variables.n);
    out->definitions = arena_array(a, struct str, d->variables.n);
    for (size_t i = 0; i < d->variables.n; i++) {
        out->variables[i] = arena_str(a, d->variables.v[i]);
        print_variable(d, &b, d->variables.v[i]);
        out->definitions[i] = arena_str(a, buf_str(&b));
        buf_clear(&b);
    }
    for (uint32_t i = 0; i < out->n_entities; i++) {
        struct plan_entities *e = &out->entities[i];
        const char *mark = e->n_contexts ? "\x01" : "";
        if (e->reentry)
            continue;
        buf_printf(&b, "$%.*s%s:[_Any!]!", STR_ARG(e->variable), mark);
        for (uint32_t k = 0; k < e->n_contexts; k++)
            buf_printf(&b, ",$%.*s%s:%.*s", STR_ARG(e->contexts[k].variable), mark, STR_ARG(e->contexts[k].type));
        e->definitions = arena_str(a, buf_str(&b));
        buf_clear(&b);
    }
    buf_add_c(&b, words[out->operation]);
    if (out->operation_name.p)
        buf_printf(&b, " %.*s", STR_ARG(out->operation_name));
    out->head = arena_str(a, buf_str(&b));
    buf_free(&b);
}

/* `query Name($r0:[_Any!]!,$x:Int)`, or nothing for a query that has neither. */
static void print_head(const struct plan_fetch *out, struct buf *to)
{
    size_t before = out->head.len;
    buf_add(to, out->head);
    for (uint32_t i = 0; i < out->n_entities; i++) {
        if (out->entities[i].reentry)
            continue;
        buf_add_char(to, to->len == before ? '(' : ',');
        add_unmarked(to, out->entities[i].definitions);
    }
    for (uint32_t i = 0; i < out->n_variables; i++) {
        buf_add_char(to, to->len == before ? '(' : ',');
        buf_add(to, out->definitions[i]);
    }
    if (to->len > before)
        buf_add_char(to, ')');
    else if (str_eq(out->head, STR("query")) && !out->directives.len)
        buf_clear(to);
    buf_add(to, out->directives);
}

static void finish(struct doc *d, const struct fetch *f, struct plan_fetch *out)
{
    struct arena *a = d->w->plan_arena;
    struct buf head;

    out->operation = f->operation;
    out->operation_name = operation_name(d->w, f);
    out->directives = arena_str(a, directives_text(d->w, &d->directives));
    print_definitions(d, out);
    buf_init(&head, DOCUMENT_BYTES_MAX);
    print_head(out, &head);
    add_unmarked(&head, buf_str(&d->out));
    out->document = arena_str(a, buf_str(&head));
    buf_clear(&head);
    json_write_string(&head, out->document);
    out->document_json = arena_str(a, buf_str(&head));
    d->w->too_big |= buf_overflowed(&head) || buf_overflowed(&d->out);
    buf_free(&head);
    buf_free(&d->out);
}

struct plan_shape *document_root(struct work *w, const struct fetch *f, struct plan_fetch *out)
{
    const struct segment *seg = f->segment;
    struct doc d = {.w = w, .subgraph = f->subgraph};
    struct position *p = position_new(w, seg->root->spot);

    d.top = node_new(&d, seg->root, p->spot, p->spot->type);
    bits_or(d.top->here, p->spot->types);
    for (size_t i = 0; i < f->entries.n; i++)
        add_entry(&d, f->entries.v[i]);
    unify(&d, d.top);
    d.directives = operation_directives(&d, f);
    use_directives(&d, &d.directives);
    buf_init(&d.out, DOCUMENT_BYTES_MAX);
    buf_add_char(&d.out, '{');
    print_node(&d, d.top, p);
    buf_add_char(&d.out, '}');
    finish(&d, f, out);
    return shape_of(&d, p);
}

/* The selections of all entries of the group, in d->top. Records that are asked for as an interface may turn out to be of any of its types,
 * also of those that this subgraph should not be asked for. */
static void collect_group(struct doc *d, const struct entity_group *g,
                          const struct gql_type *decl)
{
    d->top = node_new(d, NULL, g->spot, decl);
    if (decl && decl->kind == GQL_INTERFACE)
        types_here(d, d->top);
    for (size_t i = 0; i < g->entries.n; i++) {
        const struct entry *e = g->entries.v[i];
        for (size_t k = 0; k < e->classes.n; k++)
            bits_or(d->top->here, g->spot->classes.v[e->classes.v[k]]->types);
        add_entry(d, e);
    }
    unify(d, d->top);
}

/* `taken`: keys that other parts of the request have. */
static struct plan_shape *print_reentry(struct doc *d, const struct entity_group *g,
                                        struct map *taken)
{
    struct position *p = position_new(d->w, g->spot);

    p->taken = taken;
    collect_group(d, g, g->entries.v[0]->owner);
    print_node(d, d->top, p);
    return shape_of(d, p);
}

static struct plan_shape *print_entities(struct doc *d, const struct entity_group *g)
{
    struct position *p = position_new(d->w, g->spot);
    const struct gql_type *as = g->entries.v[0]->as;

    collect_group(d, g, as);
    buf_add_char(&d->out, '{');
    if (as)
        buf_printf(&d->out, "...on %.*s{", STR_ARG(as->name));
    print_node(d, d->top, p);
    buf_add(&d->out, as ? STR("}}") : STR("}"));
    return shape_of(d, p);
}

static void print_selection(struct doc *d, const struct entity_group *g, struct plan_entities *e)
{
    if (!str_eq(e->alias, STR("_entities"))) {
        print_copied(d, e->alias);
        buf_add_char(&d->out, ':');
    }
    buf_add(&d->out, STR("_entities(representations:$"));
    print_copied(d, e->variable);
    buf_add_char(&d->out, ')');
    e->shape = print_entities(d, g);
}

/* A request may be put together from some of its selections. */
static void keep_selection(struct doc *d, struct str text, struct plan_entities *e)
{
    struct arena *a = d->w->plan_arena;
    e->selection = arena_str(a, text);
    e->n_uses = (uint32_t)d->uses.n;
    e->uses = arena_array(a, uint32_t, d->uses.n);
    for (size_t i = 0; i < d->uses.n; i++)
        e->uses[i] = d->uses.v[i];
}

void document_entities(struct work *w, const struct fetch *f, struct plan_fetch *out)
{
    struct doc d = {.w = w, .subgraph = f->subgraph};
    struct map taken = {0};
    bool contexts = false;

    d.directives = operation_directives(&d, f);
    buf_init(&d.out, DOCUMENT_BYTES_MAX);
    for (uint32_t i = 0; i < out->n_entities; i++)
        contexts |= out->entities[i].n_contexts > 0;
    buf_add_char(&d.out, '{');
    for (uint32_t i = 0; i < out->n_entities; i++)
        if (!out->entities[i].reentry)
            map_put(w->a, &taken, out->entities[i].alias, d.w);
    for (uint32_t i = 0; i < out->n_entities; i++) {
        struct plan_entities *e = &out->entities[i];
        d.entry = f->groups.v[i]->entries.v[0];
        d.contexts = e->contexts;
        d.uses.n = 0;
        use_directives(&d, &d.directives);
        separate(&d);
        size_t begin = d.out.len;
        if (e->reentry)
            e->shape = print_reentry(&d, f->groups.v[i], &taken);
        else
            print_selection(&d, f->groups.v[i], e);
        if (contexts)
            keep_selection(&d, str_sub(buf_str(&d.out), begin, d.out.len), e);
    }
    buf_add_char(&d.out, '}');
    finish(&d, f, out);
}
