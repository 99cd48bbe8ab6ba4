#include "base/encoding.h"

#include "base/panic.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t encode_tail(char *out, const uint8_t *in, size_t left, const char *alphabet)
{
    uint32_t v = (uint32_t)in[0] << 16 | (left == 2 ? (uint32_t)in[1] << 8 : 0);
    out[0] = alphabet[v >> 18];
    out[1] = alphabet[v >> 12 & 63];
    if (left == 2)
        out[2] = alphabet[v >> 6 & 63];
    return left + 1;
}

static struct str encode(struct arena *a, struct str bytes, const char *alphabet, bool pad)
{
    const uint8_t *in = (const uint8_t *)bytes.p;
    size_t i = 0, n = 0;
    char *out = arena_alloc_raw(a, (bytes.len + 2) / 3 * 4 + 1);
    for (; i + 3 <= bytes.len; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        out[n++] = alphabet[v >> 18];
        out[n++] = alphabet[v >> 12 & 63];
        out[n++] = alphabet[v >> 6 & 63];
        out[n++] = alphabet[v & 63];
    }
    if (i < bytes.len)
        n += encode_tail(out + n, in + i, bytes.len - i, alphabet);
    while (pad && n % 4)
        out[n++] = '=';
    out[n] = '\0';
    return str_mem(out, n);
}

struct str base64_encode(struct arena *a, struct str bytes)
{
    return encode(a, bytes, standard, true);
}

struct str base64url_encode(struct arena *a, struct str bytes)
{
    return encode(a, bytes, url_safe, false);
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

bool base64_decode(struct arena *a, struct str text, struct str *bytes)
{
    size_t len = text.len;
    for (int pads = 0; pads < 2 && len && text.len % 4 == 0 && text.p[len - 1] == '='; pads++)
        len--;
    if (len % 4 == 1)
        return false;
    uint8_t *out = arena_alloc_raw(a, len / 4 * 3 + 3);
    size_t n = 0;
    uint32_t v = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < len; i++) {
        int s = sextet(text.p[i]);
        if (s < 0)
            return false;
        v = v << 6 | (uint32_t)s;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (uint8_t)(v >> bits);
            v &= (1u << bits) - 1;
        }
    }
    if (v) /* bits that no encoder would have set: two texts must not stand for the same bytes */
        return false;
    *bytes = str_mem(out, n);
    return true;
}

void hex_encode(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct str text, uint8_t *bytes, size_t n)
{
    if (text.len != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int hi = hex_digit(text.p[2 * i]), lo = hex_digit(text.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        bytes[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

/* Fetched once: an implicit fetch per digest costs more than hashing a short text. It lives as long
 * as the process. */
static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    PB_ASSERT(sha256);
}

void sha256_hex(struct str bytes, char out[SHA256_HEX_LEN + 1])
{
    uint8_t digest[SHA256_HEX_LEN / 2];
    pthread_once(&sha256_once, fetch_sha256);
    PB_ASSERT(EVP_Digest(bytes.p, bytes.len, digest, NULL, sha256, NULL) == 1);
    hex_encode(digest, sizeof digest, out);
}

bool constant_time_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.p, b.p, a.len) == 0);
}
