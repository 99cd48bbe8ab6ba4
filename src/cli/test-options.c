#include "base/test.h"
#include "cli/options.h"

#include <unistd.h>

static const char *listen_on;
static long workers;
static bool detach;
static struct words tags;

static const struct option_def DEFS[] = {
    {"listen", OPTION_TEXT, &listen_on, "HOST:PORT", "where to listen", 0, 0},
    {"workers", OPTION_INT, &workers, "N", "threads", 1, 64},
    {"detach", OPTION_FLAG, &detach, NULL, "return once everything runs", 0, 0},
    {"tag", OPTION_LIST, &tags, "NAME", "a tag; may be given again", 0, 0},
    {0},
};

/* What it printed to `fd`. */
static char printed[2048];

static int parse(int fd, struct words *words, int argc, const char **argv)
{
    FILE *file = tmpfile();
    fflush(NULL);
    int saved = dup(fd);
    dup2(fileno(file), fd);
    listen_on = "default";
    workers = 7;
    detach = false;
    tags.n = 0;
    int rc = options_parse(argc, (char **)argv, "program [options]", DEFS, words);
    fflush(NULL);
    dup2(saved, fd);
    close(saved);
    rewind(file);
    printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
    fclose(file);
    return rc;
}

#define PARSE(fd, words, ...)                                                         \
    parse((fd), (words), sizeof((const char *[]){"p", __VA_ARGS__}) / sizeof(char *), \
          (const char *[]){"p", __VA_ARGS__})

static void both_forms_are_read(void **state)
{
    assert_int_equal(PARSE(2, NULL, "--listen", "a:1", "--workers=64", "--detach"), -1);
    assert_string_equal(listen_on, "a:1");
    assert_int_equal(workers, 64);
    assert_true(detach);
    assert_int_equal(PARSE(2, NULL, "--listen=a=b"), -1);
    assert_string_equal(listen_on, "a=b");
    assert_int_equal(workers, 7);
    assert_int_equal(PARSE(2, NULL, "--listen", "--detach"), -1); /* a value may look like an option */
    assert_string_equal(listen_on, "--detach");
    assert_false(detach);
}

static void lists_grow_up_to_their_limit(void **state)
{
    assert_int_equal(PARSE(2, NULL, "--tag", "a", "--detach", "--tag=b"), -1);
    assert_int_equal(tags.n, 2);
    assert_string_equal(tags.v[0], "a");
    assert_string_equal(tags.v[1], "b");
    const char *many[2 + OPTION_WORDS_MAX] = {"p"};
    for (int i = 1; i < 2 + OPTION_WORDS_MAX; i++)
        many[i] = "--tag=x";
    assert_int_equal(parse(2, NULL, 1 + OPTION_WORDS_MAX, many), -1);
    assert_int_equal(parse(2, NULL, 2 + OPTION_WORDS_MAX, many), 2);
    assert_non_null(strstr(printed, "more than 32 times"));
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *argument, *says;
    } CASES[] = {
        {"--workers=", "--workers has to be a whole number, not \"\""},
        {"--workers=1x", "--workers has to be a whole number, not \"1x\""},
        {"--workers=99999999999999999999", "--workers has to be a whole number"},
        {"--workers=0", "--workers has to be between 1 and 64, not 0"},
        {"--workers", "--workers needs a value: --workers N"},
        {"--detach=yes", "--detach takes no value"},
        {"--worker=1", "unknown option --worker=1 (did you mean --workers?)"},
        {"--x", "unknown option --x\nusage: program [options]"},
        {"--=1", "unknown option --=1"},
        {"word", "unexpected \"word\""},
        {"-w", "unknown option -w (did you mean --workers?)"},
        {"-", "unexpected \"-\""},
        {"--", "unexpected \"--\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(PARSE(2, NULL, CASES[i].argument), 2);
        if (!strstr(printed, CASES[i].says))
            fail_msg("%s: \"%s\"", CASES[i].argument, printed);
        assert_int_equal(workers, 7);
    }
}

static void words_are_taken_up_to_their_number(void **state)
{
    struct words words = {0};
    const char *argv[40] = {"p"};
    assert_int_equal(PARSE(2, &words, "a", "--detach", "b"), -1);
    assert_int_equal(words.n, 2);
    assert_string_equal(words.v[1], "b");
    for (int i = 1; i < 40; i++)
        argv[i] = "w";
    words.n = 0;
    assert_int_equal(parse(2, &words, 33, argv), -1);
    assert_int_equal(words.n, 32);
    words.n = 0;
    assert_int_equal(parse(2, &words, 34, argv), 2);
}

static void help_lists_the_table(void **state)
{
    assert_int_equal(PARSE(1, NULL, "--detach", "--help", "--nonsense"), 0);
    assert_non_null(strstr(printed, "usage: program [options]"));
    assert_non_null(strstr(printed, "--listen HOST:PORT           where to listen\n"));
    assert_non_null(strstr(printed, "--tag NAME…                  a tag; may be given again\n")); /* columns, not bytes */
}

int main(void)
{
    return RUN_TESTS(both_forms_are_read, lists_grow_up_to_their_limit, what_is_wrong_is_said,
                     words_are_taken_up_to_their_number, help_lists_the_table);
}
