#include "router/response.h"

#include "graphql/introspect.h"

/* One step of the path from the root of the response to where the walk is. */
struct step {
    const struct step *up; /* NULL at the root */
    struct str key;        /* .p NULL: a list index */
    uint32_t index;
};

enum written {
    WROTE_VALUE,
    WROTE_NOTHING,  /* null, and nobody has said why */
    WROTE_EXPLAINED /* null, and an error says why */
};

struct writer {
    struct result *result;
    struct buf *out;
    struct response_pieces *pieces; /* NULL: everything is copied */
    struct buf errors; /* error objects, comma separated */
    uint32_t n_errors, n_shown;
    bool shows_unset; /* null was written where no fetch has brought anything */
    const struct gql_variables *variables;
};

/* ---- errors ---- */

static void write_steps(struct buf *b, const struct step *at)
{
    if (at->up) {
        write_steps(b, at->up);
        buf_add_char(b, ',');
    }
    if (at->key.p)
        json_write_string(b, at->key);
    else
        buf_add_u64(b, at->index);
}

/* The client's field that shows this slot; variants that do not show it are passed over. */
static const struct plan_output_field *output_of_slot(const struct plan_output *output, uint32_t slot)
{
    for (uint32_t v = 0; output && v < output->n_variants; v++)
        for (uint32_t i = 0; i < output->variants[v].n_fields; i++) {
            const struct plan_output_field *field = &output->variants[v].fields[i];
            if (field->kind == PLAN_OUT_SLOT && field->slot == slot)
                return field;
        }
    return NULL;
}

/* What a subgraph's path says below the place of the error, in the client's names. */
static void write_rest_of_path(struct buf *b, const struct result_error *e, const struct plan_output *output)
{
    const struct plan_shape *shape = e->shape;

    for (uint32_t i = e->path_from; e->path && i < e->path->n; i++) {
        const struct json *step = e->path->items[i];
        buf_add_char(b, ',');
        if (step->kind != JSON_STRING) {
            json_write(b, step);
            continue;
        }
        const struct plan_shape_field *field = NULL;
        for (uint32_t f = 0; shape && f < shape->n_fields; f++)
            if (str_eq(shape->fields[f].key, step->text))
                field = &shape->fields[f];
        const struct plan_output_field *shown = field ? output_of_slot(output, field->slot) : NULL;
        json_write_string(b, shown ? shown->key : step->text);
        shape = field ? field->child : NULL;
        output = shown ? shown->child : NULL;
    }
}

/* The subgraph's object as it is, and what it lacks. */
static void write_extensions(struct buf *b, struct arena *a, const struct result_error *e)
{
    struct json_writer w = json_writer(b);
    struct json_reader r;
    struct str name, raw;
    bool has_escapes, has_code = false, has_service = false;

    jw_begin_object(&w);
    json_reader_init(&r, e->extensions.p ? e->extensions : STR("{}"), NULL);
    json_enter_object(&r);
    for (bool first = true; json_next_member(&r, &first, &name, &has_escapes) && json_skip(&r, &raw);) {
        if (has_escapes)
            name = json_unescape(a, name);
        has_code |= str_eq(name, STR("code"));
        has_service |= str_eq(name, STR("service"));
        jw_name(&w, name);
        jw_raw(&w, raw);
    }
    if (!has_code) {
        jw_name(&w, STR("code"));
        jw_string(&w, e->code);
    }
    if (e->service.p && !has_service) {
        jw_name(&w, STR("service"));
        jw_string(&w, e->service);
    }
    jw_end_object(&w);
}

static bool begin_error(struct writer *w, struct str message)
{
    bool room = w->n_shown < RESPONSE_ERRORS_MAX && w->errors.len < RESPONSE_ERRORS_BYTES_MAX;
    w->n_errors++;
    if (!room)
        return false;
    w->n_shown++;
    if (w->errors.len)
        buf_add_char(&w->errors, ',');
    buf_add(&w->errors, STR("{\"message\":"));
    json_write_string(&w->errors, message);
    return true;
}

static void write_error(struct writer *w, struct result_error *e, const struct step *at,
                        const struct plan_output *below)
{
    e->written = true;
    if (!begin_error(w, e->message))
        return;
    if (at) {
        buf_add(&w->errors, STR(",\"path\":["));
        write_steps(&w->errors, at);
        write_rest_of_path(&w->errors, e, below);
        buf_add_char(&w->errors, ']');
    }
    buf_add(&w->errors, STR(",\"extensions\":"));
    write_extensions(&w->errors, w->result->arena, e);
    buf_add_char(&w->errors, '}');
}

static void write_own_error(struct writer *w, const struct step *at, const struct plan_output_field *field,
                            struct str code, struct str message)
{
    if (!begin_error(w, message))
        return;
    if (field->selection && field->selection->loc.line)
        buf_printf(&w->errors, ",\"locations\":[{\"line\":%u,\"column\":%u}]", field->selection->loc.line,
                   field->selection->loc.column);
    buf_add(&w->errors, STR(",\"path\":["));
    write_steps(&w->errors, at);
    buf_add(&w->errors, STR("],\"extensions\":{\"code\":"));
    json_write_string(&w->errors, code);
    buf_add(&w->errors, STR("}}"));
}

/* ---- values ---- */

static bool is_piece(const struct writer *w, const struct slot *leaf)
{
    return w->pieces && leaf->len >= w->pieces->min;
}

static void write_leaf(struct writer *w, const struct slot *leaf)
{
    struct response_pieces *p = w->pieces;

    if (!is_piece(w, leaf)) {
        buf_add_mem(w->out, leaf->leaf, leaf->len);
        return;
    }
    p->overflowed |= leaf->len > RESPONSE_BYTES_MAX - p->bytes;
    if (p->overflowed)
        return;
    vec_push(w->result->arena, &p->all, (struct response_piece){w->out->len, str_mem(leaf->leaf, leaf->len)});
    p->bytes += leaf->len;
}

/* Back to where something began, that is before its first bracket. */
static void take_back(struct writer *w, size_t begin)
{
    struct response_pieces *p = w->pieces;

    buf_truncate(w->out, begin);
    while (p && p->all.n && vec_last(&p->all).at > begin)
        p->bytes -= p->all.v[--p->all.n].text.len;
}

static enum written write_object(struct writer *w, const struct record *rec, const struct plan_output *output,
                                 const struct step *at, const struct plan_output_field *field);

static enum written write_value(struct writer *w, const struct gql_tref *type, const struct slot *s,
                                const struct plan_output_field *field, const struct step *at);

static enum written write_list(struct writer *w, const struct gql_tref *item_type, const struct slot_list *list,
                               const struct plan_output_field *field, const struct step *at)
{
    size_t begin = w->out->len;

    buf_add_char(w->out, '[');
    for (uint32_t i = 0; i < list->n; i++) {
        struct step here = {.up = at, .index = i};
        if (i)
            buf_add_char(w->out, ',');
        enum written item = write_value(w, item_type, &list->items[i], field, &here);
        if (item != WROTE_VALUE) {
            take_back(w, begin);
            return item;
        }
    }
    buf_add_char(w->out, ']');
    return WROTE_VALUE;
}

static enum written write_errors_of(struct writer *w, const struct slot *s, const struct plan_output_field *field,
                                    const struct step *at)
{
    for (struct error_link *link = s->errors; link; link = link->next)
        write_error(w, link->error, at, field->child);
    return WROTE_EXPLAINED;
}

static enum written write_nullable(struct writer *w, const struct gql_tref *type, const struct slot *s,
                                   const struct plan_output_field *field, const struct step *at)
{
    switch (s->kind) {
    case SLOT_LEAF:
        write_leaf(w, s);
        return WROTE_VALUE;
    case SLOT_RECORD:
        return write_object(w, s->record, field->child, at, field);
    case SLOT_LIST:
        return write_list(w, type->of, s->list, field, at);
    case SLOT_ERROR:
        return write_errors_of(w, s, field, at);
    default:
        return WROTE_NOTHING;
    }
}

/* A value of any type. Not WROTE_VALUE: the type is non-null, there was none, and the parent has to be null. */
static enum written write_value(struct writer *w, const struct gql_tref *type, const struct slot *s,
                                const struct plan_output_field *field, const struct step *at)
{
    bool non_null = type->kind == GQL_REF_NON_NULL;
    enum written result = write_nullable(w, non_null ? type->of : type, s, field, at);

    if (result == WROTE_VALUE)
        return WROTE_VALUE;
    if (!non_null) {
        w->shows_unset |= s->kind == SLOT_UNSET;
        if (s->kind == SLOT_UNSET)
            write_own_error(w, at, field, STR("INTERNAL_SERVER_ERROR"),
                            arena_printf(w->result->arena, "No subgraph has answered %.*s.", STR_ARG(field->coordinate)));
        buf_add(w->out, STR("null"));
        return WROTE_VALUE;
    }
    if (result == WROTE_NOTHING)
        write_own_error(w, at, field, STR("INTERNAL_SERVER_ERROR"),
                        arena_printf(w->result->arena, "Cannot return null for non-nullable field %.*s.",
                                     STR_ARG(field->coordinate)));
    return WROTE_EXPLAINED;
}

static const struct plan_output_variant *variant_for(const struct plan_output *output, const struct gql_type *type)
{
    for (uint32_t i = 0; i < output->n_variants; i++)
        if (!output->variants[i].types || (type && bits_has(output->variants[i].types, type->id)))
            return &output->variants[i];
    return NULL;
}

static enum written refuse(struct writer *w, const struct plan_output_field *field, const struct step *at)
{
    write_own_error(w, at, field, STR("UNAUTHORIZED_FIELD_OR_TYPE"),
                    arena_printf(w->result->arena,
                                 "Not authorized to read %.*s: the token lacks a scope that it requires",
                                 STR_ARG(field->coordinate)));
    if (field->type->kind == GQL_REF_NON_NULL)
        return WROTE_EXPLAINED;
    buf_add(w->out, STR("null"));
    return WROTE_VALUE;
}

static enum written unknown_runtime_type(struct writer *w, const struct record *rec,
                                         const struct plan_output_field *field, const struct step *at)
{
    struct arena *a = w->result->arena;
    const struct gql_type *type = rec->type;
    struct str message =
        type ? arena_printf(a, "Abstract type %.*s was resolved to %.*s, which is no possible type of it in the API schema",
                            STR_ARG(rec->layout->type->name), STR_ARG(type->name))
             : arena_printf(a, "The subgraphs did not say which type of %.*s this object has", STR_ARG(rec->layout->type->name));
    write_own_error(w, at, field, STR("INTERNAL_SERVER_ERROR"), message);
    return WROTE_EXPLAINED;
}

static enum written write_typename(struct writer *w, const struct record *rec, const struct plan_output_field *field,
                                   const struct step *at)
{
    const struct gql_type *type = rec->type ? rec->type : rec->layout->type;
    if (type->kind != GQL_OBJECT_TYPE)
        return unknown_runtime_type(w, rec, field, at);
    buf_add_char(w->out, '"');
    buf_add(w->out, type->name);
    buf_add_char(w->out, '"');
    return WROTE_VALUE;
}

static enum written write_field(struct writer *w, const struct record *rec, const struct plan_output_field *field,
                                const struct step *up)
{
    struct step at = {.up = up, .key = field->key};
    const struct plan *plan = w->result->plan;

    switch (field->kind) {
    case PLAN_OUT_SLOT:
        return write_value(w, field->type, &rec->slots[field->slot], field, &at);
    case PLAN_OUT_TYPENAME:
        return write_typename(w, rec, field, &at);
    case PLAN_OUT_INTROSPECTION:
        gql_introspect(w->out, w->result->arena, plan->supergraph->api, plan->document, field->selection, w->variables);
        return WROTE_VALUE;
    case PLAN_OUT_REFUSED:
        return refuse(w, field, &at);
    }
    return WROTE_NOTHING;
}

/* What some subgraph takes for the type need not be one that the API allows there. */
static bool type_allowed(const struct writer *w, const struct record *rec, const struct plan_output_field *field)
{
    if (!rec->type || rec->layout->concrete || !field)
        return true;
    const struct gql_type *api = w->result->api_types[rec->type->id], *declared = gql_tref_named(field->type);
    return api && (declared == api || (declared->possible && bits_has(declared->possible, api->id)));
}

/* memcpy() for the short texts that responses are made of. */
static inline char *put(char *to, const char *from, size_t n)
{
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        uint64_t head, tail;
        memcpy(&head, from, 8);
        memcpy(&tail, from + n - 8, 8);
        memcpy(to, &head, 8);
        memcpy(to + n - 8, &tail, 8);
    } else if (n >= 4) {
        uint32_t head, tail;
        memcpy(&head, from, 4);
        memcpy(&tail, from + n - 4, 4);
        memcpy(to, &head, 4);
        memcpy(to + n - 4, &tail, 4);
    } else if (n) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
    return to + n;
}

/* Writes members as long as they are leaves, as most of them are, and there is room. Gives the first one that is left. */
static uint32_t write_leaves(struct writer *w, const struct record *rec, const struct plan_output_variant *variant, uint32_t i)
{
    struct buf *out = w->out;
    char *p = out->p + out->len;
    const char *end = out->p + out->cap;

    for (; i < variant->n_fields; i++) {
        const struct plan_output_field *field = &variant->fields[i];
        const struct slot *s = &rec->slots[field->slot];
        if (field->kind != PLAN_OUT_SLOT || s->kind != SLOT_LEAF || is_piece(w, s) ||
            1 + field->key_json.len + s->len > (size_t)(end - p))
            break;
        *p = ',';
        p = put(put(p + (i > 0), field->key_json.p, field->key_json.len), s->leaf, s->len);
    }
    out->len = (size_t)(p - out->p);
    return i;
}

static enum written write_object(struct writer *w, const struct record *rec, const struct plan_output *output,
                                 const struct step *at, const struct plan_output_field *field)
{
    size_t begin = w->out->len;
    const struct plan_output_variant *variant = variant_for(output, rec->type);

    if (!variant || !type_allowed(w, rec, field))
        return unknown_runtime_type(w, rec, field, at);
    buf_add_char(w->out, '{');
    for (uint32_t i = 0; (i = write_leaves(w, rec, variant, i)) < variant->n_fields; i++) {
        if (i)
            buf_add_char(w->out, ',');
        buf_add(w->out, variant->fields[i].key_json);
        if (write_field(w, rec, &variant->fields[i], at) != WROTE_VALUE) {
            take_back(w, begin);
            return WROTE_EXPLAINED;
        }
    }
    buf_add_char(w->out, '}');
    return WROTE_VALUE;
}

/* ---- the response ---- */

/* What hangs at a slot that the walk did not pass lies below a place that another error has made null, or at a field
 * that only the router wanted: the client has no use for it, unless it may be the reason for a null that has none. */
static void write_unplaced_errors(struct writer *w)
{
    bool may_explain = w->shows_unset;

    for (size_t i = 0; i < w->result->errors.n; i++) {
        struct result_error *e = w->result->errors.v[i];
        if (!e->written && (!e->hung || may_explain))
            write_error(w, e, NULL, NULL);
    }
}

static void write_surplus(struct writer *w)
{
    uint32_t surplus = w->n_errors - w->n_shown;
    buf_printf(&w->errors,
               ",{\"message\":\"%u more errors were left out\",\"extensions\":{\"code\":\"TOO_MANY_ERRORS\"}}",
               surplus);
}

void response_write(struct buf *out, struct response_pieces *pieces, struct result *r,
                    const struct gql_variables *variables)
{
    struct writer w = {.result = r, .out = out, .pieces = pieces, .variables = variables};

    buf_init(&w.errors, RESPONSE_BYTES_MAX);
    buf_add(out, STR("{\"data\":"));
    if (write_object(&w, r->root, r->plan->output, NULL, NULL) != WROTE_VALUE)
        buf_add(out, STR("null"));
    write_unplaced_errors(&w);
    if (w.n_errors) {
        if (w.n_errors > w.n_shown)
            write_surplus(&w);
        buf_add(out, STR(",\"errors\":["));
        buf_add(out, buf_str(&w.errors));
        buf_add_char(out, ']');
    }
    buf_add_char(out, '}');
    buf_free(&w.errors);
}

void response_write_request_errors(struct buf *out, const struct gql_errors *errors)
{
    buf_add(out, STR("{\"errors\":["));
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        buf_add(out, i ? STR(",{\"message\":") : STR("{\"message\":"));
        json_write_string(out, e->message);
        for (uint32_t k = 0; k < e->n_locs; k++)
            buf_printf(out, "%s{\"line\":%u,\"column\":%u}%s", k ? "," : ",\"locations\":[", e->locs[k].line,
                       e->locs[k].column, k + 1 == e->n_locs ? "]" : "");
        if (e->code.p) {
            buf_add(out, STR(",\"extensions\":{\"code\":"));
            json_write_string(out, e->code);
            buf_add_char(out, '}');
        }
        buf_add_char(out, '}');
    }
    buf_add(out, STR("]}"));
}
