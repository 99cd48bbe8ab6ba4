#include "router/verbatim_text.h"

#include "json/window.h"

#ifndef VERBATIM_OBJECTS_END /* compiled for some processors under another name (meson.build) */
#define VERBATIM_OBJECTS_END verbatim_objects_end
#endif

_Static_assert(PLAN_TEXT_ROOM == JSON_WINDOW && PLAN_TEXT_PIECE + 1 < JSON_WINDOW,
               "a text and a quote fit into a window");

/* `end`, for a string that is mostly as long as the one before it at this place: the processor then goes on from where
 * that says the string ends while it still finds out whether it does, instead of waiting for one string after the
 * other. */
static inline const char *as_foreseen(const char *begin, const char *end, uint32_t *length)
{
    const char *foreseen = begin + *length, *same = foreseen;
    __asm__("" : "+r"(same)); /* else the compiler would use `end`, which is the same but not yet known */
    if (end == foreseen)
        return same;
    *length = (uint32_t)(end - begin);
    return end;
}

/* Where the string ends whose first quote is `at` bytes into the window at p. NULL: it is not printable ASCII without
 * escapes, or the text ends nearby. */
static inline const char *string_end(struct json_window w, const char *p, unsigned at, const char *end)
{
    unsigned stop = json_window_stop(w, at + 1);

    for (p += stop; stop == JSON_WINDOW; p += stop) {
        if (end - p < JSON_WINDOW)
            return NULL;
        stop = json_window_stop(json_window_at(p), 0);
    }
    return *p == '"' ? p + 1 : NULL;
}

static const char *text_end(struct verbatim_check *c, const struct plan_text *text, const char *p);

static const char *items_end(struct verbatim_check *c, const struct plan_text *items, const char *p)
{
    const char *end = c->json->end;

    if (p < end && *p == ']')
        return p;
    while ((p = text_end(c, items, p)) && p < end && *p == ',')
        p++;
    return p;
}

/* What follows the text of a step. */
static const char *rest_end(struct verbatim_check *c, const struct plan_text_step *step, const char *p)
{
    if (step->leaf)
        return verbatim_leaf_end(c, step, p);
    return step->items ? items_end(c, step->items, p) : p;
}

/* Where less than a window is left. */
static const char *last_step_end(struct verbatim_check *c, const struct plan_text_step *step, const char *p)
{
    if (c->json->end - p < step->n || memcmp(p, step->text, step->n) != 0)
        return NULL;
    return rest_end(c, step, p + step->n);
}

/* Where the step ends that begins at p; NULL: there stands something else. */
static inline __attribute__((always_inline)) const char *
step_end(struct verbatim_check *c, const struct plan_text_step *step, const char *p, const char *end)
{
    const char *q;

    if (end - p < JSON_WINDOW)
        return last_step_end(c, step, p);
    struct json_window w = json_window_at(p);
    if (!json_window_begins(w, step->text, step->n))
        return NULL;
    const char *begin = p + step->n;
    if (step->string && *begin == '"' && (q = string_end(w, p, step->n, end)))
        return as_foreseen(begin, q, &c->lengths[(uintptr_t)step / 8 % VERBATIM_LENGTHS]);
    return rest_end(c, step, begin);
}

static const char *text_end(struct verbatim_check *c, const struct plan_text *text, const char *p)
{
    for (const struct plan_text_step *step = text->steps, *end = step + text->n_steps; p && step < end; step++)
        p = step_end(c, step, p, c->json->end);
    return p;
}

const char *VERBATIM_OBJECTS_END(struct verbatim_check *c, const char *p, bool several)
{
    const struct plan_text *text = c->taken->text;
    const struct plan_text_step *first = text->steps, *last = first + text->n_steps - 1, *step = first;
    const char *end = c->json->end, *begin = p, *taken = NULL, *q;

    for (;; c->plain++, begin = taken + 1) {
        while (p && step < last)
            p = step_end(c, step++, p, end);
        if (p && several && text->next.n && (q = step_end(c, &text->next, p, end))) {
            taken = p + last->n;
            p = q;
            step = first + 1;
            continue;
        }
        if (!p || !(p = step_end(c, last, p, end))) {
            c->strange = begin;
            c->other++;
            return taken;
        }
        taken = p;
        if (!several || end - p < 2 || p[0] != ',' || p[1] != '{')
            break;
        p++;
        step = first;
    }
    c->plain++;
    return taken;
}
