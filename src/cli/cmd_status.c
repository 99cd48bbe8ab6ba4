/* paintbox status: what runs, where, since when. Exit status 0 when all of it is healthy, 1 when not, 3 when nothing
 * runs. */
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/options.h"
#include "cli/place.h"

#include "base/timestamp.h"
#include "json/json.h"

#include <unistd.h>

#define STATUS_NOT_RUNNING 3

static bool healthy(struct arena *a, int64_t port)
{
    struct str reply;
    struct str url = arena_printf(a, "http://127.0.0.1:%d/health", (int)port);
    return fetch(a, url.p, STR_NONE, NULL, &reply, NULL) == 200;
}

static int show(struct place *p, pid_t pid)
{
    struct err err;
    struct json *state = json_parse(p->arena, file_read(p->arena, place_path(p, "state.json"), 0, NULL), &err);
    const struct json *children = json_get(state, STR("children"));
    int64_t started, port;
    char since[TIMESTAMP_RFC3339_LEN + 1] = "";
    bool all = true;

    if (!children) {
        printf("Process %d is starting up in %s.\n", (int)pid, p->dir);
        return 1;
    }
    if (json_to_i64(json_get(state, STR("startedAt")), &started))
        timestamp_format(started, since);
    printf("Process %d in %s, since %s\n", (int)pid, p->dir, since);
    for (uint32_t i = 0; i < children->n; i++) {
        struct str name = json_get_str(children->items[i], STR("name"));
        if (!json_to_i64(json_get(children->items[i], STR("port")), &port) || port == 0)
            continue;
        bool good = healthy(p->arena, port);
        all &= good;
        printf("  %-13.*s http://127.0.0.1:%-6d %s\n", STR_ARG(name), (int)port, good ? "healthy" : "NOT HEALTHY");
    }
    return all ? 0 : 1;
}

int cmd_status(int argc, char **argv)
{
    const char *data = "var";
    const struct option_def DEFS[] = {{"data", OPTION_TEXT, &data, "DIR", "the folder of the installation (var)", 0, 0},
                                      {0}};
    struct place p;
    struct err err;

    int rc = options_parse(argc, argv, "paintbox status [options]", DEFS, NULL);
    if (rc >= 0)
        return rc;
    if (access(data, F_OK) < 0) {
        printf("Nothing runs: there is no folder %s.\n", data);
        return STATUS_NOT_RUNNING;
    }
    if (place_open(&p, data, 0, &err) < 0 && strcmp(err.code, "DISK_FULL") != 0) {
        fprintf(stderr, "paintbox status: %s\n", err.msg);
        return 1;
    }
    pid_t pid = place_holder(&p);
    if (pid) {
        rc = show(&p, pid);
    } else {
        printf("Nothing runs in %s.\n", p.dir);
        rc = STATUS_NOT_RUNNING;
    }
    place_close(&p);
    return rc;
}
