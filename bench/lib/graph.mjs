// The benchmark's graph: four subgraphs over data made by a formula, and the operations that are asked.
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';

const text = (name) => readFileSync(new URL(`../graph/${name}`, import.meta.url), 'utf8');

export const SUBGRAPHS = ['accounts', 'inventory', 'products', 'reviews'];
export const sdl = Object.fromEntries(SUBGRAPHS.map((name) => [name, text(`${name}.graphql`)]));

const N_USERS = 6;
const N_PRODUCTS = 9;
const N_REVIEWS = 24;
const PROXIED_REVIEWS = 530; // about as many bytes as the reply to the deep query
const DISTINCT = 100; // values of the variable that the query with distinct variables goes through

const COLOURS = ['Linen', 'Slate', 'Moss', 'Ember', 'Harbour', 'Chalk', 'Plum', 'Straw', 'Ink'];
const people = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn'];
const users = Array.from({ length: N_USERS }, (_, i) => ({
    id: `${i + 1}`, name: `${people[i]} Painter`, username: `painter.${people[i].toLowerCase()}`, birthday: 1970 + i,
}));
const products = Array.from({ length: N_PRODUCTS }, (_, i) => ({
    upc: `${i + 1}`, name: `${COLOURS[i]} Satin`, price: 399 + 60 * i, weight: 100 + 25 * i, inStock: i % 3 !== 2,
}));
const reviews = Array.from({ length: N_REVIEWS }, (_, i) => ({
    id: `${i + 1}`,
    body: `Covers in ${1 + (i % 3)} coats, dries in ${2 + (i % 5)} hours and hides the old colour. Would use it again.`,
    author: users[i % N_USERS].id,
    product: products[(i * 4) % N_PRODUCTS].upc,
}));

const productOf = (upc) => {
    const i = Number(upc) - 1;
    return products[i] ?? { ...products[i % N_PRODUCTS], upc, name: `Shade ${upc}` };
};
const reviewsOfProduct = (upc) => {
    const like = products[(Number(upc) - 1) % N_PRODUCTS].upc;
    return reviews.filter((r) => r.product === like);
};
const shipping = ({ price, weight }) => (price > 1000 ? 0 : Math.round(weight / 2));

const resolvers = {
    accounts: {
        Query: { me: () => users[0], user: (_, { id }) => users[Number(id) - 1], users: () => users },
        User: { __resolveReference: ({ id }) => users[Number(id) - 1] },
    },
    inventory: {
        Product: {
            __resolveReference: (ref) => ({ ...ref, inStock: productOf(ref.upc).inStock }),
            shippingEstimate: shipping,
        },
    },
    products: {
        Query: { topProducts: (_, { first }) => products.slice(0, first), product: (_, { upc }) => productOf(upc) },
        Product: { __resolveReference: ({ upc }) => productOf(upc) },
    },
    reviews: {
        Query: { latestReviews: (_, { first }) => Array.from({ length: first }, (_, i) => ({ ...reviews[i % N_REVIEWS], id: `${i + 1}` })) },
        Review: {
            __resolveReference: ({ id }) => reviews[Number(id) - 1],
            author: (r) => ({ id: r.author }),
            product: (r) => ({ upc: r.product }),
        },
        User: { reviews: (u) => reviews.filter((r) => r.author === u.id) },
        Product: { reviews: (p) => reviewsOfProduct(p.upc) },
    },
};

export const schemas = () =>
    Object.fromEntries(SUBGRAPHS.map((name) => [name, buildSubgraphSchema({ typeDefs: parse(sdl[name]), resolvers: resolvers[name] })]));

export function supergraph(url) {
    const { supergraphSdl, errors } = composeServices(
        SUBGRAPHS.map((name) => ({ name, url: url(name), typeDefs: parse(sdl[name]) })));
    if (errors) throw new Error(`the benchmark's graph does not compose: ${errors.map((e) => e.message).join('; ')}`);
    return supergraphSdl;
}

const body = (query, variables) => JSON.stringify(variables ? { query, variables } : { query });

// What each scenario sends: bodies, used in turn.
export const scenarios = {
    deep: { title: 'deep query over four subgraphs', bodies: [body(text('deep.graphql'))] },
    proxy: {
        title: 'one large reply of one subgraph',
        bodies: [body(text('proxy.graphql'), { first: PROXIED_REVIEWS })],
    },
    trivial: { title: 'one field of one subgraph', bodies: [body(text('trivial.graphql'))] },
    distinct: {
        title: `three subgraphs, ${DISTINCT} different variables in turn`,
        bodies: Array.from({ length: DISTINCT }, (_, i) => body(text('distinct.graphql'), { upc: `${1001 + i}` })),
    },
};
