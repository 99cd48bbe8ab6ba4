#include "subgraph/write.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/uuid.h"
#include "subgraph/remember.h"

#define ATTEMPTS 3
#define REMEMBERED_BYTES_MAX (4u << 20)

/* What one attempt has done so far. */
struct attempt {
    VEC(struct change) changes;
    struct object *success, *rejection;
    struct err err; /* of the statement that failed */
    const struct query *failed_query;
    bool failed, replayed;
};

static const struct query CLAIM_KEY = {
    .st = {.name = "kit_idempotency_claim",
           .sql = STR_INIT(
               "insert into idempotency as i (scope, key, input_hash) values ($1, $2, $3) on conflict (scope, key) do"
               " update set input_hash = excluded.input_hash, answer = null, created_at = now(),"
               " expires_at = now() + interval '30 days' where i.expires_at < now()")},
    .n_params = 3};
static const struct query READ_KEY = {
    .st = {.name = "kit_idempotency_read",
           .sql = STR_INIT("select input_hash, answer from idempotency where scope = $1 and key = $2")},
    .n_params = 2};
static const struct query REMEMBER_KEY = {
    .st = {.name = "kit_idempotency_remember",
           .sql = STR_INIT("update idempotency set answer = $3::jsonb where scope = $1 and key = $2")},
    .n_params = 3};
static const struct query RECORD = {
    .st = {.name = "kit_record", .sql = STR_INIT("select kit_record($1::jsonb, $2, $3, $4)")}, .n_params = 4};

/* ---- what the function says ---- */

struct pg_result *write_query(struct write *w, const struct query *q, const struct pg_param *params, unsigned n_params)
{
    struct attempt *a = w->private;
    if (a->failed)
        return NULL;
    struct pg_result *r = NULL;
    if (n_params != q->n_params) {
        err_set(&a->err, "INTERNAL_SERVER_ERROR", "it takes %u parameters and was given %u", q->n_params, n_params);
    } else {
        w->request->statements++;
        r = pg_tx_query(w->tx, &q->st, params, n_params, &a->err);
    }
    a->failed = r == NULL;
    a->failed_query = q;
    return r;
}

const char *write_sql_state(const struct write *w)
{
    const struct attempt *a = w->private;
    return a->failed ? a->err.code : NULL;
}

void write_event(struct write *w, const struct change *change)
{
    struct attempt *a = w->private;
    vec_push(w->request->arena, &a->changes, *change);
}

void write_result(struct write *w, struct object *success)
{
    ((struct attempt *)w->private)->success = success;
}

void write_reject(struct write *w, struct object *error)
{
    ((struct attempt *)w->private)->rejection = error;
}

/* ---- audit and outbox ---- */

static void write_member(struct json_writer *w, const char *name, struct str value, bool raw)
{
    if (!value.p)
        return;
    jw_name(w, str_c(name));
    if (raw)
        jw_raw(w, value);
    else
        jw_string(w, value);
}

static void write_uuid(struct json_writer *w, const char *name)
{
    struct uuid u = uuid_new();
    char text[UUID_LEN + 1];
    uuid_format(&u, text);
    jw_name(w, str_c(name));
    jw_string(w, str_c(text));
}

static void write_change(struct json_writer *w, const struct change *c, size_t n)
{
    jw_begin_object(w);
    jw_name(w, STR("n"));
    jw_i64(w, (int64_t)n);
    write_uuid(w, "id");
    write_uuid(w, "event_id");
    write_member(w, "entity", str_c(c->entity), false);
    write_member(w, "entity_id", c->id, false);
    jw_name(w, STR("version"));
    jw_i64(w, c->version);
    write_member(w, "action", str_c(c->action), false);
    write_member(w, "before", c->before, true);
    write_member(w, "after", c->after, true);
    write_member(w, "summary", c->summary, false);
    write_member(w, "customer", c->customer, false);
    write_member(w, "project", c->project, false);
    jw_end_object(w);
}

static struct str changes_json(struct arena *arena, const struct attempt *a)
{
    struct buf b;
    buf_init(&b, 64u << 20);
    struct json_writer w = json_writer(&b);
    jw_begin_array(&w);
    for (size_t i = 0; i < a->changes.n; i++)
        write_change(&w, &a->changes.v[i], i);
    jw_end_array(&w);
    struct str text = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct str actor_kind(const struct identity *caller)
{
    if (!caller->signed_in)
        return STR("SYSTEM");
    return caller->role == ROLE_CUSTOMER ? STR("CUSTOMER_TOKEN") : STR("USER");
}

static bool record_and_commit(struct write *w, struct attempt *a)
{
    struct request *r = w->request;
    const struct pg_param params[] = {{changes_json(r->arena, a)},
                                      {r->caller.signed_in ? r->caller.user : STR_NONE},
                                      {actor_kind(&r->caller)},
                                      {r->id}};
    a->failed_query = &RECORD;
    r->statements++;
    a->failed = pg_commit_with(&w->tx, &RECORD.st, params, PB_ARRAY_LEN(params), &a->err) != 0;
    return !a->failed;
}

/* ---- idempotency ---- */

static struct str key_scope(struct write *w, const struct write_options *o)
{
    return arena_printf(w->request->arena, "%s:%.*s", o->name, STR_ARG(w->request->caller.user));
}

static struct str input_hash(struct batch *b)
{
    struct buf text;
    char *hex = arena_alloc_raw(b->exec->arena, SHA256_HEX_LEN + 1);
    buf_init(&text, 64u << 20);
    if (b->args)
        json_write_canonical(&text, b->args);
    sha256_hex(buf_str(&text), hex);
    buf_free(&text);
    return str_mem(hex, SHA256_HEX_LEN);
}

static void replay(struct write *w, struct attempt *a, struct str hash, const struct pg_result *r)
{
    struct err err;
    struct exec *x = w->batch->exec;
    if (!str_eq(pg_get(r, 0, 0), hash)) {
        write_reject(w,
                     validation_error(w->batch,
                                      &(struct field_error){"input.idempotencyKey",
                                                            STR("this key was used with another input: use a new one")},
                                      1));
        return;
    }
    struct str text = pg_get(r, 0, 1);
    const struct json *v = text.p ? json_parse(x->arena, text, &err) : NULL;
    a->success = v ? remember_read(x, v) : NULL;
    a->replayed = true;
    if (a->success)
        return;
    err_set(&a->err, "INTERNAL_SERVER_ERROR", "the remembered answer cannot be read");
    a->failed = true;
}

/* True when the write is to be done; otherwise the attempt has its answer. A second caller waits here for the first. */
static bool claim_key(struct write *w, struct attempt *a, const struct write_options *o)
{
    struct str hash = input_hash(w->batch);
    const struct pg_param params[] = {{key_scope(w, o)}, {o->idempotency_key}, {hash}};
    struct pg_result *r = write_query(w, &CLAIM_KEY, params, 3);
    if (!r || r->affected == 1)
        return r != NULL;
    r = write_query(w, &READ_KEY, params, 2);
    if (r && r->n_rows == 1) {
        replay(w, a, hash, r);
    } else if (r) {
        err_set(&a->err, "40001", "the idempotency key vanished");
        a->failed = true;
    }
    return false;
}

static void remember_answer(struct write *w, struct attempt *a, const struct write_options *o)
{
    struct buf b;
    buf_init(&b, REMEMBERED_BYTES_MAX);
    remember_write(&b, a->success);
    if (buf_overflowed(&b)) {
        err_set(&a->err, "INTERNAL_SERVER_ERROR", "the answer is too large to be remembered");
        a->failed = true;
    } else {
        const struct pg_param params[] = {
            {key_scope(w, o)}, {o->idempotency_key}, {arena_str(w->request->arena, buf_str(&b))}};
        write_query(w, &REMEMBER_KEY, params, 3);
    }
    buf_free(&b);
}

/* ---- one attempt ---- */

static bool is_conflict(const struct attempt *a)
{
    return a->failed && (strcmp(a->err.code, "40001") == 0 || strcmp(a->err.code, "40P01") == 0);
}

static void attempt_run(struct write *w, struct attempt *a, const struct write_options *o, void (*fn)(struct write *w))
{
    struct batch *b = w->batch;
    bool with_key = o->idempotency_key.p != NULL;
    w->tx = pg_begin(w->request->pg, w->request->arena, &a->err);
    if (!w->tx) {
        a->failed = true;
        return;
    }
    if (!with_key || claim_key(w, a, o))
        fn(w);
    bool done = !a->failed && !a->rejection && !b->failures && a->success && a->changes.n;
    if (done && with_key)
        remember_answer(w, a, o);
    if (done && !a->failed)
        record_and_commit(w, a);
    if (w->tx)
        pg_rollback(&w->tx);
}

static void answer(struct batch *b, const struct attempt *a)
{
    if (b->failures)
        return;
    if (a->failed && strcmp(a->err.code, "PG_COMMIT_UNKNOWN") == 0)
        batch_fail_all(b, "INTERNAL_SERVER_ERROR",
                       "the connection was lost while the change was committed: look whether it happened, "
                       "or send it again with the same idempotency key");
    else if (a->rejection) /* also when it says in the graph's words what the statement failed of */
        batch_set_all(b, cell_object(a->rejection));
    else if (a->failed)
        batch_fail_sql(b, a->failed_query, &a->err);
    else if (a->success)
        batch_set_all(b, cell_object(a->success));
    else
        batch_fail_all(b, "INTERNAL_SERVER_ERROR", "the write gave no answer");
}

void batch_write(struct batch *b, const struct write_options *options, void (*fn)(struct write *w), void *arg)
{
    struct exec *x = b->exec;
    struct attempt *a = NULL;
    for (int i = 0; i < ATTEMPTS; i++) {
        a = arena_new_of(x->arena, struct attempt);
        b->failures = NULL;
        struct write w = {.batch = b, .request = &x->request, .arg = arg, .private = a};
        attempt_run(&w, a, options, fn);
        if (!is_conflict(a) || i == ATTEMPTS - 1)
            break;
        log_debug("%s: %s, again", options->name, a->err.msg);
        fiber_sleep((i + 1) * 10 * US_PER_MS);
    }
    loaders_forget(x);
    answer(b, a);
}

/* ---- errors that all services share ---- */

static struct object *error_new(struct batch *b, const char *type, const char *code, struct str message)
{
    struct object *o = object_new(b, type);
    object_put(o, "code", cell_text(str_c(code)));
    object_put(o, "message", cell_text(message));
    return o;
}

static struct cell path_cell(struct arena *a, struct str path)
{
    VEC(struct cell) parts = {0};
    struct str part;
    while (str_split(&path, '.', &part))
        vec_push(a, &parts, cell_text(part));
    return cell_list(parts.v, parts.n);
}

struct object *validation_error(struct batch *b, const struct field_error *fields, size_t n)
{
    struct arena *a = b->exec->arena;
    struct cell *list = arena_array(a, struct cell, n);
    for (size_t i = 0; i < n; i++) {
        struct object *f = object_new(b, "FieldError");
        object_put(f, "path", path_cell(a, str_c(fields[i].path)));
        object_put(f, "message", cell_text(fields[i].message));
        list[i] = cell_object(f);
    }
    struct str first = n ? fields[0].message : STR("the input is not valid");
    struct object *o = error_new(b, "ValidationError", "VALIDATION",
                                 n ? arena_printf(a, "%s: %.*s", fields[0].path, STR_ARG(first)) : first);
    object_put(o, "fields", cell_list(list, n));
    return o;
}

struct object *not_found_error(struct batch *b, const char *what, struct str id)
{
    struct str message =
        arena_printf(b->exec->arena, "there is no %s with id %.*s", what, (int)(id.len < 100 ? id.len : 100), id.p);
    struct object *o = error_new(b, "NotFoundError", "NOT_FOUND", message);
    object_put(o, "id", cell_text(id));
    return o;
}

struct object *conflict_error(struct batch *b, int64_t expected, int64_t current)
{
    struct str message =
        arena_printf(b->exec->arena, "it has changed since version %lld and is now at version %lld: read it again",
                     (long long)expected, (long long)current);
    struct object *o = error_new(b, "ConflictError", "VERSION_CONFLICT", message);
    object_put(o, "expectedVersion", cell_int(expected));
    object_put(o, "currentVersion", cell_int(current));
    return o;
}

struct object *forbidden_error(struct batch *b, const char *message, const char *const *scopes, size_t n)
{
    struct cell *list = arena_array(b->exec->arena, struct cell, n);
    for (size_t i = 0; i < n; i++)
        list[i] = cell_text(str_c(scopes[i]));
    struct object *o = error_new(b, "ForbiddenError", "FORBIDDEN", str_c(message));
    object_put(o, "requiredScopes", cell_list(list, n));
    return o;
}
