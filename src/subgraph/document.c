#include "base/panic.h"
#include "subgraph/kit.h"

/* ---- the cache: two generations, so that what is used stays and the rest goes ---- */

struct generation {
    struct arena *arena;
    struct map by_text; /* → struct document */
};

struct document_cache {
    const struct subgraph *graph;
    struct generation young, old;
};

static void generation_drop(struct generation *g)
{
    for (size_t i = 0; i < g->by_text.n; i++) {
        struct document *d = g->by_text.entries[i].value;
        document_release(&d);
    }
    arena_free(&g->arena);
    *g = (struct generation){0};
}

struct document_cache *document_cache_new(const struct subgraph *g)
{
    struct document_cache *c = xcalloc(1, sizeof *c);
    c->graph = g;
    c->young.arena = arena_new(0);
    return c;
}

void document_cache_free(struct document_cache **c)
{
    if (!*c)
        return;
    generation_drop(&(*c)->young);
    generation_drop(&(*c)->old);
    free(*c);
    *c = NULL;
}

static void document_keep(struct document_cache *c, struct document *d)
{
    if (c->young.by_text.n >= KIT_DOCUMENTS_MAX / 2) {
        generation_drop(&c->old);
        c->old = c->young;
        c->young = (struct generation){.arena = arena_new(0)};
    }
    d->refs++;
    map_put(c->young.arena, &c->young.by_text, d->text, d);
}

void document_release(struct document **d)
{
    if (*d && --(*d)->refs == 0) {
        struct arena *a = (*d)->arena;
        arena_free(&a);
    }
    *d = NULL;
}

/* ---- reading ---- */

static bool directives_vary(const struct gql_directive_list *l)
{
    return gql_directive_find(l, STR("skip")) || gql_directive_find(l, STR("include"));
}

static bool set_is_conditional(const struct gql_selection_set *set)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        if (directives_vary(&set->items[i]->directives) || set_is_conditional(set->items[i]->selections))
            return true;
    }
    return false;
}

struct reading {
    const struct subgraph *graph;
    struct str text;
    struct document *made;
};

/* On a helper thread: parsing and validating may take longer than the loop should be away. */
static void read_blocking(void *arg)
{
    struct reading *r = arg;
    const struct subgraph *g = r->graph;
    struct arena *a = arena_new(0);
    struct document *d = arena_new_of(a, struct document);
    d->arena = a;
    d->refs = 1;
    d->text = arena_str(a, r->text);
    r->made = d;
    struct gql_document *ast =
        gql_parse(a, d->text, &(struct gql_parse_options){.max_tokens = GQL_TOKENS_MAX_DEFAULT}, &d->errors);
    if (!ast || !gql_validate(a, g->schema, ast, &d->errors))
        return;
    d->ast = ast;
    for (uint32_t i = 0; i < ast->n; i++) {
        d->conditional = d->conditional || set_is_conditional(ast->definitions[i]->selections);
        vec_push(a, &d->roots, NULL);
    }
}

static struct document *document_find(struct document_cache *c, struct str text)
{
    struct document *d = map_get(&c->young.by_text, text);
    if (d) {
        d->refs++;
        return d;
    }
    d = map_get(&c->old.by_text, text);
    if (d) {
        d->refs++;
        document_keep(c, d);
    }
    return d;
}

struct document *document_get(struct document_cache *c, struct str text)
{
    struct document *d = document_find(c, text);
    if (d)
        return d;
    struct reading r = {.graph = c->graph, .text = text};
    fiber_offload(read_blocking, &r);
    if (!r.made->ast)
        return r.made; /* a wrong document is not worth a place */
    d = document_find(c, text);
    if (d) { /* another request has read it meanwhile */
        document_release(&r.made);
        return d;
    }
    document_keep(c, r.made);
    return r.made;
}

/* ---- planning: which fields a selection means for one type ---- */

struct selections VEC_BODY(const struct gql_selection *);

struct collect {
    struct exec *exec;
    const struct gql_type *type;
    struct arena *arena;
    struct map by_key; /* → index in fields + 1 */
    VEC(struct field_plan) fields;
    VEC(struct selections) nodes; /* by field */
    struct map fragments;         /* visited */
};

static bool type_applies(const struct collect *c, struct str condition)
{
    const struct gql_type *t = gql_schema_type(c->exec->graph->schema, condition);
    return t && (t == c->type || (t->possible && bits_has(t->possible, c->type->id)));
}

static void collect_field(struct collect *c, const struct gql_selection *s)
{
    struct str key = gql_response_key(s);
    uintptr_t at = (uintptr_t)map_get(&c->by_key, key);
    if (!at) {
        struct field_plan *f = vec_add(c->arena, &c->fields);
        f->key = key;
        f->key_json = arena_printf(c->arena, "\"%.*s\":", STR_ARG(key));
        f->field = gql_type_field(c->exec->graph->schema, c->type, s->name.s);
        PB_ASSERT(f->field);
        f->info = subgraph_field(c->exec->graph, c->type, f->field);
        (void)vec_add(c->arena, &c->nodes);
        at = c->fields.n;
        map_put(c->arena, &c->by_key, key, (void *)at);
    }
    vec_push(c->arena, &c->nodes.v[at - 1], s);
}

static void collect_set(struct collect *c, const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *s = set->items[i];
        if (s->directives.n && !gql_directives_include(&s->directives, &c->exec->vars))
            continue;
        if (s->kind == GQL_FIELD) {
            collect_field(c, s);
        } else if (s->kind == GQL_INLINE_FRAGMENT) {
            if (!s->on.s.p || type_applies(c, s->on.s))
                collect_set(c, s->selections);
        } else if (!map_put(c->arena, &c->fragments, s->name.s, c)) {
            const struct gql_definition *f = gql_document_fragment(c->exec->doc->ast, s->name.s);
            if (f && type_applies(c, f->on.s))
                collect_set(c, f->selections);
        }
    }
}

static bool value_has_variable(const struct gql_value *v)
{
    if (v->kind == GQL_VARIABLE)
        return true;
    for (uint32_t i = 0; i < v->n && (v->kind == GQL_LIST || v->kind == GQL_OBJECT); i++) {
        if (value_has_variable(v->kind == GQL_LIST ? v->items[i] : v->fields[i].value))
            return true;
    }
    return false;
}

static void finish_field(struct collect *c, struct field_plan *f, const struct gql_selection **nodes, uint32_t n,
                         unsigned depth)
{
    f->nodes = nodes;
    f->n_nodes = n;
    for (uint32_t i = 0; i < nodes[0]->n_args; i++)
        f->args_vary = f->args_vary || value_has_variable(nodes[0]->args[i].value);
    /* Introspection is a leaf to us: its text is made in one go. */
    if (f->info->leaf != LEAF_NONE || f->info == &c->exec->graph->introspect_info)
        return;
    f->sub = arena_new_of(c->arena, struct selection_plan);
    f->sub->sets = arena_array(c->arena, const struct gql_selection_set *, n);
    for (uint32_t i = 0; i < n; i++)
        f->sub->sets[f->sub->n_sets++] = nodes[i]->selections;
    f->sub->depth = depth + 1;
}

struct type_plan *plan_for_type(struct exec *x, struct selection_plan *sp, const struct gql_type *t)
{
    for (size_t i = 0; i < sp->by_type.n; i++) {
        if (sp->by_type.v[i]->type == t)
            return sp->by_type.v[i];
    }
    struct collect c = {.exec = x, .type = t, .arena = x->plan_arena};
    for (uint32_t i = 0; i < sp->n_sets; i++)
        collect_set(&c, sp->sets[i]);
    struct type_plan *tp = arena_new_of(c.arena, struct type_plan);
    *tp = (struct type_plan){.type = t, .fields = c.fields.v, .n = (uint32_t)c.fields.n};
    for (uint32_t i = 0; i < tp->n; i++) {
        struct field_plan *f = &tp->fields[i];
        finish_field(&c, f, c.nodes.v[i].v, (uint32_t)c.nodes.v[i].n, sp->depth);
        bool stored = f->info->resolve || f->sub;
        f->slot = stored ? (int)tp->n_slots++ : -1;
        tp->resolves = tp->resolves || f->info->resolve;
    }
    vec_push(c.arena, &sp->by_type, tp);
    return tp;
}

struct selection_plan *plan_root(struct exec *x)
{
    struct document *d = x->doc;
    size_t at = 0;
    while (d->ast->definitions[at] != x->operation)
        at++;
    if (d->roots.v[at] && !d->conditional)
        return d->roots.v[at];
    struct selection_plan *sp = arena_new_of(x->plan_arena, struct selection_plan);
    sp->sets = arena_array(x->plan_arena, const struct gql_selection_set *, 1);
    sp->sets[0] = x->operation->selections;
    sp->n_sets = 1;
    if (!d->conditional)
        d->roots.v[at] = sp;
    return sp;
}
