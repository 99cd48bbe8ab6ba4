/* Who calls: the identity that the router establishes from a token and hands to the subgraphs.
 *
 * Between router and subgraph it travels in two headers. `paintbox-service-token` is the shared secret of this
 * installation; without it a subgraph answers 401. `paintbox-caller` is the caller as compact JSON
 * ({"sub","role","scopes","customer"}), absent for an anonymous one. Another router in front of our subgraphs sends the
 * same two.
 */
#ifndef PAINTBOX_SECURITY_IDENTITY_H
#define PAINTBOX_SECURITY_IDENTITY_H

#include "base/arena.h"
#include "base/err.h"

enum role { ROLE_NONE, ROLE_OWNER, ROLE_ADMIN, ROLE_ESTIMATOR, ROLE_OFFICE, ROLE_CREW_LEAD, ROLE_PAINTER, ROLE_CUSTOMER };
#define ROLES 8

#define IDENTITY_SERVICE_HEADER "paintbox-service-token"
#define IDENTITY_CALLER_HEADER "paintbox-caller"
#define IDENTITY_SCOPES_MAX 64

struct identity {
    bool signed_in;
    struct str user;      /* UUID of the user, claim `sub` */
    enum role role;
    struct str customer;  /* ROLE_CUSTOMER: the customer whose records they may see, claim `customer` */
    struct str scopes[IDENTITY_SCOPES_MAX];
    unsigned n_scopes;
};

struct str role_name(enum role r); /* "OWNER"; ROLE_NONE: "" */
enum role role_parse(struct str s); /* any case; ROLE_NONE when unknown */

/* The scopes of a role (domain.md's table, kept in identity.c). Static; ends with a slice whose p is NULL. */
const struct str *role_scopes(enum role r);
/* Every scope there is, for `paintbox token --scope`. */
const struct str *scopes_all(void);

bool identity_has_scope(const struct identity *id, struct str scope);

/* The value of `paintbox-caller`, and back. Slices point into `json` or the arena. */
struct str identity_write(struct arena *a, const struct identity *id);
int identity_read(struct arena *a, struct str json, struct identity *out, struct err *err);

#endif
