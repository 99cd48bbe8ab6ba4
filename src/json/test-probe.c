/* Lets a test in another language ask this library. Standard input is a sequence of texts, each
 * after its length as a 32-bit little-endian number; for each a line comes back:
 *
 *     probe tree     the compact form, a tab, the canonical form; or "!" and why not
 *     probe number   the number as a double, written again; "!" when it is none or not finite
 *     probe double   the double whose 8 bytes (little-endian) are the text
 *     probe string   the text as a JSON string, bad UTF-8 replaced
 */
#include "base/panic.h"
#include "json/json.h"

#include <stdio.h>

static void answer_tree(struct arena *a, struct str text, struct buf *out)
{
    struct err err;
    const struct json *v = json_parse(a, text, &err);
    if (!v) {
        buf_printf(out, "!%s", err.msg);
        return;
    }
    json_write(out, v);
    buf_add_char(out, '\t');
    json_write_canonical(out, v);
}

static void answer_number(struct arena *a, struct str text, struct buf *out)
{
    double d;
    if (json_to_double(json_parse(a, text, NULL), &d))
        json_write_double(out, d);
    else
        buf_add_char(out, '!');
}

static void answer_double(struct arena *a, struct str text, struct buf *out)
{
    double d;
    PB_ASSERT(text.len == sizeof d);
    memcpy(&d, text.p, sizeof d);
    json_write_double(out, d);
}

static void answer_string(struct arena *a, struct str text, struct buf *out)
{
    json_write_string(out, text);
}

static const struct {
    const char *name;
    void (*answer)(struct arena *a, struct str text, struct buf *out);
} modes[] = {{"tree", answer_tree},
             {"number", answer_number},
             {"double", answer_double},
             {"string", answer_string}};

static void serve(void (*answer)(struct arena *a, struct str text, struct buf *out))
{
    struct arena *a = arena_new(0);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    uint8_t head[4];
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        char *text = arena_alloc_raw(a, len);
        PB_ASSERT(fread(text, 1, len, stdin) == len);
        answer(a, str_mem(text, len), &out);
        buf_add_char(&out, '\n');
        fwrite(out.p, 1, out.len, stdout);
        buf_clear(&out);
        arena_reset(a);
    }
    buf_free(&out);
    arena_free(&a);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < PB_ARRAY_LEN(modes); i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            serve(modes[i].answer);
            return 0;
        }
    }
    fprintf(stderr, "usage: probe tree|number|double|string\n");
    return 2;
}
