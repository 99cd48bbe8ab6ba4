#include "io/redis.h"

#include "base/log.h"
#include "base/panic.h"
#include "io/address.h"
#include "io/loop_uv.h"

#include <hiredis/async.h>

#define CONNECT_TIMEOUT_US (2 * US_PER_SEC)
#define BACKOFF_MIN_US (100 * US_PER_MS)
#define BACKOFF_MAX_US (5 * US_PER_SEC)
#define REPLY_DEPTH_MAX 16
#define ARGS_MAX 64
#define REDIS_MAGIC 0x72656473u

enum redis_state {
    REDIS_DOWN,      /* no connection; the next call after retry_at_us opens one */
    REDIS_RESOLVING, /* its name is looked up; calls wait for that */
    REDIS_OPENING,   /* calls are queued in hiredis */
    REDIS_UP,
};

struct redis_waiter {
    struct fiber_wait wait;
    struct redis_waiter *next;
};

struct redis {
    uint32_t magic;
    enum redis_state state;
    struct loop *loop;
    struct loop_hook hook;
    struct str address;
    redisAsyncContext *ac;
    struct fiber_wait opened;
    struct redis_waiter *waiters;
    unsigned failures, refs;
    int64_t retry_at_us;
    struct err last_err;
    bool closing;
};

/* Malloced, because the answer may come after its caller has given up. */
struct call {
    struct fiber_wait wait;
    struct arena *arena; /* NULL: nobody waits any more */
    struct redis_reply *reply;
};

/* ---- hiredis on libuv ---- */

struct redis_events {
    redisAsyncContext *ac;
    uv_poll_t poll;
    int events;
};

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct redis_events *e = PB_CONTAINER_OF(poll, struct redis_events, poll);
    redisAsyncContext *ac = e->ac;
    /* Reading finds the error out; after it the context may be gone, which `e->ac` says. */
    if (ac && ((events & UV_READABLE) || status < 0))
        redisAsyncHandleRead(ac);
    if (e->ac && (events & UV_WRITABLE))
        redisAsyncHandleWrite(e->ac);
}

static void watch(struct redis_events *e, int events)
{
    e->events = events;
    if (events)
        uv_poll_start(&e->poll, events, on_socket);
    else
        uv_poll_stop(&e->poll);
}

static void add_read(void *e)
{
    watch(e, ((struct redis_events *)e)->events | UV_READABLE);
}
static void del_read(void *e)
{
    watch(e, ((struct redis_events *)e)->events & ~UV_READABLE);
}
static void add_write(void *e)
{
    watch(e, ((struct redis_events *)e)->events | UV_WRITABLE);
}
static void del_write(void *e)
{
    watch(e, ((struct redis_events *)e)->events & ~UV_WRITABLE);
}

static void events_closed(uv_handle_t *handle)
{
    free(PB_CONTAINER_OF((uv_poll_t *)handle, struct redis_events, poll));
}

static void cleanup(void *arg)
{
    struct redis_events *e = arg;
    e->ac = NULL;
    uv_close((uv_handle_t *)&e->poll, events_closed);
}

static bool attach(struct redis *r, redisAsyncContext *ac)
{
    struct redis_events *e = xcalloc(1, sizeof *e);
    e->ac = ac;
    if (uv_poll_init(loop_uv(r->loop), &e->poll, ac->c.fd) < 0) {
        free(e);
        return false;
    }
    uv_unref((uv_handle_t *)&e->poll);
    ac->ev.data = e;
    ac->ev.addRead = add_read;
    ac->ev.delRead = del_read;
    ac->ev.addWrite = add_write;
    ac->ev.delWrite = del_write;
    ac->ev.cleanup = cleanup;
    ac->data = r;
    return true;
}

/* ---- opening ---- */

static void unref(struct redis *r)
{
    if (--r->refs > 0)
        return;
    r->magic = 0;
    free((char *)r->address.p);
    free(r);
}

static void wake_waiters(struct redis *r)
{
    struct redis_waiter *w = r->waiters;
    r->waiters = NULL;
    for (struct redis_waiter *next; w; w = next) {
        next = w->next;
        fiber_done(&w->wait);
    }
}

static void went_down(struct redis *r, const char *why)
{
    uint32_t noise;
    int64_t pause = BACKOFF_MIN_US << (r->failures < 6 ? r->failures : 6);
    if (pause > BACKOFF_MAX_US)
        pause = BACKOFF_MAX_US;
    loop_random(r->loop, &noise, sizeof noise);
    err_set(&r->last_err, "REDIS_UNAVAILABLE", "Redis at %.*s: %s", STR_ARG(r->address), why);
    if (r->failures == 0 && !r->closing)
        log_warn("%s", r->last_err.msg);
    r->failures++;
    r->state = REDIS_DOWN;
    r->ac = NULL;
    r->retry_at_us = loop_now_us(r->loop) + pause / 2 + noise % (pause / 2);
    wake_waiters(r);
}

static void on_connect(const redisAsyncContext *ac, int status)
{
    struct redis *r = ac->data;
    PB_CHECK_MAGIC(r, REDIS_MAGIC);
    if (status == REDIS_OK) {
        r->state = REDIS_UP;
        r->failures = 0;
    } else {
        went_down(r, ac->errstr); /* hiredis frees the context */
    }
    fiber_done(&r->opened);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
    struct redis *r = ac->data;
    PB_CHECK_MAGIC(r, REDIS_MAGIC);
    went_down(r, status == REDIS_OK ? "closed" : ac->errstr);
    r->retry_at_us = 0; /* it was there a moment ago: the next call tries at once */
}

static redisAsyncContext *context_new(struct redis *r, struct err *err)
{
    struct str path = r->address;
    struct address_list list;
    char text[64];
    if (str_starts(path, STR("unix:")))
        return redisAsyncConnectUnix(path.p + strlen("unix:"));
    if (address_resolve(r->address, &list, err) != 0)
        return NULL;
    address_format(&list.v[0].sa, list.v[0].len, text, sizeof text);
    char *colon = strrchr(text, ':');
    if (!colon) {
        err_set(err, "BAD_ADDRESS", "%.*s is no address", STR_ARG(r->address));
        return NULL;
    }
    *colon = 0;
    bool six = text[0] == '[' && colon[-1] == ']';
    if (six)
        colon[-1] = 0;
    return redisAsyncConnect(text + six, atoi(colon + 1));
}

static void open_fiber(void *arg)
{
    struct redis *r = arg;
    struct err err = {.msg = "no memory for a connection"};
    redisAsyncContext *ac = context_new(r, &err);
    if (!ac || ac->err || r->closing || !attach(r, ac)) {
        went_down(r, !ac ? err.msg : ac->err ? ac->errstr : "closed");
        if (ac)
            redisAsyncFree(ac);
    } else {
        r->ac = ac;
        r->state = REDIS_OPENING;
        r->opened = (struct fiber_wait){0};
        redisAsyncSetConnectCallback(ac, on_connect);
        redisAsyncSetDisconnectCallback(ac, on_disconnect);
        wake_waiters(r);
        fiber_deadline_push(loop_now_us(r->loop) + CONNECT_TIMEOUT_US);
        if (fiber_await(&r->opened) != WAIT_OK && r->ac == ac && r->state == REDIS_OPENING) {
            went_down(r, "no answer");
            redisAsyncFree(ac);
        }
    }
    unref(r);
}

static void open_connection(struct redis *r)
{
    r->state = REDIS_RESOLVING;
    r->refs++;
    if (!loop_go(r->loop, open_fiber, r)) {
        r->refs--;
        went_down(r, "too many fibers");
    }
}

static void hook_fired(struct loop_hook *hook)
{
    struct redis *r = PB_CONTAINER_OF(hook, struct redis, hook);
    redis_free(&r);
}

struct redis *redis_new(struct loop *loop, struct str address)
{
    struct redis *r = xcalloc(1, sizeof *r);
    char *copy = xmalloc(address.len + 1);
    memcpy(copy, address.p, address.len);
    copy[address.len] = 0;
    r->magic = REDIS_MAGIC;
    r->loop = loop;
    r->address = str_mem(copy, address.len);
    r->refs = 1;
    r->hook.fn = hook_fired;
    loop_hook_add(loop, &r->hook);
    open_connection(r);
    return r;
}

void redis_free(struct redis **redis)
{
    struct redis *r = *redis;
    if (!r)
        return;
    PB_CHECK_MAGIC(r, REDIS_MAGIC);
    *redis = NULL;
    loop_hook_remove(&r->hook);
    r->closing = true;
    redisAsyncContext *ac = r->ac;
    if (ac)
        redisAsyncFree(ac); /* fails the calls that are out */
    if (r->state != REDIS_DOWN)
        went_down(r, "closed");
    fiber_done(&r->opened);
    unref(r);
}

bool redis_connected(const struct redis *r)
{
    return r->state == REDIS_UP;
}

/* ---- calls ---- */

static struct redis_reply *copy_reply(struct arena *a, const redisReply *from, unsigned depth)
{
    struct redis_reply *to = arena_new_of(a, struct redis_reply);
    switch (from->type) {
    case REDIS_REPLY_NIL: to->kind = REDIS_NIL; break;
    case REDIS_REPLY_INTEGER:
        to->kind = REDIS_INTEGER;
        to->integer = from->integer;
        break;
    case REDIS_REPLY_ARRAY:
        to->kind = REDIS_ARRAY;
        to->n = depth < REPLY_DEPTH_MAX ? from->elements : 0;
        to->items = arena_array(a, struct redis_reply, to->n);
        for (size_t i = 0; i < to->n; i++)
            to->items[i] = *copy_reply(a, from->element[i], depth + 1);
        break;
    default:
        to->kind = from->type == REDIS_REPLY_STATUS  ? REDIS_STATUS
                   : from->type == REDIS_REPLY_ERROR ? REDIS_ERROR
                                                     : REDIS_STRING;
        to->text = arena_str(a, str_mem(from->str, (size_t)from->len));
    }
    return to;
}

static void on_reply(redisAsyncContext *ac, void *reply, void *arg)
{
    struct call *call = arg;
    if (!call->arena) {
        free(call);
        return;
    }
    if (reply)
        call->reply = copy_reply(call->arena, reply, 0);
    fiber_done(&call->wait);
}

static int wait_error(enum wait_result w, struct err *err)
{
    return err_set(err, w == WAIT_DEADLINE ? "REDIS_TIMEOUT" : "REDIS_CANCELLED", "Redis: %s", wait_result_text(w));
}

static int wait_until_resolved(struct redis *r, struct err *err)
{
    if (r->state == REDIS_DOWN && !r->closing && loop_now_us(r->loop) >= r->retry_at_us)
        open_connection(r);
    if (r->state == REDIS_RESOLVING) {
        struct redis_waiter w = {.next = r->waiters};
        r->waiters = &w;
        enum wait_result result = fiber_await(&w.wait);
        if (result != WAIT_OK) {
            for (struct redis_waiter **at = &r->waiters; *at; at = &(*at)->next) {
                if (*at == &w) {
                    *at = w.next;
                    break;
                }
            }
            return wait_error(result, err);
        }
    }
    if (r->ac && r->state != REDIS_DOWN)
        return 0;
    if (err)
        *err = r->last_err;
    return -1;
}

static struct redis_reply *call_and_wait(struct redis *r, struct arena *a, const struct str *args, unsigned n,
                                         struct err *err)
{
    const char *argv[ARGS_MAX];
    size_t lengths[ARGS_MAX];
    PB_CHECK_MAGIC(r, REDIS_MAGIC);
    PB_ASSERT(n > 0 && n <= ARGS_MAX);
    for (unsigned i = 0; i < n; i++) {
        argv[i] = args[i].p ? args[i].p : "";
        lengths[i] = args[i].len;
    }
    if (wait_until_resolved(r, err) != 0)
        return NULL;
    struct call *call = xcalloc(1, sizeof *call);
    call->arena = a;
    if (redisAsyncCommandArgv(r->ac, on_reply, call, (int)n, argv, lengths) != REDIS_OK) {
        free(call);
        err_set(err, "REDIS_UNAVAILABLE", "Redis: the connection is being closed");
        return NULL;
    }
    enum wait_result w = fiber_await(&call->wait);
    if (w != WAIT_OK) {
        call->arena = NULL;
        wait_error(w, err);
        return NULL;
    }
    struct redis_reply *reply = call->reply;
    free(call);
    if (!reply && err)
        *err = r->last_err;
    if (reply && reply->kind == REDIS_ERROR) {
        err_set(err, "REDIS_ERROR", "Redis: %.*s", (int)(reply->text.len < 800 ? reply->text.len : 800), reply->text.p);
        reply = NULL;
    }
    return reply;
}

struct redis_reply *redis_call(struct redis *r, struct arena *a, const struct str *args, unsigned n, struct err *err)
{
    r->refs++; /* redis_free() may come while this waits */
    struct redis_reply *reply = call_and_wait(r, a, args, n, err);
    unref(r);
    return reply;
}
