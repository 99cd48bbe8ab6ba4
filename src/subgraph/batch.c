/* What a resolver sees and says: subgraph.h is the manual. */
#include "base/panic.h"
#include "subgraph/kit.h"

struct request *batch_request(struct batch *b)
{
    return &b->exec->request;
}

struct arena *batch_arena(struct batch *b)
{
    return b->exec->arena;
}

size_t batch_size(const struct batch *b)
{
    return b->n;
}

/* ---- the parents ---- */

static struct str source_text(const struct source *s, struct arena *a)
{
    switch (s->kind) {
    case SOURCE_COLUMN: return s->text;
    case SOURCE_JSON: return s->json->kind == JSON_NULL ? STR_NONE : s->json->text.p ? s->json->text : s->json->raw;
    case SOURCE_CELL: break;
    case SOURCE_NONE: return STR_NONE;
    }
    switch (s->cell.kind) {
    case CELL_TEXT:
    case CELL_JSON: return s->cell.text;
    case CELL_INT: return arena_printf(a, "%lld", (long long)s->cell.i);
    case CELL_FLOAT: return arena_printf(a, "%.17g", s->cell.f);
    case CELL_BOOL: return s->cell.b ? STR("t") : STR("f");
    default: return STR_NONE;
    }
}

/* customer_id → customerId: how a column is called in representations and made objects. */
static struct str camel_case(struct arena *a, struct str snake)
{
    char *text = arena_alloc_raw(a, snake.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < snake.len; i++) {
        if (snake.p[i] == '_' && i + 1 < snake.len)
            text[n++] = (char)(snake.p[++i] >= 'a' && snake.p[i] <= 'z' ? snake.p[i] - 32 : snake.p[i]);
        else
            text[n++] = snake.p[i];
    }
    return str_mem(text, n);
}

struct str batch_column(struct batch *b, size_t i, const char *column)
{
    PB_ASSERT(i < b->n);
    struct object *o = b->nodes[i]->object;
    struct str name = str_c(column);
    bool beside = o->json || o->members.n;
    struct str field = beside ? camel_case(b->exec->arena, name) : name;
    struct source s = object_find_name(o, field, name);
    if (s.kind == SOURCE_NONE && o->kind == OBJECT_REF && str_eq_c(field, o->key))
        return o->key_value;
    if (s.kind == SOURCE_NONE && o->kind == OBJECT_REF && !o->loaded) {
        struct err err;
        if (!refs_load(b->exec, b->nodes, b->n, &err))
            batch_fail_sql(b, NULL, &err);
        else
            s = object_find_name(o, field, name);
    }
    return source_text(&s, b->exec->arena);
}

const struct json *batch_required(struct batch *b, size_t i, const char *field)
{
    PB_ASSERT(i < b->n);
    return json_get(b->nodes[i]->object->json, str_c(field));
}

/* ---- arguments and selections ---- */

const struct json *batch_arg(struct batch *b, const char *name)
{
    return json_get(b->args, str_c(name));
}

struct str batch_arg_str(struct batch *b, const char *name)
{
    const struct json *v = batch_arg(b, name);
    return v && v->kind != JSON_NULL ? v->text : STR_NONE;
}

bool batch_arg_i64(struct batch *b, const char *name, int64_t *out)
{
    return json_to_i64(batch_arg(b, name), out);
}

bool batch_arg_bool(struct batch *b, const char *name, bool otherwise)
{
    const struct json *v = batch_arg(b, name);
    return v && v->kind == JSON_BOOL ? v->boolean : otherwise;
}

static bool set_selects(struct batch *b, const struct gql_selection_set *set, struct str path);

static bool selection_selects(struct batch *b, const struct gql_selection *s, struct str path)
{
    if (s->directives.n && !gql_directives_include(&s->directives, &b->exec->vars))
        return false;
    if (s->kind == GQL_INLINE_FRAGMENT)
        return set_selects(b, s->selections, path);
    if (s->kind == GQL_FRAGMENT_SPREAD) {
        const struct gql_definition *f = gql_document_fragment(b->exec->doc->ast, s->name.s);
        return f && set_selects(b, f->selections, path);
    }
    struct str rest = path, first;
    str_split(&rest, '.', &first);
    if (!str_eq(s->name.s, first))
        return false;
    return first.len == path.len || (s->selections && set_selects(b, s->selections, rest));
}

static bool set_selects(struct batch *b, const struct gql_selection_set *set, struct str path)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (selection_selects(b, set->items[i], path))
            return true;
    }
    return false;
}

bool batch_selects(struct batch *b, const char *path)
{
    const struct selection_plan *sub = b->plan->sub;
    for (uint32_t i = 0; sub && i < sub->n_sets; i++) {
        if (set_selects(b, sub->sets[i], str_c(path)))
            return true;
    }
    return false;
}

/* ---- results ---- */

void batch_set(struct batch *b, size_t i, struct cell value)
{
    PB_ASSERT(i < b->n);
    b->cells[i] = value;
}

void batch_set_all(struct batch *b, struct cell value)
{
    for (size_t i = 0; i < b->n; i++)
        b->cells[i] = value;
}

static struct failure *failure_new(struct batch *b, const char *code, const char *fmt, va_list ap)
{
    struct failure *f = arena_new_of(b->exec->arena, struct failure);
    f->code = code;
    f->message = arena_vprintf(b->exec->arena, fmt, ap);
    if (!b->failures)
        b->failures = arena_array(b->exec->arena, struct failure *, b->n);
    return f;
}

void batch_fail(struct batch *b, size_t i, const char *code, const char *fmt, ...)
{
    PB_ASSERT(i < b->n);
    va_list ap;
    va_start(ap, fmt);
    struct failure *f = failure_new(b, code, fmt, ap);
    va_end(ap);
    b->failures[i] = f;
}

void batch_fail_all(struct batch *b, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct failure *f = failure_new(b, code, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < b->n; i++)
        b->failures[i] = f;
}

/* ---- objects ---- */

/* A name that the schema does not have is a fault of the program. */
const struct gql_type *batch_type(struct batch *b, const char *type)
{
    if (!type)
        return b->plan->info->named;
    const struct gql_type *t = gql_schema_type(b->exec->graph->schema, str_c(type));
    if (!t)
        PB_PANIC("the schema of %s has no type %s", b->exec->graph->service->name, type);
    return t;
}

struct object *object_of_row(struct batch *b, const char *type, const struct pg_result *rows, size_t row)
{
    PB_ASSERT(row < rows->n_rows);
    struct object *o = object_alloc(b->exec, OBJECT_ROW, batch_type(b, type));
    o->rows = rows;
    o->row = row;
    return o;
}

struct object *object_of_ref(struct batch *b, const char *type, const char *key, struct str value)
{
    if (!value.p)
        return NULL;
    struct object *o = object_alloc(b->exec, OBJECT_REF, batch_type(b, type));
    o->key = key;
    o->key_value = value;
    return o;
}

struct object *object_of_json(struct batch *b, const char *type, const struct json *value)
{
    if (!value || value->kind != JSON_OBJECT)
        return NULL;
    struct object *o = object_alloc(b->exec, OBJECT_JSON, batch_type(b, type));
    o->json = value;
    return o;
}

struct object *object_new(struct batch *b, const char *type)
{
    return object_alloc(b->exec, OBJECT_MADE, batch_type(b, type));
}

void object_put(struct object *o, const char *field, struct cell value)
{
    for (size_t i = 0; i < o->members.n; i++) {
        if (strcmp(o->members.v[i].name, field) == 0) {
            o->members.v[i].cell = value;
            return;
        }
    }
    vec_push(o->arena, &o->members, (struct member){field, value});
}

/* ---- the common resolvers ---- */

static struct loaded **load_for_parents(struct batch *b, const struct query *q, const char *parent_column,
                                        const struct pg_param *extra, unsigned n_extra)
{
    struct arena *a = b->exec->arena;
    struct str *keys = arena_alloc_raw(a, arena_size(sizeof *keys, b->n));
    struct loaded **found = arena_alloc_raw(a, arena_size(sizeof *found, b->n));
    struct err err;
    for (size_t i = 0; i < b->n; i++)
        keys[i] = batch_column(b, i, parent_column);
    if (b->failures)
        return NULL;
    if (!q->key) {
        batch_fail_all(b, "INTERNAL_SERVER_ERROR", "the statement %s has no '-- key:'", q->st.name);
        return NULL;
    }
    if (loader_load(b->exec, q, keys, b->n, extra, n_extra, found, &err))
        return found;
    batch_fail_sql(b, q, &err);
    return NULL;
}

static struct cell list_of_rows(struct batch *b, const struct loaded *l)
{
    size_t n = l ? l->n : 0;
    struct cell *items = arena_array(b->exec->arena, struct cell, n);
    struct object *objects = arena_array(b->exec->arena, struct object, n);
    for (size_t i = 0; i < n; i++) {
        objects[i] = (struct object){.kind = OBJECT_ROW,
                                     .type = b->plan->info->named,
                                     .rows = l->rows,
                                     .row = l->index[i],
                                     .arena = b->exec->arena};
        items[i] = cell_object(&objects[i]);
    }
    return cell_list(items, n);
}

void batch_resolve_lists_with(struct batch *b, const struct query *q, const char *parent_column,
                              const struct pg_param *extra, unsigned n_extra)
{
    struct loaded **found = load_for_parents(b, q, parent_column, extra, n_extra);
    for (size_t i = 0; found && i < b->n; i++)
        batch_set(b, i, list_of_rows(b, found[i]));
}

void batch_resolve_lists(struct batch *b, const struct query *q, const char *parent_column)
{
    batch_resolve_lists_with(b, q, parent_column, NULL, 0);
}

void batch_resolve_rows(struct batch *b, const struct query *q, const char *parent_column)
{
    struct loaded **found = load_for_parents(b, q, parent_column, NULL, 0);
    for (size_t i = 0; found && i < b->n; i++) {
        if (found[i] && found[i]->n)
            batch_set(b, i, cell_object(object_of_row(b, NULL, found[i]->rows, found[i]->index[0])));
    }
}

void batch_resolve_refs(struct batch *b, const char *type, const char *key, const char *parent_column)
{
    for (size_t i = 0; i < b->n; i++)
        batch_set(b, i, cell_object(object_of_ref(b, type, key, batch_column(b, i, parent_column))));
}

void batch_resolve_values(struct batch *b, const struct query *q, const char *parent_column, struct cell otherwise)
{
    struct loaded **found = load_for_parents(b, q, parent_column, NULL, 0);
    for (size_t i = 0; found && i < b->n; i++) {
        const struct loaded *l = found[i];
        bool has = l && l->n && l->rows->n_columns > 1;
        batch_set(b, i,
                  has ? cell_of_column(b->plan->info, pg_get(l->rows, l->index[0], 1), l->rows->columns[1].oid)
                      : otherwise);
    }
}

struct pg_result *batch_query(struct batch *b, const struct query *q, const struct pg_param *params, unsigned n_params)
{
    struct err err;
    struct pg_result *r = exec_query(b->exec, q, params, n_params, &err);
    if (!r)
        batch_fail_sql(b, q, &err);
    return r;
}

struct object *batch_load(struct batch *b, const char *type, struct str key)
{
    struct exec *x = b->exec;
    const struct gql_type *t = batch_type(b, type);
    const struct entity *e = x->graph->entity_of[t->id];
    struct loaded *found;
    struct err err;
    if (!e)
        PB_PANIC("batch_load: the entity %s has no loader", type ? type : t->name.p);
    if (!loader_load_entity(x, e, &key, 1, &found, &err)) {
        batch_fail_sql(b, e->by_key, &err);
        return NULL;
    }
    return found && found->n ? object_of_row(b, type, found->rows, found->index[0]) : NULL;
}
