/* paintbox down: stops what `up` started, and waits until it has stopped. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"

#include "base/timestamp.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define PATIENCE_US (60 * US_PER_SEC)

int cmd_down(int argc, char **argv)
{
    const char *data = "var";
    const struct option_def DEFS[] = {{"data", OPTION_TEXT, &data, "DIR", "the folder of the installation (var)", 0, 0},
                                      {0}};
    struct place p;
    struct err err;

    int rc = options_parse(argc, argv, "paintbox down [options]", DEFS, NULL);
    if (rc >= 0)
        return rc;
    if (access(data, F_OK) < 0) {
        printf("Nothing runs: there is no folder %s.\n", data);
        return 0;
    }
    if (place_open(&p, data, 0, &err) < 0 && strcmp(err.code, "DISK_FULL") != 0) {
        fprintf(stderr, "paintbox down: %s\n", err.msg);
        return 1;
    }
    pid_t pid = place_holder(&p);
    if (pid == 0) {
        printf("Nothing runs in %s.\n", p.dir);
    } else if (kill(pid, SIGTERM) < 0) {
        fprintf(stderr, "paintbox down: cannot stop process %d: %s\n", (int)pid, strerror(errno));
        rc = 1;
    } else {
        for (int64_t until = clock_monotonic_us() + PATIENCE_US;
             place_holder(&p) == pid && clock_monotonic_us() < until;)
            usleep(20000);
        if (place_holder(&p) == pid) {
            fprintf(stderr, "paintbox down: process %d has not stopped after a minute; see %s/log/up.log\n", (int)pid,
                    p.dir);
            rc = 1;
        } else {
            printf("Stopped. The data are in %s.\n", p.dir);
        }
    }
    place_close(&p);
    return rc == 1 ? 1 : 0;
}
