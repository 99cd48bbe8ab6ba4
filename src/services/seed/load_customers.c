#include "services/seed/load.h"

static void add_billing(struct buf *b, const struct seed_property *p)
{
    const struct suburb *s = &METROS[p->metro].suburbs[p->suburb];
    char text[400];
    snprintf(
        text, sizeof text,
        "{\"line1\":\"%.*s\",\"line2\":null,\"city\":\"%s\",\"region\":\"%s\",\"postalCode\":\"%s\",\"country\":\"US\","
        "\"location\":null,\"timeZone\":\"%s\"}",
        STR_ARG(p->line1), s->city, METROS[p->metro].region, s->postal, METROS[p->metro].time_zone);
    row_c(b, text);
}

static void add_customer(struct buf *b, struct world *w, unsigned i)
{
    static const char *const sources[] = {"REFERRAL", "REPEAT",    "WEBSITE", "GOOGLE_ADS",
                                          "FACEBOOK", "YARD_SIGN", "ANGI",    "PAINT_STORE"};
    static const char *const tags[] = {"{}", "{}", "{}", "{vip}", "{\"repeat customer\"}", "{newsletter,vip}"};
    const struct seed_customer *c = &w->customers[i];
    char number[16];
    snprintf(number, sizeof number, "C-%06u", i + 1);
    row_id(b, SEED_CUSTOMER, i);
    row_c(b, number);
    row_c(b, c->type);
    row_c(b, c->status);
    row_c(b, strcmp(c->status, "ARCHIVED") == 0 ? "INACTIVE" : NULL);
    row_c(b, c->first);
    row_c(b, c->last);
    row_str(b, c->company);
    row_str(b, c->email);
    row_str(b, c->phone);
    row_c(b, i % 5 == 0 ? "PHONE" : i % 7 == 0 ? "SMS" : "EMAIL");
    row_bool(b, i % 3 == 0);
    add_billing(b, &w->properties[c->first_property]);
    row_c(b, sources[i * 2654435761u % 8]);
    row_c(b, tags[i * 40503u % 6]);
    row_bool(b, c->tax_exempt);
    row_c(b, c->tax_exempt ? "EX-10442" : NULL);
    row_int(b, c->company.p ? 30 : 0);
    row_bool(b, c->credit_hold);
    row_id(b, SEED_USER, c->owner);
    if (c->merged_into >= 0)
        row_id(b, SEED_CUSTOMER, (uint64_t)c->merged_into);
    else
        row_null(b);
    row_int(b, 1);
    row_id(b, SEED_USER, 9 + i % 6);
    row_time(b, c->created_us);
    row_time(b, c->updated_us);
    row_end(b);
}

static void add_contact(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_customer *c = &w->customers[i];
    row_id(b, SEED_CONTACT, i);
    row_id(b, SEED_CUSTOMER, i);
    row_c(b, c->first);
    row_c(b, c->last);
    row_c(b, c->company.p ? "PROPERTY_MANAGER" : "HOMEOWNER");
    row_str(b, c->email);
    row_str(b, c->phone);
    row_bool(b, true);
    row_bool(b, true);
    row_time(b, c->created_us);
    row_time(b, c->created_us);
    row_end(b);
    if (i % 4)
        return;
    row_id(b, SEED_CONTACT, SEED_CUSTOMERS + i);
    row_id(b, SEED_CUSTOMER, i);
    row_c(b, FIRST_NAMES[i * 31 % N_FIRST]);
    row_c(b, c->last);
    row_c(b, c->company.p ? "FACILITIES" : "SPOUSE");
    row_null(b);
    row_null(b);
    row_bool(b, false);
    row_bool(b, c->company.p == NULL);
    row_time(b, c->created_us + 1000000);
    row_time(b, c->created_us + 1000000);
    row_end(b);
}

static void add_property(struct buf *b, struct world *w, unsigned i)
{
    const struct seed_property *p = &w->properties[i];
    const struct metro *m = &METROS[p->metro];
    const struct suburb *s = &m->suburbs[p->suburb];
    int64_t created =
        w->customers[p->customer].created_us + (int64_t)(i - w->customers[p->customer].first_property) * US_PER_SEC;
    row_id(b, SEED_PROPERTY, i);
    row_id(b, SEED_CUSTOMER, p->customer);
    row_c(b, i == w->customers[p->customer].first_property ? "Main" : NULL);
    row_str(b, p->line1);
    row_c(b, s->city);
    row_c(b, m->region);
    row_c(b, s->postal);
    row_double(b, p->lat);
    row_double(b, p->lng);
    row_c(b, m->time_zone);
    row_c(b, p->kind);
    row_int(b, p->year_built);
    row_c(b, p->lead);
    row_int(b, p->stories);
    row_int(b, p->sqft);
    row_c(b, i % 6 == 0 ? "Gate code with the office" : NULL);
    row_time(b, created);
    row_time(b, created);
    row_end(b);
}

int customers_load(struct world *w, PGconn *conn, struct err *err)
{
    struct buf b;
    buf_init(&b, COPY_BYTES_MAX);
    int status = copy_run(conn, "begin", err);
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++)
        add_customer(&b, w, i);
    if (status == 0)
        status = copy_rows(
            conn,
            "customers (id, number, type, status, status_before_archive, first_name, last_name, company_name, "
            "email, phone, "
            "preferred_contact_method, marketing_opt_in, billing_address, lead_source, tags, tax_exempt, "
            "tax_exempt_id, "
            "payment_terms_days, credit_hold, owner_id, merged_into, version, created_by, created_at, updated_at)",
            &b, err);
    for (unsigned i = 0; i < SEED_CUSTOMERS; i++)
        add_contact(&b, w, i);
    if (status == 0)
        status =
            copy_rows(conn,
                      "contacts (id, customer_id, first_name, last_name, role, email, phone, is_primary, can_approve, "
                      "created_at, "
                      "updated_at)",
                      &b, err);
    for (unsigned i = 0; i < SEED_PROPERTIES; i++)
        add_property(&b, w, i);
    if (status == 0)
        status = copy_rows(
            conn,
            "properties (id, customer_id, label, line1, city, region, postal_code, lat, lng, time_zone, kind, "
            "year_built, "
            "lead_paint_status, stories, living_area_sqft, access_notes, created_at, updated_at)",
            &b, err);
    buf_free(&b);
    if (status < 0 || copy_run(conn, "select customer_search_refresh(array(select id from customers))", err) < 0 ||
        copy_run(conn, "select setval('customer_number', (select count(*) from customers))", err) < 0 ||
        copy_run(conn, "commit", err) < 0)
        return -1;
    return copy_run(conn, "analyze", err);
}
