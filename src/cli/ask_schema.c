#include "cli/ask_schema.h"

#include "cli/fetch.h"

#define SHOWN_MAX 300 /* bytes of an answer that is no schema */

/* One line for each header. */
static const char *const *header_lines(struct arena *a, const struct json *headers)
{
    uint32_t n = headers ? headers->n : 0;
    const char **lines = arena_array(a, const char *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        lines[i] =
            arena_printf(a, "%.*s: %.*s", STR_ARG(headers->members[i].name), STR_ARG(headers->members[i].value->text))
                .p;
    lines[n] = NULL;
    return lines;
}

struct str ask_schema_with(struct arena *a, const char *url, const char *const *headers, struct err *err)
{
    struct str reply;
    long status = fetch(a, url, STR("{\"query\":\"{_service{sdl}}\"}"), headers, &reply, err);
    if (status < 0)
        return STR_NONE;
    struct json *v = json_parse(a, reply, NULL);
    struct str sdl = json_get_str(json_get(json_get(v, STR("data")), STR("_service")), STR("sdl"));
    if (!sdl.p)
        err_set(err, "SDL", "%s does not say its schema when asked { _service { sdl } } (status %ld): %.*s", url,
                status, (int)(reply.len < SHOWN_MAX ? reply.len : SHOWN_MAX), reply.p);
    return sdl;
}

struct str ask_schema(struct arena *a, struct str url, const struct json *headers, struct err *err)
{
    return ask_schema_with(a, arena_str(a, url).p, header_lines(a, headers), err);
}
