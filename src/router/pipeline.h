/* A request through the router, stage by stage. Private to the room. */
#ifndef PAINTBOX_ROUTER_PIPELINE_H
#define PAINTBOX_ROUTER_PIPELINE_H

#include "router/exchange.h"

/* Handler of the endpoint (http_server.h); `arg` is the worker. */
void pipeline_run(struct http_exchange *http, struct worker *worker);

#endif
