/* Numbers of a reply → the text that goes to the client (specification §3.5, result coercion). What is written as it
 * should be stays as it is; odd spellings are written anew. Numbers are never rounded on the way.
 */
#ifndef PAINTBOX_ROUTER_LEAF_H
#define PAINTBOX_ROUTER_LEAF_H

#include "base/arena.h"

/* `raw` is a JSON number, `integer` when it has neither fraction nor exponent. False when it is no value of that type. */

/* 32 bits. 1.0, 1e3 and -0 are integers and become 1, 1000 and 0. */
bool leaf_int(struct arena *a, struct str raw, bool integer, struct str *out);
/* Is it finite at first sight? */
bool leaf_float_plain(struct str raw, bool integer);
/* Whatever a double can hold: 1e999 is infinite and no Float. */
bool leaf_float(struct arena *a, struct str raw, bool integer);
/* Becomes a string: 12 and 12.0 become "12". Integers of any length keep all digits. */
bool leaf_id(struct arena *a, struct str raw, bool integer, struct str *out);

#endif
