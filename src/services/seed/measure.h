/* Private to seed: what an estimator would have measured, as a scope that estimates/scope.h prices. */
#ifndef PAINTBOX_SERVICES_SEED_MEASURE_H
#define PAINTBOX_SERVICES_SEED_MEASURE_H

#include "base/buf.h"
#include "services/seed/world.h"

void measure_estimate(struct buf *out, const struct world *w, const struct seed_estimate *e);

#endif
