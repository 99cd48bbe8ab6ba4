#include "base/log.h"

#include "base/timestamp.h"
#include "base/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MESSAGE_MAX 2048
#define LINE_MAX_BYTES (6 * MESSAGE_MAX + 256) /* every byte of the message may become \u00XX */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static _Atomic(const char *) service = "paintbox";
static atomic_int current_level = LOG_INFO;
static bool as_json;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    const char *level = getenv("PAINTBOX_LOG");
    for (int i = 0; level && i <= LOG_DEBUG; i++)
        if (strcmp(level, level_names[i]) == 0)
            current_level = i;
    const char *format = getenv("PAINTBOX_LOG_FORMAT");
    as_json = format && strcmp(format, "json") == 0;
}

void log_set_name(const char *name)
{
    service = name;
}

void log_set_level(enum log_level level)
{
    pthread_once(&once, read_environment);
    current_level = (int)level;
}

enum log_level log_level(void)
{
    pthread_once(&once, read_environment);
    return (enum log_level)current_level;
}

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static void put(struct line *l, const char *p, size_t n)
{
    if (n > sizeof l->text - l->len)
        n = sizeof l->text - l->len;
    memcpy(l->text + l->len, p, n);
    l->len += n;
}

/* One event stays one line, a terminal obeys nothing that stands in a message (C1 controls are two bytes in UTF-8),
 * and a reader of JSON never meets bytes that are no text. */
static void put_escaped(struct line *l, const char *p, size_t n)
{
    const char *end = p + n;
    for (unsigned len; p < end; p += len ? len : 1) {
        unsigned char c = (unsigned char)*p;
        char escape[8];
        len = utf8_length(p, end);
        bool c1 = len == 2 && c == 0xC2 && (unsigned char)p[1] < 0xA0;
        if (c < 0x20 || c == 0x7F || c1)
            put(l, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c1 ? (unsigned char)p[1] : c));
        else if (as_json && (c == '"' || c == '\\'))
            put(l, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", c));
        else if (len)
            put(l, p, len);
        else
            put(l, "\xEF\xBF\xBD", 3);
    }
}

static void put_c(struct line *l, const char *c)
{
    put(l, c, strlen(c));
}

static void format_line(struct line *l, enum log_level level, const char *msg, size_t len)
{
    char now[TIMESTAMP_RFC3339_LEN + 1];
    timestamp_format(clock_wall_us(), now);
    const char *name = service;
    size_t name_len = strnlen(name, 32);
    put_c(l, as_json ? "{\"time\":\"" : "");
    put_c(l, now);
    put_c(l, as_json ? "\",\"level\":\"" : " ");
    put_c(l, level_names[level]);
    put_c(l, as_json ? "\",\"service\":\"" : &"  "[strlen(level_names[level]) - 4]);
    put_escaped(l, name, name_len);
    put_c(l, as_json ? "\",\"message\":\"" : ": ");
    put_escaped(l, msg, len);
    put_c(l, as_json ? "\"}\n" : "\n");
}

static void write_line(const struct line *l)
{
    size_t at = 0;
    while (at < l->len) {
        ssize_t n = write(STDERR_FILENO, l->text + at, l->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* nobody can be told that stderr is gone */
            return;
        at += (size_t)n;
    }
}

void log_at(enum log_level level, const char *fmt, ...)
{
    if (level > log_level())
        return;
    /* Not on the stack: a fiber's is small, and no fiber gives way in here. */
    static _Thread_local char msg[MESSAGE_MAX];
    static _Thread_local struct line l;
    int saved_errno = errno;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof msg) {
        len = sizeof msg - 4;
        while (len && ((unsigned char)msg[len] & 0xC0) == 0x80)
            len--;
        memcpy(msg + len, "...", 3);
        len += 3;
    }
    l.len = 0;
    format_line(&l, level, msg, len);
    write_line(&l);
    errno = saved_errno;
}
