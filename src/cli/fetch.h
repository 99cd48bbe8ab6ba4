/* Small blocking HTTP requests of the command line to its own servers (libcurl). */
#ifndef PAINTBOX_CLI_FETCH_H
#define PAINTBOX_CLI_FETCH_H

#include "base/arena.h"
#include "base/err.h"

/* GET, or POST when `body` has a pointer. Gives the status, or -1 with *err. `header` is one "Name: value" line or NULL. */
long fetch(struct arena *a, const char *url, struct str body, const char *header, struct str *reply, struct err *err);

#endif
