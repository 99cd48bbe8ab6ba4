/* The simulator's two files: sim.c (time, order, randomness) and sim_net.c (the network). */
#ifndef PAINTBOX_IO_SIM_PRIVATE_H
#define PAINTBOX_IO_SIM_PRIVATE_H

#include "base/buf.h"
#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/sim.h"
#include "io/stream_private.h"

#define SIM_START_US INT64_C(1000000)           /* the loop's time at the start */
#define SIM_WALL_US INT64_C(1767225600000000)   /* 2026-01-01T00:00:00Z, at loop time 0 */
#define SIM_WINDOW (64u << 10)                  /* bytes sent and not yet read, per direction */
#define SIM_ADDRESS_MAX 160
#define SIM_PORT_FIRST 40000u

struct sim_end;
struct sim_listener;

struct sim_cut {
    struct sim_cut *next;
    char address[SIM_ADDRESS_MAX];
};

struct sim_loop {
    struct loop loop;
    struct sim *sim;
    int64_t now_us;
    uint64_t fingerprint;
    struct sim_end *ends;
    struct sim_listener *listeners;
    struct sim_cut *cuts;
    unsigned next_port;
};

static inline struct sim_loop *sim_loop_of(struct loop *loop)
{
    return PB_CONTAINER_OF(loop, struct sim_loop, loop);
}

/* Mixes an event into the fingerprint of the run. */
void sim_note(struct sim_loop *s, uint64_t what);

struct stream *sim_net_connect(struct loop *loop, struct str address, struct err *err);
struct listener *sim_net_listen(struct loop *loop, struct str address, bool reuse_port,
                                void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err);
void sim_net_free(struct sim_loop *s);

#endif
