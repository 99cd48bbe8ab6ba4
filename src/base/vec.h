/* Growing arrays in an arena.
 *
 *     VEC(struct str) names = {0};
 *     vec_push(arena, &names, STR("id"));
 *     for (size_t i = 0; i < names.n; i++) use(names.v[i]);
 *
 * Growth copies inside the arena and leaves the old block behind, so the total is at most twice the final
 * size. A vector that several functions share gets a named struct: `struct name_vec VEC_BODY(struct str);`
 */
#ifndef PAINTBOX_BASE_VEC_H
#define PAINTBOX_BASE_VEC_H

#include "base/arena.h"

#define VEC_BODY(type) \
    {                  \
        type *v;       \
        size_t n, cap; \
    }
#define VEC(type) struct VEC_BODY(type)

void vec_grow(struct arena *a, void *vec, size_t item_size, size_t want);

#define vec_reserve(a, vec, want)                                            \
    do {                                                                     \
        if ((vec)->cap < (size_t)(want))                                     \
            vec_grow((a), (vec), sizeof *(vec)->v, (size_t)(want));          \
    } while (0)

#define vec_push(a, vec, ...)                                                \
    do {                                                                     \
        if ((vec)->n == (vec)->cap)                                          \
            vec_grow((a), (vec), sizeof *(vec)->v, (vec)->n + 1);            \
        (vec)->v[(vec)->n++] = (__VA_ARGS__);                                \
    } while (0)

/* Pushes a zeroed item and gives its address (valid until the next push). */
#define vec_add(a, vec)                                                                       \
    (((vec)->n == (vec)->cap ? vec_grow((a), (vec), sizeof *(vec)->v, (vec)->n + 1) : (void)0), \
     memset(&(vec)->v[(vec)->n], 0, sizeof *(vec)->v), &(vec)->v[(vec)->n++])

#define vec_last(vec) ((vec)->v[(vec)->n - 1])

#endif
