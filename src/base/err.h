/* Errors that a caller shows to a person: what, where, what to do.
 *
 * A function that can fail takes `struct err *err` as its last parameter, returns 0 or a value on success
 * and -1, false or NULL on failure with `*err` filled. `err` may be NULL when the caller does not care.
 * `code` is a short stable word for programs (UPPER_SNAKE), `msg` one line of English for people.
 *
 *     if (fd < 0)
 *         return err_set(err, "PORT_TAKEN", "port %d is in use: stop its program or pass --port-base", port);
 */
#ifndef PAINTBOX_BASE_ERR_H
#define PAINTBOX_BASE_ERR_H

#include "base/str.h"

struct err {
    char code[64];
    char msg[960];
};

/* Always -1, so that `return err_set(…)` reads well. */
int err_set(struct err *err, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts "context: " before the message that is there. Always -1. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
