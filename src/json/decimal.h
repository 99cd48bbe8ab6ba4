/* Private to json: a decimal number in parts, ± 0.d1 d2 … dn × 10^point, without zeros at either
 * end. */
#ifndef PAINTBOX_JSON_DECIMAL_H
#define PAINTBOX_JSON_DECIMAL_H

#include "base/buf.h"

struct decimal {
    bool negative;
    size_t n;      /* digits; 0 for zero */
    int64_t point; /* as JavaScript's Number::toString counts it */
};

/* Takes apart a number in JSON's grammar and puts its digits, zeros at the ends left out, into
 * `digits` (text.len bytes). False when the exponent is beyond ±10^15. */
bool decimal_parse(struct str text, char *digits, struct decimal *d);
/* The layout of ECMA-262 Number::toString. */
void decimal_write(struct buf *b, const struct decimal *d, const char *digits);

#endif
