#include "graphql/block_string.h"
#include "graphql/printer.h"
#include "graphql/schema.h"

struct sdl_printer {
    struct buf *out;
    bool applied; /* with every applied directive, not only those that graphql-js knows */
};

static void pad(struct sdl_printer *p, uint32_t indent)
{
    for (uint32_t i = 0; i < indent; i++)
        buf_add_char(p->out, ' ');
}

/* A description that is not the first thing in its block has an empty line before it. */
static void print_description(struct sdl_printer *p, bool present, struct str text, uint32_t indent, bool first)
{
    if (!present)
        return;
    if (indent && !first)
        buf_add_char(p->out, '\n');
    pad(p, indent);
    if (gql_block_string_printable(text))
        gql_block_string_print(p->out, text, indent);
    else
        gql_print_string(p->out, text, false);
    buf_add_char(p->out, '\n');
}

/* ---- directives ---- */

static void print_applied(struct sdl_printer *p, const struct gql_directive_list *list)
{
    if (!list->n)
        return;
    buf_add_char(p->out, ' ');
    gql_print_directives(p->out, list);
}

static void print_deprecated(struct sdl_printer *p, const struct gql_directive_list *list)
{
    struct str reason;
    if (p->applied) {
        print_applied(p, list);
    } else if (gql_deprecated(list, &reason)) {
        buf_add(p->out, STR(" @deprecated"));
        if (str_eq(reason, STR("No longer supported")))
            return;
        buf_add(p->out, STR("(reason: "));
        gql_print_string(p->out, reason, false);
        buf_add_char(p->out, ')');
    }
}

static void print_type_directives(struct sdl_printer *p, const struct gql_type *t)
{
    if (p->applied) {
        print_applied(p, &t->directives);
    } else if (t->specified_by.p) {
        buf_add(p->out, STR(" @specifiedBy(url: "));
        gql_print_string(p->out, t->specified_by, false);
        buf_add_char(p->out, ')');
    } else if (t->one_of) {
        buf_add(p->out, STR(" @oneOf"));
    }
}

/* ---- members ---- */

static void print_input(struct sdl_printer *p, const struct gql_input *input)
{
    buf_add(p->out, input->name);
    buf_add(p->out, STR(": "));
    gql_tref_print(p->out, input->type);
    if (input->default_value) {
        buf_add(p->out, STR(" = "));
        gql_print_value(p->out, input->default_value);
    }
    print_deprecated(p, &input->directives);
}

/* Inputs on lines of their own. */
static void print_inputs(struct sdl_printer *p, const struct gql_input *inputs, uint32_t n, uint32_t indent)
{
    for (uint32_t i = 0; i < n; i++) {
        print_description(p, inputs[i].has_description, inputs[i].description, indent, i == 0);
        pad(p, indent);
        print_input(p, &inputs[i]);
        buf_add_char(p->out, '\n');
    }
}

static void print_args(struct sdl_printer *p, const struct gql_input *args, uint32_t n, uint32_t indent)
{
    bool described = false;
    for (uint32_t i = 0; i < n; i++)
        described = described || args[i].has_description;
    if (!n)
        return;
    if (described) {
        buf_add(p->out, STR("(\n"));
        print_inputs(p, args, n, indent + 2);
        pad(p, indent);
    } else {
        for (uint32_t i = 0; i < n; i++) {
            buf_add_c(p->out, i ? ", " : "(");
            print_input(p, &args[i]);
        }
    }
    buf_add_char(p->out, ')');
}

static void print_fields(struct sdl_printer *p, const struct gql_type *t)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct gql_field *f = &t->fields[i];
        print_description(p, f->has_description, f->description, 2, i == 0);
        pad(p, 2);
        buf_add(p->out, f->name);
        print_args(p, f->args, f->n_args, 2);
        buf_add(p->out, STR(": "));
        gql_tref_print(p->out, f->type);
        print_deprecated(p, &f->directives);
        buf_add_char(p->out, '\n');
    }
}

static void print_enum_values(struct sdl_printer *p, const struct gql_type *t)
{
    for (uint32_t i = 0; i < t->n_values; i++) {
        const struct gql_enum_value *v = &t->values[i];
        print_description(p, v->has_description, v->description, 2, i == 0);
        pad(p, 2);
        buf_add(p->out, v->name);
        print_deprecated(p, &v->directives);
        buf_add_char(p->out, '\n');
    }
}

static void print_type_names(struct sdl_printer *p, const char *before, const struct gql_type_vec *types,
                             const char *between)
{
    for (size_t i = 0; i < types->n; i++) {
        buf_add_c(p->out, i ? between : before);
        buf_add(p->out, types->v[i]->name);
    }
}

/* ---- definitions ---- */

static void print_type(struct sdl_printer *p, const struct gql_type *t)
{
    static const char *const words[] = {
        [GQL_SCALAR] = "scalar ", [GQL_OBJECT_TYPE] = "type ",  [GQL_INTERFACE] = "interface ",
        [GQL_UNION] = "union ",   [GQL_ENUM_TYPE] = "enum ",    [GQL_INPUT_OBJECT] = "input ",
    };
    print_description(p, t->has_description, t->description, 0, true);
    buf_add_c(p->out, words[t->kind]);
    buf_add(p->out, t->name);
    print_type_names(p, " implements ", &t->interfaces, " & ");
    print_type_directives(p, t);
    if (t->kind == GQL_UNION)
        print_type_names(p, " = ", &t->members, " | ");
    if (!t->n_fields && !t->n_values && !t->n_inputs)
        return;
    buf_add(p->out, STR(" {\n"));
    print_fields(p, t);
    print_enum_values(p, t);
    print_inputs(p, t->inputs, t->n_inputs, 2);
    buf_add_char(p->out, '}');
}

static void print_directive_type(struct sdl_printer *p, const struct gql_directive_type *d)
{
    print_description(p, d->has_description, d->description, 0, true);
    buf_add(p->out, STR("directive @"));
    buf_add(p->out, d->name);
    print_args(p, d->args, d->n_args, 0);
    if (d->repeatable)
        buf_add(p->out, STR(" repeatable"));
    buf_add(p->out, STR(" on "));
    for (uint32_t i = 0; i < d->ast->n_locations; i++) {
        buf_add_c(p->out, i ? " | " : "");
        buf_add(p->out, d->ast->locations[i].s);
    }
}

/* Would the root types be found without a schema definition? */
static bool roots_are_common(const struct gql_schema *s)
{
    return s->query == gql_schema_type(s, STR("Query")) && s->mutation == gql_schema_type(s, STR("Mutation")) &&
           s->subscription == gql_schema_type(s, STR("Subscription"));
}

static void print_root(struct sdl_printer *p, const char *word, const struct gql_type *t)
{
    if (t)
        buf_printf(p->out, "  %s: %.*s\n", word, STR_ARG(t->name));
}

static void print_schema_definition(struct sdl_printer *p, const struct gql_schema *s)
{
    bool applied = p->applied && s->directives.n;
    bool rootless = !s->query && !s->mutation && !s->subscription;
    if (rootless && applied) {
        buf_add(p->out, STR("extend schema"));
        print_applied(p, &s->directives);
        return;
    }
    if (rootless || (!s->has_description && !applied && roots_are_common(s)))
        return;
    print_description(p, s->has_description, s->description, 0, true);
    buf_add(p->out, STR("schema"));
    if (applied)
        print_applied(p, &s->directives);
    buf_add(p->out, STR(" {\n"));
    print_root(p, "query", s->query);
    print_root(p, "mutation", s->mutation);
    print_root(p, "subscription", s->subscription);
    buf_add_char(p->out, '}');
}

static void separate(struct sdl_printer *p, size_t start)
{
    if (p->out->len > start)
        buf_add(p->out, STR("\n\n"));
}

void gql_schema_print(struct buf *out, const struct gql_schema *s, bool with_directives)
{
    struct sdl_printer p = {out, with_directives};
    size_t start = out->len;
    print_schema_definition(&p, s);
    for (size_t i = 0; i < s->directive_by_name.n; i++) {
        const struct gql_directive_type *d = s->directive_by_name.entries[i].value;
        if (d->builtin)
            continue;
        separate(&p, start);
        print_directive_type(&p, d);
    }
    for (uint32_t i = 0; i < s->n_listed; i++) {
        if (s->listed[i]->builtin)
            continue;
        separate(&p, start);
        print_type(&p, s->listed[i]);
    }
}
