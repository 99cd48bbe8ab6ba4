/* Secrets and seeds. Numbers that can be repeated come from rng.h. */
#ifndef PAINTBOX_BASE_RANDOM_H
#define PAINTBOX_BASE_RANDOM_H

#include <stddef.h>

/* n bytes from the kernel; never fails. */
void random_bytes(void *out, size_t n);

#endif
