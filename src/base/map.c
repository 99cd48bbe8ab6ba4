#include "base/map.h"

#include "base/panic.h"

/* Up to here a walk over the entries beats hashing, and no index is built. */
#define LINEAR_MAX 8u

/* The index holds entry numbers plus one; 0 is free. It is at most half full. */
static uint32_t *slot_of(const struct map *m, struct str key)
{
    size_t mask = m->index_size - 1;
    size_t i = (size_t)str_hash(key) & mask;
    while (m->index[i] && !str_eq(m->entries[m->index[i] - 1].key, key))
        i = (i + 1) & mask;
    return &m->index[i];
}

static struct map_entry *find(const struct map *m, struct str key)
{
    if (m->index) {
        uint32_t at = *slot_of(m, key);
        return at ? &m->entries[at - 1] : NULL;
    }
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->entries[i].key, key))
            return &m->entries[i];
    return NULL;
}

void *map_get(const struct map *m, struct str key)
{
    const struct map_entry *e = find(m, key);
    return e ? e->value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
    return find(m, key) != NULL;
}

static void grow(struct arena *a, struct map *m)
{
    m->cap = m->cap ? m->cap * 2 : LINEAR_MAX;
    PB_ASSERT(m->cap < UINT32_MAX);
    struct map_entry *entries = arena_array(a, struct map_entry, m->cap);
    if (m->n)
        memcpy(entries, m->entries, m->n * sizeof *entries);
    m->entries = entries;
    if (m->cap == LINEAR_MAX)
        return;
    m->index_size = m->cap * 2;
    m->index = arena_array(a, uint32_t, m->index_size);
    for (size_t i = 0; i < m->n; i++)
        *slot_of(m, entries[i].key) = (uint32_t)i + 1;
}

void *map_put(struct arena *a, struct map *m, struct str key, void *value)
{
    struct map_entry *e = find(m, key);
    if (e) {
        void *before = e->value;
        e->value = value;
        return before;
    }
    if (m->n == m->cap)
        grow(a, m);
    m->entries[m->n] = (struct map_entry){key, value};
    if (m->index)
        *slot_of(m, key) = (uint32_t)m->n + 1;
    m->n++;
    return NULL;
}
