// Another planner behind the protocol of plan.c: node plan-peer.mjs apollo|hive SUPERGRAPH OPERATION
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [name, supergraphFile, operationFile] = process.argv.slice(2);
const sdl = readFileSync(supergraphFile, 'utf8');
const text = readFileSync(operationFile, 'utf8');
const sum = (list) => list.reduce((a, b) => a + b, 0);

// CPU of the whole process: compiling and collecting garbage are part of what a planner in JavaScript costs.
const now = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
};
const children = (n) => n.nodes ?? [n.node ?? n.primary ?? n.ifClause ?? n.elseClause];
const isFetch = (n) => n.kind === 'Fetch' || n.kind === 'BatchFetch';
const fetches = (n) => (!n ? 0 : isFetch(n) ? 1 : sum(children(n).map(fetches)));
const depth = (n) => (!n ? 0 : isFetch(n) ? 1 : n.kind === 'Parallel' ? Math.max(...n.nodes.map(depth)) : sum(children(n).map(depth)));
const bytes = (n) => (!n ? 0 : isFetch(n) ? n.operation.length : sum(children(n).map(bytes)));

const makers = {
    async apollo() {
        const { parse, validate } = await import('graphql');
        const { default: internals } = await import('@apollo/federation-internals');
        const { default: { QueryPlanner } } = await import('@apollo/query-planner');
        const supergraph = internals.Supergraph.build(sdl, { supportedFeatures: internals.ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
        const planner = new QueryPlanner(supergraph);
        const api = supergraph.apiSchema();
        const schema = api.toGraphQLJSSchema();
        return (times) => {
            const t0 = now();
            const doc = parse(text);
            const t1 = now();
            if (validate(schema, doc).length > 0) throw new Error('the operation is not valid');
            const t2 = now();
            const plan = planner.buildQueryPlan(internals.operationFromDocument(api, doc));
            times.parse += t1 - t0;
            times.validate += t2 - t1;
            times.plan += now() - t2;
            return plan.node;
        };
    },
    // Takes the operation as text: parsing is part of it, and turning the plan into JavaScript objects too. It does not validate.
    async hive() {
        const { QueryPlanner } = await import('@graphql-hive/router-query-planner');
        const planner = new QueryPlanner(sdl);
        return (times) => {
            const t0 = now();
            const plan = planner.plan(text, undefined, new Set(), 0);
            times.plan += now() - t0;
            return plan.node;
        };
    },
};

const memory = () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    return { rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]), peak: Number(/VmHWM:\s+(\d+)/.exec(status)[1]) };
};

const once = await makers[name]();
for await (const line of createInterface({ input: process.stdin })) {
    const times = { parse: 0, validate: 0, plan: 0 };
    const n = Number(line);
    let plan;
    for (let i = 0; i < n; i++) plan = once(times);
    const each = Object.fromEntries(Object.entries(times).map(([k, us]) => [k, (us * 1e3) / n]));
    console.log(JSON.stringify({ ...each, fetches: fetches(plan), depth: depth(plan), bytes: bytes(plan), ...memory() }));
}
