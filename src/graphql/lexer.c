#include "graphql/lexer.h"

#include "base/utf8.h"
#include "graphql/block_string.h"

/* What may begin with a byte, and what may go on with it. */
enum { DIGIT = 1, NAME_START = 2, NAME_PART = 4, IGNORED = 8, PLAIN = 16 /* inside a string, stands for itself */ };

static const uint8_t classes[256] = {
    ['\t'] = IGNORED | PLAIN, [' '] = IGNORED | PLAIN, [','] = IGNORED | PLAIN,
    ['0' ... '9'] = DIGIT | NAME_PART | PLAIN,
    ['A' ... 'Z'] = NAME_START | NAME_PART | PLAIN, ['a' ... 'z'] = NAME_START | NAME_PART | PLAIN,
    ['_'] = NAME_START | NAME_PART | PLAIN,
    [0x00 ... 0x08] = PLAIN, [0x0B ... 0x0C] = PLAIN, [0x0E ... 0x1F] = PLAIN,
    ['!'] = PLAIN, ['#' ... '+'] = PLAIN, ['-' ... '/'] = PLAIN, [':' ... '@'] = PLAIN,
    ['['] = PLAIN, [']' ... '^'] = PLAIN, ['`'] = PLAIN, ['{' ... 0x7F] = PLAIN,
};

static const uint8_t punctuators[128] = {
    ['!'] = TOKEN_BANG, ['$'] = TOKEN_DOLLAR, ['&'] = TOKEN_AMP, ['('] = TOKEN_PAREN_L, [')'] = TOKEN_PAREN_R,
    [':'] = TOKEN_COLON, ['='] = TOKEN_EQUALS, ['@'] = TOKEN_AT, ['['] = TOKEN_BRACKET_L, [']'] = TOKEN_BRACKET_R,
    ['{'] = TOKEN_BRACE_L, ['|'] = TOKEN_PIPE, ['}'] = TOKEN_BRACE_R,
};

static bool has_class(char c, int class) { return classes[(unsigned char)c] & class; }

/* The byte `ahead` of the next one; 0 past the end, which no rule takes for anything. */
static char peek(const struct gql_lexer *lx, size_t ahead)
{
    return (size_t)(lx->end - lx->p) > ahead ? lx->p[ahead] : 0;
}

/* Decodes one character; gives its bytes, 0 when they are not UTF-8. */
static unsigned decode_utf8(const char *s, const char *end, uint32_t *cp)
{
    unsigned n = utf8_length(s, end);
    uint32_t c = n == 1 ? (unsigned char)s[0] : (unsigned char)s[0] & (0xFFu >> (n + 1));
    for (unsigned i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3F);
    *cp = c;
    return n;
}

/* ---- positions and errors ---- */

static struct gql_loc here(const struct gql_lexer *lx)
{
    return (struct gql_loc){(uint32_t)(lx->p - lx->start), lx->line, (uint32_t)(lx->p - lx->line_base) + 1};
}

/* Passes over one line end: \n, \r or \r\n. */
static void skip_newline(struct gql_lexer *lx)
{
    lx->p += lx->p[0] == '\r' && peek(lx, 1) == '\n' ? 2 : 1;
    lx->line++;
    lx->line_base = lx->p;
}

void gql_lexer_fail(struct gql_lexer *lx, struct gql_loc loc, struct str message)
{
    if (lx->failed)
        return;
    lx->failed = true;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    buf_add(&text, STR("Syntax Error: "));
    buf_add(&text, message);
    struct gql_error e = {
        .message = arena_str(lx->arena, buf_str(&text)), .code = STR("GRAPHQL_PARSE_FAILED"), .n_locs = 1};
    e.locs = arena_memdup(lx->arena, &loc, sizeof loc);
    vec_push(lx->arena, lx->errors, e);
    buf_free(&text);
}

/* Fails with `before`, the character at p as graphql-js shows it, and a full stop. */
static void fail_at_character(struct gql_lexer *lx, const char *before)
{
    char shown[24];
    uint32_t c;
    if (lx->p == lx->end)
        snprintf(shown, sizeof shown, "<EOF>");
    else if (!decode_utf8(lx->p, lx->end, &c))
        snprintf(shown, sizeof shown, "byte 0x%02X", (unsigned char)lx->p[0]);
    else if (c == '"')
        snprintf(shown, sizeof shown, "'\"'");
    else if (c >= 0x20 && c <= 0x7E)
        snprintf(shown, sizeof shown, "\"%c\"", (int)c);
    else
        snprintf(shown, sizeof shown, "U+%04X", c);
    char message[120];
    snprintf(message, sizeof message, "%s: %s.", before, shown);
    gql_lexer_fail(lx, here(lx), str_c(message));
}

static void fail_here(struct gql_lexer *lx, const char *message) { gql_lexer_fail(lx, here(lx), str_c(message)); }

/* Passes over a character beyond ASCII in a string or comment; false and failed when it is not UTF-8. */
static bool skip_wide(struct gql_lexer *lx)
{
    unsigned n = utf8_length(lx->p, lx->end);
    if (!n) {
        fail_at_character(lx, "Invalid character, the text is not UTF-8");
        return false;
    }
    lx->p += n;
    lx->line_base += n - (n == 4 ? 2 : 1);
    return true;
}

/* ---- names and numbers ---- */

static void lex_name(struct gql_lexer *lx, struct gql_token *tok)
{
    const char *from = lx->p;
    do
        lx->p++;
    while (lx->p < lx->end && has_class(*lx->p, NAME_PART));
    tok->kind = TOKEN_NAME;
    tok->text = str_mem(from, (size_t)(lx->p - from));
}

static void skip_digits(struct gql_lexer *lx)
{
    if (!has_class(peek(lx, 0), DIGIT)) {
        fail_at_character(lx, "Invalid number, expected digit but got");
        return;
    }
    while (has_class(peek(lx, 0), DIGIT))
        lx->p++;
}

static void lex_number(struct gql_lexer *lx, struct gql_token *tok)
{
    const char *from = lx->p;
    tok->kind = TOKEN_INT;
    lx->p += peek(lx, 0) == '-';
    if (peek(lx, 0) == '0') {
        lx->p++;
        if (has_class(peek(lx, 0), DIGIT))
            fail_at_character(lx, "Invalid number, unexpected digit after 0");
    } else {
        skip_digits(lx);
    }
    if (!lx->failed && peek(lx, 0) == '.') {
        lx->p++;
        tok->kind = TOKEN_FLOAT;
        skip_digits(lx);
    }
    if (!lx->failed && (peek(lx, 0) | 0x20) == 'e') {
        lx->p++;
        tok->kind = TOKEN_FLOAT;
        lx->p += peek(lx, 0) == '+' || peek(lx, 0) == '-';
        skip_digits(lx);
    }
    if (peek(lx, 0) == '.' || has_class(peek(lx, 0), NAME_START))
        fail_at_character(lx, "Invalid number, expected digit but got");
    tok->text = str_mem(from, (size_t)(lx->p - from));
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (has_class(c, DIGIT))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_scalar_value(uint32_t c) { return c <= 0xD7FF || (c >= 0xE000 && c <= 0x10FFFF); }

/* Fails with the first `units` UTF-16 units of what stands at p, as far as there are so many. */
static void fail_at_escape(struct gql_lexer *lx, const char *before, int units)
{
    struct buf text;
    buf_init(&text, 256);
    buf_printf(&text, "%s: \"", before);
    const char *p = lx->p;
    while (units > 0 && p < lx->end) {
        unsigned n = utf8_length(p, lx->end);
        if (!n)
            break;
        units -= n == 4 ? 2 : 1;
        buf_add(&text, units < 0 ? STR("\xEF\xBF\xBD") : str_mem(p, n));
        p += n;
    }
    buf_add(&text, STR("\"."));
    gql_lexer_fail(lx, here(lx), buf_str(&text));
    buf_free(&text);
}

/* Four hexadecimal digits `ahead` of p; UINT32_MAX when they are not there. */
static uint32_t hex4(const struct gql_lexer *lx, size_t ahead)
{
    uint32_t c = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(peek(lx, ahead + i));
        if (digit < 0)
            return UINT32_MAX;
        c = c << 4 | (uint32_t)digit;
    }
    return c;
}

/* At \u{: gives the number of bytes, 0 when failed. */
static size_t lex_braced_escape(struct gql_lexer *lx, uint32_t *c)
{
    enum { LONGEST = 12 }; /* \u{00000000} */
    *c = 0;
    size_t size = 3;
    while (size < LONGEST) {
        char digit = peek(lx, size++);
        if (digit == '}') {
            if (size >= 5 && is_scalar_value(*c))
                return size;
            break;
        }
        int value = hex_digit(digit);
        *c = *c << 4 | (uint32_t)value;
        if (value < 0 || *c > INT32_MAX) /* where graphql-js stops reading, which its message shows */
            break;
    }
    fail_at_escape(lx, "Invalid Unicode escape sequence", (int)size);
    return 0;
}

/* At \u: gives the number of bytes, 0 when failed. */
static size_t lex_unicode_escape(struct gql_lexer *lx, uint32_t *c)
{
    if (peek(lx, 2) == '{')
        return lex_braced_escape(lx, c);
    *c = hex4(lx, 2);
    if (is_scalar_value(*c))
        return 6;
    if (*c >= 0xD800 && *c <= 0xDBFF && peek(lx, 6) == '\\' && peek(lx, 7) == 'u') {
        uint32_t low = hex4(lx, 8);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
            return 12;
        }
    }
    fail_at_escape(lx, "Invalid Unicode escape sequence", 6);
    return 0;
}

/* At a backslash: gives the number of bytes of the escape, 0 when failed. */
static size_t lex_escape(struct gql_lexer *lx, uint32_t *c)
{
    switch (peek(lx, 1)) {
    case '"': case '\\': case '/': *c = (uint32_t)lx->p[1]; return 2;
    case 'b': *c = '\b'; return 2;
    case 'f': *c = '\f'; return 2;
    case 'n': *c = '\n'; return 2;
    case 'r': *c = '\r'; return 2;
    case 't': *c = '\t'; return 2;
    case 'u': return lex_unicode_escape(lx, c);
    }
    fail_at_escape(lx, "Invalid character escape sequence", 2);
    return 0;
}

/* Passes over what stands for itself in a string, up to a quote, a backslash or a line end. */
static void skip_plain(struct gql_lexer *lx)
{
    for (;;) {
        while (lx->p < lx->end && has_class(*lx->p, PLAIN))
            lx->p++;
        if (lx->p == lx->end || !(*lx->p & 0x80) || !skip_wide(lx))
            return;
    }
}

/* The rest of a string from its first escape on, put after `out`, which has room for all of the source that is left. */
static char *lex_escaped(struct gql_lexer *lx, char *out)
{
    while (!lx->failed && peek(lx, 0) == '\\') {
        uint32_t c;
        size_t n = lex_escape(lx, &c);
        if (!n)
            break;
        lx->p += n;
        out += utf8_put(out, c);
        const char *from = lx->p;
        skip_plain(lx);
        memcpy(out, from, (size_t)(lx->p - from));
        out += lx->p - from;
    }
    return out;
}

/* The end of a string that has escapes, so that its decoded text gets no more room than it can need. */
static const char *string_end(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\n' && *p != '\r')
        p += *p == '\\' && end - p > 1 ? 2 : 1;
    return p;
}

static void lex_string(struct gql_lexer *lx, struct gql_token *tok)
{
    const char *from = ++lx->p;
    tok->kind = TOKEN_STRING;
    skip_plain(lx);
    tok->text = str_mem(from, (size_t)(lx->p - from));
    if (peek(lx, 0) == '\\' && !lx->failed) {
        char *text = arena_alloc_raw(lx->arena, (size_t)(string_end(lx->p, lx->end) - from));
        memcpy(text, from, tok->text.len);
        char *end = lex_escaped(lx, text + tok->text.len);
        tok->text = str_mem(text, (size_t)(end - text));
    }
    if (peek(lx, 0) != '"')
        fail_here(lx, "Unterminated string.");
    else
        lx->p++;
}

static bool at_triple(const struct gql_lexer *lx, size_t ahead)
{
    return peek(lx, ahead) == '"' && peek(lx, ahead + 1) == '"' && peek(lx, ahead + 2) == '"';
}

static void lex_block_string(struct gql_lexer *lx, struct gql_token *tok)
{
    lx->p += 3;
    const char *from = lx->p;
    tok->kind = TOKEN_BLOCK_STRING;
    for (;;) {
        skip_plain(lx);
        if (lx->p == lx->end)
            fail_here(lx, "Unterminated string.");
        if (lx->failed || at_triple(lx, 0))
            break;
        if (*lx->p == '\n' || *lx->p == '\r')
            skip_newline(lx);
        else
            lx->p += *lx->p == '\\' && at_triple(lx, 1) ? 4 : 1;
    }
    if (lx->failed)
        return;
    tok->text = gql_block_string_value(lx->arena, str_mem(from, (size_t)(lx->p - from)));
    lx->p += 3;
}

/* ---- tokens ---- */

static void skip_comment(struct gql_lexer *lx)
{
    while (!lx->failed && lx->p < lx->end && *lx->p != '\n' && *lx->p != '\r') {
        if (*lx->p & 0x80)
            skip_wide(lx);
        else
            lx->p++;
    }
}

static bool at_byte_order_mark(const struct gql_lexer *lx)
{
    return peek(lx, 0) == '\xEF' && peek(lx, 1) == '\xBB' && peek(lx, 2) == '\xBF';
}

static void skip_ignored(struct gql_lexer *lx)
{
    while (lx->p < lx->end && !lx->failed) {
        if (has_class(*lx->p, IGNORED))
            lx->p++;
        else if (*lx->p == '\n' || *lx->p == '\r')
            skip_newline(lx);
        else if (*lx->p == '#')
            skip_comment(lx);
        else if (at_byte_order_mark(lx))
            skip_wide(lx);
        else
            break;
    }
}

/* At a dot that begins no token. */
static void fail_at_dot(struct gql_lexer *lx)
{
    size_t n = 1;
    while (has_class(peek(lx, n), DIGIT))
        n++;
    if (peek(lx, 1) == '.') {
        fail_here(lx, "Unexpected \"..\", did you mean \"...\"?");
    } else if (n == 1) {
        fail_at_character(lx, "Unexpected character");
    } else {
        struct str message = arena_printf(lx->arena, "Invalid number, expected digit before \".\", did you mean \"0%.*s\"?",
                                          (int)n, lx->p);
        gql_lexer_fail(lx, here(lx), message);
    }
}

static void fail_at_unexpected(struct gql_lexer *lx)
{
    if (*lx->p == '.')
        fail_at_dot(lx);
    else if (*lx->p == '\'')
        fail_here(lx, "Unexpected single quote character ('), did you mean to use a double quote (\")?");
    else if (utf8_length(lx->p, lx->end))
        fail_at_character(lx, "Unexpected character");
    else
        fail_at_character(lx, "Invalid character, the text is not UTF-8");
}

static void lex_token(struct gql_lexer *lx, struct gql_token *tok)
{
    char c = *lx->p;
    if (has_class(c, NAME_START)) {
        lex_name(lx, tok);
    } else if (!(c & 0x80) && punctuators[(unsigned char)c]) {
        tok->kind = punctuators[(unsigned char)c];
        lx->p++;
    } else if (has_class(c, DIGIT) || c == '-') {
        lex_number(lx, tok);
    } else if (c == '"') {
        (at_triple(lx, 0) ? lex_block_string : lex_string)(lx, tok);
    } else if (c == '.' && peek(lx, 1) == '.' && peek(lx, 2) == '.') {
        tok->kind = TOKEN_SPREAD;
        lx->p += 3;
    } else {
        fail_at_unexpected(lx);
    }
}

void gql_lexer_init(struct gql_lexer *lx, struct arena *a, struct str text, struct gql_errors *errors)
{
    const char *p = text.p ? text.p : "";
    *lx = (struct gql_lexer){
        .p = p, .start = p, .end = p + text.len, .line_base = p, .line = 1, .arena = a, .errors = errors};
    if (text.len >= UINT32_MAX)
        fail_here(lx, "Document is longer than 4 GiB.");
}

void gql_lexer_next(struct gql_lexer *lx, struct gql_token *tok)
{
    skip_ignored(lx);
    tok->loc = here(lx);
    tok->text = STR_NONE;
    if (lx->p == lx->end)
        tok->kind = TOKEN_EOF;
    else if (!lx->failed)
        lex_token(lx, tok);
    if (lx->failed)
        tok->kind = TOKEN_FAILED;
}

struct str gql_token_kind_text(enum gql_token_kind kind)
{
    static const struct str texts[] = {
        [TOKEN_FAILED] = STR_INIT("<failed>"), [TOKEN_EOF] = STR_INIT("<EOF>"),
        [TOKEN_BANG] = STR_INIT("\"!\""), [TOKEN_DOLLAR] = STR_INIT("\"$\""), [TOKEN_AMP] = STR_INIT("\"&\""),
        [TOKEN_PAREN_L] = STR_INIT("\"(\""), [TOKEN_PAREN_R] = STR_INIT("\")\""), [TOKEN_SPREAD] = STR_INIT("\"...\""),
        [TOKEN_COLON] = STR_INIT("\":\""), [TOKEN_EQUALS] = STR_INIT("\"=\""), [TOKEN_AT] = STR_INIT("\"@\""),
        [TOKEN_BRACKET_L] = STR_INIT("\"[\""), [TOKEN_BRACKET_R] = STR_INIT("\"]\""), [TOKEN_BRACE_L] = STR_INIT("\"{\""),
        [TOKEN_PIPE] = STR_INIT("\"|\""), [TOKEN_BRACE_R] = STR_INIT("\"}\""),
        [TOKEN_NAME] = STR_INIT("Name"), [TOKEN_INT] = STR_INIT("Int"), [TOKEN_FLOAT] = STR_INIT("Float"),
        [TOKEN_STRING] = STR_INIT("String"), [TOKEN_BLOCK_STRING] = STR_INIT("BlockString"),
    };
    return texts[kind];
}

void gql_token_describe(struct buf *out, const struct gql_token *tok)
{
    buf_add(out, gql_token_kind_text(tok->kind));
    if (!tok->text.p)
        return;
    buf_add(out, STR(" \""));
    buf_add(out, tok->text);
    buf_add_char(out, '"');
}
