/* What one service commits reaches the others.
 *
 * Publisher: reads the table `outbox` of the service's database from the write-ahead log (a pgoutput replication slot,
 * so in commit order) and adds each row to the Redis Stream `paintbox:events:<service>`, under an id made from its
 * commit position: adding it twice is refused by Redis, which is how "again" is told from "new". The slot moves on only
 * when Redis has accepted. Of several processes of a service the one that holds the slot publishes; the others try
 * again every few seconds. What was in the outbox before there was a slot is published first, from the snapshot that
 * the slot begins at; the same is done when the slot was lost, or when Redis comes back without what it had accepted.
 *
 * Consumer: reads the streams that the service's handlers name, from the position in its own database. The effects of
 * an event and the new position are one transaction, so an event has its effects once. A handler is an SQL statement
 * with one parameter, the event as JSON, and may see an event again after a republication: it compares versions, or
 * does what is harmless when done twice.
 *
 *     static const struct event_handler HANDLERS[] = {
 *         {"customers", "property.*", &PROPERTY_EVENT},
 *         {0}};
 *
 * A stream keeps what a consumer that is alive has not read, and the publisher waits when that becomes too much. A
 * consumer that was away while entries went asks for the outbox to be published again.
 *
 * An event whose handler fails is tried EVENT_ATTEMPTS times with growing pauses, then put into `event_failures` with
 * the error, and passed over. Events without a handler are passed over.
 *
 * Both sides are one thread each with blocking libpq and hiredis: replication is one endless COPY, and a thread of its
 * own cannot delay a request. Nothing here is on the path of a request; without Redis nothing runs, and events wait in
 * the outbox.
 */
#ifndef PAINTBOX_EVENTS_EVENTS_H
#define PAINTBOX_EVENTS_EVENTS_H

#include "io/pg.h"

#define EVENT_ATTEMPTS 5
#define EVENTS_KEPT 20000 /* so many stay in each stream though everybody has read them; the outbox keeps all of a week */

struct event_handler {
    const char *source;             /* the service whose event it is: "customers" */
    const char *kind;               /* "customer.updated"; "customer.*" and "*" for all that begin so */
    const struct pg_statement *run; /* $1: the event, an object with the outbox's columns, as jsonb */
};

struct events_options {
    struct str service, database, conninfo; /* conninfo without dbname */
    struct str redis;                       /* address */
    const struct event_handler *handlers;   /* ends with {0}; NULL: none */
    unsigned events_kept;                   /* 0: EVENTS_KEPT */
};

struct events;
/* NULL with *err when a thread cannot be started. Servers that are away are waited for. The strings and handlers stay
 * the caller's and outlive the threads. */
struct events *events_start(const struct events_options *options, struct err *err);
/* Ends both threads, in a second or less. */
void events_stop(struct events **e);

#endif
