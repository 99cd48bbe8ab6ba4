/* Addresses as people write them ("127.0.0.1:4000", "[::1]:4000", "localhost:4000", "unix:/path") as socket
 * addresses. */
#ifndef PAINTBOX_IO_ADDRESS_H
#define PAINTBOX_IO_ADDRESS_H

#include "base/err.h"

#include <sys/socket.h>

#define ADDRESSES_MAX 8 /* that one name may have; the others are not tried */

struct address {
    struct sockaddr_storage sa;
    socklen_t len;
};

struct address_list {
    struct address v[ADDRESSES_MAX];
    unsigned n;
};

/* A name is looked up on a helper thread when called in a fiber, else at once. -1: BAD_ADDRESS, or CONNECT_FAILED
 * when the name is not known. */
int address_resolve(struct str text, struct address_list *out, struct err *err);

/* "127.0.0.1:4000", "[::1]:4000", "unix:/path" or "unix". Always ends in NUL. */
void address_format(const struct sockaddr_storage *sa, socklen_t len, char *out, size_t size);

#endif
