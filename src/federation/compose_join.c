/* The supergraph as SDL: Apollo's join and link format, sorted by name. Source: https://specs.apollo.dev/join. */
#include "federation/compose_merge.h"

#include "graphql/printer.h"

#define SUPERGRAPH_MAX (256u << 20)

struct writer {
    struct merge *mg;
    struct buf out;
};

#define emit(w, ...) buf_printf(&(w)->out, __VA_ARGS__)
#define emit_str(w, s) buf_add(&(w)->out, (s))

/* ---- @join__directive: what is only noted for the router ---- */

static struct gql_value *args_object(struct arena *a, const struct fed_applied *d)
{
    struct gql_value *v = fed_value_new(a, GQL_OBJECT, STR_NONE);
    v->n = d->n_args;
    v->fields = arena_array(a, struct gql_object_field, d->n_args);
    for (uint32_t i = 0; i < d->n_args; i++) {
        v->fields[i].name = d->args[i].name;
        v->fields[i].value = d->args[i].value;
    }
    return v;
}

struct noted {
    struct str name;
    struct gql_value *args;
    VEC(struct gql_value *) graphs;
};

static bool links_connect(struct arena *a, const struct fed_subgraph *sg, const struct fed_applied *d)
{
    const struct link_feature *link = link_find_spec(&sg->links, STR("link")),
                              *connect = link_find_spec(&sg->links, STR("connect"));
    struct link_url url;
    const char *problem;
    struct str text = fed_applied_str(d, STR("url"));
    return link && connect && text.p && str_eq(d->name, link->alias) && link_url_parse(a, text, &url, &problem) &&
           str_eq(url.identity, connect->identity);
}

/* The name under which an application is noted; STR_NONE: it is not. */
static struct str noted_name(const struct merge *mg, const struct fed_subgraph *sg, const struct fed_applied *d)
{
    const struct merged_directive *m = map_get(&mg->directives, d->name);
    struct str in_feature;
    if (m && m->spec && m->spec->id == FED_CACHE_TAG)
        return STR("federation__cacheTag");
    if (!link_find_spec(&sg->links, STR("connect")))
        return STR_NONE;
    if (links_connect(mg->a, sg, d))
        return STR("link");
    const struct link_feature *f = link_source(&sg->links, true, d->name, &in_feature);
    return f && spec_is_connect(f) ? d->name : STR_NONE;
}

void merge_join_directives(struct merge *mg, const struct sources *s, struct fed_elem *dest)
{
    VEC(struct noted) all = {0};
    for (uint32_t i = 0; i < s->n; i++)
        for (size_t j = 0; s->v[i].elem && j < s->v[i].elem->applied.n; j++) {
            const struct fed_applied *d = &s->v[i].elem->applied.v[j];
            struct str name = noted_name(mg, s->v[i].sg, d);
            if (!name.p)
                continue;
            struct gql_value *args = args_object(mg->a, d);
            size_t k = 0;
            while (k < all.n && !(str_eq(all.v[k].name, name) && fed_value_equal(all.v[k].args, args)))
                k++;
            if (k == all.n)
                vec_push(mg->a, &all, (struct noted){.name = name, .args = args});
            vec_push(mg->a, &all.v[k].graphs, fed_value_new(mg->a, GQL_ENUM, s->v[i].sg->enum_name));
        }
    for (size_t k = 0; k < all.n; k++) {
        struct fed_applied *d = fed_elem_apply(mg->a, dest, STR("join__directive"));
        fed_applied_add_arg(mg->a, d, STR("graphs"),
                            fed_value_list(mg->a, all.v[k].graphs.v, (uint32_t)all.v[k].graphs.n));
        merge_join_arg(mg, d, "name", GQL_STRING, all.v[k].name);
        fed_applied_add_arg(mg->a, d, STR("args"), all.v[k].args);
    }
}

/* ---- parts ---- */

/* A block string gives back exactly these: no control characters, no white space at the ends, a first line without
 * indent. */
static bool fits_block(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\t')
            return false;
    return s.len > 0 && !strchr(" \t\n", s.p[0]) && !strchr(" \t\n", s.p[s.len - 1]);
}

static void write_description(struct writer *w, const struct fed_elem *e, const char *indent)
{
    if (!e->has_description)
        return;
    struct buf text;
    buf_init(&text, SUPERGRAPH_MAX);
    gql_print_string(&text, e->description, fits_block(e->description));
    buf_add_c(&w->out, indent);
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(&w->out, text.p[i]);
        if (text.p[i] == '\n' && i + 1 < text.len && text.p[i + 1] != '\n')
            buf_add_c(&w->out, indent);
    }
    buf_add_char(&w->out, '\n');
    buf_free(&text);
}

static void write_applied(struct writer *w, const struct fed_applied *d)
{
    emit(w, "@%.*s", STR_ARG(d->name));
    for (uint32_t i = 0; i < d->n_args; i++) {
        emit(w, "%s%.*s: ", i ? ", " : "(", STR_ARG(d->args[i].name.s));
        gql_print_value(&w->out, d->args[i].value);
    }
    if (d->n_args)
        buf_add_char(&w->out, ')');
}

/* Types have a line for each directive, everything else a space. */
static void write_all_applied(struct writer *w, const struct fed_elem *e, const char *between)
{
    for (size_t i = 0; i < e->applied.n; i++) {
        buf_add_c(&w->out, between);
        write_applied(w, &e->applied.v[i]);
    }
}

static void write_ref(struct writer *w, const struct gql_type_ref *r)
{
    emit_str(w, fed_ref_str(w->mg->a, r));
}

static void write_input(struct writer *w, const struct fed_input *i)
{
    emit(w, "%.*s: ", STR_ARG(i->e.name));
    write_ref(w, i->type);
    if (i->default_value) {
        buf_add_c(&w->out, " = ");
        gql_print_value(&w->out, i->default_value);
    }
    write_all_applied(w, &i->e, " ");
}

static void write_args(struct writer *w, const struct fed_input_vec *args, const char *indent)
{
    bool described = false;
    for (size_t i = 0; i < args->n; i++)
        described |= args->v[i]->e.has_description;
    if (args->n == 0)
        return;
    char deeper[16];
    snprintf(deeper, sizeof deeper, "%s  ", indent);
    buf_add_c(&w->out, described ? "(\n" : "(");
    for (size_t i = 0; i < args->n; i++) {
        if (described) {
            write_description(w, &args->v[i]->e, deeper);
            buf_add_c(&w->out, deeper);
        } else if (i) {
            buf_add_c(&w->out, ", ");
        }
        write_input(w, args->v[i]);
        if (described)
            buf_add_char(&w->out, '\n');
    }
    emit(w, "%s)", described ? indent : "");
}

static void write_field(struct writer *w, const struct fed_field *f)
{
    write_description(w, &f->e, "  ");
    emit(w, "  %.*s", STR_ARG(f->e.name));
    write_args(w, &f->args, "  ");
    buf_add_c(&w->out, ": ");
    write_ref(w, f->type);
    write_all_applied(w, &f->e, " ");
    buf_add_char(&w->out, '\n');
}

static void write_names(struct writer *w, const char *before, const struct fed_name_vec *names, const char *between)
{
    for (size_t i = 0; i < names->n; i++)
        emit(w, "%s%.*s", i ? between : before, STR_ARG(names->v[i]));
}

static void write_children(struct writer *w, const struct fed_type *t)
{
    for (size_t i = 0; i < t->fields.n; i++)
        write_field(w, t->fields.v[i]);
    for (size_t i = 0; i < t->values.n; i++) {
        write_description(w, &t->values.v[i]->e, "  ");
        emit(w, "  %.*s", STR_ARG(t->values.v[i]->e.name));
        write_all_applied(w, &t->values.v[i]->e, " ");
        buf_add_char(&w->out, '\n');
    }
    for (size_t i = 0; i < t->inputs.n; i++) {
        write_description(w, &t->inputs.v[i]->e, "  ");
        buf_add_c(&w->out, "  ");
        write_input(w, t->inputs.v[i]);
        buf_add_char(&w->out, '\n');
    }
}

static void write_type(struct writer *w, const struct fed_type *t)
{
    static const char *const KEYWORDS[] = {
        [GQL_SCALAR] = "scalar", [GQL_OBJECT_TYPE] = "type", [GQL_INTERFACE] = "interface",
        [GQL_UNION] = "union",   [GQL_ENUM_TYPE] = "enum",   [GQL_INPUT_OBJECT] = "input"};
    write_description(w, &t->e, "");
    emit(w, "%s %.*s", KEYWORDS[t->kind], STR_ARG(t->e.name));
    write_names(w, " implements ", &t->interfaces, " & ");
    write_all_applied(w, &t->e, "\n  ");
    if (t->kind == GQL_UNION) {
        write_names(w, "\n  = ", &t->members, " | ");
    } else if (t->kind != GQL_SCALAR) {
        buf_add_c(&w->out, "\n{\n");
        write_children(w, t);
        buf_add_char(&w->out, '}');
    }
    buf_add_c(&w->out, "\n\n");
}

/* ---- schema and machinery ---- */

static void write_link(struct writer *w, const struct link_feature *f, struct str purpose)
{
    emit(w, "\n  @link(url: \"%.*s/v%u.%u\"", STR_ARG(f->identity), f->version.major, f->version.minor);
    if (!str_eq(f->alias, f->name))
        emit(w, ", as: \"%.*s\"", STR_ARG(f->alias));
    if (purpose.p)
        emit(w, ", for: %.*s", STR_ARG(purpose));
    for (size_t i = 0; i < f->imports.n; i++) {
        const struct link_import *im = &f->imports.v[i];
        buf_add_c(&w->out, i ? ", " : ", import: [");
        if (str_eq(im->name, im->as))
            emit(w, "\"%.*s\"", STR_ARG(im->name));
        else
            emit(w, "{name: \"%.*s\", as: \"%.*s\"}", STR_ARG(im->name), STR_ARG(im->as));
    }
    buf_add_c(&w->out, f->imports.n ? "])" : ")");
}

static void write_schema(struct writer *w)
{
    static const char *const ROOTS[] = {
        [GQL_QUERY] = "query", [GQL_MUTATION] = "mutation", [GQL_SUBSCRIPTION] = "subscription"};
    struct merge *mg = w->mg;
    write_description(w, &mg->out->e, "");
    emit(w,
         "schema\n  @link(url: \"" LINK_SPEC_PREFIX "link/v1.0\")\n  @link(url: \"" LINK_SPEC_PREFIX
         "join/v0.%u\", for: EXECUTION)",
         join_minor(mg));
    for (size_t i = 0; i < mg->features.n; i++)
        write_link(w, mg->features.v[i], mg->purposes.v[i]);
    write_all_applied(w, &mg->out->e, "\n  ");
    buf_add_c(&w->out, "\n{\n");
    for (int k = 0; k < 3; k++)
        if (mg->out->root_name[k].p)
            emit(w, "  %s: %.*s\n", ROOTS[k], STR_ARG(mg->out->root_name[k]));
    buf_add_c(&w->out, "}\n\n");
}

/* A definition that waits for its place in the order of names. */
struct piece {
    struct str name, sdl;
};
struct piece_vec VEC_BODY(struct piece);

static void add_piece(struct writer *w, struct piece_vec *v, struct str name, struct str sdl)
{
    vec_push(w->mg->a, v, (struct piece){name, sdl});
}

static void add_text(struct writer *w, struct piece_vec *v, const char *name, const char *sdl)
{
    add_piece(w, v, str_c(name), arena_printf(w->mg->a, "%s\n\n", sdl));
}

static int cmp_pieces(const void *a, const void *b)
{
    return str_cmp(((const struct piece *)a)->name, ((const struct piece *)b)->name);
}

static void write_pieces(struct writer *w, struct piece_vec *v)
{
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, cmp_pieces);
    for (size_t i = 0; i < v->n; i++)
        emit_str(w, v->v[i].sdl);
}

static void add_join_directives(struct writer *w, struct piece_vec *v)
{
    uint32_t minor = join_minor(w->mg);
    if (minor >= 4)
        add_text(w, v, "join__directive",
                 "directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) "
                 "repeatable on "
                 "SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION");
    add_text(w, v, "join__enumValue", "directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE");
    add_piece(
        w, v, STR("join__field"),
        arena_printf(w->mg->a,
                     "directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, "
                     "type: String, external: Boolean, override: String, usedOverridden: Boolean%s%s) repeatable on "
                     "FIELD_DEFINITION | INPUT_FIELD_DEFINITION\n\n",
                     minor >= 4 ? ", overrideLabel: String" : "",
                     minor >= 5 ? ", contextArguments: [join__ContextArgument!]" : ""));
    add_text(w, v, "join__graph", "directive @join__graph(name: String!, url: String!) on ENUM_VALUE");
    add_text(w, v, "join__implements",
             "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE");
    add_text(
        w, v, "join__type",
        "directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: "
        "Boolean! = true, "
        "isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR");
    add_text(w, v, "join__unionMember",
             "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION");
    add_text(
        w, v, "link",
        "directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA");
}

static void add_join_types(struct writer *w, struct piece_vec *v)
{
    uint32_t minor = join_minor(w->mg);
    if (minor >= 5) {
        add_text(w, v, "join__ContextArgument",
                 "input join__ContextArgument {\n  name: String!\n  type: String!\n  context: String!\n  selection: "
                 "join__FieldValue!\n}");
        add_text(w, v, "join__FieldValue", "scalar join__FieldValue");
    }
    if (minor >= 4)
        add_text(w, v, "join__DirectiveArguments", "scalar join__DirectiveArguments");
    add_text(w, v, "join__FieldSet", "scalar join__FieldSet");
    add_text(w, v, "link__Import", "scalar link__Import");
    add_text(w, v, "link__Purpose",
             "enum link__Purpose {\n  \"\"\"\n  `SECURITY` features provide metadata necessary to securely resolve "
             "fields.\n  \"\"\"\n  SECURITY\n\n"
             "  \"\"\"\n  `EXECUTION` features provide metadata necessary for operation execution.\n  \"\"\"\n  "
             "EXECUTION\n}");
    struct buf graphs;
    buf_init(&graphs, SUPERGRAPH_MAX);
    buf_add_c(&graphs, "enum join__Graph {\n");
    for (uint32_t i = 0; i < w->mg->n; i++) {
        const struct fed_subgraph *sg = &w->mg->sg[i];
        buf_printf(&graphs, "  %.*s @join__graph(name: ", STR_ARG(sg->enum_name));
        gql_print_string(&graphs, sg->name, false);
        buf_add_c(&graphs, ", url: ");
        gql_print_string(&graphs, sg->url, false);
        buf_add_c(&graphs, ")\n");
    }
    buf_add_c(&graphs, "}\n\n");
    add_piece(w, v, STR("join__Graph"), arena_str(w->mg->a, buf_str(&graphs)));
    buf_free(&graphs);
}

/* Runs one of the writers into a string of its own. */
static struct str taken(struct writer *w, size_t from)
{
    struct str s = arena_str(w->mg->a, str_mem(w->out.p + from, w->out.len - from));
    buf_truncate(&w->out, from);
    return s;
}

static void write_locations(struct writer *w, uint32_t bits)
{
    bool any = false;
    for (int l = GQL_ON_QUERY; l <= GQL_ON_INPUT_FIELD_DEFINITION; l++)
        if (bits >> l & 1) {
            emit(w, "%s%.*s", any ? " | " : " on ",
                 STR_ARG(gql_directive_location_name((enum gql_directive_location)l)));
            any = true;
        }
}

/* A feature brings all its directives with it, used or not. */
static void add_feature_directives(struct writer *w, struct piece_vec *v)
{
    struct merge *mg = w->mg;
    for (int i = 0; i < FED_DIRS; i++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)i);
        for (size_t j = 0; j < mg->features.n; j++) {
            if (!spec_has(mg->features.v[j], d))
                continue;
            struct str name = link_directive_name(mg->a, mg->features.v[j], str_c(d->name));
            size_t from = w->out.len;
            spec_write_directive(&w->out, mg->a, d, name, mg->features.v[j], FED_VERSION_LATEST);
            buf_add_char(&w->out, '\n');
            add_piece(w, v, name, taken(w, from));
        }
    }
}

static void add_directives(struct writer *w, struct piece_vec *v)
{
    for (size_t i = 0; i < w->mg->out->directives.n; i++) {
        const struct fed_directive *d = w->mg->out->directives.v[i];
        size_t from = w->out.len;
        write_description(w, &d->e, "");
        emit(w, "directive @%.*s", STR_ARG(d->e.name));
        write_args(w, &d->args, "");
        if (d->repeatable)
            buf_add_c(&w->out, " repeatable");
        write_locations(w, d->locations);
        buf_add_c(&w->out, "\n\n");
        add_piece(w, v, d->e.name, taken(w, from));
    }
}

static void add_feature_types(struct writer *w, struct piece_vec *v)
{
    for (size_t i = 0; i < w->mg->features.n; i++) {
        size_t from = w->out.len;
        spec_write_types(&w->out, w->mg->a, w->mg->features.v[i], w->mg->out);
        if (w->out.len == from)
            continue;
        buf_add_char(&w->out, '\n');
        struct str sdl = taken(w, from);
        add_piece(w, v, str_sub(sdl, sizeof "scalar " - 1, sdl.len), sdl);
    }
}

struct str merge_print(struct merge *mg)
{
    struct writer w = {.mg = mg};
    struct piece_vec directives = {0}, types = {0};
    buf_init(&w.out, SUPERGRAPH_MAX);
    add_join_directives(&w, &directives);
    add_feature_directives(&w, &directives);
    add_directives(&w, &directives);
    add_join_types(&w, &types);
    add_feature_types(&w, &types);
    for (size_t i = 0; i < mg->out->types.n; i++) {
        size_t from = w.out.len;
        write_type(&w, mg->out->types.v[i]);
        add_piece(&w, &types, mg->out->types.v[i]->e.name, taken(&w, from));
    }
    write_schema(&w);
    write_pieces(&w, &directives);
    write_pieces(&w, &types);
    buf_truncate(&w.out, w.out.len - 1); /* one line break is enough at the end */
    struct str sdl = arena_str(mg->a, buf_str(&w.out));
    buf_free(&w.out);
    return sdl;
}
