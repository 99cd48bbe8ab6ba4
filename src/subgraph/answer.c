/* One walk from the root writes the answer. A null that is not allowed takes what was written of its parent back, up to
 * the next place that may be null; the error is the first in document order, as the specification's algorithm finds it.
 */
#include "base/panic.h"
#include "subgraph/kit.h"

struct path {
    const struct path *up;
    struct str key; /* p NULL: an index */
    size_t index;
};

static void write_path(struct buf *out, const struct path *p)
{
    if (p->up) {
        write_path(out, p->up);
        buf_add_char(out, ',');
    }
    if (p->key.p)
        json_write_string(out, p->key);
    else
        buf_add_u64(out, p->index);
}

static void write_locations(struct buf *out, const struct gql_loc *locs, uint32_t n)
{
    buf_add(out, STR(",\"locations\":["));
    for (uint32_t i = 0; i < n; i++)
        buf_printf(out, "%s{\"line\":%u,\"column\":%u}", i ? "," : "", locs[i].line, locs[i].column);
    buf_add_char(out, ']');
}

void answer_error(struct buf *out, struct str message, const struct gql_loc *locs, uint32_t n_locs, struct str code)
{
    buf_add(out, STR("{\"message\":"));
    json_write_string(out, message);
    if (n_locs)
        write_locations(out, locs, n_locs);
    buf_add(out, STR(",\"extensions\":{\"code\":"));
    json_write_string(out, code);
    buf_add(out, STR("}}"));
}

static void field_error(struct exec *x, const struct field_plan *fp, const struct path *path, struct str message,
                        const char *code)
{
    struct buf *out = &x->errors;
    if (x->n_errors++ >= KIT_ERRORS_MAX)
        return;
    buf_add(out, x->n_errors > 1 ? STR(",{\"message\":") : STR("{\"message\":"));
    json_write_string(out, message);
    buf_add(out, STR(",\"locations\":["));
    for (uint32_t i = 0; i < fp->n_nodes; i++)
        buf_printf(out, "%s{\"line\":%u,\"column\":%u}", i ? "," : "", fp->nodes[i]->loc.line,
                   fp->nodes[i]->loc.column);
    buf_add(out, STR("],\"path\":["));
    write_path(out, path);
    buf_printf(out, "],\"extensions\":{\"code\":\"%s\"}}", code);
}

static enum written write_node(struct exec *x, const struct node *node, const struct path *path,
                               const struct field_plan *fp);

/* null where null may stand; otherwise the parent fails. True when something was written. */
static bool settle(struct exec *x, const struct field_plan *fp, const struct gql_tref *type, enum written w,
                   const struct path *path)
{
    if (w == WRITTEN)
        return true;
    if (type->kind != GQL_REF_NON_NULL) {
        buf_add(x->out, STR("null"));
        return true;
    }
    if (w == WRITTEN_NULL) {
        const struct gql_field *f = fp->field;
        struct str parent = f->parent ? f->parent->name : STR("Query");
        field_error(x, fp, path,
                    arena_printf(x->arena, "Cannot return null for non-nullable field %.*s.%.*s.", STR_ARG(parent),
                                 STR_ARG(f->name)),
                    "INTERNAL_SERVER_ERROR");
    }
    return false;
}

static const struct gql_tref *nullable(const struct gql_tref *t)
{
    return t->kind == GQL_REF_NON_NULL ? t->of : t;
}

/* ---- leaves, and lists of them ---- */

static enum written write_source(struct exec *x, const struct field_plan *fp, const struct gql_tref *type,
                                 const struct source *s, const struct path *path)
{
    bool null;
    if (type->kind != GQL_REF_LIST) {
        const char *problem = leaf_write(x, fp->info, s, &null);
        if (problem)
            field_error(x, fp, path, str_c(problem), "INTERNAL_SERVER_ERROR");
        return problem ? WRITTEN_FAILED : null ? WRITTEN_NULL : WRITTEN;
    }
    size_t n, start = x->out->len;
    const struct source *items = leaf_items(x, s, &n, &null);
    if (!items) {
        if (!null)
            field_error(x, fp, path, STR("the value is no list"), "INTERNAL_SERVER_ERROR");
        return null ? WRITTEN_NULL : WRITTEN_FAILED;
    }
    buf_add_char(x->out, '[');
    for (size_t i = 0; i < n; i++) {
        const struct path at = {.up = path, .index = i};
        if (i)
            buf_add_char(x->out, ',');
        enum written w = write_source(x, fp, nullable(type->of), &items[i], &at);
        if (!settle(x, fp, type->of, w, &at)) {
            buf_truncate(x->out, start);
            return WRITTEN_FAILED;
        }
    }
    buf_add_char(x->out, ']');
    return WRITTEN;
}

/* ---- composite values ---- */

static enum written write_list(struct exec *x, const struct field_plan *fp, const struct gql_tref *type,
                               const struct value *v, const struct path *path);

static enum written write_value(struct exec *x, const struct field_plan *fp, const struct gql_tref *type,
                                const struct value *v, const struct path *path)
{
    switch (v->kind) {
    case VALUE_NULL: return WRITTEN_NULL;
    case VALUE_CELL: return write_source(x, fp, type, &(struct source){.kind = SOURCE_CELL, .cell = v->cell}, path);
    case VALUE_NODE: return write_node(x, v->node, path, fp);
    case VALUE_LIST: return write_list(x, fp, type, v, path);
    case VALUE_FAILED: break;
    }
    field_error(x, fp, path, v->failure->message, v->failure->code);
    return WRITTEN_FAILED;
}

static enum written write_list(struct exec *x, const struct field_plan *fp, const struct gql_tref *type,
                               const struct value *v, const struct path *path)
{
    size_t start = x->out->len;
    buf_add_char(x->out, '[');
    for (size_t i = 0; i < v->list.n; i++) {
        const struct path at = {.up = path, .index = i};
        if (i)
            buf_add_char(x->out, ',');
        enum written w = write_value(x, fp, nullable(type->of), &v->list.items[i], &at);
        if (!settle(x, fp, type->of, w, &at)) {
            buf_truncate(x->out, start);
            return WRITTEN_FAILED;
        }
    }
    buf_add_char(x->out, ']');
    return WRITTEN;
}

/* ---- fields that the object itself answers ---- */

static bool has_introspection(struct exec *x, const struct field_plan *fp)
{
    return fp->info == &x->graph->introspect_info;
}

static enum written write_introspection(struct exec *x, const struct field_plan *fp)
{
    struct gql_selection merged = *fp->nodes[0];
    struct gql_selection_set set = *merged.selections;
    uint32_t total = 0;
    for (uint32_t i = 0; i < fp->n_nodes; i++)
        total += fp->nodes[i]->selections->n;
    set.items = arena_array(x->arena, struct gql_selection *, total);
    set.n = 0;
    for (uint32_t i = 0; i < fp->n_nodes; i++) {
        for (uint32_t k = 0; k < fp->nodes[i]->selections->n; k++)
            set.items[set.n++] = fp->nodes[i]->selections->items[k];
    }
    merged.selections = &set;
    gql_introspect(x->out, x->arena, x->graph->schema, x->doc->ast, &merged, &x->vars);
    return WRITTEN;
}

static enum written write_default(struct exec *x, const struct node *node, struct field_plan *fp,
                                  const struct path *path)
{
    const struct object *o = node->object;
    if (fp->field == x->graph->schema->typename_field) {
        json_write_string(x->out, node->plan->type->name);
        return WRITTEN;
    }
    if (has_introspection(x, fp))
        return write_introspection(x, fp);
    struct source s = object_find(o, fp);
    if (s.kind == SOURCE_NONE && o->kind == OBJECT_REF && str_eq_c(fp->field->name, o->key))
        s = (struct source){.kind = SOURCE_CELL, .cell = cell_text(o->key_value)};
    if (s.kind == SOURCE_NONE && (o->kind == OBJECT_ROW || o->kind == OBJECT_REF)) {
        struct str message = arena_printf(x->arena, "%.*s.%.*s has neither a resolver nor a column \"%.*s\"",
                                          STR_ARG(o->type->name), STR_ARG(fp->field->name), STR_ARG(fp->info->column));
        field_error(x, fp, path, message, "INTERNAL_SERVER_ERROR");
        return WRITTEN_FAILED;
    }
    return write_source(x, fp, nullable(fp->field->type), &s, path);
}

static enum written write_node(struct exec *x, const struct node *node, const struct path *path,
                               const struct field_plan *of)
{
    size_t start = x->out->len;
    if (node->failure) {
        field_error(x, of, path, node->failure->message, node->failure->code);
        return WRITTEN_FAILED;
    }
    if (node->object->missing)
        return WRITTEN_NULL;
    buf_add_char(x->out, '{');
    for (uint32_t i = 0; i < node->plan->n; i++) {
        struct field_plan *fp = &node->plan->fields[i];
        const struct path at = {.up = path, .key = fp->key};
        if (i)
            buf_add_char(x->out, ',');
        buf_add(x->out, fp->key_json);
        enum written w = fp->slot < 0 ? write_default(x, node, fp, &at)
                                      : write_value(x, fp, nullable(fp->field->type), &node->values[fp->slot], &at);
        if (!settle(x, fp, fp->field->type, w, &at)) {
            buf_truncate(x->out, start);
            return WRITTEN_FAILED;
        }
    }
    buf_add_char(x->out, '}');
    return WRITTEN;
}

void answer_write(struct exec *x, struct node *root)
{
    if (write_node(x, root, NULL, NULL) != WRITTEN)
        buf_add(x->out, STR("null"));
}
