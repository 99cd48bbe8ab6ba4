/* Publishes and consumes for tests until its standard input ends; see test/integration/events.test.mjs. */
#include "events/events.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct pg_statement SEEN = {
    .name = "seen",
    .sql = STR_INIT("insert into seen (event, kind, entity, version) select ($1::jsonb ->> 'id')::uuid, $1::jsonb ->> 'kind', "
                    "$1::jsonb ->> 'entity_id', ($1::jsonb ->> 'version')::bigint")};
static const struct event_handler HANDLERS[] = {{"source", "thing.*", &SEEN}, {0}};

int main(int argc, char **argv)
{
    struct err err = {0};
    char c;
    if (argc != 5 && argc != 6) {
        fputs("usage: events-probe CONNINFO REDIS SERVICE DATABASE [KEPT]\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct events_options o = {.conninfo = str_c(argv[1]),
                               .redis = str_c(argv[2]),
                               .service = str_c(argv[3]),
                               .database = str_c(argv[4]),
                               .handlers = strcmp(argv[3], "target") == 0 ? HANDLERS : NULL,
                               .events_kept = argc == 6 ? (unsigned)atoi(argv[5]) : 0};
    struct events *e = events_start(&o, &err);
    if (!e) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    while (read(0, &c, 1) > 0)
        continue;
    events_stop(&e);
    return 0;
}
