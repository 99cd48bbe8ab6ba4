/* The four services for tests: migrate, check, seed, serve one. See test/integration/services.test.mjs. */
#include "services/seed.h"
#include "services/services.h"
#include "subgraph/migrate.h"

static int usage(void)
{
    fputs("usage: test-services CONNINFO up [SERVICE] | down SERVICE COUNT | check | seed | serve SERVICE LISTEN\n",
          stderr);
    return 2;
}

static const struct service *find(const char *name)
{
    for (int i = 0; SERVICES[i]; i++)
        if (strcmp(SERVICES[i]->name, name) == 0)
            return SERVICES[i];
    return NULL;
}

static int said(int rc, const struct err *err)
{
    if (rc)
        fprintf(stderr, "%s: %s\n", err->code, err->msg);
    return rc != 0;
}

static int each(struct str conninfo, const char *command)
{
    struct err err = {0};
    int rc = 0;
    unsigned n;
    for (int i = 0; SERVICES[i] && rc == 0; i++) {
        if (strcmp(command, "check") == 0)
            rc = service_check(conninfo, SERVICES[i], &err);
        else
            rc = migrate_create_database(conninfo, SERVICES[i], &err) || migrate_up(conninfo, SERVICES[i], &n, &err);
    }
    return said(rc, &err);
}

static int up(struct str conninfo, const struct service *s)
{
    struct err err = {0};
    unsigned n = 0;
    int rc = migrate_create_database(conninfo, s, &err) || migrate_up(conninfo, s, &n, &err);
    printf("%u\n", n);
    return said(rc, &err);
}

static int down(struct str conninfo, const struct service *s, const char *count)
{
    struct err err = {0};
    int64_t wanted = 0;
    unsigned n = 0;
    str_to_i64(str_c(count), &wanted);
    int rc = migrate_down(conninfo, s, (unsigned)wanted, &n, &err);
    printf("%u\n", n);
    return said(rc, &err);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc < 3)
        return usage();
    struct str conninfo = str_c(argv[1]);
    const char *command = argv[2];
    const struct service *s = argc > 3 ? find(argv[3]) : NULL;
    if (strcmp(command, "up") == 0 && s)
        return up(conninfo, s);
    if (strcmp(command, "up") == 0 || strcmp(command, "check") == 0)
        return each(conninfo, command);
    if (strcmp(command, "seed") == 0)
        return said(seed_load(conninfo, NULL, NULL, &err), &err);
    if (strcmp(command, "down") == 0 && s && argc == 5)
        return down(conninfo, s, argv[4]);
    if (strcmp(command, "serve") == 0 && s && argc == 5)
        return subgraph_main(
            s, &(struct subgraph_options){
                   .listen = str_c(argv[4]), .conninfo = conninfo, .service_token = STR("secret"), .workers = 1});
    return usage();
}
