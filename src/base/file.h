/* Whole files: configuration, schemas, key sets. Blocking; never on a loop while it serves. */
#ifndef PAINTBOX_BASE_FILE_H
#define PAINTBOX_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

#define FILE_BYTES_MAX (64u << 20)

/* The content, in `a`; "-" is standard input. At most `max` bytes (0: FILE_BYTES_MAX): a larger file is an error, as is
 * a folder. STR_NONE with *err (code FILE_UNREADABLE). */
struct str file_read(struct arena *a, const char *path, size_t max, struct err *err);

/* Writes a temporary file beside it and renames it, so that nobody sees half of it. -1 with code FILE_UNWRITABLE. */
int file_write(const char *path, struct str text, mode_t mode, struct err *err);

#endif
