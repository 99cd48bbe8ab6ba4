// Composition: CPU time and peak memory of a whole process that composes, against two peers, in alternating rounds.
//
//   node bench/lib/composing.mjs PEER FILE      one peer, in this process: what the rounds start
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { ROUTER_CORE } from './machine.mjs';

const TITLES = { paintbox: 'Paintbox', apollo: '@apollo/composition', guild: '@theguild/federation-composition' };
const HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';

// Entities of three subgraphs each, with value types that all share.
function entities(types, n) {
  const parts = Array.from({ length: n }, () => ['type Money @shareable { amount: Int! currency: String! }']);
  for (let t = 0; t < types; t++)
    for (let k = 0; k < 3; k++) {
      const to = (t + k * 7) % n;
      parts[to].push(`type T${t} @key(fields: "id") { id: ID! f${k}: Int g${k}: String price${k}: Money ${k === 0 ? `next: T${(t + n) % types}` : ''} }`);
      if (k === 0) parts[to].push(`extend type Query { t${t}: T${t} }`);
    }
  return parts.map((p) => HEAD + p.join('\n'));
}

// Every type in every subgraph, with two keys, each field shared by two: the worst for satisfiability.
function tangled(types, n) {
  return Array.from({ length: n }, (_, s) => HEAD + Array.from({ length: types }, (_, t) =>
    `type T${t} @key(fields: "id") @key(fields: "code") { id: ID! code: ID! ${Array.from({ length: n }, (_, k) => (k === s || (k + 1) % n === s ? `f${k}: T${(t + k + 1) % types} @shareable` : '')).join(' ')} }`).join('\n') +
    (s === 0 ? '\ntype Query { start: T0 }' : ''));
}

async function composeHere(peer, file) {
  const services = JSON.parse(readFileSync(file, 'utf8')).map((s) => ({ ...s, typeDefs: parse(s.sdl) }));
  const { composeServices } = await import(peer === 'apollo' ? '@apollo/composition' : '@theguild/federation-composition');
  const result = composeServices(services);
  if (!result.supergraphSdl) throw new Error(result.errors[0].message);
}

const firstChild = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0];

// Seconds of CPU and the peak of resident memory of a process on one core, as the kernel counts them; or what it said.
function runProcess(command, args) {
  return new Promise((resolve, reject) => {
    const timed = ['-c', `${ROUTER_CORE}`, 'bash', '-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', 'bash', command, ...args];
    const child = spawn('taskset', timed, { stdio: ['ignore', 'ignore', 'pipe'] });
    let peak = 0, said = '';
    child.stderr.on('data', (d) => { said += d; });
    child.on('error', reject);
    const timer = setInterval(() => {
      try {
        peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${firstChild(child.pid)}/status`, 'utf8'))?.[1] ?? peak);
      } catch { /* it has not begun, or has ended */ }
    }, 1);
    child.on('close', (code) => {
      clearInterval(timer);
      const [, user, system] = /^cpu (\S+) (\S+)$/m.exec(said) ?? [];
      resolve(code ? { failed: /Error: .*/.exec(said)?.[0] ?? `it ended with ${code}` } : { cpu: Number(user) + Number(system), mb: peak / 1024 });
    });
  });
}

function place(dir, name, sdls) {
  mkdirSync(`${dir}/${name}`, { recursive: true });
  const services = sdls.map((sdl, i) => ({ name: `s${i}`, url: `http://s${i}`, sdl }));
  for (const s of services) writeFileSync(`${dir}/${name}/${s.name}.graphql`, s.sdl);
  writeFileSync(`${dir}/${name}/services.json`, JSON.stringify(services));
  writeFileSync(`${dir}/${name}/supergraph.yaml`, `subgraphs:\n${services.map((s) => `  ${s.name}:\n    routing_url: ${s.url}\n    schema:\n      file: ${s.name}.graphql\n`).join('')}`);
  return `${dir}/${name}`;
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[values.length >> 1];
const spread = (values, digits) => `${median(values).toFixed(digits)} (${sorted(values)[0].toFixed(digits)}–${sorted(values).at(-1).toFixed(digits)})`;

function row(peer, ours, theirs) {
  const failed = theirs.find((x) => x.failed)?.failed;
  if (failed) return [TITLES[peer], failed, '', '', ''];
  const ratio = (what) => (peer === 'paintbox' ? '' : `×${spread(theirs.map((x, i) => x[what] / ours[i][what]), what === 'mb' ? 1 : 0)}`);
  return [TITLES[peer], spread(theirs.map((x) => x.cpu), 3), ratio('cpu'), spread(theirs.map((x) => x.mb), 0), ratio('mb')];
}

async function measure(title, sdls, dir, rounds) {
  const at = place(dir, title.replace(/\W+/g, '-'), sdls), seen = {};
  for (let round = 0; round < rounds; round++)
    for (const peer of Object.keys(TITLES)) {
      process.stderr.write(`compose: ${title}: round ${round + 1} of ${rounds}: ${peer}\n`);
      const here = [fileURLToPath(import.meta.url), peer, `${at}/services.json`];
      (seen[peer] ??= []).push(await (peer === 'paintbox' ? runProcess(process.env.PAINTBOX_PROGRAM, ['compose', '--config', `${at}/supergraph.yaml`])
        : runProcess(process.execPath, here)));
    }
  console.log(`\ncompose: ${title}, ${(sdls.join('').length / 1000).toFixed(0)} KB of SDL; a whole process on one core, least–most of ${rounds} rounds\n`);
  console.log('| | CPU s | Paintbox × | peak MB | Paintbox × |\n| --- | ---: | ---: | ---: | ---: |');
  for (const peer of Object.keys(TITLES)) console.log(`| ${row(peer, seen.paintbox, seen[peer]).join(' | ')} |`);
}

// TYPES and SUBGRAPHS are the size of the first set.
export async function composing(dir) {
  const types = Number(process.env.TYPES ?? 400), subgraphs = Number(process.env.SUBGRAPHS ?? 40), rounds = Number(process.env.ROUNDS ?? 3);
  await measure(`${types} types in ${subgraphs} subgraphs`, entities(types, subgraphs), `${dir}/compose`, rounds);
  await measure('6 types in each of 5 subgraphs, all linked', tangled(6, 5), `${dir}/compose`, rounds);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await composeHere(...process.argv.slice(2));
