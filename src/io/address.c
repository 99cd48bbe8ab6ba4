#include "io/address.h"

#include "io/fiber.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/un.h>

#define HOST_MAX 253 /* octets of a name in the DNS */

struct lookup {
    char host[HOST_MAX + 1], port[6];
    int flags, rc;
    struct addrinfo *found;
};

static void lookup_run(void *arg)
{
    struct lookup *l = arg;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = l->flags};
    l->rc = getaddrinfo(l->host, l->port, &hints, &l->found);
}

static void take_found(struct lookup *l, struct address_list *out)
{
    for (struct addrinfo *i = l->found; i && out->n < ADDRESSES_MAX; i = i->ai_next) {
        if (i->ai_addrlen > sizeof out->v[0].sa)
            continue;
        memcpy(&out->v[out->n].sa, i->ai_addr, i->ai_addrlen);
        out->v[out->n++].len = i->ai_addrlen;
    }
    freeaddrinfo(l->found);
}

static int resolve_unix(struct str path, struct address_list *out, struct err *err)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&out->v[0].sa;
    if (path.len == 0 || path.len >= sizeof un->sun_path || memchr(path.p, 0, path.len))
        return err_set(err, "BAD_ADDRESS", "unix:%.*s: the path must have from 1 to %zu bytes", STR_ARG(path),
                       sizeof un->sun_path - 1);
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path.p, path.len);
    out->v[0].len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
    out->n = 1;
    return 0;
}

static bool split_host_port(struct str text, struct lookup *l)
{
    ptrdiff_t colon = -1;
    for (size_t i = text.len; i-- > 0 && colon < 0;)
        if (text.p[i] == ':')
            colon = (ptrdiff_t)i;
    if (colon < 0)
        return false;
    struct str host = str_sub(text, 0, (size_t)colon), port = str_sub(text, (size_t)colon + 1, SIZE_MAX);
    if (host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
        host = str_sub(host, 1, host.len - 2);
    else if (str_find_char(host, ':') >= 0)
        return false; /* an IPv6 address needs its brackets */
    uint64_t number;
    if (host.len == 0 || host.len > HOST_MAX || !str_to_u64(port, &number) || number > 65535)
        return false;
    memcpy(l->host, host.p, host.len);
    snprintf(l->port, sizeof l->port, "%u", (unsigned)number);
    return memchr(host.p, 0, host.len) == NULL;
}

int address_resolve(struct str text, struct address_list *out, struct err *err)
{
    *out = (struct address_list){0};
    if (str_starts(text, STR("unix:")))
        return resolve_unix(str_sub(text, 5, SIZE_MAX), out, err);
    struct lookup l = {.flags = AI_NUMERICHOST | AI_NUMERICSERV};
    if (!split_host_port(text, &l))
        return err_set(err, "BAD_ADDRESS", "\"%.*s\" is not an address: write host:port, [ipv6]:port or unix:/path",
                       STR_ARG(text));
    lookup_run(&l);
    if (l.rc == EAI_NONAME) {
        l.flags = AI_NUMERICSERV | AI_ADDRCONFIG;
        fiber_offload(lookup_run, &l);
    }
    if (l.rc != 0)
        return err_set(err, "CONNECT_FAILED", "cannot look up %s: %s", l.host, gai_strerror(l.rc));
    take_found(&l, out);
    return out->n ? 0 : err_set(err, "CONNECT_FAILED", "cannot look up %s: it has no address", l.host);
}

void address_format(const struct sockaddr_storage *sa, socklen_t len, char *out, size_t size)
{
    char ip[INET6_ADDRSTRLEN];
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;
    const struct sockaddr_un *un = (const struct sockaddr_un *)sa;
    switch (sa->ss_family) {
    case AF_INET:
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
        snprintf(out, size, "%s:%u", ip, ntohs(v4->sin_port));
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
        snprintf(out, size, "[%s]:%u", ip, ntohs(v6->sin6_port));
        break;
    default:
        if (sa->ss_family == AF_UNIX && len > offsetof(struct sockaddr_un, sun_path) && un->sun_path[0])
            snprintf(out, size, "unix:%s", un->sun_path);
        else
            snprintf(out, size, "unix");
    }
}
