#include "services/seed.h"

#include "services/seed/load.h"

#include <pthread.h>

#define ARENA_BYTES_MAX (512u << 20)
#define SMALL_TABLES_ROWS (SEED_CUSTOMERS + SEED_PROPERTIES + SEED_USERS)

enum { DB_CUSTOMERS, DB_PROJECTS, DB_ESTIMATES, DB_INTEGRATIONS, DB_ESTIMATES_TOO, DB_COUNT };
static const struct {
    const char *database, *table;
} DATABASES[DB_COUNT] = {{"paintbox_customers", "customers"},
                         {"paintbox_projects", "projects"},
                         {"paintbox_estimates", "estimates"},
                         {"paintbox_integrations", "users"},
                         {"paintbox_estimates", NULL}};

struct load {
    struct world *world;
    PGconn *conns[DB_COUNT];
    struct json *card;
    struct str card_id;
    seed_progress *progress;
    void *arg;
    pthread_mutex_t lock; /* guards what follows, and the progress callback */
    unsigned next;        /* estimate that the next batch begins with */
    size_t estimates_done;
    bool failed;
    struct err err; /* the first failure */
};

struct worker {
    struct load *load;
    PGconn *conn;
    bool small_tables; /* writes customers and users before it helps with the estimates */
};

static void report(struct load *l, const char *what, size_t done, size_t total)
{
    if (l->progress)
        l->progress(l->arg, what, done, total);
}

static void note_failure(struct load *l, const struct err *err)
{
    pthread_mutex_lock(&l->lock);
    if (!l->failed)
        l->err = *err;
    l->failed = true;
    pthread_mutex_unlock(&l->lock);
}

/* The first estimate of the next batch; SEED_ESTIMATES when there is none, or when the other thread failed. */
static unsigned take_batch(struct load *l, unsigned just_done)
{
    pthread_mutex_lock(&l->lock);
    l->estimates_done += just_done;
    if (just_done)
        report(l, "estimates", l->estimates_done, SEED_ESTIMATES);
    unsigned from = l->failed ? SEED_ESTIMATES : l->next;
    l->next = from + ESTIMATE_BATCH < SEED_ESTIMATES ? from + ESTIMATE_BATCH : SEED_ESTIMATES;
    pthread_mutex_unlock(&l->lock);
    return from;
}

static int load_small_tables(struct load *l, struct err *err)
{
    if (customers_load(l->world, l->conns[DB_CUSTOMERS], err) < 0 ||
        integrations_load(l->world, l->conns[DB_INTEGRATIONS], err) < 0)
        return -1;
    pthread_mutex_lock(&l->lock);
    report(l, "customers", SMALL_TABLES_ROWS, SMALL_TABLES_ROWS);
    pthread_mutex_unlock(&l->lock);
    return 0;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct load *l = w->load;
    struct err err = {0};
    struct estimate_loader loader;
    int status = w->small_tables ? load_small_tables(l, &err) : 0;
    estimate_loader_init(&loader, l->world, w->conn, l->card, l->card_id);
    unsigned done = 0, from;
    while (status == 0 && (from = take_batch(l, done)) < SEED_ESTIMATES) {
        done = SEED_ESTIMATES - from < ESTIMATE_BATCH ? SEED_ESTIMATES - from : ESTIMATE_BATCH;
        status = estimates_load(&loader, from, from + done, &err);
    }
    estimate_loader_free(&loader);
    if (status < 0)
        note_failure(l, &err);
    return NULL;
}

static int load_in_threads(struct load *l, struct err *err)
{
    struct worker first = {l, l->conns[DB_ESTIMATES], false}, second = {l, l->conns[DB_ESTIMATES_TOO], true};
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, &second) != 0)
        return err_set(err, "SEED_FAILED", "cannot start a thread");
    work(&first);
    pthread_join(thread, NULL);
    if (l->failed) {
        *err = l->err;
        return -1;
    }
    report(l, "projects", 0, SEED_PROJECTS);
    if (projects_load(l->world, l->conns[DB_PROJECTS], err) < 0)
        return -1;
    report(l, "projects", SEED_PROJECTS, SEED_PROJECTS);
    return estimates_finish(l->conns[DB_ESTIMATES], err);
}

static int open_all(struct load *l, struct str conninfo, struct err *err)
{
    for (unsigned i = 0; i < DB_COUNT; i++) {
        l->conns[i] = copy_open(conninfo, DATABASES[i].database, DATABASES[i].table, err);
        if (!l->conns[i])
            return -1;
    }
    return 0;
}

int seed_load(struct str conninfo, seed_progress *progress, void *arg, struct err *err)
{
    struct err ignored;
    err = err ? err : &ignored;
    struct arena *a = arena_new(ARENA_BYTES_MAX);
    struct load l = {.progress = progress, .arg = arg, .lock = PTHREAD_MUTEX_INITIALIZER};
    int status = open_all(&l, conninfo, err);
    if (status == 0) {
        l.world = world_build(a, clock_wall_us());
        status = estimates_read_card(l.conns[DB_ESTIMATES], a, &l.card, &l.card_id, err);
    }
    if (status == 0)
        status = load_in_threads(&l, err);
    for (unsigned i = 0; i < DB_COUNT; i++)
        PQfinish(l.conns[i]);
    arena_free(&a);
    return status;
}
