#include "base/random.h"

#include "base/panic.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

void random_bytes(void *out, size_t n)
{
    uint8_t *p = out;
    while (n) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        PB_ASSERT(got > 0);
        p += got;
        n -= (size_t)got;
    }
}
