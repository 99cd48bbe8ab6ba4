/* Invariants. PB_ASSERT stays on in production: a broken invariant ends the process with a message, and its
 * supervisor starts it again. Input is never asserted, it is validated (base/err.h). */
#ifndef PAINTBOX_BASE_PANIC_H
#define PAINTBOX_BASE_PANIC_H

_Noreturn void panic(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define PB_PANIC(...) panic(__FILE__, __LINE__, __VA_ARGS__)
#define PB_ASSERT(cond) \
    (__builtin_expect(!(cond), 0) ? panic(__FILE__, __LINE__, "assertion failed: %s", #cond) : (void)0)
/* Long-lived objects begin with `uint32_t magic` and are checked where they come back from a library. */
#define PB_CHECK_MAGIC(obj, m) PB_ASSERT((obj) != NULL && (obj)->magic == (m))

/* malloc that panics instead of failing. */
void *xmalloc(unsigned long n);
void *xcalloc(unsigned long n, unsigned long size);
void *xrealloc(void *p, unsigned long n);

#define PB_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PB_CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

#endif
