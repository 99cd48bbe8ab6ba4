/* paintbox customers | projects | estimates | integrations: one subgraph as a process. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"

#include "services/services.h"

static const struct service *service_named(const char *name)
{
    for (int i = 0; SERVICES[i]; i++)
        if (strcmp(SERVICES[i]->name, name) == 0)
            return SERVICES[i];
    return NULL;
}

int cmd_service(int argc, char **argv)
{
    const struct service *service = service_named(argv[0]);
    const char *listen = NULL, *database = "", *redis = "", *token_file = NULL;
    long workers = 1;
    const struct option_def DEFS[] = {
        {"listen", OPTION_TEXT, &listen, "HOST:PORT", "where to listen (127.0.0.1 and the service's port)", 0, 0},
        {"database", OPTION_TEXT, &database, "CONNINFO", "libpq connection text without dbname", 0, 0},
        {"redis", OPTION_TEXT, &redis, "ADDRESS", "host:port or unix:/path (none)", 0, 0},
        {"service-token-file", OPTION_TEXT, &token_file, "FILE", "what the router has to show", 0, 0},
        {"workers", OPTION_INT, &workers, "N", "threads (1)", 1, 64},
        {0},
    };
    struct arena *a = arena_new(0);
    struct err err = {0};

    int rc = options_parse(argc, argv, arena_printf(a, "paintbox %s --service-token-file FILE [options]", argv[0]).p,
                           DEFS, NULL);
    if (rc < 0 && !token_file) {
        fprintf(stderr,
                "paintbox %s: --service-token-file FILE is missing: subgraphs answer only to whoever knows the token\n",
                argv[0]);
        rc = 2;
    }
    if (rc < 0) {
        struct subgraph_options options = {
            .listen = listen ? str_c(listen) : arena_printf(a, "127.0.0.1:%u", service->port),
            .conninfo = str_c(database),
            .redis = str_c(redis),
            .service_token = str_trim(file_read(a, token_file, 0, &err)),
            .workers = (unsigned)workers,
        };
        if (options.service_token.len) {
            rc = subgraph_main(service, &options);
        } else {
            fprintf(stderr, "paintbox %s: %s\n", argv[0], err.msg[0] ? err.msg : "the service token file is empty");
            rc = 1;
        }
    }
    arena_free(&a);
    return rc;
}
