/* Block strings (specification §2.9.4): the value of """…""", and the way back. Private to the room. */
#ifndef PAINTBOX_GRAPHQL_BLOCK_STRING_H
#define PAINTBOX_GRAPHQL_BLOCK_STRING_H

#include "base/buf.h"

/* `raw` is what stands between the quotes. Common indentation and blank lines at both ends are taken off, \""" becomes
 * """, line ends become \n. Gives a slice of `raw` when nothing has to change. */
struct str gql_block_string_value(struct arena *a, struct str raw);

/* Would the text be the same after a trip through gql_block_string_print()? */
bool gql_block_string_printable(struct str value);

/* With the quotes. Every line after the first begins with `indent` spaces. */
void gql_block_string_print(struct buf *out, struct str value, uint32_t indent);

/* A line end and `indent` spaces. */
void gql_put_newline(struct buf *out, uint32_t indent);

/* Length as JavaScript counts it. The text is UTF-8. */
size_t gql_utf16_len(struct str s);

#endif
