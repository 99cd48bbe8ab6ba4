#include "router/reload.h"

#include "base/file.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/timestamp.h"
#include "io/fiber.h"

#include <stdlib.h>
#include <sys/stat.h>

#define LOOK_US (500 * US_PER_MS)

/* What tells one content of a file from another without reading it. All zero: there is none. */
struct file_mark {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

/* A graph that is not used for new requests any more. Kept until the last request that began on it has ended, so that
 * no worker has to free it. */
struct retired {
    struct retired *next;
    struct graph *graph;
};

struct reload {
    struct reload_options options;
    struct loop *loop;
    struct graph *graph;
    struct retired *retired;
    struct file_mark tried; /* the file that was read last, good or bad */
    struct file_mark seen;  /* by the last look */
    struct fiber_wait wake;
    bool asked; /* SIGHUP: read it now */
    bool stop;  /* atomic */
};

static struct file_mark mark_of(struct str path)
{
    struct arena *a = arena_new(0);
    struct stat st;
    struct file_mark mark;

    memset(&mark, 0, sizeof mark); /* compared as bytes */
    if (stat(arena_cstr(a, path), &st) == 0) {
        mark.device = st.st_dev;
        mark.inode = st.st_ino;
        mark.size = st.st_size;
        mark.modified = st.st_mtim;
        mark.changed = st.st_ctim;
    }
    arena_free(&a);
    return mark;
}

static bool same_mark(const struct file_mark *a, const struct file_mark *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- one attempt, on a helper thread ---- */

enum outcome { NOTHING_NEW, STILL_CHANGING, SAME_TEXT, NOT_USABLE, LOADED };

struct attempt {
    struct reload *reload;
    bool asked; /* by SIGHUP */
    struct arena *arena;
    enum outcome outcome;
    struct graph *graph; /* LOADED */
    struct warm_report warm;
    int64_t load_us, warm_us;
    struct err err; /* NOT_USABLE */
};

static enum outcome read_graph(struct attempt *at, const struct file_mark *mark)
{
    struct reload *r = at->reload;
    const struct reload_options *o = &r->options;
    struct str sdl = file_read(at->arena, arena_cstr(at->arena, o->path), SUPERGRAPH_BYTES_MAX, &at->err);
    struct file_mark after = mark_of(o->path);

    if (!same_mark(mark, &after)) {
        r->seen = after;
        return STILL_CHANGING;
    }
    r->tried = after;
    if (sdl.p && str_eq(sdl, r->graph->supergraph->sdl))
        return SAME_TEXT;
    at->graph = sdl.p ? graph_new(sdl, &o->graph, &at->err) : NULL;
    return at->graph ? LOADED : NOT_USABLE;
}

static void attempt_run(void *arg)
{
    struct attempt *at = arg;
    struct reload *r = at->reload;
    struct file_mark mark = mark_of(r->options.path);
    int64_t begin = clock_monotonic_us();

    if (!at->asked && same_mark(&mark, &r->tried))
        return;
    if (!at->asked && !same_mark(&mark, &r->seen)) {
        r->seen = mark;
        at->outcome = STILL_CHANGING;
        return;
    }
    at->outcome = read_graph(at, &mark);
    at->load_us = clock_monotonic_us() - begin;
    if (at->outcome == LOADED)
        graph_warm(at->graph, r->graph, &r->options.warm, at->arena, &at->warm);
    at->warm_us = clock_monotonic_us() - begin - at->load_us;
}

/* ---- on the loop ---- */

static void log_loaded(const struct attempt *at)
{
    const struct warm_report *w = &at->warm;
    log_info("the new supergraph is in use: %u subgraphs, loaded in %lld ms; %u operations and %u plans prepared in %lld ms",
             at->graph->supergraph->n_subgraphs, (long long)(at->load_us / 1000), w->ready, w->plans,
             (long long)(at->warm_us / 1000));
    if (w->invalid)
        log_warn("%u of the %u hottest operations are no longer valid: %.*s", w->invalid, w->hottest,
                 STR_ARG(w->invalid_names));
    if (w->out_of_time)
        log_warn("%u of the %u hottest operations were not prepared: the time for it was over",
                 w->hottest - w->ready - w->invalid, w->hottest);
}

static void swap(struct reload *r, struct graph *fresh)
{
    struct retired *old = xmalloc(sizeof *old);
    *old = (struct retired){r->retired, r->graph};
    r->retired = old;
    r->graph = fresh;
    r->options.adopt(r->options.arg, fresh);
}

static void attempt_ended(struct reload *r, struct attempt *at)
{
    switch (at->outcome) {
    case LOADED:
        swap(r, at->graph);
        log_loaded(at);
        break;
    case NOT_USABLE:
        log_error("the supergraph %.*s has changed and cannot be used; the one before stays: %s",
                  STR_ARG(r->options.path), at->err.msg);
        break;
    case SAME_TEXT:
        if (at->asked)
            log_info("the supergraph has not changed");
        break;
    case STILL_CHANGING:
        r->asked |= at->asked; /* that promise is kept at the next look */
        break;
    case NOTHING_NEW:
        break;
    }
}

static void free_graph(void *arg)
{
    struct graph *g = arg;
    graph_unref(&g);
}

static void free_retired(struct reload *r)
{
    for (struct retired **link = &r->retired, *old; (old = *link);) {
        if (!graph_is_last(old->graph)) {
            link = &old->next;
            continue;
        }
        *link = old->next;
        fiber_offload(free_graph, old->graph);
        free(old);
    }
}

static void look(struct reload *r)
{
    struct attempt at = {.reload = r, .arena = arena_new(2 * SUPERGRAPH_BYTES_MAX), .asked = r->asked};

    r->asked = false;
    fiber_offload(attempt_run, &at);
    attempt_ended(r, &at);
    arena_free(&at.arena);
}

/* False when the loop ends. */
static bool wait_for_look(struct reload *r)
{
    int64_t old = fiber_deadline_push(loop_now_us(r->loop) + LOOK_US);
    enum wait_result result = fiber_await(&r->wake);
    fiber_deadline_pop(old);
    return result != WAIT_CANCELLED;
}

static void watch(void *arg)
{
    struct reload *r = arg;
    while (wait_for_look(r)) {
        if (r->options.watch || r->asked)
            look(r);
        free_retired(r);
    }
}

static void asked_by_signal(struct loop *loop, int signo, void *arg)
{
    struct reload *r = arg;
    if (str_eq(r->options.path, STR("-"))) {
        log_warn("the supergraph came from standard input and cannot be read again");
        return;
    }
    r->asked = true;
    fiber_done(&r->wake);
}

/* ---- life ---- */

struct reload *reload_new(const struct reload_options *options, struct err *err)
{
    struct reload *r = xcalloc(1, sizeof *r);
    r->options = *options;
    r->options.warm.stop = &r->stop;
    if (str_eq(options->path, STR("-")))
        r->options.watch = false;
    r->tried = r->seen = mark_of(options->path); /* before reading: what is written meanwhile is seen later */
    r->graph = graph_read(options->path, &options->graph, err);
    if (!r->graph) {
        free(r);
        return NULL;
    }
    return r;
}

struct graph *reload_graph(struct reload *r)
{
    return r->graph;
}

int reload_start(struct reload *r, struct loop *loop, struct err *err)
{
    r->loop = loop;
    if (loop_on_reload_signal(loop, asked_by_signal, r, err) < 0)
        return -1;
    loop_go(loop, watch, r);
    return 0;
}

void reload_stop(struct reload *r)
{
    __atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
}

void reload_free(struct reload **pr)
{
    struct reload *r = *pr;
    *pr = NULL;
    if (!r)
        return;
    for (struct retired *old = r->retired, *next; old; old = next) {
        next = old->next;
        graph_unref(&old->graph);
        free(old);
    }
    graph_unref(&r->graph);
    free(r);
}
