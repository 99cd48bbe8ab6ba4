/* Plans every operation of a document and prints one JSON object per line. For the conformance tests.
 *
 *     planner-test-driver SUPERGRAPH OPERATIONS [VARIABLES-JSON [AUTH]]
 *
 * AUTH lists the numbers of the requirements that the caller satisfies ("-": none); without it all are. A line has `name`, and
 * `plan` or `errors`, `us` (how long planning took), and `text` (what a person sees). */
#include "planner/planner.h"

#include "base/timestamp.h"
#include "graphql/parser.h"
#include "graphql/validate.h"
#include "json/json.h"

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

struct driver {
    struct arena *a;
    struct supergraph *s;
    struct planner *planner;
    const struct gql_document *doc;
    const struct json *variables;
    const struct bits *auth;
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
    struct plan *plan = planner_plan(d->planner, &(struct plan_request){d->doc, op, &vars, d->auth}, d->a, &errors);
    int64_t us = clock_monotonic_us() - before;
    jw_begin_object(&w);
    jw_name(&w, STR("name"));
    jw_string(&w, op->name.s);
    jw_name(&w, STR("us"));
    jw_i64(&w, us);
    if (plan)
        write_plan(&w, plan);
    else
        write_errors(&w, &errors);
    jw_end_object(&w);
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
    plan_unref(&plan);
}

static int fail(const char *what, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++)
        fprintf(stderr, "%s: %.*s: %.*s\n", what, STR_ARG(errors->v[i].code), STR_ARG(errors->v[i].message));
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

int main(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct driver d = {.a = a};
    struct gql_errors errors = {0};
    struct err err;

    if (argc < 3)
        return 2;
    d.s = supergraph_load(slurp(a, argv[1]), a, &errors);
    if (!d.s)
        return fail(argv[1], &errors);
    d.doc = gql_parse(a, slurp(a, argv[2]), &(struct gql_parse_options){0}, &errors);
    if (!d.doc || !gql_validate(a, d.s->api, d.doc, &errors))
        return fail(argv[2], &errors);
    if (argc > 3)
        d.variables = json_parse(a, str_c(argv[3]), &err);
    if (argc > 4)
        d.auth = read_auth(&d, argv[4]);
    d.planner = planner_new(d.s);
    for (uint32_t i = 0; i < d.doc->n; i++)
        if (d.doc->definitions[i]->kind == GQL_OPERATION)
            plan_one(&d, d.doc->definitions[i]);
    planner_free(&d.planner);
    supergraph_unref(&d.s);
    arena_free(&a);
    return 0;
}
