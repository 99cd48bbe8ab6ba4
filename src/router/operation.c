#include "router/operation.h"

#include "base/panic.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "io/fiber.h"

#include <pthread.h>

/* ---- plans of one operation ---- */

struct plan_entry {
    struct str key;
    struct plan *plan;
    uint64_t used; /* tick of the last use */
    struct heat heat;
    uint32_t n_conditions; /* of the key; the rest are permissions, none for all of them */
};

struct operation_plans {
    struct plan_entry v[OPERATION_PLANS_MAX];
    uint32_t n;
};

struct operation_cache {
    pthread_mutex_t mutex; /* guards everything below; held for look-ups only, never while preparing */
    const struct graph *graph;
    uint32_t max;
    struct operation **buckets;
    uint32_t n_buckets;
    struct operation *newest, *oldest;
    uint64_t tick; /* operations found */
    uint64_t uses; /* plans found or made */
    struct operation_cache_stats stats;
};

static void operation_destroy(struct operation *o)
{
    struct arena *arena = o->arena;
    for (uint32_t i = 0; i < o->plans->n; i++) {
        free((void *)o->plans->v[i].key.p);
        plan_unref(&o->plans->v[i].plan);
    }
    free(o->plans);
    arena_free(&arena);
}

void operation_unref(struct operation **po)
{
    struct operation *o = *po;
    *po = NULL;
    if (o && __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0)
        operation_destroy(o);
}

struct operation *operation_ref(struct operation *o)
{
    __atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
    return o;
}

/* ---- the table ---- */

struct operation_cache *operation_cache_new(const struct graph *g, uint32_t max)
{
    struct operation_cache *c = xcalloc(1, sizeof *c);
    pthread_mutex_init(&c->mutex, NULL);
    c->graph = g;
    c->max = max ? max : OPERATIONS_MAX_DEFAULT;
    for (c->n_buckets = 64; c->n_buckets < c->max; c->n_buckets *= 2)
        ;
    c->buckets = xcalloc(c->n_buckets, sizeof(struct operation *));
    return c;
}

static void list_remove(struct operation_cache *c, struct operation *o)
{
    *(o->newer ? &o->newer->older : &c->newest) = o->older;
    *(o->older ? &o->older->newer : &c->oldest) = o->newer;
    o->newer = o->older = NULL;
}

static void list_push(struct operation_cache *c, struct operation *o)
{
    o->older = c->newest;
    o->newer = NULL;
    *(c->newest ? &c->newest->newer : &c->oldest) = o;
    c->newest = o;
}

static void cache_remove(struct operation_cache *c, struct operation *o)
{
    struct operation **at = &c->buckets[o->hash & (c->n_buckets - 1)];
    while (*at != o)
        at = &(*at)->next_in_bucket;
    *at = o->next_in_bucket;
    list_remove(c, o);
    c->stats.entries--;
    operation_unref(&o);
}

void operation_cache_free(struct operation_cache **pc)
{
    struct operation_cache *c = *pc;
    *pc = NULL;
    if (!c)
        return;
    while (c->oldest)
        cache_remove(c, c->oldest);
    pthread_mutex_destroy(&c->mutex);
    free(c->buckets);
    free(c);
}

void operation_cache_stats(struct operation_cache *c, struct operation_cache_stats *out)
{
    pthread_mutex_lock(&c->mutex);
    *out = c->stats;
    pthread_mutex_unlock(&c->mutex);
}

static uint32_t heat_now(const struct operation_cache *c, const struct heat *h)
{
    uint64_t halvings = c->tick / OPERATION_HEAT_HALVING - h->age;
    return halvings < 32 ? h->count >> halvings : 0;
}

static void heat_add(struct operation_cache *c, struct heat *h)
{
    uint32_t count = heat_now(c, h);
    *h = (struct heat){count + (count < UINT32_MAX), (uint32_t)(c->tick / OPERATION_HEAT_HALVING)};
}

/* No name is another request than an empty one. */
static bool same_name(struct str a, struct str b)
{
    return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static struct operation *cache_find(struct operation_cache *c, uint64_t hash, struct str text, struct str name)
{
    struct operation *o = c->buckets[hash & (c->n_buckets - 1)];
    while (o && !(o->hash == hash && str_eq(o->text, text) && same_name(o->name, name)))
        o = o->next_in_bucket;
    return o;
}

static struct operation *cache_get(struct operation_cache *c, uint64_t hash, struct str text, struct str name)
{
    pthread_mutex_lock(&c->mutex);
    struct operation *o = cache_find(c, hash, text, name);
    if (o) {
        list_remove(c, o);
        list_push(c, o);
        operation_ref(o);
        c->tick++;
        heat_add(c, &o->heat);
        c->stats.hits++;
    } else {
        c->stats.misses++;
    }
    pthread_mutex_unlock(&c->mutex);
    return o;
}

/* Puts `o` in, unless another worker was faster: then gives that one. */
static struct operation *cache_put(struct operation_cache *c, struct operation *o)
{
    pthread_mutex_lock(&c->mutex);
    struct operation *other = cache_find(c, o->hash, o->text, o->name);
    if (other) {
        operation_ref(other);
        operation_unref(&o);
        pthread_mutex_unlock(&c->mutex);
        return other;
    }
    while (c->stats.entries >= c->max) {
        cache_remove(c, c->oldest);
        c->stats.evicted++;
    }
    struct operation **bucket = &c->buckets[o->hash & (c->n_buckets - 1)];
    o->next_in_bucket = *bucket;
    *bucket = operation_ref(o);
    list_push(c, o);
    c->stats.entries++;
    pthread_mutex_unlock(&c->mutex);
    return o;
}

/* ---- preparing an operation ---- */

/* Validation lets __schema and __type stand wherever the type is Query, which any field may return. */
static const struct gql_selection *introspection_in(const struct gql_selection_set *set)
{
    const struct gql_selection *found = NULL;

    for (uint32_t i = 0; set && i < set->n && !found; i++) {
        const struct gql_selection *s = set->items[i];
        if (s->kind == GQL_FIELD && (str_eq(s->name.s, STR("__schema")) || str_eq(s->name.s, STR("__type"))))
            found = s;
        else
            found = introspection_in(s->selections);
    }
    return found;
}

/* Of any definition: fragments that only another operation uses count as well. */
static const struct gql_selection *introspection_of(const struct gql_document *doc)
{
    const struct gql_selection *found = NULL;

    for (uint32_t i = 0; i < doc->n && !found; i++)
        found = introspection_in(doc->definitions[i]->selections);
    return found;
}

struct prepare_job {
    struct operation_cache *cache;
    struct str text, name;
    uint64_t hash;
    struct arena *error_arena;
    struct gql_errors *errors;
    struct operation *made;
};

static void prepare(void *arg)
{
    struct prepare_job *job = arg;
    const struct graph *g = job->cache->graph;
    struct arena *a = arena_new(0);
    struct operation *o = arena_new_of(a, struct operation);
    struct gql_errors errors = {0};

    o->refs = 1;
    o->arena = a;
    o->hash = job->hash;
    o->text = arena_str(a, job->text);
    o->name = job->name.p ? arena_str(a, job->name) : STR_NONE;
    o->document = gql_parse(a, o->text, &(struct gql_parse_options){.max_tokens = GQL_TOKENS_MAX_DEFAULT}, &errors);
    if (o->document && gql_validate(a, g->supergraph->api, o->document, &errors))
        o->definition = gql_document_operation(a, o->document, o->name, &errors);
    if (!o->definition) {
        for (size_t i = 0; i < errors.n; i++)
            gql_error_add(job->error_arena, job->errors, arena_str(job->error_arena, errors.v[i].code),
                          errors.v[i].locs, errors.v[i].n_locs, "%.*s", STR_ARG(errors.v[i].message));
        arena_free(&a);
        return;
    }
    o->plans = xcalloc(1, sizeof *o->plans);
    o->n_conditions = planner_condition_variables(a, o->document, o->definition, false, &o->conditions);
    o->auth_used = bits_new(a, g->supergraph->n_auth);
    o->introspection = introspection_of(o->document);
    planner_auth_used(g->planner, o->document, o->definition, o->auth_used);
    o->labels_used = bits_new(a, g->supergraph->n_labels);
    planner_labels_used(g->planner, o->document, o->definition, o->labels_used);
    job->made = o;
}

static uint64_t operation_hash(struct str text, struct str name)
{
    return str_hash(text) ^ (name.len ? str_hash(name) * UINT64_C(0x9E3779B97F4A7C15) : 0);
}

struct operation *operation_get(struct operation_cache *c, struct str text, struct str name, struct arena *error_arena,
                                struct gql_errors *errors)
{
    uint64_t hash = operation_hash(text, name);
    struct operation *o = cache_get(c, hash, text, name);
    if (o)
        return o;

    struct prepare_job job = {
        .cache = c, .text = text, .name = name, .hash = hash, .error_arena = error_arena, .errors = errors};
    fiber_offload(prepare, &job);
    return job.made ? cache_put(c, job.made) : NULL;
}

/* ---- planning ---- */

static size_t bytes_of(const struct bits *b)
{
    return (b->cap + 63) / 64 * sizeof(uint64_t);
}

/* Those of `set` that count for the operation; NULL is none. */
static void key_bits(uint8_t *to, const struct bits *set, const struct bits *used)
{
    for (size_t i = 0; set && i < bytes_of(used) / sizeof(uint64_t); i++) {
        uint64_t word = set->w[i] & used->w[i];
        memcpy(to + i * sizeof word, &word, sizeof word);
    }
}

/* Conditions, permissions, labels. */
static struct str plan_key(struct arena *a, const struct operation *o, const struct gql_variables *variables,
                           const struct bits *auth, const struct bits *labels)
{
    size_t n_auth = bytes_of(o->auth_used), n_labels = bytes_of(o->labels_used);
    uint8_t *key = arena_alloc(a, o->n_conditions + n_auth + n_labels + 1);

    for (uint32_t i = 0; i < o->n_conditions; i++) {
        const struct gql_variable *v = gql_variables_find(variables, o->conditions[i]);
        key[i] = v && v->value && v->value->kind == JSON_BOOL && v->value->boolean ? '1' : '0';
    }
    key_bits(key + o->n_conditions, auth, o->auth_used);
    key_bits(key + o->n_conditions + n_auth, labels, o->labels_used);
    return str_mem(key, o->n_conditions + n_auth + n_labels);
}

static struct plan *plans_find(struct operation_cache *c, struct operation *o, struct str key)
{
    for (uint32_t i = 0; i < o->plans->n; i++)
        if (str_eq(o->plans->v[i].key, key)) {
            o->plans->v[i].used = ++c->uses;
            heat_add(c, &o->plans->v[i].heat);
            return plan_ref(o->plans->v[i].plan);
        }
    return NULL;
}

static void plans_put(struct operation_cache *c, struct operation *o, struct str key, struct plan *plan)
{
    struct operation_plans *plans = o->plans;
    struct plan_entry *place = &plans->v[0];

    if (plans->n < OPERATION_PLANS_MAX) {
        place = &plans->v[plans->n++];
    } else {
        for (uint32_t i = 1; i < plans->n; i++)
            if (plans->v[i].used < place->used)
                place = &plans->v[i];
        free((void *)place->key.p);
        plan_unref(&place->plan);
    }
    char *copy = xmalloc(key.len + 1);
    memcpy(copy, key.p, key.len);
    *place = (struct plan_entry){.key = str_mem(copy, key.len), .plan = plan_ref(plan), .used = ++c->uses,
                                 .n_conditions = o->n_conditions};
    heat_add(c, &place->heat);
}

struct plan_job {
    const struct planner *planner;
    struct plan_request request;
    struct arena *error_arena;
    struct gql_errors *errors;
    struct plan *made;
};

static void plan_run(void *arg)
{
    struct plan_job *job = arg;
    job->made = planner_plan(job->planner, &job->request, job->error_arena, job->errors);
}

static struct plan *plan_known(struct operation_cache *c, struct operation *o, struct str key)
{
    pthread_mutex_lock(&c->mutex);
    struct plan *plan = plans_find(c, o, key);
    if (plan)
        c->stats.plan_hits++;
    else
        c->stats.plan_misses++;
    pthread_mutex_unlock(&c->mutex);
    return plan;
}

/* Keeps a plan that was made, unless another worker was faster: then gives that one. */
static struct plan *plan_keep(struct operation_cache *c, struct operation *o, struct str key, struct plan *made)
{
    pthread_mutex_lock(&c->mutex);
    struct plan *other = plans_find(c, o, key);
    if (other)
        plan_unref(&made);
    else
        plans_put(c, o, key, made);
    pthread_mutex_unlock(&c->mutex);
    return other ? other : made;
}

struct plan *operation_plan(struct operation_cache *c, struct operation *o, const struct gql_variables *variables,
                            const struct bits *auth, const struct bits *labels, struct arena *error_arena,
                            struct gql_errors *errors)
{
    struct str key = plan_key(error_arena, o, variables, auth, labels);
    struct plan *plan = plan_known(c, o, key);
    if (plan)
        return plan;

    struct plan_job job = {
        .planner = c->graph->planner,
        .request = {.document = o->document, .operation = o->definition, .variables = variables, .auth = auth, .labels = labels},
        .error_arena = error_arena,
        .errors = errors,
    };
    fiber_offload(plan_run, &job);
    return job.made ? plan_keep(c, o, key, job.made) : NULL;
}

/* ---- moving to another graph ---- */

struct candidate {
    struct operation *operation;
    uint32_t heat;
};

/* Entries with references. Only this holds the lock for more than one entry. */
static uint32_t scan(struct operation_cache *c, struct candidate *out, uint32_t max)
{
    uint32_t n = 0;
    pthread_mutex_lock(&c->mutex);
    for (struct operation *o = c->newest; o && n < max; o = o->older)
        out[n++] = (struct candidate){operation_ref(o), heat_now(c, &o->heat)};
    pthread_mutex_unlock(&c->mutex);
    return n;
}

static int hotter(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->heat < y->heat) - (x->heat > y->heat);
}

static void take_hot_plan(struct arena *a, const struct plan_entry *e, const struct operation *o, struct hot_plan *out)
{
    struct bits *granted = bits_new(a, o->auth_used->cap), *labels = bits_new(a, o->labels_used->cap);

    memcpy(granted->w, e->key.p + e->n_conditions, bytes_of(granted));
    memcpy(labels->w, e->key.p + e->n_conditions + bytes_of(granted), bytes_of(labels));
    *out = (struct hot_plan){
        .conditions = arena_cstr(a, str_sub(e->key, 0, e->n_conditions)), .granted = granted, .labels = labels};
}

static void take_hot_plans(struct operation_cache *c, struct arena *a, struct hot_operation *hot)
{
    const struct operation_plans *plans = hot->operation->plans;
    bool taken[OPERATION_PLANS_MAX] = {0};

    pthread_mutex_lock(&c->mutex);
    while (hot->n_plans < HOT_PLANS_MAX && hot->n_plans < plans->n) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < plans->n; i++)
            if (!taken[i] && (best == UINT32_MAX || heat_now(c, &plans->v[i].heat) > heat_now(c, &plans->v[best].heat)))
                best = i;
        taken[best] = true;
        take_hot_plan(a, &plans->v[best], hot->operation, &hot->plans[hot->n_plans++]);
    }
    pthread_mutex_unlock(&c->mutex);
}

uint32_t operation_cache_hottest(struct operation_cache *c, struct arena *a, uint32_t max, struct hot_operation **out)
{
    struct candidate *all = arena_array(a, struct candidate, OPERATION_SCAN_MAX);
    uint32_t n = scan(c, all, OPERATION_SCAN_MAX), kept = n < max ? n : max;

    qsort(all, n, sizeof *all, hotter);
    *out = arena_array(a, struct hot_operation, kept);
    for (uint32_t i = 0; i < n; i++) {
        if (i >= kept) {
            operation_unref(&all[i].operation);
            continue;
        }
        (*out)[i] = (struct hot_operation){.operation = all[i].operation, .heat = all[i].heat};
        take_hot_plans(c, a, &(*out)[i]);
    }
    return kept;
}

struct operation *operation_warm(struct operation_cache *c, struct str text, struct str name, uint32_t heat,
                                 struct arena *error_arena, struct gql_errors *errors)
{
    struct prepare_job job = {.cache = c, .text = text, .name = name, .hash = operation_hash(text, name),
                              .error_arena = error_arena, .errors = errors};
    prepare(&job);
    if (!job.made)
        return NULL;
    job.made->heat.count = heat;
    return cache_put(c, job.made);
}

bool operation_warm_plan(struct operation_cache *c, struct operation *o, const struct gql_variables *variables,
                         const struct bits *auth, const struct bits *labels, struct arena *error_arena,
                         struct gql_errors *errors)
{
    struct plan_request request = {
        .document = o->document, .operation = o->definition, .variables = variables, .auth = auth, .labels = labels};
    struct plan *plan = planner_plan(c->graph->planner, &request, error_arena, errors);
    if (!plan)
        return false;
    plan = plan_keep(c, o, plan_key(error_arena, o, variables, auth, labels), plan);
    plan_unref(&plan);
    return true;
}
