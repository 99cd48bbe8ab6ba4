/* What may be handed on as it stands: by the text that the plan expects, and member by member. Both must say the same
 * of everything. */
#include "base/panic.h"
#include "base/test.h"

#include "graphql/parser.h"
#include "graphql/validate.h"
#include "planner/planner.h"
#include "router/execute.h"
#include "router/verbatim.h"

#include <sys/mman.h>
#include <unistd.h>

/* Longer than what is compared at once. */
#define LONG_NAME "theNameThatStandsOnTheDoorOfTheHouseInTheSecondStreetBehindTheBridge"

static const char SUPERGRAPH[] =
    "schema @link(url: \"https://specs.apollo.dev/link/v1.0\") @link(url: \"https://specs.apollo.dev/join/v0.5\", for: EXECUTION)"
    " { query: Query }\n"
    "directive @join__graph(name: String!, url: String!) on ENUM_VALUE\n"
    "enum join__Graph { A @join__graph(name: \"a\", url: \"\") }\n"
    "type Query @join__type(graph: A) { jobs: [[Job]!] }\n"
    "type Job @join__type(graph: A) { id: ID! title: String rooms: [Room!]! colours: [String]! grid: [[Int!]]"
    " coats: Int! litres: Float done: Boolean finish: Finish extra: Any lead: Person }\n"
    "type Room @join__type(graph: A) { name: String! walls: Int }\n"
    "type Person @join__type(graph: A) { " LONG_NAME ": String }\n"
    "enum Finish @join__type(graph: A) { MATT GLOSS }\n"
    "scalar Any @join__type(graph: A)\n";

static const char OPERATION[] =
    "{ jobs { id title rooms { name walls } colours grid coats litres done finish extra lead { " LONG_NAME " } } }";

#define JOB(id, title, rooms, colours, grid, coats, litres, done, finish, extra, lead)                                              \
    "{\"id\":" id ",\"title\":" title ",\"rooms\":" rooms ",\"colours\":" colours ",\"grid\":" grid ",\"coats\":" coats ",\"litres\":" litres \
    ",\"done\":" done ",\"finish\":" finish ",\"extra\":" extra ",\"lead\":" lead "}"
#define PLAIN                                                                                                                        \
    JOB("\"17\"", "\"Two coats, dries in four hours\"", "[{\"name\":\"Hall\",\"walls\":4},{\"name\":\"Loft\",\"walls\":null}]",             \
        "[\"red\",\"white\"]", "[[1,2],[3]]", "2", "2.5", "true", "\"MATT\"", "{\"a\":[1,{}]}", "{\"" LONG_NAME "\":\"Ada\"}")

static const struct {
    const char *value;
    bool ok;
} CASES[] = {
    {"[[" PLAIN "]]", true},
    {"[[" PLAIN "," PLAIN "],[" PLAIN "]]", true},
    {"[]", true},
    {"[[]]", true},
    {"null", true},
    {"[null]", false},
    {"[[null," PLAIN ",null]]", true},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "-2147483648", "null", "null", "null", "null", "null") "]]", true},
    {"[[" JOB("\"1\"", "null", "[]", "[null]", "[null,[]]", "2147483647", "0", "false", "\"GLOSS\"", "[]", "{\"" LONG_NAME "\":null}") "]]", true},
    {"[[" JOB("\"\xc3\xa9\"", "\"a \\\"b\\\" \\u00e9\"", "[]", "[]", "null", "1", "0.5", "null", "null", "0", "null") "]]", true},
    {"[[" JOB("null", "null", "[]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("17", "null", "[]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "1", "[]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "null", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[null]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[{\"name\":null,\"walls\":1}]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[{\"walls\":1,\"name\":\"a\"}]", "[]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[1]", "null", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "[[null]]", "1", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1.0", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "2147483648", "null", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1", "1e3", "null", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1", "null", "1", "null", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1", "null", "null", "\"SATIN\"", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1", "null", "null", "\"MA\\u0054T\"", "null", "null") "]]", false},
    {"[[" JOB("\"1\"", "null", "[]", "[]", "null", "1", "null", "null", "null", "{", "null") "]]", false},
    {"[[" PLAIN ", " PLAIN "]]", false},
    {"[[" PLAIN "" PLAIN "]]", false},
    {"[[" PLAIN "]", false},
};

#define PAGES_SIZE (1u << 16)

struct fixture {
    char *pages, *page_end;
    struct arena *a;
    struct supergraph *s;
    struct planner *planner;
    struct plan *plan;
    const struct gql_type *const *api_types;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct gql_errors errors = {0};

    f->pages = mmap(NULL, PAGES_SIZE + (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(f->pages != MAP_FAILED);
    f->page_end = f->pages + PAGES_SIZE;
    assert_int_equal(mprotect(f->page_end, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE), 0);
    f->a = arena_new(0);
    f->s = supergraph_load(str_c(SUPERGRAPH), f->a, &errors);
    assert_non_null(f->s);
    f->planner = planner_new(f->s);
    f->api_types = execute_api_types(f->a, f->s);
    struct gql_document *doc = gql_parse(f->a, str_c(OPERATION), &(struct gql_parse_options){0}, &errors);
    assert_true(gql_validate(f->a, f->s->api, doc, &errors));
    struct plan_request request = {.document = doc, .operation = gql_document_operation(f->a, doc, STR_NONE, &errors)};
    f->plan = planner_plan(f->planner, &request, f->a, &errors);
    assert_non_null(f->plan);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    plan_unref(&f->plan);
    planner_free(&f->planner);
    supergraph_unref(&f->s);
    arena_free(&f->a);
    munmap(f->pages, PAGES_SIZE + (size_t)sysconf(_SC_PAGESIZE));
    free(f);
    return 0;
}

/* Is all of it taken? */
static bool take(struct fixture *f, struct str value, bool by_text)
{
    const struct plan_shape *shape = f->plan->fetches[0].shape;
    struct plan_shape_field field = shape->fields[0];
    struct json_reader r;
    struct err err = {0};
    struct str raw;

    assert_non_null(field.verbatim);
    assert_non_null(field.text);
    if (!by_text)
        field.text = NULL;
    json_reader_init(&r, value, &err);
    if (!verbatim_take(&r, &field, &shape->layout->slots[field.slot], f->api_types, &raw))
        return false;
    assert_ptr_equal(raw.p, value.p);
    assert_int_equal(r.depth, 0);
    return raw.len == value.len;
}

/* The text stands at the end of a page behind which nothing can be read. */
static void both_say(struct fixture *f, struct str value, int expected)
{
    struct str text = str_mem(f->page_end - value.len, value.len);
    assert_true(value.len <= PAGES_SIZE);
    memcpy(f->page_end - value.len, value.p, value.len);
    bool by_member = take(f, text, false), by_text = take(f, text, true);
    if (by_text != by_member || (expected >= 0 && by_text != (expected == 1)))
        fail_msg("by text %d, by member %d, expected %d: %.*s", by_text, by_member, expected, STR_ARG(text));
}

static void takes_what_the_client_may_get(void **state)
{
    for (size_t i = 0; i < PB_ARRAY_LEN(CASES); i++)
        both_say(*state, str_c(CASES[i].value), CASES[i].ok);
}

/* Each byte of each case becomes another, goes, or comes twice; each case ends early. */
static void says_the_same_of_damaged_values(void **state)
{
    static const char OTHERS[] = "\"\\,:[]{}n0-.e \x01\x80";
    char text[4096];

    for (size_t i = 0; i < PB_ARRAY_LEN(CASES); i++) {
        struct str value = str_c(CASES[i].value);
        for (size_t at = 0; at < value.len; at++) {
            both_say(*state, str_sub(value, 0, at), 0);
            memcpy(text, value.p, value.len);
            for (size_t k = 0; k < sizeof OTHERS - 1; k++) {
                text[at] = OTHERS[k];
                both_say(*state, str_mem(text, value.len), -1);
            }
            memmove(text + at, value.p + at + 1, value.len - at - 1);
            both_say(*state, str_mem(text, value.len - 1), -1);
            memcpy(text, value.p, at + 1);
            memcpy(text + at + 1, value.p + at, value.len - at);
            both_say(*state, str_mem(text, value.len + 1), -1);
        }
    }
}

/* Even when few objects are as expected. */
static void gives_the_text_up(void **state)
{
    struct fixture *f = *state;
    struct buf b;

    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100; i++) {
        buf_add(&b, i ? STR(",") : STR("[["));
        buf_add(&b, i % 10 == 9
                        ? STR(PLAIN)
                        : STR(JOB("\"1\"", "null", "[]", "[]", "null", "1", "null", "null", "null", "null", "null")));
    }
    buf_add(&b, STR("]]"));
    both_say(f, buf_str(&b), 1);
    buf_free(&b);
}

#define STRING_MAX 100 /* several windows */

/* Two jobs with these titles, the second one where the text ends or a long way before. */
static struct str two_jobs(struct buf *b, struct str first, struct str second, bool more)
{
    const struct str titles[] = {first, second};

    buf_clear(b);
    buf_add(b, STR("[["));
    for (int i = 0; i < 2; i++) {
        buf_add(b, i ? STR(",{\"id\":\"") : STR("{\"id\":\"17\",\"title\":\""));
        buf_add(b, i ? titles[i] : STR(""));
        buf_add(b, i ? STR("\",\"title\":\"") : STR(""));
        buf_add(b, titles[i]);
        buf_add(b, STR("\",\"rooms\":[],\"colours\":[\""));
        buf_add(b, titles[i]);
        buf_add(b, STR("\"],\"grid\":null,\"coats\":1,\"litres\":null,\"done\":null,\"finish\":null,\"extra\":null,\"lead\":{\"" LONG_NAME
                       "\":\""));
        buf_add(b, titles[i]);
        buf_add(b, STR("\"}}"));
    }
    for (int i = 0; more && i < 2; i++)
        buf_add(b, STR("," PLAIN));
    buf_add(b, STR("]]"));
    return buf_str(b);
}

static void strings_end_in_every_place(void **state)
{
    char x[STRING_MAX];
    struct buf b;

    buf_init(&b, 1 << 16);
    memset(x, 'x', sizeof x);
    for (size_t first = 0; first < sizeof x; first++)
        for (size_t second = 0; second < sizeof x; second++)
            both_say(*state, two_jobs(&b, str_mem(x, first), str_mem(x, second), second % 2), 1);
    buf_free(&b);
}

/* What needs a look, in every place of strings of every length. */
static void strings_with_something_in_every_place(void **state)
{
    static const struct {
        const char *text;
        int ok; /* negative: it depends on what follows */
    } INSIDE[] = {{"\xc3\xa9", 1}, {"\\n", 1},  {"\\u0041", 1}, {"\x7f", 1}, {" ", 1},  {"\x1f", 0},
                  {"\x80", 0},     {"\xff", 0}, {"\\x", 0},     {"\"", 0},   {"\\", -1}};
    char title[STRING_MAX + 8];
    struct buf b;

    buf_init(&b, 1 << 16);
    for (size_t n = 0; n < STRING_MAX; n++)
        for (size_t at = 0; at <= n; at += 1 + n / 40)
            for (size_t i = 0; i < PB_ARRAY_LEN(INSIDE); i++) {
                struct str inside = str_c(INSIDE[i].text);
                memset(title, 'x', sizeof title);
                memcpy(title + at, inside.p, inside.len);
                struct str text = str_mem(title, n + inside.len);
                both_say(*state, two_jobs(&b, str_mem("xxxxxx", n % 6), text, n % 2), INSIDE[i].ok);
                both_say(*state, two_jobs(&b, text, text, n % 2), INSIDE[i].ok);
            }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_what_the_client_may_get, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_the_same_of_damaged_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_the_text_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strings_end_in_every_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strings_with_something_in_every_place, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
