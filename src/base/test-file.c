#include "base/file.h"
#include "base/test.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/paintbox-file-XXXXXX";

static const char *path_of(struct arena *a, const char *name)
{
    return arena_printf(a, "%s/%s", folder, name).p;
}

static void write_and_read_back(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;
    struct stat st;
    const char *path = path_of(a, "x");

    assert_int_equal(file_write(path, STR("one"), 0600, &err), 0);
    assert_int_equal(file_write(path, STR("two\n"), 0600, &err), 0);
    assert_str(file_read(a, path, 0, &err), "two\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(path);
    arena_free(&a);
}

static void errors_name_the_path(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;

    assert_null(file_read(a, path_of(a, "none"), 0, &err).p);
    assert_string_equal(err.code, "FILE_UNREADABLE");
    assert_non_null(strstr(err.msg, "none: No such file"));
    assert_null(file_read(a, folder, 0, &err).p);
    assert_non_null(strstr(err.msg, "Is a directory"));
    assert_int_equal(file_write(path_of(a, "no/such/folder"), STR("x"), 0600, &err), -1);
    assert_string_equal(err.code, "FILE_UNWRITABLE");
    arena_free(&a);
}

static void a_larger_file_is_no_shorter_text(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;
    const char *path = path_of(a, "large");
    struct str text = {arena_alloc(a, 200000), 200000};

    assert_int_equal(file_write(path, text, 0600, &err), 0);
    assert_int_equal(file_read(a, path, 200000, &err).len, 200000);
    assert_null(file_read(a, path, 199999, &err).p);
    assert_non_null(strstr(err.msg, "larger than"));
    unlink(path);
    arena_free(&a);
}

int main(void)
{
    assert_non_null(mkdtemp(folder));
    int rc = RUN_TESTS(write_and_read_back, errors_name_the_path, a_larger_file_is_no_shorter_text);
    rmdir(folder);
    return rc;
}
