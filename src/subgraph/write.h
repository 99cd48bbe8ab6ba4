/* Writes: the change, its audit row and its outbox event, in one transaction.
 *
 *     static void update(struct write *w)
 *     {
 *         struct pg_result *r = write_query(w, &CUSTOMER_UPDATE, params, n);
 *         if (!r) return;                                   // an SQL error: rolled back and reported
 *         if (r->n_rows == 0) { write_reject(w, conflict_error(w->batch, …)); return; }
 *         write_event(w, &(struct change){.entity = "Customer", .id = id, .version = …, .action = "customer.updated",
 *                                         .before = before, .after = after});
 *         write_result(w, object);
 *     }
 *     …
 *     batch_write(b, &(struct write_options){.idempotency_key = key, .name = "updateCustomer"}, update, &input);
 *
 * Nothing is written when the function rejects, fails or records no change. With an idempotency key the answer of the
 * first success is remembered (table `idempotency`, 30 days) and given again; the same key with another input is a
 * ValidationError.
 */
#ifndef PAINTBOX_SUBGRAPH_WRITE_H
#define PAINTBOX_SUBGRAPH_WRITE_H

#include "subgraph/subgraph.h"

struct write {
    struct batch *batch;
    struct request *request;
    struct pg_tx *tx;
    void *arg;
    void *private;
};

struct change {
    const char *entity; /* "Customer" */
    struct str id;
    int64_t version;              /* of the aggregate after the change */
    const char *action;           /* "customer.updated": audit action and event kind */
    struct str before, after;     /* JSON; p NULL: none */
    struct str summary;           /* one line of English for the timeline */
    struct str customer, project; /* ids of the customer and project it concerns; p NULL: none */
};

struct write_options {
    const char *name;           /* the mutation, part of the idempotency key's scope */
    struct str idempotency_key; /* STR_NONE: none */
};

/* Runs `fn` inside a transaction and sets the field's cell. Retries twice on serialization failure or deadlock. */
void batch_write(struct batch *b, const struct write_options *options, void (*fn)(struct write *w), void *arg);

struct pg_result *write_query(struct write *w, const struct query *q, const struct pg_param *params, unsigned n_params);
/* Why the last statement failed, e.g. "23505" for a value that is there already; NULL when none has. The function may
 * then write_reject() with an error that tells the caller; without that the field fails. */
const char *write_sql_state(const struct write *w);
void write_event(struct write *w, const struct change *change);
void write_result(struct write *w, struct object *success);
/* Roll back and answer with an error object of the result union. */
void write_reject(struct write *w, struct object *error);

/* ---- the error types that all services share ---- */

struct field_error {
    const char *path; /* "input.email" */
    struct str message;
};
struct object *validation_error(struct batch *b, const struct field_error *fields, size_t n);
struct object *not_found_error(struct batch *b, const char *what, struct str id);
struct object *conflict_error(struct batch *b, int64_t expected, int64_t current);
struct object *forbidden_error(struct batch *b, const char *message, const char *const *scopes, size_t n);

#endif
