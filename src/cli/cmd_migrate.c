/* paintbox migrate up | down | status: the schemas of the services' databases. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"

#include "services/services.h"
#include "subgraph/migrate.h"

#include <unistd.h>

static int show_status(struct str conninfo, const struct service *s, struct err *err)
{
    struct arena *a = arena_new(0);
    struct migration_status *list;
    size_t n;
    int rc = migrate_status(conninfo, s, a, &list, &n, err);

    printf("%s\n", s->database);
    for (size_t i = 0; rc == 0 && i < n; i++)
        printf("  %-40.*s %s%.*s%s\n", STR_ARG(list[i].name), list[i].applied ? "applied " : "pending",
               STR_ARG(list[i].applied_at), list[i].changed ? "  CHANGED since" : "");
    arena_free(&a);
    return rc;
}

static int run(const char *what, struct str conninfo, const struct service *s, unsigned count, struct err *err)
{
    unsigned n = 0;
    int rc;

    if (strcmp(what, "status") == 0)
        return show_status(conninfo, s, err);
    if (strcmp(what, "up") == 0) {
        rc = migrate_create_database(conninfo, s, err) < 0 ? -1 : migrate_up(conninfo, s, &n, err);
        if (rc == 0)
            printf("%s: %u applied\n", s->database, n);
        return rc;
    }
    rc = migrate_down(conninfo, s, count, &n, err);
    if (rc == 0)
        printf("%s: %u taken back\n", s->database, n);
    return rc;
}

int cmd_migrate(int argc, char **argv)
{
    const char *database = NULL, *only = NULL;
    long count = 1;
    const struct option_def DEFS[] = {
        {"database", OPTION_TEXT, &database, "CONNINFO", "libpq connection text without dbname", 0, 0},
        {"service", OPTION_TEXT, &only, "NAME", "one service (all; `down` needs one)", 0, 0},
        {"count", OPTION_INT, &count, "N", "how many `down` takes back (1)", 1, 1000},
        {0},
    };
    static const char USAGE[] = "paintbox migrate up|down|status --database CONNINFO [options]";
    struct words words = {0};
    struct err err = {0};
    bool any = false;

    int rc = options_parse(argc, argv, USAGE, DEFS, &words);
    if (rc >= 0)
        return rc;
    const char *what = words.n == 1 ? words.v[0] : "";
    bool known = strcmp(what, "up") == 0 || strcmp(what, "down") == 0 || strcmp(what, "status") == 0;
    if (!known || !database || (strcmp(what, "down") == 0 && !only)) {
        fprintf(stderr, "usage: %s\n", USAGE);
        return 2;
    }
    for (int i = 0; SERVICES[i]; i++) {
        if (only && strcmp(only, SERVICES[i]->name) != 0)
            continue;
        any = true;
        if (run(what, str_c(database), SERVICES[i], (unsigned)count, &err) < 0) {
            fprintf(stderr, "paintbox migrate: %s: %s\n", SERVICES[i]->database, err.msg);
            return 1;
        }
    }
    if (!any) {
        fprintf(stderr, "paintbox migrate: there is no service \"%s\"\n", only);
        return 2;
    }
    return 0;
}
