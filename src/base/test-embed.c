#include "base/embed.h"
#include "base/test.h"

EMBEDDED_FILES(sample);
EMBEDDED_FILES(nested);

static char *read_whole(const char *name, size_t *len)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("SOURCE_DIR"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *data = malloc(1 << 20);
    *len = fread(data, 1, 1 << 20, f);
    fclose(f);
    return data;
}

static void holds_the_bytes_of_its_files(void **state)
{
    assert_int_equal(sample_files_count,
                     3); /* test-embed.bin has every byte, and digits behind each */
    ;
    for (size_t i = 0; i < sample_files_count; i++) {
        size_t len;
        char *want = read_whole(sample_files[i].name.p, &len);
        assert_int_equal(sample_files[i].data.len, len);
        assert_memory_equal(sample_files[i].data.p, want, len);
        assert_int_equal(sample_files[i].data.p[len], 0);
        free(want);
    }
}

static void finds_by_name(void **state)
{
    const struct embedded_file *f = EMBEDDED_FIND(sample, STR("test-embed.c"));
    assert_non_null(f);
    assert_true(str_starts(f->data, STR("#include \"base/embed.h\"")));
    assert_non_null(EMBEDDED_FIND(sample, STR("meson.build")));
    assert_null(EMBEDDED_FIND(sample, STR("none")));
    assert_non_null(EMBEDDED_FIND(nested, STR("base/embed.h")));
}

int main(void)
{
    return RUN_TESTS(holds_the_bytes_of_its_files, finds_by_name);
}
