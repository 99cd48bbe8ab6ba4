#include "base/test.h"

#include "base/buf.h"
#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/printer.h"

#include <pthread.h>

#define DATA_MAX (1u << 20)

static struct arena *arena;
static struct gql_errors errors;

static int setup(void **state)
{
    arena = arena_new(0);
    errors = (struct gql_errors){0};
    return 0;
}

static int teardown(void **state)
{
    arena_free(&arena);
    return 0;
}

static struct gql_document *parse(struct str text)
{
    errors = (struct gql_errors){0};
    return gql_parse(arena, text, &(struct gql_parse_options){0}, &errors);
}

static struct str print(const struct gql_document *doc, enum gql_print_style style)
{
    struct buf out;
    buf_init(&out, DATA_MAX);
    gql_print_document(&out, doc, style);
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static struct str error_text(void)
{
    assert_int_equal(errors.n, 1);
    const struct gql_error *e = &errors.v[0];
    assert_str(e->code, "GRAPHQL_PARSE_FAILED");
    assert_int_equal(e->n_locs, 1);
    return arena_printf(arena, "%u:%u %.*s", e->locs[0].line, e->locs[0].column, STR_ARG(e->message));
}

static void assert_error(struct str text, const char *expected)
{
    assert_null(parse(text));
    assert_str(error_text(), expected);
}

/* ---- test-data/syntax.txt ---- */

static struct str read_data(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/test-data/%s", getenv("SOURCE_DIR"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = arena_alloc(arena, DATA_MAX);
    size_t n = fread(text, 1, DATA_MAX, f);
    fclose(f);
    return str_mem(text, n);
}

/* Takes the text up to a line that begins with `=== ` or `--- `. */
static struct str take_block(struct str *rest)
{
    const char *from = rest->p;
    size_t len = 0;
    while (rest->len && !str_starts(*rest, STR("=== ")) && !str_starts(*rest, STR("--- "))) {
        struct str line;
        str_split(rest, '\n', &line);
        len = (size_t)(line.p + line.len - from);
    }
    return str_mem(from, len);
}

/* Without the empty line that separates cases. */
static struct str trim_end(struct str s)
{
    while (s.len && s.p[s.len - 1] == '\n')
        s.len--;
    return s;
}

static bool check_part(struct str name, struct str part, struct str input, struct str expected)
{
    struct gql_document *doc = parse(input);
    struct str got;
    if (str_eq(part, STR("error")))
        got = doc ? STR("no error") : error_text();
    else
        got = !doc ? error_text() : print(doc, str_eq(part, STR("compact")) ? GQL_PRINT_COMPACT : GQL_PRINT_PRETTY);
    if (str_eq(got, expected))
        return true;
    print_error("%.*s, %.*s:\n%.*s\n-- expected:\n%.*s\n", STR_ARG(name), STR_ARG(part), STR_ARG(got),
                STR_ARG(expected));
    return false;
}

static void data_cases(void **state)
{
    struct str rest = read_data("syntax.txt");
    int n = 0, failed = 0;
    take_block(&rest);
    while (rest.len) {
        struct str name, part;
        str_split(&rest, '\n', &name);
        struct str input = take_block(&rest);
        while (str_starts(rest, STR("--- "))) {
            str_split(&rest, '\n', &part);
            struct str expected = trim_end(take_block(&rest));
            failed += !check_part(name, str_sub(part, 4, part.len), input, expected);
            n++;
        }
    }
    assert_true(n > 30);
    assert_int_equal(failed, 0);
}

/* ---- what a text file cannot say ---- */

static void names_are_slices_of_the_source(void **state)
{
    struct str text = STR("query Q { user(id: \"plain\") }");
    struct gql_document *doc = parse(text);
    assert_non_null(doc);
    const struct gql_selection *user = doc->definitions[0]->selections->items[0];
    assert_ptr_equal(doc->definitions[0]->name.s.p, doc->source.p + 6);
    assert_ptr_equal(user->name.s.p, doc->source.p + 10);
    assert_ptr_equal(user->args[0].value->text.p, doc->source.p + 20);
    assert_int_equal(user->loc.offset, 10);
    assert_int_equal(user->loc.column, 11);
    assert_int_equal(doc->n_tokens, 10);
}

static void bytes_that_are_not_utf8(void **state)
{
    assert_error(STR("{ \xFF }"), "1:3 Syntax Error: Invalid character, the text is not UTF-8: byte 0xFF.");
    assert_error(STR("{ a(s: \"\xC0\x80\") }"),
                 "1:9 Syntax Error: Invalid character, the text is not UTF-8: byte 0xC0.");
    assert_error(STR("# \xED\xA0\x80\n{a}"), "1:3 Syntax Error: Invalid character, the text is not UTF-8: byte 0xED.");
    assert_error(STR("{ a(s: \"\"\"\n\xE6\x97"),
                 "2:1 Syntax Error: Invalid character, the text is not UTF-8: byte 0xE6.");
    assert_error(STR("{ a(s: \"\\\xF0\x9D\x84\x9E\") }"),
                 "1:9 Syntax Error: Invalid character escape sequence: \"\\\xEF\xBF\xBD\".");
}

static void zero_bytes_and_marks(void **state)
{
    assert_error(STR("{ \0 }"), "1:3 Syntax Error: Unexpected character: U+0000.");
    assert_null(parse(STR("{ \"a\\u0000b\" }")));
    struct str message = errors.v[0].message;
    assert_int_equal(str_find(message, STR("String \"a\0b\"")), message.len - 13);

    struct gql_document *doc = parse(STR("\xEF\xBB\xBF{ a }"));
    assert_int_equal(doc->definitions[0]->loc.column, 2);
    assert_error(str_mem(NULL, 0), "1:1 Syntax Error: Unexpected <EOF>.");
}

static void the_error_stays_alone(void **state)
{
    errors = (struct gql_errors){0};
    assert_null(gql_parse(arena, STR("type A { a(b: [C }\n\"unterminated"), NULL, &errors));
    assert_str(error_text(), "1:18 Syntax Error: Expected \"]\", found \"}\".");
}

static void tokens_are_limited(void **state)
{
    struct gql_parse_options limit = {.max_tokens = 4};
    assert_non_null(gql_parse(arena, STR("{ a b }"), &limit, &errors));
    assert_null(gql_parse(arena, STR("{ a b c }"), &limit, &errors));
    assert_str(error_text(), "1:9 Syntax Error: Document contains more than 4 tokens. Parsing aborted.");
}

static void field_sets(void **state)
{
    struct gql_selection_set *set = gql_parse_field_set(arena, STR("id organization { id name }"), &errors);
    assert_int_equal(set->n, 2);
    assert_int_equal(set->items[1]->selections->n, 2);
    assert_int_equal(gql_parse_field_set(arena, STR(" { id } "), &errors)->n, 1);
    assert_null(gql_parse_field_set(arena, STR(""), &errors));
    assert_str(error_text(), "1:1 Syntax Error: Expected Name, found <EOF>.");
    errors.n = 0;
    assert_null(gql_parse_field_set(arena, STR("id }"), &errors));
    assert_str(error_text(), "1:4 Syntax Error: Expected Name, found \"}\".");
}

static void parts_print_alone(void **state)
{
    struct buf out;
    buf_init(&out, DATA_MAX);
    gql_print_type_ref(&out, gql_parse_type_ref(arena, STR("[ [ ID ! ] ] !"), &errors));
    gql_print_value(&out, gql_parse_const_value(arena, STR("{a:[1 \"x\"]}"), &errors));
    gql_print_string(&out, STR("a\nb"), true);
    gql_print_directives(&out, &parse(STR("{a @b @c(d: 1)}"))->definitions[0]->selections->items[0]->directives);
    assert_str(buf_str(&out), "[[ID!]]!{ a: [1, \"x\"] }\"\"\"\na\nb\n\"\"\"@b @c(d: 1)");
    buf_free(&out);
}

/* ---- depth ---- */

/* `n` times `open`, a middle, `n` times `close`. */
static struct str nested(int n, const char *before, const char *open, const char *middle, const char *close,
                         const char *after)
{
    struct buf out;
    buf_init(&out, DATA_MAX);
    buf_add_c(&out, before);
    for (int i = 0; i < n; i++)
        buf_add_c(&out, open);
    buf_add_c(&out, middle);
    for (int i = 0; i < n; i++)
        buf_add_c(&out, close);
    buf_add_c(&out, after);
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static void depth_is_limited(void **state)
{
    assert_non_null(parse(nested(GQL_DEPTH_MAX, "", "{a", "", "}", "")));
    assert_error(nested(GQL_DEPTH_MAX + 1, "", "{a", "", "}", ""),
                 "1:402 Syntax Error: Document is nested deeper than 200 levels.");
    assert_error(nested(100000, "{a(b:", "[", "1", "]", ")}"), "1:205 Syntax Error: Document is nested deeper than 200 levels.");
    assert_error(nested(100000, "{a(b:", "{c:", "1", "}", ")}"), "1:603 Syntax Error: Document is nested deeper than 200 levels.");
    assert_error(nested(100000, "type A{a:", "[", "B", "]", "}"), "1:210 Syntax Error: Document is nested deeper than 200 levels.");
}

#ifdef __SANITIZE_ADDRESS__
#define SMALL_STACK (1u << 20) /* red zones make frames several times larger */
#else
#define SMALL_STACK (64u << 10)
#endif

static void *parse_and_print_deepest(void *arg)
{
    const struct str texts[] = {
        nested(GQL_DEPTH_MAX, "", "{a", "", "}", ""),
        nested(GQL_DEPTH_MAX, "", "{...on A@b(c:1)", "{a}", "}", ""),
        nested(GQL_DEPTH_MAX - 1, "", "{...on A@b(c:1)", "{a}", "}", ""),
        nested(GQL_DEPTH_MAX - 1, "{a(b:", "[", "1", "]", ")}"),
        nested(GQL_DEPTH_MAX - 1, "{a(b:", "{c:", "1", "}", ")}"),
        nested(GQL_DEPTH_MAX, "type A{a:", "[", "B", "]", "}"),
    };
    for (size_t i = 0; i < PB_ARRAY_LEN(texts); i++) {
        struct gql_document *doc = parse(texts[i]);
        if (doc) {
            print(doc, GQL_PRINT_PRETTY);
            print(doc, GQL_PRINT_COMPACT);
        }
    }
    return NULL;
}

static void the_deepest_fits_a_small_stack(void **state)
{
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, SMALL_STACK), 0);
    assert_int_equal(pthread_create(&thread, &attr, parse_and_print_deepest, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attr);
}

/* ---- cost ---- */

/* Memory stays in proportion to the text, whatever the text. */
static void memory_is_linear(void **state)
{
    static const char *const pieces[] = {"{a",       "a ",          "a(b:1)", "[",   "@d",
                                         "\"\\n\" ", "type A{a:B}", "$a:",    "...", "\"\"\"a\n\"\"\""};
    for (size_t i = 0; i < PB_ARRAY_LEN(pieces); i++) {
        struct str text = nested(20000, "", pieces[i], "", "", "");
        size_t before = arena_used(arena);
        parse(text);
        assert_in_range(arena_used(arena) - before, 0, 400 * text.len);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(data_cases), TEST(names_are_slices_of_the_source), TEST(bytes_that_are_not_utf8), TEST(zero_bytes_and_marks),
        TEST(the_error_stays_alone), TEST(tokens_are_limited), TEST(field_sets), TEST(parts_print_alone),
        TEST(depth_is_limited), TEST(the_deepest_fits_a_small_stack), TEST(memory_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
