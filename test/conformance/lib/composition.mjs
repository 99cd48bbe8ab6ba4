// The composition oracle (@apollo/composition) beside our composer, and how their answers are compared.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { composeServices } from '@apollo/composition';
import internals from '@apollo/federation-internals';
import { parse } from 'graphql';
import { difference, sdlFacts } from './sdl-facts.mjs';

const { FEDERATION_VERSIONS, Supergraph, printSchema } = internals;

// { compose(subgraphs) → {supergraph, errors, hints}, contract(supergraph, {include, exclude, keepUnreachable}) → the same and
// api, end() } over one long-lived process.
export function startOurs(executable) {
  if (!existsSync(executable)) throw new Error(`${executable} is not built`);
  const child = spawn(executable, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on('exit', (code, signal) => waiting.splice(0).forEach((w) => w.reject(new Error(`the composer ended: ${signal ?? code}`))));
  const ask = (job) => new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    child.stdin.write(`${JSON.stringify(job)}\n`);
  });
  return {
    compose: (subgraphs) => ask({ subgraphs }),
    contract: (supergraph, filter) => ask({ supergraph, ...filter }),
    end: () => child.stdin.end(),
  };
}

export const codesOf = (messages) => [...new Set(messages.map((m) => m.code))].sort();
export const apiOf = (sdl) => sdlFacts(printSchema(Supergraph.build(sdl, { supportedFeatures: null }).apiSchema()));

// What the oracle says: { crash } when it throws, else { codes, supergraph, hints }. Errors that carry no code are the language's.
export function oracle(subgraphs) {
  let services;
  try {
    services = subgraphs.map((s) => ({ name: s.name, url: s.url, typeDefs: parse(s.sdl) }));
  } catch {
    return { codes: ['INVALID_GRAPHQL'], syntax: true };
  }
  try {
    const r = composeServices(services);
    const errors = r.errors?.map((e) => ({ code: e.extensions?.code ?? 'INVALID_GRAPHQL', message: e.message }));
    if (errors) return { codes: codesOf(errors), messages: errors.map((e) => e.message), errors };
    return { codes: [], supergraph: r.supergraphSdl, hints: codesOf(r.hints.map((h) => h.definition)) };
  } catch (e) {
    return { crash: e.message };
  }
}

// What differs, as lines to read; empty when they agree. The API schema is a function of the supergraph: `api: false` trusts that.
export function compare(want, got, { api = true } = {}) {
  const codes = codesOf(got.errors);
  if (codes.join() !== want.codes.join())
    return [`codes: want [${want.codes}], got [${codes}]`, ...(want.messages ?? []).map((m) => `want: ${m.slice(0, 300)}`), ...got.errors.map((e) => `got: ${e.code} ${e.message.slice(0, 300)}`)];
  if (!want.supergraph) return [];
  const found = difference(sdlFacts(want.supergraph), sdlFacts(got.supergraph));
  const hints = codesOf(got.hints);
  if (hints.join() !== want.hints.join()) found.push(`hints: want [${want.hints}], got [${hints}]`);
  return found.length || !api ? found : difference(apiOf(want.supergraph), apiOf(got.supergraph));
}

// ---- cases as text ----

const IMPORTS = new Map(FEDERATION_VERSIONS.versions().map((v) => [
  `v${v.major}.${v.minor}`, FEDERATION_VERSIONS.find(v).directiveSpecs().map((s) => `"@${s.name}"`).join(', ')]));
export const importsOf = (minor) => FEDERATION_VERSIONS.find(FEDERATION_VERSIONS.versions().find((v) => v.major === 2 && v.minor === minor)).directiveSpecs().map((s) => s.name);
export const federationLink = (version) => `extend schema @link(url: "https://specs.apollo.dev/federation/${version}", import: [${IMPORTS.get(version)}]) `;

// `=== name [! CODE]` begins a case; CODE (or `ok`) is what we expect where the oracle crashes or is known to be wrong.
// `--- subgraph [version]` begins a schema; with a version it gets a @link that imports everything.
export function readCases(text) {
  return text.split(/^=== /m).slice(1).map((c) => {
    const [title, ...rest] = c.split('\n');
    const [name, known] = title.split(' ! ');
    const subgraphs = rest.join('\n').split(/^--- /m).slice(1).map((s) => {
      const [head, ...body] = s.split('\n');
      const [subgraph, version] = head.trim().split(' ');
      return { name: subgraph, url: `http://${subgraph}`, sdl: (version ? federationLink(version) : '') + body.join('\n') };
    });
    return { name: name.trim(), known: known?.trim(), subgraphs };
  });
}
