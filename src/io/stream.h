/* Byte streams: TCP, Unix sockets, memory (for tests) and the simulator's network behind one face.
 *
 * All calls park the calling fiber. One fiber reads and one writes at a time.
 */
#ifndef PAINTBOX_IO_STREAM_H
#define PAINTBOX_IO_STREAM_H

#include "io/fiber.h"

#include <sys/uio.h>

struct stream;
struct listener;

/* `address`: "127.0.0.1:4000", "[::1]:4000", "localhost:4000" (resolved off the loop) or "unix:/path". */
struct stream *stream_connect(struct str address, struct err *err);
/* At most n bytes; 0 at the end of the stream; -1 with *err (codes CONNECTION_RESET, TIMEOUT, CANCELLED). */
ssize_t stream_read(struct stream *s, void *buf, size_t n, struct err *err);
/* Everything, or -1. */
int stream_writev(struct stream *s, const struct iovec *iov, unsigned n, struct err *err);
/* Closes at once and frees. */
void stream_close(struct stream **s);
struct str stream_peer(const struct stream *s); /* "127.0.0.1:51234" */
/* False when the peer has closed or sent something unasked: an idle connection that must not be reused. */
bool stream_idle_ok(struct stream *s);

/* Accepted streams are handed to `accepted` in a fiber of their own. EADDRINUSE is code PORT_TAKEN and names the address.
 * Port 0 takes a free one: ask listener_address(). */
struct listener *listener_open(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err);
struct str listener_address(const struct listener *l);
void listener_close(struct listener **l); /* accepts no more; accepted streams live on */

#endif
