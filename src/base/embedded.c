#include "base/embed.h"

const struct embedded_file *embedded_find(const struct embedded_file *files, size_t n,
                                          struct str name)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = str_cmp(files[mid].name, name);
        if (order == 0)
            return &files[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}
