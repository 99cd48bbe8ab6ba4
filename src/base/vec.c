#include "base/vec.h"

#define CAP_FIRST 4u

struct any_vec VEC_BODY(void);

void vec_grow(struct arena *a, void *vec, size_t item_size, size_t want)
{
    struct any_vec *any = vec;
    size_t cap = any->cap ? any->cap * 2 : CAP_FIRST;
    if (cap < want)
        cap = want;
    void *v = arena_alloc_raw(a, arena_size(item_size, cap));
    if (any->n)
        memcpy(v, any->v, any->n * item_size);
    any->v = v;
    any->cap = cap;
}
