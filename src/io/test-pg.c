/* On a real server: test/with-postgres gives one in PAINTBOX_TEST_PG. Without it only the arrays are tested. */
#include "base/test.h"
#include "io/loop.h"
#include "io/pg.h"

struct run {
    struct pg_pool *pool;
    struct arena *arena;
    void (*scenario)(struct run *r);
    struct loop *loop;
    int done;
};

static void in_fiber(void *arg)
{
    struct run *r = arg;
    r->scenario(r);
    pg_pool_free(&r->pool);
}

static void run_with(void (*scenario)(struct run *r), const char *conninfo, unsigned connections, bool unnamed)
{
    struct run r = {.loop = loop_new(), .arena = arena_new(0), .scenario = scenario};
    char text[512];
    if (!getenv("PAINTBOX_TEST_PG"))
        skip();
    snprintf(text, sizeof text, "%s", conninfo ? conninfo : getenv("PAINTBOX_TEST_PG"));
    r.pool = pg_pool_new(r.loop, &(struct pg_options){.conninfo = str_c(text),
                                                      .database = STR("postgres"),
                                                      .connections = connections,
                                                      .unnamed_statements = unnamed});
    assert_true(loop_go(r.loop, in_fiber, &r));
    loop_run(r.loop);
    loop_free(&r.loop);
    arena_free(&r.arena);
}

static struct pg_result *ask(struct run *r, const char *sql, struct err *err)
{
    return pg_query(r->pool, r->arena, &(struct pg_statement){.name = "test", .sql = str_c(sql)}, NULL, 0, err);
}

/* ---- queries ---- */

static void query_values(struct run *r)
{
    static const struct pg_statement st = {
        "values", STR_INIT("select $1::int + 1 as n, $2::text as t, null::text as z, ''::text as e")};
    const struct pg_param params[] = {{STR("41")}, {STR("it's \\ é")}};
    const struct pg_column *columns = NULL;
    for (int i = 0; i < 3; i++) {
        struct err err;
        struct pg_result *q = pg_query(r->pool, r->arena, &st, params, 2, &err);
        assert_non_null(q);
        assert_int_equal(q->n_rows, 1);
        assert_int_equal(q->n_columns, 4);
        assert_str(pg_get(q, 0, 0), "42");
        assert_str(pg_get(q, 0, 1), "it's \\ é");
        assert_null(pg_get(q, 0, 2).p);
        assert_non_null(pg_get(q, 0, 3).p);
        assert_int_equal(pg_get(q, 0, 3).len, 0);
        assert_int_equal(pg_column_index(q, STR("z")), 2);
        assert_int_equal(pg_column_index(q, STR("y")), -1);
        assert_int_equal(q->columns[0].oid, 23);
        assert_true(!columns || columns == q->columns);
        columns = q->columns;
    }
}
static void values_come_back(void **state)
{
    run_with(query_values, NULL, 0, false);
}
static void unnamed_statements_work(void **state)
{
    run_with(query_values, NULL, 0, true);
}

static void query_errors(struct run *r)
{
    struct err err;
    assert_null(ask(r, "select nothing", &err));
    assert_string_equal(err.code, "42703");
    assert_null(ask(r, "selec", &err));
    assert_string_equal(err.code, "42601");
    assert_null(ask(r, "", &err));
    assert_null(ask(r, "select 1/0", &err));
    assert_string_equal(err.code, "22012");
    assert_null(ask(r, "select nothing", &err)); /* and again: it was not remembered as prepared */
    assert_string_equal(err.code, "42703");
    assert_non_null(ask(r, "select 1", &err));
    assert_int_equal(ask(r, "create temp table x as select generate_series(1, 3)", &err)->affected, 3);
    const struct pg_param nul = {str_mem("a\0b", 3)};
    assert_null(pg_query(r->pool, r->arena, &(struct pg_statement){"t", STR_INIT("select $1::text")}, &nul, 1, &err));
    assert_string_equal(err.code, "22021");
}
static void errors_have_codes(void **state)
{
    run_with(query_errors, NULL, 2, false);
}

struct one {
    struct run *r;
    int n;
    bool ok;
};

static void one_query(void *arg)
{
    struct one *o = arg;
    struct err err;
    static const struct pg_statement st = {"one", STR_INIT("select $1::int, repeat('x', 20000)")};
    static const struct pg_statement bad = {"bad", STR_INIT("select 1 / ($1::int - $1::int)")};
    struct pg_param p = {arena_printf(o->r->arena, "%d", o->n)};
    struct pg_result *q = pg_query(o->r->pool, o->r->arena, o->n % 5 ? &st : &bad, &p, 1, &err);
    o->ok = o->n % 5 ? q && str_eq(pg_get(q, 0, 0), p.text) && pg_get(q, 0, 1).len == 20000
                     : !q && strcmp(err.code, "22012") == 0;
}

static void query_together(struct run *r)
{
    struct one ones[300];
    struct fiber_group g;
    struct pg_stats stats;
    fiber_group_init(&g);
    for (int i = 0; i < 300; i++) {
        ones[i] = (struct one){r, i, false};
        fiber_group_go(&g, one_query, &ones[i]);
    }
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    for (int i = 0; i < 300; i++)
        assert_true(ones[i].ok);
    pg_pool_stats(r->pool, &stats);
    assert_true(stats.open <= 3);
    assert_int_equal(stats.errors, 60);
}
static void many_fibers_share_few_connections(void **state)
{
    run_with(query_together, NULL, 3, false);
}

/* ---- deadlines and faults ---- */

static void query_too_slow(struct run *r)
{
    struct err err;
    int64_t start = loop_now_us(r->loop);
    assert_non_null(ask(r, "select 1", &err));
    int64_t old = fiber_deadline_push(start + 300 * US_PER_MS);
    assert_null(ask(r, "select pg_sleep(20)", &err));
    fiber_deadline_pop(old);
    assert_string_equal(err.code, "PG_TIMEOUT");
    assert_non_null(ask(r, "select 1", &err));
    for (int i = 0; i < 40; i++) {
        struct pg_result *q = ask(r,
                                  "select count(*) from pg_stat_activity where query ~ 'sleep' and state = 'active' and"
                                  " pid <> pg_backend_pid()",
                                  &err);
        assert_non_null(q);
        if (str_eq(pg_get(q, 0, 0), STR("0")))
            return;
        fiber_sleep(50 * US_PER_MS);
    }
    fail_msg("the statement still runs");
}
static void a_deadline_stops_the_statement(void **state)
{
    run_with(query_too_slow, NULL, 2, false);
}

static void query_nobody(struct run *r)
{
    struct err err;
    int64_t start = loop_now_us(r->loop);
    assert_null(ask(r, "select 1", &err));
    assert_string_equal(err.code, "PG_UNAVAILABLE");
    assert_non_null(strstr(err.msg, "/nowhere"));
    for (int i = 0; i < 100; i++)
        assert_null(ask(r, "select 1", &err));
    assert_true(loop_now_us(r->loop) - start < 2 * US_PER_SEC); /* at once, while it backs off */
}
static void an_absent_server_is_said_at_once(void **state)
{
    run_with(query_nobody, "host=/nowhere user=x", 2, false);
}

/* ---- transactions ---- */

static struct pg_result *tx_ask(struct pg_tx *tx, const char *sql, struct err *err)
{
    return pg_tx_query(tx, &(struct pg_statement){.name = "test", .sql = str_c(sql)}, NULL, 0, err);
}

static struct str count(struct run *r)
{
    struct err err;
    struct pg_result *q = ask(r, "select count(*) from test_tx", &err);
    assert_non_null(q);
    return pg_get(q, 0, 0);
}

static void transactions(struct run *r)
{
    static const struct pg_statement last = {"last", STR_INIT("insert into test_tx values (3) returning n")};
    struct err err;
    struct pg_stats stats;
    assert_non_null(ask(r, "drop table if exists test_tx", &err));
    assert_non_null(ask(r, "create table test_tx (n int primary key)", &err));
    struct pg_tx *tx = pg_begin(r->pool, r->arena, &err);
    assert_non_null(tx_ask(tx, "insert into test_tx values (1)", &err));
    assert_str(count(r), "0");
    assert_int_equal(pg_commit(&tx, &err), 0);
    assert_null(tx);
    assert_str(count(r), "1");

    tx = pg_begin(r->pool, r->arena, &err);
    assert_non_null(tx_ask(tx, "insert into test_tx values (2)", &err));
    pg_rollback(&tx);
    assert_str(count(r), "1");

    tx = pg_begin(r->pool, r->arena, &err);
    assert_non_null(tx_ask(tx, "insert into test_tx values (2)", &err));
    assert_null(tx_ask(tx, "insert into test_tx values (1)", &err));
    assert_string_equal(err.code, "23505");
    assert_null(tx_ask(tx, "insert into test_tx values (5)", &err));
    assert_string_equal(err.code, "25P02");
    assert_int_equal(pg_commit(&tx, &err), -1);
    assert_null(tx);
    assert_str(count(r), "1");

    tx = pg_begin(r->pool, r->arena, &err);
    assert_int_equal(pg_commit_with(&tx, &last, NULL, 0, &err), 0);
    assert_str(count(r), "2");
    tx = pg_begin(r->pool, r->arena, &err);
    assert_int_equal(pg_commit_with(&tx, &last, NULL, 0, &err), -1);
    assert_string_equal(err.code, "23505");
    assert_str(count(r), "2");

    tx = pg_begin(r->pool, r->arena, &err); /* nothing was asked: nothing is sent */
    assert_int_equal(pg_commit(&tx, &err), 0);
    tx = pg_begin(r->pool, r->arena, &err);
    assert_null(tx_ask(tx, "select pg_terminate_backend(pg_backend_pid())", &err));
    assert_null(tx_ask(tx, "select 1", &err));
    assert_string_equal(err.code, "PG_UNAVAILABLE");
    pg_rollback(&tx);
    assert_str(count(r), "2");
    assert_non_null(ask(r, "drop table test_tx", &err));
    pg_pool_stats(r->pool, &stats);
    assert_int_equal(stats.busy, 0);
}
static void transactions_commit_or_leave_nothing(void **state)
{
    run_with(transactions, NULL, 2, false);
}

static void one_transaction(void *arg)
{
    struct one *o = arg;
    struct err err;
    struct pg_tx *tx = pg_begin(o->r->pool, o->r->arena, &err);
    struct pg_result *q = tx ? tx_ask(tx, "select pg_sleep(0.002)", &err) : NULL;
    struct pg_result *other = ask(o->r, "select 1", &err); /* a read beside a transaction does not wait for one */
    o->ok = q && other && pg_commit(&tx, &err) == 0;
}

static void queue_for_transactions(struct run *r)
{
    struct one ones[50];
    struct fiber_group g;
    fiber_group_init(&g);
    for (int i = 0; i < 50; i++) {
        ones[i] = (struct one){r, i, false};
        fiber_group_go(&g, one_transaction, &ones[i]);
    }
    fiber_group_wait(&g);
    for (int i = 0; i < 50; i++)
        assert_true(ones[i].ok);
}
static void transactions_wait_for_their_turn(void **state)
{
    run_with(queue_for_transactions, NULL, 3, false);
}

/* ---- closing ---- */

static const struct pg_statement SLEEPS = {"sleeps", STR_INIT("select pg_sleep(20)")};

static void closed_under_query(void *arg)
{
    struct one *o = arg;
    struct err err;
    o->ok = !pg_query(o->r->pool, o->r->arena, &SLEEPS, NULL, 0, &err) && strcmp(err.code, "PG_UNAVAILABLE") == 0;
}

/* One of these has the only connection for transactions, the others wait for it. */
static void closed_under_transaction(void *arg)
{
    struct one *o = arg;
    struct err err = {.code = "PG_UNAVAILABLE"};
    struct pg_tx *tx = pg_begin(o->r->pool, o->r->arena, &err);
    o->ok = !tx || !pg_tx_query(tx, &SLEEPS, NULL, 0, &err);
    o->ok = o->ok && strcmp(err.code, "PG_UNAVAILABLE") == 0;
    if (tx)
        pg_rollback(&tx);
}

static void close_while_busy(struct run *r)
{
    struct one ones[8];
    struct fiber_group g;
    struct err err;
    assert_non_null(ask(r, "select 1", &err));
    fiber_group_init(&g);
    for (int i = 0; i < 8; i++) {
        ones[i] = (struct one){r, i, false};
        fiber_group_go(&g, i % 2 ? closed_under_query : closed_under_transaction, &ones[i]);
    }
    fiber_sleep(300 * US_PER_MS);
    pg_pool_free(&r->pool);
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    for (int i = 0; i < 8; i++)
        assert_true(ones[i].ok);
}
static void a_pool_may_be_closed_under_its_callers(void **state)
{
    run_with(close_while_busy, NULL, 2, false);
}

static void commit_without_err(struct run *r)
{
    struct err err;
    const struct pg_param nul = {str_mem("a\0b", 3)};
    struct pg_tx *tx = pg_begin(r->pool, r->arena, &err);
    assert_non_null(tx);
    assert_int_equal(pg_commit_with(&tx, &(struct pg_statement){"t", STR_INIT("select $1::text")}, &nul, 1, NULL), -1);
    assert_null(tx);
}
static void a_commit_needs_no_err(void **state)
{
    run_with(commit_without_err, NULL, 2, false);
}

/* ---- arrays ---- */

static void arrays_are_read_as_written(void **state)
{
    struct arena *a = arena_new(0);
    const struct str items[] = {STR("a"), STR(""), STR_NONE, STR("q\"b\\c"), STR("NULL"), STR("{x,y}"), STR("é")};
    struct str *back;
    size_t n;
    struct str text = pg_array(a, items, 7);
    assert_str(text, "{\"a\",\"\",NULL,\"q\\\"b\\\\c\",\"NULL\",\"{x,y}\",\"é\"}");
    assert_true(pg_array_parse(a, text, &back, &n));
    assert_int_equal(n, 7);
    for (size_t i = 0; i < n; i++) {
        assert_true(!back[i].p == !items[i].p);
        assert_true(str_eq(back[i], items[i]));
    }
    assert_str(pg_array(a, NULL, 0), "{}");
    assert_true(pg_array_parse(a, STR("{}"), &back, &n) && n == 0);
    assert_true(pg_array_parse(a, STR("{1,null,2.5}"), &back, &n) && n == 3 && !back[1].p);
    assert_str(back[2], "2.5");
    static const char *const bad[] = {"",     "{",     "}",        "{a",    "a}",   "{a,}",
                                      "{,a}", "{\"a}", "{\"a\"b}", "{{1}}", "{a}b", "{\"a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(pg_array_parse(a, str_c(bad[i]), &back, &n));
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(arrays_are_read_as_written, values_come_back, unnamed_statements_work, errors_have_codes,
                     many_fibers_share_few_connections, a_deadline_stops_the_statement,
                     an_absent_server_is_said_at_once, transactions_commit_or_leave_nothing,
                     transactions_wait_for_their_turn, a_pool_may_be_closed_under_its_callers, a_commit_needs_no_err);
}
