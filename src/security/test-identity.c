#include "base/test.h"
#include "security/identity.h"

static void an_identity_survives_its_header(void **state)
{
    struct arena *a = arena_new(0);
    struct identity id = {.signed_in = true,
                          .user = STR("u \"1\"\n\xC3\xA4"),
                          .role = ROLE_CUSTOMER,
                          .customer = STR("c-1")},
                    back;
    id.scopes[id.n_scopes++] = STR("portal");
    struct err err;
    assert_int_equal(identity_read(a, identity_write(a, &id), &back, &err), 0);
    assert_true(back.signed_in);
    assert_true(str_eq(back.user, id.user));
    assert_int_equal(back.role, ROLE_CUSTOMER);
    assert_str(back.customer, "c-1");
    assert_int_equal(back.n_scopes, 1);
    assert_str(back.scopes[0], "portal");
    arena_free(&a);
}

static void a_header_that_is_no_caller_is_refused(void **state)
{
    static const char *const TEXTS[] = {"", "[]", "\"u\"", "{}", "{\"sub\":1}", "{\"sub\":\"u\",\"scopes\":1}"};
    struct arena *a = arena_new(0);
    struct identity id;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct err err = {0};
        assert_int_equal(identity_read(a, str_c(TEXTS[i]), &id, &err), -1);
        assert_false(id.signed_in);
        assert_non_null(strstr(err.msg, IDENTITY_CALLER_HEADER));
        assert_null(strstr(err.msg, ": :"));
    }
    arena_free(&a);
}

static void a_role_has_only_scopes_that_exist(void **state)
{
    for (int r = ROLE_NONE; r < ROLES; r++) {
        unsigned n = 0;
        for (const struct str *s = role_scopes((enum role)r); s->p; s++, n++) {
            bool known = false;
            for (const struct str *t = scopes_all(); t->p; t++)
                known |= str_eq(*s, *t);
            assert_true(known);
        }
        assert_true(n <= IDENTITY_SCOPES_MAX);
        assert_int_equal(role_parse(role_name((enum role)r)), r);
    }
    assert_int_equal(role_parse(STR("crew_lead")), ROLE_CREW_LEAD);
}

int main(void)
{
    return RUN_TESTS(an_identity_survives_its_header, a_header_that_is_no_caller_is_refused,
                     a_role_has_only_scopes_that_exist);
}
