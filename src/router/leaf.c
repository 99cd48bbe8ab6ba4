#include "router/leaf.h"

#include <math.h>
#include <stdlib.h>

#define DIGITS_FINITE 300 /* a number of so many characters without an exponent is finite */
#define INTEGER_MAX 9007199254740992.0 /* above, a double has lost digits */

static double number(struct arena *a, struct str raw)
{
    return strtod(arena_cstr(a, raw), NULL);
}

static bool is_negative_zero(struct str raw)
{
    return raw.len == 2 && raw.p[0] == '-' && raw.p[1] == '0';
}

bool leaf_int(struct arena *a, struct str raw, bool integer, struct str *out)
{
    int64_t n;
    if (integer && raw.len <= 11 && str_to_i64(raw, &n)) {
        *out = is_negative_zero(raw) ? STR("0") : raw;
        return n >= INT32_MIN && n <= INT32_MAX;
    }
    if (integer)
        return false;
    double d = number(a, raw);
    if (d != floor(d) || d < INT32_MIN || d > INT32_MAX)
        return false;
    *out = arena_printf(a, "%d", (int)d);
    return true;
}

bool leaf_float_plain(struct str raw, bool integer)
{
    bool exponent = false;
    for (size_t i = 0; !integer && i < raw.len; i++)
        exponent |= (raw.p[i] | 0x20) == 'e';
    return !exponent && raw.len < DIGITS_FINITE;
}

bool leaf_float(struct arena *a, struct str raw, bool integer)
{
    return leaf_float_plain(raw, integer) || isfinite(number(a, raw));
}

bool leaf_id(struct arena *a, struct str raw, bool integer, struct str *out)
{
    if (integer) {
        *out = is_negative_zero(raw) ? STR("\"0\"") : arena_printf(a, "\"%.*s\"", STR_ARG(raw));
        return true;
    }
    double d = number(a, raw);
    if (d != floor(d) || fabs(d) > INTEGER_MAX)
        return false;
    *out = arena_printf(a, "\"%.0f\"", d == 0 ? 0.0 : d);
    return true;
}
