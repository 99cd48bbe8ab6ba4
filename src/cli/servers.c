#include "cli/servers.h"

#include "base/encoding.h"

#include <errno.h>
#include <glob.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define POSTGRES_USER "paintbox"
#define POSTGRES_MAJOR_MIN 15

/* ---- shared ---- */

/* A folder for the servers alone. One that is there already may be another user's, or a link to anywhere: sockets can
 * be in /tmp. */
static int own_folder(struct place *p, const char *path, mode_t mode, struct err *err)
{
    struct stat there;
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return err_set(err, "FOLDER", "cannot make the folder %s: %s", path, strerror(errno));
    if (lstat(path, &there) < 0 || (there.st_uid != geteuid() && there.st_uid != p->server_uid))
        return err_set(err, "FOLDER", "%s belongs to somebody else: remove it, or pass --data with a shorter path",
                       path);
    if (geteuid() == 0 && chown(path, p->server_uid, p->server_gid) < 0)
        return err_set(err, "FOLDER", "cannot give the folder %s to user %s: %s", path, p->server_user,
                       strerror(errno));
    return 0;
}

/* Unix socket paths have 107 bytes at most, so deep installations keep theirs in /tmp. */
static const char *socket_folder(struct place *p)
{
    const char *run = place_server_path(p, "run");
    if (strlen(run) + sizeof "/.s.PGSQL.5432.lock" < sizeof((struct sockaddr_un *)NULL)->sun_path)
        return run;
    char hash[SHA256_HEX_LEN + 1];
    sha256_hex(str_c(p->dir), hash);
    return arena_printf(p->arena, "/tmp/paintbox-%.12s", hash).p;
}

/* ---- PostgreSQL ---- */

static long major_of(const char *path)
{
    const char *at = strstr(path, "/postgresql/");
    return at ? strtol(at + sizeof "/postgresql/" - 1, NULL, 10) : 0;
}

/* Debian keeps each major version's programs in a folder of its own; the newest wins, unless the cluster was made by an
 * older one. */
static const char *postgres_bin(struct place *p, struct err *err)
{
    glob_t found;
    const char *best = NULL;
    struct str made_by = str_trim(file_read(p->arena, place_server_path(p, "postgres/PG_VERSION"), 0, NULL));
    long wanted = made_by.len ? strtol(made_by.p, NULL, 10) : 0;

    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            long major = major_of(found.gl_pathv[i]);
            if (major >= POSTGRES_MAJOR_MIN && (wanted ? major == wanted : !best || major > major_of(best)))
                best = arena_cstr(p->arena, str_c(found.gl_pathv[i]));
        }
        globfree(&found);
    }
    if (!best && wanted)
        err_set(err, "POSTGRES_MISSING",
                "the data in %s were made by PostgreSQL %ld, which is not installed: apt-get install "
                "postgresql-%ld",
                place_server_path(p, "postgres"), wanted, wanted);
    else if (!best)
        err_set(err, "POSTGRES_MISSING", "PostgreSQL %d or newer is not installed: apt-get install postgresql",
                POSTGRES_MAJOR_MIN);
    return best ? arena_printf(p->arena, "%.*s", (int)(strlen(best) - strlen("/postgres")), best).p : NULL;
}

static int make_cluster(struct place *p, const char *bin, struct err *err)
{
    const char *data = place_server_path(p, "postgres"), *log = place_path(p, "log/initdb.log");
    const char *argv[] = {
        arena_printf(p->arena, "%s/initdb", bin).p, "--pgdata", data, "--username", POSTGRES_USER, "--auth", "trust",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions", NULL,
    };
    if (access(place_server_path(p, "postgres/PG_VERSION"), F_OK) == 0)
        return 0;
    if (own_folder(p, data, 0700, err) < 0)
        return -1;
    return child_run(argv, log, p->server_uid, p->server_gid, err);
}

int postgres_prepare(struct place *p, struct child *c, struct err *err)
{
    const char *bin = postgres_bin(p, err);
    if (!bin || own_folder(p, socket_folder(p), 0700, err) < 0 || make_cluster(p, bin, err) < 0)
        return -1;
    *c = (struct child){
        .name = "postgres",
        .argv = {
            arena_printf(p->arena, "%s/postgres", bin).p, "-D", place_server_path(p, "postgres"),
            "-c", "listen_addresses=", "-c", arena_printf(p->arena, "unix_socket_directories=%s", socket_folder(p)).p,
            "-c", "unix_socket_permissions=0700", "-c", "max_connections=200", "-c", "shared_buffers=256MB",
            "-c", "wal_level=logical", "-c", "max_slot_wal_keep_size=2GB", "-c", "max_wal_size=2GB", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
            "-c", "log_line_prefix=%m [%p] %d ", "-c", "log_min_duration_statement=1000", NULL,
        },
        .log = place_path(p, "log/postgres.log"),
        .uid = p->server_uid,
        .gid = p->server_gid,
        .stop_signal = SIGINT, /* fast shutdown: open transactions are rolled back */
    };
    return 0;
}

const char *postgres_conninfo(struct place *p)
{
    return arena_printf(p->arena, "host='%s' user=%s", socket_folder(p), POSTGRES_USER).p;
}

int postgres_ready(struct place *p)
{
    return PQping(arena_printf(p->arena, "%s dbname=postgres connect_timeout=2", postgres_conninfo(p)).p) == PQPING_OK;
}

/* ---- Redis ---- */

static const char *redis_socket(struct place *p)
{
    return arena_printf(p->arena, "%s/redis.sock", socket_folder(p)).p;
}

int redis_prepare(struct place *p, struct child *c, struct err *err)
{
    static const char *const PATHS[] = {"/usr/bin/redis-server", "/usr/local/bin/redis-server",
                                        "/usr/bin/valkey-server"};
    const char *program = NULL, *data = place_server_path(p, "redis");

    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0] && !program; i++)
        program = access(PATHS[i], X_OK) == 0 ? PATHS[i] : NULL;
    if (!program)
        return err_set(err, "REDIS_MISSING", "Redis is not installed: apt-get install redis-server");
    if (own_folder(p, socket_folder(p), 0700, err) < 0 || own_folder(p, data, 0700, err) < 0)
        return -1;
    *c = (struct child){
        .name = "redis",
        .argv = {program, "--port", "0", "--unixsocket", redis_socket(p), "--unixsocketperm", "700", "--dir", data,
                 "--appendonly", "yes", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru", "--daemonize",
                 "no", NULL},
        .log = place_path(p, "log/redis.log"),
        .uid = p->server_uid,
        .gid = p->server_gid,
        .stop_signal = SIGTERM,
    };
    return 0;
}

const char *redis_address(struct place *p)
{
    return arena_printf(p->arena, "unix:%s", redis_socket(p)).p;
}

int redis_ready(struct place *p)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char reply[7] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", redis_socket(p));
    bool ready = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && write(fd, "PING\r\n", 6) == 6 &&
                 read(fd, reply, sizeof reply) > 0 && reply[0] == '+';
    close(fd);
    return ready;
}
