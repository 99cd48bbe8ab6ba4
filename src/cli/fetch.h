/* Small blocking HTTP requests of the command line (libcurl), without a proxy. */
#ifndef PAINTBOX_CLI_FETCH_H
#define PAINTBOX_CLI_FETCH_H

#include "base/arena.h"
#include "base/err.h"

/* GET, or POST when `body` has a pointer. Gives the status, or -1 with *err. `headers` are
 * "Name: value" lines, after them NULL; or NULL. http and https only, 10 s and 16 MiB at most; redirects are not
 * followed. */
long fetch(struct arena *a, const char *url, struct str body, const char *const *headers, struct str *reply,
           struct err *err);

#endif
