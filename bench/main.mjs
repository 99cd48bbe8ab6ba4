// Runs the scenarios: records what each router asks, then measures them in turn, several rounds, and prints ratios.
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { composing } from './lib/composing.mjs';
import { scenarios } from './lib/graph.mjs';
import { cpuSeconds, load, peakMb, residentMb, stolen, stolenSince, stop, stopAll, until } from './lib/machine.mjs';
import { PEERS, place, startPeer } from './lib/peers.mjs';
import { planning } from './lib/planning.mjs';
import { live, replay } from './lib/recording.mjs';
import { startSubgraphs, startSystem, stopSystem, subgraphScenarios } from './lib/subgraph.mjs';
import { floorOf, ratioOf, table } from './lib/report.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS_EACH ?? 3);
const REQUESTS_WANTED = 400; // a slow router is given more time, so that what is under way at the end weighs little
const SECONDS_MAX = 3 * SECONDS;
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 50);
const RECORDED_REQUESTS = 400; // of each scenario: replies come in another order each time, and some routers then ask differently,
const RECORDED_MAX = 4000; // so it goes on until as many again have brought nothing new
const RECORDED_AT_ONCE = 25;

const dir = `${process.env.BENCH_BUILD}/bench-run`;
const wanted = process.argv.slice(2);
const chosen = (name) => wanted.length === 0 || wanted.includes(name);
const peers = (process.env.PEERS ?? PEERS.join(' ')).split(' ');
const dropped = []; // who could not even be recorded, as sentences
const say = (text) => process.stderr.write(`${text}\n`);

const ask = async (endpoint, body) => {
    const reply = await fetch(endpoint, {
        method: 'POST', body, headers: { 'content-type': 'application/json', accept: 'application/json' } });
    return reply.text();
};

const answering = async (endpoint) => JSON.parse(await ask(endpoint, '{"query":"{ __typename }"}')).data?.__typename === 'Query';

async function startRouter(at) {
    at.router = startPeer(at);
    await until(at.title, at.router, () => (at.forwards ? ask(at.endpoint, '{}') : answering(at.endpoint)));
}

// Every body goes through the router; what it asks its subgraphs is written down. Gives the answers by scenario.
async function record(at, names) {
    const subgraphs = await live(at.subgraphsPort);
    const answers = {};
    try {
        await startRouter(at);
        for (const name of names) {
            const { bodies } = scenarios[name];
            answers[name] = [];
            for (let i = 0, old = 0, known = 0; old < RECORDED_REQUESTS && i < RECORDED_MAX; i += RECORDED_AT_ONCE) {
                const some = await Promise.all(Array.from({ length: RECORDED_AT_ONCE }, (_, k) => ask(at.endpoint, bodies[(i + k) % bodies.length])));
                if (i < RECORDED_REQUESTS) answers[name].push(...some);
                old = subgraphs.known() > known ? 0 : old + RECORDED_AT_ONCE;
                known = subgraphs.known();
            }
        }
    } finally {
        await stop(at.router);
        await subgraphs.close();
    }
    return { lines: subgraphs.lines(), answers };
}

// Who forwards gets whole answers to the clients' requests.
function wholeAnswers(names, answers) {
    const lines = names.flatMap((name) => scenarios[name].bodies.map((body, i) => ({ path: '/graphql', body, reply: answers[name][i] })));
    return [...lines, { path: '/graphql', body: '{}', reply: '{}' }].map((line) => JSON.stringify(line));
}

function sameAnswers(name, mine, first, firstName) {
    for (const scenario of Object.keys(first))
        first[scenario].forEach((text, i) => {
            const [a, b] = [JSON.parse(text), JSON.parse(mine[scenario][i])];
            if (a.errors || b.errors || JSON.stringify(a.data) !== JSON.stringify(b.data))
                throw new Error(`${name} and ${firstName} answer ${scenario} differently:\n${mine[scenario][i].slice(0, 500)}\n${text.slice(0, 500)}`);
        });
}

// A peer that fails takes no further part, and is named below the table; without ours there is nothing to compare.
const isOurs = (at) => ['paintbox', 'kit'].includes(at.name);

async function takesPart(at, what, fn) {
    try {
        return await fn();
    } catch (e) {
        if (isOurs(at)) throw e;
        at.failed = `${at.title} does not take part in ${what}: ${e.message.split('\n')[0]}`;
        say(at.failed);
        return null;
    }
}

async function prepare(names) {
    const places = [];
    let first;
    for (const at of peers.map((name) => place(dir, name)).sort((a, b) => !!a.forwards - !!b.forwards)) {
        const missing = at.missing();
        if (missing) {
            say(`${at.title} does not take part: ${missing}`);
            continue;
        }
        if (at.forwards) {
            if (!first) throw new Error(`${at.title} gets the answers of a router: name one in PEERS besides`);
            at.lines = wholeAnswers(names, first.answers);
        } else {
            say(`recording what ${at.title} asks`);
            const recorded = await takesPart(at, 'this run', () => record(at, names));
            if (!recorded) {
                dropped.push(at.failed);
                continue;
            }
            first ??= { answers: recorded.answers, name: at.name };
            sameAnswers(at.name, recorded.answers, first.answers, first.name);
            at.lines = recorded.lines;
        }
        places.push(at);
    }
    for (const name of names) scenarios[name].bytes = first.answers[name][0].length;
    return places;
}

const replayed = async (at) => (at.replay ? at.replay.stats() : { answered: 0, unknown: 0 });

async function measure(at, scenario) {
    const alive = () => {
        if (at.router.ended !== null) throw new Error(`it has ended (${at.router.ended}); see ${at.router.log}`);
    };
    alive();
    const before = { cpu: cpuSeconds(at.router), subgraphs: await replayed(at), host: stolen() };
    const r = await load(at.endpoint, scenario.file, at.seconds, CONNECTIONS, at.headers);
    alive();
    const after = { cpu: cpuSeconds(at.router), subgraphs: await replayed(at), stolen: stolenSince(before.host) };
    if (r.errors || after.subgraphs.unknown > 0)
        throw new Error(`${r.errors} requests failed, ${after.subgraphs.unknown} asked what was not recorded ` +
            `(see ${(at.replay ?? at.router).log})`);
    return {
        perSecond: r.perSecond, p50: r.p50, p99: r.p99, rss: residentMb(at.router), peak: peakMb(at.router),
        cpu: (after.cpu - before.cpu) / r.requests * 1e6, stolen: after.stolen,
        fetches: (after.subgraphs.answered - before.subgraphs.answered) / r.requests,
    };
}

async function runScenario(name, scenario, everybody) {
    scenario.file = `${dir}/${name}.bodies`;
    writeFileSync(scenario.file, `${scenario.bodies.join('\n')}\n`);
    for (const at of everybody) Object.assign(at, { rounds: [], failed: at.failed ?? null });
    say(`${name}: warming up`);
    for (const at of everybody.filter((one) => !one.failed))
        await takesPart(at, name, async () => {
            const { perSecond } = await load(at.endpoint, scenario.file, SECONDS, CONNECTIONS, at.headers);
            at.seconds = Math.round(Math.min(Math.max(SECONDS, REQUESTS_WANTED / perSecond), SECONDS_MAX));
        });
    for (let round = 0; round < ROUNDS; round++)
        for (let i = 0; i < everybody.length; i++) {
            const at = everybody[(i + round) % everybody.length];
            if (at.failed) continue;
            say(`${name}: round ${round + 1} of ${ROUNDS}: ${at.name}`);
            await takesPart(at, name, async () => at.rounds.push(await measure(at, scenario)));
            await sleep(200);
        }
    const places = everybody.filter((at) => !at.failed);
    console.log(`\n${name}: ${scenario.title}; reply of ${(scenario.bytes / 1000).toFixed(1)} KB, ${CONNECTIONS} connections, ` +
        `${ROUNDS} rounds of ${SECONDS}–${SECONDS_MAX} s, one core\n`);
    table(places);
    const ours = places.find(isOurs)?.rounds;
    if (ours)
        for (const { title, rounds, forwards } of places) {
            if (forwards) floorOf(title, ours, rounds);
            else if (rounds !== ours) ratioOf(title, ours, rounds);
        }
    for (const at of everybody.filter((one) => one.failed)) console.log(`${at.failed}.`);
}

// Each scenario has processes of its own, so that their memory is what this scenario needs.
async function routers() {
    const names = Object.keys(scenarios).filter(chosen);
    if (names.length === 0) return;
    const places = await prepare(names);
    for (const name of names) {
        for (const at of places) {
            at.failed = null;
            at.replay = await replay(at.subgraphsPort, at.lines, dir, at.name);
            await takesPart(at, name, () => startRouter(at));
        }
        await runScenario(name, scenarios[name], places);
        for (const at of places) await Promise.all([stop(at.router), stop(at.replay)]);
    }
    for (const sentence of dropped) console.log(`${sentence}.`);
}

async function subgraphs() {
    if (!chosen('subgraph')) return;
    say('subgraph: starting a system with its demo data');
    await startSystem(dir);
    try {
        const places = await startSubgraphs(dir);
        for (const [name, scenario] of Object.entries(await subgraphScenarios(places))) await runScenario(name, scenario, places);
        for (const at of places) await stop(at.router);
    } finally {
        await stopSystem(dir);
    }
}

function checkNames() {
    const known = [...Object.keys(scenarios), 'compose', 'plan', 'subgraph'];
    for (const name of wanted)
        if (!known.includes(name)) throw new Error(`no scenario "${name}": ${known.join(', ')}`);
    for (const name of peers)
        if (!PEERS.includes(name)) throw new Error(`no peer "${name}": ${PEERS.join(', ')}`);
}

mkdirSync(dir, { recursive: true });
process.on('SIGINT', () => stopAll().then(() => process.exit(130)));
try {
    checkNames();
    if (chosen('compose')) await composing(dir);
    if (chosen('plan')) await planning(dir);
    await routers();
    await subgraphs();
} catch (e) {
    console.error(`bench: ${e.message}`);
    process.exitCode = 1;
} finally {
    await stopAll();
}
