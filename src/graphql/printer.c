#include "graphql/printer.h"

#include "graphql/block_string.h"

#define LINE_MAX_UNITS 80 /* longer argument lists go on lines of their own; UTF-16 units, as graphql-js counts */

/* One walk serves both styles: compact output leaves out everything that only pleases the eye, and puts a space only
 * where two words would run together. */
struct printer {
    struct buf *out;
    size_t start; /* of our text in `out` */
    uint32_t indent;
    bool compact;
};

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

/* True when `next` must not follow what stands there: two words, or two strings whose quotes would make a block. */
static bool would_merge(const struct printer *p, char next)
{
    if (p->out->len == p->start)
        return false;
    char last = p->out->p[p->out->len - 1];
    return (is_word_char(last) && is_word_char(next)) || (last == '"' && next == '"');
}

/* A token: a name, number or string. */
static void word(struct printer *p, struct str s)
{
    if (p->compact && s.len && would_merge(p, s.p[0]))
        buf_add_char(p->out, ' ');
    buf_add(p->out, s);
}

static void mark(struct printer *p, const char *pretty, const char *compact) { buf_add_c(p->out, p->compact ? compact : pretty); }
static void gap(struct printer *p) { mark(p, " ", ""); }
static void comma(struct printer *p) { mark(p, ", ", ""); }

static void newline(struct printer *p)
{
    if (!p->compact)
        gql_put_newline(p->out, p->indent);
}

static void open_block(struct printer *p, const char *bracket)
{
    buf_add_c(p->out, bracket);
    p->indent += 2;
    newline(p);
}

static void close_block(struct printer *p, const char *bracket)
{
    p->indent -= 2;
    newline(p);
    buf_add_c(p->out, bracket);
}

/* ---- strings and values ---- */

static void put_quoted(struct buf *out, struct str s)
{
    static const char shorts[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool c1_control = c == 0xC2 && i + 1 < s.len && (unsigned char)s.p[i + 1] < 0xA0;
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c < 0x20 && shorts[c]) {
            buf_add_char(out, '\\');
            buf_add_char(out, shorts[c]);
        } else if (c < 0x20 || c == 0x7F || c1_control) {
            buf_printf(out, "\\u%04X", c1_control ? (unsigned char)s.p[++i] : c);
        } else {
            buf_add_char(out, (char)c);
        }
    }
    buf_add_char(out, '"');
}

static void print_string(struct printer *p, struct str s, bool block)
{
    if (p->compact && would_merge(p, '"'))
        buf_add_char(p->out, ' ');
    if (block && !p->compact)
        gql_block_string_print(p->out, s, p->indent);
    else
        put_quoted(p->out, s);
}

static void print_value(struct printer *p, const struct gql_value *v);

/* Length, and line ends, of a text as it would be printed without indentation around it. */
struct extent {
    size_t units, newlines;
};

static struct extent measure(struct printer *p, const struct gql_value *v);

static struct extent measure_leaf(struct printer *p, const struct gql_value *v)
{
    size_t from = p->out->len;
    uint32_t indent = p->indent;
    p->indent = 0;
    print_value(p, v);
    p->indent = indent;
    struct str text = str_mem(p->out->p + from, p->out->len - from);
    struct extent e = {gql_utf16_len(text), 0};
    for (size_t i = 0; i < text.len; i++)
        e.newlines += text.p[i] == '\n';
    buf_truncate(p->out, from);
    return e;
}

static struct extent measure_argument(struct printer *p, struct gql_name name, const struct gql_value *value)
{
    struct extent e = measure(p, value);
    e.units += name.s.len + 2;
    return e;
}

/* A list or object that is too long for a line has its items on lines of their own, and then it is longer still. */
static struct extent measure(struct printer *p, const struct gql_value *v)
{
    if (v->kind != GQL_LIST && v->kind != GQL_OBJECT)
        return measure_leaf(p, v);
    size_t units = 0, newlines = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        struct extent e = v->kind == GQL_LIST ? measure(p, v->items[i])
                                              : measure_argument(p, v->fields[i].name, v->fields[i].value);
        units += e.units;
        newlines += e.newlines;
    }
    size_t line = units + (v->n ? 2 * (v->n - 1) : 0) + (v->kind == GQL_OBJECT ? strlen("{  }") : strlen("[]"));
    if (line <= LINE_MAX_UNITS)
        return (struct extent){line, newlines};
    newlines += v->n - 1;
    return (struct extent){units + v->n - 1 + 2 * (newlines + 1) + 4, newlines + 2};
}

static void print_member(struct printer *p, const struct gql_value *v, uint32_t i)
{
    if (v->kind == GQL_OBJECT) {
        word(p, v->fields[i].name.s);
        mark(p, ": ", ":");
    }
    print_value(p, v->kind == GQL_OBJECT ? v->fields[i].value : v->items[i]);
}

static void print_items(struct printer *p, const struct gql_value *v)
{
    bool object = v->kind == GQL_OBJECT;
    bool block = !p->compact && measure(p, v).units > LINE_MAX_UNITS;
    if (block)
        open_block(p, object ? "{" : "[");
    else
        mark(p, object ? "{ " : "[", object ? "{" : "[");
    for (uint32_t i = 0; i < v->n; i++) {
        if (i)
            block ? newline(p) : comma(p);
        print_member(p, v, i);
    }
    if (block)
        close_block(p, object ? "}" : "]");
    else
        mark(p, object ? " }" : "]", object ? "}" : "]");
}

static void print_value(struct printer *p, const struct gql_value *v)
{
    switch (v->kind) {
    case GQL_VARIABLE:
        buf_add_char(p->out, '$');
        buf_add(p->out, v->text);
        break;
    case GQL_INT:
    case GQL_FLOAT:
    case GQL_ENUM: word(p, v->text); break;
    case GQL_STRING: print_string(p, v->text, v->block); break;
    case GQL_BOOLEAN: word(p, v->boolean ? STR("true") : STR("false")); break;
    case GQL_NULL: word(p, STR("null")); break;
    case GQL_LIST:
    case GQL_OBJECT: print_items(p, v); break;
    }
}

static void print_type(struct printer *p, const struct gql_type_ref *t)
{
    if (t->kind == GQL_REF_NAMED) {
        word(p, t->name);
        return;
    }
    if (t->kind == GQL_REF_LIST)
        buf_add_char(p->out, '[');
    print_type(p, t->of);
    buf_add_char(p->out, t->kind == GQL_REF_LIST ? ']' : '!');
}

/* ---- arguments and directives ---- */

static void print_argument(struct printer *p, const struct gql_argument *arg)
{
    word(p, arg->name.s);
    mark(p, ": ", ":");
    print_value(p, arg->value);
}

static void print_arguments_in_line(struct printer *p, const struct gql_argument *args, uint32_t n)
{
    if (!n)
        return;
    buf_add_char(p->out, '(');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            comma(p);
        print_argument(p, &args[i]);
    }
    buf_add_char(p->out, ')');
}

static void print_arguments_in_block(struct printer *p, const struct gql_argument *args, uint32_t n)
{
    if (!n)
        return;
    open_block(p, "(");
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            newline(p);
        print_argument(p, &args[i]);
    }
    close_block(p, ")");
}

static void print_directive(struct printer *p, const struct gql_directive *d)
{
    buf_add_char(p->out, '@');
    buf_add(p->out, d->name.s);
    print_arguments_in_line(p, d->args, d->n_args);
}

static void print_directives(struct printer *p, const struct gql_directive_list *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        gap(p);
        print_directive(p, &list->v[i]);
    }
}

/* ---- selections ---- */

static void print_selection_set(struct printer *p, const struct gql_selection_set *set);

static void print_field_name(struct printer *p, const struct gql_selection *f)
{
    if (f->alias.s.p) {
        word(p, f->alias.s);
        mark(p, ": ", ":");
    }
    word(p, f->name.s);
}

/* The name and the arguments: in one line when they fit, as if the line were not indented. */
static void print_field_head(struct printer *p, const struct gql_selection *f)
{
    print_field_name(p, f);
    size_t units = f->alias.s.len + (f->alias.s.p ? 2 : 0) + f->name.s.len + 2;
    for (uint32_t i = 0; !p->compact && i < f->n_args; i++)
        units += measure_argument(p, f->args[i].name, f->args[i].value).units + (i ? 2 : 0);
    bool fits = p->compact || units <= LINE_MAX_UNITS;
    (fits ? print_arguments_in_line : print_arguments_in_block)(p, f->args, f->n_args);
}

static void print_selection(struct printer *p, const struct gql_selection *s)
{
    if (s->kind == GQL_FIELD) {
        print_field_head(p, s);
    } else {
        buf_add(p->out, STR("..."));
        buf_add(p->out, s->name.s);
        if (s->on.s.p) {
            mark(p, " on ", "on ");
            buf_add(p->out, s->on.s);
        }
    }
    print_directives(p, &s->directives);
    if (s->selections && s->selections->n) {
        gap(p);
        print_selection_set(p, s->selections);
    }
}

static void print_selection_set(struct printer *p, const struct gql_selection_set *set)
{
    if (!set->n)
        return;
    open_block(p, "{");
    for (uint32_t i = 0; i < set->n; i++) {
        if (i)
            newline(p);
        print_selection(p, set->items[i]);
    }
    close_block(p, "}");
}

/* ---- parts of definitions ---- */

#define PRINT_DESCRIPTION(p, node) \
    print_description((p), (node)->has_description, (node)->description, (node)->description_block)

static void print_description(struct printer *p, bool present, struct str text, bool block)
{
    if (!present)
        return;
    print_string(p, text, block);
    newline(p);
}

static void print_default_and_directives(struct printer *p, const struct gql_value *value,
                                         const struct gql_directive_list *list)
{
    if (value) {
        mark(p, " = ", "=");
        print_value(p, value);
    }
    print_directives(p, list);
}

static void print_variable_definition(struct printer *p, const struct gql_variable_definition *v)
{
    PRINT_DESCRIPTION(p, v);
    buf_add_char(p->out, '$');
    buf_add(p->out, v->name.s);
    mark(p, ": ", ":");
    print_type(p, v->type);
    print_default_and_directives(p, v->default_value, &v->directives);
}

static void print_variables(struct printer *p, const struct gql_definition *def, bool in_line)
{
    buf_add_char(p->out, '(');
    if (!in_line)
        newline(p);
    for (uint32_t i = 0; i < def->n_variables; i++) {
        if (i)
            in_line ? comma(p) : newline(p);
        print_variable_definition(p, &def->variables[i]);
    }
    if (!in_line)
        newline(p);
    buf_add_char(p->out, ')');
}

static void print_input_value(struct printer *p, const struct gql_input_value_definition *v)
{
    PRINT_DESCRIPTION(p, v);
    word(p, v->name.s);
    mark(p, ": ", ":");
    print_type(p, v->type);
    print_default_and_directives(p, v->default_value, &v->directives);
}

static void print_input_values_in_line(struct printer *p, const struct gql_input_value_definition *args, uint32_t n)
{
    buf_add_char(p->out, '(');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            comma(p);
        print_input_value(p, &args[i]);
    }
    buf_add_char(p->out, ')');
}

static void print_input_values_in_block(struct printer *p, const char *open,
                                        const struct gql_input_value_definition *values, uint32_t n, const char *close)
{
    open_block(p, open);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            newline(p);
        print_input_value(p, &values[i]);
    }
    close_block(p, close);
}

/* In one line, unless one of them needs several. */
static void print_argument_definitions(struct printer *p, const struct gql_input_value_definition *args, uint32_t n)
{
    if (!n)
        return;
    size_t from = p->out->len;
    print_input_values_in_line(p, args, n);
    if (p->out->len < from || str_find_char(str_mem(p->out->p + from, p->out->len - from), '\n') < 0)
        return;
    buf_truncate(p->out, from);
    print_input_values_in_block(p, "(", args, n, ")");
}

static void print_field_definition(struct printer *p, const struct gql_field_definition *f)
{
    PRINT_DESCRIPTION(p, f);
    word(p, f->name.s);
    print_argument_definitions(p, f->args, f->n_args);
    mark(p, ": ", ":");
    print_type(p, f->type);
    print_directives(p, &f->directives);
}

/* Names with a delimiter between them, after `before`. Nothing when there are none. */
static void print_names(struct printer *p, const char *before, const struct gql_name *names, uint32_t n,
                        const char *pretty, const char *compact)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            mark(p, pretty, compact);
        else
            buf_add_c(p->out, before);
        word(p, names[i].s);
    }
}

static struct str operation_word(enum gql_operation_kind kind)
{
    return kind == GQL_QUERY ? STR("query") : kind == GQL_MUTATION ? STR("mutation") : STR("subscription");
}

/* ---- definitions ---- */

static void print_operation(struct printer *p, const struct gql_definition *def)
{
    /* After a type without a body its braces would be read as that body. graphql-js runs into this. */
    bool follows = p->compact && p->out->len > p->start;
    bool bare = def->operation == GQL_QUERY && !def->has_description && !def->name.s.len && !def->n_variables &&
                !def->directives.n;
    if (!bare || follows) {
        word(p, operation_word(def->operation));
        if (def->name.s.len) {
            buf_add_char(p->out, ' ');
            buf_add(p->out, def->name.s);
        } else if (def->n_variables) {
            gap(p);
        }
        size_t from = p->out->len;
        if (def->n_variables)
            print_variables(p, def, true);
        if (!p->compact && p->out->len > from && memchr(p->out->p + from, '\n', p->out->len - from)) {
            buf_truncate(p->out, from);
            print_variables(p, def, false);
        }
        print_directives(p, &def->directives);
        gap(p);
    }
    print_selection_set(p, def->selections);
}

static void print_fragment(struct printer *p, const struct gql_definition *def)
{
    word(p, STR("fragment "));
    buf_add(p->out, def->name.s);
    buf_add(p->out, STR(" on "));
    buf_add(p->out, def->on.s);
    print_directives(p, &def->directives);
    gap(p);
    print_selection_set(p, def->selections);
}

static void print_roots(struct printer *p, const struct gql_definition *def)
{
    if (!def->n_roots)
        return;
    gap(p);
    open_block(p, "{");
    for (uint32_t i = 0; i < def->n_roots; i++) {
        if (i)
            newline(p);
        word(p, operation_word(def->roots[i].kind));
        mark(p, ": ", ":");
        buf_add(p->out, def->roots[i].type.s);
    }
    close_block(p, "}");
}

static void print_fields(struct printer *p, const struct gql_definition *def)
{
    if (!def->n_fields)
        return;
    gap(p);
    open_block(p, "{");
    for (uint32_t i = 0; i < def->n_fields; i++) {
        if (i)
            newline(p);
        print_field_definition(p, &def->fields[i]);
    }
    close_block(p, "}");
}

static void print_enum_values(struct printer *p, const struct gql_definition *def)
{
    if (!def->n_values)
        return;
    gap(p);
    open_block(p, "{");
    for (uint32_t i = 0; i < def->n_values; i++) {
        if (i)
            newline(p);
        PRINT_DESCRIPTION(p, &def->values[i]);
        word(p, def->values[i].name.s);
        print_directives(p, &def->values[i].directives);
    }
    close_block(p, "}");
}

static void print_directive_definition(struct printer *p, const struct gql_definition *def)
{
    word(p, STR("directive"));
    mark(p, " @", "@");
    buf_add(p->out, def->name.s);
    print_argument_definitions(p, def->inputs, def->n_inputs);
    if (def->repeatable) {
        gap(p);
        word(p, STR("repeatable"));
    }
    gap(p);
    word(p, STR("on"));
    print_names(p, " ", def->locations, def->n_locations, " | ", "|");
}

/* Everything that has a word, a name, interfaces, directives and a body: `type A implements B & C @d {…}`. */
static void print_type_definition(struct printer *p, const struct gql_definition *def)
{
    static const char *const words[] = {
        [GQL_SCHEMA_DEF] = "schema",       [GQL_SCALAR_DEF] = "scalar", [GQL_OBJECT_DEF] = "type",
        [GQL_INTERFACE_DEF] = "interface", [GQL_UNION_DEF] = "union",   [GQL_ENUM_DEF] = "enum",
        [GQL_INPUT_DEF] = "input",
    };
    if (def->extend)
        word(p, STR("extend "));
    word(p, str_c(words[def->kind]));
    if (def->kind != GQL_SCHEMA_DEF) {
        buf_add_char(p->out, ' ');
        buf_add(p->out, def->name.s);
    }
    print_names(p, " implements ", def->interfaces, def->n_interfaces, " & ", "&");
    print_directives(p, &def->directives);
    print_names(p, p->compact ? "=" : " = ", def->members, def->n_members, " | ", "|");
    print_roots(p, def);
    print_fields(p, def);
    print_enum_values(p, def);
    if (def->n_inputs) {
        gap(p);
        print_input_values_in_block(p, "{", def->inputs, def->n_inputs, "}");
    }
}

static void print_definition(struct printer *p, const struct gql_definition *def)
{
    PRINT_DESCRIPTION(p, def);
    switch (def->kind) {
    case GQL_OPERATION: print_operation(p, def); break;
    case GQL_FRAGMENT: print_fragment(p, def); break;
    case GQL_DIRECTIVE_DEF: print_directive_definition(p, def); break;
    default: print_type_definition(p, def); break;
    }
}

/* ---- entries ---- */

static struct printer printer(struct buf *out, enum gql_print_style style)
{
    return (struct printer){.out = out, .start = out->len, .compact = style == GQL_PRINT_COMPACT};
}

void gql_print_document(struct buf *out, const struct gql_document *doc, enum gql_print_style style)
{
    struct printer p = printer(out, style);
    for (uint32_t i = 0; i < doc->n; i++) {
        if (i)
            mark(&p, "\n\n", "");
        print_definition(&p, doc->definitions[i]);
    }
}

void gql_print_definition(struct buf *out, const struct gql_definition *def, enum gql_print_style style)
{
    struct printer p = printer(out, style);
    print_definition(&p, def);
}

void gql_print_selection_set(struct buf *out, const struct gql_selection_set *set, enum gql_print_style style)
{
    struct printer p = printer(out, style);
    print_selection_set(&p, set);
}

void gql_print_value(struct buf *out, const struct gql_value *value)
{
    struct printer p = printer(out, GQL_PRINT_PRETTY);
    print_value(&p, value);
}

void gql_print_type_ref(struct buf *out, const struct gql_type_ref *type)
{
    struct printer p = printer(out, GQL_PRINT_PRETTY);
    print_type(&p, type);
}

void gql_print_directives(struct buf *out, const struct gql_directive_list *directives)
{
    struct printer p = printer(out, GQL_PRINT_PRETTY);
    for (uint32_t i = 0; i < directives->n; i++) {
        if (i)
            gap(&p);
        print_directive(&p, &directives->v[i]);
    }
}

void gql_print_string(struct buf *out, struct str s, bool block)
{
    struct printer p = printer(out, GQL_PRINT_PRETTY);
    print_string(&p, s, block);
}
