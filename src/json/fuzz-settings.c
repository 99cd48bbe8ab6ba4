/* Whatever the text, there is a tree or an error with a place; merging a tree with itself changes
 * nothing. */
#include "base/panic.h"
#include "json/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str patterns[] = {STR_INIT("a.*.b"), STR_INIT("list[].x"),
                                          STR_INIT("r.**")};
    struct str text = str_mem(data, size);
    if (str_find(text, STR("${file")) >= 0)
        return 0;
    struct arena *a = arena_new(0);
    struct err err = {0};
    struct json *v = settings_parse(a, "f", text, &err);
    PB_ASSERT(v || str_starts(str_c(err.msg), STR("f:")));
    if (v) {
        struct buf once, twice;
        buf_init(&once, SIZE_MAX);
        buf_init(&twice, SIZE_MAX);
        json_write(&once, v);
        json_write(&twice, settings_merge(a, v, v));
        PB_ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
        PB_ASSERT(json_parse(a, buf_str(&once), &err) ||
                  str_eq_c(str_c(err.code), "JSON_TOO_DEEP"));
        PB_ASSERT(settings_check(v, patterns, PB_ARRAY_LEN(patterns), &err) == 0 || err.msg[0]);
        int64_t n;
        settings_duration(v, "a", 0, INT64_MAX, &n, NULL);
        settings_bytes(v, "a", 1, 2, &n, &err);
        buf_free(&once);
        buf_free(&twice);
    }
    arena_free(&a);
    return 0;
}
