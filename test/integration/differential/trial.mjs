// One federated system that runs: a router process, its subgraphs in this process, and the monolith that it is compared with.
import { composeServices } from '@apollo/composition';
import internals from '@apollo/federation-internals';
import { execute, parse, validate } from 'graphql';
import { dirname, join } from 'node:path';
import { startOurs } from '../../conformance/lib/composition.mjs';
import { asksExternal } from '../../conformance/lib/external.mjs';
import { labelsOf } from '../../conformance/lib/planner.mjs';
import { Random } from '../../conformance/lib/random.mjs';
import { monolith } from '../../conformance/lib/world.mjs';
import { LINK, Router, program as builtProgram } from '../lib/router.mjs';
import { compareAnswers } from './compare.mjs';
import { featuresOfAnswer, featuresOfEntity, featuresOfSystem } from './features.mjs';
import { checkHostile, corrupt } from './hostile.mjs';
import { Plans } from './plans.mjs';
import { Client, listen } from './wire.mjs';
import { TroubledWorld } from './world.mjs';

const { Supergraph, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES } = internals;
const CACHED_DOCUMENTS = 5000;

/** What all systems of a run share: the composer, one server for all subgraphs, where the programs are. */
export class Ground {
  static async start({ program = builtProgram } = {}) {
    const ground = new Ground();
    const build = join(dirname(program), '../..');
    ground.program = program;
    ground.planner = join(build, 'src/planner/planner-test-driver');
    ground.composer = startOurs(join(build, 'src/federation/federation-test-compose'));
    ground.trials = new Map();
    ground.count = 0;
    ground.server = await listen((path, body) => {
      const [, trial, subgraph] = path.split('/');
      return ground.trials.get(trial)?.subgraph(subgraph, body);
    });
    return ground;
  }

  async stop() {
    this.composer.end();
    await this.server.close();
  }

  /** {sdl}, or {refused: codes}, or {disputed} when the two composers disagree. */
  async compose(list, apollo) {
    const { errors, supergraph } = await this.composer.compose(list);
    if (errors.length) return { refused: errors.map((e) => e.code) };
    if (!apollo) return { sdl: supergraph };
    return this.composeByApollo(list);
  }

  composeByApollo(list) {
    let result;
    try {
      result = composeServices(list.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
    } catch (e) {
      return { disputed: `composes here, but Apollo fails itself: ${e.message}` };
    }
    if (result.errors?.length) return { disputed: `composes here, but not for Apollo: ${result.errors.map((e) => e.message).join('\n')}` };
    return { sdl: result.supergraphSdl };
  }
}

export class Trial {
  /** subgraphs: {name: sdl}. options: {trouble, apollo, strict, labels: bits}. Gives {trial}, {refused}, {disputed} or {complaint}. */
  static async start(ground, subgraphs, options) {
    const trial = new Trial();
    trial.ground = ground;
    trial.id = String(ground.count++);
    trial.options = options;
    const list = Object.entries(subgraphs).map(([name, sdl]) => ({
      name, url: `${ground.server.url}/${trial.id}/${name}`, sdl: sdl.includes('@link(') || sdl.startsWith('#fed1') ? sdl : LINK + sdl,
    }));
    const composed = await ground.compose(list, options.apollo);
    if (!composed.sdl) return composed;
    trial.list = list;
    trial.sdl = composed.sdl;
    trial.supergraph = Supergraph.build(trial.sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
    trial.api = trial.supergraph.apiSchema().toGraphQLJSSchema();
    const labels = labelsOf(trial);
    trial.labels = labels.filter((_, i) => (options.labels >> i) & 1);
    trial.world = new TroubledWorld(trial.supergraph.schema.toGraphQLJSSchema(), list, { ...options, labels: trial.labels });
    const [unanswerable] = trial.world.unanswerable();
    if (unanswerable) return { refused: [`nothing can be shared at ${unanswerable}`] };
    trial.documents = new Map();
    trial.watch();
    ground.trials.set(trial.id, trial);
    try {
      const set = labels.map((l) => `\n    ${JSON.stringify(l)}: ${trial.labels.includes(l) ? 'on' : 'off'}`).join('');
      trial.router = await Router.start(trial.sdl, { program: ground.program, config: set && `router:\n  override_labels:${set}\n` });
    } catch (e) {
      ground.trials.delete(trial.id);
      return { complaint: e.message };
    }
    trial.client = new Client(trial.router.address);
    return { trial };
  }

  /** Notes which features the requests of the operation at hand touch. */
  watch() {
    const { world } = this, known = featuresOfSystem(world);
    this.touched = new Set();
    const note = (feature) => void this.touched.add(feature);
    world.resolved = (subgraph, at) => known.get(`${subgraph.name} ${at}`)?.forEach(note);
    world.entered = (subgraph, rep) => featuresOfEntity(subgraph, rep, note);
    world.listed = (n) => n > 9 && note('a long list');
    this.note = note;
  }

  document(subgraph, query) {
    const { schema, name } = subgraph;
    const key = `${name} ${query}`;
    let known = this.documents.get(key);
    if (!known) {
      const document = parse(query, { noLocation: true });
      known = { document, errors: this.options.strict ? validate(schema, document) : [] };
      if (this.options.strict && !known.errors.length && asksExternal(subgraph, document)) known.errors = [{ message: 'it asks for what is @external' }];
      if (this.documents.size > CACHED_DOCUMENTS) this.documents.clear();
      this.documents.set(key, known);
    }
    return known;
  }

  subgraph(name, body) {
    const { query, variables } = JSON.parse(body);
    const subgraph = this.world.subgraphs.get(name), { schema } = subgraph;
    this.requests++;
    if (this.world.fed1.has(name)) this.note('Federation 1');
    const { document, errors } = this.document(subgraph, query);
    if (errors.length) this.invalid = `not valid in ${name}: ${errors[0].message}\n${query}`;
    const result = errors.length ? { errors } : execute({ schema, document, variableValues: variables });
    const reply = { status: 200, body: JSON.stringify(result) };
    return this.options.hostile ? corrupt(this.lies, reply) : reply;
  }

  /** undefined when the operation is not valid; '' when all is well; else what is wrong. */
  async examine(operation) {
    const { text, variables } = operation;
    let document;
    try {
      document = parse(text, { noLocation: true });
    } catch {
      return undefined;
    }
    this.world.written = [];
    this.invalid = '';
    this.requests = 0;
    this.lies = new Random(text.length);
    this.touched.clear();
    const reply = await this.client.post(JSON.stringify({ query: text, variables }));
    if (operation.features) featuresOfAnswer(reply.text, this.requests, operation, this.note);
    const wrote = this.world.written;
    this.world.written = [];
    const complaint = this.compare(reply, document, variables, wrote);
    return complaint && validate(this.api, document).length ? undefined : complaint;
  }

  compare(reply, document, variables, wrote) {
    const result = this.monolith(document, variables);
    if (result.errors && !('data' in result)) return reply.status === 200 && !/^\{"errors"/.test(reply.text) ? 'variables that do not fit were accepted' : undefined;
    if (this.invalid) return this.invalid;
    if (reply.status !== 200) return `status ${reply.status}: ${reply.text.slice(0, 1000)}`;
    if (this.options.hostile) {
      const introspects = document.definitions.some((d) => d.kind === 'OperationDefinition' && d.selectionSet.selections.some((s) => s.name?.value.startsWith('__')));
      return introspects ? '' : checkHostile(this.api, document, variables, reply.text, JSON.parse(JSON.stringify(result)));
    }
    const complaint = compareAnswers(reply.text, JSON.stringify(result.errors ? result : { data: result.data }));
    if (complaint || result.data === null || wrote.join() === this.world.written.join()) return complaint;
    return `mutations ran in another order: ${wrote}; asked for ${this.world.written}`;
  }

  /** Introspection is asked of the API schema, everything else of the world. */
  monolith(document, variables) {
    const root = document.definitions.find((d) => d.kind === 'OperationDefinition').selectionSet;
    const introspects = root.selections.some((s) => s.kind === 'Field' && /^__(schema|type)$/.test(s.name.value));
    return monolith(this.world, document, variables, undefined, introspects ? this.api : undefined);
  }

  /** What Apollo's composer says against a system that ours has composed: ''. */
  dispute() {
    return this.ground.composeByApollo(this.list).disputed ?? '';
  }

  comparePlans(operations, totals) {
    this.plans ??= new Plans(this.ground.planner, this.sdl, this.supergraph, this.world, this.labels);
    return this.plans.compare(operations, totals);
  }

  /** The exit status of the router. */
  async stop() {
    this.client.close();
    const code = await this.router.stop();
    this.ground.trials.delete(this.id);
    return code;
  }
}
