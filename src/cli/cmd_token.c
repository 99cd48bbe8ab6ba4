/* paintbox token: a signed token for a role, for people and scripts that try the system. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"

#include "base/timestamp.h"
#include "base/uuid.h"
#include "security/jwt.h"
#include "services/seed.h"

static int bad_role(const char *role)
{
    fprintf(stderr, "paintbox token: \"%s\" is no role; roles are", role);
    for (int r = ROLE_NONE + 1; r < ROLES; r++)
        fprintf(stderr, " %.*s", STR_ARG(role_name((enum role)r)));
    fprintf(stderr, "\n");
    return 2;
}

/* Space or comma separated scopes instead of the role's own. */
static int take_scopes(struct identity *id, struct arena *a, const char *text)
{
    struct str rest = arena_str(a, str_c(text)), part;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.p[i] == ',')
            ((char *)rest.p)[i] = ' ';
    while (str_split(&rest, ' ', &part)) {
        bool known = false;
        for (const struct str *s = scopes_all(); s->p && !known; s++)
            known = str_eq(*s, part);
        if (part.len && !known) {
            fprintf(stderr, "paintbox token: \"%.*s\" is no scope of this system\n", STR_ARG(part));
            return 2;
        }
        if (part.len && id->n_scopes < IDENTITY_SCOPES_MAX)
            id->scopes[id->n_scopes++] = part;
    }
    return -1;
}

static int print_token(struct arena *a, const char *jwks, const struct identity *id, long hours)
{
    struct err err = {0};
    struct jwt_keys *keys = jwt_keys_load(str_c(jwks), &err);
    struct str token =
        keys ? jwt_sign(keys, a, id, STR_NONE, STR_NONE, clock_wall_us(), hours * 3600 * US_PER_SEC, &err) : STR_NONE;

    jwt_keys_unref(&keys);
    if (!token.p) {
        fprintf(stderr, "paintbox token: %s\n", err.msg);
        return 1;
    }
    printf("%.*s\n", STR_ARG(token));
    return 0;
}

int cmd_token(int argc, char **argv)
{
    const char *data = "var", *role = "OWNER", *user = NULL, *customer = NULL, *scopes = NULL, *jwks = NULL;
    long hours = 24;
    const struct option_def DEFS[] = {
        {"role", OPTION_TEXT, &role, "ROLE", "OWNER, ADMIN, OFFICE, ESTIMATOR, CREW_LEAD, PAINTER or CUSTOMER (OWNER)",
         0, 0},
        {"user", OPTION_TEXT, &user, "ID", "whose token (the demo owner, or a new id)", 0, 0},
        {"customer", OPTION_TEXT, &customer, "ID", "role CUSTOMER: whose records", 0, 0},
        {"scopes", OPTION_TEXT, &scopes, "LIST", "these scopes instead of the role's", 0, 0},
        {"hours", OPTION_INT, &hours, "N", "how long it is good (24)", 1, 24 * 366},
        {"data", OPTION_TEXT, &data, "DIR", "the folder of the installation (var)", 0, 0},
        {"jwks", OPTION_TEXT, &jwks, "FILE", "another key set than DIR/secrets/jwks.json", 0, 0},
        {0},
    };
    struct arena *a = arena_new(0);
    struct identity id = {.signed_in = true};
    char new_id[UUID_LEN + 1];

    int rc = options_parse(argc, argv, "paintbox token [options]", DEFS, NULL);
    id.role = role_parse(str_c(role));
    if (rc < 0 && id.role == ROLE_NONE)
        rc = bad_role(role);
    if (rc < 0 && scopes)
        rc = take_scopes(&id, a, scopes);
    if (rc < 0 && id.role == ROLE_CUSTOMER && !customer) {
        fprintf(stderr, "paintbox token: a CUSTOMER's token needs --customer ID: whose records it may see\n");
        rc = 2;
    }
    if (rc < 0) {
        struct uuid u = uuid_new();
        uuid_format(&u, new_id);
        id.user = str_c(user ? user : id.role == ROLE_OWNER ? SEED_OWNER_ID : new_id);
        id.customer = str_c(customer);
        rc = print_token(a, jwks ? jwks : arena_printf(a, "%s/secrets/jwks.json", data).p, &id, hours);
    }
    arena_free(&a);
    return rc;
}
