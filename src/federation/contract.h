/* Contracts: the part of a supergraph that some clients may see, chosen by @tag.
 *
 *     struct contract c = {.name = STR("partners"), .exclude = &tag, .n_exclude = 1};
 *     struct compose_result r = contract_make(arena, supergraph_sdl, &c);
 *     if (r.n_errors) for each: r.errors[i].code, .message
 *
 * The result is a supergraph too: the same one with @inaccessible added, so that its API schema is the contract
 * and any router can run it. Which elements are hidden, in this order, as GraphOS does it:
 *
 *   1. Tags are passed down: from objects and interfaces to their fields, from fields to their arguments, from enums to
 *      their values, from input objects to their fields.
 *   2. Whatever has a tag of `exclude` is hidden. This beats everything below.
 *   3. With a list in `include`, whatever has no children and no tag of the list is hidden: unions, scalars, arguments,
 *      enum values, input fields, and fields, unless an argument of the field is left.
 *   4. A field of an interface that is hidden in all objects that implement it is hidden.
 *   5. Types without any visible field, value or member are hidden.
 *   6. Unless `keep_unreachable`, types are hidden that neither a root type nor a directive of operations leads to, and
 *      that have no tag of `include` themselves.
 *
 * What is left must be a valid schema. The rules are those of @inaccessible (docs/federation.md) with their codes:
 * a visible field of a hidden type (REFERENCED_INACCESSIBLE), a hidden argument or input field that is required
 * (REQUIRED_INACCESSIBLE), nothing left of Query (QUERY_ROOT_TYPE_INACCESSIBLE) and so on. Messages say why the
 * contract hides the element. A tag that nothing has is the hint CONTRACT_TAG_UNKNOWN.
 *
 * Elements of linked features (join__*, link__*, …) and what is built in are never hidden. The tags stay in the
 * result.
 */
#ifndef PAINTBOX_FEDERATION_CONTRACT_H
#define PAINTBOX_FEDERATION_CONTRACT_H

#include "federation/compose.h"

struct contract {
    struct str name; /* for messages; may be empty */
    const struct str *include, *exclude;
    uint32_t n_include, n_exclude;
    bool keep_unreachable;
};

/* Everything in the result lives in `a`. `supergraph` must live as long. */
struct compose_result contract_make(struct arena *a, struct str supergraph, const struct contract *c);

#endif
