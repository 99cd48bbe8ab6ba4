/* The subgraph that the kit's tests talk to; see test/integration/subgraph.test.mjs. */
#include "base/log.h"
#include "base/panic.h"
#include "base/uuid.h"
#include "subgraph/migrate.h"
#include "subgraph/page.h"
#include "subgraph/test/queries.h"
#include "subgraph/write.h"

#include <limits.h>

EMBEDDED_FILES(library_migrations);
EMBEDDED_FILES(library_schema);

/* ---- entities ---- */

static void author(struct batch *b)
{
    batch_set_all(b, cell_object(batch_load(b, "Author", batch_arg_str(b, "id"))));
}

static void book(struct batch *b)
{
    batch_set_all(b, cell_object(batch_load(b, "Book", batch_arg_str(b, "id"))));
}

static void author_books(struct batch *b)
{
    batch_resolve_lists(b, &BOOKS_BY_AUTHOR, "id");
}
static void author_book_count(struct batch *b)
{
    batch_resolve_values(b, &BOOK_COUNTS, "id", cell_int(0));
}
static void author_page_sum(struct batch *b)
{
    batch_resolve_values(b, &PAGE_SUMS, "id", cell_int(0));
}
static void author_has_books(struct batch *b)
{
    batch_resolve_values(b, &HAVE_BOOKS, "id", cell_bool(false));
}
static void author_latest_book(struct batch *b)
{
    batch_resolve_rows(b, &LATEST_BOOKS, "id");
}
static void book_author(struct batch *b)
{
    batch_resolve_refs(b, "Author", "id", "author_id");
}
static void book_publisher(struct batch *b)
{
    batch_resolve_refs(b, "Publisher", "id", "publisher_id");
}

static void author_books_page(struct batch *b)
{
    batch_resolve_page(b, &(struct page_request){.query = &BOOKS_PAGE, .default_first = 2, .parent_column = "id"});
}

static void author_total_sold(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        const struct json *sales = batch_required(b, i, "sales");
        int64_t sum = 0, copies;
        for (uint32_t k = 0; sales && k < sales->n; k++)
            sum += json_to_i64(json_get(sales->items[k], STR("copies")), &copies) ? copies : 0;
        if (sales)
            batch_set(b, i, cell_int(sum));
        else
            batch_fail(b, i, "BAD_USER_INPUT", "the representation lacks \"sales\"");
    }
}

/* The second book cannot be reviewed. */
static void book_review(struct batch *b)
{
    for (size_t i = 0; i < batch_size(b); i++) {
        if (str_eq(batch_column(b, i, "title"), STR("Book 2")))
            batch_fail(b, i, "NO_REVIEW", "Book 2 cannot be reviewed");
        else
            batch_set(b, i, cell_text(STR("good")));
    }
}

/* ---- lists ---- */

static void author_rank(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row)
{
    object_put(edge, "rank", cell_text(pg_get(rows, row, (unsigned)pg_column_index(rows, STR("rank")))));
}

static struct str text_array(struct batch *b, const struct json *list)
{
    struct str *items = arena_array(batch_arena(b), struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        items[i] = list->items[i]->text;
    return pg_array(batch_arena(b), items, list->n);
}

static void authors(struct batch *b)
{
    const struct json *filter = batch_arg(b, "filter"), *kinds = json_get(filter, STR("kinds"));
    struct pg_param params[] = {{kinds && kinds->kind == JSON_ARRAY ? text_array(b, kinds) : STR_NONE},
                                {json_get_str(filter, STR("name"))}};
    struct str order = batch_arg_str(b, "orderBy");
    batch_resolve_page(b, &(struct page_request){.query = &AUTHORS,
                                                 .order = order.p ? arena_cstr(batch_arena(b), order) : NULL,
                                                 .descending = batch_arg_bool(b, "descending", false),
                                                 .default_first = 25,
                                                 .params = params,
                                                 .n_params = 2,
                                                 .edge = author_rank});
}

static void rows(struct batch *b, const struct query *q)
{
    struct pg_result *r = batch_query(b, q, NULL, 0);
    size_t n = r ? r->n_rows : 0;
    struct cell *items = arena_array(batch_arena(b), struct cell, n);
    for (size_t i = 0; i < n; i++)
        items[i] = cell_object(object_of_row(b, NULL, r, i));
    batch_set_all(b, cell_list(items, n));
}

static void books(struct batch *b)
{
    rows(b, &SOME_BOOKS);
}

static void things(struct batch *b)
{
    static const char *const ids[] = {"00000000-0000-7000-8000-0000000a0001", "00000000-0000-7000-8000-0000000a0002"};
    struct cell *items = arena_array(batch_arena(b), struct cell, 4);
    items[0] = cell_object(object_of_ref(b, "Author", "id", str_c(ids[0])));
    items[1] = cell_object(batch_load(b, "Book", STR("00000000-0000-7000-8000-000000b00001")));
    items[2] = cell_object(object_of_ref(b, "Author", "id", str_c(ids[1])));
    items[3] = cell_object(batch_load(b, "Book", STR("00000000-0000-7000-8000-000000b00002")));
    batch_set_all(b, cell_list(items, 4));
}

static void named(struct batch *b)
{
    struct cell *items = arena_array(batch_arena(b), struct cell, 2);
    items[0] = cell_object(object_of_ref(b, "Author", "id", STR("00000000-0000-7000-8000-0000000a0001")));
    items[1] = cell_object(object_of_ref(b, "Publisher", "id", STR("00000000-0000-7000-8000-0000000c0001")));
    batch_set_all(b, cell_list(items, 2));
}

/* ---- plain fields ---- */

static void echo(struct batch *b)
{
    struct str text = batch_arg_str(b, "text");
    const struct json *list = batch_arg(b, "list");
    batch_set_all(b, cell_text(arena_printf(batch_arena(b), "%.*s/%.*s/%s", STR_ARG(text), list ? (int)list->n : 0,
                                            "xxxxxxxxxx", batch_arg_bool(b, "on", false) ? "on" : "off")));
}

static void who_am_i(struct batch *b)
{
    const struct identity *caller = &batch_request(b)->caller;
    batch_set_all(b, cell_text(caller->signed_in ? role_name(caller->role) : STR_NONE));
}

static void slow(struct batch *b)
{
    struct pg_param seconds = {batch_arg_str(b, "seconds")};
    if (batch_query(b, &SLEEP, &seconds, 1))
        batch_set_all(b, cell_bool(true));
}

/* ---- writes ---- */

static void rename_in_transaction(struct write *w)
{
    const struct json *in = w->arg;
    struct str id = json_get_str(in, STR("id"));
    const struct json *expected = json_get(in, STR("expectedVersion"));
    const struct pg_param params[] = {{id}, {json_get_str(in, STR("name"))}, {expected->text}};
    int64_t version = 0, current = 0;
    struct pg_result *r = write_query(w, &AUTHOR_RENAME, params, 3);
    if (r && r->n_rows == 0) {
        r = write_query(w, &AUTHOR_VERSION, params, 1);
        if (r && r->n_rows == 0)
            write_reject(w, not_found_error(w->batch, "author", id));
        else if (r && json_to_i64(expected, &version) && str_to_i64(pg_get(r, 0, 0), &current))
            write_reject(w, conflict_error(w->batch, version, current));
        return;
    }
    if (!r)
        return;
    str_to_i64(pg_get(r, 0, (unsigned)pg_column_index(r, STR("version"))), &version);
    write_event(w, &(struct change){.entity = "Author",
                                    .id = id,
                                    .version = version,
                                    .action = "author.renamed",
                                    .after = STR("{\"name\": \"new\"}"),
                                    .summary = STR("renamed")});
    struct object *success = object_new(w->batch, "AuthorSuccess");
    object_put(success, "author", cell_object(object_of_row(w->batch, "Author", r, 0)));
    write_result(w, success);
}

static void rename_author(struct batch *b)
{
    const struct json *in = batch_arg(b, "input");
    if (json_get_str(in, STR("name")).len == 0) {
        batch_set_all(b, cell_object(validation_error(b, &(struct field_error){"input.name", STR("is empty")}, 1)));
        return;
    }
    batch_write(
        b, &(struct write_options){.name = "renameAuthor", .idempotency_key = json_get_str(in, STR("idempotencyKey"))},
        rename_in_transaction, (void *)in);
}

static void break_in_transaction(struct write *w)
{
    struct str id = batch_arg_str(w->batch, "id");
    const struct pg_param good[] = {{id}, {STR("POET")}}, bad[] = {{id}, {STR("NOBODY")}};
    struct pg_result *r = write_query(w, &AUTHOR_BREAK, good, 2);
    write_event(w, &(struct change){.entity = "Author", .id = id, .version = 1, .action = "author.broken"});
    write_query(w, &AUTHOR_BREAK, bad, 2);
    if (r)
        write_result(w, object_of_row(w->batch, "Author", r, 0));
}

static void break_author(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "breakAuthor"}, break_in_transaction, NULL);
}

static struct pg_result *insert_book(struct write *w)
{
    char id[UUID_LEN + 1];
    struct uuid u = uuid_new();
    uuid_format(&u, id);
    struct str text = arena_str(batch_arena(w->batch), str_c(id)), author_id = batch_arg_str(w->batch, "authorId");
    const struct pg_param params[] = {{text}, {author_id}, {batch_arg_str(w->batch, "title")}};
    struct pg_result *r = write_query(w, &BOOK_ADD, params, 3);
    if (!r)
        return NULL;
    write_event(w, &(struct change){.entity = "Author", .id = author_id, .version = 1, .action = "author.changed"});
    write_event(w, &(struct change){.entity = "Book", .id = text, .version = 1, .action = "book.added"});
    return r;
}

static void add_in_transaction(struct write *w)
{
    struct pg_result *r = insert_book(w);
    if (r)
        write_result(w, object_of_row(w->batch, "Book", r, 0));
}

static void add_book(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "addBook"}, add_in_transaction, NULL);
}

static void add_or_say_in_transaction(struct write *w)
{
    struct pg_result *r = insert_book(w);
    const char *state = write_sql_state(w);
    if (state && strcmp(state, "23505") == 0)
        write_reject(w, validation_error(w->batch, &(struct field_error){"title", STR("is taken")}, 1));
    if (!r)
        return;
    struct object *success = object_new(w->batch, "BookSuccess");
    object_put(success, "book", cell_object(object_of_row(w->batch, "Book", r, 0)));
    write_result(w, success);
}

static void add_book_or_say(struct batch *b)
{
    batch_write(b, &(struct write_options){.name = "addBookOrSay"}, add_or_say_in_transaction, NULL);
}

/* ---- the service ---- */

static const struct resolver RESOLVERS[] = {{"Query.author", author},
                                            {"Query.authors", authors},
                                            {"Query.book", book},
                                            {"Query.books", books},
                                            {"Query.booksOrNothing", books},
                                            {"Query.things", things},
                                            {"Query.named", named},
                                            {"Query.echo", echo},
                                            {"Query.whoAmI", who_am_i},
                                            {"Query.slow", slow},
                                            {"Author.books", author_books},
                                            {"Author.bookCount", author_book_count},
                                            {"Author.pageSum", author_page_sum},
                                            {"Author.hasBooks", author_has_books},
                                            {"Author.latestBook", author_latest_book},
                                            {"Author.booksPage", author_books_page},
                                            {"Author.totalSold", author_total_sold},
                                            {"Book.author", book_author},
                                            {"Book.publisher", book_publisher},
                                            {"Book.review", book_review},
                                            {"Book.mustReview", book_review},
                                            {"Mutation.renameAuthor", rename_author},
                                            {"Mutation.breakAuthor", break_author},
                                            {"Mutation.addBook", add_book},
                                            {"Mutation.addBookOrSay", add_book_or_say},
                                            {0}};

/* Painters see the first books only. */
static void book_rule(struct request *r, struct pg_param *params)
{
    params[0].text = r->caller.role == ROLE_PAINTER ? STR("10") : STR_NONE;
}

static const struct entity ENTITIES[] = {{"Author", &AUTHORS_BY_ID, "id"},
                                         {"Book", &BOOKS_BY_ID, "id", book_rule},
                                         {"Publisher", &PUBLISHERS_BY_ID, "id"},
                                         {0}};

static int usage(void)
{
    fputs("usage: test-library CONNINFO serve LISTEN WORKERS | up | down COUNT | status | check\n", stderr);
    return 2;
}

static int migrate(struct str conninfo, const struct service *s, const char *command, const char *count)
{
    struct err err;
    unsigned n = 0;
    int64_t wanted = 0;
    str_to_i64(str_c(count), &wanted);
    int rc = strcmp(command, "up") == 0
                 ? migrate_create_database(conninfo, s, &err) || migrate_up(conninfo, s, &n, &err)
                 : migrate_down(conninfo, s, (unsigned)wanted, &n, &err);
    if (rc)
        fprintf(stderr, "%s: %s\n", err.code, err.msg);
    else
        printf("%u\n", n);
    return rc != 0;
}

static int status(struct str conninfo, const struct service *s)
{
    struct arena *a = arena_new(0);
    struct migration_status *list;
    size_t n = 0;
    struct err err;
    int rc = migrate_status(conninfo, s, a, &list, &n, &err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        printf("%.*s %s%s%s\n", STR_ARG(list[i].name), list[i].applied ? "applied" : "pending",
               list[i].changed ? " changed" : "", list[i].unknown ? " unknown" : "");
    if (rc)
        fprintf(stderr, "%s: %s\n", err.code, err.msg);
    arena_free(&a);
    return rc != 0;
}

static int check(struct str conninfo, const struct service *s)
{
    struct err err;
    int rc = service_check(conninfo, s, &err);
    if (rc)
        fprintf(stderr, "%s: %s\n", err.code, err.msg);
    return rc != 0;
}

int main(int argc, char **argv)
{
    const struct service library = {.name = "library",
                                    .database = "paintbox_library",
                                    .port = 4099,
                                    .sdl = library_schema_files[0].data,
                                    .migrations = library_migrations_files,
                                    .n_migrations = library_migrations_files_count,
                                    .queries = LIBRARY_QUERIES,
                                    .resolvers = RESOLVERS,
                                    .entities = ENTITIES};
    int64_t workers = 1;
    if (argc < 3)
        return usage();
    struct str conninfo = str_c(argv[1]);
    if (strcmp(argv[2], "serve") == 0 && argc == 5 && str_to_i64(str_c(argv[4]), &workers))
        return subgraph_main(&library, &(struct subgraph_options){.listen = str_c(argv[3]),
                                                                  .conninfo = conninfo,
                                                                  .service_token = STR("secret"),
                                                                  .workers = (unsigned)workers});
    if (strcmp(argv[2], "status") == 0)
        return status(conninfo, &library);
    if (strcmp(argv[2], "check") == 0)
        return check(conninfo, &library);
    if (strcmp(argv[2], "up") == 0 || (strcmp(argv[2], "down") == 0 && argc == 4))
        return migrate(conninfo, &library, argv[2], argc == 4 ? argv[3] : "0");
    return usage();
}
