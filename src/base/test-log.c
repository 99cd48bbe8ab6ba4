#include "base/log.h"
#include "base/test.h"

#include <sys/wait.h>
#include <unistd.h>

static char output[20000];

/* The environment is read once per process, so each case has its own. */
static void capture(const char *level, const char *format, void (*f)(void))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        setenv("PAINTBOX_LOG", level, 1);
        setenv("PAINTBOX_LOG_FORMAT", format, 1);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        f();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(ends[0], output + len, sizeof output - 1 - len)) > 0)
        len += (size_t)n;
    output[len] = '\0';
    close(ends[0]);
    waitpid(pid, NULL, 0);
}

static void write_lines(void)
{
    log_set_name("router");
    log_info("listening on %s", "127.0.0.1:4000");
    log_error("a \"quote\"\nand a line");
    log_debug("hidden");
}

static void write_foreign_bytes(void)
{
    log_error("%s", "a\xFF" "b \xC2\x9B" "31m caf\xC3\xA9 \xE2\x82");
}

static void write_long_line(void)
{
    log_warn("%0*d", 100000, 1);
}

static void write_quietly(void)
{
    log_set_level(LOG_ERROR);
    log_warn("hidden");
    log_error("shown");
}

static void text_lines(void **state)
{
    capture("info", "text", write_lines);
    struct str out = str_c(output);
    assert_int_equal(output[10], 'T');
    assert_str(str_sub(out, 24, 39), " info  router: listening on 127.0.0.1:4");
    assert_true(str_find(out, STR(" error router: a \"quote\"\\u000aand a line\n")) > 0);
    assert_int_equal(str_find(out, STR("hidden")), -1);
}

static void debug_is_shown_when_asked_for(void **state)
{
    capture("debug", "text", write_lines);
    assert_true(str_find(str_c(output), STR(" debug router: hidden\n")) > 0);
    capture("debug", "text", write_quietly);
    assert_true(str_find(str_c(output), STR("shown")) > 0);
    assert_int_equal(str_find(str_c(output), STR("hidden")), -1);
}

static void json_lines(void **state)
{
    capture("info", "json", write_lines);
    struct str out = str_c(output);
    assert_str(str_sub(out, 0, 9), "{\"time\":\"");
    assert_str(
        str_sub(out, 9 + 24, 74),
        "\",\"level\":\"info\",\"service\":\"router\",\"message\":\"listening on 127.0.0.1:4000");
    assert_true(str_find(out, STR("\"message\":\"a \\\"quote\\\"\\u000aand a line\"}\n")) > 0);
}

static void bytes_that_are_no_text(void **state)
{
    static const char *const FORMATS[] = {"text", "json"};
    for (int i = 0; i < 2; i++) {
        capture("info", FORMATS[i], write_foreign_bytes);
        struct str wanted = STR("a\xEF\xBF\xBD" "b \\u009b31m caf\xC3\xA9 \xEF\xBF\xBD");
        assert_true(str_find(str_c(output), wanted) > 0);
    }
}

static void a_long_message_is_cut(void **state)
{
    capture("info", "text", write_long_line);
    assert_true(strlen(output) < 2200);
    assert_true(str_ends(str_c(output), STR("0...\n")));
}

int main(void)
{
    return RUN_TESTS(text_lines, debug_is_shown_when_asked_for, json_lines, bytes_that_are_no_text,
                     a_long_message_is_cut);
}
