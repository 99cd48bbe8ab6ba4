/* The simulator: time, network and randomness from a seed, behind the same calls (io/loop.h, io/fiber.h, io/stream.h).
 *
 * Under a simulated loop time stands still while fibers run and jumps to the next timer when all of them wait. Streams
 * connect to listeners of the same loop through a network that delays, splits, and on request loses connections.
 * The order of ready fibers is drawn from the seed. The same seed runs the same way, every time.
 *
 *     struct sim *sim = sim_new(seed);
 *     sim->latency_us_max = 5000;
 *     loop_go(sim_loop(sim), scenario, &state);
 *     loop_run(sim_loop(sim));          // until no fiber is left or all wait for ever (then sim_stuck())
 *     sim_free(&sim);
 */
#ifndef PAINTBOX_IO_SIM_H
#define PAINTBOX_IO_SIM_H

#include "base/rng.h"
#include "io/loop.h"

struct sim {
    struct rng rng;
    int64_t latency_us_min, latency_us_max; /* per segment */
    size_t segment_max;                     /* bytes are split into pieces of 1 … segment_max; 0: not split */
    double connect_failure;                 /* chance that a connect is refused */
    double reset;                           /* chance per segment that the connection is reset */
    void *private;
};

struct sim *sim_new(uint64_t seed);
struct loop *sim_loop(struct sim *sim);
/* True when loop_run() ended because every fiber waited and no timer was left: a deadlock. */
bool sim_stuck(const struct sim *sim);
/* A hash over everything that has happened: choices of fibers, arrivals of segments, and when. Equal for equal runs. */
uint64_t sim_fingerprint(const struct sim *sim);
/* Cuts every connection to the address and refuses new ones until sim_heal(). */
void sim_partition(struct sim *sim, struct str address);
void sim_heal(struct sim *sim, struct str address);
void sim_free(struct sim **sim);

#endif
