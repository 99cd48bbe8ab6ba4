/* Build-time tool: named SQL statements → C constants. subgraph.h and page.h describe the format.
 *
 *     sqlgen OUT.h OUT.c PREFIX FILE.sql...
 *
 * OUT.h declares one constant for each statement and `PREFIX_QUERIES`, the table of all of them; OUT.c defines them. It
 * runs on the machine that builds and uses nothing of ours. What is wrong in a header is said as FILE:LINE, as
 * compilers do. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (8u << 20)
#define PARAMS_MAX 999
#define ORDERS_MAX 32

struct text {
    char *p;
    size_t len, cap;
};

struct order {
    char *name, *expr, *type;
    int line;
};

struct statement {
    const char *file;
    int line;
    char *name, *key, *id_expr, *id_type;
    struct text sql, count;
    bool has_count;
    struct order orders[ORDERS_MAX];
    int n_orders;
    struct statement *next;
};

static struct statement *first, **last = &first;

static _Noreturn void fail_at(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static _Noreturn void fail_at(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d: error: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static _Noreturn void no_memory(void)
{
    fputs("sqlgen: no memory\n", stderr);
    exit(1);
}

static void *memory(void *old, size_t n)
{
    void *p = realloc(old, n);
    if (!p)
        no_memory();
    return p;
}

static void text_add(struct text *t, const char *p, size_t n)
{
    if (t->cap - t->len < n + 1) {
        t->cap = (t->cap + n + 1) * 2;
        t->p = memory(t->p, t->cap);
    }
    memcpy(t->p + t->len, p, n);
    t->len += n;
    t->p[t->len] = 0;
}

static void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void text_addf(struct text *t, const char *fmt, ...)
{
    va_list ap;
    char *s = NULL;
    va_start(ap, fmt);
    int n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0)
        no_memory();
    text_add(t, s, (size_t)n);
    free(s);
}

/* A copy of [p, end) without white space at both ends. */
static char *copy_trimmed(const char *p, const char *end)
{
    while (p < end && isspace((unsigned char)*p))
        p++;
    while (end > p && isspace((unsigned char)end[-1]))
        end--;
    char *s = memory(NULL, (size_t)(end - p) + 1);
    memcpy(s, p, (size_t)(end - p));
    s[end - p] = 0;
    return s;
}

/* ---- walking over SQL ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *skip_dollar_quote(const char *p)
{
    const char *q = p + 1;
    if (isdigit((unsigned char)*q))
        return NULL;
    while (is_word(*q))
        q++;
    if (*q != '$')
        return NULL;
    size_t tag = (size_t)(q - p) + 1;
    for (q++; *q; q++) {
        if (strncmp(q, p, tag) == 0)
            return q + tag;
    }
    return q;
}

static const char *skip_block_comment(const char *p)
{
    int depth = 0;
    do {
        if (p[0] == '/' && p[1] == '*')
            depth++, p += 2;
        else if (p[0] == '*' && p[1] == '/')
            depth--, p += 2;
        else
            p++;
    } while (*p && depth);
    return p;
}

/* Past the string, quoted name or comment that begins at p; NULL when none does. */
static const char *skip_opaque(const char *p)
{
    if (*p == '\'' || *p == '"') {
        const char *end = strchr(p + 1, *p);
        return end ? end + 1 : p + strlen(p);
    }
    if (p[0] == '-' && p[1] == '-') {
        const char *end = strchr(p, '\n');
        return end ? end : p + strlen(p);
    }
    if (p[0] == '/' && p[1] == '*')
        return skip_block_comment(p);
    return *p == '$' ? skip_dollar_quote(p) : NULL;
}

/* The number of a `$n` at p, or 0. */
static int param_at(const char *p, const char **end)
{
    if (*p != '$' || !isdigit((unsigned char)p[1]))
        return 0;
    char *e;
    long n = strtol(p + 1, &e, 10);
    *end = e;
    return n >= 1 && n <= PARAMS_MAX ? (int)n : -1;
}

static int highest_param(const struct statement *s, const char *sql)
{
    int max = 0;
    while (*sql) {
        const char *end = skip_opaque(sql);
        int n = end ? 0 : param_at(sql, &end);
        if (n < 0)
            fail_at(s->file, s->line, "%s: a parameter is $1 to $%d", s->name, PARAMS_MAX);
        if (n > max)
            max = n;
        sql = end ? end : sql + 1;
    }
    return max;
}

/* The end of the word `select` that is outside of all parentheses; NULL when there is none. */
static const char *main_select(const char *sql)
{
    int depth = 0;
    for (const char *p = sql; *p;) {
        const char *end = skip_opaque(p);
        if (end) {
            p = end;
            continue;
        }
        depth += (*p == '(') - (*p == ')');
        if (depth == 0 && strncasecmp(p, "select", 6) == 0 && !is_word(p[6]) && (p == sql || !is_word(p[-1])))
            return p + 6;
        p++;
    }
    return NULL;
}

/* ---- reading ---- */

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_at(path, 1, "%s", strerror(errno));
    char *data = memory(NULL, FILE_MAX + 1);
    size_t n = fread(data, 1, FILE_MAX, in);
    if (ferror(in) || n == FILE_MAX)
        fail_at(path, 1, "cannot be read, or is larger than 8 MB");
    fclose(in);
    data[n] = 0;
    if (strlen(data) != n)
        fail_at(path, 1, "contains a NUL byte");
    return data;
}

static void check_name(const char *file, int line, const char *name)
{
    bool ok = isupper((unsigned char)*name) && strlen(name) < 64;
    for (const char *p = name; *p; p++)
        ok = ok && (isupper((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_');
    if (!ok)
        fail_at(file, line, "'%s' is no name: write upper case letters, digits and _, at most 63", name);
}

static struct statement *begin_statement(const char *file, int line, char *name)
{
    check_name(file, line, name);
    for (const struct statement *o = first; o; o = o->next) {
        if (strcmp(o->name, name) == 0)
            fail_at(file, line, "%s is already at %s:%d", name, o->file, o->line);
    }
    struct statement *s = memory(NULL, sizeof *s);
    *s = (struct statement){.file = file, .line = line, .name = name};
    *last = s;
    last = &s->next;
    return s;
}

/* "NAME expression type": the type is the last word. */
static void split_order(const struct statement *s, int line, char *value, char **name, char **expr, char **type)
{
    char *end = value + strlen(value), *from = value, *to;
    if (name) {
        while (*from && !isspace((unsigned char)*from))
            from++;
        *name = copy_trimmed(value, from);
    }
    for (to = end; to > from && !isspace((unsigned char)to[-1]);)
        to--;
    *expr = copy_trimmed(from, to);
    *type = copy_trimmed(to, end);
    if (!**expr || !**type)
        fail_at(s->file, line, "%s",
                name ? "an order is written: NAME expression type" : "an id is written: column type");
    free(value);
}

static void add_order(struct statement *s, int line, char *value)
{
    if (s->n_orders == ORDERS_MAX)
        fail_at(s->file, line, "%s has more than %d orders", s->name, ORDERS_MAX);
    struct order *o = &s->orders[s->n_orders];
    o->line = line;
    split_order(s, line, value, &o->name, &o->expr, &o->type);
    check_name(s->file, line, o->name);
    for (int i = 0; i < s->n_orders; i++) {
        if (strcmp(s->orders[i].name, o->name) == 0)
            fail_at(s->file, line, "order %s is already on line %d", o->name, s->orders[i].line);
    }
    s->n_orders++;
}

static void header(struct statement **s, const char *file, int line, const char *word, char *value)
{
    if (strcmp(word, "name") == 0) {
        *s = begin_statement(file, line, value);
        return;
    }
    if (!*s)
        fail_at(file, line, "'-- %s:' stands before the first '-- name:'", word);
    if (strcmp(word, "key") == 0)
        (*s)->key = value;
    else if (strcmp(word, "id") == 0)
        split_order(*s, line, value, NULL, &(*s)->id_expr, &(*s)->id_type);
    else if (strcmp(word, "order") == 0)
        add_order(*s, line, value);
    else if (strcmp(word, "count") == 0) {
        (*s)->has_count = true;
        text_addf(&(*s)->count, "%s\n", value);
        free(value);
    } else
        fail_at(file, line,
                "unknown header '%s': there are name, key, order, id and count; a comment whose first word ends in a"
                " colon begins with two spaces",
                word);
}

/* `-- word: value`; false for any other line. */
static bool is_header(const char *p, const char *end, char **word, char **value)
{
    if (end - p < 5 || strncmp(p, "-- ", 3) != 0 || !islower((unsigned char)p[3]))
        return false;
    const char *w = p + 3, *q = w;
    while (q < end && islower((unsigned char)*q))
        q++;
    if (q == end || *q != ':')
        return false;
    *word = copy_trimmed(w, q);
    *value = copy_trimmed(q + 1, end);
    return true;
}

static void read_line(struct statement **s, const char *file, int line, const char *p, const char *end)
{
    char *word, *value;
    if (is_header(p, end, &word, &value)) {
        header(s, file, line, word, value);
        free(word);
        return;
    }
    char *content = copy_trimmed(p, end);
    bool comment = strncmp(content, "--", 2) == 0;
    if (*s && (*s)->has_count)
        text_addf(&(*s)->count, "%s\n", comment ? content + 2 : content);
    else if (*content && !comment) {
        if (!*s)
            fail_at(file, line, "SQL before the first '-- name:'");
        const char *rest = end;
        while (rest > p && isspace((unsigned char)rest[-1]))
            rest--;
        text_addf(&(*s)->sql, "%.*s\n", (int)(rest - p), p);
    }
    free(content);
}

static void read_statements(const char *file)
{
    struct statement *s = NULL;
    char *data = read_file(file);
    const char *p = data;
    for (int line = 1; *p; line++) {
        const char *end = strchr(p, '\n');
        if (!end)
            end = p + strlen(p);
        read_line(&s, file, line, p, end);
        p = *end ? end + 1 : end;
    }
    free(data);
}

/* ---- checking ---- */

static void strip_end(struct text *t)
{
    while (t->len && (isspace((unsigned char)t->p[t->len - 1]) || t->p[t->len - 1] == ';'))
        t->p[--t->len] = 0;
}

static void check_page(const struct statement *s)
{
    static const char *const marks[] = {"/+page+/", "/+order+/", "/+limit+/"};
    for (int i = 0; i < 3; i++) {
        bool there = strstr(s->sql.p, marks[i]) != NULL;
        if (s->n_orders && !there)
            fail_at(s->file, s->line, "%s has an order and so needs the mark %s", s->name, marks[i]);
        if (!s->n_orders && there)
            fail_at(s->file, s->line, "%s has the mark %s and so needs '-- order: NAME expression type'", s->name,
                    marks[i]);
    }
    if (!s->n_orders && (s->has_count || s->id_expr))
        fail_at(s->file, s->line, "%s has '-- %s:' but no '-- order:'", s->name, s->has_count ? "count" : "id");
    if (s->n_orders && !strstr(s->sql.p, "/+cursor+/") && !main_select(s->sql.p))
        fail_at(s->file, s->line, "%s: a page is a select", s->name);
}

static void check_statement(struct statement *s)
{
    strip_end(&s->sql);
    strip_end(&s->count);
    if (!s->sql.len)
        fail_at(s->file, s->line, "%s has no SQL", s->name);
    if (s->has_count && !s->count.len)
        fail_at(s->file, s->line, "%s: '-- count:' without SQL", s->name);
    if (s->key && !strstr(s->sql.p, s->n_orders ? "$3" : "$1"))
        fail_at(s->file, s->line, "%s has a key: %s is the array of keys", s->name, s->n_orders ? "$3" : "$1");
    check_page(s);
    if (!s->id_expr)
        s->id_expr = (char *)"id", s->id_type = (char *)"uuid";
}

/* ---- writing ---- */

static void write_literal(FILE *out, const char *s)
{
    fputs("STR_INIT(\"", out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n')
            fputs(s[1] ? "\\n\"\n        \"" : "\\n", out);
        else if (c == '"' || c == '\\' || c == '?')
            fprintf(out, "\\%c", c);
        else if (c >= 0x20 && c < 0x7F)
            fputc(c, out);
        else
            fprintf(out, "\\%03o", c);
    }
    fputs("\")", out);
}

/* `suffix` makes the statement's name unique: "by_id", "customers.NAME.asc". */
static void write_query(FILE *out, const struct statement *s, const char *suffix, const char *sql)
{
    fputs("{.st = {.name = \"", out);
    for (const char *p = s->name; *p; p++)
        fputc(tolower((unsigned char)*p), out);
    fprintf(out, "%s\", .sql = ", suffix);
    write_literal(out, sql);
    fputs("}, ", out);
    if (s->key && *suffix != '#')
        fprintf(out, ".key = \"%s\", ", s->key);
    fprintf(out, ".n_params = %d}", highest_param(s, sql));
}

struct variant {
    const char *member, *suffix;
    bool descending, after;
};

static const struct variant VARIANTS[] = {
    {"asc", "asc", false, false},
    {"desc", "desc", true, false},
    {"asc_after", "asc.after", false, true},
    {"desc_after", "desc.after", true, true},
};

static void add_mark(struct text *t, const char *mark, const struct statement *s, const struct order *o,
                     const struct variant *v)
{
    const char *way = v->descending ? "desc" : "asc";
    if (strcmp(mark, "page") == 0 && v->after)
        text_addf(t, "(%s, %s) %c ($1::%s, $2::%s)", o->expr, s->id_expr, v->descending ? '<' : '>', o->type,
                  s->id_type);
    else if (strcmp(mark, "page") == 0) /* both parameters are there, and the planner folds it away */
        text_addf(t, "($1::text is null and $2::text is null)");
    else if (strcmp(mark, "order") == 0)
        text_addf(t, "order by %s %s, %s %s", o->expr, way, s->id_expr, way);
    else if (strcmp(mark, "limit") == 0)
        text_addf(t, "$%d::bigint", highest_param(s, s->sql.p) < 3 ? 3 : highest_param(s, s->sql.p) + 1);
    else if (strcmp(mark, "cursor") == 0)
        text_addf(t, "(%s)::text as page_key, (%s)::text as page_id", o->expr, s->id_expr);
    else
        fail_at(s->file, s->line, "%s: unknown mark /+%s+/: there are page, order, limit and cursor", s->name, mark);
}

/* One order in one direction: the marks replaced, the cursor's columns put first. */
static char *expand_page(const struct statement *s, const struct order *o, const struct variant *v)
{
    struct text t = {0};
    const char *p = s->sql.p, *mark;
    if (!strstr(p, "/+cursor+/")) {
        const char *select = main_select(p);
        text_add(&t, p, (size_t)(select - p));
        text_addf(&t, " ");
        add_mark(&t, "cursor", s, o, v);
        text_addf(&t, ",");
        p = select;
    }
    while ((mark = strstr(p, "/+")) != NULL) {
        const char *end = strstr(mark, "+/");
        if (!end)
            fail_at(s->file, s->line, "%s: a mark has no end", s->name);
        char *name = copy_trimmed(mark + 2, end);
        text_add(&t, p, (size_t)(mark - p));
        add_mark(&t, name, s, o, v);
        free(name);
        p = end + 2;
    }
    text_add(&t, p, strlen(p));
    return t.p;
}

/* The count has the page's parameters from $3 on as $1, $2, … */
static char *renumber_count(const struct statement *s)
{
    struct text t = {0};
    for (const char *p = s->count.p; *p;) {
        const char *end = skip_opaque(p);
        int n = end ? 0 : param_at(p, &end);
        if (n && n < 3)
            fail_at(s->file, s->line, "%s: the count has no $%d: its parameters are those from $3 on", s->name, n);
        if (!end)
            end = p + 1;
        if (n)
            text_addf(&t, "$%d", n - 2);
        else
            text_add(&t, p, (size_t)(end - p));
        p = end;
    }
    return t.p;
}

static void write_page(FILE *out, const struct statement *s)
{
    if (s->has_count) {
        fprintf(out, "static const struct query %s_count = ", s->name);
        char *sql = renumber_count(s);
        write_query(out, s, "#count", sql);
        fputs(";\n", out);
        free(sql);
    }
    fprintf(out, "static const struct page_order %s_orders[] = {\n", s->name);
    for (int i = 0; i < s->n_orders; i++) {
        const struct order *o = &s->orders[i];
        fprintf(out, "    {.name = \"%s\"", o->name);
        for (size_t v = 0; v < sizeof VARIANTS / sizeof *VARIANTS; v++) {
            char suffix[128];
            snprintf(suffix, sizeof suffix, ".%s.%s", o->name, VARIANTS[v].suffix);
            fprintf(out, ",\n     .%s = ", VARIANTS[v].member);
            char *sql = expand_page(s, o, &VARIANTS[v]);
            write_query(out, s, suffix, sql);
            free(sql);
        }
        fputs("},\n", out);
    }
    int n = highest_param(s, s->sql.p);
    fprintf(out,
            "};\nconst struct page_query %s = {.name = \"%s\", .orders = %s_orders, .n_orders = %d, .n_params = %d",
            s->name, s->name, s->name, s->n_orders, n > 2 ? n - 2 : 0);
    if (s->has_count)
        fprintf(out, ", .count = &%s_count", s->name);
    if (s->key)
        fprintf(out, ", .key = \"%s\"", s->key);
    fputs("};\n\n", out);
}

static void write_table(FILE *out, const char *prefix)
{
    fprintf(out, "const struct query *const %s_QUERIES[] = {\n", prefix);
    for (const struct statement *s = first; s; s = s->next) {
        if (!s->n_orders)
            fprintf(out, "    &%s,\n", s->name);
        if (s->has_count)
            fprintf(out, "    &%s_count,\n", s->name);
        for (int i = 0; i < s->n_orders; i++) {
            for (size_t v = 0; v < sizeof VARIANTS / sizeof *VARIANTS; v++)
                fprintf(out, "    &%s_orders[%d].%s,\n", s->name, i, VARIANTS[v].member);
        }
    }
    fputs("    NULL};\n", out);
}

static FILE *open_out(const char *path)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        fail_at(path, 1, "%s", strerror(errno));
    return out;
}

static void close_out(FILE *out, const char *path)
{
    if (ferror(out) || fclose(out) != 0) {
        remove(path);
        fail_at(path, 1, "cannot be written: %s", strerror(errno));
    }
}

static void write_header(const char *path, const char *prefix)
{
    FILE *out = open_out(path);
    fprintf(out,
            "/* Made from SQL by sqlgen. */\n#ifndef PAINTBOX_%s_QUERIES_H\n#define PAINTBOX_%s_QUERIES_H\n\n"
            "#include \"subgraph/page.h\"\n\n",
            prefix, prefix);
    for (const struct statement *s = first; s; s = s->next)
        fprintf(out, "extern const struct %s %s;\n", s->n_orders ? "page_query" : "query", s->name);
    fprintf(out, "\nextern const struct query *const %s_QUERIES[]; /* ends with NULL */\n\n#endif\n", prefix);
    close_out(out, path);
}

static void write_source(const char *path, const char *prefix)
{
    FILE *out = open_out(path);
    fputs("/* Made from SQL by sqlgen. */\n#include \"subgraph/page.h\"\n\n", out);
    fprintf(out, "extern const struct query *const %s_QUERIES[];\n", prefix);
    for (const struct statement *s = first; s; s = s->next)
        fprintf(out, "extern const struct %s %s;\n", s->n_orders ? "page_query" : "query", s->name);
    fputs("\n", out);
    for (const struct statement *s = first; s; s = s->next) {
        if (s->n_orders) {
            write_page(out, s);
            continue;
        }
        fprintf(out, "const struct query %s = ", s->name);
        write_query(out, s, "", s->sql.p);
        fputs(";\n\n", out);
    }
    write_table(out, prefix);
    close_out(out, path);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: sqlgen OUT.h OUT.c PREFIX FILE.sql...\n", stderr);
        return 2;
    }
    for (int i = 4; i < argc; i++)
        read_statements(argv[i]);
    for (struct statement *s = first; s; s = s->next)
        check_statement(s);
    write_header(argv[1], argv[3]);
    write_source(argv[2], argv[3]);
    return 0;
}
