#include "graphql/parser.h"

#include "graphql/lexer.h"
#include "graphql/schema.h"

/* One token of lookahead. After an error the token is TOKEN_FAILED for good, so rules run to their ends without
 * accepting anything more; only loops have to look at `failed`.
 *
 * Items of a list are collected on one shared stack and copied to the arena when the list ends: lists get exactly the
 * memory they need and recursive frames stay small. */
struct parser {
    struct gql_lexer lex;
    struct gql_token tok;
    struct buf stack;
    struct arena *arena;
    uint32_t depth;
    uint32_t max_tokens, n_tokens;
};

/* ---- errors: apart from the rules, so that the frames of the recursive ones stay small ---- */

#define APART __attribute__((noinline, cold))

static void APART fail_at_limit(struct parser *p, const char *fmt, uint32_t limit)
{
    char message[80];
    snprintf(message, sizeof message, fmt, limit);
    gql_lexer_fail(&p->lex, p->tok.loc, str_c(message));
    p->tok.kind = TOKEN_FAILED;
}

/* Fails at `tok` with the token described between two texts. */
static void APART fail_with_token(struct parser *p, const struct gql_token *tok, const char *before, const char *after)
{
    if (!p->lex.failed) {
        struct buf message;
        buf_init(&message, SIZE_MAX / 2);
        buf_add_c(&message, before);
        gql_token_describe(&message, tok);
        buf_add_c(&message, after);
        gql_lexer_fail(&p->lex, tok->loc, buf_str(&message));
        buf_free(&message);
    }
    p->tok.kind = TOKEN_FAILED;
}

static void APART fail_at(struct parser *p, struct gql_loc loc, const char *message)
{
    gql_lexer_fail(&p->lex, loc, str_c(message));
    p->tok.kind = TOKEN_FAILED;
}

static void unexpected(struct parser *p) { fail_with_token(p, &p->tok, "Unexpected ", "."); }

static void APART expected(struct parser *p, const char *what)
{
    char before[64];
    snprintf(before, sizeof before, "Expected %s, found ", what);
    fail_with_token(p, &p->tok, before, ".");
}

/* ---- tokens ---- */

static void advance(struct parser *p)
{
    gql_lexer_next(&p->lex, &p->tok);
    if (p->tok.kind <= TOKEN_EOF)
        return;
    p->n_tokens++;
    if (p->max_tokens && p->n_tokens > p->max_tokens)
        fail_at_limit(p, "Document contains more than %u tokens. Parsing aborted.", p->max_tokens);
}

static bool at(const struct parser *p, enum gql_token_kind kind) { return p->tok.kind == kind; }

static bool accept(struct parser *p, enum gql_token_kind kind)
{
    if (p->tok.kind != kind)
        return false;
    advance(p);
    return true;
}

static void expect(struct parser *p, enum gql_token_kind kind)
{
    if (!accept(p, kind))
        expected(p, gql_token_kind_text(kind).p);
}

static bool at_word(const struct parser *p, struct str word) { return at(p, TOKEN_NAME) && str_eq(p->tok.text, word); }

static bool accept_word(struct parser *p, struct str word)
{
    if (!at_word(p, word))
        return false;
    advance(p);
    return true;
}

static void expect_word(struct parser *p, const char *quoted, struct str word)
{
    if (!accept_word(p, word))
        expected(p, quoted);
}

static struct gql_name parse_name(struct parser *p)
{
    struct gql_name name = {p->tok.text, p->tok.loc};
    expect(p, TOKEN_NAME);
    return name;
}

/* True before each item of a list and false, having taken `close`, after the last. */
static bool more(struct parser *p, enum gql_token_kind close) { return !p->lex.failed && !accept(p, close); }

/* ---- lists ---- */

static void push(struct parser *p, const void *item, size_t size) { buf_add_mem(&p->stack, item, size); }

/* Takes everything above `mark` off the stack. */
static void *take(struct parser *p, size_t mark, size_t size, uint32_t *n)
{
    size_t bytes = p->stack.len - mark;
    *n = (uint32_t)(bytes / size);
    void *items = bytes ? arena_memdup(p->arena, p->stack.p + mark, bytes) : NULL;
    buf_truncate(&p->stack, mark);
    return items;
}

static bool enter(struct parser *p)
{
    if (p->depth == GQL_DEPTH_MAX) {
        fail_at_limit(p, "Document is nested deeper than %u levels.", GQL_DEPTH_MAX);
        return false;
    }
    p->depth++;
    return true;
}

static void leave(struct parser *p) { p->depth--; }

/* ---- values ---- */

static struct gql_value *parse_value(struct parser *p, bool constant);

static struct gql_value *new_value(struct parser *p, enum gql_value_kind kind)
{
    struct gql_value *v = arena_new_of(p->arena, struct gql_value);
    v->kind = kind;
    v->loc = p->tok.loc;
    v->text = p->tok.text;
    return v;
}

static struct gql_value *parse_scalar(struct parser *p, enum gql_value_kind kind)
{
    struct gql_value *v = new_value(p, kind);
    v->block = at(p, TOKEN_BLOCK_STRING);
    advance(p);
    return v;
}

static struct gql_value *parse_word_value(struct parser *p)
{
    struct gql_value *v = parse_scalar(p, GQL_ENUM);
    if (str_eq(v->text, STR("null"))) {
        v->kind = GQL_NULL;
    } else if (str_eq(v->text, STR("true")) || str_eq(v->text, STR("false"))) {
        v->kind = GQL_BOOLEAN;
        v->boolean = v->text.len == 4;
    }
    return v;
}

static struct gql_value *parse_variable(struct parser *p, bool constant)
{
    struct gql_token dollar = p->tok;
    struct gql_value *v = new_value(p, GQL_VARIABLE);
    advance(p);
    if (!constant) {
        v->text = parse_name(p).s;
    } else if (!at(p, TOKEN_NAME)) {
        fail_with_token(p, &dollar, "Unexpected ", ".");
    } else {
        struct str name = p->tok.text;
        struct str message = arena_printf(p->arena, "Unexpected variable \"$%.*s\" in constant value.", STR_ARG(name));
        gql_lexer_fail(&p->lex, dollar.loc, message);
        p->tok.kind = TOKEN_FAILED;
    }
    return v;
}

static struct gql_value *parse_list(struct parser *p, bool constant)
{
    struct gql_value *list = new_value(p, GQL_LIST);
    size_t mark = p->stack.len;
    if (!enter(p))
        return list;
    advance(p);
    while (more(p, TOKEN_BRACKET_R)) {
        struct gql_value *item = parse_value(p, constant);
        push(p, &item, sizeof item);
    }
    list->items = take(p, mark, sizeof *list->items, &list->n);
    leave(p);
    return list;
}

static struct gql_value *parse_object(struct parser *p, bool constant)
{
    struct gql_value *object = new_value(p, GQL_OBJECT);
    size_t mark = p->stack.len;
    if (!enter(p))
        return object;
    advance(p);
    while (more(p, TOKEN_BRACE_R)) {
        struct gql_object_field field = {.name = parse_name(p)};
        expect(p, TOKEN_COLON);
        field.value = parse_value(p, constant);
        push(p, &field, sizeof field);
    }
    object->fields = take(p, mark, sizeof *object->fields, &object->n);
    leave(p);
    return object;
}

static struct gql_value *parse_value(struct parser *p, bool constant)
{
    switch (p->tok.kind) {
    case TOKEN_BRACKET_L: return parse_list(p, constant);
    case TOKEN_BRACE_L: return parse_object(p, constant);
    case TOKEN_INT: return parse_scalar(p, GQL_INT);
    case TOKEN_FLOAT: return parse_scalar(p, GQL_FLOAT);
    case TOKEN_STRING:
    case TOKEN_BLOCK_STRING: return parse_scalar(p, GQL_STRING);
    case TOKEN_NAME: return parse_word_value(p);
    case TOKEN_DOLLAR: return parse_variable(p, constant);
    default: unexpected(p); return new_value(p, GQL_NULL);
    }
}

/* ---- arguments, directives, types ---- */

static struct gql_argument *parse_arguments(struct parser *p, bool constant, uint32_t *n)
{
    size_t mark = p->stack.len;
    if (accept(p, TOKEN_PAREN_L)) {
        do {
            struct gql_argument arg = {.name = parse_name(p)};
            expect(p, TOKEN_COLON);
            arg.value = parse_value(p, constant);
            push(p, &arg, sizeof arg);
        } while (more(p, TOKEN_PAREN_R));
    }
    return take(p, mark, sizeof(struct gql_argument), n);
}

static void parse_directives(struct parser *p, bool constant, struct gql_directive_list *list)
{
    size_t mark = p->stack.len;
    while (at(p, TOKEN_AT)) {
        struct gql_directive d = {.loc = p->tok.loc};
        advance(p);
        d.name = parse_name(p);
        d.args = parse_arguments(p, constant, &d.n_args);
        push(p, &d, sizeof d);
    }
    list->v = take(p, mark, sizeof *list->v, &list->n);
}

static struct gql_type_ref *new_type_ref(struct parser *p, enum gql_ref_kind kind, struct gql_loc loc)
{
    struct gql_type_ref *t = arena_new_of(p->arena, struct gql_type_ref);
    t->kind = kind;
    t->loc = loc;
    return t;
}

static struct gql_type_ref *parse_type(struct parser *p)
{
    struct gql_type_ref *t = new_type_ref(p, GQL_REF_NAMED, p->tok.loc);
    if (!at(p, TOKEN_BRACKET_L)) {
        t->name = parse_name(p).s;
    } else if (enter(p)) {
        advance(p);
        t->kind = GQL_REF_LIST;
        t->of = parse_type(p);
        expect(p, TOKEN_BRACKET_R);
        leave(p);
    }
    if (!accept(p, TOKEN_BANG))
        return t;
    struct gql_type_ref *required = new_type_ref(p, GQL_REF_NON_NULL, t->loc);
    required->of = t;
    return required;
}

/* ---- selections ---- */

static struct gql_selection *parse_selection(struct parser *p);

/* At the items of a selection set whose opening is taken. */
static struct gql_selection_set *parse_selections(struct parser *p, struct gql_loc loc, enum gql_token_kind close)
{
    struct gql_selection_set *set = arena_new_of(p->arena, struct gql_selection_set);
    set->loc = loc;
    size_t mark = p->stack.len;
    if (!enter(p))
        return set;
    do {
        struct gql_selection *selection = parse_selection(p);
        push(p, &selection, sizeof selection);
    } while (more(p, close));
    set->items = take(p, mark, sizeof *set->items, &set->n);
    leave(p);
    return set;
}

static struct gql_selection_set *parse_selection_set(struct parser *p)
{
    struct gql_loc loc = p->tok.loc;
    expect(p, TOKEN_BRACE_L);
    return parse_selections(p, loc, TOKEN_BRACE_R);
}

static void __attribute__((noinline)) parse_field(struct parser *p, struct gql_selection *field)
{
    field->name = parse_name(p);
    if (accept(p, TOKEN_COLON)) {
        field->alias = field->name;
        field->name = parse_name(p);
    }
    field->args = parse_arguments(p, false, &field->n_args);
    parse_directives(p, false, &field->directives);
}

/* After the three dots. */
static void __attribute__((noinline)) parse_fragment(struct parser *p, struct gql_selection *fragment)
{
    bool on = accept_word(p, STR("on"));
    fragment->kind = !on && at(p, TOKEN_NAME) ? GQL_FRAGMENT_SPREAD : GQL_INLINE_FRAGMENT;
    if (on)
        fragment->on = parse_name(p);
    else if (fragment->kind == GQL_FRAGMENT_SPREAD)
        fragment->name = parse_name(p);
    parse_directives(p, false, &fragment->directives);
}

static struct gql_selection *parse_selection(struct parser *p)
{
    struct gql_selection *s = arena_new_of(p->arena, struct gql_selection);
    s->loc = p->tok.loc;
    if (accept(p, TOKEN_SPREAD))
        parse_fragment(p, s);
    else
        parse_field(p, s);
    if (s->kind == GQL_INLINE_FRAGMENT || (s->kind == GQL_FIELD && at(p, TOKEN_BRACE_L)))
        s->selections = parse_selection_set(p);
    return s;
}

/* ---- operations and fragments ---- */

/* A description, when there is one, becomes the text; `block` tells its form. */
static bool parse_description(struct parser *p, struct str *text, bool *block)
{
    if (!at(p, TOKEN_STRING) && !at(p, TOKEN_BLOCK_STRING))
        return false;
    *text = p->tok.text;
    *block = at(p, TOKEN_BLOCK_STRING);
    advance(p);
    return true;
}

#define PARSE_DESCRIPTION(p, node) \
    ((node)->has_description = parse_description((p), &(node)->description, &(node)->description_block))

static struct gql_variable_definition parse_variable_definition(struct parser *p)
{
    struct gql_variable_definition v = {.loc = p->tok.loc};
    PARSE_DESCRIPTION(p, &v);
    expect(p, TOKEN_DOLLAR);
    v.name = parse_name(p);
    expect(p, TOKEN_COLON);
    v.type = parse_type(p);
    if (accept(p, TOKEN_EQUALS))
        v.default_value = parse_value(p, true);
    parse_directives(p, true, &v.directives);
    return v;
}

static void parse_operation(struct parser *p, struct gql_definition *def)
{
    if (at(p, TOKEN_NAME))
        def->name = parse_name(p);
    size_t mark = p->stack.len;
    if (accept(p, TOKEN_PAREN_L)) {
        do {
            struct gql_variable_definition v = parse_variable_definition(p);
            push(p, &v, sizeof v);
        } while (more(p, TOKEN_PAREN_R));
    }
    def->variables = take(p, mark, sizeof *def->variables, &def->n_variables);
    parse_directives(p, false, &def->directives);
    def->selections = parse_selection_set(p);
}

static void parse_fragment_definition(struct parser *p, struct gql_definition *def)
{
    if (p->tok.text.p && str_eq(p->tok.text, STR("on")))
        unexpected(p);
    def->name = parse_name(p);
    expect_word(p, "\"on\"", STR("on"));
    def->on = parse_name(p);
    parse_directives(p, false, &def->directives);
    def->selections = parse_selection_set(p);
}

/* ---- the type system ---- */

static bool operation_kind(struct str word, enum gql_operation_kind *kind)
{
    static const struct str words[] = {STR_INIT("query"), STR_INIT("mutation"), STR_INIT("subscription")};
    for (int i = 0; i < 3; i++) {
        if (str_eq(word, words[i])) {
            *kind = (enum gql_operation_kind)i;
            return true;
        }
    }
    return false;
}

static void parse_roots(struct parser *p, struct gql_definition *def)
{
    size_t mark = p->stack.len;
    expect(p, TOKEN_BRACE_L);
    do {
        struct gql_token word = p->tok;
        struct gql_root_type root = {.loc = word.loc};
        expect(p, TOKEN_NAME);
        if (!operation_kind(word.text, &root.kind))
            fail_with_token(p, &word, "Unexpected ", ".");
        expect(p, TOKEN_COLON);
        root.type = parse_name(p);
        push(p, &root, sizeof root);
    } while (more(p, TOKEN_BRACE_R));
    def->roots = take(p, mark, sizeof *def->roots, &def->n_roots);
}

/* A list of names with a delimiter between them and, if the author likes, before the first. */
static struct gql_name *parse_names(struct parser *p, enum gql_token_kind delimiter, uint32_t *n)
{
    size_t mark = p->stack.len;
    accept(p, delimiter);
    do {
        struct gql_name name = parse_name(p);
        push(p, &name, sizeof name);
    } while (accept(p, delimiter));
    return take(p, mark, sizeof(struct gql_name), n);
}

static struct gql_input_value_definition parse_input_value(struct parser *p)
{
    struct gql_input_value_definition v = {.loc = p->tok.loc};
    PARSE_DESCRIPTION(p, &v);
    v.name = parse_name(p);
    expect(p, TOKEN_COLON);
    v.type = parse_type(p);
    if (accept(p, TOKEN_EQUALS))
        v.default_value = parse_value(p, true);
    parse_directives(p, true, &v.directives);
    return v;
}

static struct gql_input_value_definition *parse_input_values(struct parser *p, enum gql_token_kind open,
                                                             enum gql_token_kind close, uint32_t *n)
{
    size_t mark = p->stack.len;
    if (accept(p, open)) {
        do {
            struct gql_input_value_definition v = parse_input_value(p);
            push(p, &v, sizeof v);
        } while (more(p, close));
    }
    return take(p, mark, sizeof(struct gql_input_value_definition), n);
}

static struct gql_field_definition parse_field_definition(struct parser *p)
{
    struct gql_field_definition f = {.loc = p->tok.loc};
    PARSE_DESCRIPTION(p, &f);
    f.name = parse_name(p);
    f.args = parse_input_values(p, TOKEN_PAREN_L, TOKEN_PAREN_R, &f.n_args);
    expect(p, TOKEN_COLON);
    f.type = parse_type(p);
    parse_directives(p, true, &f.directives);
    return f;
}

static struct gql_enum_value_definition parse_enum_value(struct parser *p)
{
    struct gql_enum_value_definition v = {.loc = p->tok.loc};
    PARSE_DESCRIPTION(p, &v);
    struct str word = p->tok.text;
    if (word.p && (str_eq(word, STR("true")) || str_eq(word, STR("false")) || str_eq(word, STR("null"))))
        fail_with_token(p, &p->tok, "", " is reserved and cannot be used for an enum value.");
    v.name = parse_name(p);
    parse_directives(p, true, &v.directives);
    return v;
}

static void parse_schema(struct parser *p, struct gql_definition *def)
{
    parse_directives(p, true, &def->directives);
    if (!def->extend || at(p, TOKEN_BRACE_L))
        parse_roots(p, def);
}

static void parse_scalar_type(struct parser *p, struct gql_definition *def)
{
    def->name = parse_name(p);
    parse_directives(p, true, &def->directives);
}

/* Objects and interfaces. */
static void parse_fields_type(struct parser *p, struct gql_definition *def)
{
    def->name = parse_name(p);
    if (accept_word(p, STR("implements")))
        def->interfaces = parse_names(p, TOKEN_AMP, &def->n_interfaces);
    parse_directives(p, true, &def->directives);
    size_t mark = p->stack.len;
    if (accept(p, TOKEN_BRACE_L)) {
        do {
            struct gql_field_definition f = parse_field_definition(p);
            push(p, &f, sizeof f);
        } while (more(p, TOKEN_BRACE_R));
    }
    def->fields = take(p, mark, sizeof *def->fields, &def->n_fields);
}

static void parse_union(struct parser *p, struct gql_definition *def)
{
    def->name = parse_name(p);
    parse_directives(p, true, &def->directives);
    if (accept(p, TOKEN_EQUALS))
        def->members = parse_names(p, TOKEN_PIPE, &def->n_members);
}

static void parse_enum(struct parser *p, struct gql_definition *def)
{
    def->name = parse_name(p);
    parse_directives(p, true, &def->directives);
    size_t mark = p->stack.len;
    if (accept(p, TOKEN_BRACE_L)) {
        do {
            struct gql_enum_value_definition v = parse_enum_value(p);
            push(p, &v, sizeof v);
        } while (more(p, TOKEN_BRACE_R));
    }
    def->values = take(p, mark, sizeof *def->values, &def->n_values);
}

static void parse_input_type(struct parser *p, struct gql_definition *def)
{
    def->name = parse_name(p);
    parse_directives(p, true, &def->directives);
    def->inputs = parse_input_values(p, TOKEN_BRACE_L, TOKEN_BRACE_R, &def->n_inputs);
}

static void parse_locations(struct parser *p, struct gql_definition *def)
{
    size_t mark = p->stack.len;
    accept(p, TOKEN_PIPE);
    do {
        struct gql_token word = p->tok;
        struct gql_name name = parse_name(p);
        if (gql_directive_location_find(name.s) < 0)
            fail_with_token(p, &word, "Unexpected ", ".");
        push(p, &name, sizeof name);
    } while (accept(p, TOKEN_PIPE));
    def->locations = take(p, mark, sizeof *def->locations, &def->n_locations);
}

static void parse_directive_definition(struct parser *p, struct gql_definition *def)
{
    expect(p, TOKEN_AT);
    def->name = parse_name(p);
    def->inputs = parse_input_values(p, TOKEN_PAREN_L, TOKEN_PAREN_R, &def->n_inputs);
    def->repeatable = accept_word(p, STR("repeatable"));
    expect_word(p, "\"on\"", STR("on"));
    parse_locations(p, def);
}

/* ---- definitions ---- */

struct definition_rule {
    struct str word;
    enum gql_definition_kind kind;
    bool extensible;
    void (*parse)(struct parser *p, struct gql_definition *def); /* what follows the word */
};

static const struct definition_rule rules[] = {
    {STR_INIT("query"), GQL_OPERATION, false, parse_operation},
    {STR_INIT("mutation"), GQL_OPERATION, false, parse_operation},
    {STR_INIT("subscription"), GQL_OPERATION, false, parse_operation},
    {STR_INIT("fragment"), GQL_FRAGMENT, false, parse_fragment_definition},
    {STR_INIT("schema"), GQL_SCHEMA_DEF, true, parse_schema},
    {STR_INIT("scalar"), GQL_SCALAR_DEF, true, parse_scalar_type},
    {STR_INIT("type"), GQL_OBJECT_DEF, true, parse_fields_type},
    {STR_INIT("interface"), GQL_INTERFACE_DEF, true, parse_fields_type},
    {STR_INIT("union"), GQL_UNION_DEF, true, parse_union},
    {STR_INIT("enum"), GQL_ENUM_DEF, true, parse_enum},
    {STR_INIT("input"), GQL_INPUT_DEF, true, parse_input_type},
    {STR_INIT("directive"), GQL_DIRECTIVE_DEF, false, parse_directive_definition},
};

static const struct definition_rule *find_rule(const struct parser *p, bool extend)
{
    if (!at(p, TOKEN_NAME))
        return NULL;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (str_eq(p->tok.text, rules[i].word))
            return extend && !rules[i].extensible ? NULL : &rules[i];
    return NULL;
}

static void parse_by_rule(struct parser *p, struct gql_definition *def)
{
    const struct definition_rule *rule = find_rule(p, def->extend);
    if (!rule) {
        if (def->has_description && at(p, TOKEN_NAME))
            fail_at(p, def->loc, "Unexpected description, only GraphQL definitions support descriptions.");
        unexpected(p);
        return;
    }
    def->kind = rule->kind;
    if (def->kind == GQL_OPERATION)
        operation_kind(rule->word, &def->operation);
    advance(p);
    rule->parse(p, def);
    bool empty = !def->directives.n && !def->n_roots && !def->n_interfaces && !def->n_fields && !def->n_members &&
                 !def->n_values && !def->n_inputs;
    if (def->extend && empty)
        unexpected(p);
}

static struct gql_definition *parse_definition(struct parser *p)
{
    struct gql_definition *def = arena_new_of(p->arena, struct gql_definition);
    def->loc = p->tok.loc;
    if (at(p, TOKEN_BRACE_L)) {
        def->shorthand = true;
        def->selections = parse_selection_set(p);
        return def;
    }
    PARSE_DESCRIPTION(p, def);
    if (def->has_description && at(p, TOKEN_BRACE_L))
        fail_at(p, def->loc, "Unexpected description, descriptions are not supported on shorthand queries.");
    if (!def->has_description)
        def->extend = accept_word(p, STR("extend"));
    parse_by_rule(p, def);
    return def;
}

/* ---- entries ---- */

static void start(struct parser *p, struct arena *a, struct str text, struct gql_errors *errors)
{
    memset(p, 0, sizeof *p);
    p->arena = a;
    buf_init(&p->stack, SIZE_MAX / 2);
    gql_lexer_init(&p->lex, a, text, errors);
}

/* True when the whole text was taken without an error. */
static bool finish(struct parser *p)
{
    if (!p->lex.failed)
        expect(p, TOKEN_EOF);
    buf_free(&p->stack);
    return !p->lex.failed;
}

struct gql_document *gql_parse(struct arena *a, struct str text, const struct gql_parse_options *options,
                               struct gql_errors *errors)
{
    struct parser p;
    start(&p, a, text, errors);
    p.max_tokens = options ? options->max_tokens : 0;
    advance(&p);
    do {
        struct gql_definition *def = parse_definition(&p);
        push(&p, &def, sizeof def);
    } while (!p.lex.failed && !at(&p, TOKEN_EOF));

    struct gql_document *doc = arena_new_of(a, struct gql_document);
    *doc = (struct gql_document){.arena = a, .source = text, .n_tokens = p.n_tokens};
    doc->definitions = take(&p, 0, sizeof *doc->definitions, &doc->n);
    return finish(&p) ? doc : NULL;
}

struct gql_selection_set *gql_parse_field_set(struct arena *a, struct str text, struct gql_errors *errors)
{
    struct parser p;
    start(&p, a, text, errors);
    advance(&p);
    struct gql_selection_set *set;
    if (at(&p, TOKEN_BRACE_L))
        set = parse_selection_set(&p);
    else
        set = parse_selections(&p, p.tok.loc, TOKEN_EOF);
    return finish(&p) ? set : NULL;
}

struct gql_value *gql_parse_const_value(struct arena *a, struct str text, struct gql_errors *errors)
{
    struct parser p;
    start(&p, a, text, errors);
    advance(&p);
    struct gql_value *value = parse_value(&p, true);
    return finish(&p) ? value : NULL;
}

struct gql_type_ref *gql_parse_type_ref(struct arena *a, struct str text, struct gql_errors *errors)
{
    struct parser p;
    start(&p, a, text, errors);
    advance(&p);
    struct gql_type_ref *type = parse_type(&p);
    return finish(&p) ? type : NULL;
}
