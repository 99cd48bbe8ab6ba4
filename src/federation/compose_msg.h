/* What composition has to say. Errors and hints are collected in the order of discovery, which is the same for the same
 * subgraphs in any order of input, because subgraphs are looked at in the order of their names. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_MSG_H
#define PAINTBOX_FEDERATION_COMPOSE_MSG_H

#include "base/vec.h"
#include "federation/compose.h"
#include "federation/compose_model.h"

#define COMPOSE_MESSAGES_MAX 10000

struct message_vec VEC_BODY(struct compose_message);

struct messages {
    struct arena *arena;
    struct message_vec errors, hints;
};

/* Where a message belongs: one subgraph and one element of it; both may be NULL. */
struct where {
    const struct fed_subgraph *subgraph;
    const struct fed_elem *elem;
    struct gql_loc loc;    /* line 0: that of elem */
    struct str coordinate; /* .p NULL: that of elem */
};

void msg_error(struct messages *m, struct where w, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void msg_hint(struct messages *m, enum compose_level level, struct where w, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- one element as several subgraphs have it ---- */

struct source {
    struct fed_subgraph *sg;
    struct fed_elem *elem; /* NULL: the subgraph has the parent but not the element */
};
struct sources {
    struct source *v;
    uint32_t n;
};

/* Text that tells apart what a subgraph has; STR_NONE leaves the subgraph out. */
typedef struct str (*source_text)(struct arena *a, const struct source *s, const void *data);

/* `type "Int" in subgraph "a" (line 3) and type "Int!" in subgraphs "b" (line 4) and "c" (line 9)`: equal texts
 * together, those equal to `first` in front. `missing`: sources without an element count too, with the text the
 * callback gives them. */
struct str sources_describe(struct arena *a, const struct sources *s, struct str first, source_text text,
                            const void *data, bool missing);
/* `subgraph "a" (line 3)` or `subgraphs "a" (line 3) and "b"`: of the sources that `keep` accepts. */
typedef bool (*source_keep)(const struct source *s, const void *data);
struct str sources_list(struct arena *a, const struct sources *s, source_keep keep, const void *data);
bool source_present(const struct source *s, const void *data);
bool source_absent(const struct source *s, const void *data);
/* `"a", "b" and "c"` with a noun before: `type "A"`, `types "A" and "B"`. */
struct str msg_names(struct arena *a, const char *singular, const char *plural, const struct str *names, size_t n);

#endif
