/* The table below a stream or listener: sockets (socket.c) or the simulator's network (sim_net.c). */
#ifndef PAINTBOX_IO_STREAM_PRIVATE_H
#define PAINTBOX_IO_STREAM_PRIVATE_H

#include "io/loop_private.h"
#include "io/stream.h"

#define STREAM_READ 1
#define STREAM_WRITE 2
#define STREAM_HANGUP 4

struct stream_ops {
    /* Bytes moved, 0 at the end, or a negative errno; -EAGAIN when it would have to wait. */
    ssize_t (*read)(struct stream *s, void *buf, size_t n);
    ssize_t (*writev)(struct stream *s, const struct iovec *iov, unsigned n);
    /* What a read would give, without taking it: positive for bytes. */
    ssize_t (*peek)(struct stream *s);
    /* Makes sure that stream_ready() will be called for these events. */
    void (*want)(struct stream *s, int events);
    void (*shutdown)(struct stream *s);
    void (*close)(struct stream *s);
};

#define STREAM_MAGIC 0x7374726du

struct stream {
    uint32_t magic;
    const struct stream_ops *ops;
    struct loop *loop;
    struct fiber_wait rd, wr;
    bool reading, writing; /* a fiber waits */
    bool try_read;         /* a read may give something: do not wait first */
    bool (*watch)(void *arg, bool hangup);
    void *watch_arg;
    char peer[64];
};

void stream_init(struct stream *s, const struct stream_ops *ops, struct loop *loop);
/* From the backend. Gives the events among READ and WRITE that should stay armed. */
int stream_ready(struct stream *s, int events);

struct listener_ops {
    void (*close)(struct listener *l);
};

#define LISTENER_MAGIC 0x6c73746eu

struct listener {
    uint32_t magic;
    const struct listener_ops *ops;
    struct loop *loop;
    void (*accepted)(struct stream *s, void *arg);
    void *arg;
    struct accepted *pending; /* their fibers have not begun */
    char address[160];
};

/* Hands a stream to its fiber; closes it when there can be no more fibers. */
void listener_accept(struct listener *l, struct stream *s);

#endif
