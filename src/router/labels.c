#include "router/exchange.h"

#include "base/log.h"

static const struct router_label *configured(const struct router_options *o, struct str label)
{
    for (unsigned i = 0; i < o->n_labels; i++)
        if (str_eq(o->labels[i].label, label))
            return &o->labels[i];
    return NULL;
}

/* What the header (`a, b=off, percent(5)=on`) says of a label: 1 on, 0 off, -1 nothing. The last word counts. */
static int said(struct str header, struct str label)
{
    struct str item, value;
    int on = -1;

    while (str_split(&header, ',', &item)) {
        struct str rest = str_trim(item), name;
        str_split(&rest, '=', &name);
        value = str_trim(rest);
        if (!str_eq(str_trim(name), label))
            continue;
        if (!value.len || str_eq(value, STR("on")))
            on = 1;
        else if (str_eq(value, STR("off")))
            on = 0;
    }
    return on;
}

/* A number below 100 for each label of a request: equal texts are one label, so one roll serves all its fields. */
static double roll(struct exchange *x)
{
    uint32_t dice;
    loop_random(x->worker->loop, &dice, sizeof dice);
    return dice * (100.0 / 4294967296.0);
}

static bool is_on(struct exchange *x, struct str header, const struct sg_label *label)
{
    int forced = header.len ? said(header, label->text) : -1;
    if (forced >= 0)
        return forced;
    const struct router_label *set = configured(x->worker->router->options, label->text);
    double percent = set ? set->percent : label->percent;
    return percent > 0 && (percent >= 100 || roll(x) < percent);
}

const struct bits *labels_choose(struct exchange *x)
{
    const struct supergraph *s = x->graph->supergraph;
    const struct bits *used = x->operation->labels_used;
    struct str name = x->worker->router->options->labels_header, header = STR_NONE;

    if (bits_empty(used))
        return NULL;
    if (name.len)
        header = http_header_get(&x->http->request.headers, name);
    struct bits *on = bits_new(x->arena, s->n_labels);
    for (int i = bits_next(used, 0); i >= 0; i = bits_next(used, (uint32_t)i + 1))
        if (is_on(x, header, &s->labels[i]))
            bits_set(on, (uint32_t)i);
    return on;
}

void labels_report_unknown(const struct router_options *options, const struct supergraph *s)
{
    for (unsigned i = 0; i < options->n_labels; i++) {
        bool known = false;
        for (uint32_t k = 0; k < s->n_labels && !known; k++)
            known = str_eq(options->labels[i].label, s->labels[k].text);
        if (!known)
            log_warn("override_labels: no @override of the supergraph has the label \"%.*s\"",
                     STR_ARG(options->labels[i].label));
    }
}
