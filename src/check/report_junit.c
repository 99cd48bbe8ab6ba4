#include "check/report.h"

#include "base/utf8.h"

/* ---- XML ---- */

static const char *xml_escape(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\n': return "&#10;";
    case '\t': return "&#9;";
    case '\r': return "&#13;";
    default: return c < 0x20 ? "\xef\xbf\xbd" : NULL;
    }
}

/* Text of an attribute or an element. What XML 1.0 cannot have becomes U+FFFD. */
static void xml_text(struct buf *out, struct str s)
{
    for (const char *p = s.p, *end = s.p + s.len; p < end;) {
        unsigned n = utf8_length(p, end);
        const char *escape = n == 1 ? xml_escape((unsigned char)*p) : NULL;
        if (n == 0 || (n == 3 && (memcmp(p, "\xef\xbf\xbe", 3) == 0 || memcmp(p, "\xef\xbf\xbf", 3) == 0)))
            escape = "\xef\xbf\xbd";
        if (escape)
            buf_add_c(out, escape);
        else
            buf_add_mem(out, p, n);
        p += n ? n : utf8_bad_length(p, end);
    }
}

static void attribute(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, " %s=\"", name);
    xml_text(out, value);
    buf_add_char(out, '"');
}

/* ---- cases ---- */

static void open_case(struct buf *out, const char *class, struct str name, struct str more)
{
    buf_printf(out, "    <testcase classname=\"%s\" name=\"", class);
    xml_text(out, name);
    if (more.len) {
        buf_add_char(out, ' ');
        xml_text(out, more);
    }
    buf_add_c(out, "\">");
}

static void failure(struct buf *out, struct str type, struct str message, struct str body)
{
    buf_add_c(out, "<failure");
    attribute(out, "type", type);
    attribute(out, "message", message);
    buf_add_char(out, '>');
    xml_text(out, body);
    buf_add_c(out, "</failure>");
}

static void close_case(struct buf *out)
{
    buf_add_c(out, "</testcase>\n");
}

static void open_suite(struct buf *out, const char *name, uint64_t tests, uint64_t failures, uint64_t skipped)
{
    buf_printf(out,
               "  <testsuite name=\"%s\" tests=\"%llu\" failures=\"%llu\" errors=\"0\" skipped=\"%llu\" time=\"0\">\n",
               name, (unsigned long long)tests, (unsigned long long)failures, (unsigned long long)skipped);
}

/* A suite is never empty: then the thing as a whole is its one case. */
static void good_case(struct buf *out, const char *class, const char *name)
{
    open_case(out, class, str_c(name), STR_NONE);
    close_case(out);
}

/* ---- suites ---- */

static void write_composition(struct buf *out, const struct check *k)
{
    const struct compose_result *r = &k->to->result;
    open_suite(out, "composition", r->n_errors ? r->n_errors : 1, r->n_errors, 0);
    for (size_t i = 0; i < r->n_errors; i++) {
        open_case(out, "composition", r->errors[i].code, r->errors[i].coordinate);
        failure(out, r->errors[i].code, r->errors[i].message, r->errors[i].message);
        close_case(out);
    }
    if (!r->n_errors)
        good_case(out, "composition", k->to->composed ? "the subgraphs compose" : "the new schema is valid");
    buf_add_c(out, "  </testsuite>\n");
}

static bool listed(const struct change *c)
{
    return c->level != CHANGE_SAFE && !c->implied;
}

static void write_change(struct buf *out, const struct check *k, size_t i)
{
    const struct change *c = &k->changes.v[i];
    const struct change_about *about = change_about(c->kind);
    struct str name = str_c(about->name);
    open_case(out, "schema", name, c->coordinate);
    if (k->fates[i] == CHECK_FAILS) {
        failure(out, str_c(change_level_name(c->level)), c->message, about->advice ? str_c(about->advice) : STR_NONE);
    } else {
        buf_add_c(out, "<system-out>");
        xml_text(out, c->message);
        buf_add_c(out, k->fates[i] == CHECK_UNUSED ? " (breaking, but used by no recorded operation)" : " (dangerous)");
        buf_add_c(out, "</system-out>");
    }
    close_case(out);
}

static void write_schema(struct buf *out, const struct check *k)
{
    uint64_t n = 0;
    for (size_t i = 0; i < k->changes.n; i++)
        n += listed(&k->changes.v[i]);
    open_suite(out, "schema", n ? n : 1, k->n_failing, 0);
    for (size_t i = 0; i < k->changes.n; i++)
        if (listed(&k->changes.v[i]))
            write_change(out, k, i);
    if (!n)
        good_case(out, "schema", "no breaking and no dangerous changes");
    buf_add_c(out, "  </testsuite>\n");
}

static void write_operation(struct buf *out, const struct operation_impact *o)
{
    const struct operation *op = o->operation;
    open_case(out, "operations", o->label, STR_NONE);
    struct str why = o->errors.n ? o->errors.v[0].message : STR_NONE;
    if (o->state == OPERATION_BROKEN)
        failure(out, STR("BROKEN"), why, op->query);
    if (o->state == OPERATION_INVALID) {
        buf_add_c(out, "<skipped");
        attribute(out, "message", why);
        buf_add_c(out, "/>");
    }
    close_case(out);
}

static void write_operations(struct buf *out, const struct check *k)
{
    size_t n = k->operations->list.n;
    open_suite(out, "operations", n, k->usage.states[OPERATION_BROKEN], k->usage.states[OPERATION_INVALID]);
    for (size_t i = 0; i < n; i++)
        write_operation(out, &k->usage.operations[i]);
    buf_add_c(out, "  </testsuite>\n");
}

void check_report_junit(struct buf *out, const struct check *k)
{
    buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"paintbox check\">\n");
    write_composition(out, k);
    if (k->to->schema) {
        write_schema(out, k);
        if (k->operations)
            write_operations(out, k);
    }
    buf_add_c(out, "</testsuites>\n");
}
