#include "services/customers/customers.h"
#include "services/services.h"

/* Generated text, here and not in a file of its own: so the table below is made of constants. */
#define data_0 sdl_text
#include "services/customers/schema.h"
#undef data_0
#include "services/customers/migrations.h"

static void customer_contacts(struct batch *b)
{
    batch_resolve_lists(b, &CONTACTS_BY_CUSTOMER, "id");
}
static void customer_properties(struct batch *b)
{
    batch_resolve_lists(b, &PROPERTIES_BY_CUSTOMER, "id");
}
static void customer_primary_property(struct batch *b)
{
    batch_resolve_rows(b, &PRIMARY_PROPERTY, "id");
}
static void customer_owner(struct batch *b)
{
    batch_resolve_refs(b, "User", "id", "owner_id");
}
static void customer_merged_into(struct batch *b)
{
    batch_resolve_refs(b, "Customer", "id", "merged_into");
}
static void parent_customer(struct batch *b)
{
    batch_resolve_refs(b, "Customer", "id", "customer_id");
}

static const struct resolver RESOLVERS[] = {{"Customer.contacts", customer_contacts},
                                            {"Customer.properties", customer_properties},
                                            {"Customer.primaryProperty", customer_primary_property},
                                            {"Customer.owner", customer_owner},
                                            {"Customer.mergedInto", customer_merged_into},
                                            {"Customer.totalEstimateValue", customer_total_estimate_value},
                                            {"Customer.activeProjectsCount", customer_active_projects_count},
                                            {"Customer.lastActivityDate", customer_last_activity_date},
                                            {"Contact.customer", parent_customer},
                                            {"Property.customer", parent_customer},
                                            {"Query.customer", query_customer},
                                            {"Query.customerBySalesforceId", query_customer_by_salesforce_id},
                                            {"Query.customers", query_customers},
                                            {"Query.searchCustomers", query_search_customers},
                                            {"Query.propertiesNear", query_properties_near},
                                            {"Query.property", query_property},
                                            {"Query.duplicateCandidates", query_duplicate_candidates},
                                            {"Mutation.createCustomer", mutation_create_customer},
                                            {"Mutation.updateCustomer", mutation_update_customer},
                                            {"Mutation.archiveCustomer", mutation_archive_customer},
                                            {"Mutation.restoreCustomer", mutation_restore_customer},
                                            {"Mutation.addContact", mutation_add_contact},
                                            {"Mutation.updateContact", mutation_update_contact},
                                            {"Mutation.removeContact", mutation_remove_contact},
                                            {"Mutation.addProperty", mutation_add_property},
                                            {"Mutation.updateProperty", mutation_update_property},
                                            {0}};

static const struct entity ENTITIES[] = {{"Customer", &CUSTOMERS_BY_ID, "id", customer_entity_rule},
                                         {"Contact", &CONTACTS_BY_ID, "id", customer_entity_rule},
                                         {"Property", &PROPERTIES_BY_ID, "id", customer_entity_rule},
                                         {0}};

const struct service CUSTOMERS_SERVICE = {
    .name = "customers",
    .database = "paintbox_customers",
    .port = 4003,
    .sdl = {sdl_text, sizeof sdl_text - 1},
    .migrations = customers_migrations_files,
    .n_migrations = sizeof customers_migrations_files / sizeof *customers_migrations_files - 1,
    .queries = CUSTOMERS_QUERIES,
    .resolvers = RESOLVERS,
    .entities = ENTITIES,
};
