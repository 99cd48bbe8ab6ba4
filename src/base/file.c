#include "base/file.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static int read_all(FILE *f, struct buf *out)
{
    errno = 0;
    for (;;) {
        char *room = buf_reserve(out, 64 << 10);
        size_t n = room ? fread(room, 1, 64 << 10, f) : 0;
        if (n == 0)
            return ferror(f) ? errno : 0;
        buf_advance(out, n);
    }
}

struct str file_read(struct arena *a, const char *path, size_t max, struct err *err)
{
    bool input = strcmp(path, "-") == 0;
    FILE *f = input ? stdin : fopen(path, "rb");
    size_t limit = max ? max : FILE_BYTES_MAX;
    struct str text = STR_NONE;
    struct buf b;

    if (!f) {
        err_set(err, "FILE_UNREADABLE", "cannot read %s: %s", path, strerror(errno));
        return STR_NONE;
    }
    buf_init(&b, limit + (64 << 10)); /* room for the piece that shows that there is more */
    int failed = read_all(f, &b);
    if (!input)
        fclose(f);
    if (failed)
        err_set(err, "FILE_UNREADABLE", "cannot read %s: %s", path, strerror(failed));
    else if (b.len > limit || buf_overflowed(&b))
        err_set(err, "FILE_UNREADABLE", "cannot read %s: larger than %zu KiB", path, limit >> 10);
    else
        text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static int write_all(int fd, struct str text)
{
    for (size_t done = 0; done < text.len;) {
        ssize_t n = write(fd, text.p + done, text.len - done);
        if (n < 0 && errno != EINTR)
            return errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int file_write(const char *path, struct str text, mode_t mode, struct err *err)
{
    char temporary[PATH_MAX];
    snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int failed = fd < 0 ? errno : write_all(fd, text);

    if (fd >= 0 && close(fd) < 0 && !failed)
        failed = errno;
    if (!failed && rename(temporary, path) < 0)
        failed = errno;
    if (!failed)
        return 0;
    unlink(temporary);
    return err_set(err, "FILE_UNWRITABLE", "cannot write %s: %s", path, strerror(failed));
}
