#include "check/check.h"

/* ---- changes in their order ---- */

static void take(struct arena *a, struct change_vec *out, const struct change_vec *all, enum change_level level,
                 bool ignore_descriptions)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].level == level && !(ignore_descriptions && change_about(all->v[i].kind)->description))
            vec_push(a, out, all->v[i]);
}

static struct change_vec by_severity(struct arena *a, const struct change_vec *all, bool ignore_descriptions)
{
    struct change_vec out = {0};
    take(a, &out, all, CHANGE_BREAKING, ignore_descriptions);
    take(a, &out, all, CHANGE_DANGEROUS, ignore_descriptions);
    take(a, &out, all, CHANGE_SAFE, ignore_descriptions);
    return out;
}

/* ---- verdicts ---- */

static enum check_fate fate(const struct check *k, size_t i)
{
    const struct change *c = &k->changes.v[i];
    bool counts = !k->operations || k->options.strict || k->usage.changes[i].n > 0;
    if (c->level == CHANGE_SAFE || c->implied)
        return CHECK_FINE;
    if (c->level == CHANGE_BREAKING)
        return counts ? CHECK_FAILS : CHECK_UNUSED;
    return k->options.fail_on_dangerous && counts ? CHECK_FAILS : CHECK_WARNS;
}

static void judge(struct arena *a, struct check *k)
{
    k->fates = arena_array(a, enum check_fate, k->changes.n);
    for (size_t i = 0; i < k->changes.n; i++) {
        const struct change *c = &k->changes.v[i];
        k->fates[i] = fate(k, i);
        k->n_failing += k->fates[i] == CHECK_FAILS;
        k->n_unused += k->fates[i] == CHECK_UNUSED;
        if (c->implied)
            k->n_implied++;
        else
            k->levels[c->level]++;
    }
    k->failed = k->n_failing > 0 || k->usage.states[OPERATION_BROKEN] > 0;
}

struct check check_run(struct arena *a, const struct check_input *from, const struct check_input *to,
                       const struct operations *operations, const struct check_options *options)
{
    struct check k = {.from = from, .to = to, .operations = operations, .options = *options};
    if (!to->schema) {
        k.failed = true;
        return k;
    }
    struct change_vec all = diff_schemas(a, from->schema, to->schema);
    k.changes = by_severity(a, &all, options->ignore_descriptions);
    if (operations)
        k.usage = usage_find(a, from->schema, to->schema, &k.changes, operations);
    judge(a, &k);
    return k;
}
