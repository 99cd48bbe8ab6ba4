/* Redis over hiredis' asynchronous interface: one connection per loop for commands (pipelined among fibers), reopened
 * with back-off when it breaks. Replies are copied into the caller's arena.
 *
 * Redis is never needed for a right answer: when it is away, calls fail at once with REDIS_UNAVAILABLE and callers go
 * on. The other codes are REDIS_TIMEOUT and REDIS_CANCELLED, after which the command may still run.
 */
#ifndef PAINTBOX_IO_REDIS_H
#define PAINTBOX_IO_REDIS_H

#include "base/arena.h"
#include "io/fiber.h"

struct redis;

enum redis_kind { REDIS_NIL, REDIS_STRING, REDIS_INTEGER, REDIS_ARRAY, REDIS_STATUS, REDIS_ERROR };

struct redis_reply {
    enum redis_kind kind;
    struct str text; /* STRING, STATUS, ERROR */
    int64_t integer;
    struct redis_reply *items;
    size_t n;
};

/* `address`: host:port or unix:/path. Connects in the background; calls made meanwhile wait for it. */
struct redis *redis_new(struct loop *loop, struct str address);
/* Calls that wait fail with REDIS_UNAVAILABLE. */
void redis_free(struct redis **r);

/* At most 64 arguments. Parks until the reply. NULL with *err; a Redis error reply is an error with code REDIS_ERROR.
 */
struct redis_reply *redis_call(struct redis *r, struct arena *a, const struct str *args, unsigned n, struct err *err);

bool redis_connected(const struct redis *r);

#endif
