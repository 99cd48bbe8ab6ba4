/* Contacts and properties: each change is one of their customer, whose search document and audit trail they belong to.
 */
#include "services/customers/customers.h"

struct site_write {
    const struct json *input;
    struct str id, text; /* id of the customer for new rows, of the row otherwise */
    int64_t expected;
    struct object *refused;
};

static void site_event(struct write *w, const char *entity, struct str customer, struct str id, int64_t version,
                       const char *action, struct str before, struct str after, struct str summary)
{
    write_event(w, &(struct change){.entity = entity,
                                    .id = id,
                                    .version = version,
                                    .action = action,
                                    .before = before,
                                    .after = after,
                                    .summary = summary,
                                    .customer = customer});
}

/* False when the write has its answer. */
static bool customer_exists(struct write *w, struct str id)
{
    const struct pg_param params[] = {{id}};
    struct pg_result *r = is_uuid(id) ? write_query(w, &CUSTOMER_LOCK, params, 1) : NULL;
    if (!is_uuid(id) || (r && !r->n_rows))
        write_reject(w, not_found_error(w->batch, "customer", id));
    return r && r->n_rows;
}

static struct pg_result *lock_row(struct write *w, const struct query *q, const char *what, struct str id)
{
    const struct pg_param params[] = {{id}};
    struct pg_result *r = is_uuid(id) ? write_query(w, q, params, 1) : NULL;
    if (!is_uuid(id) || (r && !r->n_rows)) {
        write_reject(w, not_found_error(w->batch, what, id));
        return NULL;
    }
    return r;
}

/* ---- contacts ---- */

/* There is one primary contact: a new one takes the place of the old. */
static bool make_room(struct write *w, struct str customer, struct str id, const struct json *input)
{
    const struct pg_param params[] = {{customer}, {id}};
    return !json_is_true(input, "isPrimary") || write_query(w, &CONTACT_DEMOTE, params, 2);
}

bool insert_contact(struct write *w, struct str customer, const struct json *input, struct str text,
                    struct pg_result **out)
{
    struct str id = new_id(w->batch);
    const struct pg_param params[] = {{id}, {customer}, {text}, caller_id(w->batch)};
    *out = make_room(w, customer, id, input) ? write_query(w, &CONTACT_INSERT, params, 4) : NULL;
    if (*out)
        site_event(w, "Contact", customer, id, 1, "contact.created", STR_NONE, row_text(*out, 0, "row_json"),
                   STR("Contact added"));
    return *out != NULL;
}

static void check_contact(struct batch *b, struct site_write *sw)
{
    static const char *const paths[] = {"input.email", "input.phone"};
    struct check c = {.b = b};
    check_strings(&c, "input", sw->input);
    check_text(&c, sw->input, "input.firstName", "firstName", 100);
    check_text(&c, sw->input, "input.lastName", "lastName", 100);
    sw->text = person_input(&c, sw->input, paths);
    sw->refused = check_errors(&c);
}

static void answer_contact(struct write *w, const struct pg_result *r)
{
    write_result(w, success_of(w->batch, "ContactSuccess", "contact", object_of_row(w->batch, "Contact", r, 0)));
}

static void add_contact(struct write *w)
{
    struct site_write *sw = w->arg;
    struct pg_result *r;
    if (sw->refused)
        write_reject(w, sw->refused);
    else if (customer_exists(w, sw->id) && insert_contact(w, sw->id, sw->input, sw->text, &r))
        answer_contact(w, r);
}

void mutation_add_contact(struct batch *b)
{
    struct site_write sw = {.input = batch_arg(b, "input"), .id = batch_arg_str(b, "customerId")};
    check_contact(b, &sw);
    batch_write(b, &(struct write_options){.name = "addContact"}, add_contact, &sw);
}

static void update_contact(struct write *w)
{
    struct site_write *sw = w->arg;
    if (sw->refused) {
        write_reject(w, sw->refused);
        return;
    }
    struct pg_result *before = lock_row(w, &CONTACT_LOCK, "contact", sw->id);
    const struct pg_param params[] = {{sw->id}, {sw->text}};
    if (!before || !make_room(w, row_text(before, 0, "customer_id"), sw->id, sw->input))
        return;
    struct pg_result *r = write_query(w, &CONTACT_UPDATE, params, 2);
    if (!r)
        return;
    site_event(w, "Contact", row_text(r, 0, "customer_id"), sw->id, row_number(r, 0, "version"), "contact.updated",
               row_text(before, 0, "row_json"), row_text(r, 0, "row_json"), STR("Contact updated"));
    answer_contact(w, r);
}

void mutation_update_contact(struct batch *b)
{
    struct site_write sw = {.input = batch_arg(b, "input"), .id = batch_arg_str(b, "id")};
    check_contact(b, &sw);
    batch_write(b, &(struct write_options){.name = "updateContact"}, update_contact, &sw);
}

static void remove_contact(struct write *w)
{
    struct site_write *sw = w->arg;
    struct pg_result *before = lock_row(w, &CONTACT_LOCK, "contact", sw->id);
    const struct pg_param params[] = {{sw->id}};
    struct pg_result *r = before ? write_query(w, &CONTACT_REMOVE, params, 1) : NULL;
    if (!r)
        return;
    struct str customer = row_text(r, 0, "customer_id");
    site_event(w, "Contact", customer, sw->id, row_number(r, 0, "version"), "contact.removed",
               row_text(before, 0, "row_json"), STR_NONE, STR("Contact removed"));
    write_result(
        w, success_of(w->batch, "CustomerSuccess", "customer", object_of_ref(w->batch, "Customer", "id", customer)));
}

void mutation_remove_contact(struct batch *b)
{
    struct site_write sw = {.id = batch_arg_str(b, "id")};
    batch_write(b, &(struct write_options){.name = "removeContact"}, remove_contact, &sw);
}

/* ---- properties ---- */

bool insert_property(struct write *w, struct str customer, const struct json *input, struct str *id)
{
    *id = new_id(w->batch);
    const struct pg_param params[] = {{*id}, {customer}, {json_text(w->batch, input)}, caller_id(w->batch)};
    struct pg_result *r = write_query(w, &PROPERTY_INSERT, params, 4);
    if (r)
        site_event(w, "Property", customer, *id, 1, "property.created", STR_NONE, row_text(r, 0, "row_json"),
                   STR("Job site added"));
    return r != NULL;
}

static void answer_property(struct write *w, struct str id)
{
    write_result(w, success_of(w->batch, "PropertySuccess", "property", object_of_ref(w->batch, "Property", "id", id)));
}

static void add_property(struct write *w)
{
    struct site_write *sw = w->arg;
    struct str id;
    if (sw->refused)
        write_reject(w, sw->refused);
    else if (customer_exists(w, sw->id) && insert_property(w, sw->id, sw->input, &id))
        answer_property(w, id);
}

static void check_site(struct batch *b, struct site_write *sw)
{
    struct check c = {.b = b};
    check_strings(&c, "input", sw->input);
    check_property(&c, sw->input);
    sw->refused = check_errors(&c);
}

void mutation_add_property(struct batch *b)
{
    struct site_write sw = {.input = batch_arg(b, "input"), .id = batch_arg_str(b, "customerId")};
    check_site(b, &sw);
    batch_write(b, &(struct write_options){.name = "addProperty"}, add_property, &sw);
}

static void update_property(struct write *w)
{
    struct site_write *sw = w->arg;
    if (sw->refused) {
        write_reject(w, sw->refused);
        return;
    }
    struct pg_result *before = lock_row(w, &PROPERTY_LOCK, "property", sw->id);
    if (!before)
        return;
    if (row_number(before, 0, "version") != sw->expected) {
        write_reject(w, conflict_error(w->batch, sw->expected, row_number(before, 0, "version")));
        return;
    }
    const struct pg_param params[] = {{sw->id}, {json_text(w->batch, sw->input)}};
    struct pg_result *r = write_query(w, &PROPERTY_UPDATE, params, 2);
    if (!r)
        return;
    site_event(w, "Property", row_text(r, 0, "customer_id"), sw->id, row_number(r, 0, "version"), "property.updated",
               row_text(before, 0, "row_json"), row_text(r, 0, "row_json"), STR("Job site updated"));
    answer_property(w, sw->id);
}

void mutation_update_property(struct batch *b)
{
    struct site_write sw = {.input = batch_arg(b, "input"), .id = batch_arg_str(b, "id")};
    batch_arg_i64(b, "expectedVersion", &sw.expected);
    check_site(b, &sw);
    batch_write(b, &(struct write_options){.name = "updateProperty"}, update_property, &sw);
}
