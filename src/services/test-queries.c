/* Every named statement is prepared against the migrated schema: a misspelt column fails here and not in a request. PGTEST names the
 * cluster ("host=… port=… user=…"); without it the test is skipped. */
#include "base/test.h"
#include "services/customers/queries.h"
#include "services/estimates/queries.h"
#include "services/integrations/queries.h"
#include "services/projects/queries.h"

#include <libpq-fe.h>

static int prepare_all(const char *database, const struct query *const *queries)
{
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "%s dbname=%s", getenv("PGTEST"), database);
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    int failed = 0;
    for (; *queries; queries++) {
        PGresult *r = PQprepare(conn, "", (*queries)->st.sql.p, 0, NULL);
        if (PQresultStatus(r) != PGRES_COMMAND_OK) {
            print_error("%s.%s: %s", database, (*queries)->st.name, PQerrorMessage(conn));
            failed++;
        }
        PQclear(r);
    }
    PQfinish(conn);
    return failed;
}

static void statements_fit_the_schema(void **state)
{
    if (!getenv("PGTEST"))
        skip();
    int failed = prepare_all("paintbox_customers", CUSTOMERS_QUERIES) + prepare_all("paintbox_projects", PROJECTS_QUERIES)
                 + prepare_all("paintbox_estimates", ESTIMATES_QUERIES) + prepare_all("paintbox_integrations", INTEGRATIONS_QUERIES);
    assert_int_equal(failed, 0);
}

int main(void)
{
    return RUN_TESTS(statements_fit_the_schema);
}
