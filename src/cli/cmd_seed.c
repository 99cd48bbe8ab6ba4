/* paintbox seed: the demo data, into migrated and empty databases. */
#include "cli/commands.h"
#include "cli/options.h"

#include "base/timestamp.h"
#include "services/seed.h"

#include <stdio.h>
#include <unistd.h>

static void show_progress(void *arg, const char *what, size_t done, size_t total)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r  %-12s %6zu of %zu%s", what, done, total, done == total ? "\n" : "");
    else if (done == total)
        fprintf(stderr, "  %s: %zu\n", what, total);
}

int cmd_seed(int argc, char **argv)
{
    const char *database = NULL;
    const struct option_def DEFS[] = {
        {"database", OPTION_TEXT, &database, "CONNINFO", "libpq connection text without dbname", 0, 0},
        {0},
    };
    static const char USAGE[] = "paintbox seed --database CONNINFO";
    struct err err = {0};
    int64_t begin = clock_monotonic_us();
    int rc = options_parse(argc, argv, USAGE, DEFS, NULL);
    if (rc >= 0)
        return rc;
    if (!database) {
        fprintf(stderr, "usage: %s\n", USAGE);
        return 2;
    }
    if (seed_load(str_c(database), show_progress, NULL, &err) < 0) {
        fprintf(stderr, "paintbox seed: %s\n", err.msg);
        return 1;
    }
    fprintf(stderr, "loaded in %.1f s\n", (double)(clock_monotonic_us() - begin) / 1e6);
    return 0;
}
