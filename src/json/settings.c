#include "json/settings.h"

#include "json/settings_node.h"

#include <stdio.h>

#define KEY_MAX 512

struct json *settings_merge(struct arena *a, const struct json *base, const struct json *over)
{
    const struct json *top = over && over->kind != JSON_NULL ? over : base;
    struct settings_node *n = arena_memdup(a, settings_node_of(top), sizeof *n);
    if (!base || base->kind != JSON_OBJECT || top->kind != JSON_OBJECT || top == base)
        return &n->json;
    struct json *merged = &n->json;
    merged->members = arena_array(a, struct json_member, base->n + over->n);
    merged->n = 0;
    for (uint32_t i = 0; i < base->n; i++) {
        const struct json_member *m = &base->members[i];
        merged->members[merged->n++] =
            (struct json_member){m->name, settings_merge(a, m->value, json_get(over, m->name))};
    }
    for (uint32_t i = 0; i < over->n; i++)
        if (!json_get(base, over->members[i].name))
            merged->members[merged->n++] = over->members[i];
    return merged;
}

/* ---- known keys ---- */

/* Takes the next name off a dotted key; "[]" is a name of its own. */
static bool next_name(struct str *key, struct str *name)
{
    if (key->len == 0)
        return false;
    size_t n = 0;
    if (str_starts(*key, STR("[]")))
        n = 2;
    else
        while (n < key->len && key->p[n] != '.' && key->p[n] != '[')
            n++;
    *name = str_sub(*key, 0, n);
    *key = str_sub(*key, n + (n < key->len && key->p[n] == '.'), key->len);
    return true;
}

enum match { MATCH_NONE, MATCH_PART, MATCH_LEAF, MATCH_ANYTHING };

/* How far the pattern goes with the names of a path. */
static enum match match_pattern(struct str pattern, const struct str *path, size_t depth)
{
    struct str name;
    for (size_t i = 0; i < depth; i++) {
        if (!next_name(&pattern, &name))
            return MATCH_NONE;
        if (str_eq(name, STR("**")))
            return MATCH_ANYTHING;
        bool any = str_eq(name, STR("*")) && !str_eq(path[i], STR("[]"));
        if (!any && !str_eq(name, path[i]))
            return MATCH_NONE;
    }
    return pattern.len ? MATCH_PART : MATCH_LEAF;
}

struct check {
    const struct str *patterns;
    size_t n;
    struct err *err;
    struct str path[2 * SETTINGS_DEPTH_MAX + 2];
    size_t depth;
};

static struct str join_path(const struct str *path, size_t depth, char out[KEY_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < depth; i++) {
        const char *dot = i && !str_eq(path[i], STR("[]")) ? "." : "";
        int n = snprintf(out + len, KEY_MAX - len, "%s%.*s", dot, STR_ARG(path[i]));
        len = n < 0 || len + (size_t)n >= KEY_MAX ? KEY_MAX - 1 : len + (size_t)n;
    }
    out[len] = '\0';
    return str_mem(out, len);
}

/* Levenshtein's distance, with one row of it; long keys count as far. */
static size_t distance(struct str a, struct str b)
{
    size_t row[KEY_MAX + 1];
    if (a.len >= KEY_MAX || b.len >= KEY_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (a.p[i - 1] != b.p[j - 1]);
            size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < step ? change : step;
        }
    }
    return row[b.len];
}

/* The pattern cut to as many names as the path has, with the path's own names in place of
 * wildcards. */
static struct str cut_pattern(const struct check *c, struct str pattern, char out[KEY_MAX])
{
    struct str names[PB_ARRAY_LEN(c->path)];
    size_t n = 0;
    while (n < c->depth && next_name(&pattern, &names[n])) {
        if (str_starts(names[n], STR("*")))
            names[n] = c->path[n];
        n++;
    }
    return join_path(names, n, out);
}

static int refuse_key(const struct check *c, const struct json *v)
{
    char key_text[KEY_MAX], candidate_text[KEY_MAX], nearest[KEY_MAX] = "";
    struct str key = join_path(c->path, c->depth, key_text);
    size_t best = 3 + key.len / 8; /* farther away it is no slip of the pen */
    for (size_t i = 0; i < c->n; i++) {
        struct str candidate = cut_pattern(c, c->patterns[i], candidate_text);
        size_t d = distance(key, candidate);
        if (d > 0 && d < best) {
            best = d;
            memcpy(nearest, candidate_text, sizeof nearest);
        }
    }
    const struct settings_node *n = settings_node_of(v);
    return err_set(c->err, "SETTINGS_UNKNOWN_KEY", "%s:%zu: there is no key %s%s%s%s", n->file,
                   n->line, key_text, *nearest ? ": did you mean " : "", nearest,
                   *nearest ? "?" : "");
}

static enum match match_any(const struct check *c)
{
    enum match best = MATCH_NONE;
    for (size_t i = 0; i < c->n; i++) {
        enum match m = match_pattern(c->patterns[i], c->path, c->depth);
        if (m > best)
            best = m;
    }
    return best;
}

static int check_value(struct check *c, const struct json *v);

static int check_below(struct check *c, struct str name, const struct json *v)
{
    if (c->depth == PB_ARRAY_LEN(c->path))
        return refuse_key(c, v);
    c->path[c->depth++] = name;
    int result = check_value(c, v);
    c->depth--;
    return result;
}

/* Items without keys inside belong to the list's own leaf: origins: [a, b] needs only "origins". */
static int check_items(struct check *c, const struct json *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (v->items[i]->kind >= JSON_ARRAY && check_below(c, STR("[]"), v->items[i]) < 0)
            return -1;
    return 0;
}

static int check_value(struct check *c, const struct json *v)
{
    enum match m = match_any(c);
    if (m == MATCH_NONE)
        return refuse_key(c, v);
    if (m == MATCH_ANYTHING)
        return 0;
    if (v->kind == JSON_ARRAY)
        return check_items(c, v);
    for (uint32_t i = 0; v->kind == JSON_OBJECT && i < v->n; i++)
        if (check_below(c, v->members[i].name, v->members[i].value) < 0)
            return -1;
    return 0;
}

int settings_check(const struct json *root, const struct str *patterns, size_t n, struct err *err)
{
    struct check c = {.patterns = patterns, .n = n, .err = err};
    for (uint32_t i = 0; i < root->n; i++)
        if (check_below(&c, root->members[i].name, root->members[i].value) < 0)
            return -1;
    return 0;
}

/* ---- getters ---- */

struct json *settings_get(const struct json *root, const char *key)
{
    struct str rest = str_c(key), name;
    struct json *v = NULL;
    while (str_split(&rest, '.', &name)) {
        v = json_get(root, name);
        root = v;
    }
    return v && v->kind != JSON_NULL ? v : NULL;
}

struct str settings_place(struct arena *a, const struct json *v)
{
    const struct settings_node *n = settings_node_of(v);
    return arena_printf(a, "%s:%zu", n->file, n->line);
}

static int refuse_value(const struct json *v, const char *key, const char *expected,
                        struct err *err)
{
    const struct settings_node *n = settings_node_of(v);
    static const char *const containers[] = {"a list", "a mapping"};
    if (v->kind >= JSON_ARRAY)
        return err_set(err, "SETTINGS_INVALID", "%s:%zu: %s: %s was expected, not %s", n->file,
                       n->line, key, expected, containers[v->kind - JSON_ARRAY]);
    return err_set(err, "SETTINGS_INVALID", "%s:%zu: %s: %s was expected, not \"%.*s\"", n->file,
                   n->line, key, expected, (int)(v->text.len < 80 ? v->text.len : 80), v->text.p);
}

int settings_string(const struct json *root, const char *key, struct str *out, struct err *err)
{
    const struct json *v = settings_get(root, key);
    if (!v)
        return 0;
    if (v->kind >= JSON_ARRAY)
        return refuse_value(v, key, "a text", err);
    *out = v->text;
    return 0;
}

int settings_bool(const struct json *root, const char *key, bool *out, struct err *err)
{
    const struct json *v = settings_get(root, key);
    if (!v)
        return 0;
    if (v->kind != JSON_BOOL)
        return refuse_value(v, key, "true or false", err);
    *out = v->boolean;
    return 0;
}

int settings_int(const struct json *root, const char *key, int64_t min, int64_t max, int64_t *out,
                 struct err *err)
{
    const struct json *v = settings_get(root, key);
    int64_t n;
    if (!v)
        return 0;
    if (!json_to_i64(v, &n) || n < min || n > max) {
        char expected[100];
        snprintf(expected, sizeof expected, "a whole number from %lld to %lld", (long long)min,
                 (long long)max);
        return refuse_value(v, key, expected, err);
    }
    *out = n;
    return 0;
}

int settings_double(const struct json *root, const char *key, double min, double max, double *out,
                    struct err *err)
{
    const struct json *v = settings_get(root, key);
    double d;
    if (!v)
        return 0;
    if (!json_to_double(v, &d) || d < min || d > max) {
        char expected[100];
        snprintf(expected, sizeof expected, "a number from %g to %g", min, max);
        return refuse_value(v, key, expected, err);
    }
    *out = d;
    return 0;
}

struct unit {
    const char *name;
    int64_t size;
};

/* Takes digits, perhaps with a fraction, off the front: value = *mantissa / *scale. At most 15
 * digits. */
static bool take_quantity(struct str *s, int64_t *mantissa, int64_t *scale)
{
    size_t i = 0, digits = 0;
    bool fraction = false;
    *mantissa = 0;
    *scale = 1;
    for (; i < s->len &&
           ((s->p[i] >= '0' && s->p[i] <= '9') || (s->p[i] == '.' && digits && !fraction));
         i++) {
        if (s->p[i] == '.') {
            fraction = true;
            continue;
        }
        if (++digits > 15)
            return false;
        *mantissa = *mantissa * 10 + (s->p[i] - '0');
        if (fraction)
            *scale *= 10;
    }
    bool whole = digits && s->p[i - 1] != '.';
    *s = str_sub(*s, i, s->len);
    return whole;
}

static const struct unit *take_unit(struct str *s, const struct unit *units)
{
    size_t n = 0;
    while (n < s->len && (s->p[n] < '0' || s->p[n] > '9'))
        n++;
    struct str name = str_trim(str_sub(*s, 0, n));
    for (; units->name; units++) {
        if (str_eq_nocase(name, str_c(units->name))) {
            *s = str_sub(*s, n, s->len);
            return units;
        }
    }
    return NULL;
}

/* A sum of quantities with units: "1m30s". */
static bool parse_sum(struct str s, const struct unit *units, int64_t *sum)
{
    *sum = 0;
    s = str_trim(s);
    if (s.len == 0)
        return false;
    while (s.len) {
        int64_t mantissa, scale;
        if (!take_quantity(&s, &mantissa, &scale))
            return false;
        const struct unit *unit = take_unit(&s, units);
        if (!unit)
            return false;
        __int128 part = (__int128)mantissa * unit->size / scale + *sum;
        if (part > INT64_MAX)
            return false;
        *sum = (int64_t)part;
    }
    return true;
}

static int get_sum(const struct json *root, const char *key, const struct unit *units,
                   const char *expected, int64_t min, int64_t max, int64_t *out, struct err *err)
{
    const struct json *v = settings_get(root, key);
    int64_t sum;
    if (!v)
        return 0;
    if (v->kind >= JSON_ARRAY || !parse_sum(v->text, units, &sum))
        return refuse_value(v, key, expected, err);
    if (sum < min || sum > max) {
        const struct unit *unit = units; /* the largest that shows both limits whole */
        while (unit[1].name && (min % unit->size || max % unit->size))
            unit++;
        char range[200];
        snprintf(range, sizeof range, "%s from %lld%s to %lld%s", expected,
                 (long long)(min / unit->size), unit->name, (long long)(max / unit->size),
                 unit->name);
        return refuse_value(v, key, range, err);
    }
    *out = sum;
    return 0;
}

int settings_duration(const struct json *root, const char *key, int64_t min_us, int64_t max_us,
                      int64_t *out_us, struct err *err)
{
    static const struct unit units[] = {{"d", INT64_C(86400000000)},
                                        {"h", INT64_C(3600000000)},
                                        {"m", 60000000},
                                        {"s", 1000000},
                                        {"ms", 1000},
                                        {"us", 1},
                                        {NULL, 0}};
    return get_sum(root, key, units, "a duration such as 500ms, 30s or 1m30s", min_us, max_us,
                   out_us, err);
}

int settings_bytes(const struct json *root, const char *key, int64_t min, int64_t max, int64_t *out,
                   struct err *err)
{
    static const struct unit units[] = {
        {"gib", 1 << 30}, {"gb", 1000000000}, {"mib", 1 << 20}, {"mb", 1000000}, {"kib", 1 << 10},
        {"kb", 1000},     {"b", 1},           {"", 1},          {NULL, 0}};
    return get_sum(root, key, units, "a size such as 512kb or 2mb", min, max, out, err);
}
