/* Command-line options, described as data.
 *
 *     const char *listen = "127.0.0.1:4000";
 *     bool detach = false;
 *     const struct option_def DEFS[] = {
 *         {"listen", OPTION_TEXT, &listen, "HOST:PORT", "where to listen"},
 *         {"detach", OPTION_FLAG, &detach, NULL, "return once everything runs"},
 *         {0}};
 *     int rc = options_parse(argc, argv, "paintbox router [options]", DEFS, NULL);
 *     if (rc >= 0) return rc;     // --help was printed (0), or the command line is wrong (2)
 *
 * `--name VALUE` and `--name=VALUE`; `--help` prints the text made from the table. An unknown option names the nearest
 * known one.
 */
#ifndef PAINTBOX_CLI_OPTIONS_H
#define PAINTBOX_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_TEXT, /* const char ** */
    OPTION_INT,  /* long *; min … max */
    OPTION_FLAG, /* bool * */
    OPTION_LIST, /* struct words *; each use adds one */
};

struct option_def {
    const char *name;
    enum option_kind kind;
    void *value;
    const char *value_name; /* of the value, for --help */
    const char *help;
    long min, max;           /* INT; both 0: any */
};

#define OPTION_WORDS_MAX 32

/* Words that are no options, or the values of an option that may be given again and again. */
struct words {
    const char *v[OPTION_WORDS_MAX];
    int n;
};

/* -1: go on. `words` NULL: none are allowed. */
int options_parse(int argc, char **argv, const char *usage, const struct option_def *defs, struct words *words);

#endif
