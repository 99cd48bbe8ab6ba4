#include "io/timer_heap.h"

#include "base/panic.h"

static bool timer_before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->seq < b->seq;
}

static void heap_put(struct timer_heap *h, uint32_t i, struct loop_timer *t)
{
    h->v[i] = t;
    t->place = i + 1;
}

static void heap_up(struct timer_heap *h, uint32_t i)
{
    struct loop_timer *t = h->v[i];
    for (; i > 0; i = (i - 1) / 2) {
        struct loop_timer *parent = h->v[(i - 1) / 2];
        if (!timer_before(t, parent))
            break;
        heap_put(h, i, parent);
    }
    heap_put(h, i, t);
}

static void heap_down(struct timer_heap *h, uint32_t i)
{
    struct loop_timer *t = h->v[i];
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= h->n)
            break;
        if (child + 1 < h->n && timer_before(h->v[child + 1], h->v[child]))
            child++;
        if (!timer_before(h->v[child], t))
            break;
        heap_put(h, i, h->v[child]);
        i = child;
    }
    heap_put(h, i, t);
}

void timer_heap_set(struct timer_heap *h, struct loop_timer *t, int64_t at_us)
{
    timer_heap_clear(h, t);
    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->v = xrealloc(h->v, h->cap * sizeof *h->v);
    }
    t->at_us = at_us;
    t->seq = ++h->seq;
    h->v[h->n] = t;
    heap_up(h, h->n++);
}

void timer_heap_clear(struct timer_heap *h, struct loop_timer *t)
{
    if (!t->place)
        return;
    uint32_t i = t->place - 1;
    PB_ASSERT(i < h->n && h->v[i] == t);
    t->place = 0;
    struct loop_timer *last = h->v[--h->n];
    if (last == t)
        return;
    heap_put(h, i, last);
    heap_up(h, i);
    heap_down(h, last->place - 1);
}

struct loop_timer *timer_heap_first(const struct timer_heap *h)
{
    return h->n ? h->v[0] : NULL;
}

void timer_heap_free(struct timer_heap *h)
{
    free(h->v);
    *h = (struct timer_heap){0};
}
