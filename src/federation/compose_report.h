/* The result of a composition as text: JSON for tools, lines for people. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_REPORT_H
#define PAINTBOX_FEDERATION_COMPOSE_REPORT_H

#include "base/buf.h"
#include "federation/compose.h"
#include "json/json.h"

/* {"supergraph": string|null, "errors": [{code, message, subgraph?, coordinate?, line?, column?}], "hints": [the same
 * and level]} */
void compose_report_json(struct buf *out, const struct compose_result *r);
/* The same members, for an object that has more. */
void compose_report_members(struct json_writer *w, const struct compose_result *r);
/* "errors" and "hints" alone. */
void compose_report_messages(struct json_writer *w, const struct compose_result *r);
/* Errors, then hints down to `level`: `error FIELD_TYPE_MISMATCH: …`, one paragraph each. */
void compose_report_text(struct buf *out, const struct compose_result *r, enum compose_level level);

#endif
