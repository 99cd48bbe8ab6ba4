#include "graphql/block_string.h"

#include "base/vec.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Takes the next line off the front; line ends are \n, \r and \r\n. False after the last line. */
static bool take_line(struct str *rest, struct str *line)
{
    if (!rest->p)
        return false;
    size_t n = 0;
    while (n < rest->len && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    *line = str_mem(rest->p, n);
    if (n == rest->len) {
        *rest = STR_NONE;
        return true;
    }
    n += rest->p[n] == '\r' && n + 1 < rest->len && rest->p[n + 1] == '\n' ? 2 : 1;
    *rest = str_mem(rest->p + n, rest->len - n);
    return true;
}

static size_t leading_blanks(struct str line)
{
    size_t n = 0;
    while (n < line.len && is_blank(line.p[n]))
        n++;
    return n;
}

struct block_shape {
    size_t indent;      /* common to all lines but the first */
    size_t first, last; /* lines that are not blank; first > last when there are none */
    size_t lines;
};

static struct block_shape block_shape(struct str raw)
{
    struct block_shape s = {.indent = SIZE_MAX, .first = 1, .last = 0};
    bool seen = false;
    struct str line;
    for (size_t i = 0; take_line(&raw, &line); i++, s.lines++) {
        size_t indent = leading_blanks(line);
        if (indent == line.len)
            continue;
        if (!seen)
            s.first = i;
        seen = true;
        s.last = i;
        if (i != 0 && indent < s.indent)
            s.indent = indent;
    }
    return s;
}

/* Copies a line with \""" turned into """. */
static char *put_line(char *out, struct str line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.p[i] != '\\' || line.len - i < 4 || memcmp(line.p + i + 1, "\"\"\"", 3) != 0) {
            *out++ = line.p[i];
            continue;
        }
        memcpy(out, "\"\"\"", 3);
        out += 3;
        i += 3;
    }
    return out;
}

struct str gql_block_string_value(struct arena *a, struct str raw)
{
    if (!raw.p)
        return raw;
    struct block_shape shape = block_shape(raw);
    if (shape.first > shape.last)
        return str_mem(raw.p, 0);
    if (shape.lines == 1 && str_find(raw, STR("\\\"\"\"")) < 0)
        return raw;

    char *text = arena_alloc_raw(a, raw.len), *out = text;
    struct str line;
    for (size_t i = 0; i <= shape.last && take_line(&raw, &line); i++) {
        if (i < shape.first)
            continue;
        if (i > shape.first)
            *out++ = '\n';
        out = put_line(out, i == 0 ? line : str_sub(line, shape.indent, line.len));
    }
    return str_mem(text, (size_t)(out - text));
}

bool gql_block_string_printable(struct str value)
{
    bool empty_line = true, has_indent = false, common_indent = true, seen_line = false;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c == '\n') {
            if (empty_line && !seen_line)
                return false;
            seen_line = true;
            empty_line = true;
            has_indent = false;
        } else if (c == ' ' || c == '\t') {
            has_indent = has_indent || empty_line;
        } else if (c < 0x10) {
            return false;
        } else {
            common_indent = common_indent && has_indent;
            empty_line = false;
        }
    }
    return value.len == 0 || (!empty_line && !(common_indent && seen_line));
}

size_t gql_utf16_len(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        n += (size_t)((c & 0xC0) != 0x80) + (size_t)(c >= 0xF0);
    }
    return n;
}

/* True when there are several lines and each but the first is empty or begins with a blank: without a line end after
 * the opening quotes, their indentation would be taken for common indentation. */
static bool needs_leading_newline(struct str value)
{
    struct str line;
    take_line(&value, &line);
    if (!value.p)
        return false;
    while (take_line(&value, &line))
        if (line.len && !is_blank(line.p[0]))
            return false;
    return true;
}

void gql_put_newline(struct buf *out, uint32_t indent)
{
    static const char line[] = "\n                                        ";
    enum { BLANKS = sizeof line - 2 };
    buf_add_mem(out, line, 1 + (indent < BLANKS ? indent : BLANKS));
    for (; indent > BLANKS; indent -= BLANKS)
        buf_add_mem(out, line + 1, indent - BLANKS < BLANKS ? indent - BLANKS : BLANKS);
}

static void put_escaped(struct buf *out, struct str value, uint32_t indent)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == '\n') {
            gql_put_newline(out, indent);
        } else if (value.p[i] == '"' && value.len - i >= 3 && memcmp(value.p + i, "\"\"\"", 3) == 0) {
            buf_add(out, STR("\\\"\"\""));
            i += 2;
        } else {
            buf_add_char(out, value.p[i]);
        }
    }
}

/* Does the escaped text end in \"""? Quotes are escaped in threes from the left of each run. */
static bool ends_in_triple(struct str value)
{
    size_t run = 0;
    while (run < value.len && value.p[value.len - 1 - run] == '"')
        run++;
    return run > 0 && run % 3 == 0;
}

void gql_block_string_print(struct buf *out, struct str value, uint32_t indent)
{
    if (!value.p)
        value = STR("");
    bool single_line = !memchr(value.p, '\n', value.len) && !memchr(value.p, '\r', value.len);
    bool leading = !single_line && needs_leading_newline(value);
    bool triple = ends_in_triple(value);
    char last = value.len ? value.p[value.len - 1] : 0;
    bool trailing = (last == '"' && !triple) || last == '\\';
    bool several = !single_line || gql_utf16_len(value) > 70 || trailing || leading || triple;
    bool keep_first = single_line && value.len && is_blank(value.p[0]);

    buf_add(out, STR("\"\"\""));
    if ((several && !keep_first) || leading)
        gql_put_newline(out, indent);
    put_escaped(out, value, indent);
    if (several || trailing)
        gql_put_newline(out, indent);
    buf_add(out, STR("\"\"\""));
}
