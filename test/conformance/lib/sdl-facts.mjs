// A type system as a set of facts, so that two texts can be compared whatever their order and layout.
import { Kind, parse, print, valueFromASTUntyped } from 'graphql';

const stable = (v) => Array.isArray(v) ? `[${v.map(stable).join(',')}]`
  : v && typeof v === 'object' ? `{${Object.keys(v).sort().map((k) => `${k}:${stable(v[k])}`).join(',')}}`
  : JSON.stringify(v) ?? 'undefined';

const value = (node) => stable(valueFromASTUntyped(node));
const description = (node) => node.description ? ` """${node.description.value}"""` : '';

// Lists whose order means nothing.
const SETS = new Set(['import', 'graphs', 'scopes', 'policies', 'slicingArguments', 'sizedFields']);
function argument(a) {
  const v = valueFromASTUntyped(a.value);
  const sorted = SETS.has(a.name.value) && Array.isArray(v) ? v.map((x) => (Array.isArray(x) ? [...x].sort() : x)).map(stable).sort() : v;
  return `${a.name.value}:${stable(sorted)}`;
}
const application = (d) => `@${d.name.value}(${(d.arguments ?? []).map(argument).sort().join(',')})`;

export function sdlFacts(sdl) {
  const facts = [];
  const add = (at, what) => facts.push(`${at} ${what}`);
  const directives = (at, node) => (node.directives ?? []).forEach((d) => add(at, application(d)));
  const input = (at, node) => {
    add(at, `: ${print(node.type)}${node.defaultValue ? ` = ${value(node.defaultValue)}` : ''}${description(node)}`);
    directives(at, node);
  };
  for (const def of parse(sdl, { noLocation: true }).definitions) {
    const name = def.kind === Kind.SCHEMA_DEFINITION ? 'schema' : def.kind === Kind.DIRECTIVE_DEFINITION ? `@${def.name.value}` : def.name.value;
    add(name, `${def.kind}${description(def)}`);
    directives(name, def);
    for (const root of def.operationTypes ?? []) add(name, `${root.operation}: ${root.type.name.value}`);
    for (const i of def.interfaces ?? []) add(name, `implements ${i.name.value}`);
    for (const t of def.types ?? []) add(name, `| ${t.name.value}`);
    for (const v of def.values ?? []) { add(`${name}.${v.name.value}`, `value${description(v)}`); directives(`${name}.${v.name.value}`, v); }
    for (const a of def.arguments ?? []) input(`${name}(${a.name.value})`, a);
    if (def.locations) add(name, `${def.repeatable ? 'repeatable ' : ''}on ${def.locations.map((l) => l.value).sort().join('|')}`);
    for (const f of def.fields ?? []) {
      const at = `${name}.${f.name.value}`;
      if (def.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) { input(at, f); continue; }
      add(at, `: ${print(f.type)}${description(f)}`);
      directives(at, f);
      for (const a of f.arguments ?? []) input(`${at}(${a.name.value})`, a);
    }
  }
  return facts.sort();
}

// What one has and the other has not; empty when they are equal. Facts that stand twice count twice.
export function difference(a, b) {
  const count = (facts) => facts.reduce((m, f) => m.set(f, (m.get(f) ?? 0) + 1), new Map());
  const x = count(a), y = count(b), out = [];
  for (const f of new Set([...x.keys(), ...y.keys()]))
    if ((x.get(f) ?? 0) !== (y.get(f) ?? 0)) out.push(`${(x.get(f) ?? 0) > (y.get(f) ?? 0) ? '-' : '+'} ${f}`);
  return out.sort();
}
