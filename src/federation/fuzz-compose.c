/* Any texts become a supergraph that can be loaded, or errors. Subgraphs are parted by lines that begin with "---". */
#include "base/panic.h"
#include "federation/compose.h"
#include "federation/supergraph.h"

#define FUZZ_SUBGRAPHS_MAX 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t split(struct arena *a, struct str text, struct compose_subgraph *out)
{
    size_t n = 0;
    while (n < FUZZ_SUBGRAPHS_MAX) {
        ptrdiff_t end = n + 1 < FUZZ_SUBGRAPHS_MAX ? str_find(text, STR("\n---")) : -1;
        out[n].name = arena_printf(a, "s%zu", n);
        out[n].url = STR("http://s");
        out[n].sdl = end < 0 ? text : str_sub(text, 0, (size_t)end);
        n++;
        if (end < 0)
            break;
        text = str_sub(text, (size_t)end + 4, text.len);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct compose_subgraph in[FUZZ_SUBGRAPHS_MAX];
    struct compose_result r = compose(a, in, split(a, str_mem(data, size), in));
    PB_ASSERT((r.supergraph.p == NULL) == (r.n_errors > 0));
    if (r.supergraph.p) {
        struct gql_errors errors = {0};
        struct supergraph *s = supergraph_load(r.supergraph, a, &errors);
        if (!s)
            PB_PANIC("what was composed cannot be read: %.*s", STR_ARG(errors.v[0].message));
        supergraph_unref(&s);
    }
    arena_free(&a);
    return 0;
}
