#include "services/estimates/ratio.h"

#define INTEGER_MAX (INT64_C(1) << 53)

void ratio_init(struct ratio *r)
{
    mpq_init(r->q);
}

void ratio_clear(struct ratio *r)
{
    mpq_clear(r->q);
}

void ratio_set(struct ratio *r, int64_t n, int64_t d)
{
    mpz_set_si(mpq_numref(r->q), n);
    mpz_set_si(mpq_denref(r->q), d);
    mpq_canonicalize(r->q);
}

void ratio_mul(struct ratio *r, int64_t n, int64_t d)
{
    mpz_mul_si(mpq_numref(r->q), mpq_numref(r->q), n);
    mpz_mul_si(mpq_denref(r->q), mpq_denref(r->q), d);
    mpq_canonicalize(r->q);
}

void ratio_add(struct ratio *r, const struct ratio *other)
{
    mpq_add(r->q, r->q, other->q);
}

void ratio_sub(struct ratio *r, const struct ratio *other)
{
    mpq_sub(r->q, r->q, other->q);
}

int ratio_sign(const struct ratio *r)
{
    return mpq_sgn(r->q);
}

static bool take(mpz_t z, int64_t *out)
{
    bool fits = mpz_fits_slong_p(z);
    *out = fits ? mpz_get_si(z) : 0;
    mpz_clear(z);
    return fits && *out <= INTEGER_MAX && *out >= -INTEGER_MAX;
}

bool ratio_half_up(const struct ratio *r, int64_t *out)
{
    mpz_t n, d;
    mpz_init(n);
    mpz_init(d);
    mpz_mul_2exp(n, mpq_numref(r->q), 1);
    mpz_add(n, n, mpq_denref(r->q));
    mpz_mul_2exp(d, mpq_denref(r->q), 1);
    mpz_fdiv_q(n, n, d);
    mpz_clear(d);
    return take(n, out);
}

bool ratio_floor(const struct ratio *r, int64_t *out)
{
    mpz_t n;
    mpz_init(n);
    mpz_fdiv_q(n, mpq_numref(r->q), mpq_denref(r->q));
    return take(n, out);
}

bool ratio_ceil(const struct ratio *r, int64_t *out)
{
    mpz_t n;
    mpz_init(n);
    mpz_cdiv_q(n, mpq_numref(r->q), mpq_denref(r->q));
    return take(n, out);
}
