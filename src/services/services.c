#include "services/services.h"

const struct service *const SERVICES[] = {&CUSTOMERS_SERVICE, &PROJECTS_SERVICE, &ESTIMATES_SERVICE,
                                          &INTEGRATIONS_SERVICE, NULL};
