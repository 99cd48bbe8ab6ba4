#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many columns a text takes: characters, not bytes. */
static int columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

static void print_help(const char *usage, const struct option_def *defs)
{
    printf("usage: %s\n\n", usage);
    for (; defs->name; defs++) {
        char left[64];
        snprintf(left, sizeof left, "--%s %s%s", defs->name, defs->value_name ? defs->value_name : "",
                 defs->kind == OPTION_LIST ? "…" : "");
        printf("  %s%*s %s\n", left, columns(left) < 28 ? 28 - columns(left) : 0, "", defs->help);
    }
    printf("  %-28s %s\n", "--help", "this text");
}

static bool looks_like_option(const char *arg)
{
    return arg[0] == '-' && arg[1] && strcmp(arg, "--") != 0;
}

static size_t common_letters(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

static int unknown_option(const char *arg, const char *usage, const struct option_def *defs)
{
    const struct option_def *nearest = NULL;
    const char *name = arg + strspn(arg, "-");
    size_t best = 0;
    for (const struct option_def *d = defs; d->name; d++)
        if (common_letters(d->name, name) > best) {
            best = common_letters(d->name, name);
            nearest = d;
        }
    fprintf(stderr, "unknown option %s", arg);
    if (nearest)
        fprintf(stderr, " (did you mean --%s?)", nearest->name);
    fprintf(stderr, "\nusage: %s\n", usage);
    return 2;
}

static const struct option_def *find(const struct option_def *defs, const char *name, size_t len)
{
    for (; defs->name; defs++)
        if (strlen(defs->name) == len && memcmp(defs->name, name, len) == 0)
            return defs;
    return NULL;
}

static int set_int(const struct option_def *def, const char *text)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno || end == text || *end) {
        fprintf(stderr, "--%s has to be a whole number, not \"%s\"\n", def->name, text);
        return 2;
    }
    if ((def->min || def->max) && (n < def->min || n > def->max)) {
        fprintf(stderr, "--%s has to be between %ld and %ld, not %ld\n", def->name, def->min, def->max, n);
        return 2;
    }
    *(long *)def->value = n;
    return -1;
}

static int add_to_list(const struct option_def *def, const char *text)
{
    struct words *list = def->value;
    if (list->n == OPTION_WORDS_MAX) {
        fprintf(stderr, "--%s is given more than %d times\n", def->name, OPTION_WORDS_MAX);
        return 2;
    }
    list->v[list->n++] = text;
    return -1;
}

static int set_value(const struct option_def *def, const char *text)
{
    if (def->kind == OPTION_INT)
        return set_int(def, text);
    if (def->kind == OPTION_LIST)
        return add_to_list(def, text);
    *(const char **)def->value = text;
    return -1;
}

/* Takes one option at argv[*i] and, when it is there, the value after it. */
static int take_option(int argc, char **argv, int *i, const char *usage, const struct option_def *defs)
{
    const char *arg = argv[*i], *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
    const struct option_def *def = find(defs, arg + 2, len);

    if (!def)
        return unknown_option(arg, usage, defs);
    if (def->kind == OPTION_FLAG) {
        if (equals) {
            fprintf(stderr, "--%s takes no value\n", def->name);
            return 2;
        }
        *(bool *)def->value = true;
        return -1;
    }
    if (equals)
        return set_value(def, equals + 1);
    if (*i + 1 >= argc) {
        fprintf(stderr, "--%s needs a value: --%s %s\n", def->name, def->name,
                def->value_name ? def->value_name : "VALUE");
        return 2;
    }
    return set_value(def, argv[++*i]);
}

int options_parse(int argc, char **argv, const char *usage, const struct option_def *defs, struct words *words)
{
    for (int i = 1; i < argc; i++) {
        int rc = -1;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(usage, defs);
            return 0;
        }
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
            rc = take_option(argc, argv, &i, usage, defs);
        } else if (words && words->n < OPTION_WORDS_MAX) {
            words->v[words->n++] = argv[i];
        } else if (looks_like_option(argv[i])) {
            rc = unknown_option(argv[i], usage, defs);
        } else {
            fprintf(stderr, "unexpected \"%s\"\nusage: %s\n", argv[i], usage);
            rc = 2;
        }
        if (rc >= 0)
            return rc;
    }
    return -1;
}
