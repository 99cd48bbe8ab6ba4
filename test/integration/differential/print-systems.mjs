// The SDL of the models that systems.mjs makes.

const COMMON_FED1 = / @(shareable|override|inaccessible|interfaceObject|tag)(\(([^()\"]|\"[^\"]*\")*\))?/g;

/** Types that subgraphs share, as this system has them. `O` is only returned, so its values may differ from subgraph to subgraph. */
export function declarations(r) {
  const hidden = r.chance(0.2);
  return {
    O: (s) => `enum O { ONE TWO${s < 'c' ? ' THREE' : ''} }\n`,
    J: () => 'scalar J\n',
    Filter: (s) => `input Filter {\n  a: Int = 2\n  b: [String!]\n  e: E\n  inner: Filter\n  l: [Filter!] = []\n${hidden && s === 'b' ? '  onlyB: Int\n' : ''}}\n`,
    E: () => 'enum E { RED GREEN BLUE }\n',
    Box: () => 'type Box @shareable {\n  code: String!\n  part: Part!\n}\n',
    Part: () => 'type Part @shareable {\n  nr: Int!\n}\n',
  };
}

function fieldOf(f, inKeys) {
  const of = (name, value) => (value ? ` @${name}${value === true ? '' : `(${value})`}` : '');
  const shared = f.shared && (!inKeys?.has(f.name) || ['owner', 'box'].includes(f.name));
  return `  ${f.name}${f.args ?? ''}: ${f.type}` +
    of('override', f.override && `from: "${f.override}"${f.label ? `, label: "${f.label}"` : ''}`) +
    of('shareable', shared) + of('external', f.external) + of('inaccessible', f.inaccessible) + of('tag', f.tag && 'name: "t"') +
    of('requires', f.requires && `fields: "${f.requires}"`) + of('provides', f.provides && `fields: "${f.provides}"`) + '\n';
}

/** The fields that all of the members that `s` knows have there with one type, and that somebody resolves for each of them. */
function common(system, s, members) {
  const here = members.filter((m) => system.type(s, m));
  if (!here.length) return [];
  const has = (o, m, f) => system.type(o, m)?.fields.some((g) => g.name === f.name && g.type === f.type && (g.args ?? '') === (f.args ?? '') && !g.external && !g.inaccessible);
  return system.type(s, here[0]).fields.filter((f) => here.every((m) => has(s, m, f)) && members.every((m) => [...system.subgraphs.keys()].some((o) => has(o, m, f))));
}

function abstractTypes(system, s, model) {
  const out = { implemented: new Map(), text: '', known: new Set() };
  const add = (name, members, head) => {
    const fields = common(system, s, members);
    if (!fields.length) return;
    out.known.add(name);
    for (const m of members) if (model.types.has(m)) out.implemented.set(m, [...(out.implemented.get(m) ?? []), ...head.implement, name]);
    out.text += `interface ${name}${head.implement.length ? ` implements ${head.implement.join(' & ')}` : ''}${head.key ?? ''} {\n${fields.map((f) => `  ${f.name}${f.args ?? ''}: ${f.type}\n`).join('')}}\n`;
    if (head.implement.length) out.text += `interface N {\n  ${fields[0].name}${fields[0].args ?? ''}: ${fields[0].type}\n}\n`;
  };
  if (system.interface && !model.interfaceObject) add('I', system.members, { implement: system.superInterface ? ['N'] : [], key: model.keyedInterface ? ' @key(fields: "id")' : '' });
  if (system.valueInterface) add('K', system.values, { implement: [] });
  if (model.interfaceObject) out.known.add('I');
  if (system.union) {
    const members = system.unionMembers.filter((m) => model.types.get(m)?.fields.length);
    const kept = system.partialUnion && members.length > 1 && s > 'b' ? members.slice(1) : members;
    if (kept.length) out.known.add('A');
    if (kept.length) out.text += `union A = ${kept.join(' | ')}\n`;
  }
  return out;
}

function rootTypes(system, s, model, usable) {
  const renamed = system.renamed.has(s);
  let out = '', roots = '';
  for (const [word, name] of [['query', 'Query'], ['mutation', 'Mutation']]) {
    const fields = model[word].filter(usable);
    if (!fields.length) continue;
    const own = renamed ? `${name}Here` : name;
    roots += ` ${word}: ${own}`;
    out += `${system.fed1.has(s) && !renamed ? 'extend ' : ''}type ${own} {\n${fields.map((f) => fieldOf(f)).join('')}}\n`;
  }
  return renamed && roots ? `schema {${roots} }\n${out}` : out;
}

export function printSubgraph(system, s, model) {
  const abstract = abstractTypes(system, s, model);
  const usable = (f) => {
    const target = f.type.replace(/\W/g, '');
    if (target === 'Query') return model.query.length > 0;
    return !['I', 'A', 'K'].includes(target) || abstract.known.has(target);
  };
  let out = '';
  for (const [name, t] of model.types) {
    const fields = t.fields.filter(usable);
    if (!fields.length) continue;
    const keys = t.keys.map((k, i) => ` @key(fields: "${k}"${i === t.off ? ', resolvable: false' : ''})`).join('');
    const inKeys = new Set(t.keys.join(' ').split(/[^\w]+/));
    const above = abstract.implemented.get(name);
    out += `type ${name}${above ? ` implements ${above.join(' & ')}` : ''}${keys}${model.interfaceObject ? ' @interfaceObject' : ''}${t.context ? ` @context(name: "${t.context}")` : ''} {\n${fields.map((f) => fieldOf(f, inKeys)).join('')}}\n`;
  }
  out += abstract.text + rootTypes(system, s, model, usable);
  if (system.renamed.has(s)) out = out.replace(/: Query\b/g, ': QueryHere');
  for (const [name, declare] of Object.entries(system.declarations)) if (new RegExp(`: \\[*${name}\\b`).test(out)) out += declare(s);
  if (/type Box/.test(out) && !/type Part/.test(out)) out += system.declarations.Part(s);
  if (system.fed1.has(s)) out = `#fed1\n${out.replace(COMMON_FED1, '').replace(/, resolvable: false/g, '')}`;
  if (system.marks) out += 'directive @mark(n: Int = 0, words: [String!]) on FIELD\n';
  return out || 'type Unused { x: Int }\n';
}
