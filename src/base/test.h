/* What unit tests include: cmocka with what it needs, and comparisons of slices. */
#ifndef PAINTBOX_BASE_TEST_H
#define PAINTBOX_BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

#define assert_str(actual, expected) assert_str_at((actual), (expected), __FILE__, __LINE__)

static inline void assert_str_at(struct str actual, const char *expected, const char *file,
                                 int line)
{
    struct str want = str_c(expected);
    if (str_eq(actual, want))
        return;
    print_error("got:      %.*s\n", (int)actual.len, actual.len ? actual.p : "");
    print_error("expected: %.*s\n", (int)want.len, want.len ? want.p : "");
    _fail(file, line);
}

/* int main(void) { return RUN_TESTS(first_test, second_test); } */
#define RUN_TESTS(...)                                                  \
    run_named_tests((const CMUnitTestFunction[]){__VA_ARGS__},          \
                    sizeof((const CMUnitTestFunction[]){__VA_ARGS__}) / \
                        sizeof(CMUnitTestFunction),                     \
                    #__VA_ARGS__)

#define TESTS_MAX 128

static inline int run_named_tests(const CMUnitTestFunction *functions, size_t n, const char *names)
{
    static struct CMUnitTest tests[TESTS_MAX];
    static char storage[TESTS_MAX][100];
    if (n > TESTS_MAX)
        abort();
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(names, ", \n");
        snprintf(storage[i], sizeof storage[i], "%.*s", (int)len, names);
        names += len + strspn(names + len, ", \n");
        tests[i] = (struct CMUnitTest){.name = storage[i], .test_func = functions[i]};
    }
    return _cmocka_run_group_tests("tests", tests, n, NULL, NULL);
}

#endif
