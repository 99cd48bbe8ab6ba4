#include "services/customers/customers.h"

void query_customer(struct batch *b)
{
    struct str id = batch_arg_str(b, "id");
    const struct pg_param params[] = {{id}, own_customer(b)};
    if (is_uuid(id))
        answer_row(b, batch_query(b, &CUSTOMER_BY_ID, params, 2), "Customer");
}

void query_customer_by_salesforce_id(struct batch *b)
{
    const struct pg_param params[] = {{batch_arg_str(b, "salesforceId")}, own_customer(b)};
    answer_row(b, batch_query(b, &CUSTOMER_BY_SALESFORCE_ID, params, 2), "Customer");
}

void query_property(struct batch *b)
{
    struct str id = batch_arg_str(b, "id");
    const struct pg_param params[] = {{id}, own_customer(b)};
    if (is_uuid(id))
        answer_row(b, batch_query(b, &PROPERTY_BY_ID, params, 2), "Property");
}

/* CustomerFilter as parameters, in the order of the statements. False after batch_fail_all(). */
#define FILTER_PARAMS 14
static bool read_filter(struct batch *b, struct pg_param *out)
{
    const struct json *f = batch_arg(b, "filter"), *created = json_get(f, STR("createdAt")),
                      *updated = json_get(f, STR("updatedAt"));
    struct pg_param circle[3];
    if (!check_filter_id(b, f, "ownerId") || !param_circle(b, json_get(f, STR("near")), circle))
        return false;
    const struct pg_param params[FILTER_PARAMS] = {param_list(b, json_get(f, STR("types"))),
                                                   param_list(b, json_get(f, STR("statuses"))),
                                                   param_list(b, json_get(f, STR("tags"))),
                                                   param_of(f, "ownerId"),
                                                   param_list(b, json_get(f, STR("leadSources"))),
                                                   param_of(f, "region"),
                                                   param_of(created, "from"),
                                                   param_of(created, "to"),
                                                   param_of(updated, "from"),
                                                   param_of(updated, "to"),
                                                   circle[0],
                                                   circle[1],
                                                   circle[2],
                                                   own_customer(b)};
    memcpy(out, params, sizeof params);
    return true;
}

void query_customers(struct batch *b)
{
    struct pg_param params[FILTER_PARAMS];
    if (!read_filter(b, params))
        return;
    struct page_request page = {.query = &CUSTOMERS, .default_first = 25, .params = params, .n_params = FILTER_PARAMS};
    page_order(b, &page);
    batch_resolve_page(b, &page);
}

void query_search_customers(struct batch *b)
{
    struct pg_param params[1 + FILTER_PARAMS];
    if (!search_words(b, &params[0]) || !read_filter(b, params + 1))
        return;
    batch_resolve_page(b, &(struct page_request){.query = &SEARCH_CUSTOMERS,
                                                 .descending = true,
                                                 .default_first = 20,
                                                 .params = params,
                                                 .n_params = 1 + FILTER_PARAMS,
                                                 .edge = edge_score});
}

void query_properties_near(struct batch *b)
{
    struct pg_param params[4];
    if (!param_circle(b, batch_arg(b, "near"), params))
        return;
    params[3] = own_customer(b);
    batch_resolve_page(
        b, &(struct page_request){
               .query = &PROPERTIES_NEAR, .default_first = 50, .params = params, .n_params = 4, .edge = edge_distance});
}

static struct cell match_cell(struct batch *b, const struct pg_result *r, size_t row)
{
    struct object *match = object_new(b, "CustomerMatch");
    struct str *reasons;
    size_t n = 0;
    object_put(match, "customer", cell_object(object_of_row(b, "Customer", r, row)));
    edge_score(b, match, r, row);
    if (!pg_array_parse(batch_arena(b), row_text(r, row, "reasons"), &reasons, &n))
        n = 0;
    struct cell *items = arena_array(batch_arena(b), struct cell, n);
    for (size_t i = 0; i < n; i++)
        items[i] = cell_text(reasons[i]);
    object_put(match, "reasons", cell_list(items, n));
    return cell_object(match);
}

struct cell duplicate_cells(struct batch *b, const struct pg_result *r)
{
    struct cell *items = arena_array(batch_arena(b), struct cell, r->n_rows);
    for (size_t i = 0; i < r->n_rows; i++)
        items[i] = match_cell(b, r, i);
    return cell_list(items, r->n_rows);
}

void query_duplicate_candidates(struct batch *b)
{
    struct str id = batch_arg_str(b, "customerId");
    struct pg_param key[] = {{id}, own_customer(b)};
    batch_set_all(b, cell_list(NULL, 0));
    if (!is_uuid(id))
        return;
    struct pg_result *c = batch_query(b, &CUSTOMER_BY_ID, key, 2);
    struct pg_result *addresses = c && c->n_rows ? batch_query(b, &ADDRESSES_OF_CUSTOMER, key, 1) : NULL;
    if (!addresses)
        return;
    const struct pg_param params[] = {{id},
                                      {row_text(c, 0, "email")},
                                      {row_text(c, 0, "phone")},
                                      {row_text(c, 0, "display_name")},
                                      {row_text(addresses, 0, "lines")},
                                      {row_text(addresses, 0, "codes")}};
    struct pg_result *r = batch_query(b, &DUPLICATE_CANDIDATES, params, 6);
    if (r)
        batch_set_all(b, duplicate_cells(b, r));
}
