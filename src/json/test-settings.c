#include "base/test.h"
#include "json/settings.h"

#include <unistd.h>

static struct arena *a;
static struct err err;

static struct json *parse(const char *yaml)
{
    memset(&err, 0, sizeof err);
    return settings_parse(a, "conf/paintbox.yaml", str_c(yaml), &err);
}

static void assert_json(const struct json *v, const char *expected)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    if (!v)
        fail_msg("%s", err.msg);
    json_write(&b, v);
    assert_str(buf_str(&b), expected);
    buf_free(&b);
}

static void assert_refused(const char *yaml, const char *message)
{
    assert_null(parse(yaml));
    assert_string_equal(err.code, "SETTINGS_INVALID");
    assert_string_equal(err.msg, message);
}

static void reads_yaml(void **state)
{
    assert_json(
        parse(
            "router:\n  port: 4000 # the usual\n  listen: 127.0.0.1:4000\n  on: yes\n  tls: false\n"
            "list: [a, 1.5, ~, {x: '1'}]\nempty:\ntext: |\n  two\n  lines\n"),
        "{\"router\":{\"port\":4000,\"listen\":\"127.0.0.1:4000\",\"on\":\"yes\",\"tls\":false},"
        "\"list\":[\"a\",1.5,null,{\"x\":\"1\"}],\"empty\":null,\"text\":\"two\\nlines\\n\"}");
    assert_json(
        parse("a: 0x1F\nb: 007\nc: .5\nd: +1\ne: 1e3\nf: \"true\"\ng: TRUE\n"),
        "{\"a\":\"0x1F\",\"b\":\"007\",\"c\":\".5\",\"d\":\"+1\",\"e\":1e3,\"f\":\"true\",\"g\":true}");
    assert_json(parse("base: &b {x: 1}\nagain: *b\n"), "{\"base\":{\"x\":1},\"again\":{\"x\":1}}");
    assert_json(parse(""), "{}");
    assert_json(parse("# nothing\n"), "{}");
    assert_json(parse("---\n...\n"), "{}");
}

static void refuses_with_file_and_line(void **state)
{
    assert_refused("a: 1\nb: 2\na: 3\n",
                   "conf/paintbox.yaml:3: the key a was given before, in line 1");
    assert_refused("- 1\n",
                   "conf/paintbox.yaml:1: a mapping was expected: lines of the form key: value");
    assert_refused("\n\n[a]: 1\n",
                   "conf/paintbox.yaml:3: a key is a plain word, not a list or a mapping");
    assert_refused("a: 1\n---\nb: 1\n",
                   "conf/paintbox.yaml:3: there is a second document: a file of settings has one");
    assert_refused("a: 1\n\tb: 2\n",
                   "conf/paintbox.yaml:2: found a tab character that violates indentation, while "
                   "scanning a plain scalar (column 1)");
    assert_refused(
        "a: {\n",
        "conf/paintbox.yaml:2: did not find expected node content, while parsing a flow node (column 1)");
    assert_refused("a: *b\n", "conf/paintbox.yaml:1: found undefined alias (column 4)");
    assert_refused("a: &a [*a]\n", "conf/paintbox.yaml:1: mappings and lists nest at most 32 deep");
    assert_null(parse("a: \xff\n"));
    assert_null(parse("a: 'open\n"));
}

static void aliases_cannot_explode(void **state)
{
    assert_refused(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
        "conf/paintbox.yaml:1: there are more than 20000 values");
}

static void expands_the_environment(void **state)
{
    setenv("PAINTBOX_TEST_PORT", "4100", 1);
    setenv("PAINTBOX_TEST_EMPTY", "", 1);
    unsetenv("PAINTBOX_TEST_NONE");
    assert_json(
        parse("a: ${env.PAINTBOX_TEST_PORT}\nb: '${env.PAINTBOX_TEST_PORT}'\nc: http://x:${env.PAINTBOX_TEST_PORT}/y\n"
              "d: ${env.PAINTBOX_TEST_NONE:-7}\ne: ${env.PAINTBOX_TEST_EMPTY:-x}${env.PAINTBOX_TEST_NONE:-}\n"
              "f: $${env.X} costs $5\ng: '${env.PAINTBOX_TEST_EMPTY}'\n"),
        "{\"a\":4100,\"b\":\"4100\",\"c\":\"http://x:4100/y\",\"d\":7,\"e\":\"x\",\"f\":\"${env.X} costs $5\",\"g\":\"\"}");
    assert_refused(
        "a:\n  b: ${env.PAINTBOX_TEST_NONE}\n",
        "conf/paintbox.yaml:2: the environment variable PAINTBOX_TEST_NONE is not set: set it, or give a default with "
        "${env.PAINTBOX_TEST_NONE:-default}");
    assert_refused(
        "a: ${env.X",
        "conf/paintbox.yaml:1: a ${ has no closing brace; $${ stands for the characters themselves");
    assert_refused("a: ${HOME}",
                   "conf/paintbox.yaml:1: ${HOME}: known are ${env.NAME}, ${env.NAME:-default} and "
                   "${file.PATH}; $${ stands for the characters themselves");
}

static void reads_files(void **state)
{
    char folder[] = "/tmp/paintbox-settings-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char yaml[100], secret[100];
    snprintf(yaml, sizeof yaml, "%s/p.yaml", folder);
    snprintf(secret, sizeof secret, "%s/secret", folder);
    FILE *f = fopen(secret, "w");
    fputs("s3cret\r\n", f);
    fclose(f);
    f = fopen(yaml, "w");
    fprintf(f, "a: ${file.secret}\nb: ${file.%s}\n", secret);
    fclose(f);
    assert_json(settings_read_file(a, yaml, &err), "{\"a\":\"s3cret\",\"b\":\"s3cret\"}");
    unlink(secret);
    assert_null(settings_read_file(a, yaml, &err));
    assert_true(str_find(str_c(err.msg), STR("/p.yaml:1: ${file.secret}: cannot read ")) > 0);
    unlink(yaml);
    assert_null(settings_read_file(a, yaml, &err));
    assert_string_equal(err.code, "FILE_UNREADABLE");
    assert_null(settings_read_file(a, folder, &err));
    rmdir(folder);
}

static void merges_over_defaults(void **state)
{
    struct json *defaults = settings_parse(
        a, "defaults", STR("r: {port: 4000, host: x, list: [1, 2]}\nk: 1\nn: {a: 1}\n"), &err);
    struct json *user = parse("r:\n  port: 5000\n  list: [3]\n  new: true\nn:\nz: 1\n");
    struct json *s = settings_merge(a, defaults, user);
    assert_json(
        s,
        "{\"r\":{\"port\":5000,\"host\":\"x\",\"list\":[3],\"new\":true},\"k\":1,\"n\":{\"a\":1},\"z\":1}");
    assert_json(defaults,
                "{\"r\":{\"port\":4000,\"host\":\"x\",\"list\":[1,2]},\"k\":1,\"n\":{\"a\":1}}");
    assert_str(settings_place(a, settings_get(s, "r.port")), "conf/paintbox.yaml:2");
    assert_str(settings_place(a, settings_get(s, "r.host")), "defaults:1");
    assert_json(settings_merge(a, defaults, NULL),
                "{\"r\":{\"port\":4000,\"host\":\"x\",\"list\":[1,2]},\"k\":1,\"n\":{\"a\":1}}");
}

static const struct str patterns[] = {
    STR_INIT("router.port"),         STR_INIT("router.listen"),
    STR_INIT("router.cors.origins"), STR_INIT("subgraphs.*.routing_url"),
    STR_INIT("headers.all[].name"),  STR_INIT("telemetry.extra.**")};

static void assert_unknown(const char *yaml, const char *message)
{
    struct json *v = parse(yaml);
    assert_non_null(v);
    assert_int_equal(settings_check(v, patterns, sizeof patterns / sizeof *patterns, &err), -1);
    assert_string_equal(err.code, "SETTINGS_UNKNOWN_KEY");
    assert_string_equal(err.msg, message);
}

static void unknown_keys_are_refused(void **state)
{
    struct json *v = parse(
        "router:\n  port: 1\n  cors: {origins: [a, b]}\nsubgraphs: {customers: {routing_url: x}}\n"
        "headers: {all: [{name: a}, {name: b}]}\ntelemetry: {extra: {x: {y: [{z: 1}]}}}\n");
    assert_int_equal(settings_check(v, patterns, sizeof patterns / sizeof *patterns, &err), 0);
    assert_unknown("router:\n  port: 1\n  prot: 2\n",
                   "conf/paintbox.yaml:3: there is no key router.prot: did you mean router.port?");
    assert_unknown("routr:\n  port: 1\n",
                   "conf/paintbox.yaml:1: there is no key routr: did you mean router?");
    assert_unknown(
        "subgraphs:\n  customers:\n    routing_uri: 1\n",
        "conf/paintbox.yaml:3: there is no key subgraphs.customers.routing_uri: did you mean "
        "subgraphs.customers.routing_url?");
    assert_unknown(
        "headers:\n  all:\n    - name: x\n      nmae: x\n",
        "conf/paintbox.yaml:4: there is no key headers.all[].nmae: did you mean headers.all[].name?");
    assert_unknown("completely: {other: 1}\n", "conf/paintbox.yaml:1: there is no key completely");
    assert_unknown(
        "router: {port: {a: 1}}\n",
        "conf/paintbox.yaml:1: there is no key router.port.a: did you mean router.port?");
    assert_unknown("router: [{port: 1}]\n", "conf/paintbox.yaml:1: there is no key router[]");
}

static void typed_getters(void **state)
{
    struct json *s = parse(
        "r:\n  host: example.com\n  port: 4000\n  on: true\n  rate: 0.25\n  no:\n  word: 42\n");
    struct str text = STR_NONE;
    int64_t n = 0;
    bool on = false;
    double rate = 0;
    assert_int_equal(settings_string(s, "r.host", &text, &err), 0);
    assert_str(text, "example.com");
    assert_int_equal(settings_string(s, "r.word", &text, &err), 0);
    assert_str(text, "42");
    assert_int_equal(settings_int(s, "r.port", 1, 65535, &n, &err), 0);
    assert_int_equal(n, 4000);
    assert_int_equal(settings_bool(s, "r.on", &on, &err), 0);
    assert_true(on);
    assert_int_equal(settings_double(s, "r.rate", 0, 1, &rate, &err), 0);
    assert_true(rate == 0.25);
    n = 7;
    assert_int_equal(settings_int(s, "r.no", 1, 2, &n, &err), 0);
    assert_int_equal(settings_int(s, "r.none.below", 1, 2, &n, &err), 0);
    assert_int_equal(n, 7);

    assert_int_equal(settings_int(s, "r.port", 1, 1023, &n, &err), -1);
    assert_string_equal(
        err.msg,
        "conf/paintbox.yaml:3: r.port: a whole number from 1 to 1023 was expected, not \"4000\"");
    assert_int_equal(settings_int(s, "r.host", 1, 1023, &n, &err), -1);
    assert_int_equal(settings_bool(s, "r.host", &on, &err), -1);
    assert_string_equal(
        err.msg, "conf/paintbox.yaml:2: r.host: true or false was expected, not \"example.com\"");
    assert_int_equal(settings_double(s, "r.port", 0, 1, &rate, &err), -1);
    assert_string_equal(
        err.msg, "conf/paintbox.yaml:3: r.port: a number from 0 to 1 was expected, not \"4000\"");
    assert_int_equal(settings_string(s, "r", &text, &err), -1);
    assert_string_equal(err.msg, "conf/paintbox.yaml:1: r: a text was expected, not a mapping");
}

static void durations_and_sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t us, bytes; /* -1: refused */
    } cases[] = {
        {"30s", 30000000, -1},
        {"500ms", 500000, -1},
        {"1m30s", 90000000, -1},
        {"1.5h", 5400000000, -1},
        {"250us", 250, -1},
        {"1 d", 86400000000, -1},
        {"1H", 3600000000, -1},
        {"0s", 0, -1},
        {"30", -1, 30},
        {"2mb", -1, 2000000},
        {"2MiB", -1, 2 << 20},
        {"1.5 kib", -1, 1536},
        {"512b", -1, 512},
        {"1e3", -1, -1},
        {"-5s", -1, -1},
        {"s", -1, -1},
        {"1.s", -1, -1},
        {".5s", -1, -1},
        {"1x", -1, -1},
        {"''", -1, -1},
        {"9999999999999999s", -1, -1},
        {"999999999999999d", -1, -1},
        {"[1s]", -1, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[64];
        int64_t us = -1, bytes = -1;
        snprintf(yaml, sizeof yaml, "v: %s\n", cases[i].text);
        struct json *s = parse(yaml);
        settings_duration(s, "v", 0, INT64_MAX, &us, &err);
        settings_bytes(s, "v", 0, INT64_MAX, &bytes, &err);
        if (us != cases[i].us || bytes != cases[i].bytes)
            fail_msg("%s: %lld µs, %lld bytes", cases[i].text, (long long)us, (long long)bytes);
    }
    int64_t out;
    struct json *s = parse("t: 2h\nb: 1kb\n");
    assert_int_equal(settings_duration(s, "t", 1000000, 60000000, &out, &err), -1);
    assert_string_equal(
        err.msg,
        "conf/paintbox.yaml:1: t: a duration such as 500ms, 30s or 1m30s from 1s to 60s was expected, "
        "not \"2h\"");
    assert_int_equal(settings_bytes(s, "b", 1 << 20, 1 << 30, &out, &err), -1);
    assert_string_equal(
        err.msg,
        "conf/paintbox.yaml:2: b: a size such as 512kb or 2mb from 1mib to 1024mib was expected, not "
        "\"1kb\"");
}

int main(void)
{
    a = arena_new(0);
    int failed = RUN_TESTS(reads_yaml, refuses_with_file_and_line, aliases_cannot_explode,
                           expands_the_environment, reads_files, merges_over_defaults,
                           unknown_keys_are_refused, typed_getters, durations_and_sizes);
    arena_free(&a);
    return failed;
}
