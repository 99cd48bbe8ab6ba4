/* Private to customers: what its files share. */
#ifndef PAINTBOX_SERVICES_CUSTOMERS_CUSTOMERS_H
#define PAINTBOX_SERVICES_CUSTOMERS_CUSTOMERS_H

#include "services/common.h"
#include "services/customers/queries.h"

/* computed.c */
void customer_total_estimate_value(struct batch *b);
void customer_active_projects_count(struct batch *b);
void customer_last_activity_date(struct batch *b);

/* read.c */
void query_customer(struct batch *b);
void query_customer_by_salesforce_id(struct batch *b);
void query_customers(struct batch *b);
void query_search_customers(struct batch *b);
void query_properties_near(struct batch *b);
void query_property(struct batch *b);
void query_duplicate_candidates(struct batch *b);
struct cell duplicate_cells(struct batch *b,
                            const struct pg_result *r); /* rows of DUPLICATE_CANDIDATES as [CustomerMatch] */

/* input.c: the text that the statements take, or NULL text after an error in `c` */
struct str person_input(struct check *c, const struct json *input, const char *const *paths);
void check_address(struct check *c, const struct json *address, const char *path);
void check_property(struct check *c, const struct json *input);

/* write_customers.c */
void mutation_create_customer(struct batch *b);
void mutation_update_customer(struct batch *b);
void mutation_archive_customer(struct batch *b);
void mutation_restore_customer(struct batch *b);

/* write_sites.c */
void mutation_add_contact(struct batch *b);
void mutation_update_contact(struct batch *b);
void mutation_remove_contact(struct batch *b);
void mutation_add_property(struct batch *b);
void mutation_update_property(struct batch *b);
/* Used by createCustomer too. False: the write has its answer. */
bool insert_contact(struct write *w, struct str customer, const struct json *input, struct str text,
                    struct pg_result **out);
bool insert_property(struct write *w, struct str customer, const struct json *input, struct str *id);

#endif
