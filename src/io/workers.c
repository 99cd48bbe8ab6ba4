#include "base/panic.h"
#include "io/loop_uv.h"

#include <pthread.h>
#include <stdio.h>

struct worker {
    struct workers *all;
    pthread_t thread;
    struct loop *loop;
    unsigned index;
};

struct workers {
    int (*start)(struct loop *loop, unsigned index, void *arg, struct err *err);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned answered; /* threads whose `start` has returned */
    bool failed;
    struct err err; /* the first one */
    unsigned n;
    struct worker v[];
};

static void worker_fiber(void *arg)
{
    struct worker *me = arg;
    struct workers *w = me->all;
    struct err err = {0};
    int rc = w->start(me->loop, me->index, w->arg, &err);
    pthread_mutex_lock(&w->lock);
    if (rc < 0 && !w->failed) {
        w->failed = true;
        w->err = err;
    }
    w->answered++;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *worker_main(void *arg)
{
    struct worker *me = arg;
    loop_run(me->loop);
    return NULL;
}

static int worker_start(struct workers *w, unsigned index, struct err *err)
{
    struct worker *me = &w->v[index];
    *me = (struct worker){.all = w, .index = index, .loop = loop_new()};
    loop_uv_hold(me->loop);
    loop_go(me->loop, worker_fiber, me);
    int rc = pthread_create(&me->thread, NULL, worker_main, me);
    if (rc == 0) {
        char name[sizeof "worker-4294967295"];
        snprintf(name, sizeof name, "worker-%u", index);
        name[15] = 0; /* the system's limit */
        pthread_setname_np(me->thread, name);
        return 0;
    }
    loop_free(&me->loop);
    return err_set(err, "NO_THREAD", "cannot start worker thread %u: %s", index, strerror(rc));
}

struct workers *workers_start(unsigned n, int (*start)(struct loop *loop, unsigned index, void *arg, struct err *err),
                              void *arg, struct err *err)
{
    if (n < 1 || n > WORKERS_MAX) {
        err_set(err, "BAD_WORKERS", "%u workers: the number must be from 1 to %d", n, WORKERS_MAX);
        return NULL;
    }
    struct workers *w = xcalloc(1, sizeof *w + n * sizeof *w->v);
    w->start = start;
    w->arg = arg;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    struct err first = {0};
    bool failed = false;
    while (w->n < n && !failed) {
        failed = worker_start(w, w->n, &first) < 0;
        w->n += !failed;
    }
    pthread_mutex_lock(&w->lock);
    while (w->answered < w->n)
        pthread_cond_wait(&w->changed, &w->lock);
    if (!failed && w->failed) {
        failed = true;
        first = w->err;
    }
    pthread_mutex_unlock(&w->lock);
    if (failed) {
        if (err)
            *err = first;
        workers_stop(&w);
    }
    return w;
}

struct loop *workers_loop(struct workers *w, unsigned index)
{
    PB_ASSERT(index < w->n);
    return w->v[index].loop;
}

unsigned workers_count(const struct workers *w)
{
    return w->n;
}

void workers_stop(struct workers **w)
{
    if (!*w)
        return;
    struct workers *all = *w;
    for (unsigned i = 0; i < all->n; i++)
        loop_stop(all->v[i].loop);
    for (unsigned i = 0; i < all->n; i++)
        pthread_join(all->v[i].thread, NULL);
    for (unsigned i = 0; i < all->n; i++)
        loop_free(&all->v[i].loop); /* after all have ended: they may post to each other until then */
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
    *w = NULL;
}
