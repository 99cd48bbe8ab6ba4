/* Whole documents: the selections of one fetch with the head before them, as text and as JSON, and the shape of its
 * reply. */
#include "planner/document.h"

#include "graphql/printer.h"

#define DOCUMENT_BYTES_MAX (4u << 20)

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
        node_add_entry(&d, f->entries.v[i]);
    node_unify(&d, d.top);
    d.directives = operation_directives(&d, f);
    use_directives(&d, &d.directives);
    buf_init(&d.out, DOCUMENT_BYTES_MAX);
    buf_add_char(&d.out, '{');
    print_node(&d, d.top, p);
    buf_add_char(&d.out, '}');
    finish(&d, f, out);
    return shape_of(&d, p);
}

/* The selections of all entries of the group, in d->top. Records that are asked for as an interface may turn out to be
 * of any of its types, also of those that this subgraph should not be asked for. */
static void collect_group(struct doc *d, const struct entity_group *g,
                          const struct gql_type *decl)
{
    d->top = node_new(d, NULL, g->spot, decl);
    if (decl && decl->kind == GQL_INTERFACE)
        node_types_here(d, d->top);
    for (size_t i = 0; i < g->entries.n; i++) {
        const struct entry *e = g->entries.v[i];
        for (size_t k = 0; k < e->classes.n; k++)
            bits_or(d->top->here, g->spot->classes.v[e->classes.v[k]]->types);
        node_add_entry(d, e);
    }
    node_unify(d, d->top);
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
        print_separator(&d);
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
