/* The integrations service alone, for its test: migrates its database up and down, compares with it, and serves. */
#include "services/services.h"
#include "subgraph/migrate.h"

#include <limits.h>

static int migrate(struct str conninfo, bool up)
{
    const struct service *s = &INTEGRATIONS_SERVICE;
    struct err err;
    unsigned n = 0;
    int rc = up ? migrate_create_database(conninfo, s, &err) || migrate_up(conninfo, s, &n, &err)
                : migrate_down(conninfo, s, UINT_MAX, &n, &err);
    if (rc)
        fprintf(stderr, "%s: %s\n", err.code, err.msg);
    else
        printf("%u\n", n);
    return rc != 0;
}

static int check(struct str conninfo)
{
    struct err err;
    int rc = service_check(conninfo, &INTEGRATIONS_SERVICE, &err);
    if (rc)
        fprintf(stderr, "%s: %s\n", err.code, err.msg);
    return rc != 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "serve") == 0)
        return subgraph_main(&INTEGRATIONS_SERVICE, &(struct subgraph_options){.listen = STR("127.0.0.1:0"),
                                                                               .conninfo = str_c(argv[1]),
                                                                               .service_token = STR("secret")});
    if (argc == 3 && strcmp(argv[2], "check") == 0)
        return check(str_c(argv[1]));
    if (argc == 3 && (strcmp(argv[2], "up") == 0 || strcmp(argv[2], "down") == 0))
        return migrate(str_c(argv[1]), strcmp(argv[2], "up") == 0);
    fputs("usage: test-integrations CONNINFO serve | check | up | down\n", stderr);
    return 2;
}
