/* Build-time tool; base/embed.h is its manual. It runs on the machine that builds and uses nothing
 * of ours. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (64u << 20)
#define LINE_BYTES 100

struct entry {
    const char *name;
    const char *dir; /* NULL: name is the last part of path */
    const char *path;
};

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "embed: %s: %s\n", path, what);
    exit(1);
}

static char *read_file(const struct entry *e, size_t *len)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s%s%s", e->dir ? e->dir : "", e->dir ? "/" : "", e->path);
    if (n < 0 || (size_t)n >= sizeof path)
        fail("the path is too long", e->path);
    FILE *in = fopen(path, "rb");
    if (!in)
        fail(strerror(errno), path);
    char *data = NULL;
    size_t cap = 0;
    *len = 0;
    do {
        cap = cap ? cap * 2 : 1u << 16;
        if (cap > 2 * FILE_MAX)
            fail("larger than 64 MB", path);
        data = realloc(data, cap);
        if (!data)
            fail("no memory", path);
        *len += fread(data + *len, 1, cap - *len, in);
    } while (*len == cap);
    if (ferror(in))
        fail("cannot be read", path);
    fclose(in);
    return data;
}

/* String literals compile many times faster than lists of numbers. Octal escapes always have three
 * digits, so a digit that follows is not taken for a part of them; '?' is escaped against
 * trigraphs. */
static void write_literal(FILE *out, const char *data, size_t len)
{
    fputs("\"", out);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (i && i % LINE_BYTES == 0)
            fputs("\"\n\"", out);
        if (c == '"' || c == '\\' || c == '?')
            fprintf(out, "\\%c", c);
        else if (c >= 0x20 && c < 0x7F)
            fputc(c, out);
        else
            fprintf(out, "\\%03o", c);
    }
    fputs("\"", out);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static size_t read_arguments(int argc, char **argv, struct entry *entries)
{
    size_t n = 0;
    const char *dir = NULL;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "-C") == 0 && i + 1 < argc) {
            dir = argv[++i];
            continue;
        }
        const char *slash = strrchr(argv[i], '/');
        entries[n++] = (struct entry){
            .name = !dir && slash ? slash + 1 : argv[i], .dir = dir, .path = argv[i]};
    }
    qsort(entries, n, sizeof *entries, by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(entries[i - 1].name, entries[i].name) == 0)
            fail("two files have this name: rename one, or keep their folders apart with -C",
                 entries[i].name);
    return n;
}

static void write_source(FILE *out, const char *prefix, const struct entry *entries, size_t n)
{
    size_t *lens = calloc(n + 1, sizeof *lens);
    if (!lens)
        fail("no memory", prefix);
    fprintf(out, "#include \"base/embed.h\"\n\n");
    for (size_t i = 0; i < n; i++) {
        char *data = read_file(&entries[i], &lens[i]);
        fprintf(out, "static const char data_%zu[%zu] =\n", i, lens[i] + 1);
        write_literal(out, data, lens[i]);
        fputs(";\n\n", out);
        free(data);
    }
    fprintf(
        out,
        "extern const struct embedded_file %s_files[];\nextern const size_t %s_files_count;\n\n",
        prefix, prefix);
    fprintf(out, "const struct embedded_file %s_files[] = {\n", prefix);
    for (size_t i = 0; i < n; i++) {
        fputs("    {{", out);
        write_literal(out, entries[i].name, strlen(entries[i].name));
        fprintf(out, ", %zu}, {data_%zu, %zu}},\n", strlen(entries[i].name), i, lens[i]);
    }
    fputs("    {{NULL, 0}, {NULL, 0}},\n};\n", out);
    fprintf(out, "const size_t %s_files_count = %zu;\n", prefix, n);
    free(lens);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed OUT.c PREFIX [-C DIR] FILE...\n");
        return 2;
    }
    struct entry *entries = calloc((size_t)argc, sizeof *entries);
    if (!entries)
        fail("no memory", argv[1]);
    size_t n = read_arguments(argc, argv, entries);
    FILE *out = fopen(argv[1], "wb");
    if (!out)
        fail(strerror(errno), argv[1]);
    write_source(out, argv[2], entries, n);
    free(entries);
    if (fclose(out) != 0)
        fail(strerror(errno), argv[1]);
    return 0;
}
