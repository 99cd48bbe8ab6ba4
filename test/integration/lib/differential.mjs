// One operation, asked twice: the router with its subgraphs, and one monolithic schema. Complaints say how the answers differ.
import internals from '@apollo/federation-internals';
import { composeServices } from '@apollo/composition';
import { execute, parse, print, validate, visit } from 'graphql';
import { monolith } from '../../conformance/lib/world.mjs';
import { LINK, Router, serve } from './router.mjs';
import { TroubledWorld } from './troubled.mjs';

const { Supergraph, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES } = internals;

/** Where `path` ends in `data`: at the first null, or at its end. */
function nullAt(path, data) {
  let at = data;
  for (let i = 0; i < path.length; i++) {
    if (at === null || at === undefined) return path.slice(0, i);
    at = at[path[i]];
  }
  return path;
}

const places = (answer) => [...new Set((answer.errors ?? []).map((e) => JSON.stringify(e.path ? nullAt(e.path, answer.data) : 'nowhere')))].sort();
const hasNull = (path, data) => path.reduce((at, step) => at?.[step], data) === null;

/** '' or what is wrong with `got`, when it should be like `want`. */
export function compareAnswers(got, want) {
  if (!got) return 'no JSON';
  if (JSON.stringify(got.data) !== JSON.stringify(want.data)) return `data differ\n  got  ${JSON.stringify(got)}\n  want ${JSON.stringify(want)}`;
  for (const e of got.errors ?? []) {
    if (!e.path) return `an error without a path: ${JSON.stringify(e)}`;
    if (!hasNull(nullAt(e.path, got.data), got.data)) return `an error where nothing is null: ${JSON.stringify(e)}`;
    if (!/^trouble|^Cannot return null/.test(e.message)) return `a strange error: ${JSON.stringify(e)}`;
  }
  const [a, b] = [places(got), places(want)];
  if (a.join() !== b.join()) return `errors at other places\n  got  ${a}\n  want ${b}\n  errors ${JSON.stringify(got.errors)}\n  wanted ${JSON.stringify(want.errors)}`;
  return '';
}

/** A composed system that runs: router, subgraphs (one server for all of them), monolith. */
export class Trial {
  /** subgraphs: {name: sdl}. Gives undefined when composition refuses. */
  static async start(subgraphs, { trouble = 0, program } = {}) {
    const trial = new Trial();
    const list = Object.entries(subgraphs).map(([name, sdl]) => ({ name, sdl: sdl.includes('@link(') ? sdl : LINK + sdl }));
    trial.server = await serve((request, response, body) => trial.subgraph(request.url.slice(1), response, JSON.parse(body)));
    const base = trial.server.url.replace('/graphql', '');
    let result;
    try {
      result = composeServices(list.map(({ name, sdl }) => ({ name, url: `${base}/${name}`, typeDefs: parse(sdl) })));
    } catch (e) {
      result = { errors: [e] };
    }
    if (result.errors?.length) {
      await trial.server.close();
      return undefined;
    }
    const supergraph = Supergraph.build(result.supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
    trial.sdl = result.supergraphSdl;
    trial.api = supergraph.apiSchema().toGraphQLJSSchema();
    trial.world = new TroubledWorld(supergraph.schema.toGraphQLJSSchema(), list, trouble);
    trial.router = await Router.start(trial.sdl, { program });
    return trial;
  }

  subgraph(name, response, { query, variables }) {
    const { schema } = this.world.subgraphs.get(name);
    const document = parse(query);
    const errors = validate(schema, document);
    const result = errors.length ? { errors } : execute({ schema, document, variableValues: variables });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  }

  /** undefined when the operation is not valid; '' when all is well. */
  async examine(text, variables) {
    let document;
    try {
      document = parse(text);
    } catch {
      return undefined;
    }
    if (validate(this.api, document).length) return undefined;
    this.world.written = [];
    const want = JSON.parse(JSON.stringify(this.monolith(document, variables)));
    if (want.errors && !('data' in want)) return undefined; // variables that do not fit
    const wrote = this.world.written;
    this.world.written = [];
    const reply = await this.router.post({ query: text, variables });
    if (!reply.json) return `status ${reply.status}: ${reply.text.slice(0, 1000)}`;
    return compareAnswers(reply.json, want) || this.order(want, wrote);
  }

  /** Introspection is asked of the API schema, everything else of the world. */
  monolith(document, variables) {
    const introspects = /\b__(schema|type)\b/.test(print(document));
    if (!introspects) return monolith(this.world, document, variables);
    const full = this.world.full;
    this.world.full = this.api;
    try {
      return monolith(this.world, document, variables);
    } finally {
      this.world.full = full;
    }
  }

  order(want, wrote) {
    if (want.data === null || this.world.written.join() === wrote.join()) return '';
    return `mutations ran in another order: ${this.world.written}; asked for ${wrote}`;
  }

  async stop() {
    const code = await this.router.stop();
    await this.server.close();
    return code;
  }
}

/** Every document that is `document` with one selection, argument or directive less. */
function* smaller(document) {
  let total = 0;
  const removable = (node) => ['Field', 'InlineFragment', 'FragmentSpread', 'Directive', 'Argument', 'FragmentDefinition'].includes(node.kind);
  visit(document, { enter: (node) => void (total += removable(node)) });
  for (let target = 0; target < total; target++) {
    let seen = 0;
    yield visit(document, { enter: (node) => (removable(node) && seen++ === target ? null : undefined) });
  }
}

function withoutUnused(document) {
  const used = new Set();
  const text = print(document);
  for (const [, name] of text.matchAll(/\.\.\.(F\d+)/g)) used.add(name);
  for (const [, name] of text.matchAll(/[^(,] ?\$(v\d+)(?!:)/g)) used.add(name);
  return visit(document, {
    FragmentDefinition: (n) => (used.has(n.name.value) ? undefined : null),
    VariableDefinition: (n) => (text.split(`$${n.variable.name.value}`).length > 2 ? undefined : null),
    SelectionSet: { leave: (n) => (n.selections.length ? undefined : null) },
  });
}

/** A smaller operation that still fails. */
export async function shrink(trial, text, variables, until) {
  text = print(parse(text));
  for (let again = true; again && Date.now() < until;) {
    again = false;
    for (const candidate of smaller(parse(text))) {
      if (Date.now() > until) break;
      let shorter;
      try {
        shorter = print(withoutUnused(candidate));
        parse(shorter);
      } catch {
        continue;
      }
      if (shorter.length < text.length && (await trial.examine(shorter, variables))) {
        text = shorter;
        again = true;
        break;
      }
    }
  }
  return text;
}

/** Subgraphs with fewer fields and types, with which the operation still fails. */
export async function shrinkSystem(subgraphs, text, variables, options, until) {
  const fails = async (candidate) => {
    const trial = await Trial.start(candidate, options).catch(() => undefined);
    if (!trial) return false;
    const complaint = await trial.examine(text, variables).catch(() => '');
    await trial.stop();
    return !!complaint;
  };
  for (let again = true; again && Date.now() < until;) {
    again = false;
    for (const [name, sdl] of Object.entries(subgraphs)) {
      const lines = sdl.split('\n');
      for (let i = 0; i < lines.length && Date.now() < until; i++) {
        if (!/^ {2}\w/.test(lines[i])) continue;
        const candidate = { ...subgraphs, [name]: lines.filter((_, k) => k !== i).join('\n').replace(/^(type|interface) [^\n]*\{\n\}\n/gm, '') };
        if (!(await fails(candidate))) continue;
        subgraphs = candidate;
        again = true;
        break;
      }
      if (again) break;
    }
  }
  return subgraphs;
}
