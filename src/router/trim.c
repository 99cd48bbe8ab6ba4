#include "router/trim.h"

#include "io/fiber.h"
#include "router/answer.h"

#include <malloc.h>

#define WORKERS_PATIENCE_US (200 * US_PER_MS) /* until the workers have freed what they had */

static uint64_t requests_of_all(const struct trim *t)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < t->n; i++)
        n += __atomic_load_n(&t->workers[i].requests, __ATOMIC_RELAXED);
    return n;
}

static void trim_worker(void *arg)
{
    struct worker *w = arg;
    if (!w->server)
        return; /* it is being closed */
    answers_trim(w->answers);
    transport_http_trim(w->transport);
    http_server_trim(w->server);
    loop_trim(w->loop);
}

static void trim_heap(void *arg)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static bool trim_all(const struct trim *t)
{
    for (unsigned i = 0; i < t->n; i++)
        loop_post(t->workers[i].loop, trim_worker, &t->workers[i]);
    if (fiber_sleep(WORKERS_PATIENCE_US) != WAIT_OK)
        return false;
    fiber_offload(trim_heap, NULL);
    return true;
}

void trim_when_quiet(void *arg)
{
    const struct trim *t = arg;
    uint64_t seen = 0, trimmed = 0;
    unsigned quiet = 0;

    while (fiber_sleep(TRIM_LOOK_US) == WAIT_OK) {
        uint64_t now = requests_of_all(t);
        quiet = now - seen <= TRIM_QUIET_REQUESTS ? quiet + 1 : 0;
        seen = now;
        if (quiet < TRIM_QUIET_LOOKS || now - trimmed <= TRIM_QUIET_REQUESTS)
            continue;
        if (!trim_all(t))
            return;
        trimmed = now;
    }
}
