// Small changes to a type system, as a person makes them: each is a function on graphql-js's tree. Most leave it valid.
import { Kind, parse, parseType, parseValue, print } from 'graphql';

const OBJECTS = [Kind.OBJECT_TYPE_DEFINITION, Kind.INTERFACE_TYPE_DEFINITION];
const name = (value) => ({ kind: Kind.NAME, value });
const typeOf = (value) => ({ kind: Kind.NAMED_TYPE, name: name(value) });
const words = ['alpha', 'beta', 'gamma', 'delta', 'RED', 'ROSE', 'id', 'note', 'first'];
const SCALARS = ['Int', 'String', 'Boolean', 'ID', 'Float'];

export class Mutations {
  constructor(random) {
    this.r = random;
  }

  of(doc, ...kinds) {
    return doc.definitions.filter((d) => kinds.includes(d.kind));
  }

  types(doc) {
    return doc.definitions.filter((d) => /TypeDefinition$/.test(d.kind));
  }

  pick(list) {
    return list.length ? this.r.pick(list) : undefined;
  }

  remove(list) {
    if (list?.length) list.splice(this.r.below(list.length), 1);
  }

  describe(node) {
    const text = this.r.pick([undefined, '', 'one', 'two', 'it\'s "quoted"']);
    node.description = text === undefined ? undefined : { kind: Kind.STRING, value: text };
  }

  // ---- what stands for a place ----

  fields(doc) {
    return this.of(doc, ...OBJECTS).flatMap((t) => t.fields);
  }

  fieldArgs(doc) {
    return this.fields(doc).flatMap((f) => f.arguments);
  }

  inputs(doc) {
    return [...this.fieldArgs(doc), ...this.of(doc, Kind.INPUT_OBJECT_TYPE_DEFINITION).flatMap((t) => t.fields), ...this.of(doc, Kind.DIRECTIVE_DEFINITION).flatMap((d) => d.arguments)];
  }

  tagged(doc) {
    return [...this.types(doc), ...this.of(doc, Kind.SCHEMA_DEFINITION), ...this.fields(doc), ...this.fieldArgs(doc),
      ...this.of(doc, Kind.ENUM_TYPE_DEFINITION).flatMap((t) => t.values), ...this.of(doc, Kind.INPUT_OBJECT_TYPE_DEFINITION).flatMap((t) => t.fields)];
  }

  inputTypes(doc) {
    return [...SCALARS, ...this.of(doc, Kind.ENUM_TYPE_DEFINITION, Kind.INPUT_OBJECT_TYPE_DEFINITION, Kind.SCALAR_TYPE_DEFINITION).map((t) => t.name.value)];
  }

  outputTypes(doc) {
    return [...SCALARS, ...this.types(doc).filter((t) => t.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION).map((t) => t.name.value)];
  }

  wrap(type) {
    return parseType(this.r.pick([type, type, `${type}!`, `[${type}]`, `[${type}!]`, `[${type}!]!`]));
  }

  rewrap(node) {
    const text = print(node.type), bare = text.replace(/[[\]!]/g, '');
    node.type = this.r.chance(0.4) ? this.wrap(bare) : parseType(text.endsWith('!') ? text.slice(0, -1) : `${text}!`);
  }

  literal(type) {
    const kinds = { Int: ['1', '2'], Float: ['1', '1.0', '2.5'], String: ['"a"', '"b"'], Boolean: ['true', 'false'], ID: ['1', '"1"', '"x"'] };
    const text = print(type), bare = text.replace(/[[\]!]/g, '');
    return parseValue(this.r.pick([...(kinds[bare] ?? ['RED', 'GREEN', '{}', '{ any: 1 }', '{ id: 1 }']), ...(text.endsWith('!') ? [] : ['null'])]));
  }

  // ---- the changes ----

  static CHANGES = {
    addType(doc) {
      const n = `Added${this.r.below(3)}`;
      doc.definitions.push(...parse(this.r.pick([
        `"new" type ${n} @tag(name: "n") { id(first: Int = 1 @deprecated): ID @deprecated "x" note: String @tag(name: "q", weight: 2) }`, `scalar ${n} @tag2`, `enum ${n} @tag2 { A "b" B @deprecated(reason: "no") }`,
        `input ${n} @tag2 { "a" a: Int = 1 b: String! @tag2 }`, `union ${n} @tag(name: "u") = Query`, `interface ${n} @tag2 { id: ID }`, `input ${n} @oneOf { a: Int b: Int }`,
      ])).definitions);
    },
    removeType(doc) { doc.definitions = doc.definitions.filter((d) => d !== (this.gone ??= this.pick(this.types(doc)))); this.gone = undefined; },
    renameType(doc) { const t = this.pick(this.types(doc)); if (t) t.name = name(`${t.name.value}x`); },
    changeKind(doc) {
      const t = this.pick(this.types(doc)); if (!t) return;
      const [made] = parse(this.r.pick([`type T { id: ID }`, `scalar T`, `enum T { A }`, `input T { a: Int }`, `union T = Query`, `interface T { id: ID }`])).definitions;
      doc.definitions[doc.definitions.indexOf(t)] = { ...made, name: t.name, description: t.description };
    },
    describe(doc) { const n = this.pick([...this.tagged(doc).filter((x) => x.kind !== Kind.SCHEMA_DEFINITION), ...this.of(doc, Kind.DIRECTIVE_DEFINITION), ...this.inputs(doc)]); if (n) this.describe(n); },
    addField(doc) {
      const t = this.pick(this.of(doc, ...OBJECTS)); if (!t) return;
      const [made] = parse(`type T { ${this.r.pick(words)}${this.r.chance(0.3) ? '("d" a: Int = 1 @deprecated, b: ID!)' : ''}: ${print(this.wrap(this.pick(this.outputTypes(doc))))} ${this.r.pick(['', '@deprecated', '@deprecated(reason: "why")', '@tag(name: "f")'])} }`).definitions;
      t.fields.push(made.fields[0]);
    },
    removeField(doc) { this.remove(this.pick(this.of(doc, ...OBJECTS))?.fields); },
    fieldType(doc) { const f = this.pick(this.fields(doc)); if (f) f.type = this.wrap(this.pick(this.outputTypes(doc))); },
    fieldWrap(doc) { const f = this.pick(this.fields(doc)); if (f) this.rewrap(f); },
    addArg(doc) {
      const f = this.pick(this.fields(doc)); if (!f) return;
      const type = this.wrap(this.pick(this.inputTypes(doc)));
      f.arguments.push({ kind: Kind.INPUT_VALUE_DEFINITION, name: name(this.r.pick(words)), type, directives: [], defaultValue: this.r.chance(0.4) ? this.literal(type) : undefined });
    },
    removeArg(doc) { this.remove(this.pick(this.fields(doc).filter((f) => f.arguments.length))?.arguments); },
    inputType(doc) { const a = this.pick(this.inputs(doc)); if (a) a.type = this.wrap(this.pick(this.inputTypes(doc))); },
    inputWrap(doc) { const a = this.pick(this.inputs(doc)); if (a) this.rewrap(a); },
    inputDefault(doc) { const a = this.pick(this.inputs(doc)); if (a) a.defaultValue = this.r.chance(0.3) ? undefined : this.literal(a.type); },
    addInputField(doc) {
      const t = this.pick(this.of(doc, Kind.INPUT_OBJECT_TYPE_DEFINITION)); if (!t) return;
      const type = this.wrap(this.pick(this.inputTypes(doc)));
      t.fields.push({ kind: Kind.INPUT_VALUE_DEFINITION, name: name(this.r.pick(words)), type, directives: [], defaultValue: this.r.chance(0.4) ? this.literal(type) : undefined, description: this.r.chance(0.2) ? { kind: Kind.STRING, value: 'x' } : undefined });
    },
    removeInputField(doc) { this.remove(this.pick(this.of(doc, Kind.INPUT_OBJECT_TYPE_DEFINITION))?.fields); },
    addValue(doc) { this.pick(this.of(doc, Kind.ENUM_TYPE_DEFINITION))?.values.push({ kind: Kind.ENUM_VALUE_DEFINITION, name: name(this.r.pick(words)), directives: [] }); },
    removeValue(doc) { this.remove(this.pick(this.of(doc, Kind.ENUM_TYPE_DEFINITION))?.values); },
    addMember(doc) { this.pick(this.of(doc, Kind.UNION_TYPE_DEFINITION))?.types.push(typeOf(this.pick(this.of(doc, Kind.OBJECT_TYPE_DEFINITION)).name.value)); },
    removeMember(doc) { this.remove(this.pick(this.of(doc, Kind.UNION_TYPE_DEFINITION))?.types); },
    removeInterface(doc) { this.remove(this.pick(this.of(doc, ...OBJECTS).filter((t) => t.interfaces.length))?.interfaces); },
    addInterface(doc) {
      const t = this.pick(this.of(doc, ...OBJECTS)), i = this.pick(this.of(doc, Kind.INTERFACE_TYPE_DEFINITION)); if (!t || !i || t === i) return;
      t.interfaces.push(typeOf(i.name.value), ...i.interfaces);
      for (const f of i.fields) if (!t.fields.some((x) => x.name.value === f.name.value)) t.fields.push(structuredClone(f));
    },
    deprecate(doc) {
      const n = this.pick(this.tagged(doc).filter((x) => [Kind.FIELD_DEFINITION, Kind.ENUM_VALUE_DEFINITION, Kind.INPUT_VALUE_DEFINITION].includes(x.kind))); if (!n) return;
      n.directives = n.directives.filter((d) => d.name.value !== 'deprecated');
      const how = this.r.pick(['', '@deprecated', '@deprecated(reason: "one")', '@deprecated(reason: "two")', '@deprecated(reason: "")', '@deprecated(reason: "No longer supported")']);
      n.directives.push(...parse(`type T { a: Int ${how} }`).definitions[0].fields[0].directives);
    },
    applyDirective(doc) {
      const n = this.pick(this.tagged(doc)), how = this.r.pick(['@tag(name: "a")', '@tag(name: "b", weight: 3)', '@tag2', '@tag2(a: [1, "x"])', '@tag2(a: {k: RED})']);
      n?.directives.push(...parse(`type T ${how} { a: Int }`).definitions[0].directives);
    },
    removeDirective(doc) { this.remove(this.pick(this.tagged(doc).filter((n) => n.directives.length))?.directives); },
    oneOf(doc) {
      const t = this.pick(this.of(doc, Kind.INPUT_OBJECT_TYPE_DEFINITION)); if (!t) return;
      const before = t.directives.length;
      t.directives = t.directives.filter((d) => d.name.value !== 'oneOf');
      if (t.directives.length === before) { t.directives.push(...parse('input T @oneOf { a: Int }').definitions[0].directives); for (const f of t.fields) { f.defaultValue = undefined; f.type = parseType(print(f.type).replace(/!$/, '')); } }
    },
    repeatable(doc) { const d = this.pick(this.of(doc, Kind.DIRECTIVE_DEFINITION)); if (d) d.repeatable = !d.repeatable; },
    location(doc) {
      const d = this.pick(this.of(doc, Kind.DIRECTIVE_DEFINITION)); if (!d) return;
      const l = name(this.r.pick(['QUERY', 'FIELD', 'VARIABLE_DEFINITION', 'SCALAR', 'ENUM', 'INPUT_OBJECT']));
      if (d.locations.some((x) => x.value === l.value)) d.locations = d.locations.filter((x) => x.value !== l.value); else d.locations.push(l);
    },
    addDirectiveArg(doc) {
      const type = this.wrap(this.pick(this.inputTypes(doc)));
      this.pick(this.of(doc, Kind.DIRECTIVE_DEFINITION))?.arguments.push({ kind: Kind.INPUT_VALUE_DEFINITION, name: name(this.r.pick(words)), type, directives: [], defaultValue: this.r.chance(0.5) ? this.literal(type) : undefined });
    },
    removeDirectiveArg(doc) { this.remove(this.pick(this.of(doc, Kind.DIRECTIVE_DEFINITION))?.arguments); },
    addDirective(doc) { doc.definitions.push(...parse(`"made" directive @made${this.r.below(2)}("d" a: Int = 1, b: String! ) ${this.r.pick(['', 'repeatable'])} on FIELD | OBJECT`).definitions); },
    dropDirective(doc) { const d = this.pick(this.of(doc, Kind.DIRECTIVE_DEFINITION)); doc.definitions = doc.definitions.filter((x) => x !== d); },
    roots(doc) {
      const schema = this.pick(this.of(doc, Kind.SCHEMA_DEFINITION)), others = this.of(doc, Kind.OBJECT_TYPE_DEFINITION);
      const roots = [['query', 'Query'], ['mutation', this.pick(['Mutation', undefined, this.pick(others)?.name.value])], ['subscription', this.pick([undefined, 'Subscription', this.pick(others)?.name.value])]]
        .filter(([, t]) => t).map(([operation, t]) => `${operation}: ${t}`).join(' ');
      const [made] = parse(`schema { ${roots} }`).definitions;
      if (schema) schema.operationTypes = made.operationTypes; else doc.definitions.push(made);
    },
  };

  // Names of changes that may be tried, some more often.
  some(n) {
    const all = Object.keys(Mutations.CHANGES);
    return this.r.many(1, n, () => this.r.pick(all));
  }

  apply(change, doc) {
    Mutations.CHANGES[change].call(this, doc);
  }
}
