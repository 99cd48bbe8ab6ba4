// Subgraphs that answer wrongly, and what has to hold of the router's answer all the same: it is JSON, it is a result of this operation
// by the API schema, and whatever null the honest answer does not have is explained by an error.
import { getNamedType, isAbstractType, isEnumType, isLeafType, isListType, isNonNullType } from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';

const WRONG = [7, 1e40, 'text', true, [], {}, [[7]], { __typename: 'Nobody' }, '\u0000', -0.5];

/** Every object and list below `value`, with the way to write there. */
function containers(value, out = []) {
  if (value && typeof value === 'object') {
    out.push(value);
    Object.values(value).forEach((v) => containers(v, out));
  }
  return out;
}

const wrong = (random) => structuredClone(random.pick(WRONG));

function spoil(random, data) {
  const target = random.pick(containers(data)), keys = Object.keys(target);
  if (!keys.length) return;
  const key = random.pick(keys);
  if (random.chance(0.3) && !Array.isArray(target)) delete target[key];
  else if (random.chance(0.15)) target[`extra${key}`] = wrong(random);
  else if (random.chance(0.15) && Array.isArray(target)) target.push(wrong(random));
  else target[key] = wrong(random);
}

/** The text of a reply, made wrong now and then; nothing: the connection ends. */
export function corrupt(random, reply) {
  const { body, status } = reply;
  const kind = random.below(12);
  if (kind > 8) return reply;
  if (kind === 0) return { status: random.pick([200, 500, 404]), body: random.pick(['', 'null', '[]', '{}', 'oops', '{"data":7}', '{"errors":7}']) };
  if (kind === 1) return { status, body: body.slice(0, random.below(body.length)) };
  if (kind === 2) return { status: 503, body };
  if (kind === 3 && random.chance(0.3)) return undefined;
  if (kind === 4) return { status, body: body.replace(/"(\w+)":("\w+"|\d+)/, '$&,$&') }; // a member twice
  const result = JSON.parse(body);
  for (let i = 1 + random.below(3); i > 0 && result.data; i--) spoil(random, result.data);
  return { status, body: JSON.stringify(result) };
}

const fits = {
  Int: (v) => Number.isInteger(v) && Math.abs(v) <= 2147483648,
  Float: (v) => typeof v === 'number',
  String: (v) => typeof v === 'string',
  Boolean: (v) => typeof v === 'boolean',
  ID: (v) => typeof v === 'string',
};

class Checker {
  constructor(schema, fragments, variables) {
    this.schema = schema;
    this.fragments = fragments;
    this.variables = variables;
    this.complaint = '';
  }

  say(path, what) {
    this.complaint ||= `${what} at ${path.join('.')}`;
  }

  leaf(type, v, path) {
    const good = isEnumType(type) ? !!type.getValue(v) : fits[type.name]?.(v) ?? true;
    if (!good) this.say(path, `no ${type.name}: ${JSON.stringify(v)}`);
  }

  value(type, v, nodes, path) {
    if (v === null) return void (isNonNullType(type) && this.say(path, 'null where none may be'));
    const inner = isNonNullType(type) ? type.ofType : type;
    if (isListType(inner)) {
      if (!Array.isArray(v)) return this.say(path, 'no list');
      return v.forEach((item, i) => this.value(inner.ofType, item, nodes, [...path, i]));
    }
    if (isLeafType(inner)) return this.leaf(inner, v, path);
    if (typeof v !== 'object' || Array.isArray(v)) return this.say(path, 'no object');
    this.anyOf(isAbstractType(inner) ? this.schema.getPossibleTypes(inner) : [inner], v, nodes, path);
  }

  /** The object has to be what the operation selects of one of the types. */
  anyOf(types, v, nodes, path) {
    let first = '';
    for (const type of types) {
      const before = this.complaint;
      this.complaint = '';
      this.object(type, v, nodes, path);
      const found = this.complaint;
      this.complaint = before;
      if (!found) return;
      first ||= found;
    }
    this.complaint ||= first;
  }

  object(type, v, nodes, path) {
    const fields = this.fields(type, nodes), keys = Object.keys(v);
    if ([...fields.keys()].join() !== keys.join()) return this.say(path, `members ${keys} where ${[...fields.keys()]} are selected of ${type.name}`);
    for (const [key, below] of fields) {
      const { value: name } = below[0].name;
      if (name === '__typename' && v[key] !== type.name) this.say([...path, key], `no ${type.name}`);
      if (name.startsWith('__')) continue;
      this.value(type.getFields()[name].type, v[key], below, [...path, key]);
      if (this.complaint) return;
    }
  }

  fields(type, nodes) {
    const out = new Map();
    for (const node of nodes)
      for (const [key, below] of collectFields(this.schema, this.fragments, this.variables, type, node.selectionSet)) out.set(key, [...(out.get(key) ?? []), ...below]);
    return out;
  }
}

/** Every null of `got` that `honest` does not have, as JSON of its path; no further than where they part. */
function newNulls(got, honest, path, out) {
  if (got === null) {
    if (honest !== null) out.push(JSON.stringify(path));
  } else if (honest && typeof got === 'object' && typeof honest === 'object') {
    for (const key of Object.keys(got)) newNulls(got[key], honest[key], [...path, Array.isArray(got) ? Number(key) : key], out);
  }
  return out;
}

const covers = (error, at) => {
  const path = JSON.stringify(error.path ?? []), prefix = at.slice(0, -1);
  return !error.path || path === at || path.startsWith(`${prefix},`) || prefix === '[';
};

/** '' or what is wrong with an answer over subgraphs that may lie. `honest`: what the monolith says, with variables coerced. */
export function checkHostile(schema, document, variables, text, honest) {
  let got;
  try {
    got = JSON.parse(text);
  } catch {
    return `no JSON: ${text.slice(0, 500)}`;
  }
  if (got.data === undefined) return `no data: ${text.slice(0, 500)}`;
  const operation = document.definitions.find((d) => d.kind === 'OperationDefinition');
  const fragments = Object.fromEntries(document.definitions.filter((d) => d.kind === 'FragmentDefinition').map((d) => [d.name.value, d]));
  const checker = new Checker(schema, fragments, variables);
  const root = operation.operation === 'mutation' ? schema.getMutationType() : schema.getQueryType();
  if (got.data !== null) checker.object(root, got.data, [operation], []);
  if (checker.complaint) return checker.complaint;
  const many = got.errors?.length > 1000;
  const silent = many ? [] : newNulls(got.data, honest.data, [], []).filter((at) => !(got.errors ?? []).some((e) => covers(e, at)));
  return silent.length ? `null without an error at ${silent[0]}: ${text.slice(0, 1500)}` : '';
}
