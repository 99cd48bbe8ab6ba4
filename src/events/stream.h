/* One service's stream in Redis, and who reads it.
 *
 *     paintbox:events:S           the entries; ids are <commit position>-<row of the transaction>
 *     paintbox:events:S:readers   hash: reading service -> "<id> <Unix seconds>", kept fresh while it runs
 *     paintbox:events:S:trimmed   the id up to which entries may be gone
 *     paintbox:events:S:replay    set by a reader whose position is before that
 *
 * An entry goes when the stream is longer than `events_kept` and every reader that is alive has read it. A reader that
 * was away finds out by `trimmed` and asks for the outbox to be published again. All functions give false with *err
 * when Redis is away or answers strangely.
 */
#ifndef PAINTBOX_EVENTS_STREAM_H
#define PAINTBOX_EVENTS_STREAM_H

#include "events/private.h"

#define STREAM_ID_MAX 48      /* two 64-bit numbers and a dash */
#define STREAM_READER_S 30    /* a reader that was not heard of for so long counts as away */
#define STREAM_AHEAD 5        /* so many times events_kept may lie before the slowest reader that is alive */

/* Of two ids: less than, equal to or greater than 0. */
int stream_compare(const char *a, const char *b);

/* ---- the publisher's side: the stream of t->options->service ---- */

/* An entry that is there already is no error. */
bool stream_add(struct events_thread *t, uint64_t commit, uint64_t index, struct str event, struct err *err);
/* The commit position that the stream ended with, 0 for none. */
bool stream_end(struct events_thread *t, uint64_t *end, struct err *err);
bool stream_drop(struct events_thread *t, struct err *err);
/* After so many additions stream_trim() is due. */
unsigned stream_trim_step(const struct events_thread *t);
/* Removes what may go. *ahead: a reader that is alive has too much before it: wait and call again. */
bool stream_trim(struct events_thread *t, bool *ahead, struct err *err);
bool stream_replay_asked(struct events_thread *t, bool *asked, struct err *err);
bool stream_replay_taken(struct events_thread *t, struct err *err);

/* ---- a reader's side: the stream of `source` ---- */

/* Notes how far t->options->service has come. */
bool stream_reader_at(struct events_thread *t, const char *source, const char *id, struct err *err);
/* Asks for a replay when entries after `id` may be gone. */
bool stream_reader_check(struct events_thread *t, const char *source, const char *id, struct err *err);

#endif
