// Cold planning: our planner, Apollo's and Hive's (Rust), each in a process of its own, in alternating rounds.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { families } from '../../test/conformance/lib/families.mjs';
import { ROUTER_CORE } from './machine.mjs';
import { scenarios, sdl } from './graph.mjs';

const ROUNDS = Number(process.env.PLAN_ROUNDS ?? 5);
const ROUND_MS = Number(process.env.PLAN_MS ?? 150); // of each planner
const PATIENCE_MS = Number(process.env.PLAN_PATIENCE_MS ?? 20000); // for one plan
const PLANNERS = { ours: 'Paintbox', apollo: '@apollo/query-planner', hive: '@graphql-hive/router-query-planner' };

const SIZES = {
    interface: [30, 100], sharedInterface: [10, 30, 100], union: [30, 100], keyRing: [12], keyMesh: [12], recursion: [15, 30],
    sharedRecursion: [5, 15], requires: [9, 30], requiresWide: [10], cover: [12], coverChain: [4, 8], large: [2000],
};

const house = (name) => ({ subgraphs: sdl, operation: JSON.parse(scenarios[name].bodies[0]).query });

function cases() {
    const made = Object.entries(SIZES).flatMap(([name, sizes]) => sizes.map((n) => [`${name} ${n}`, () => families[name](n)]));
    const only = process.env.PLAN_ONLY;
    return [['deep', () => house('deep')], ['trivial', () => house('trivial')], ...made].filter(([name]) => !only || name.includes(only));
}

// The supergraph comes from our composer: one of these takes Apollo's hours.
function files(dir, { subgraphs, operation }) {
    const config = { subgraphs: {} };
    for (const [name, text] of Object.entries(subgraphs)) {
        writeFileSync(`${dir}/${name}.graphql`, text);
        config.subgraphs[name] = { routing_url: `http://${name}`, schema: { file: `${name}.graphql` } };
    }
    writeFileSync(`${dir}/supergraph.yaml`, JSON.stringify(config));
    writeFileSync(`${dir}/supergraph`, execFileSync(process.env.PAINTBOX_PROGRAM, ['compose', '--config', `${dir}/supergraph.yaml`],
        { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] }));
    writeFileSync(`${dir}/operation`, operation);
}

// One planner in its process: run(n) gives the figures of n plans, or null when it did not answer in time.
function begin(name, dir) {
    const own = `${process.env.BENCH_BUILD}/bench/bench-plan`;
    const peer = [process.execPath, new URL('plan-peer.mjs', import.meta.url).pathname, name];
    const child = spawn('taskset', ['-c', `${ROUTER_CORE}`, ...(name === 'ours' ? [own] : peer), `${dir}/supergraph`, `${dir}/operation`],
        { stdio: ['pipe', 'pipe', 'pipe'] });
    let waiting, said = '';
    child.stderr.on('data', (d) => { said += d; });
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => waiting?.(JSON.parse(line)));
    child.on('exit', (code, signal) => waiting?.({ failed: said.match(/Error: .*/)?.[0] ?? said.slice(0, 200) ?? signal ?? code }));
    return {
        name,
        run: (n) => new Promise((done) => {
            const timer = setTimeout(() => { child.kill('SIGKILL'); done({ failed: `no plan within ${PATIENCE_MS / 1000} s` }); }, PATIENCE_MS);
            waiting = (r) => { clearTimeout(timer); waiting = null; done(r); };
            child.stdin.write(`${n}\n`);
        }),
        end: () => child.kill('SIGKILL'),
    };
}

const total = (r) => r.parse + r.validate + r.plan;

async function measure(dir) {
    const runners = Object.keys(PLANNERS).map((name) => begin(name, dir));
    const out = {};
    for (const p of runners) {
        p.start = await p.run(0);
        p.first = p.start.failed ? p.start : await p.run(1);
        out[p.name] = { first: p.first, start: p.start, rounds: [] };
        if (p.first.failed) continue;
        p.n = Math.max(1, Math.min(3000, Math.round((ROUND_MS * 1e6) / total(p.first))));
        const warm = await p.run(p.n); // the compiler of a JavaScript planner needs a while
        if (!warm.failed) p.n = Math.max(1, Math.min(20000, Math.round((ROUND_MS * 1e6) / total(warm))));
    }
    for (let round = 0; round < ROUNDS; round++)
        for (let i = 0; i < runners.length; i++) {
            const p = runners[(i + round) % runners.length];
            if (p.first.failed) continue;
            const r = await p.run(p.n);
            if (r.failed) p.first = out[p.name].first = r;
            else out[p.name].rounds.push(r);
        }
    runners.forEach((p) => p.end());
    return out;
}

// ---- what is printed ----

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
const us = (ns) => (ns / 1000 >= 100 ? (ns / 1000).toFixed(0) : (ns / 1000).toFixed(1));
const spread = (values, show) => `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
const cost = (r) => (r.first.failed ? '' : `${r.first.fetches}, ${r.first.depth}`);
const times = (r, of) => (r.first.failed ? r.first.failed : spread(r.rounds.map(of), us));
// What the planner's memory grew by, from before the first plan to the peak.
const grown = (r) => (r.first.failed ? '' : ((r.rounds.at(-1).peak - r.start.rss) / 1024).toFixed(1));
const shorter = (x) => (x >= 10 ? x.toFixed(0) : x.toFixed(1));
const ratio = (ours, theirs, of) =>
    (theirs.first.failed || ours.first.failed ? '' : shorter(median(ours.rounds.map((r, i) => total(theirs.rounds[i]) / of(r)))));

function row(name, r) {
    const { ours, apollo, hive } = r;
    const noValidation = (x) => x.parse + x.plan; // Hive's does not validate
    return [name, times(ours, (x) => x.plan), times(ours, total), times(apollo, total), times(hive, total), ratio(ours, apollo, total),
        ratio(ours, hive, noValidation), cost(ours), cost(apollo), cost(hive), [ours, apollo, hive].map(grown).join(', ')];
}

const TITLES = ['', 'our plan only', 'Paintbox', 'Apollo', 'Hive', 'Apollo ÷ ours', 'Hive ÷ ours', 'ours: fetches, depth', 'Apollo', 'Hive', 'MB more'];

export async function planning(dir) {
    mkdirSync(`${dir}/plan`, { recursive: true });
    console.log(`\nplan: cold planning, µs of CPU (least–most of ${ROUNDS} rounds of ${ROUND_MS} ms, one core)\n`);
    console.log(`| ${TITLES.join(' | ')} |\n| --- |${' ---: |'.repeat(TITLES.length - 1)}`);
    for (const [name, make] of cases()) {
        process.stderr.write(`plan: ${name}\n`);
        files(`${dir}/plan`, make());
        console.log(`| ${row(name, await measure(`${dir}/plan`)).join(' | ')} |`);
    }
}
