#include "security/identity.h"

#include "json/json.h"

#define S(text) STR_INIT(text)
#define END {NULL, 0}

static const struct str NAMES[ROLES] = {
    [ROLE_NONE] = STR_INIT(""),           [ROLE_OWNER] = STR_INIT("OWNER"),
    [ROLE_ADMIN] = STR_INIT("ADMIN"),     [ROLE_ESTIMATOR] = STR_INIT("ESTIMATOR"),
    [ROLE_OFFICE] = STR_INIT("OFFICE"),   [ROLE_CREW_LEAD] = STR_INIT("CREW_LEAD"),
    [ROLE_PAINTER] = STR_INIT("PAINTER"), [ROLE_CUSTOMER] = STR_INIT("CUSTOMER"),
};

static const struct str ALL[] = {
    S("customers:read"), S("customers:write"), S("customers:pii"), S("customers:admin"),
    S("projects:read"), S("projects:write"), S("projects:schedule"), S("projects:progress"),
    S("photos:read"), S("photos:write"),
    S("estimates:read"), S("estimates:write"), S("estimates:discount"), S("estimates:send"), S("estimates:accept"),
    S("prices:read"), S("costs:read"), S("pricing:admin"),
    S("billing:read"), S("billing:write"),
    S("integrations:read"), S("integrations:admin"),
    S("users:read"), S("users:admin"), S("audit:read"), S("portal"), END,
};

static const struct str OFFICE[] = {
    S("customers:read"), S("customers:write"), S("customers:pii"), S("customers:admin"),
    S("projects:read"), S("projects:write"), S("projects:schedule"), S("projects:progress"),
    S("photos:read"), S("photos:write"), S("estimates:read"), S("estimates:send"), S("prices:read"),
    S("billing:read"), S("billing:write"), S("integrations:read"), S("users:read"), END,
};

static const struct str ESTIMATOR[] = {
    S("customers:read"), S("customers:write"), S("customers:pii"), S("projects:read"), S("projects:write"),
    S("photos:read"), S("photos:write"), S("estimates:read"), S("estimates:write"), S("estimates:discount"),
    S("estimates:send"), S("estimates:accept"), S("prices:read"), S("costs:read"), END,
};

static const struct str CREW_LEAD[] = {
    S("projects:read"), S("projects:progress"), S("photos:read"), S("photos:write"), END,
};

static const struct str PAINTER[] = {S("projects:read"), S("projects:progress"), S("photos:write"), END};

/* What they may see of their own records: the subgraphs' row rules see to "own". */
static const struct str CUSTOMER[] = {
    S("portal"), S("customers:read"), S("customers:pii"), S("projects:read"), S("photos:read"), S("estimates:read"),
    S("prices:read"), END,
};

static const struct str NOTHING[] = {END};

static const struct str *const SCOPES[ROLES] = {
    [ROLE_NONE] = NOTHING,       [ROLE_OWNER] = ALL,         [ROLE_ADMIN] = ALL,       [ROLE_ESTIMATOR] = ESTIMATOR,
    [ROLE_OFFICE] = OFFICE,      [ROLE_CREW_LEAD] = CREW_LEAD, [ROLE_PAINTER] = PAINTER, [ROLE_CUSTOMER] = CUSTOMER,
};

struct str role_name(enum role r)
{
    return NAMES[r];
}

enum role role_parse(struct str s)
{
    for (int r = ROLE_NONE + 1; r < ROLES; r++)
        if (str_eq_nocase(s, NAMES[r]))
            return (enum role)r;
    return ROLE_NONE;
}

const struct str *role_scopes(enum role r)
{
    return SCOPES[r];
}

const struct str *scopes_all(void)
{
    return ALL;
}

bool identity_has_scope(const struct identity *id, struct str scope)
{
    for (unsigned i = 0; i < id->n_scopes; i++)
        if (str_eq(id->scopes[i], scope))
            return true;
    return false;
}

struct str identity_write(struct arena *a, const struct identity *id)
{
    struct buf b;
    buf_init(&b, 64 << 10);
    struct json_writer w = json_writer(&b);

    jw_begin_object(&w);
    jw_name(&w, STR("sub"));
    jw_string(&w, id->user);
    if (id->role != ROLE_NONE) {
        jw_name(&w, STR("role"));
        jw_string(&w, role_name(id->role));
    }
    jw_name(&w, STR("scopes"));
    jw_begin_array(&w);
    for (unsigned i = 0; i < id->n_scopes; i++)
        jw_string(&w, id->scopes[i]);
    jw_end_array(&w);
    if (id->customer.len) {
        jw_name(&w, STR("customer"));
        jw_string(&w, id->customer);
    }
    jw_end_object(&w);
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

int identity_read(struct arena *a, struct str json, struct identity *out, struct err *err)
{
    struct json *v = json_parse(a, json, err);
    *out = (struct identity){0};
    if (!v)
        return err_prefix(err, IDENTITY_CALLER_HEADER);
    struct str user = json_get_str(v, STR("sub"));
    const struct json *scopes = json_get(v, STR("scopes"));
    if (v->kind != JSON_OBJECT || !user.p || (scopes && scopes->kind != JSON_ARRAY))
        return err_set(err, "BAD_CALLER", IDENTITY_CALLER_HEADER " has to be {\"sub\":…,\"role\":…,\"scopes\":[…]}");
    out->signed_in = true;
    out->user = user;
    out->role = role_parse(json_get_str(v, STR("role")));
    out->customer = json_get_str(v, STR("customer"));
    for (uint32_t i = 0; scopes && i < scopes->n && i < IDENTITY_SCOPES_MAX; i++)
        if (scopes->items[i]->kind == JSON_STRING)
            out->scopes[out->n_scopes++] = scopes->items[i]->text;
    return 0;
}
