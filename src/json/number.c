#include "json/decimal.h"
#include "json/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPONENT_MAX INT64_C(1000000000000000)

static bool parse_exponent(struct str s, int64_t *exponent)
{
    *exponent = 0;
    if (s.len == 0)
        return true;
    bool negative = s.p[0] == '-';
    if (negative || s.p[0] == '+')
        s = str_sub(s, 1, s.len);
    for (size_t i = 0; i < s.len; i++) {
        *exponent = *exponent * 10 + (s.p[i] - '0');
        if (*exponent > EXPONENT_MAX)
            return false;
    }
    if (negative)
        *exponent = -*exponent;
    return true;
}

bool decimal_parse(struct str text, char *digits, struct decimal *d)
{
    *d = (struct decimal){.negative = text.len && text.p[0] == '-'};
    size_t i = d->negative;
    bool in_fraction = false;
    for (; i < text.len && (text.p[i] | 0x20) != 'e'; i++) {
        if (text.p[i] == '.') {
            in_fraction = true;
        } else if (d->n || text.p[i] != '0') {
            digits[d->n++] = text.p[i];
            d->point += !in_fraction;
        } else {
            d->point -= in_fraction;
        }
    }
    while (d->n && digits[d->n - 1] == '0')
        d->n--;
    int64_t exponent;
    if (d->n == 0)
        return true;
    if (!parse_exponent(str_sub(text, i + 1, text.len), &exponent))
        return false;
    d->point += exponent;
    return true;
}

static void add_zeros(struct buf *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        buf_add_char(b, '0');
}

void decimal_write(struct buf *b, const struct decimal *d, const char *digits)
{
    if (d->n == 0) {
        buf_add_char(b, '0');
        return;
    }
    if (d->negative)
        buf_add_char(b, '-');
    int64_t n = (int64_t)d->n;
    if (n <= d->point && d->point <= 21) {
        buf_add_mem(b, digits, d->n);
        add_zeros(b, d->point - n);
    } else if (0 < d->point && d->point <= 21) {
        buf_add_mem(b, digits, (size_t)d->point);
        buf_add_char(b, '.');
        buf_add_mem(b, digits + d->point, (size_t)(n - d->point));
    } else if (-6 < d->point && d->point <= 0) {
        buf_add(b, STR("0."));
        add_zeros(b, -d->point);
        buf_add_mem(b, digits, d->n);
    } else {
        buf_add_char(b, digits[0]);
        if (n > 1) {
            buf_add_char(b, '.');
            buf_add_mem(b, digits + 1, d->n - 1);
        }
        buf_add(b, d->point > 0 ? STR("e+") : STR("e"));
        buf_add_i64(b, d->point - 1);
    }
}

bool json_to_i64(const struct json *v, int64_t *out)
{
    if (!v || v->kind != JSON_NUMBER)
        return false;
    if (str_to_i64(v->text, out))
        return true;
    struct decimal d;
    char small[64];
    char *digits = v->text.len <= sizeof small ? small : malloc(v->text.len);
    bool ok = digits && decimal_parse(v->text, digits, &d) &&
              (d.n == 0 || (d.point >= (int64_t)d.n && d.point <= 19));
    if (ok) {
        char whole[21] = {0};
        size_t len = 0;
        if (d.negative)
            whole[len++] = '-';
        memset(whole + len, '0', d.n ? (size_t)d.point : 1);
        memcpy(whole + len, digits, d.n);
        ok = str_to_i64(str_mem(whole, len + (d.n ? (size_t)d.point : 1)), out);
    }
    if (digits != small)
        free(digits);
    return ok;
}

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Up to 2^53 and 10^22 both operands are exact, so the one operation rounds correctly. */
static bool double_from_small(struct str text, double *out)
{
    char digits[32];
    struct decimal d;
    uint64_t n = 0;
    if (text.len > sizeof digits || !decimal_parse(text, digits, &d) || d.n > 15)
        return false;
    int64_t exponent = d.point - (int64_t)d.n;
    if (d.n && (exponent < -22 || exponent > 22))
        return false;
    for (size_t i = 0; i < d.n; i++)
        n = n * 10 + (uint64_t)(digits[i] - '0');
    double value = (double)n;
    if (n)
        value = exponent < 0 ? value / powers_of_ten[-exponent] : value * powers_of_ten[exponent];
    *out = d.negative ? -value : value;
    return true;
}

bool json_to_double(const struct json *v, double *out)
{
    if (!v || v->kind != JSON_NUMBER)
        return false;
    if (double_from_small(v->text, out))
        return true;
    char small[64];
    char *text = v->text.len < sizeof small ? small : malloc(v->text.len + 1);
    if (!text)
        return false;
    memcpy(text, v->text.p, v->text.len);
    text[v->text.len] = '\0';
    *out = strtod(text, NULL);
    if (text != small)
        free(text);
    return isfinite(*out);
}

/* Amounts, areas and coordinates: at most 15 digits, at most 7 of them behind the point. Any such
 * decimal that reads back as d is the only one of its length, and the least number of places is
 * tried first. */
static bool write_short(struct buf *b, double d)
{
    for (int places = 0; places <= 7; places++) {
        double scaled = rint(d * powers_of_ten[places]);
        if (fabs(scaled) >= 1e15)
            return false;
        if (scaled / powers_of_ten[places] != d)
            continue;
        char digits[24];
        int n = snprintf(digits, sizeof digits, "%.0f", fabs(scaled));
        struct decimal dec = {.negative = d < 0, .point = n - places};
        while (n && digits[n - 1] == '0')
            n--;
        dec.n = (size_t)n;
        decimal_write(b, &dec, digits);
        return true;
    }
    return false;
}

struct candidate {
    char text[40]; /* d.ddde±x */
    int places;
};

static bool reads_back(const char *text, double d)
{
    return strtod(text, NULL) == d;
}

/* The last digit one up. At a power of two the gap below is half as wide as the gap above: the
 * nearest decimal can lie in the next double's half while its upper neighbour still reads back. */
static void step_up(struct candidate *c)
{
    char *exponent = strchr(c->text, 'e');
    for (char *p = exponent - 1; p >= c->text; p--) {
        if (*p < '0' || *p > '9')
            continue;
        if (*p != '9') {
            ++*p;
            return;
        }
        *p = '0';
    }
}

/* For d > 0. Below 16 digits the shortest text is the 15-digit one without its zeros, except for
 * subnormals, which have fewer digits than that. */
static void find_shortest(double d, struct candidate *c)
{
    for (c->places = d < 0x1p-1022 ? 0 : 14; c->places < 16; c->places++) {
        snprintf(c->text, sizeof c->text, "%.*e", c->places, d);
        if (reads_back(c->text, d))
            return;
        step_up(c);
        if (reads_back(c->text, d))
            return;
    }
    snprintf(c->text, sizeof c->text, "%.16e", d);
}

void json_write_double(struct buf *b, double d)
{
    if (!isfinite(d)) {
        buf_add(b, STR("null"));
        return;
    }
    if (write_short(b, d))
        return;
    struct candidate c;
    find_shortest(fabs(d), &c);
    char digits[24];
    size_t n = 0;
    const char *exponent = strchr(c.text, 'e');
    for (const char *p = c.text; p < exponent; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    struct decimal dec = {.negative = d < 0, .n = n, .point = strtol(exponent + 1, NULL, 10) + 1};
    decimal_write(b, &dec, digits);
}
