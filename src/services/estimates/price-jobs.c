/* Test tool: prices a JSON list of jobs from stdin and writes for each {"inputHash","result","resultHash","belowFloor"}
 * or {"error"}. The Node oracle in test/pricing compares. */
#include "base/test.h"
#include "services/estimates/pricing.h"

#define JOBS_BYTES_MAX (256u << 20)

static void read_all(struct buf *in)
{
    for (;;) {
        char *p = buf_reserve(in, 1u << 16);
        size_t n = p ? fread(p, 1, 1u << 16, stdin) : 0;
        if (n == 0)
            return;
        buf_advance(in, n);
    }
}

static void write_job(struct json_writer *w, struct arena *a, const struct json *input)
{
    char hash[SHA256_HEX_LEN + 1];
    struct err err = {0};
    struct pricing_result *r = pricing_compute(a, input, &err);
    jw_begin_object(w);
    if (!r) {
        jw_name(w, STR("error"));
        jw_string(w, str_c(err.msg));
        jw_end_object(w);
        return;
    }
    pricing_hash_json(input, hash);
    jw_name(w, STR("inputHash"));
    jw_string(w, str_c(hash));
    pricing_hash_result(r, hash);
    jw_name(w, STR("resultHash"));
    jw_string(w, str_c(hash));
    jw_name(w, STR("belowFloor"));
    jw_begin_array(w);
    for (size_t i = 0; i < r->n_tiers; i++)
        jw_bool(w, r->tiers[i].below_floor);
    jw_end_array(w);
    jw_name(w, STR("result"));
    struct buf result;
    buf_init(&result, JOBS_BYTES_MAX);
    pricing_write_result(&result, r);
    jw_raw(w, buf_str(&result));
    buf_free(&result);
    jw_end_object(w);
}

int main(void)
{
    struct buf in, out;
    buf_init(&in, JOBS_BYTES_MAX);
    buf_init(&out, JOBS_BYTES_MAX);
    read_all(&in);
    struct arena *a = arena_new(JOBS_BYTES_MAX);
    struct err err = {0};
    struct json *jobs = json_parse(a, buf_str(&in), &err);
    if (!jobs || jobs->kind != JSON_ARRAY) {
        fprintf(stderr, "price-jobs: %s\n", err.msg);
        return 1;
    }
    struct json_writer w = json_writer(&out);
    jw_begin_array(&w);
    for (uint32_t i = 0; i < jobs->n; i++)
        write_job(&w, a, jobs->items[i]);
    jw_end_array(&w);
    fwrite(out.p, 1, out.len, stdout);
    arena_free(&a);
    buf_free(&in);
    buf_free(&out);
    return 0;
}
