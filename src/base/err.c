#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

/* Keeps the promise of one line, and ends a cut message at a whole character. */
static void store(struct err *err, const char *text, size_t full_len)
{
    size_t n = full_len < sizeof err->msg ? full_len : sizeof err->msg - 1;
    if (n < full_len)
        while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
    for (size_t i = 0; i < n; i++)
        err->msg[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i];
    err->msg[n] = '\0';
}

int err_set(struct err *err, const char *code, const char *fmt, ...)
{
    if (!err)
        return -1;
    char text[sizeof err->msg + 1]; /* apart, because the arguments may point into *err */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char code_copy[sizeof err->code];
    snprintf(code_copy, sizeof code_copy, "%s", code);
    memcpy(err->code, code_copy, sizeof code_copy);
    store(err, text, n < 0 ? 0 : (size_t)n);
    return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char context[2 * sizeof err->msg]; /* longer than what is kept, so that only store() cuts */
    char text[3 * sizeof err->msg + 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    int n = snprintf(text, sizeof text, "%s: %s", context, err->msg);
    store(err, text, n < 0 ? 0 : (size_t)n);
    return -1;
}
