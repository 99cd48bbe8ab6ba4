// Composition: time and peak memory of a whole process that composes, against two peers, in paired rounds.
//
//   bench/run compose          TYPES=400 SUBGRAPHS=40 ROUNDS=3
//   node bench/compose.mjs PEER FILE      one peer, in this process: what the rounds start
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';

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
  const since = performance.now(), result = composeServices(services);
  if (!result.supergraphSdl) throw new Error(`${peer}: ${result.errors[0].message}`);
  return performance.now() - since;
}

// Seconds of CPU and the peak of resident memory of a process, as the kernel counts them.
function runProcess(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let peak = 0, cpu = 0;
    const timer = setInterval(() => {
      try {
        peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peak);
        const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        cpu = (Number(stat[11]) + Number(stat[12])) / 100;
      } catch { /* it has ended */ }
    }, 5);
    child.on('exit', (code) => {
      clearInterval(timer);
      if (code) reject(new Error(`${command} ended with ${code}`));
      else resolve({ cpu, mb: peak / 1024 });
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

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

export async function composeScenario(dir) {
  const types = Number(process.env.TYPES ?? 400), subgraphs = Number(process.env.SUBGRAPHS ?? 40), rounds = Number(process.env.ROUNDS ?? 3);
  const sets = { [`${types} types in ${subgraphs} subgraphs`]: entities(types, subgraphs), '12 types in each of 8 subgraphs, all linked': tangled(12, 8) };
  for (const [title, sdls] of Object.entries(sets)) {
    const at = place(dir, title.replace(/\W+/g, '-'), sdls), seen = {};
    for (let round = 0; round < rounds; round++)
      for (const peer of Object.keys(TITLES)) {
        process.stderr.write(`compose: ${title}: round ${round + 1} of ${rounds}: ${peer}\n`);
        const args = peer === 'paintbox' ? ['compose', '--config', `${at}/supergraph.yaml`] : [fileURLToPath(import.meta.url), peer, `${at}/services.json`];
        (seen[peer] ??= []).push(await runProcess(peer === 'paintbox' ? process.env.PAINTBOX_PROGRAM : process.execPath, args));
      }
    console.log(`\ncompose: ${title}, ${(sdls.join('').length / 1000).toFixed(0)} KB of SDL, ${rounds} rounds\n\n| | CPU s | times | peak MB | times |\n| --- | --- | --- | --- | --- |`);
    const of = (peer, what) => median(seen[peer].map((x) => x[what]));
    for (const peer of Object.keys(TITLES))
      console.log(`| ${TITLES[peer]} | ${of(peer, 'cpu').toFixed(2)} | ${(of(peer, 'cpu') / of('paintbox', 'cpu')).toFixed(1)} | ${of(peer, 'mb').toFixed(0)} | ${(of(peer, 'mb') / of('paintbox', 'mb')).toFixed(1)} |`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await composeHere(...process.argv.slice(2));
