/* Loops: one per worker thread, and the clock that governs it.
 *
 * A loop is a libuv loop with its fibers (io/fiber.h), its listeners and its connection pools. Nothing of it is shared:
 * threads exchange only immutable snapshots and loop_post(). Under the simulator (io/sim.h) the same calls run on
 * simulated time and a simulated network, from a seed.
 *
 *     struct loop *loop = loop_new();
 *     loop_go(loop, serve, app);      // a fiber
 *     loop_run(loop);                 // returns after loop_stop() or when nothing is left to do
 *     loop_free(&loop);
 */
#ifndef PAINTBOX_IO_LOOP_H
#define PAINTBOX_IO_LOOP_H

#include "base/err.h"
#include "base/timestamp.h"

struct loop;
struct uv_loop_s;

struct loop *loop_new(void);
/* Only after loop_run() has returned. Closes what is left: servers, clients, listeners, signal watchers. */
void loop_free(struct loop **loop);
void loop_run(struct loop *loop);
/* From any thread or signal watcher: loop_run() returns soon. Fibers that wait are cancelled first, and get 5 s to
 * end. */
void loop_stop(struct loop *loop);

/* The loop of this thread; NULL outside of one. */
struct loop *loop_current(void);
struct uv_loop_s *loop_uv(struct loop *loop); /* NULL under the simulator */

/* Monotonic time of this loop, µs. Cheap: read once per turn of the loop. */
int64_t loop_now_us(struct loop *loop);
int64_t loop_wall_us(struct loop *loop);
/* Randomness for back-off and ids: the kernel's, or the simulator's seed. */
void loop_random(struct loop *loop, void *out, size_t n);

/* From any thread: run `fn(arg)` in a fiber of that loop, in the order of the calls. What is posted to a loop that runs
 * no more is dropped. */
void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);

/* Calls `fn` when SIGINT or SIGTERM arrives (once each). */
int loop_on_stop_signal(struct loop *loop, void (*fn)(struct loop *loop, int signo, void *arg), void *arg,
                        struct err *err);

/* Calls `fn` each time that SIGHUP arrives, the signal that asks a server to read its files anew. */
int loop_on_reload_signal(struct loop *loop, void (*fn)(struct loop *loop, int signo, void *arg), void *arg,
                          struct err *err);

/* ---- workers: n threads, each with a loop of its own ---- */

struct workers;

#define WORKERS_MAX 64

/* Starts n threads. In each, `start` runs in a fiber on the new loop with index 0 … n-1; it opens listeners with
 * SO_REUSEPORT. Returns when every `start` has returned; NULL with the first error, and all stopped, when one of them
 * failed. The loops run until workers_stop(), even with nothing to do. */
struct workers *workers_start(unsigned n, int (*start)(struct loop *loop, unsigned index, void *arg, struct err *err),
                              void *arg, struct err *err);
struct loop *workers_loop(struct workers *w, unsigned index);
unsigned workers_count(const struct workers *w);
/* Stops the loops, joins the threads. */
void workers_stop(struct workers **w);

#endif
