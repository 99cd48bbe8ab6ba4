// Random type systems: valid by construction as far as that is simple, with all kinds of types, extensions, directives,
// defaults and deprecations.

const FIELD_NAMES = ['id', 'name', 'count', 'items', 'child', 'parent', 'total', 'state', 'node', 'note'];
const SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID', 'Date'];
const VALUES = ['RED', 'GREEN', 'BLUE', 'GREY'];
const PLACES =
  'QUERY | MUTATION | SUBSCRIPTION | FIELD | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT' +
  ' | VARIABLE_DEFINITION | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE' +
  ' | INPUT_FIELD_DEFINITION | SCHEMA' +
  ' | INTERFACE | UNION';

const implementing = (all) => (all.length ? ` implements ${all.join(' & ')}` : '');
const named = (prefix, n) => Array.from({ length: n }, (_, i) => prefix + i);

export class Schemas {
  #random;

  constructor(random) {
    this.#random = random;
  }

  #maybe(p, make) {
    return this.#random.chance(p) ? make() : '';
  }

  #wrapped(type) {
    return this.#random.pick([type, type, type, `${type}!`, `[${type}]`, `[${type}!]!`, `[[${type}]!]`]);
  }

  #names(pool, lo, hi) {
    return [...new Set(this.#random.many(lo, hi, () => this.#random.pick(pool)))];
  }

  #description() {
    return this.#maybe(0.15, () => this.#random.pick(['"one line" ', '"""\n  block\n    deeper\n""" ', '"" ']));
  }

  #deprecated() {
    return this.#maybe(0.15, () => this.#random.pick([' @deprecated', ' @deprecated(reason: "old")']));
  }

  #tag() {
    return this.#maybe(0.1, () => ` @tag(name: "${this.#random.pick(['a', 'b'])}")`);
  }

  /** A literal that fits, for a type of input as written. */
  literal(type, inputs, depth = 0) {
    if (this.#random.chance(0.1) && !type.endsWith('!')) return 'null';
    const bare = type.replace(/!$/, '');
    if (bare.startsWith('['))
      return `[${this.#random.many(0, 2, () => this.literal(bare.slice(1, -1), inputs, depth)).join(', ')}]`;
    if (bare.startsWith('Enum')) return this.#random.pick(VALUES.slice(0, 2));
    if (bare === 'Choice') return `{ left: ${this.#random.below(9)} }`;
    if (bare.startsWith('Input')) {
      const fields = inputs.get(bare) ?? [];
      const given = fields.filter((f) => f.required || (depth < 2 && this.#random.chance(0.4)));
      return `{${given.map((f) => ` ${f.name}: ${this.literal(f.type, inputs, depth + 1)}`).join(',')} }`;
    }
    const literals = {
      Int: '7',
      Float: '1.5',
      String: '"text"',
      Boolean: 'true',
      ID: '"id"',
      Date: '{ any: [1, "x"] }',
    };
    return literals[bare];
  }

  #inputs(enums) {
    const inputs = new Map();
    for (const name of named('Input', 1 + this.#random.below(3))) {
      const fields = this.#names(FIELD_NAMES, 1, 4).map((field) => {
        const nullable = this.#random.chance(0.3) && [...inputs.keys(), name];
        const type = nullable
          ? this.#random.pick(nullable)
          : this.#wrapped(this.#random.pick([...SCALARS, ...enums]));
        const value = this.#maybe(0.3, () => (nullable ? '' : ` = ${this.literal(type, inputs)}`));
        return { name: field, type, value, required: type.endsWith('!') && !value };
      });
      inputs.set(name, fields);
    }
    return inputs;
  }

  #args(inputTypes, inputs) {
    return this.#names(['id', 'first', 'where', 'order', 'flag'], 0, 3).map((name) => {
      const type = this.#wrapped(this.#random.pick(inputTypes));
      const value = this.#maybe(0.3, () => ` = ${this.literal(type, inputs)}`);
      return `${name}: ${type}${value}${type.endsWith('!') && !value ? '' : this.#deprecated()}`;
    });
  }

  #fields(lo, hi, outputs, inputTypes, inputs) {
    return new Map(
      this.#names(FIELD_NAMES, lo, hi).map((name) => {
        const args = this.#maybe(0.4, () => this.#args(inputTypes, inputs).join(', '));
        const type = this.#wrapped(this.#random.pick(outputs));
        return [name, `${this.#description()}${name}${args && `(${args})`}: ${type}`];
      }),
    );
  }

  #body(fields) {
    return `{\n${[...fields.values()].map((f) => `  ${f}${this.#deprecated()}${this.#tag()}\n`).join('')}}`;
  }

  sdl() {
    const random = this.#random;
    const enums = named('Enum', 1 + random.below(2));
    const inputs = this.#inputs(enums);
    const interfaces = named('Face', random.below(4));
    const objects = named('Type', 2 + random.below(4));
    const unions = named('Union', random.below(3));
    const inputTypes = [...SCALARS, ...enums, ...inputs.keys(), 'Choice'];
    const outputs = [...SCALARS, ...enums, ...interfaces, ...objects, ...objects, ...unions];
    const parts = [
      `directive @tag(name: String!, weight: Int = 1) repeatable on ${PLACES}`,
      this.#maybe(0.5, () => `directive @once(input: Input0) on ${PLACES}`),
      'scalar Date @specifiedBy(url: "https://example.com/date")',
      'input Choice @oneOf { left: Int right: String both: [Input0!] }',
      ...enums.map(
        (name) =>
          `${this.#description()}enum ${name} { RED GREEN${this.#deprecated()} ${this.#maybe(0.4, () => 'BLUE')} }`,
      ),
      ...[...inputs].map(
        ([name, fields]) =>
          `${this.#description()}input ${name} { ${fields.map((f) => `${f.name}: ${f.type}${f.value}`).join(' ')} }`,
      ),
      ...unions.map((name) => `union ${name}${this.#tag()} = ${this.#names(objects, 1, 3).join(' | ')}`),
    ];
    const faces = new Map();
    for (const name of interfaces) {
      const above = faces.size ? this.#maybe(0.4, () => random.pick([...faces.keys()])) : '';
      const all = above ? [above, ...faces.get(above).all] : [];
      const fields = new Map([
        ...this.#fields(1, 3, outputs, inputTypes, inputs),
        ...all.flatMap((f) => [...faces.get(f).fields]),
      ]);
      faces.set(name, { fields, all });
      parts.push(`${this.#description()}interface ${name}${implementing(all)} ${this.#body(fields)}`);
    }
    for (const name of [...objects, 'Query', ...['Mutation', 'Subscription'].filter(() => random.chance(0.5))]) {
      const face = faces.size ? this.#maybe(0.5, () => random.pick([...faces.keys()])) : '';
      const all = face ? [face, ...faces.get(face).all] : [];
      const fields = new Map([
        ...this.#fields(1, 5, outputs, inputTypes, inputs),
        ...all.flatMap((f) => [...faces.get(f).fields]),
      ]);
      parts.push(`${this.#description()}type ${name}${implementing(all)}${this.#tag()} ${this.#body(fields)}`);
      if (random.chance(0.2)) parts.push(`extend type ${name} { extra: ${random.pick(outputs)} }`);
    }
    if (random.chance(0.3)) parts.push('"the graph" schema @tag(name: "s") { query: Query }');
    if (random.chance(0.2)) parts.push('extend enum Enum0 { LAST }', 'extend schema @tag(name: "t")');
    for (let i = parts.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [parts[i], parts[j]] = [parts[j], parts[i]];
    }
    return parts.filter(Boolean).join('\n');
  }
}
