/* Private to seed: writing the world into each database. */
#ifndef PAINTBOX_SERVICES_SEED_LOAD_H
#define PAINTBOX_SERVICES_SEED_LOAD_H

#include "json/json.h"
#include "services/seed/copy.h"

/* Estimates are shared out among threads in batches. */
#define ESTIMATE_BATCH 400

struct estimate_loader {
    struct world *world;
    PGconn *conn;
    const struct json *card;
    struct str card_id;
    struct buf estimates, areas, surfaces, lines, tiers, discounts, acceptances, scope;
};

int estimates_read_card(PGconn *conn, struct arena *a, struct json **card, struct str *id, struct err *err);
void estimate_loader_init(struct estimate_loader *l, struct world *w, PGconn *conn, const struct json *card,
                          struct str card_id);
void estimate_loader_free(struct estimate_loader *l);
/* Prices and writes [from, to) in one transaction. */
int estimates_load(struct estimate_loader *l, unsigned from, unsigned to, struct err *err);
int estimates_finish(PGconn *conn, struct err *err);

int customers_load(struct world *w, PGconn *conn, struct err *err);
int integrations_load(struct world *w, PGconn *conn, struct err *err);
/* After the estimates: budgets and facts come from them. */
int projects_load(struct world *w, PGconn *conn, struct err *err);

#endif
