#include "base/test.h"
#include "base/vec.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void hands_out_zeroed_aligned_memory(void **state)
{
    struct arena *a = arena_new(0);
    for (size_t n = 0; n < 300; n++) {
        arena_cstr(a, STR("x")); /* puts the next block off its alignment */
        unsigned char *p = arena_alloc(a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, n);
    }
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void blocks_do_not_overlap(void **state)
{
    struct arena *a = arena_new(0);
    unsigned char *p[500];
    for (int i = 0; i < 500; i++) {
        size_t n = (size_t)(i * 37 % 9000);
        p[i] = arena_alloc_raw(a, n);
        memset(p[i], i & 255, n);
    }
    for (int i = 0; i < 500; i++)
        for (size_t k = 0; k < (size_t)(i * 37 % 9000); k++)
            assert_int_equal(p[i][k], i & 255);
    arena_free(&a);
}

static void counts_and_tells_when_the_limit_is_passed(void **state)
{
    struct arena *a = arena_new(1000);
    arena_alloc(a, 1000);
    assert_int_equal(arena_used(a), 1000);
    assert_false(arena_exhausted(a));
    assert_non_null(arena_alloc(a, 1));
    assert_true(arena_exhausted(a));
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    assert_false(arena_exhausted(a));
    for (int i = 0; i < 10000; i++)
        arena_alloc(a, 100);
    arena_reset(a);
    assert_non_null(arena_alloc(a, 16));
    arena_free(&a);
}

static void copies_text(void **state)
{
    struct arena *a = arena_new(0);
    struct str s = arena_str(a, STR("customer"));
    assert_str(s, "customer");
    assert_int_equal(s.p[s.len], 0);
    assert_string_equal(arena_cstr(a, STR_NONE), "");
    assert_str(arena_printf(a, "%s-%d", "job", 42), "job-42");
    const struct str parts[] = {STR("two"), STR_NONE, STR(" coats")};
    assert_str(arena_concat(a, parts, 3), "two coats");
    assert_int_equal(arena_concat(a, parts, 3).p[9], 0);
    assert_str(arena_concat(a, parts, 0), "");
    struct str long_text = arena_printf(a, "%0*d", 100000, 7);
    assert_int_equal(long_text.len, 100000);
    assert_int_equal(long_text.p[99999], '7');
    assert_memory_equal(arena_memdup(a, "abc", 3), "abc", 3);
    arena_free(&a);
}

/* The process must end with SIGABRT. */
static void assert_panics(void (*f)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        fclose(stderr);
        signal(SIGABRT, SIG_DFL);
        f();
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void ask_for_an_overflowing_array(void)
{
    struct arena *a = arena_new(0);
    volatile size_t n = SIZE_MAX / 4;
    arena_array(a, uint64_t, n);
}

static void a_size_that_overflows_ends_the_process(void **state)
{
    assert_panics(ask_for_an_overflowing_array);
}

static void vectors_grow(void **state)
{
    struct arena *a = arena_new(0);
    VEC(uint64_t) v = {0};
    for (uint64_t i = 0; i < 1000; i++)
        vec_push(a, &v, i * i);
    assert_int_equal(v.n, 1000);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(v.v[i], i * i);
    assert_int_equal(vec_last(&v), 999 * 999);

    VEC(struct str) names = {0};
    vec_reserve(a, &names, 3);
    assert_true(names.cap >= 3);
    vec_push(a, &names, (struct str){"id", 2});
    struct str *added = vec_add(a, &names);
    assert_null(added->p);
    *added = STR("name");
    assert_str(names.v[0], "id");
    assert_str(names.v[1], "name");
    arena_free(&a);
}

int main(void)
{
    return RUN_TESTS(hands_out_zeroed_aligned_memory, blocks_do_not_overlap,
                     counts_and_tells_when_the_limit_is_passed, copies_text,
                     a_size_that_overflows_ends_the_process, vectors_grow);
}
