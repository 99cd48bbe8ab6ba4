#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"
#include "json/settings.h"
#include "json/settings_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct loader {
    struct arena *arena;
    const char *file;
    struct err *err;
    yaml_document_t *document;
    size_t nodes;
};

static struct json *invalid(struct loader *l, size_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static struct json *invalid(struct loader *l, size_t line, const char *fmt, ...)
{
    char what[sizeof l->err->msg];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    err_set(l->err, "SETTINGS_INVALID", "%s:%zu: %s", l->file, line, what);
    return NULL;
}

static bool expand_env(struct loader *l, size_t line, struct str name, struct buf *out)
{
    ptrdiff_t colon = str_find(name, STR(":-"));
    struct str fallback = colon < 0 ? STR_NONE : str_sub(name, (size_t)colon + 2, name.len);
    name = colon < 0 ? name : str_sub(name, 0, (size_t)colon);
    const char *value = getenv(arena_cstr(l->arena, name));
    if (value && (*value || colon < 0))
        return buf_add_c(out, value);
    if (colon >= 0)
        return buf_add(out, fallback);
    invalid(
        l, line,
        "the environment variable %.*s is not set: set it, or give a default with ${env.%.*s:-default}",
        STR_ARG(name), STR_ARG(name));
    return false;
}

static bool expand_file(struct loader *l, size_t line, struct str path, struct buf *out)
{
    const char *slash = strrchr(l->file, '/');
    bool from_folder = slash && !str_starts(path, STR("/"));
    int folder_len = from_folder ? (int)(slash + 1 - l->file) : 0;
    struct str full = arena_printf(l->arena, "%.*s%.*s", folder_len, l->file, STR_ARG(path));
    struct err why;
    struct str content = file_read(l->arena, full.p, SETTINGS_FILE_MAX, &why);
    if (!content.p) {
        invalid(l, line, "${file.%.*s}: %s", STR_ARG(path), why.msg);
        return false;
    }
    if (str_ends(content, STR("\n")))
        content.len--;
    if (str_ends(content, STR("\r")))
        content.len--;
    return buf_add(out, content);
}

static bool expand_one(struct loader *l, size_t line, struct str inside, struct buf *out)
{
    if (str_starts(inside, STR("env.")))
        return expand_env(l, line, str_sub(inside, 4, inside.len), out);
    if (str_starts(inside, STR("file.")))
        return expand_file(l, line, str_sub(inside, 5, inside.len), out);
    invalid(
        l, line,
        "${%.*s}: known are ${env.NAME}, ${env.NAME:-default} and ${file.PATH}; $${ stands for the characters "
        "themselves",
        STR_ARG(inside));
    return false;
}

static bool expand_into(struct loader *l, size_t line, struct str text, struct buf *out)
{
    for (ptrdiff_t at = str_find(text, STR("${")); at >= 0; at = str_find(text, STR("${"))) {
        bool escaped = at > 0 && text.p[at - 1] == '$';
        struct str rest = str_sub(text, (size_t)at + 2, text.len);
        ptrdiff_t end = escaped ? -1 : str_find_char(rest, '}');
        buf_add(out, str_sub(text, 0, (size_t)(escaped ? at - 1 : at)));
        if (escaped) {
            buf_add(out, STR("${"));
        } else if (end < 0) {
            invalid(l, line, "a ${ has no closing brace; $${ stands for the characters themselves");
            return false;
        } else if (!expand_one(l, line, str_sub(rest, 0, (size_t)end), out)) {
            return false;
        }
        text = str_sub(rest, (size_t)(end + 1), rest.len);
    }
    return buf_add(out, text);
}

/* NULL in .p on failure. */
static struct str expand(struct loader *l, size_t line, struct str text)
{
    if (str_find(text, STR("${")) < 0)
        return arena_str(l->arena, text);
    struct buf out;
    buf_init(&out, 4 * SETTINGS_FILE_MAX);
    bool ok = expand_into(l, line, text, &out);
    struct str expanded = ok ? arena_str(l->arena, buf_str(&out)) : STR_NONE;
    buf_free(&out);
    return expanded;
}

static bool is_number(struct str s)
{
    struct json_reader r;
    struct str raw;
    bool integer;
    json_reader_init(&r, s, NULL);
    return s.len && s.p[0] > ' ' && json_read_number(&r, &raw, &integer) && raw.len == s.len;
}

static void resolve_plain(struct json *v)
{
    static const struct {
        struct str text;
        enum json_kind kind;
    } words[] = {{STR_INIT(""), JSON_NULL},      {STR_INIT("~"), JSON_NULL},
                 {STR_INIT("null"), JSON_NULL},  {STR_INIT("Null"), JSON_NULL},
                 {STR_INIT("NULL"), JSON_NULL},  {STR_INIT("true"), JSON_BOOL},
                 {STR_INIT("True"), JSON_BOOL},  {STR_INIT("TRUE"), JSON_BOOL},
                 {STR_INIT("false"), JSON_BOOL}, {STR_INIT("False"), JSON_BOOL},
                 {STR_INIT("FALSE"), JSON_BOOL}};
    for (size_t i = 0; i < PB_ARRAY_LEN(words); i++) {
        if (str_eq(v->text, words[i].text)) {
            v->kind = words[i].kind;
            v->boolean = v->kind == JSON_BOOL && (v->text.p[0] | 0x20) == 't';
            return;
        }
    }
    if (is_number(v->text))
        v->kind = JSON_NUMBER;
}

static struct json *load_node(struct loader *l, int index, size_t line, int depth);

static struct json *load_scalar(struct loader *l, const yaml_node_t *node, struct json *v)
{
    v->text = v->raw = expand(l, node->start_mark.line + 1,
                              str_mem(node->data.scalar.value, node->data.scalar.length));
    if (!v->text.p)
        return NULL;
    v->kind = JSON_STRING;
    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        resolve_plain(v);
    return v;
}

static struct json *load_sequence(struct loader *l, const yaml_node_t *node, struct json *v,
                                  int depth)
{
    VEC(struct json *) items = {0};
    for (const yaml_node_item_t *i = node->data.sequence.items.start;
         i < node->data.sequence.items.top; i++) {
        size_t line = yaml_document_get_node(l->document, *i)->start_mark.line + 1;
        struct json *item = load_node(l, *i, line, depth + 1);
        if (!item)
            return NULL;
        vec_push(l->arena, &items, item);
    }
    v->kind = JSON_ARRAY;
    v->items = items.v;
    v->n = (uint32_t)items.n;
    return v;
}

static struct json *load_mapping(struct loader *l, const yaml_node_t *node, struct json *v,
                                 int depth)
{
    VEC(struct json_member) members = {0};
    v->kind = JSON_OBJECT;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(l->document, p->key);
        size_t line = key->start_mark.line + 1;
        if (key->type != YAML_SCALAR_NODE)
            return invalid(l, line, "a key is a plain word, not a list or a mapping");
        struct str name =
            arena_str(l->arena, str_mem(key->data.scalar.value, key->data.scalar.length));
        const struct json *earlier = json_get(v, name);
        if (earlier)
            return invalid(l, line, "the key %.*s was given before, in line %zu", STR_ARG(name),
                           settings_node_of(earlier)->line);
        struct json *value = load_node(l, p->value, line, depth + 1);
        if (!value)
            return NULL;
        vec_push(l->arena, &members, (struct json_member){name, value});
        v->members = members.v;
        v->n = (uint32_t)members.n;
    }
    return v;
}

/* An alias leads to the same node again; the limits bound what aliases of aliases, or of
 * themselves, unfold to. */
static struct json *load_node(struct loader *l, int index, size_t line, int depth)
{
    const yaml_node_t *node = yaml_document_get_node(l->document, index);
    if (depth > SETTINGS_DEPTH_MAX)
        return invalid(l, line, "mappings and lists nest at most %d deep", SETTINGS_DEPTH_MAX);
    if (++l->nodes > SETTINGS_NODES_MAX)
        return invalid(l, line, "there are more than %d values", SETTINGS_NODES_MAX);
    struct settings_node *n = arena_new_of(l->arena, struct settings_node);
    n->file = l->file;
    n->line = line;
    switch (node->type) {
    case YAML_SCALAR_NODE: return load_scalar(l, node, &n->json);
    case YAML_SEQUENCE_NODE: return load_sequence(l, node, &n->json, depth);
    default: return load_mapping(l, node, &n->json, depth);
    }
}

static struct json *load_root(struct loader *l)
{
    const yaml_node_t *root = yaml_document_get_root_node(l->document);
    bool nothing = !root || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0 &&
                             root->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    if (nothing) {
        struct settings_node *empty = arena_new_of(l->arena, struct settings_node);
        *empty = (struct settings_node){.json = {.kind = JSON_OBJECT}, .file = l->file, .line = 1};
        return &empty->json;
    }
    size_t line = root->start_mark.line + 1;
    if (root->type != YAML_MAPPING_NODE)
        return invalid(l, line, "a mapping was expected: lines of the form key: value");
    return load_node(l, 1, line, 0);
}

static struct json *report_syntax(struct loader *l, const yaml_parser_t *parser)
{
    const char *context = parser->context ? parser->context : "";
    return invalid(l, parser->problem_mark.line + 1, "%s%s%s (column %zu)",
                   parser->problem ? parser->problem : "not YAML", *context ? ", " : "", context,
                   parser->problem_mark.column + 1);
}

static struct json *load_only_document(struct loader *l, yaml_parser_t *parser)
{
    yaml_document_t document, further;
    if (!yaml_parser_load(parser, &document))
        return report_syntax(l, parser);
    l->document = &document;
    struct json *root = load_root(l);
    if (root && yaml_document_get_root_node(&document)) {
        if (!yaml_parser_load(parser, &further)) {
            root = report_syntax(l, parser);
        } else {
            const yaml_node_t *second = yaml_document_get_root_node(&further);
            if (second)
                root = invalid(l, second->start_mark.line + 1,
                               "there is a second document: a file of settings has one");
            yaml_document_delete(&further);
        }
    }
    yaml_document_delete(&document);
    return root;
}

struct json *settings_parse(struct arena *a, const char *file, struct str yaml, struct err *err)
{
    struct loader l = {.arena = a, .file = arena_cstr(a, str_c(file)), .err = err};
    if (yaml.len > SETTINGS_FILE_MAX)
        return invalid(&l, 1, "the text is longer than %u bytes", SETTINGS_FILE_MAX);
    yaml_parser_t parser;
    PB_ASSERT(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(yaml.p ? yaml.p : ""), yaml.len);
    struct json *root = load_only_document(&l, &parser);
    yaml_parser_delete(&parser);
    return root;
}

struct json *settings_read_file(struct arena *a, const char *path, struct err *err)
{
    struct str content = file_read(a, path, SETTINGS_FILE_MAX, err);
    return content.p ? settings_parse(a, path, content, err) : NULL;
}
