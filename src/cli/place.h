/* Where an installation of `up` lives: one folder with everything in it.
 *
 *     DIR/lock          who runs (locked; the pid is its text, which stays behind)
 *     DIR/state.json    what runs where, for `status`
 *     DIR/secrets/      service-token, jwks.json (mode 600)
 *     DIR/supergraph.graphql
 *     DIR/log/NAME.log
 *     DIR/postgres/, DIR/redis/   data of the private servers; DIR/run/ their sockets
 *
 * When the program runs as root the two servers run as another user (postgres, else nobody), and when that user cannot
 * reach DIR (below /root, say) their data is in PLACE_FALLBACK/<name made from DIR> instead; DIR/servers is then a
 * symbolic link to it.
 */
#ifndef PAINTBOX_CLI_PLACE_H
#define PAINTBOX_CLI_PLACE_H

#include "base/file.h"

#include <sys/types.h>

#define PLACE_FALLBACK "/var/lib/paintbox"
#define PLACE_FREE_MIN (UINT64_C(1) << 30) /* bytes that have to be free before the first start */

struct place {
    struct arena *arena;
    const char *dir;      /* absolute */
    const char *servers;  /* folder with postgres/, redis/ and run/: dir or a folder below PLACE_FALLBACK */
    int port_base;
    uid_t server_uid;     /* who PostgreSQL and Redis run as */
    gid_t server_gid;
    const char *server_user;
    int lock_fd;          /* -1: not held */
};

/* Makes the folders. `dir` may be relative. */
int place_open(struct place *p, const char *dir, int port_base, struct err *err);
void place_close(struct place *p);

/* -1 with code RUNNING when another process holds the lock; its pid is in *pid. */
int place_lock(struct place *p, pid_t *pid, struct err *err);
/* The pid that holds the lock; 0 when nobody does. Needs no place_lock() and is in nobody's way. */
pid_t place_holder(const struct place *p);

/* "DIR/…" in the place's arena. */
const char *place_path(struct place *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "SERVERS/…" */
const char *place_server_path(struct place *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes the secrets that are missing. */
int place_secrets(struct place *p, struct err *err);
struct str place_service_token(struct place *p, struct err *err);

#endif
