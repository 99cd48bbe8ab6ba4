// Inputs for src/router/fuzz-answer.c, made of the planner's fixtures and the executor's cases: node answer-corpus.mjs DIRECTORY
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Kind, parse, print } from 'graphql';
import { families } from './conformance/lib/families.mjs';

const [dir] = process.argv.slice(2);
const fixtures = new URL('fixtures/planner/', import.meta.url);
const cases = new URL('../src/router/cases/', import.meta.url);
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external",
  "@shareable", "@context", "@fromContext", "@override", "@interfaceObject", "@inaccessible", "@tag", "@authenticated", "@requiresScopes"])\n`;

mkdirSync(dir, { recursive: true });
const write = (name, parts) => writeFileSync(`${dir}/${name}`, parts.map(([head, text]) => `--- ${head}\n${text.trim()}\n`).join(''));

const linked = (sdl) => (sdl.includes('@link(') || sdl.startsWith('#fed1') ? sdl : LINK + sdl);

function alone(text) {
  const { definitions } = parse(text);
  const rest = definitions.filter((d) => d.kind !== Kind.OPERATION_DEFINITION);
  return definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION).map((d) => [d, ...rest].map(print).join('\n').replace(/\s+/g, ' '));
}

for (const file of readdirSync(fixtures).filter((f) => f.endsWith('.txt'))) {
  const parts = readFileSync(new URL(file, fixtures), 'utf8').split(/^=== /m).slice(1).map((p) => p.match(/^(\w+)(?: (\w+))?\n([^]*)$/).slice(1));
  const subgraphs = parts.filter(([word]) => word === 'subgraph').map(([, name, sdl]) => [`subgraph ${name}`, linked(sdl)]);
  const variables = parts.filter(([word]) => word === 'variables').map(([, , text]) => ['variables', text]);
  const operations = parts.filter(([word]) => word === 'operations').flatMap(([, , text]) => alone(text));
  const has = (word) => subgraphs.some(([, sdl]) => sdl.includes(word));
  const ways = [['', []]];
  if (has(', label:'))
    ways.push(['-on', [['labels 65535', '']]], ['-some', [['labels 5', '']]]);
  operations.forEach((operation, i) => {
    const all = operation.includes('@defer') ? [...ways, ['-parts', [['incremental', '']]]] : ways;
    for (const [name, more] of all)
      write(`${file.replace('.txt', '')}-${i}${name}`, [...subgraphs, ['operation', operation], ...variables, ...more, [`seed ${i}`, '']]);
  });
}

for (const [name, family] of Object.entries(families)) {
  const { subgraphs, operation } = family(3);
  write(`family-${name}`, [...Object.entries(subgraphs).map(([s, sdl]) => [`subgraph ${s}`, sdl]), ['operation', operation], ['seed 1', '']]);
}

const shop = readFileSync(new URL('shop.graphql', cases), 'utf8');
for (const [i, text] of readFileSync(new URL('execute.txt', cases), 'utf8').split(/^== /m).slice(1).entries()) {
  const lines = text.split('\n').slice(1);
  const starting = (mark) => lines.filter((l) => l.startsWith(mark)).map((l) => l.slice(mark.length));
  const replies = starting('-> ').map((l) => l.match(/^(\w+) (.*)$/)).filter(([, , body]) => !body.startsWith('!'));
  write(`case-${i}`, [['supergraph', shop], ['operation', lines.find((l) => l && !/^(->|\$|=|#) /.test(l))],
    ...starting('$ ').map((v) => ['variables', v]), ...replies.map(([, name, body]) => [`reply ${name}`, body]), [`seed ${i}`, '']]);
}
