/* Recorded operations: what clients really send.
 *
 * Two formats, told apart by the name of the file. `*.graphql` and `*.gql` are documents; each operation in them
 * counts once. Everything else is newline-delimited JSON, one operation a line:
 *
 *     {"query": "query Q { a }", "operationName": "Q", "count": 120, "client": "ios", "variables": {"n": 1}}
 *
 * Only `query` is needed. `count` is how often it was seen (1). `variables` are those of one request; without them
 * every value that the types allow is assumed. Unknown members are ignored. A folder stands for all files below it
 * whose names end in .graphql, .gql, .json, .jsonl or .ndjson; its documents may use each other's fragments, as
 * clients' sources do. Links to folders are not followed.
 *
 * Lines with the same query, name and variables are one operation; their counts add up. */
#ifndef PAINTBOX_CHECK_OPERATIONS_H
#define PAINTBOX_CHECK_OPERATIONS_H

#include "base/vec.h"
#include "base/err.h"
#include "base/map.h"
#include "json/json.h"

#define OPERATIONS_FILE_MAX ((size_t)1 << 30) /* bytes of one file */
#define OPERATIONS_MAX 1000000
#define OPERATIONS_DEPTH_MAX 32 /* of folders */

struct operation {
    struct str query;
    struct str name;              /* operationName; .p NULL without */
    const struct json *variables; /* NULL without */
    uint64_t count;
    VEC(struct str) clients; /* in order of appearance, each once */
    struct str file;         /* where it was seen first */
    uint32_t line;
    bool alone; /* of a document: clients send it with the fragments it needs, and without the rest */
};

struct operations {
    VEC(struct operation *) list;
    struct map by_key; /* private */
    struct map fragments; /* of the folders' documents: name → struct gql_definition; see usage.h */
};

/* Adds what `path` has. -1 with *err: FILE_UNREADABLE, or OPERATIONS_INVALID with file and line. */
int operations_read(struct arena *a, const char *path, struct operations *out, struct err *err);

#endif
