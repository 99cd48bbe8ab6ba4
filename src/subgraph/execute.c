/* Execution, breadth first: a field is resolved once for all its parents of a level, then the objects it gave are the
 * parents of the next level. */
#include "base/panic.h"
#include "subgraph/kit.h"

struct children {
    struct exec *exec;
    struct selection_plan *sub;
    VEC(struct node *) nodes;
};

static void run_level(struct exec *x, struct type_plan *tp, struct node **nodes, size_t n, bool serial);

/* ---- objects and where their fields come from ---- */

struct object *object_alloc(struct exec *x, enum object_kind kind, const struct gql_type *type)
{
    struct object *o = arena_new_of(x->arena, struct object);
    o->kind = kind;
    o->type = type;
    o->arena = x->arena;
    return o;
}

static const struct cell *find_member(const struct object *o, struct str name)
{
    for (size_t i = 0; i < o->members.n; i++) {
        if (str_eq_c(name, o->members.v[i].name))
            return &o->members.v[i].cell;
    }
    return NULL;
}

static bool find_beside_row(const struct object *o, struct str field, struct str column, struct source *out)
{
    const struct cell *cell = o->members.n ? find_member(o, field) : NULL;
    const struct json *json = NULL;
    if (cell) {
        *out = (struct source){.kind = SOURCE_CELL, .cell = *cell};
        return true;
    }
    if (o->json) {
        json = json_get(o->json, field);
        if (!json && o->kind == OBJECT_JSON)
            json = json_get(o->json, column);
    }
    if (json)
        *out = (struct source){.kind = SOURCE_JSON, .json = json};
    return json != NULL;
}

struct source object_find_name(const struct object *o, struct str field, struct str column)
{
    struct source s = {SOURCE_NONE};
    if (find_beside_row(o, field, column, &s) || !o->rows)
        return s;
    int at = pg_column_index(o->rows, column);
    if (at >= 0) {
        s.kind = SOURCE_COLUMN;
        s.text = pg_get(o->rows, o->row, (unsigned)at);
        s.oid = o->rows->columns[at].oid;
    }
    return s;
}

struct source object_find(const struct object *o, struct field_plan *fp)
{
    struct source s = {SOURCE_NONE};
    if ((o->json || o->members.n) && find_beside_row(o, fp->field->name, fp->info->column, &s))
        return s;
    if (!o->rows)
        return s;
    if (o->restored)
        return object_find_name(o, fp->field->name, fp->info->column);
    /* Results of one statement share their columns, so that the name is looked up once. */
    if (fp->seen != o->rows->columns) {
        fp->seen = o->rows->columns;
        fp->seen_index = pg_column_index(o->rows, fp->info->column);
    }
    if (fp->seen_index >= 0) {
        s.kind = SOURCE_COLUMN;
        s.text = pg_get(o->rows, o->row, (unsigned)fp->seen_index);
        s.oid = fp->seen[fp->seen_index].oid;
    }
    return s;
}

/* ---- references become rows ---- */

static const struct entity *entity_of_ref(const struct exec *x, const struct object *o)
{
    for (const struct entity *e = x->graph->service->entities; e && e->type; e++) {
        if (e->by_key && str_eq_c(o->type->name, e->type) && strcmp(e->key, o->key) == 0)
            return e;
    }
    return NULL;
}

static void ref_take(struct object *o, const struct loaded *l)
{
    o->loaded = true;
    o->missing = !l || l->n == 0;
    if (!o->missing) {
        o->rows = l->rows;
        o->row = l->index[0];
    }
}

static bool refs_load_entity(struct exec *x, const struct entity *e, struct object **refs, size_t n, struct err *err)
{
    struct str *keys = arena_alloc_raw(x->arena, arena_size(sizeof *keys, n));
    struct loaded **found = arena_alloc_raw(x->arena, arena_size(sizeof *found, n));
    for (size_t i = 0; i < n; i++)
        keys[i] = refs[i]->key_value;
    if (!loader_load_entity(x, e, keys, n, found, err))
        return false;
    for (size_t i = 0; i < n; i++)
        ref_take(refs[i], found[i]);
    return true;
}

bool refs_load(struct exec *x, struct node **nodes, size_t n, struct err *err)
{
    struct object **refs = arena_alloc_raw(x->arena, arena_size(sizeof *refs, n));
    for (size_t i = 0; i < n; i++) {
        struct object *o = nodes[i]->object;
        const struct entity *e = o->kind == OBJECT_REF && !o->loaded ? entity_of_ref(x, o) : NULL;
        if (!e)
            continue;
        size_t m = 0;
        for (size_t k = i; k < n; k++) {
            struct object *r = nodes[k]->object;
            if (r->kind == OBJECT_REF && !r->loaded && r->type == o->type && strcmp(r->key, o->key) == 0)
                refs[m++] = r;
        }
        if (!refs_load_entity(x, e, refs, m, err))
            return false;
    }
    return true;
}

/* Is there a field below that only a row can answer? */
static bool ref_needs_row(const struct object *o, const struct type_plan *tp)
{
    for (uint32_t i = 0; i < tp->n; i++) {
        const struct field_plan *f = &tp->fields[i];
        if (f->info->resolve || !f->info->field || f->field->name.p[0] == '_' || str_eq_c(f->field->name, o->key))
            continue;
        struct source s;
        if (!find_beside_row(o, f->field->name, f->info->column, &s))
            return true;
    }
    return false;
}

/* False when the rows could not be loaded: *err says why. */
static bool prepare_refs(struct exec *x, struct type_plan *tp, struct node **nodes, size_t n, struct err *err)
{
    bool needed = false;
    for (size_t i = 0; i < n && !needed; i++) {
        struct object *o = nodes[i]->object;
        needed = o->kind == OBJECT_REF && !o->loaded && entity_of_ref(x, o) && ref_needs_row(o, tp);
    }
    return !needed || refs_load(x, nodes, n, err);
}

/* ---- from cells to nodes ---- */

static struct value failed(struct exec *x, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static struct value failed(struct exec *x, const char *code, const char *fmt, ...)
{
    struct value v = {.kind = VALUE_FAILED, .failure = arena_new_of(x->arena, struct failure)};
    va_list ap;
    va_start(ap, fmt);
    v.failure->code = code;
    v.failure->message = arena_vprintf(x->arena, fmt, ap);
    va_end(ap);
    return v;
}

static const struct gql_type *runtime_type(struct children *c, const struct object *o, const struct gql_type *declared)
{
    if (o->type && !gql_type_is_abstract(o->type))
        return o->type;
    if (!gql_type_is_abstract(declared))
        return declared;
    struct source s = object_find_name(o, STR("__typename"), STR("__typename"));
    struct str name = s.kind == SOURCE_JSON ? s.json->text : s.kind == SOURCE_COLUMN ? s.text : s.cell.text;
    return s.kind == SOURCE_NONE ? NULL : gql_schema_type(c->exec->graph->schema, name);
}

static struct value node_of(struct children *c, struct object *o, const struct gql_type *declared)
{
    if (!o)
        return (struct value){VALUE_NULL};
    const struct gql_type *t = runtime_type(c, o, declared);
    if (!t || t->kind != GQL_OBJECT_TYPE ||
        (t != declared && !(declared->possible && bits_has(declared->possible, t->id))))
        return failed(c->exec, "INTERNAL_SERVER_ERROR", "a value of %.*s has %s%.*s", STR_ARG(declared->name),
                      t ? "the wrong type " : "no type", t ? (int)t->name.len : 0, t ? t->name.p : "");
    if (c->sub->depth > KIT_DEPTH_MAX)
        return failed(c->exec, "BAD_USER_INPUT", "the operation is nested deeper than %d levels", KIT_DEPTH_MAX);
    o->type = t;
    struct node *node = arena_new_of(c->exec->arena, struct node);
    node->object = o;
    node->plan = plan_for_type(c->exec, c->sub, t);
    vec_push(c->exec->arena, &c->nodes, node);
    return (struct value){VALUE_NODE, .node = node};
}

static struct value value_of_json(struct children *c, const struct gql_tref *type, const struct json *json);

static struct value value_of_cell(struct children *c, const struct gql_tref *type, const struct cell *cell)
{
    struct exec *x = c->exec;
    if (type->kind == GQL_REF_NON_NULL)
        type = type->of;
    if (cell->kind == CELL_NULL)
        return (struct value){VALUE_NULL};
    if (cell->kind == CELL_JSON) {
        struct err err;
        struct json *json = json_parse(x->arena, cell->text, &err);
        return json ? value_of_json(c, type, json) : failed(x, "INTERNAL_SERVER_ERROR", "%s", err.msg);
    }
    if (type->kind == GQL_REF_LIST && cell->kind == CELL_LIST) {
        struct value v = {VALUE_LIST, .list = {arena_array(x->arena, struct value, cell->list.n), cell->list.n}};
        for (size_t i = 0; i < cell->list.n; i++)
            v.list.items[i] = value_of_cell(c, type->of, &cell->list.items[i]);
        return v;
    }
    if (type->kind == GQL_REF_NAMED && cell->kind == CELL_OBJECT)
        return node_of(c, cell->object, type->type);
    return failed(x, "INTERNAL_SERVER_ERROR", "the value is no %s", type->kind == GQL_REF_LIST ? "list" : "object");
}

static struct value value_of_json(struct children *c, const struct gql_tref *type, const struct json *json)
{
    struct exec *x = c->exec;
    if (type->kind == GQL_REF_NON_NULL)
        type = type->of;
    if (json->kind == JSON_NULL)
        return (struct value){VALUE_NULL};
    if (type->kind == GQL_REF_LIST && json->kind == JSON_ARRAY) {
        struct value v = {VALUE_LIST, .list = {arena_array(x->arena, struct value, json->n), json->n}};
        for (size_t i = 0; i < json->n; i++)
            v.list.items[i] = value_of_json(c, type->of, json->items[i]);
        return v;
    }
    if (type->kind == GQL_REF_NAMED && json->kind == JSON_OBJECT) {
        struct object *o = object_alloc(x, OBJECT_JSON, type->type);
        o->json = json;
        return node_of(c, o, type->type);
    }
    return failed(x, "INTERNAL_SERVER_ERROR", "the JSON is no %s", type->kind == GQL_REF_LIST ? "list" : "object");
}

/* A composite field without a resolver: a json column or member, or an object that was put. */
static struct value default_value(struct children *c, struct object *o, struct field_plan *fp)
{
    struct source s = object_find(o, fp);
    switch (s.kind) {
    case SOURCE_CELL: return value_of_cell(c, fp->field->type, &s.cell);
    case SOURCE_JSON: return value_of_json(c, fp->field->type, s.json);
    case SOURCE_COLUMN:
        return value_of_cell(c, fp->field->type,
                             &(struct cell){.kind = s.text.p ? CELL_JSON : CELL_NULL, .text = s.text});
    case SOURCE_NONE: break;
    }
    /* JSON and what a resolver made say null by silence; a row has all its columns. */
    if (o->kind == OBJECT_JSON || o->kind == OBJECT_MADE)
        return (struct value){VALUE_NULL};
    return failed(c->exec, "INTERNAL_SERVER_ERROR", "%.*s.%.*s has neither a resolver nor a column \"%.*s\"",
                  STR_ARG(o->type->name), STR_ARG(fp->field->name), STR_ARG(fp->info->column));
}

/* ---- one field for all parents ---- */

struct field_task {
    struct exec *exec;
    struct type_plan *plan;
    struct field_plan *field;
    struct node **nodes;
    size_t n;
    bool serial;
};

/* Coerced once per document when there are no variables in them. */
static bool prepare_args(struct batch *b)
{
    struct exec *x = b->exec;
    struct field_plan *fp = b->plan;
    const struct gql_selection *s = fp->nodes[0];
    struct gql_errors errors = {0};
    b->args = fp->args;
    if (b->args || !fp->field->n_args)
        return true;
    struct arena *a = fp->args_vary ? x->arena : x->plan_arena;
    b->args = gql_coerce_arguments(a, x->graph->schema, fp->field->args, fp->field->n_args, s->args, s->n_args, s->loc,
                                   &x->vars, &errors);
    if (!b->args) {
        batch_fail_all(b, "BAD_USER_INPUT", "%.*s", STR_ARG(errors.v[0].message));
        return false;
    }
    if (!fp->args_vary)
        fp->args = b->args;
    return true;
}

static void resolve_with(struct field_task *t, struct children *c)
{
    struct exec *x = t->exec;
    struct batch *b = arena_new_of(x->arena, struct batch);
    *b = (struct batch){.exec = x, .plan = t->field, .parent_type = t->plan->type, .nodes = t->nodes, .n = t->n};
    b->cells = arena_array(x->arena, struct cell, t->n);
    if (prepare_args(b))
        t->field->info->resolve(b);
    if (arena_exhausted(x->arena))
        batch_fail_all(b, "RESPONSE_TOO_LARGE", "the request needs too much memory: ask for less");
    for (size_t i = 0; i < t->n; i++) {
        struct value *v = &t->nodes[i]->values[t->field->slot];
        if (b->failures && b->failures[i])
            *v = (struct value){VALUE_FAILED, .failure = b->failures[i]};
        else if (t->field->sub)
            *v = value_of_cell(c, t->field->field->type, &b->cells[i]);
        else
            *v = (struct value){VALUE_CELL, .cell = b->cells[i]};
    }
}

static void run_children(struct children *c)
{
    struct node **of_type = NULL;
    size_t done = 0;
    while (done < c->nodes.n) {
        struct type_plan *tp = (struct type_plan *)c->nodes.v[done]->plan;
        size_t n = 0;
        if (!of_type)
            of_type = arena_alloc_raw(c->exec->arena, arena_size(sizeof *of_type, c->nodes.n));
        for (size_t i = done; i < c->nodes.n; i++) {
            if (c->nodes.v[i]->plan == tp)
                of_type[n++] = c->nodes.v[i];
        }
        if (n == c->nodes.n) {
            run_level(c->exec, tp, c->nodes.v, n, false);
            return;
        }
        run_level(c->exec, tp, of_type, n, false);
        /* What has run goes to the front. */
        size_t at = done;
        for (size_t i = done; i < c->nodes.n; i++) {
            struct node *node = c->nodes.v[i];
            if (node->plan == tp) {
                c->nodes.v[i] = c->nodes.v[at];
                c->nodes.v[at++] = node;
            }
        }
        done = at;
    }
}

static void run_field(void *arg)
{
    struct field_task *t = arg;
    struct children c = {.exec = t->exec, .sub = t->field->sub};
    if (t->field->info->resolve) {
        resolve_with(t, &c);
    } else {
        for (size_t i = 0; i < t->n; i++)
            t->nodes[i]->values[t->field->slot] = default_value(&c, t->nodes[i]->object, t->field);
    }
    run_children(&c);
}

/* ---- a level ---- */

static void fail_nodes(struct exec *x, struct node **nodes, size_t n, const struct err *err)
{
    struct batch b = {.exec = x, .n = 1};
    batch_fail_sql(&b, NULL, err);
    for (size_t i = 0; i < n; i++)
        nodes[i]->failure = b.failures[0];
}

static void run_fields(struct exec *x, struct type_plan *tp, struct node **nodes, size_t n, bool serial)
{
    struct field_task *tasks = arena_array(x->arena, struct field_task, tp->n_slots);
    uint32_t n_tasks = 0, n_resolvers = 0;
    for (uint32_t i = 0; i < tp->n; i++) {
        if (tp->fields[i].slot < 0)
            continue;
        tasks[n_tasks++] = (struct field_task){x, tp, &tp->fields[i], nodes, n, serial};
        n_resolvers += tp->fields[i].info->resolve != NULL;
    }
    bool alone = serial || n_resolvers < 2;
    struct fiber_group group;
    fiber_group_init(&group);
    for (uint32_t i = 0; i < n_tasks; i++) {
        if (alone || !tasks[i].field->info->resolve)
            run_field(&tasks[i]);
        else
            fiber_group_go(&group, run_field, &tasks[i]);
    }
    if (!alone)
        fiber_group_wait(&group);
}

static __attribute__((noinline)) bool level_is_ready(struct exec *x, struct type_plan *tp, struct node **nodes,
                                                     size_t n)
{
    struct err err;
    if (prepare_refs(x, tp, nodes, n, &err))
        return true;
    fail_nodes(x, nodes, n, &err);
    return false;
}

static void run_level(struct exec *x, struct type_plan *tp, struct node **nodes, size_t n, bool serial)
{
    struct value *values = arena_array(x->arena, struct value, n * tp->n_slots);
    for (size_t i = 0; i < n; i++)
        nodes[i]->values = values + i * tp->n_slots;
    if (level_is_ready(x, tp, nodes, n) && tp->n_slots)
        run_fields(x, tp, nodes, n, serial);
}

struct node *execute_operation(struct exec *x)
{
    const struct gql_type *root = gql_schema_root(x->graph->schema, x->operation->operation);
    struct node *node = arena_new_of(x->arena, struct node);
    struct type_plan *tp = plan_for_type(x, plan_root(x), root);
    node->object = object_alloc(x, OBJECT_MADE, root);
    node->plan = tp;
    run_level(x, tp, &node, 1, x->operation->operation == GQL_MUTATION);
    return node;
}
