/* Any bytes become tokens that lie one after the other in the text, or one error. */
#include "base/panic.h"
#include "graphql/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct gql_lexer lx;
    struct gql_token tok = {0};
    gql_lexer_init(&lx, a, str_mem(data, size), &errors);
    size_t end = 0;
    do {
        gql_lexer_next(&lx, &tok);
        size_t p = (size_t)(lx.p - lx.start);
        PB_ASSERT(tok.loc.offset >= end && p <= size && (p > end || tok.kind <= TOKEN_EOF));
        PB_ASSERT(tok.loc.line >= 1 && tok.loc.column >= 1 && tok.loc.column <= tok.loc.offset + 1);
        end = p;
    } while (tok.kind > TOKEN_EOF);
    PB_ASSERT(errors.n == (tok.kind == TOKEN_FAILED));
    arena_free(&a);
    return 0;
}
