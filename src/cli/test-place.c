#include "base/test.h"
#include "cli/place.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/paintbox-place-XXXXXX";

static void open_place(struct place *p)
{
    struct err err;
    if (place_open(p, dir, 4000, &err) < 0 && strcmp(err.code, "DISK_FULL") != 0)
        fail_msg("%s", err.msg);
}

static void one_holds_the_lock(void **state)
{
    struct place one, two;
    struct err err;
    pid_t pid;
    open_place(&one);
    open_place(&two);
    assert_int_equal(place_holder(&two), 0);
    assert_int_equal(place_lock(&one, &pid, &err), 0);
    assert_int_equal(place_holder(&two), getpid());
    assert_int_equal(place_lock(&two, &pid, &err), -1);
    assert_string_equal(err.code, "RUNNING");
    assert_int_equal(pid, getpid());
    place_close(&one);
    assert_int_equal(place_holder(&two), 0);
    assert_int_equal(place_lock(&two, &pid, &err), 0);
    place_close(&two);
}

/* Who opened the file while another held the lock, and gets it when that one leaves, holds what the next ones ask for.
 */
static void the_file_outlives_its_holder(void **state)
{
    struct place one, two;
    struct err err;
    struct stat before, after;
    pid_t pid;
    open_place(&one);
    open_place(&two);
    assert_int_equal(place_lock(&one, &pid, &err), 0);
    int early = open(place_path(&two, "lock"), O_RDWR | O_CLOEXEC);
    place_close(&one);
    assert_int_equal(place_lock(&two, &pid, &err), 0);
    assert_int_equal(fstat(early, &before), 0);
    assert_int_equal(fstat(two.lock_fd, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    close(early);
    place_close(&two);
}

/* `status`, asked again and again while `up` starts. */
static void asking_is_in_nobodys_way(void **state)
{
    struct place p, asked;
    struct err err;
    pid_t pid, asking;
    open_place(&p);
    open_place(&asked);
    asking = fork();
    if (asking == 0)
        for (;;)
            place_holder(&asked);
    for (int i = 0; i < 3000; i++) {
        if (place_lock(&p, &pid, &err) < 0) {
            kill(asking, SIGKILL);
            fail_msg("%s", err.msg);
        }
        close(p.lock_fd);
        p.lock_fd = -1;
    }
    kill(asking, SIGKILL);
    waitpid(asking, NULL, 0);
    place_close(&p);
    place_close(&asked);
}

static void a_holder_that_is_killed_leaves_no_lock(void **state)
{
    struct place p;
    struct err err;
    int ready[2];
    char byte;
    pid_t pid, holder;
    open_place(&p);
    assert_int_equal(pipe(ready), 0);
    holder = fork();
    if (holder == 0) {
        if (place_lock(&p, &pid, &err) == 0 && write(ready[1], "K", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(place_holder(&p), holder);
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    assert_int_equal(place_holder(&p), 0);
    assert_int_equal(place_lock(&p, &pid, &err), 0);
    close(ready[0]);
    close(ready[1]);
    place_close(&p);
}

static void secrets_are_made_once_and_are_private(void **state)
{
    struct place p;
    struct err err;
    struct stat st;
    open_place(&p);
    assert_int_equal(place_secrets(&p, &err), 0);
    struct str first = place_service_token(&p, &err);
    assert_int_equal(first.len, 64);
    assert_int_equal(place_secrets(&p, &err), 0);
    assert_true(str_eq(place_service_token(&p, &err), first));
    assert_int_equal(stat(place_path(&p, "secrets/jwks.json"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(place_path(&p, "secrets"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    place_close(&p);
}

static void files_are_read_whole_or_not_at_all(void **state)
{
    struct arena *a = arena_new(0);
    struct err err;
    char path[200];
    snprintf(path, sizeof path, "%s/file", dir);
    assert_int_equal(file_write(path, STR("text"), 0644, &err), 0);
    assert_str(file_read(a, path, 0, &err), "text");
    assert_null(file_read(a, dir, 0, &err).p);
    assert_non_null(strstr(err.msg, "Is a directory"));
    assert_null(file_read(a, "/dev/zero", 0, &err).p);
    assert_string_equal(err.msg, "cannot read /dev/zero: larger than 65536 KiB");
    assert_int_equal(file_write("/no/such/folder/file", STR("text"), 0644, &err), -1);
    assert_string_equal(err.msg, "cannot write /no/such/folder/file: No such file or directory");
    assert_int_equal(file_write(dir, STR("text"), 0644, &err), -1);
    arena_free(&a);
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    int rc = RUN_TESTS(one_holds_the_lock, the_file_outlives_its_holder, asking_is_in_nobodys_way,
                       a_holder_that_is_killed_leaves_no_lock, secrets_are_made_once_and_are_private,
                       files_are_read_whole_or_not_at_all);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) == 0 ? rc : 1;
}
