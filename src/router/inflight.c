#include "router/inflight.h"

#include "base/panic.h"

struct inflight_waiter {
    struct inflight_waiter *next;
    struct fiber_wait wait;
};

static void unlist(struct inflight *f)
{
    if (!f->link)
        return;
    *f->link = f->next;
    if (f->next)
        f->next->link = f->link;
    f->link = NULL;
}

static uint64_t writes_now(const struct inflight_table *t)
{
    return __atomic_load_n(t->writes, __ATOMIC_ACQUIRE);
}

struct inflight *inflight_find(struct inflight_table *t, struct str key, int64_t since_us)
{
    uint64_t hash = str_hash(key);

    for (struct inflight *f = t->buckets[hash % INFLIGHT_BUCKETS]; f; f = f->next)
        if (f->hash == hash && str_eq(f->key, key) && f->began_us >= since_us && f->writes == writes_now(t)) {
            f->refs++;
            t->joined++;
            return f;
        }
    return NULL;
}

static void work(void *arg)
{
    struct inflight *f = arg;

    f->fiber = fiber_self();
    if (!f->abandoned)
        f->run(f);
    f->fiber = NULL;
    f->ended = true;
    unlist(f);
    for (struct inflight_waiter *w = f->waiters; w; w = w->next)
        fiber_done(&w->wait);
    f->table->n--;
    inflight_unref(f);
}

bool inflight_begin(struct inflight_table *t, struct inflight *f)
{
    if (!loop_go(t->loop, work, f))
        return false;
    f->table = t;
    f->hash = str_hash(f->key);
    f->refs = 2; /* the caller's and the fiber's */
    f->began_us = loop_now_us(t->loop);
    f->writes = writes_now(t);
    f->link = &t->buckets[f->hash % INFLIGHT_BUCKETS];
    f->next = *f->link;
    if (f->next)
        f->next->link = &f->next;
    *f->link = f;
    t->n++;
    t->begun++;
    return true;
}

static void abandon(struct inflight *f)
{
    unlist(f);
    f->abandoned = true;
    if (f->fiber)
        fiber_cancel(f->fiber);
}

static void enter(struct inflight *f, struct inflight_waiter *me)
{
    *(f->waiters ? &f->last_waiter->next : &f->waiters) = me;
    f->last_waiter = me;
}

static void leave(struct inflight *f, struct inflight_waiter *me)
{
    struct inflight_waiter *before = NULL, **at = &f->waiters;
    for (; *at != me; at = &(*at)->next)
        before = *at;
    *at = me->next;
    if (f->last_waiter == me)
        f->last_waiter = before;
}

enum wait_result inflight_wait(struct inflight *f)
{
    struct inflight_waiter me = {0};

    if (f->ended)
        return WAIT_OK;
    enter(f, &me);
    enum wait_result result = fiber_await(&me.wait);
    leave(f, &me);
    if (f->ended)
        return WAIT_OK;
    if (!f->waiters)
        abandon(f);
    return result;
}

void inflight_unref(struct inflight *f)
{
    PB_ASSERT(f->refs > 0);
    if (--f->refs == 0)
        f->destroy(f);
}

void inflight_drain(struct inflight_table *t)
{
    while (t->n > 0) {
        for (unsigned i = 0; i < INFLIGHT_BUCKETS; i++)
            for (struct inflight *f = t->buckets[i], *next; f; f = next) {
                next = f->next;
                if (!f->waiters)
                    abandon(f);
            }
        if (fiber_sleep(US_PER_MS) != WAIT_OK)
            fiber_yield();
    }
}
