// The subgraph kit against @apollo/server and pg: both serve customers from the databases of one system that `paintbox up` has made.
import { existsSync, readFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LOAD_CORE, ROUTER_CORE, start, until } from './machine.mjs';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const SYSTEM_PORT = 4370;
const KIT_PORT = 4380;
const APOLLO_PORT = 4381;
const CUSTOMERS_PER_REQUEST = 20;

const query = (name) => readFileSync(new URL(`../graph/${name}.graphql`, import.meta.url), 'utf8');

async function ask(at, body) {
    const reply = await fetch(at.endpoint, { method: 'POST', body, headers: { 'content-type': 'application/json', ...at.headers } });
    return reply.text();
}

const program = () => process.env.PAINTBOX_PROGRAM;
const folderOf = (dir) => `${dir}/system`;

// A system with its demo data; its databases share the load generator's core.
export const startSystem = (dir) =>
    run('taskset', ['-c', `${LOAD_CORE}`, program(), 'up', '--detach', '--port-base', `${SYSTEM_PORT}`, '--data', folderOf(dir)],
        { timeout: 300000 });

export const stopSystem = (dir) => run(program(), ['down', '--data', folderOf(dir)], { timeout: 60000 });

export async function startSubgraphs(dir) {
    const data = folderOf(dir);
    const folder = existsSync(`${data}/servers`) ? `${data}/servers/run` : `${data}/run`;
    const tokenFile = `${data}/secrets/service-token`;
    const kit = { name: 'kit', title: 'Paintbox subgraph kit', endpoint: `http://127.0.0.1:${KIT_PORT}/graphql`,
        headers: {
            'paintbox-service-token': readFileSync(tokenFile, 'utf8').trim(),
            'paintbox-caller': '{"sub":"00000000-0000-4000-8000-000000000001","role":"OWNER","scopes":["customers:read"]}',
        } };
    kit.router = start(ROUTER_CORE, program(), ['customers', '--listen', `127.0.0.1:${KIT_PORT}`,
        '--database', `host='${folder}' user=paintbox`, '--service-token-file', tokenFile], { log: `${dir}/kit.log` });
    const apollo = { name: 'apollo-subgraph', title: '@apollo/server and pg', endpoint: `http://127.0.0.1:${APOLLO_PORT}/graphql`, headers: {} };
    apollo.router = start(ROUTER_CORE, 'node', [`${root}bench/peers/customers.mjs`, `${root}src/services/customers/schema.graphql`, `${APOLLO_PORT}`],
        { log: `${dir}/apollo-subgraph.log`, env: { NODE_ENV: 'production', PGHOST: folder, PGUSER: 'paintbox', PGDATABASE: 'paintbox_customers' } });
    for (const at of [kit, apollo])
        await until(at.title, at.router, async () => JSON.parse(await ask(at, '{"query":"{ __typename }"}')).data?.__typename === 'Query');
    return [kit, apollo];
}

// What both are asked; first their answers are compared.
export async function subgraphScenarios([kit, apollo]) {
    const page = JSON.stringify({ query: query('page') });
    const customers = JSON.parse(await ask(kit, page)).data.customers.nodes.slice(0, CUSTOMERS_PER_REQUEST);
    const representations = customers.map(({ id }) => ({ __typename: 'Customer', id }));
    const scenarios = {
        page: { title: 'subgraph: a page of 20 customers with contacts and properties', bodies: [page] },
        entities: { title: 'subgraph: 20 customers by key', bodies: [JSON.stringify({ query: query('entities'), variables: { representations } })] },
    };
    for (const [name, scenario] of Object.entries(scenarios)) {
        const [a, b] = await Promise.all([kit, apollo].map((at) => ask(at, scenario.bodies[0])));
        if (JSON.stringify(JSON.parse(a).data) !== JSON.stringify(JSON.parse(b).data))
            throw new Error(`the two subgraphs answer ${name} differently:\n${a.slice(0, 600)}\n${b.slice(0, 600)}`);
        scenario.bytes = Buffer.byteLength(a);
    }
    return scenarios;
}
