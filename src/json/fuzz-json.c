/* Tree and reader must agree, and what is written must read back as the same text. */
#include "base/panic.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_mem(data, size), raw;
    struct arena *a = arena_new(0);
    struct err err = {0};
    struct json_reader r;
    json_reader_init(&r, text, &err);
    bool skipped = json_skip(&r, &raw) && json_at_end(&r);
    const struct json *v = json_parse(a, text, &err);
    PB_ASSERT(skipped == (v != NULL));
    PB_ASSERT(skipped || err.msg[0]);
    if (v) {
        PB_ASSERT(str_eq(v->raw, raw));
        struct buf once, twice;
        buf_init(&once, SIZE_MAX);
        buf_init(&twice, SIZE_MAX);
        json_write(&once, v);
        json_write(&twice, json_parse(a, buf_str(&once), &err));
        PB_ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
        buf_clear(&once);
        buf_clear(&twice);
        json_write_canonical(&once, v);
        json_write_canonical(&twice, json_parse(a, buf_str(&once), &err));
        PB_ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
        int64_t i;
        double d;
        if (json_to_i64(v, &i) && json_to_double(v, &d))
            PB_ASSERT(d - (double)i == 0);
        buf_free(&once);
        buf_free(&twice);
    }
    arena_free(&a);
    return 0;
}
