#include "router/represent.h"

#define REPRESENTATIONS_BYTES_MAX (64u << 20)

/* What became of writing one representation. */
enum rep_outcome { REP_WRITTEN, REP_LACKING };

struct rep_writer {
    struct buf *out;
    struct rep_lack lack;
};

const struct plan_rep *rep_for(const struct plan_rep *reps, uint32_t n, const struct record *rec)
{
    for (uint32_t i = 0; i < n; i++)
        if (!reps[i].types || (rec->type && bits_has(reps[i].types, rec->type->id)))
            return &reps[i];
    return NULL;
}

static enum rep_outcome write_record(struct rep_writer *w, const struct record *rec, const struct plan_rep *rep);

static enum rep_outcome write_null(struct rep_writer *w, const struct plan_rep_field *field)
{
    if (!field->nullable)
        return REP_LACKING;
    buf_add(w->out, STR("null"));
    return REP_WRITTEN;
}

static enum rep_outcome write_slot(struct rep_writer *w, const struct slot *s, const struct plan_rep_field *field);

static enum rep_outcome write_list(struct rep_writer *w, const struct slot_list *list,
                                   const struct plan_rep_field *field)
{
    buf_add_char(w->out, '[');
    for (uint32_t i = 0; i < list->n; i++) {
        if (i)
            buf_add_char(w->out, ',');
        if (list->items[i].kind == SLOT_NULL)
            buf_add(w->out, STR("null"));
        else if (write_slot(w, &list->items[i], field) == REP_LACKING)
            return REP_LACKING;
    }
    buf_add_char(w->out, ']');
    return REP_WRITTEN;
}

static enum rep_outcome write_slot(struct rep_writer *w, const struct slot *s, const struct plan_rep_field *field)
{
    const struct plan_rep *rep;

    switch (s->kind) {
    case SLOT_LEAF:
        buf_add_mem(w->out, s->leaf, s->len);
        return REP_WRITTEN;
    case SLOT_LIST:
        return write_list(w, s->list, field);
    case SLOT_RECORD:
        rep = rep_for(field->children, field->n_children, s->record);
        return rep ? write_record(w, s->record, rep) : write_null(w, field);
    case SLOT_NULL:
        return write_null(w, field);
    case SLOT_ERROR:
        w->lack.cause = s->errors;
        return REP_LACKING;
    default:
        w->lack.unknown = true;
        return REP_LACKING;
    }
}

static void begin_member(struct buf *out, bool *first, struct str key_json)
{
    if (!*first)
        buf_add_char(out, ',');
    *first = false;
    buf_add(out, key_json);
}

static void write_typename(struct rep_writer *w, const struct record *rec, const struct plan_rep *rep)
{
    if (rep->typename_json.p) {
        buf_add(w->out, rep->typename_json);
        return;
    }
    buf_add_char(w->out, '"');
    buf_add(w->out, rec->type ? rec->type->name : rec->layout->type->name);
    buf_add_char(w->out, '"');
}

static enum rep_outcome write_record(struct rep_writer *w, const struct record *rec, const struct plan_rep *rep)
{
    bool first = true;

    buf_add_char(w->out, '{');
    if (rep->with_typename) {
        begin_member(w->out, &first, STR("\"__typename\":"));
        write_typename(w, rec, rep);
    }
    for (uint32_t i = 0; i < rep->n_fields; i++) {
        const struct plan_rep_field *field = &rep->fields[i];
        begin_member(w->out, &first, field->key_json);
        if (write_slot(w, &rec->slots[field->slot], field) == REP_LACKING)
            return REP_LACKING;
    }
    buf_add_char(w->out, '}');
    return REP_WRITTEN;
}

/* A table of the representations so far. */
struct rep_table {
    uint32_t *index; /* entry number + 1; 0: free */
    uint32_t size;   /* power of two */
    uint64_t seed;   /* of the hash of leaves */
};

static void table_grow(struct arena *a, struct rep_table *t, const struct rep_set *set)
{
    uint32_t size = t->size ? t->size * 2 : 64;
    t->index = arena_array(a, uint32_t, size);
    t->size = size;
    for (uint32_t i = 0; i < set->entries.n; i++) {
        uint32_t at = (uint32_t)set->entries.v[i].hash & (size - 1);
        while (t->index[at])
            at = (at + 1) & (size - 1);
        t->index[at] = i + 1;
    }
}

/* What a representation is told from others by. */
struct rep_key {
    uint64_t hash;
    const struct record *rec;
    const struct plan_rep *flat; /* as in struct rep_entry */
    struct str text;             /* when not flat */
};

static struct str leaf_text(const struct slot *s)
{
    return str_mem(s->leaf, s->len);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keys are short: two loads take all of one. */
static inline uint64_t leaf_hash(uint64_t seed, const struct slot *s)
{
    uint64_t a = 0, b = 0;
    if (s->len > 16) {
        a = str_hash(leaf_text(s));
    } else if (s->len >= 8) {
        memcpy(&a, s->leaf, 8);
        memcpy(&b, s->leaf + s->len - 8, 8);
    } else if (s->len >= 4) {
        memcpy(&a, s->leaf, 4);
        memcpy(&b, s->leaf + s->len - 4, 4);
    } else if (s->len) {
        a = (unsigned char)s->leaf[0] | (unsigned char)s->leaf[s->len / 2] << 8 |
            (unsigned char)s->leaf[s->len - 1] << 16;
    }
    return mix(a ^ seed, b ^ s->len ^ UINT64_C(0x9E3779B97F4A7C15));
}

/* Most representations are a few leaves, and most of them repeat earlier ones: those are found without being written. */
static bool flat_key(uint64_t hash, const struct record *rec, const struct plan_rep *rep, struct rep_key *key)
{
    for (uint32_t i = 0; i < rep->n_fields; i++) {
        const struct slot *s = &rec->slots[rep->fields[i].slot];
        if (s->kind != SLOT_LEAF)
            return false;
        hash = leaf_hash(hash, s);
    }
    *key = (struct rep_key){.hash = hash, .rec = rec, .flat = rep};
    return true;
}

static bool key_is(const struct rep_key *key, const struct rep_entry *e, const struct rep_set *set)
{
    if (key->hash != e->hash || key->flat != e->flat)
        return false;
    if (!key->flat)
        return str_eq(key->text, str_mem(set->json.p + e->offset, e->len));
    if (key->rec->type != e->first->type)
        return false;
    for (uint32_t i = 0; i < key->flat->n_fields; i++) {
        const struct slot *a = &key->rec->slots[key->flat->fields[i].slot],
                          *b = &e->first->slots[key->flat->fields[i].slot];
        if (a->len != b->len || (a->leaf != b->leaf && memcmp(a->leaf, b->leaf, a->len) != 0))
            return false;
    }
    return true;
}

/* Gives the entry that has this key, or NULL after making a place for it at *slot. */
static struct rep_entry *table_find(struct arena *a, struct rep_table *t, struct rep_set *set,
                                    const struct rep_key *key, uint32_t **slot)
{
    if (set->entries.n * 2 >= t->size)
        table_grow(a, t, set);
    uint32_t at = (uint32_t)key->hash & (t->size - 1);
    for (; t->index[at]; at = (at + 1) & (t->size - 1)) {
        struct rep_entry *e = &set->entries.v[t->index[at] - 1];
        if (key_is(key, e, set))
            return e;
    }
    *slot = &t->index[at];
    return NULL;
}

void rep_leave_out(struct result *r, struct record *rec, const struct plan_shape *shape, const struct rep_lack *lack)
{
    for (const struct error_link *cause = lack->cause; cause; cause = cause->next)
        record_fail(r, rec, shape, cause->error);
    if (!lack->cause && !lack->unknown)
        record_null(r, rec, shape);
}

/* Writes the representation at the end of the set's JSON; *begin is where it starts. */
static bool append_record(struct result *r, struct rep_set *set, struct record *rec, const struct plan_rep *rep,
                          size_t *begin)
{
    struct rep_writer w = {.out = &set->json};
    size_t before = set->json.len;

    if (set->entries.n)
        buf_add_char(&set->json, ',');
    *begin = set->json.len;
    if (write_record(&w, rec, rep) == REP_WRITTEN)
        return true;
    buf_truncate(&set->json, before);
    rep_leave_out(r, rec, set->entities->shape, &w.lack);
    return false;
}

/* False when it has to be told from others by its text, or was left out. */
static bool collect_record(struct result *r, struct rep_set *set, struct rep_table *table, struct record *rec,
                           const struct plan_rep *rep)
{
    struct rep_key key;
    uint32_t *place;
    size_t before = set->json.len, begin = before;
    bool flat = flat_key(table->seed, rec, rep, &key);

    if (!flat) {
        if (!append_record(r, set, rec, rep, &begin))
            return false;
        struct str text = str_mem(set->json.p + begin, set->json.len - begin);
        key = (struct rep_key){.hash = str_hash(text), .rec = rec, .text = text};
    }
    struct rep_entry *same = table_find(r->arena, table, set, &key, &place);
    if (same) {
        buf_truncate(&set->json, before);
        vec_push(r->arena, &same->others, rec);
        return flat;
    }
    if (flat)
        append_record(r, set, rec, rep, &begin); /* leaves are never lacking */
    vec_push(r->arena, &set->entries,
             (struct rep_entry){.first = rec, .offset = (uint32_t)begin, .len = (uint32_t)(set->json.len - begin),
                                .hash = key.hash, .flat = key.flat});
    *place = (uint32_t)set->entries.n;
    return flat;
}

/* Returns whether all of the targets were told apart by their leaves. */
static bool collect_all(struct result *r, struct rep_set *set, const struct record_vec *targets)
{
    const struct plan_entities *entities = set->entities;
    struct rep_table table = {.seed = str_hash(STR("representations"))};
    bool flat = true;

    for (size_t i = 0; i < targets->n; i++) {
        const struct plan_rep *rep = rep_for(entities->reps, entities->n_reps, targets->v[i]);
        if (!rep && !targets->v[i]->type)
            record_null(r, targets->v[i], entities->shape); /* there is no such object */
        flat &= rep && collect_record(r, set, &table, targets->v[i], rep);
    }
    return flat;
}

/* ---- record by record ---- */

struct rep_collector {
    struct rep_table table;
};

struct rep_collector *rep_collector_new(struct result *r)
{
    struct rep_collector *c = arena_new_of(r->arena, struct rep_collector);
    c->table.seed = str_hash(STR("representations"));
    return c;
}

void rep_set_begin(const struct plan_entities *entities, struct rep_set *set)
{
    *set =
        (struct rep_set){.entities = entities, .alias = entities->alias, .variable = entities->variable, .answer = -1};
    buf_init(&set->json, REPRESENTATIONS_BYTES_MAX);
    buf_add_char(&set->json, '[');
}

void rep_set_add(struct result *r, struct rep_set *set, struct rep_collector *c, struct record *rec,
                 const struct plan_rep *rep)
{
    collect_record(r, set, &c->table, rec, rep);
}

void rep_set_end(struct rep_set *set)
{
    buf_add_char(&set->json, ']');
}

/* ---- the same records once more ---- */

/* How the first set has grouped all records of a target: those of one group have equal leaves. Most later sets ask for
 * the same leaves, or for these and some that the group's records got together. */
struct rep_groups {
    const struct plan_rep *rep;
    size_t n_targets;
    const struct rep_entry *v;
    size_t n;
};

/* One representation for all records of the target, whatever their runtime types. */
static const struct plan_rep *only_rep(const struct plan_entities *entities)
{
    const struct plan_rep *rep = entities->reps;
    return entities->n_reps == 1 && !rep->types && rep->typename_json.p ? rep : NULL;
}

static bool has_slot(const struct plan_rep *rep, uint32_t slot)
{
    for (uint32_t i = 0; i < rep->n_fields; i++)
        if (rep->fields[i].slot == slot)
            return true;
    return false;
}

/* Is this slot of all records of the group one and the same leaf? */
static bool one_leaf(const struct rep_entry *group, uint32_t slot)
{
    const struct slot *leaf = &group->first->slots[slot];

    if (leaf->kind != SLOT_LEAF)
        return false;
    for (size_t i = 0; i < group->others.n; i++) {
        const struct slot *other = &group->others.v[i]->slots[slot];
        if (other->kind != SLOT_LEAF || other->leaf != leaf->leaf || other->len != leaf->len)
            return false;
    }
    return true;
}

static bool groups_serve(const struct rep_groups *groups, const struct plan_rep *rep, const struct record_vec *targets)
{
    if (groups->n_targets != targets->n)
        return false;
    for (uint32_t i = 0; i < groups->rep->n_fields; i++)
        if (!has_slot(rep, groups->rep->fields[i].slot))
            return false;
    for (uint32_t i = 0; i < rep->n_fields; i++)
        for (size_t k = 0; !has_slot(groups->rep, rep->fields[i].slot) && k < groups->n; k++)
            if (!one_leaf(&groups->v[k], rep->fields[i].slot))
                return false;
    return true;
}

static void collect_groups(struct result *r, struct rep_set *set, const struct plan_rep *rep,
                           const struct rep_groups *groups)
{
    size_t begin;

    vec_reserve(r->arena, &set->entries, groups->n);
    for (size_t i = 0; i < groups->n; i++) {
        append_record(r, set, groups->v[i].first, rep, &begin);
        vec_push(r->arena, &set->entries,
                 (struct rep_entry){.first = groups->v[i].first, .others = groups->v[i].others, .offset = (uint32_t)begin,
                                    .len = (uint32_t)(set->json.len - begin), .flat = rep});
    }
}

static void remember_groups(struct result *r, const struct rep_set *set, const struct plan_rep *rep, size_t n_targets)
{
    struct rep_groups *groups = arena_new_of(r->arena, struct rep_groups);
    *groups = (struct rep_groups){.rep = rep, .n_targets = n_targets, .v = set->entries.v, .n = set->entries.n};
    r->groups[set->entities->target->id] = groups;
}

/* Nothing is said of a record whose root is asked again, so all of them are one entry. */
static void collect_reentry(struct result *r, struct rep_set *set)
{
    const struct record_vec *targets = &r->targets[set->entities->target->id];
    for (size_t i = 0; i < targets->n; i++) {
        if (!rep_for(set->entities->reps, set->entities->n_reps, targets->v[i]))
            continue;
        if (set->entries.n)
            vec_push(r->arena, &set->entries.v[0].others, targets->v[i]);
        else
            vec_push(r->arena, &set->entries, (struct rep_entry){.first = targets->v[i]});
    }
}

void rep_set_collect(struct result *r, const struct plan_entities *entities, struct rep_set *out)
{
    const struct record_vec *targets = &r->targets[entities->target->id];
    const struct rep_groups *groups = r->groups[entities->target->id];
    const struct plan_rep *rep = only_rep(entities);

    if (entities->reentry) {
        *out = (struct rep_set){.entities = entities};
        collect_reentry(r, out);
        return;
    }
    rep_set_begin(entities, out);
    if (rep && groups && groups_serve(groups, rep, targets))
        collect_groups(r, out, rep, groups);
    else if (collect_all(r, out, targets) && rep)
        remember_groups(r, out, rep, targets->n);
    rep_set_end(out);
}

void rep_set_free(struct rep_set *set)
{
    buf_free(&set->json);
}
