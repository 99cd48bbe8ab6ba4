#include "io/sim.h"

#include "base/panic.h"
#include "io/sim_private.h"

#include <stdlib.h>

static int64_t sim_now(struct loop *loop)
{
    return sim_loop_of(loop)->now_us;
}

static int64_t sim_wall(struct loop *loop)
{
    return SIM_WALL_US + sim_loop_of(loop)->now_us;
}

static void sim_random(struct loop *loop, void *out, size_t n)
{
    uint8_t *p = out;
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)rng_next(&sim_loop_of(loop)->sim->rng);
}

/* Time jumps to the next timer: nothing else can happen before it. */
static bool sim_poll(struct loop *loop, int64_t until_us)
{
    struct sim_loop *s = sim_loop_of(loop);
    if (until_us == INT64_MAX)
        return false;
    if (until_us > s->now_us)
        s->now_us = until_us;
    return true;
}

static bool sim_alive(struct loop *loop)
{
    return timer_heap_first(&loop->timers) != NULL;
}

static void sim_wake(struct loop *loop)
{
}

static struct fiber *sim_pick(struct loop *loop)
{
    struct sim_loop *s = sim_loop_of(loop);
    unsigned index = loop->n_ready > 1 ? (unsigned)rng_below(&s->sim->rng, loop->n_ready) : 0;
    sim_note(s, index);
    return fiber_ready_take(loop, index);
}

static void sim_offload(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    fn(arg);
}

static void sim_destroy(struct loop *loop)
{
    sim_net_free(sim_loop_of(loop));
}

static const struct loop_backend SIM_BACKEND = {
    .now_us = sim_now,
    .wall_us = sim_wall,
    .random = sim_random,
    .poll = sim_poll,
    .alive = sim_alive,
    .wake = sim_wake,
    .pick = sim_pick,
    .offload = sim_offload,
    .connect = sim_net_connect,
    .listen = sim_net_listen,
    .destroy = sim_destroy,
};

void sim_note(struct sim_loop *s, uint64_t what)
{
    uint64_t h = s->fingerprint ^ what ^ (uint64_t)s->now_us << 20;
    h *= UINT64_C(0x9e3779b97f4a7c15);
    s->fingerprint = h ^ h >> 29;
}

struct sim *sim_new(uint64_t seed)
{
    struct sim *sim = xcalloc(1, sizeof *sim);
    struct sim_loop *s = xcalloc(1, sizeof *s);
    rng_seed(&sim->rng, seed);
    sim->private = s;
    s->sim = sim;
    s->now_us = SIM_START_US;
    s->next_port = SIM_PORT_FIRST;
    loop_init(&s->loop, &SIM_BACKEND);
    return sim;
}

struct loop *sim_loop(struct sim *sim)
{
    return &((struct sim_loop *)sim->private)->loop;
}

bool sim_stuck(const struct sim *sim)
{
    return ((const struct sim_loop *)sim->private)->loop.stuck;
}

uint64_t sim_fingerprint(const struct sim *sim)
{
    return ((const struct sim_loop *)sim->private)->fingerprint;
}

void sim_free(struct sim **sim)
{
    if (!*sim)
        return;
    struct sim_loop *s = (*sim)->private;
    loop_deinit(&s->loop);
    free(s);
    free(*sim);
    *sim = NULL;
}
