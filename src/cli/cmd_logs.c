/* paintbox logs: the last lines of the logs, and with --follow what comes. Reading is tail's job. */
#include "cli/commands.h"
#include "cli/options.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOGS_MAX 32

static int add_log(const char **argv, int n, const char *data, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/log/%s.log", data, name);
    if (access(path, R_OK) < 0) {
        fprintf(stderr, "paintbox logs: cannot read %s: %s\n", path, strerror(errno));
        return -1;
    }
    argv[n] = strdup(path);
    return n + 1;
}

int cmd_logs(int argc, char **argv)
{
    const char *data = "var";
    bool follow = false;
    long lines = 20;
    const struct option_def DEFS[] = {
        {"data", OPTION_TEXT, &data, "DIR", "the folder of the installation (var)", 0, 0},
        {"follow", OPTION_FLAG, &follow, NULL, "go on until Ctrl-C", 0, 0},
        {"lines", OPTION_INT, &lines, "N", "how many lines of each (20)", 0, 100000},
        {0},
    };
    struct words names = {0};
    const char *tail[LOGS_MAX + 8] = {"tail"};
    char count[32];
    int n = 1;

    int rc = options_parse(argc, argv, "paintbox logs [NAME …] [options]", DEFS, &names);
    if (rc >= 0)
        return rc;
    snprintf(count, sizeof count, "%ld", lines);
    tail[n++] = "-n";
    tail[n++] = count;
    if (follow)
        tail[n++] = "-F";
    for (int i = 0; i < names.n && n > 0 && n < LOGS_MAX; i++)
        n = add_log(tail, n, data, names.v[i]);
    if (n < 0)
        return 1;
    glob_t found = {0};
    if (names.n == 0) {
        char pattern[4096];
        snprintf(pattern, sizeof pattern, "%s/log/*.log", data);
        if (glob(pattern, 0, NULL, &found) != 0) {
            fprintf(stderr, "paintbox logs: there are no logs in %s/log\n", data);
            return 1;
        }
        for (size_t i = 0; i < found.gl_pathc && n < LOGS_MAX; i++)
            tail[n++] = found.gl_pathv[i];
    }
    execvp("tail", (char *const *)tail);
    fprintf(stderr, "paintbox logs: cannot run tail: %s\n", strerror(errno));
    return 1;
}
