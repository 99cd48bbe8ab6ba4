#include "cli/place.h"

#include "base/buf.h"
#include "base/encoding.h"
#include "base/random.h"
#include "security/jwt.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>


/* ---- folders ---- */

static int make_folder(const char *path, mode_t mode, struct err *err)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0755);
        *slash = '/';
    }
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return err_set(err, "FOLDER", "cannot make the folder %s: %s", path, strerror(errno));
    return 0;
}

static int check_space(const char *dir, struct err *err)
{
    struct statvfs fs;
    if (statvfs(dir, &fs) < 0)
        return err_set(err, "FOLDER", "cannot look at %s: %s", dir, strerror(errno));
    uint64_t available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (available < PLACE_FREE_MIN)
        return err_set(err, "DISK_FULL",
                       "only %llu MiB are free at %s, and databases need at least %llu MiB: free some, or pass --data "
                       "with a folder on another disk",
                       (unsigned long long)(available >> 20), dir, (unsigned long long)(PLACE_FREE_MIN >> 20));
    return 0;
}

static void choose_user(struct place *p)
{
    p->server_uid = geteuid();
    p->server_gid = getegid();
    const struct passwd *me = getpwuid(p->server_uid);
    if (p->server_uid == 0) {
        const struct passwd *pw = getpwnam("postgres");
        pw = pw ? pw : getpwnam("nobody");
        if (pw) {
            p->server_uid = pw->pw_uid;
            p->server_gid = pw->pw_gid;
        }
        me = pw;
    }
    p->server_user = arena_cstr(p->arena, str_c(me ? me->pw_name : "paintbox"));
}

/* Can the servers' user come to this folder? Asked by a child that becomes that user. */
static bool reachable(const struct place *p, const char *dir)
{
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(p->server_gid) < 0 || setuid(p->server_uid) < 0))
            _exit(2);
        _exit(chdir(dir) == 0 ? 0 : 1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int choose_servers_folder(struct place *p, struct err *err)
{
    if (reachable(p, p->dir)) {
        p->servers = p->dir;
        return 0;
    }
    char hash[SHA256_HEX_LEN + 1];
    sha256_hex(str_c(p->dir), hash);
    p->servers = arena_printf(p->arena, "%s/%.12s", PLACE_FALLBACK, hash).p;
    if (make_folder(p->servers, 0755, err) < 0)
        return -1;
    if (symlink(p->servers, place_path(p, "servers")) < 0 && errno != EEXIST)
        return err_set(err, "FOLDER", "cannot link %s/servers to %s: %s", p->dir, p->servers, strerror(errno));
    return 0;
}

int place_open(struct place *p, const char *dir, int port_base, struct err *err)
{
    char absolute[PATH_MAX];

    *p = (struct place){.arena = arena_new(0), .port_base = port_base, .lock_fd = -1};
    if (make_folder(dir, 0755, err) < 0)
        return -1;
    if (!realpath(dir, absolute))
        return err_set(err, "FOLDER", "cannot use the folder %s: %s", dir, strerror(errno));
    p->dir = arena_cstr(p->arena, str_c(absolute));
    choose_user(p);
    if (make_folder(place_path(p, "log"), 0755, err) < 0 || make_folder(place_path(p, "secrets"), 0700, err) < 0 ||
        choose_servers_folder(p, err) < 0)
        return -1;
    return check_space(p->servers, err);
}

void place_close(struct place *p)
{
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    p->lock_fd = -1;
    arena_free(&p->arena);
}

static const char *join(struct place *p, const char *dir, const char *fmt, va_list ap)
{
    struct str rest = arena_vprintf(p->arena, fmt, ap);
    return arena_printf(p->arena, "%s/%.*s", dir, STR_ARG(rest)).p;
}

const char *place_path(struct place *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *path = join(p, p->dir, fmt, ap);
    va_end(ap);
    return path;
}

const char *place_server_path(struct place *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *path = join(p, p->servers, fmt, ap);
    va_end(ap);
    return path;
}

/* ---- the lock ----
 *
 * A lock of the open file description (F_OFD_SETLK): `up --detach` takes it after its fork, children that are executed
 * do not inherit it, and asking who holds it (F_OFD_GETLK) does not take it even for a moment. The file stays: whoever
 * removed it could remove what another process has just opened to lock it. */

static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static pid_t pid_in_file(int fd)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    return n > 0 ? (pid_t)atoi(text) : 0;
}

int place_lock(struct place *p, pid_t *pid, struct err *err)
{
    const char *path = place_path(p, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct flock lock = whole_file();

    *pid = 0;
    if (fd < 0)
        return err_set(err, "FILE", "cannot open %s: %s", path, strerror(errno));
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        bool taken = errno == EAGAIN || errno == EACCES;
        if (!taken)
            err_set(err, "FILE", "cannot lock %s: %s", path, strerror(errno));
        *pid = taken ? pid_in_file(fd) : 0;
        close(fd);
        if (!taken)
            return -1;
        return err_set(err, "RUNNING", "%s is in use by process %d: `paintbox down` stops it, --data and --port-base start a second one",
                       p->dir, (int)*pid);
    }
    char text[32];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        close(fd);
        return err_set(err, "FILE", "cannot write %s: %s", path, strerror(errno));
    }
    p->lock_fd = fd;
    return 0;
}

pid_t place_holder(const struct place *p)
{
    char path[PATH_MAX];
    struct flock lock = whole_file();
    snprintf(path, sizeof path, "%s/lock", p->dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    pid_t pid = held ? pid_in_file(fd) : 0;
    close(fd);
    return pid;
}

/* ---- secrets ---- */

int place_secrets(struct place *p, struct err *err)
{
    const char *token = place_path(p, "secrets/service-token"), *jwks = place_path(p, "secrets/jwks.json");
    uint8_t random[32];
    char hex[2 * sizeof random + 1];

    if (access(token, F_OK) < 0) {
        random_bytes(random, sizeof random);
        hex_encode(random, sizeof random, hex);
        if (file_write(token, str_c(hex), 0600, err) < 0)
            return -1;
    }
    if (access(jwks, F_OK) < 0)
        return file_write(jwks, jwt_keys_generate(p->arena), 0600, err);
    return 0;
}

struct str place_service_token(struct place *p, struct err *err)
{
    return str_trim(file_read(p->arena, place_path(p, "secrets/service-token"), 0, err));
}
