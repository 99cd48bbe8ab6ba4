#include "services/customers/customers.h"

static const char *const PATHS[] = {"input.email", "input.phone"};

struct customer_write {
    const struct json *input;
    struct str id, text; /* the input as the statements take it */
    int64_t expected;
    struct object *refused; /* found before the transaction; NULL: nothing */
};

static void check_customer(struct check *c, const struct json *input)
{
    static const struct {
        const char *path, *member;
        size_t max;
    } texts[] = {{"input.firstName", "firstName", 100},
                 {"input.lastName", "lastName", 100},
                 {"input.companyName", "companyName", 200},
                 {"input.taxExemptId", "taxExemptId", 100}};
    check_strings(c, "input", input);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(c, input, texts[i].path, texts[i].member, texts[i].max);
    check_id(c, input, "input.ownerId", "ownerId");
    check_range(c, input, "input.paymentTermsDays", "paymentTermsDays", 0, 365);
    check_address(c, json_get(input, STR("billingAddress")), "input.billingAddress");
    const struct json *tags = json_get(input, STR("tags"));
    if (tags && tags->kind == JSON_ARRAY && tags->n > 50)
        check_fail(c, "input.tags", "has more than 50 tags");
    const struct json *custom = json_get(input, STR("customFields"));
    if (custom && custom->kind != JSON_OBJECT && custom->kind != JSON_NULL)
        check_fail(c, "input.customFields", "is a JSON object");
}

/* ---- create ---- */

static bool has_channel(const struct json *input)
{
    const struct json *contacts = json_get(input, STR("contacts"));
    if (is_given(input, "email") || is_given(input, "phone"))
        return true;
    for (uint32_t i = 0; contacts && contacts->kind == JSON_ARRAY && i < contacts->n; i++)
        if (is_given(contacts->items[i], "email") || is_given(contacts->items[i], "phone"))
            return true;
    return is_given(input, "billingAddress");
}

static void check_children(struct check *c, const struct json *input)
{
    const struct json *contacts = json_get(input, STR("contacts")), *properties = json_get(input, STR("properties"));
    unsigned primary = 0;
    for (uint32_t i = 0; contacts && contacts->kind == JSON_ARRAY && i < contacts->n; i++) {
        check_text(c, contacts->items[i], "input.contacts.firstName", "firstName", 100);
        primary += json_is_true(contacts->items[i], "isPrimary");
    }
    if (primary > 1)
        check_fail(c, "input.contacts", "has %u primary contacts: there is one", primary);
    for (uint32_t i = 0; properties && properties->kind == JSON_ARRAY && i < properties->n; i++)
        check_property(c, properties->items[i]);
    if ((contacts && contacts->kind == JSON_ARRAY && contacts->n > 50) ||
        (properties && properties->kind == JSON_ARRAY && properties->n > 200))
        check_fail(c, "input", "has more than 50 contacts or 200 properties: add the others later");
}

static struct object *check_create(struct batch *b, struct customer_write *cw)
{
    struct check c = {.b = b};
    check_customer(&c, cw->input);
    check_children(&c, cw->input);
    if (!is_given(cw->input, "firstName") && !is_given(cw->input, "lastName") && !is_given(cw->input, "companyName"))
        check_fail(&c, "input", "a customer needs a name or a company name");
    if (!has_channel(cw->input))
        check_fail(&c, "input", "a customer needs an e-mail address, a phone number or a billing address");
    cw->text = person_input(&c, cw->input, PATHS);
    return check_errors(&c);
}

static struct str display_name(struct batch *b, const struct json *input)
{
    struct str company = json_get_str(input, STR("companyName"));
    struct str first = json_get_str(input, STR("firstName")), last = json_get_str(input, STR("lastName"));
    return company.len ? company : str_trim(arena_printf(batch_arena(b), "%.*s %.*s", STR_ARG(first), STR_ARG(last)));
}

/* False when the write has its answer. */
static bool no_duplicates(struct write *w, struct customer_write *cw)
{
    struct batch *b = w->batch;
    const struct json *properties = json_get(cw->input, STR("properties"));
    uint32_t n = properties && properties->kind == JSON_ARRAY ? properties->n : 0;
    struct str *lines = arena_array(batch_arena(b), struct str, n), *codes = arena_array(batch_arena(b), struct str, n);
    if (json_is_true(cw->input, "allowDuplicate"))
        return true;
    for (uint32_t i = 0; i < n; i++) {
        const struct json *address = json_get(properties->items[i], STR("address"));
        lines[i] = json_get_str(address, STR("line1"));
        codes[i] = json_get_str(address, STR("postalCode"));
    }
    struct json *text = json_parse(batch_arena(b), cw->text, NULL);
    const struct pg_param params[] = {{STR_NONE},
                                      param_of(text, "email"),
                                      param_of(text, "phone"),
                                      {display_name(b, cw->input)},
                                      {pg_array(batch_arena(b), lines, n)},
                                      {pg_array(batch_arena(b), codes, n)}};
    struct pg_result *r = write_query(w, &DUPLICATE_CANDIDATES, params, 6);
    if (r && r->n_rows) {
        struct object *o = object_new(b, "DuplicateCustomerError");
        object_put(o, "code", cell_text(STR("DUPLICATE")));
        object_put(o, "message",
                   cell_text(STR(
                       "a customer with this e-mail address, phone number, or name and address exists: use it, or pass "
                       "allowDuplicate")));
        object_put(o, "candidates", duplicate_cells(b, r));
        write_reject(w, o);
    }
    return r && !r->n_rows;
}

static bool insert_children(struct write *w, struct customer_write *cw)
{
    const struct json *contacts = json_get(cw->input, STR("contacts")),
                      *properties = json_get(cw->input, STR("properties"));
    struct pg_result *ignored;
    struct str id;
    for (uint32_t i = 0; contacts && contacts->kind == JSON_ARRAY && i < contacts->n; i++) {
        struct check c = {.b = w->batch};
        static const char *const paths[] = {"input.contacts.email", "input.contacts.phone"};
        struct str text = person_input(&c, contacts->items[i], paths);
        if (c.errors.n) {
            write_reject(w, check_errors(&c));
            return false;
        }
        if (!insert_contact(w, cw->id, contacts->items[i], text, &ignored))
            return false;
    }
    for (uint32_t i = 0; properties && properties->kind == JSON_ARRAY && i < properties->n; i++)
        if (!insert_property(w, cw->id, properties->items[i], &id))
            return false;
    return true;
}

static void customer_event(struct write *w, const struct pg_result *after, struct str before, const char *action,
                           const char *verb)
{
    struct batch *b = w->batch;
    struct str id = row_text(after, 0, "id"), name = row_text(after, 0, "display_name");
    write_event(w, &(struct change){.entity = "Customer",
                                    .id = id,
                                    .version = row_number(after, 0, "version"),
                                    .action = action,
                                    .before = before,
                                    .after = row_text(after, 0, "row_json"),
                                    .customer = id,
                                    .summary = arena_printf(batch_arena(b), "Customer %s: %.*s", verb, STR_ARG(name))});
}

static void answer_customer(struct write *w, const struct pg_result *r)
{
    write_result(w, success_of(w->batch, "CustomerSuccess", "customer", object_of_row(w->batch, "Customer", r, 0)));
}

static void create_customer(struct write *w)
{
    struct customer_write *cw = w->arg;
    if (cw->refused) {
        write_reject(w, cw->refused);
        return;
    }
    if (!no_duplicates(w, cw))
        return;
    cw->id = new_id(w->batch);
    const struct pg_param params[] = {{cw->id}, {cw->text}, caller_id(w->batch)};
    struct pg_result *r = write_query(w, &CUSTOMER_INSERT, params, 3);
    if (!r || !insert_children(w, cw))
        return;
    customer_event(w, r, STR_NONE, "customer.created", "created");
    answer_customer(w, r);
}

void mutation_create_customer(struct batch *b)
{
    struct customer_write cw = {.input = batch_arg(b, "input")};
    cw.refused = check_create(b, &cw);
    batch_write(b, &(struct write_options){"createCustomer", json_get_str(cw.input, STR("idempotencyKey"))},
                create_customer, &cw);
}

/* ---- update, archive, restore ---- */

/* The row, locked and of the expected version; NULL when the write has its answer. */
static struct pg_result *lock_customer(struct write *w, struct customer_write *cw)
{
    const struct pg_param params[] = {{cw->id}};
    struct pg_result *r = is_uuid(cw->id) ? write_query(w, &CUSTOMER_LOCK, params, 1) : NULL;
    if (!is_uuid(cw->id) || (r && !r->n_rows)) {
        write_reject(w, not_found_error(w->batch, "customer", cw->id));
        return NULL;
    }
    if (r && row_number(r, 0, "version") != cw->expected) {
        write_reject(w, conflict_error(w->batch, cw->expected, row_number(r, 0, "version")));
        return NULL;
    }
    return r;
}

static void refuse(struct write *w, const char *path, const char *message)
{
    write_reject(w, validation_error(w->batch, &(struct field_error){path, str_c(message)}, 1));
}

/* What would be left: a name, and a way to reach them. */
static bool keeps_name(const struct pg_result *r, const struct json *input)
{
    static const struct {
        const char *member, *column;
    } names[] = {{"firstName", "first_name"}, {"lastName", "last_name"}, {"companyName", "company_name"}};
    for (size_t i = 0; i < 3; i++) {
        const struct json *v = json_get(input, str_c(names[i].member));
        if (v ? v->kind == JSON_STRING : row_text(r, 0, names[i].column).p != NULL)
            return true;
    }
    return false;
}

static bool may_set_status(const struct pg_result *r, const struct json *input)
{
    static const struct {
        const char *from, *to;
    } steps[] = {{"PROSPECT", "ACTIVE"},
                 {"ACTIVE", "INACTIVE"},
                 {"INACTIVE", "ACTIVE"},
                 {"DO_NOT_CONTACT", "INACTIVE"},
                 {"DO_NOT_CONTACT", "ACTIVE"}};
    struct str to = json_get_str(input, STR("status")), from = row_text(r, 0, "status");
    if (!to.p || str_eq(to, from) || (str_eq_c(to, "DO_NOT_CONTACT") && !str_eq_c(from, "MERGED")))
        return true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (str_eq_c(from, steps[i].from) && str_eq_c(to, steps[i].to))
            return true;
    return false;
}

static void update_customer(struct write *w)
{
    struct customer_write *cw = w->arg;
    if (cw->refused) {
        write_reject(w, cw->refused);
        return;
    }
    struct pg_result *before = lock_customer(w, cw);
    if (!before)
        return;
    if (!keeps_name(before, cw->input)) {
        refuse(w, "input", "a customer needs a name or a company name");
        return;
    }
    if (!may_set_status(before, cw->input)) {
        refuse(w, "input.status",
               "this step is not allowed: PROSPECT to ACTIVE, ACTIVE to INACTIVE and back, any to DO_NOT_CONTACT; "
               "use archiveCustomer and restoreCustomer for the archive");
        return;
    }
    const struct pg_param params[] = {{cw->id}, {cw->text}};
    struct pg_result *r = write_query(w, &CUSTOMER_UPDATE, params, 2);
    if (!r)
        return;
    customer_event(w, r, row_text(before, 0, "row_json"), "customer.updated", "updated");
    answer_customer(w, r);
}

void mutation_update_customer(struct batch *b)
{
    struct customer_write cw = {.input = batch_arg(b, "input")};
    struct check c = {.b = b};
    cw.id = json_get_str(cw.input, STR("id"));
    json_to_i64(json_get(cw.input, STR("expectedVersion")), &cw.expected);
    check_customer(&c, cw.input);
    cw.text = person_input(&c, cw.input, PATHS);
    cw.refused = check_errors(&c);
    batch_write(b, &(struct write_options){.name = "updateCustomer"}, update_customer, &cw);
}

static void archive_customer(struct write *w)
{
    struct pg_result *before = lock_customer(w, w->arg), *r;
    if (!before)
        return;
    struct str status = row_text(before, 0, "status");
    if (str_eq_c(status, "ARCHIVED") || str_eq_c(status, "MERGED")) {
        refuse(w, "id", "the customer is archived or merged already");
        return;
    }
    const struct pg_param params[] = {{((struct customer_write *)w->arg)->id}};
    if (!(r = write_query(w, &CUSTOMER_ARCHIVE, params, 1)))
        return;
    customer_event(w, r, row_text(before, 0, "row_json"), "customer.archived", "archived");
    answer_customer(w, r);
}

static void restore_customer(struct write *w)
{
    struct pg_result *before = lock_customer(w, w->arg), *r;
    if (!before)
        return;
    if (!str_eq_c(row_text(before, 0, "status"), "ARCHIVED")) {
        refuse(w, "id", "the customer is not archived");
        return;
    }
    const struct pg_param params[] = {{((struct customer_write *)w->arg)->id}};
    if (!(r = write_query(w, &CUSTOMER_RESTORE, params, 1)))
        return;
    customer_event(w, r, row_text(before, 0, "row_json"), "customer.restored", "restored");
    answer_customer(w, r);
}

static void by_id(struct batch *b, const char *name, void (*fn)(struct write *w))
{
    struct customer_write cw = {.id = batch_arg_str(b, "id")};
    batch_arg_i64(b, "expectedVersion", &cw.expected);
    batch_write(b, &(struct write_options){.name = name}, fn, &cw);
}

void mutation_archive_customer(struct batch *b)
{
    by_id(b, "archiveCustomer", archive_customer);
}
void mutation_restore_customer(struct batch *b)
{
    by_id(b, "restoreCustomer", restore_customer);
}
