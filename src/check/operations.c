#include "check/operations.h"

#include "base/file.h"
#include "graphql/parser.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- one operation ---- */

static struct str key_of(struct arena *a, const struct operation *op)
{
    struct str variables = op->variables ? op->variables->raw : STR_NONE;
    return arena_printf(a, "%.*s%c%.*s%c%.*s", STR_ARG(op->name), 0, STR_ARG(variables), 0, STR_ARG(op->query));
}

static void add_client(struct arena *a, struct operation *op, struct str client)
{
    for (size_t i = 0; i < op->clients.n; i++)
        if (str_eq(op->clients.v[i], client))
            return;
    vec_push(a, &op->clients, client);
}

static int add(struct arena *a, struct operations *out, const struct operation *op, struct str client, struct err *err)
{
    struct str key = key_of(a, op);
    struct operation *known = map_get(&out->by_key, key);
    if (!known) {
        if (out->list.n == OPERATIONS_MAX)
            return err_set(err, "OPERATIONS_INVALID", "more than %d different operations: record fewer",
                           OPERATIONS_MAX);
        known = arena_memdup(a, op, sizeof *op);
        known->count = 0;
        map_put(a, &out->by_key, key, known);
        vec_push(a, &out->list, known);
    }
    if (__builtin_add_overflow(known->count, op->count, &known->count))
        known->count = UINT64_MAX;
    if (client.len)
        add_client(a, known, client);
    return 0;
}

/* ---- JSON lines ---- */

static int wrong_line(const struct operation *op, struct err *err, const char *what)
{
    return err_set(err, "OPERATIONS_INVALID", "%.*s:%u: %s", STR_ARG(op->file), op->line, what);
}

static int read_line(struct arena *a, struct operations *out, struct operation op, struct str line, struct err *err)
{
    struct err json_err = {0};
    const struct json *v = json_parse(a, line, &json_err);
    if (!v)
        return wrong_line(&op, err, json_err.msg);
    const struct json *count = json_get(v, STR("count")), *variables = json_get(v, STR("variables"));
    int64_t n = 1;
    op.query = json_get_str(v, STR("query"));
    op.name = json_get_str(v, STR("operationName"));
    if (!op.query.p)
        return wrong_line(&op, err, "an operation is an object with the member \"query\", a text");
    if (count && (!json_to_i64(count, &n) || n < 0))
        return wrong_line(&op, err, "\"count\" must be a whole number, 0 or more");
    if (variables && variables->kind != JSON_OBJECT && variables->kind != JSON_NULL)
        return wrong_line(&op, err, "\"variables\" must be an object");
    op.variables = variables && variables->kind == JSON_OBJECT ? variables : NULL;
    op.count = (uint64_t)n;
    return add(a, out, &op, json_get_str(v, STR("client")), err);
}

static int read_lines(struct arena *a, struct operations *out, struct str file, struct str text, struct err *err)
{
    struct operation op = {.file = file};
    struct str rest = text, line;
    while (str_split(&rest, '\n', &line)) {
        op.line++;
        line = str_trim(line);
        if (line.len && read_line(a, out, op, line, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- documents ---- */

static int read_document(struct arena *a, struct operations *out, struct str file, struct str text, bool shared,
                         struct err *err)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(a, text, &(struct gql_parse_options){0}, &errors);
    if (!doc)
        return err_set(err, "OPERATIONS_INVALID", "%.*s:%u: %.*s", STR_ARG(file),
                       errors.v[0].n_locs ? errors.v[0].locs[0].line : 0, STR_ARG(errors.v[0].message));
    for (uint32_t i = 0; i < doc->n; i++) {
        struct gql_definition *def = doc->definitions[i];
        struct operation op = {
            .query = text, .name = def->name.s, .count = 1, .file = file, .line = def->loc.line, .alone = true};
        if (def->kind == GQL_FRAGMENT && shared)
            map_put(a, &out->fragments, def->name.s, def);
        if (def->kind == GQL_OPERATION && add(a, out, &op, STR_NONE, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- files and folders ---- */

static bool is_document(struct str path)
{
    return str_ends(path, STR(".graphql")) || str_ends(path, STR(".gql"));
}

static bool is_recorded(struct str path)
{
    return is_document(path) || str_ends(path, STR(".json")) || str_ends(path, STR(".jsonl")) ||
           str_ends(path, STR(".ndjson"));
}

static int read_file(struct arena *a, const char *path, bool shared, struct operations *out, struct err *err)
{
    struct str text = file_read(a, path, OPERATIONS_FILE_MAX, err), file = arena_str(a, str_c(path));
    if (!text.p)
        return -1;
    return is_document(file) ? read_document(a, out, file, text, shared, err) : read_lines(a, out, file, text, err);
}

static int read_folder(struct arena *a, const char *path, int depth, struct operations *out, struct err *err);

static int read_entry(struct arena *a, const char *path, int depth, struct operations *out, struct err *err)
{
    struct stat own, st;
    if (lstat(path, &own) < 0 || stat(path, &st) < 0)
        return err_set(err, "FILE_UNREADABLE", "cannot read %s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode)) /* links to folders could lead round in circles */
        return S_ISLNK(own.st_mode) ? 0 : read_folder(a, path, depth + 1, out, err);
    return is_recorded(str_c(path)) ? read_file(a, path, true, out, err) : 0;
}

static int read_folder(struct arena *a, const char *path, int depth, struct operations *out, struct err *err)
{
    struct dirent **entries;
    int rc = 0;
    if (depth > OPERATIONS_DEPTH_MAX)
        return err_set(err, "FILE_UNREADABLE", "%s: more than %d folders below each other", path, OPERATIONS_DEPTH_MAX);
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0)
        return err_set(err, "FILE_UNREADABLE", "cannot read the folder %s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        if (rc == 0 && entries[i]->d_name[0] != '.')
            rc = read_entry(a, arena_printf(a, "%s/%s", path, entries[i]->d_name).p, depth, out, err);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

int operations_read(struct arena *a, const char *path, struct operations *out, struct err *err)
{
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return read_folder(a, path, 0, out, err);
    return read_file(a, path, false, out, err);
}
