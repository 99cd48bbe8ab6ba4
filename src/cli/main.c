/* paintbox COMMAND: the table of commands. */
#include "cli/commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELPERS_MIN 8 /* helper threads besides one for each core */

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} COMMANDS[] = {
    {"up", cmd_up, "start everything on this machine: databases, subgraphs, router"},
    {"status", cmd_status, "what runs, where, since when"},
    {"down", cmd_down, "stop what `up --detach` started"},
    {"logs", cmd_logs, "show and follow the logs"},
    {"token", cmd_token, "make a token for a role"},
    {"router", cmd_router, "run the router with a supergraph"},
    {"customers", cmd_service, "run the customers subgraph"},
    {"projects", cmd_service, "run the projects subgraph"},
    {"estimates", cmd_service, "run the estimates subgraph"},
    {"integrations", cmd_service, "run the integrations subgraph"},
    {"compose", cmd_compose, "compose subgraph schemas into a supergraph"},
    {"check", cmd_check, "compare two schemas: what breaks clients?"},
    {"plan", cmd_plan, "show how an operation would be fetched"},
    {"migrate", cmd_migrate, "bring a database's schema up, down, or show its state"},
    {"seed", cmd_seed, "load the demo data"},
};

static int help(FILE *out)
{
    fprintf(out, "Paintbox: the backend of a paint contractor's business as one federated GraphQL graph.\n\n"
                 "usage: paintbox COMMAND [options]     (paintbox COMMAND --help tells more)\n\n");
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        fprintf(out, "  %-14s %s\n", COMMANDS[i].name, COMMANDS[i].help);
    return out == stdout ? 0 : 2;
}

/* The helper threads of libuv are shared by all loops of the process: they plan, read and check documents, resolve
 * names and open connections. With its default of four, a few names that a dead DNS server keeps waiting would hold up
 * planning. libuv reads this once, before its first thread; who has set it knows better. */
static void size_helper_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    char text[24];
    snprintf(text, sizeof text, "%ld", HELPERS_MIN + (cores > 0 ? cores : 1));
    setenv("UV_THREADPOOL_SIZE", text, 0);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    size_helper_threads();
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(stdout);
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(argv[1], COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc - 1, argv + 1);
    fprintf(stderr, "unknown command \"%s\"\n\n", argv[1]);
    return help(stderr);
}
