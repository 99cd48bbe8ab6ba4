/* The loop on libuv, as the other files of this room see it. */
#ifndef PAINTBOX_IO_LOOP_UV_H
#define PAINTBOX_IO_LOOP_UV_H

#include "io/loop_private.h"

#include <uv.h>

/* Keeps loop_run() from returning while there is nothing to do. */
void loop_uv_hold(struct loop *loop);

#endif
