// The same customers subgraph with @apollo/server, @apollo/subgraph and pg: node customers.mjs SCHEMA PORT. PostgreSQL as libpq's variables
// say. Rows of a level are loaded together, as a careful team does it with a loader for each request.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import pg from 'pg';

const [schema, port] = process.argv.slice(2);
const pool = new pg.Pool({ max: 10 });

const camel = (row) => Object.fromEntries(Object.entries(row).map(([k, v]) =>
    [k.replace(/_(.)/g, (_, c) => c.toUpperCase()), v instanceof Date ? v.toISOString() : v]));
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows.map(camel);

// All keys that are asked for in one turn of the event loop become one statement.
function loader(load) {
    let waiting = null;
    return (key) => {
        if (!waiting) {
            const batch = (waiting = { keys: [] });
            batch.result = new Promise((done, fail) => setImmediate(() => { waiting = null; load(batch.keys).then(done, fail); }));
        }
        const batch = waiting;
        batch.keys.push(key);
        return batch.result.then((find) => find(key));
    };
}

const byId = (name, text) => async (ids) => {
    const found = new Map((await rows(name, text, [[...new Set(ids)]])).map((row) => [row.id, row]));
    return (id) => found.get(id) ?? null;
};
const byCustomer = (name, text) => async (ids) => {
    const lists = new Map(ids.map((id) => [id, []]));
    for (const row of await rows(name, text, [[...new Set(ids)]])) lists.get(row.customerId).push(row);
    return (id) => lists.get(id);
};

const context = async () => ({
    customer: loader(byId('customers', 'select * from customers where id = any($1::uuid[]) and deleted_at is null')),
    contacts: loader(byCustomer('contacts',
        'select * from contacts where customer_id = any($1::uuid[]) and deleted_at is null order by is_primary desc, created_at, id')),
    properties: loader(byCustomer('properties', 'select * from property_rows where customer_id = any($1::uuid[]) order by created_at, id')),
});

const resolvers = {
    Query: {
        customers: async (_, { first }) => ({
            nodes: await rows('page', 'select * from customers where deleted_at is null order by lower(display_name), id limit $1', [first]) }),
    },
    Customer: {
        __resolveReference: ({ id }, { customer }) => customer(id),
        contacts: ({ id }, _, { contacts }) => contacts(id),
        properties: ({ id }, _, { properties }) => properties(id),
    },
};

const server = new ApolloServer({ schema: buildSubgraphSchema({ typeDefs: parse(readFileSync(schema, 'utf8')), resolvers }) });
await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: Number(port) }, context });
