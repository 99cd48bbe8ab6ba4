/* Streams over the machine's sockets. */
#ifndef PAINTBOX_IO_SOCKET_H
#define PAINTBOX_IO_SOCKET_H

#include "io/stream_private.h"

struct stream *socket_connect(struct loop *loop, struct str address, struct err *err);
struct listener *socket_listen(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err);

#endif
