#include "subgraph/remember.h"

/* ---- writing ---- */

static void write_cell(struct json_writer *w, const struct cell *c);

static void write_row(struct json_writer *w, const struct object *o)
{
    jw_name(w, STR("row"));
    jw_begin_array(w);
    for (unsigned i = 0; i < o->rows->n_columns; i++) {
        struct str text = pg_get(o->rows, o->row, i);
        jw_begin_array(w);
        jw_string(w, o->rows->columns[i].name);
        jw_i64(w, o->rows->columns[i].oid);
        if (text.p)
            jw_string(w, text);
        else
            jw_null(w);
        jw_end_array(w);
    }
    jw_end_array(w);
}

static void write_object(struct json_writer *w, const struct object *o)
{
    jw_begin_object(w);
    jw_name(w, STR("type"));
    jw_string(w, o->type->name);
    if (o->rows)
        write_row(w, o);
    if (o->json) {
        jw_name(w, STR("json"));
        json_write(w->out, o->json);
        w->need_comma = true;
    }
    if (o->kind == OBJECT_REF) {
        jw_name(w, STR("key"));
        jw_string(w, str_c(o->key));
        jw_name(w, STR("value"));
        jw_string(w, o->key_value);
    }
    jw_name(w, STR("members"));
    jw_begin_object(w);
    for (size_t i = 0; i < o->members.n; i++) {
        jw_name(w, str_c(o->members.v[i].name));
        write_cell(w, &o->members.v[i].cell);
    }
    jw_end_object(w);
    jw_end_object(w);
}

static void write_cell(struct json_writer *w, const struct cell *c)
{
    static const char *const names[] = {
        [CELL_TEXT] = "text", [CELL_INT] = "int",       [CELL_FLOAT] = "float", [CELL_BOOL] = "bool",
        [CELL_JSON] = "json", [CELL_OBJECT] = "object", [CELL_LIST] = "list"};
    if (c->kind == CELL_NULL) {
        jw_null(w);
        return;
    }
    jw_begin_object(w);
    jw_name(w, str_c(names[c->kind]));
    if (c->kind == CELL_TEXT || c->kind == CELL_JSON)
        jw_string(w, c->text);
    else if (c->kind == CELL_INT)
        jw_i64(w, c->i);
    else if (c->kind == CELL_FLOAT)
        jw_double(w, c->f);
    else if (c->kind == CELL_BOOL)
        jw_bool(w, c->b);
    else if (c->kind == CELL_OBJECT)
        write_object(w, c->object);
    else {
        jw_begin_array(w);
        for (size_t i = 0; i < c->list.n; i++)
            write_cell(w, &c->list.items[i]);
        jw_end_array(w);
    }
    jw_end_object(w);
}

void remember_write(struct buf *out, const struct object *o)
{
    struct json_writer w = json_writer(out);
    write_object(&w, o);
}

/* ---- reading ---- */

static bool read_row(struct exec *x, struct object *o, const struct json *row)
{
    struct pg_result *r = arena_new_of(x->arena, struct pg_result);
    struct pg_column *columns = arena_array(x->arena, struct pg_column, row->n);
    r->n_rows = 1;
    r->n_columns = row->n;
    r->columns = columns;
    r->cells = arena_array(x->arena, struct str, row->n);
    for (uint32_t i = 0; i < row->n; i++) {
        const struct json *column = row->items[i];
        int64_t oid;
        if (column->kind != JSON_ARRAY || column->n != 3 || !json_to_i64(column->items[1], &oid))
            return false;
        columns[i] = (struct pg_column){column->items[0]->text, (uint32_t)oid};
        r->cells[i] = column->items[2]->kind == JSON_STRING ? column->items[2]->text : STR_NONE;
    }
    o->rows = r;
    o->restored = true;
    return true;
}

static struct cell read_cell(struct exec *x, const struct json *v)
{
    if (v->kind != JSON_OBJECT || v->n != 1)
        return cell_null();
    struct str kind = v->members[0].name;
    const struct json *value = v->members[0].value;
    struct cell c = cell_null();
    if (str_eq(kind, STR("text")))
        c = cell_text(value->text.p ? value->text : STR(""));
    else if (str_eq(kind, STR("json")))
        c = cell_json(value->text);
    else if (str_eq(kind, STR("bool")))
        c = cell_bool(value->boolean);
    else if (str_eq(kind, STR("object")))
        c = cell_object(remember_read(x, value));
    else if (str_eq(kind, STR("int"))) {
        c = cell_int(0);
        json_to_i64(value, &c.i);
    } else if (str_eq(kind, STR("float"))) {
        c = cell_float(0);
        json_to_double(value, &c.f);
    } else if (value->kind == JSON_ARRAY) {
        c = cell_list(arena_array(x->arena, struct cell, value->n), value->n);
        for (uint32_t i = 0; i < value->n; i++)
            c.list.items[i] = read_cell(x, value->items[i]);
    }
    return c;
}

struct object *remember_read(struct exec *x, const struct json *v)
{
    const struct gql_type *t = gql_schema_type(x->graph->schema, json_get_str(v, STR("type")));
    const struct json *row = json_get(v, STR("row")), *members = json_get(v, STR("members")),
                      *key = json_get(v, STR("key"));
    if (!t)
        return NULL;
    struct object *o = object_alloc(x, key ? OBJECT_REF : row ? OBJECT_ROW : OBJECT_MADE, t);
    o->json = json_get(v, STR("json"));
    if (o->json && o->kind == OBJECT_MADE)
        o->kind = OBJECT_JSON;
    if (key) {
        o->key = arena_cstr(x->arena, key->text);
        o->key_value = json_get_str(v, STR("value"));
    }
    if (row && (row->kind != JSON_ARRAY || !read_row(x, o, row)))
        return NULL;
    o->loaded = row != NULL;
    for (uint32_t i = 0; members && i < members->n; i++)
        object_put(o, arena_cstr(x->arena, members->members[i].name), read_cell(x, members->members[i].value));
    return o;
}
