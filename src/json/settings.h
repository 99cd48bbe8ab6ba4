/* Settings from YAML files: paintbox.yaml, supergraph.yaml.
 *
 *     struct json *defaults = settings_parse(a, "defaults", embedded, &err);
 *     struct json *user = settings_read_file(a, "paintbox.yaml", &err);
 *     if (!user || settings_check(user, KEYS, KEYS_COUNT, &err) < 0) …
 *     struct json *s = settings_merge(a, defaults, user);
 *     int64_t timeout_us = 30 * US_PER_SEC;
 *     if (settings_duration(s, "router.traffic_shaping.timeout", 0, US_PER_DAY, &timeout_us, &err)
 * < 0) …
 *
 * The tree is that of json.h. Plain scalars follow YAML 1.2's core schema as far as JSON knows it:
 * null, true, false and JSON's numbers; all else is text (also yes, on, 0x1F). Every value
 * remembers its file and line, which begin each error: "paintbox.yaml:12: router.port: …". Hence
 * only trees of settings_parse(), settings_read_file() and settings_merge() may be given to the
 * functions here.
 *
 * Expansion in values, as in Apollo Router:
 *
 *     ${env.NAME}            the environment variable, an error when it is not set
 *     ${env.NAME:-default}   the default when it is not set or empty
 *     ${file.PATH}           the file's content without a newline at its end; PATH counts from the
 * YAML file's folder
 *     $${                    the characters ${
 *
 * What a plain (unquoted) value expands to may be a number or a boolean; a quoted one stays text.
 *
 * Refused: a root that is no mapping, keys given twice, keys that are no scalars, several
 * documents, more than SETTINGS_NODES_MAX values (aliases count each time), deeper than
 * SETTINGS_DEPTH_MAX, files above 1 MB.
 */
#ifndef PAINTBOX_JSON_SETTINGS_H
#define PAINTBOX_JSON_SETTINGS_H

#include "json/json.h"

#define SETTINGS_NODES_MAX 20000
#define SETTINGS_DEPTH_MAX 32
#define SETTINGS_FILE_MAX (1u << 20)

/* NULL with *err (SETTINGS_INVALID, or FILE_UNREADABLE for the file itself). `file` is copied;
 * an empty text is an empty mapping. */
struct json *settings_parse(struct arena *a, const char *file, struct str yaml, struct err *err);
struct json *settings_read_file(struct arena *a, const char *path, struct err *err);

/* `over` on top of `base`: mappings member by member, everything else replaced whole, lists too.
 * Neither is changed. */
struct json *settings_merge(struct arena *a, const struct json *base, const struct json *over);

/* Refuses (SETTINGS_UNKNOWN_KEY) the first key that no pattern allows, and names the nearest one
 * that is known. A pattern is a dotted key of a leaf: `*` stands for any one name, `**` at its end
 * for anything below, and items of a list go by the list's key with `[]`: "router.port",
 * "subgraphs.*.url", "headers.all[].name", "telemetry.extra.**". */
int settings_check(const struct json *root, const struct str *patterns, size_t n, struct err *err);

/* The value at a dotted key, NULL when it is absent or null. */
struct json *settings_get(const struct json *root, const char *key);
/* "paintbox.yaml:12" for errors of the caller's own. */
struct str settings_place(struct arena *a, const struct json *v);

/* Getters: 0 with *out filled, or left as it was when the key is absent or null; -1 with *err
 * (SETTINGS_INVALID) when the value is of another kind or outside min … max. */
int settings_string(const struct json *root, const char *key, struct str *out, struct err *err);
int settings_bool(const struct json *root, const char *key, bool *out, struct err *err);
int settings_int(const struct json *root, const char *key, int64_t min, int64_t max, int64_t *out,
                 struct err *err);
int settings_double(const struct json *root, const char *key, double min, double max, double *out,
                    struct err *err);
/* Microseconds from "500ms", "30s", "1.5h", "1m30s"; units us, ms, s, m, h, d. */
int settings_duration(const struct json *root, const char *key, int64_t min_us, int64_t max_us,
                      int64_t *out_us, struct err *err);
/* Bytes from "2mb", "1.5gib", "512": b, kb, mb, gb count in thousands, kib, mib, gib in 1024s; no
 * unit means bytes. */
int settings_bytes(const struct json *root, const char *key, int64_t min, int64_t max, int64_t *out,
                   struct err *err);

#endif
