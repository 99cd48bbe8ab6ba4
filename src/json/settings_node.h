/* Private to settings: a value with its origin. */
#ifndef PAINTBOX_JSON_SETTINGS_NODE_H
#define PAINTBOX_JSON_SETTINGS_NODE_H

#include "base/panic.h"
#include "json/json.h"

struct settings_node {
    struct json json;
    const char *file;
    size_t line; /* of the key, for a member */
};

static inline const struct settings_node *settings_node_of(const struct json *v)
{
    return PB_CONTAINER_OF(v, const struct settings_node, json);
}

#endif
