/* The two halves of contract_make(): contract.c reads, checks and prints, contract_hide.c decides what is hidden. */
#ifndef PAINTBOX_FEDERATION_CONTRACT_PRIVATE_H
#define PAINTBOX_FEDERATION_CONTRACT_PRIVATE_H

#include "federation/compose_model.h"
#include "federation/contract.h"

struct contract_work {
    struct arena *a;
    const struct contract *c;
    struct fed_schema *schema; /* the supergraph; hidden elements have @inaccessible applied */
    struct link_features links;
    struct str tag, inaccessible; /* names of the directives here; tag.p NULL: nothing is tagged */
    struct map why;               /* coordinate of what the contract hides → struct str, why */
    bool *include_seen, *exclude_seen;
};

void contract_hide(struct contract_work *w);

#endif
