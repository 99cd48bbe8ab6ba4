#include "router/warm.h"

#include "base/timestamp.h"
#include "router/operation.h"

/* The same permissions, in the new supergraph's numbers. */
static struct bits *translate(struct arena *a, const struct supergraph *from, const struct bits *granted,
                              const struct supergraph *to)
{
    struct bits *out = bits_new(a, to->n_auth);
    for (uint32_t i = 0; granted && i < to->n_auth; i++)
        for (uint32_t k = 0; k < from->n_auth; k++)
            if (bits_has(granted, k) && sg_auth_equal(&from->auth[k], &to->auth[i]))
                bits_set(out, i);
    return out;
}

static struct bits *translate_labels(struct arena *a, const struct supergraph *from, const struct bits *on,
                                     const struct supergraph *to)
{
    struct bits *out = bits_new(a, to->n_labels);
    for (uint32_t i = 0; i < to->n_labels; i++)
        for (uint32_t k = 0; k < from->n_labels; k++)
            if (bits_has(on, k) && str_eq(from->labels[k].text, to->labels[i].text))
                bits_set(out, i);
    return out;
}

static struct gql_variables condition_values(struct arena *a, const struct operation *o, const struct hot_plan *plan)
{
    struct gql_variables vars = {.v = arena_array(a, struct gql_variable, o->n_conditions), .n = o->n_conditions};
    for (uint32_t i = 0; i < o->n_conditions; i++) {
        struct json *value = arena_new_of(a, struct json);
        *value = (struct json){.kind = JSON_BOOL, .boolean = plan->conditions[i] == '1'};
        vars.v[i] = (struct gql_variable){.name = o->conditions[i], .value = value};
    }
    return vars;
}

/* False when it cannot be asked any more. */
static bool warm_one(struct graph *to, const struct graph *from, const struct hot_operation *hot,
                     struct warm_report *report)
{
    struct arena *a = arena_new(0);
    struct gql_errors errors = {0};
    struct operation *o =
        operation_warm(to->operations, hot->operation->text, hot->operation->name, hot->heat, a, &errors);
    bool good = o != NULL;

    for (uint32_t i = 0; good && i < hot->n_plans; i++) {
        struct gql_variables vars = condition_values(a, hot->operation, &hot->plans[i]);
        struct bits *auth = translate(a, from->supergraph, hot->plans[i].granted, to->supergraph);
        struct bits *labels = translate_labels(a, from->supergraph, hot->plans[i].labels, to->supergraph);
        good = operation_warm_plan(to->operations, o, &vars, auth, labels, a, &errors);
        report->plans += good;
    }
    operation_unref(&o);
    arena_free(&a);
    return good;
}

static void report_invalid(struct arena *a, const struct operation *o, struct warm_report *report)
{
    struct str name = o->definition->name.s.len ? o->definition->name.s : STR("(without a name)");
    if (report->invalid++ < WARM_NAMES_MAX)
        report->invalid_names = arena_printf(a, "%.*s%s%.*s", STR_ARG(report->invalid_names),
                                             report->invalid > 1 ? ", " : "", STR_ARG(name));
    else if (report->invalid == WARM_NAMES_MAX + 1)
        report->invalid_names = arena_printf(a, "%.*s, …", STR_ARG(report->invalid_names));
}

void graph_warm(struct graph *to, const struct graph *from, const struct warm_options *options, struct arena *a,
                struct warm_report *report)
{
    struct hot_operation *hot;
    int64_t until = clock_monotonic_us() + options->timeout_us;

    *report = (struct warm_report){.hottest = operation_cache_hottest(from->operations, a, options->operations, &hot)};
    for (uint32_t i = 0; i < report->hottest; i++) {
        bool stopped = options->stop && __atomic_load_n(options->stop, __ATOMIC_RELAXED);
        report->out_of_time |= stopped || clock_monotonic_us() >= until;
        if (!report->out_of_time) {
            if (warm_one(to, from, &hot[i], report))
                report->ready++;
            else
                report_invalid(a, hot[i].operation, report);
        }
        operation_unref(&hot[i].operation);
    }
}
