/* Maps from text to a pointer, in an arena. Entries keep the order of their insertion.
 *
 *     struct map types = {0};
 *     map_put(arena, &types, type->name, type);
 *     struct gql_type *t = map_get(&types, STR("Customer"));
 *     for (size_t i = 0; i < types.n; i++) use(types.entries[i].key, types.entries[i].value);
 *
 * Keys are not copied. There is no removal: a map lives as long as its arena.
 */
#ifndef PAINTBOX_BASE_MAP_H
#define PAINTBOX_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
    struct str key;
    void *value;
};

struct map {
    struct map_entry *entries; /* in insertion order */
    size_t n, cap;
    uint32_t *index; /* private */
    size_t index_size;
};

/* NULL when absent. */
void *map_get(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Puts or replaces; gives what was there before, or NULL. */
void *map_put(struct arena *a, struct map *m, struct str key, void *value);

#endif
