/* Inputs of customers, contacts and properties: checked, and brought into the form the tables hold. */
#include "services/customers/customers.h"

/* Replaces `email` and `phone` by their normal forms; problems go to paths[0] and paths[1]. */
struct str person_input(struct check *c, const struct json *input, const char *const *paths)
{
    struct arena *a = batch_arena(c->b);
    struct patch p = {.b = c->b, .input = input};
    if (is_given(input, "email")) {
        struct str email = normal_email(a, json_get_str(input, STR("email")));
        if (!email.p)
            check_fail(c, paths[0], "is no e-mail address");
        patch_set(&p, "email", json_quote(c->b, email));
    }
    if (is_given(input, "phone")) {
        struct str phone = normal_phone(a, json_get_str(input, STR("phone")));
        if (!phone.p)
            check_fail(c, paths[1], "is no phone number: write it with country code, as in +1 303 555 0100");
        patch_set(&p, "phone", json_quote(c->b, phone));
    }
    return patch_text(&p);
}

static bool is_code(struct str s, size_t min, size_t max, bool digits)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (digits && s.p[i] >= '0' && s.p[i] <= '9')))
            return false;
    return s.len >= min && s.len <= max;
}

void check_address(struct check *c, const struct json *address, const char *path)
{
    static const char *const needed[] = {"line1", "city", "postalCode"};
    double lat, lng;
    if (!address || address->kind != JSON_OBJECT)
        return;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (str_trim(json_get_str(address, str_c(needed[i]))).len == 0)
            check_fail(c, path, "%s is blank", needed[i]);
    if (!is_code(json_get_str(address, STR("region")), 1, 3, true))
        check_fail(c, path, "region is an ISO 3166-2 subdivision without the country, such as CO");
    if (!is_code(json_get_str(address, STR("country")), 2, 2, false))
        check_fail(c, path, "country is an ISO 3166-1 alpha-2 code, such as US");
    const struct json *at = json_get(address, STR("location"));
    if (at && at->kind == JSON_OBJECT &&
        !(json_to_double(json_get(at, STR("lat")), &lat) && json_to_double(json_get(at, STR("lng")), &lng) &&
          lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180))
        check_fail(c, path, "location needs a latitude of ±90 and a longitude of ±180");
}

void check_property(struct check *c, const struct json *input)
{
    check_address(c, json_get(input, STR("address")), "input.address");
    check_text(c, input, "input.label", "label", 200);
    check_range(c, input, "input.yearBuilt", "yearBuilt", 1500, 2200);
    check_range(c, input, "input.stories", "stories", 1, 200);
    check_range(c, input, "input.livingAreaSqft", "livingAreaSqft", 1, 100000000);
}
