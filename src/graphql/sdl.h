/* The steps of gql_schema_build(); private to the room.
 *
 *     gql_sdl_check      rules on the text alone: names are unique and known, directives stand where they may
 *     (schema_build.c)   the types are made and linked
 *     gql_schema_check   rules on the finished type system
 *
 * Both checks add every error they find, with the messages and positions of graphql-js. */
#ifndef PAINTBOX_GRAPHQL_SDL_H
#define PAINTBOX_GRAPHQL_SDL_H

#include "graphql/schema.h"

#define GQL_CODE_SCHEMA STR("INVALID_GRAPHQL")

struct gql_sdl {
    struct arena *arena;
    const struct gql_document *doc;
    const struct gql_document *builtin; /* builtin.graphql */
    const struct gql_schema_options *options;
    struct gql_errors *errors;
};

void gql_sdl_check(const struct gql_sdl *sdl);
void gql_schema_check(const struct gql_sdl *sdl, const struct gql_schema *s);
/* Two rules of gql_schema_check: input objects that can never be finished, and defaults that contain themselves. */
void gql_schema_check_inputs(const struct gql_sdl *sdl, const struct gql_schema *s);
/* And one: directives that are defined by themselves. */
void gql_schema_check_directives(const struct gql_sdl *sdl, const struct gql_schema *s);

static inline bool gql_definition_is_type(const struct gql_definition *d)
{
    return d->kind >= GQL_SCALAR_DEF && d->kind <= GQL_INPUT_DEF;
}

#endif
