#include "graphql/suggest.h"

#define SUGGESTIONS_MAX 5
/* Longer names are never near to anything that a person meant. */
#define NAME_MAX_COMPARED 255

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static double take_number(struct str s, size_t *at)
{
    double n = 0;
    do
        n = n * 10 + (s.p[(*at)++] - '0');
    while (*at < s.len && is_digit(s.p[*at]) && n > 0);
    return n;
}

int gql_natural_cmp(struct str a, struct str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        if (is_digit(a.p[i]) && is_digit(b.p[j])) {
            double x = take_number(a, &i), y = take_number(b, &j);
            if (x != y)
                return x < y ? -1 : 1;
        } else {
            if (a.p[i] != b.p[j])
                return (unsigned char)a.p[i] < (unsigned char)b.p[j] ? -1 : 1;
            i++;
            j++;
        }
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Damerau–Levenshtein without case, with three rows. False when it is above the limit. */
static bool edit_distance(struct str a, struct str b, size_t limit, size_t *out)
{
    if (a.len < b.len) {
        struct str t = a;
        a = b;
        b = t;
    }
    if (a.len > NAME_MAX_COMPARED || a.len - b.len > limit)
        return false;
    uint16_t rows[3][NAME_MAX_COMPARED + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (uint16_t)j;
    for (size_t i = 1; i <= a.len; i++) {
        uint16_t *up = rows[(i - 1) % 3], *row = rows[i % 3];
        size_t smallest = i;
        row[0] = (uint16_t)i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = lower(a.p[i - 1]) != lower(b.p[j - 1]);
            size_t cell = min3(up[j] + 1u, row[j - 1] + 1u, up[j - 1] + cost);
            bool swapped = i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
                           lower(a.p[i - 2]) == lower(b.p[j - 1]);
            if (swapped && rows[(i - 2) % 3][j - 2] + 1u < cell)
                cell = rows[(i - 2) % 3][j - 2] + 1u;
            if (cell < smallest)
                smallest = cell;
            row[j] = (uint16_t)cell;
        }
        if (smallest > limit)
            return false;
    }
    *out = rows[a.len % 3][b.len];
    return *out <= limit;
}

/* 0 for the same name, 1 for one that differs in case only. */
static bool distance(struct str input, struct str name, size_t limit, size_t *out)
{
    *out = 0;
    if (str_eq(input, name))
        return true;
    *out = 1;
    return str_eq_nocase(input, name) || edit_distance(input, name, limit, out);
}

struct near {
    struct str name;
    size_t distance;
};

struct near_vec VEC_BODY(struct near);

static int near_cmp(struct near a, struct near b)
{
    if (a.distance != b.distance)
        return a.distance < b.distance ? -1 : 1;
    return gql_natural_cmp(a.name, b.name);
}

/* Keeps the list sorted and free of doubles; it is short, for few names are near. */
static void near_insert(struct arena *a, struct near_vec *list, struct near item)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i].name, item.name))
            return;
    vec_push(a, list, item);
    for (size_t i = list->n - 1; i > 0 && near_cmp(list->v[i - 1], item) > 0; i--) {
        list->v[i] = list->v[i - 1];
        list->v[i - 1] = item;
    }
}

struct str gql_suggest(struct arena *a, const char *what, struct str input, const struct str_vec *names)
{
    struct near_vec found = {0};
    size_t limit = input.len * 2 / 5 + 1;
    for (size_t i = 0; i < names->n; i++) {
        struct near item = {.name = names->v[i]};
        if (distance(input, item.name, limit, &item.distance))
            near_insert(a, &found, item);
    }
    struct str_vec best = {0};
    for (size_t i = 0; i < found.n && i < SUGGESTIONS_MAX; i++)
        vec_push(a, &best, found.v[i].name);
    return gql_did_you_mean(a, what, &best);
}

struct str gql_join_list(struct arena *a, const char *conjunction, const struct str_vec *items)
{
    struct str out = items->n ? items->v[0] : STR_NONE;
    for (size_t i = 1; i < items->n; i++) {
        const char *comma = items->n > 2 ? "," : "";
        if (i + 1 == items->n)
            out = arena_printf(a, "%.*s%s %s %.*s", STR_ARG(out), comma, conjunction, STR_ARG(items->v[i]));
        else
            out = arena_printf(a, "%.*s%s %.*s", STR_ARG(out), comma, STR_ARG(items->v[i]));
    }
    return out;
}

struct str gql_did_you_mean(struct arena *a, const char *what, const struct str_vec *names)
{
    struct str_vec quoted = {0};
    for (size_t i = 0; i < names->n && i < SUGGESTIONS_MAX; i++)
        vec_push(a, &quoted, arena_printf(a, "\"%.*s\"", STR_ARG(names->v[i])));
    if (!quoted.n)
        return STR("");
    struct str list = gql_join_list(a, "or", &quoted);
    return arena_printf(a, " Did you mean %s%.*s?", what, STR_ARG(list));
}
