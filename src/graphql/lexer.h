/* Text → tokens; private to the room.
 *
 * Every slice of a token points into the source, except strings with escapes and blocks, which are decoded into the
 * arena. The first error is added to `errors` and is final: from then on every token is TOKEN_FAILED, which no grammar
 * rule accepts, so a parser needs to look at `failed` in its loops only.
 */
#ifndef PAINTBOX_GRAPHQL_LEXER_H
#define PAINTBOX_GRAPHQL_LEXER_H

#include "base/buf.h"
#include "graphql/ast.h"

enum gql_token_kind {
    TOKEN_FAILED, TOKEN_EOF,
    TOKEN_BANG, TOKEN_DOLLAR, TOKEN_AMP, TOKEN_PAREN_L, TOKEN_PAREN_R, TOKEN_SPREAD, TOKEN_COLON, TOKEN_EQUALS, TOKEN_AT,
    TOKEN_BRACKET_L, TOKEN_BRACKET_R, TOKEN_BRACE_L, TOKEN_PIPE, TOKEN_BRACE_R,
    TOKEN_NAME, TOKEN_INT, TOKEN_FLOAT, TOKEN_STRING, TOKEN_BLOCK_STRING
};

struct gql_token {
    enum gql_token_kind kind;
    struct gql_loc loc;
    struct str text; /* NAME, INT, FLOAT: as written; strings: decoded; .p == NULL for the others */
};

struct gql_lexer {
    const char *p, *start, *end;
    const char *line_base; /* where the line would begin if every UTF-16 unit before p were one byte */
    uint32_t line;
    bool failed;
    struct arena *arena;
    struct gql_errors *errors;
};

/* A text too long for the offsets of gql_loc fails at once. */
void gql_lexer_init(struct gql_lexer *lx, struct arena *a, struct str text, struct gql_errors *errors);
void gql_lexer_next(struct gql_lexer *lx, struct gql_token *tok);

/* Adds "Syntax Error: …" unless there was an error before. */
void gql_lexer_fail(struct gql_lexer *lx, struct gql_loc loc, struct str message);

/* As messages show them: `"{"`, `Name`, `<EOF>`; with the token's text: `Name "query"`. */
struct str gql_token_kind_text(enum gql_token_kind kind);
void gql_token_describe(struct buf *out, const struct gql_token *tok);

#endif
