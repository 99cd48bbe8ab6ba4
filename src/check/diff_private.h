/* The parts of diff_schemas(): diff.c walks types, diff_directives.c directives, diff_kinds.c has the table. */
#ifndef PAINTBOX_CHECK_DIFF_PRIVATE_H
#define PAINTBOX_CHECK_DIFF_PRIVATE_H

#include "check/diff.h"

struct diff {
    struct arena *a;
    const struct gql_schema *from, *to;
    struct change_vec out;
};

/* The element at hand. */
struct diff_at {
    struct str type, member, argument, directive;
    struct gql_loc loc;
    bool is_new;  /* where loc points */
    bool added;   /* it stands in something new */
};

/* A change of its kind's usual level; valid until the next one. The format makes the sentence. */
struct change *diff_add(struct diff *d, enum change_kind kind, const struct diff_at *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The usual level of a kind. */
enum change_level change_usual_level(enum change_kind kind);

struct str diff_coordinate(struct arena *a, const struct diff_at *at);
/* An argument of the field or directive at hand. */
struct diff_at diff_at_arg(const struct diff_at *parent, const struct gql_input *arg, bool is_new);

/* ---- comparisons ---- */

struct described {
    bool has;
    struct str text;
};
enum text_change { TEXT_SAME, TEXT_ADDED, TEXT_REMOVED, TEXT_CHANGED };
/* No description and an empty one are the same. */
enum text_change diff_text(struct described from, struct described to);

/* What clients read stays what they expect; what they send stays accepted. */
bool diff_output_type_safe(const struct gql_tref *from, const struct gql_tref *to);
bool diff_input_type_safe(const struct gql_tref *from, const struct gql_tref *to);
/* Equal as the values that a resolver gets. */
bool diff_defaults_equal(struct diff *d, const struct gql_input *from, const struct gql_input *to);
struct str diff_default_str(struct diff *d, const struct gql_input *i);

/* ---- directives ---- */

void diff_directive_definitions(struct diff *d);
/* `added` is the kind for this place; `from` NULL: the element is new. */
void diff_usages(struct diff *d, enum change_kind added, const struct gql_directive_list *from,
                 const struct gql_directive_list *to, const struct diff_at *at);

/* What three kinds of inputs have in common: their type and default. */
struct input_kinds {
    enum change_kind type_changed, default_changed;
    const char *what; /* "Argument" */
};
void diff_input(struct diff *d, const struct input_kinds *k, const struct gql_input *from, const struct gql_input *to,
                const struct diff_at *at);

#endif
