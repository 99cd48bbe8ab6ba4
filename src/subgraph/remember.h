/* Answers of writes as JSON, and back: what an idempotency key remembers. Rows keep their columns with their types, so
 * that the answer given again is the same, whatever is selected of it. */
#ifndef PAINTBOX_SUBGRAPH_REMEMBER_H
#define PAINTBOX_SUBGRAPH_REMEMBER_H

#include "subgraph/kit.h"

void remember_write(struct buf *out, const struct object *o);
/* NULL when the JSON is not what remember_write() makes. */
struct object *remember_read(struct exec *x, const struct json *v);

#endif
