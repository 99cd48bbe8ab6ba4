/* Byte streams: TCP, Unix sockets and the simulator's network behind one face.
 *
 * Calls that read, write or connect park the calling fiber. One fiber reads and one writes at a time. Data goes out and
 * comes in with as few system calls as there can be: a write is tried before it waits, a read that came back short does
 * not ask again, and a socket stays registered for reading.
 *
 * Error codes: BAD_ADDRESS, CONNECT_FAILED, CONNECTION_RESET, TIMEOUT (the fiber's deadline), CANCELLED.
 */
#ifndef PAINTBOX_IO_STREAM_H
#define PAINTBOX_IO_STREAM_H

#include "io/fiber.h"

#include <sys/uio.h>

struct stream;
struct listener;

/* `address`: "127.0.0.1:4000", "[::1]:4000", "localhost:4000" (resolved off the loop) or "unix:/path". */
struct stream *stream_connect(struct str address, struct err *err);
/* At most n bytes; 0 at the end of the stream; -1 with *err. */
ssize_t stream_read(struct stream *s, void *buf, size_t n, struct err *err);
/* Parks until a read would give something, the end included, so that who waits need not hold the memory for it. May
 * return too early. */
int stream_wait(struct stream *s, struct err *err);
/* Everything, or -1. */
int stream_writev(struct stream *s, const struct iovec *iov, unsigned n, struct err *err);
int stream_write(struct stream *s, struct str data, struct err *err);
/* The peer sees the end of the stream; reading goes on. */
void stream_shutdown(struct stream *s);
/* Closes at once and frees. Nobody may be waiting in it. */
void stream_close(struct stream **s);
struct str stream_peer(const struct stream *s); /* "127.0.0.1:51234"; "unix" for a Unix socket */
/* False when the peer has closed or there is something to read: an idle connection that must not be reused. Does not
 * park. */
bool stream_idle_ok(struct stream *s);

/* Watching a stream that nobody reads, so that a connection at rest needs no fiber and a running request learns that
 * its client is gone. `fn` is called by the loop, outside of fibers, when there is something to read (hangup false)
 * or the peer has closed behind data that nobody has read yet (hangup true). It gives true when a fiber will read at
 * once; with false it is not called again until the next read has come to its end, except for the hangup. NULL ends
 * it. */
void stream_watch(struct stream *s, bool (*fn)(void *arg, bool hangup), void *arg);
/* Does not park: true when the peer has closed and no byte is left to read. */
bool stream_at_end(struct stream *s);

/* Accepted streams are handed to `accepted` in a fiber of their own. EADDRINUSE is code PORT_TAKEN and names the
 * address. Port 0 takes a free one: ask listener_address(). A Unix socket that nobody serves any more is replaced. With
 * `reuse_port` the kernel spreads connections over all listeners of that port, also those of another program. */
struct listener *listener_open(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err);
struct str listener_address(const struct listener *l);
void listener_close(struct listener **l); /* accepts no more; accepted streams live on */

#endif
