/* Relay connections by keyset: opaque cursors, both directions, constant cost at any depth.
 *
 * The statement has a list of orders and marks that the build expands, once for each order and direction:
 *
 *     -- name: CUSTOMERS
 *     -- order: NAME        lower(display_name) text
 *     -- order: UPDATED_AT  updated_at timestamptz
 *     select c.* from customers c
 *      where ($3::text[] is null or c.status = any($3)) and /+page+/
 *      /+order+/ limit /+limit+/
 *     -- count: select count(*) from customers c where …   (the parameters of the page from $3 on, written $3, $4, …;
 *     --   lines of a count may begin with two dashes)
 *
 * An order is `NAME expression type`; the expression is never null (coalesce). Rows of equal order follow their id,
 * which is said by `-- id: c.id uuid` when it is not the column `id`. $1 and $2 belong to the cursor, the number after
 * the highest `$n` to the limit. The cursor's columns are put behind the statement's main `select`; write the mark
 * /+cursor+/ where they should stand instead.
 *
 * Keyed pages give one connection to each parent: `-- key: customer_id`, $3 is the array of keys, the page is cut per
 * key:
 *
 *     select n.* from unnest($3::uuid[]) k(parent) cross join lateral (
 *       select * from notes where customer_id = k.parent and /+page+/ /+order+/ limit /+limit+/) n
 *     -- count: select customer_id, count(*) from notes where customer_id = any($3::uuid[]) group by customer_id
 *
 * The kit decodes `after`/`before`, asks for one row more than wanted, and answers edges, nodes, pageInfo and (only
 * when selected) totalCount. `first` goes with `after`, `last` with `before`. `first` and `last` are 0 … PAGE_MAX;
 * otherwise, or with a cursor of another list, the field fails with BAD_USER_INPUT and says which argument.
 */
#ifndef PAINTBOX_SUBGRAPH_PAGE_H
#define PAINTBOX_SUBGRAPH_PAGE_H

#include "subgraph/subgraph.h"

#define PAGE_MAX 100

struct page_order {
    const char *name;                              /* value of the order enum */
    struct query asc, desc, asc_after, desc_after; /* the page at the beginning, and one behind a cursor */
};

struct page_query {
    const char *name;
    const struct page_order *orders;
    unsigned n_orders;
    unsigned n_params;         /* from $3 on, with the keys of a keyed page, without the limit */
    const struct query *count; /* NULL: no totalCount */
    const char *key;           /* keyed pages (one connection for each parent); NULL for root lists */
};

struct page_request {
    const struct page_query *query;
    const char *order; /* NULL: the first */
    bool descending;
    int64_t default_first;         /* when neither first nor last is given */
    const struct pg_param *params; /* from $3 on ($4 on for keyed pages, whose $3 is the array of keys) */
    unsigned n_params;
    const char *parent_column; /* keyed pages */
    /* Adds members to an edge from its row (score, highlight); NULL: none */
    void (*edge)(struct batch *b, struct object *edge, const struct pg_result *rows, size_t row);
};

void batch_resolve_page(struct batch *b, const struct page_request *page);

#endif
