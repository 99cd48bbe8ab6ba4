#include "base/timestamp.h"

#include <stdio.h>
#include <time.h>

#define SEC_PER_DAY INT64_C(86400)
#define YEAR_ZERO_DAYS INT64_C(-719528) /* 0000-01-01 */
#define LAST_DAY INT64_C(2932896)       /* 9999-12-31 */

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * US_PER_SEC + t.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct civil {
    int year, month, day;
};

/* Both conversions count years from 1 March, so that the leap day comes last; an era has 400. */
static int64_t days_of_civil(struct civil c)
{
    int64_t y = c.month <= 2 ? c.year - 1 : c.year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_of_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1),
    };
}

/* n digits, with leading zeros. */
static char *put(char *out, int value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + n;
}

static char *put_date(char *out, int64_t days)
{
    struct civil c = civil_of_days(days);
    out = put(out, c.year, 4);
    *out++ = '-';
    out = put(out, c.month, 2);
    *out++ = '-';
    return put(out, c.day, 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

void timestamp_format(int64_t us, char out[TIMESTAMP_RFC3339_LEN + 1])
{
    const int64_t us_per_day = SEC_PER_DAY * US_PER_SEC;
    us = clamp(us, YEAR_ZERO_DAYS * us_per_day, (LAST_DAY + 1) * us_per_day - 1);
    int64_t days = floor_div(us, us_per_day);
    int64_t rest = us - days * us_per_day;
    int seconds = (int)(rest / US_PER_SEC);
    char *p = put_date(out, days);
    *p++ = 'T';
    p = put(p, seconds / 3600, 2);
    *p++ = ':';
    p = put(p, seconds / 60 % 60, 2);
    *p++ = ':';
    p = put(p, seconds % 60, 2);
    *p++ = '.';
    p = put(p, (int)(rest % US_PER_SEC / US_PER_MS), 3);
    *p++ = 'Z';
    *p = '\0';
}

/* Takes n digits off the front. */
static bool take_digits(struct str *s, int n, int *value)
{
    if (s->len < (size_t)n)
        return false;
    *value = 0;
    for (int i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *value = *value * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, (size_t)n, s->len);
    return true;
}

static bool take_char(struct str *s, char c)
{
    if (s->len == 0 || s->p[0] != c)
        return false;
    *s = str_sub(*s, 1, s->len);
    return true;
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct str *s, int64_t *days)
{
    struct civil c;
    if (!take_digits(s, 4, &c.year) || !take_char(s, '-') || !take_digits(s, 2, &c.month) ||
        !take_char(s, '-') || !take_digits(s, 2, &c.day))
        return false;
    if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month))
        return false;
    *days = days_of_civil(c);
    return true;
}

/* 1–9 digits; what is finer than a microsecond is cut off. */
static bool take_fraction(struct str *s, int64_t *us)
{
    int n = 0, digit;
    *us = 0;
    while (n < 9 && take_digits(s, 1, &digit)) {
        if (n < 6)
            *us = *us * 10 + digit;
        n++;
    }
    for (int i = n; i < 6; i++)
        *us *= 10;
    return n > 0;
}

static bool take_offset(struct str *s, int *seconds)
{
    *seconds = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    bool west = take_char(s, '-');
    int hours, minutes;
    if ((!west && !take_char(s, '+')) || !take_digits(s, 2, &hours) || !take_char(s, ':') ||
        !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

bool timestamp_parse(struct str s, int64_t *us)
{
    int64_t days, fraction = 0;
    int hour, minute, second, offset;
    if (!take_date(&s, &days) || (!take_char(&s, 'T') && !take_char(&s, 't')) ||
        !take_digits(&s, 2, &hour) || !take_char(&s, ':') || !take_digits(&s, 2, &minute) ||
        !take_char(&s, ':') || !take_digits(&s, 2, &second))
        return false;
    if (take_char(&s, '.') && !take_fraction(&s, &fraction))
        return false;
    if (!take_offset(&s, &offset) || s.len || hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t total = days * SEC_PER_DAY + hour * 3600 + minute * 60 + second - offset;
    /* A leap second ends a day of UTC and nothing else. */
    if (second == 60 && total % SEC_PER_DAY != 0)
        return false;
    *us = total * US_PER_SEC + fraction;
    return true;
}

bool date_parse(struct str s, int32_t *days)
{
    int64_t d;
    if (!take_date(&s, &d) || s.len)
        return false;
    *days = (int32_t)d;
    return true;
}

void date_format(int32_t days, char out[11])
{
    *put_date(out, clamp(days, YEAR_ZERO_DAYS, LAST_DAY)) = '\0';
}
