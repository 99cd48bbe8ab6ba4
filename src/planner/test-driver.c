/* Plans every operation of a document and prints one JSON object per line. For the conformance tests.
 *
 *     planner-test-driver [--incremental] [--limits STEPS,PLACES,ENTRIES] SUPERGRAPH OPERATIONS
 *                         [VARIABLES-JSON [AUTH [LABEL…]]]
 *
 * AUTH lists the numbers of the requirements that the caller satisfies ("-": none); without it, or with "all", all are.
 * Each LABEL is on. A line has `name`, and `plan`, `text` (what a person sees) and `dump` (everything), or `errors`;
 * `us`, how long planning took, and `steps`, how much work it was. --limits are planner_options. */
#include "planner/planner.h"

#include "base/timestamp.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "json/json.h"

#include <inttypes.h>

static struct str slurp(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b;
    buf_init(&b, (size_t)64 << 20);
    for (char chunk[65536]; f && !feof(f) && !ferror(f);)
        buf_add_mem(&b, chunk, fread(chunk, 1, sizeof chunk, f));
    if (f)
        fclose(f);
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static void write_errors(struct json_writer *w, const struct gql_errors *errors)
{
    jw_name(w, STR("errors"));
    jw_begin_array(w);
    for (size_t i = 0; i < errors->n; i++) {
        jw_begin_object(w);
        jw_name(w, STR("code"));
        jw_string(w, errors->v[i].code);
        jw_name(w, STR("message"));
        jw_string(w, errors->v[i].message);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_plan(struct json_writer *w, struct plan *plan)
{
    struct buf text;
    buf_init(&text, (size_t)64 << 20);
    plan_print_json(&text, plan);
    jw_name(w, STR("plan"));
    jw_raw(w, buf_str(&text));
    buf_clear(&text);
    plan_print(&text, plan);
    jw_name(w, STR("text"));
    jw_string(w, buf_str(&text));
    buf_free(&text);
}

/* ---- the whole plan, for the reference executor ---- */

static void dump_name(struct json_writer *w, struct str name, struct str value)
{
    jw_name(w, name);
    if (value.p)
        jw_string(w, value);
    else
        jw_null(w);
}

static void dump_number(struct json_writer *w, struct str name, int64_t n)
{
    jw_name(w, name);
    jw_i64(w, n);
}

static void dump_numbers(struct json_writer *w, struct str name, const uint32_t *v, uint32_t n)
{
    jw_name(w, name);
    jw_begin_array(w);
    for (uint32_t i = 0; i < n; i++)
        jw_i64(w, v[i]);
    jw_end_array(w);
}

static void dump_strings(struct json_writer *w, struct str name, const struct str *v, uint32_t n)
{
    jw_name(w, name);
    jw_begin_array(w);
    for (uint32_t i = 0; i < n; i++)
        jw_string(w, v[i]);
    jw_end_array(w);
}

static void dump_types(struct json_writer *w, const struct plan *p, const struct bits *types)
{
    jw_name(w, STR("types"));
    if (!types) {
        jw_null(w);
        return;
    }
    jw_begin_array(w);
    for (int t = bits_next(types, 0); t >= 0; t = bits_next(types, (uint32_t)t + 1))
        jw_string(w, p->supergraph->full->types[t]->name);
    jw_end_array(w);
}

static void dump_layouts(struct json_writer *w, const struct plan *p)
{
    jw_name(w, STR("layouts"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < p->n_layouts; i++) {
        const struct plan_layout *l = p->layouts[i];
        jw_begin_object(w);
        dump_name(w, STR("concrete"), l->concrete ? l->concrete->name : STR_NONE);
        dump_name(w, STR("type"), l->type->name);
        jw_name(w, STR("target"));
        jw_bool(w, l->is_target);
        dump_number(w, STR("slots"), l->n_slots);
        dump_number(w, STR("parent"), l->parent ? (int64_t)l->parent->id : -1);
        dump_number(w, STR("parentSlot"), l->parent_slot);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void dump_shape(struct json_writer *w, const struct plan_shape *s)
{
    jw_begin_object(w);
    dump_number(w, STR("layout"), s->layout->id);
    jw_name(w, STR("typename"));
    jw_bool(w, s->has_typename && !s->interface_object);
    jw_name(w, STR("fields"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        jw_begin_object(w);
        dump_name(w, STR("key"), s->fields[i].key);
        dump_number(w, STR("slot"), s->fields[i].slot);
        if (s->fields[i].child) {
            jw_name(w, STR("child"));
            dump_shape(w, s->fields[i].child);
        }
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
}

static void dump_reps(struct json_writer *w, const struct plan *p, struct str name,
                      const struct plan_rep *reps, uint32_t n)
{
    jw_name(w, name);
    jw_begin_array(w);
    for (uint32_t i = 0; i < n; i++) {
        jw_begin_object(w);
        dump_types(w, p, reps[i].types);
        jw_name(w, STR("withTypename"));
        jw_bool(w, reps[i].with_typename);
        jw_name(w, STR("typename"));
        jw_raw(w, reps[i].typename_json.p ? reps[i].typename_json : STR("null"));
        jw_name(w, STR("fields"));
        jw_begin_array(w);
        for (uint32_t k = 0; k < reps[i].n_fields; k++) {
            const struct plan_rep_field *f = &reps[i].fields[k];
            jw_begin_object(w);
            dump_name(w, STR("key"), str_sub(f->key_json, 1, f->key_json.len - 3));
            dump_number(w, STR("slot"), f->slot);
            jw_name(w, STR("nullable"));
            jw_bool(w, f->nullable);
            dump_reps(w, p, STR("children"), f->children, f->n_children);
            jw_end_object(w);
        }
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void dump_contexts(struct json_writer *w, const struct plan *p, const struct plan_entities *e)
{
    jw_name(w, STR("contexts"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < e->n_contexts; i++) {
        jw_begin_object(w);
        dump_name(w, STR("variable"), e->contexts[i].variable);
        jw_name(w, STR("nullable"));
        jw_bool(w, e->contexts[i].nullable);
        jw_name(w, STR("sources"));
        jw_begin_array(w);
        for (uint32_t k = 0; k < e->contexts[i].n_sources; k++) {
            const struct plan_context_source *s = &e->contexts[i].sources[k];
            jw_begin_object(w);
            dump_number(w, STR("at"), s->at->id);
            dump_reps(w, p, STR("reps"), s->reps, s->n_reps);
            jw_end_object(w);
        }
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    dump_name(w, STR("definitions"), e->definitions);
    dump_name(w, STR("selection"), e->selection);
    dump_numbers(w, STR("uses"), e->uses, e->n_uses);
}

static void dump_fetch(struct json_writer *w, const struct plan *p, const struct plan_fetch *f)
{
    jw_begin_object(w);
    dump_name(w, STR("subgraph"), p->supergraph->subgraphs[f->subgraph].name);
    dump_number(w, STR("part"), f->part);
    dump_numbers(w, STR("after"), f->after, f->n_after);
    dump_name(w, STR("document"), f->document);
    dump_name(w, STR("head"), f->head);
    dump_strings(w, STR("variables"), f->variables, f->n_variables);
    dump_strings(w, STR("definitions"), f->definitions, f->n_variables);
    if (f->shape) {
        jw_name(w, STR("shape"));
        dump_shape(w, f->shape);
    }
    jw_name(w, STR("entities"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < f->n_entities; i++) {
        const struct plan_entities *e = &f->entities[i];
        jw_begin_object(w);
        jw_name(w, STR("reentry"));
        jw_bool(w, e->reentry);
        dump_name(w, STR("alias"), e->alias);
        dump_contexts(w, p, e);
        dump_name(w, STR("variable"), e->variable);
        dump_number(w, STR("target"), e->target->id);
        dump_reps(w, p, STR("reps"), e->reps, e->n_reps);
        jw_name(w, STR("shape"));
        dump_shape(w, e->shape);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
}

static void dump_output(struct json_writer *w, const struct plan *p, const struct plan_output *o)
{
    jw_begin_array(w);
    for (uint32_t i = 0; i < o->n_variants; i++) {
        const struct plan_output_variant *v = &o->variants[i];
        jw_begin_object(w);
        dump_types(w, p, v->types);
        dump_numbers(w, STR("parts"), v->parts, v->n_parts);
        jw_name(w, STR("fields"));
        jw_begin_array(w);
        for (uint32_t k = 0; k < v->n_fields; k++) {
            jw_begin_object(w);
            dump_number(w, STR("kind"), v->fields[k].kind);
            dump_name(w, STR("key"), v->fields[k].key);
            dump_number(w, STR("slot"), v->fields[k].slot);
            dump_number(w, STR("share"), v->fields[k].share);
            if (v->fields[k].child) {
                jw_name(w, STR("child"));
                dump_output(w, p, v->fields[k].child);
            }
            jw_end_object(w);
        }
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void dump_parts(struct json_writer *w, const struct plan *p)
{
    jw_name(w, STR("parts"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < p->n_parts; i++) {
        jw_begin_object(w);
        dump_name(w, STR("label"), p->parts[i].label);
        dump_number(w, STR("parent"), p->parts[i].parent);
        dump_number(w, STR("layout"), p->parts[i].layout->id);
        dump_name(w, STR("path"), p->parts[i].path);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_name(w, STR("shares"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < p->n_shares; i++) {
        jw_begin_object(w);
        dump_numbers(w, STR("parts"), p->shares[i].parts, p->shares[i].n_parts);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_dump(struct json_writer *w, const struct plan *p)
{
    jw_name(w, STR("dump"));
    jw_begin_object(w);
    dump_layouts(w, p);
    jw_name(w, STR("fetches"));
    jw_begin_array(w);
    for (uint32_t i = 0; i < p->n_fetches; i++)
        dump_fetch(w, p, &p->fetches[i]);
    jw_end_array(w);
    dump_parts(w, p);
    jw_name(w, STR("output"));
    dump_output(w, p, p->output);
    jw_end_object(w);
}

struct driver {
    struct arena *a;
    struct supergraph *s;
    struct planner *planner;
    const struct gql_document *doc;
    const struct json *variables;
    const struct bits *auth, *labels;
    bool incremental;
};

static void plan_one(struct driver *d, const struct gql_definition *op)
{
    struct gql_errors errors = {0};
    struct gql_variables vars = {0};
    struct buf out;
    buf_init(&out, (size_t)64 << 20);
    struct json_writer w = json_writer(&out);

    if (!gql_coerce_variables(d->a, d->s->api, op, d->variables, &vars, &errors) && !d->variables)
        errors.n = 0;
    int64_t before = clock_monotonic_us();
    struct plan_request request = {.document = d->doc,
                                   .operation = op,
                                   .variables = &vars,
                                   .incremental = d->incremental,
                                   .auth = d->auth,
                                   .labels = d->labels};
    struct plan *plan = planner_plan(d->planner, &request, d->a, &errors);
    int64_t us = clock_monotonic_us() - before;
    jw_begin_object(&w);
    jw_name(&w, STR("name"));
    jw_string(&w, op->name.s);
    jw_name(&w, STR("us"));
    jw_i64(&w, us);
    if (plan) {
        dump_number(&w, STR("steps"), (int64_t)plan->steps);
        write_plan(&w, plan);
        write_dump(&w, plan);
    } else {
        write_errors(&w, &errors);
    }
    jw_end_object(&w);
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
    plan_unref(&plan);
}

static int fail(const char *what, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++)
        fprintf(stderr, "%s: %.*s: %.*s\n", what, STR_ARG(errors->v[i].code),
                STR_ARG(errors->v[i].message));
    return 1;
}

static const struct bits *read_auth(struct driver *d, const char *list)
{
    struct bits *b = bits_new(d->a, d->s->n_auth);
    for (const char *p = list; *p; p++)
        if (*p >= '0' && *p <= '9') {
            char *end;
            bits_set(b, (uint32_t)strtoul(p, &end, 10));
            p = end - 1;
        }
    return b;
}

static const struct bits *read_labels(struct driver *d, char **labels)
{
    struct bits *b = bits_new(d->a, d->s->n_labels);
    for (; *labels; labels++)
        for (uint32_t i = 0; i < d->s->n_labels; i++)
            if (str_eq_c(d->s->labels[i].text, *labels))
                bits_set(b, i);
    return b;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct driver d = {.a = a};
    struct gql_errors errors = {0};
    struct err err;
    struct planner_options options = {0};

    if (argc > 1 && strcmp(argv[1], "--incremental") == 0) {
        d.incremental = true;
        argc--;
        argv++;
    }
    if (argc > 2 && strcmp(argv[1], "--limits") == 0) {
        if (sscanf(argv[2], "%" SCNu64 ",%" SCNu32 ",%" SCNu32, &options.steps, &options.places, &options.entries) != 3)
            return 2;
        argc -= 2;
        argv += 2;
    }
    if (argc < 3)
        return 2;
    d.s = supergraph_load_with(slurp(a, argv[1]), &(struct supergraph_options){.defer = true}, a,
                               &errors);
    if (!d.s)
        return fail(argv[1], &errors);
    d.doc = gql_parse(a, slurp(a, argv[2]), &(struct gql_parse_options){0}, &errors);
    if (!d.doc || !gql_validate(a, d.s->api, d.doc, &errors))
        return fail(argv[2], &errors);
    if (argc > 3)
        d.variables = json_parse(a, str_c(argv[3]), &err);
    if (argc > 4 && strcmp(argv[4], "all") != 0)
        d.auth = read_auth(&d, argv[4]);
    if (argc > 5)
        d.labels = read_labels(&d, argv + 5);
    d.planner = planner_new_with(d.s, &options);
    for (uint32_t i = 0; i < d.doc->n; i++)
        if (d.doc->definitions[i]->kind == GQL_OPERATION)
            plan_one(&d, d.doc->definitions[i]);
    planner_free(&d.planner);
    supergraph_unref(&d.s);
    arena_free(&a);
    return 0;
}
