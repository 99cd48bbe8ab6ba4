/* Without libFuzzer a fuzz target is an ordinary program that runs the files and folders it is
 * given. It fails when there are none, so that a corpus cannot get lost unnoticed. */
#include "base/panic.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        PB_PANIC("%s: %s", path, strerror(errno));
    char *bytes = xmalloc(INPUT_MAX);
    size_t n = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    uint8_t *exact = xmalloc(n); /* of its exact size, so that a read past the end is found */
    memcpy(exact, bytes, n);
    free(bytes);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 1;
}

static int run(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        PB_PANIC("%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return run_file(path);
    DIR *dir = opendir(path);
    if (!dir)
        PB_PANIC("%s: %s", path, strerror(errno));
    int n = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            n += run(inside);
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++)
        n += run(argv[i]);
    printf("%d inputs\n", n);
    return n ? 0 : 1;
}
