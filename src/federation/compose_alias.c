/* The prefixes of features in the supergraph. A feature has its own name as prefix, unless that is taken: by another
 * feature, or by an element that is imported under a name of that form. Then it gets a prefix of its own, and all its
 * directives keep the names that the subgraphs gave them by being imported. */
#include "federation/compose_merge.h"

struct aliases {
    struct merge *mg;
    struct fed_name_vec taken; /* prefixes so far */
    uint32_t n;                /* prefixes that had to be made up */
};

/* The rest of `name` when it has the form PREFIX__rest, all of it for PREFIX itself; STR_NONE for other names. */
static struct str below_prefix(struct str name, struct str prefix)
{
    if (!str_starts(name, prefix))
        return STR_NONE;
    struct str rest = str_sub(name, prefix.len, name.len);
    if (rest.len == 0)
        return prefix;
    return rest.len > 2 && str_starts(rest, STR("__")) ? str_sub(rest, 2, rest.len) : STR_NONE;
}

static bool import_takes(const struct link_feature *owner, const struct link_import *i, const struct link_feature *f,
                         struct str prefix)
{
    struct str rest = below_prefix(str_sub(i->as, 1, i->as.len), prefix);
    return rest.p && !(owner == f && str_eq(rest, str_sub(i->name, 1, i->name.len)));
}

static bool is_taken(const struct aliases *al, const struct link_feature *f, struct str prefix)
{
    for (size_t i = 0; i < al->taken.n; i++)
        if (str_eq(al->taken.v[i], prefix))
            return true;
    for (size_t i = 0; i < al->mg->features.n; i++) {
        const struct link_feature *other = al->mg->features.v[i];
        for (size_t j = 0; j < other->imports.n; j++)
            if (import_takes(other, &other->imports.v[j], f, prefix))
                return true;
    }
    return false;
}

static void import_directives(struct merge *mg, struct link_feature *f)
{
    for (size_t i = 0; i < mg->directives.n; i++) {
        const struct merged_directive *d = mg->directives.entries[i].value;
        if (!d->spec || d->spec->id == FED_CACHE_TAG || link_find_spec(&mg->features, str_c(d->spec->feature)) != f ||
            str_eq(link_directive_name(mg->a, f, str_c(d->spec->name)), d->name))
            continue;
        vec_push(mg->a, &f->imports,
                 (struct link_import){arena_printf(mg->a, "@%s", d->spec->name),
                                      arena_printf(mg->a, "@%.*s", STR_ARG(d->name))});
    }
}

static void choose(struct aliases *al, struct link_feature *f)
{
    const char *first = "_abcdefghijklmnopqrstuvwxyz";
    if (is_taken(al, f, f->name)) {
        do
            f->alias = arena_printf(al->mg->a, "%c%u%.*s", *first, al->n, STR_ARG(f->name));
        while (is_taken(al, f, f->alias) && *++first);
        al->n++;
    }
    vec_push(al->mg->a, &al->taken, f->alias);
    import_directives(al->mg, f);
}

/* link and join keep their prefixes: nothing may be imported under a name of that form. */
static void check_machinery(struct merge *mg, const struct link_feature *f)
{
    static const char *const MACHINERY[] = {"link", "join"};
    for (size_t i = 0; i < f->imports.n; i++)
        for (size_t j = 0; j < sizeof MACHINERY / sizeof *MACHINERY; j++) {
            struct str as = f->imports.v[i].as;
            if (below_prefix(str_sub(as, 1, as.len), str_c(MACHINERY[j])).p)
                msg_error(
                    mg->m, (struct where){.coordinate = as}, "INVALID_LINK_DIRECTIVE_USAGE",
                    "\"%.*s\" of %.*s cannot be called \"%.*s\" in the supergraph, whose machinery has such names: "
                    "import it under another name",
                    STR_ARG(f->imports.v[i].name), STR_ARG(f->identity), STR_ARG(as));
        }
}

void merge_choose_prefixes(struct merge *mg)
{
    struct aliases al = {.mg = mg};
    vec_push(mg->a, &al.taken, STR("link"));
    vec_push(mg->a, &al.taken, STR("join"));
    for (size_t i = 0; i < mg->features.n; i++) {
        check_machinery(mg, mg->features.v[i]);
        choose(&al, mg->features.v[i]);
    }
}
