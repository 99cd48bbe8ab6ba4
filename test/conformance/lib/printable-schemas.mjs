// Random valid schemas as SDL, rich in what a printer has to get right: descriptions, default values, deprecations, extensions.
import { Documents } from './documents.mjs';

const TAG = 'directive @tag(name: String, "why" note: [String!] = ["x"] @deprecated) repeatable on SCHEMA | SCALAR | OBJECT | ' +
  'FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION';

export class PrintableSchemas {
  constructor(random) {
    this.r = random;
    this.documents = new Documents(random);
  }

  description() {
    const text = this.documents.description()[0];
    return text ? `${text}\n` : '';
  }

  tags() {
    return this.r.chance(0.2) ? this.r.many(1, 2, () => ` @tag(name: "${this.r.below(100)}")`).join('') : '';
  }

  deprecated(p = 0.15) {
    const reasons = ['', '(reason: "No longer supported")', '(reason: "old\\n\\"x\\"")', '(reason: "")', '(reason: """block""")'];
    return this.r.chance(p) ? ` @deprecated${this.r.pick(reasons)}` : '';
  }

  wrap(type) {
    return this.r.pick([type, type, `${type}!`, `[${type}]`, `[${type}!]!`, `[[${type}]]`]);
  }

  defaultValue(type, depth = 0) {
    if (type.endsWith('!')) return this.defaultValue(type.slice(0, -1), depth);
    if (this.r.chance(0.1)) return 'null';
    if (type.startsWith('[')) {
      const item = type.slice(1, -1);
      const make = () => (item.endsWith('!') ? this.notNull(item, depth + 1) : this.defaultValue(item, depth + 1));
      return depth < 4 ? `[${this.r.many(0, 5, make).join(this.r.pick([', ', ' ']))}]` : '[]';
    }
    return this.notNull(type, depth);
  }

  notNull(type, depth) {
    const base = type.replace(/!$/, '');
    if (base.startsWith('[')) return depth < 4 ? `[${this.r.many(0, 3, () => this.notNull(base.slice(1, -1), depth + 1)).join(' ')}]` : '[]';
    const strings = () => this.documents.value(true, 9).filter((t) => t.startsWith('"'))[0] ?? '"text"';
    switch (base) {
      case 'Int': return String(this.r.below(2000) - 1000);
      case 'Float': return this.r.pick(['1', '1.50', '-0', '2e3', '1E-7']);
      case 'Boolean': return this.r.pick(['true', 'false']);
      case 'ID': return this.r.pick(['"7"', '7', '"x"']);
      case 'String': return strings();
      case 'Color': return this.r.pick(['RED', 'GREEN']);
      case 'Scale': return this.r.pick(['1', '"x"', '{ a: [1, { b: "c" }] }', 'WORD', '1.0']);
      default: return `{ n: ${this.r.below(9)}${this.r.chance(0.5) ? `, s: ${strings()}` : ''} }`;
    }
  }

  input(name, required = true) {
    const types = ['Int', 'Float', 'Boolean', 'ID', 'String', 'Color', 'Scale', ...(required ? ['Point'] : [])];
    const type = this.wrap(this.r.pick(types)).replace(required ? '' : /!$/, '');
    const value = this.r.chance(0.5) ? (type.endsWith('!') ? this.notNull(type, 0) : this.defaultValue(type)) : null;
    const mayGo = !type.endsWith('!') || value !== null;
    return `${this.description()}${name}: ${type}${value === null ? '' : ` = ${value}`}${mayGo ? this.deprecated() : ''}${this.tags()}`;
  }

  args() {
    if (this.r.chance(0.6)) return '';
    return `(${this.r.many(1, 3, (_, i) => i).map((i) => this.input(`arg${i}`)).join(' ')})`;
  }

  field(name) {
    const type = this.wrap(this.r.pick(['Int', 'ID', 'String', 'Color', 'Scale', ...this.objects, ...this.interfaces, 'Any']));
    return `${this.description()}${name}${this.args()}: ${type}${this.deprecated()}${this.tags()}`;
  }

  fields() {
    return this.r.many(1, 4, (_, i) => i).map((i) => this.field(`f${i}`));
  }

  /** Some definitions are split: their rest comes as an extension. */
  split(word, head, body) {
    if (this.r.chance(0.8) || body.length < 2) return [`${head} {\n${body.join('\n')}\n}`];
    const name = head.trim().split(/\s+/).find((_, i, words) => words[i - 1] === word);
    return [`${head} {\n${body.slice(0, 1).join('\n')}\n}`, `extend ${word} ${name}${this.tags()} {\n${body.slice(1).join('\n')}\n}`];
  }

  schema() {
    const mutationName = this.r.pick(['Mutation', 'Write', null]);
    this.objects = ['Query', 'A', 'B', 'C'];
    this.interfaces = ['I', 'J'];
    const shared = { I: this.fields(), J: this.fields().map((f) => f.replace(/\bf(?=\d+[(:])/g, 'j')) };
    const parts = [TAG, `${this.description()}scalar Scale${this.r.chance(0.5) ? ' @specifiedBy(url: "https://example.com/\\"x")' : ''}${this.tags()}`,
      `${this.description()}union Any${this.tags()} = ${this.r.pick(['A', 'A | B', '| C | A | B'])}`,
      `${this.description()}enum Color${this.tags()} { ${this.description()}RED${this.deprecated()} ${this.description()}GREEN${this.tags()} BLUE }`,
      `${this.description()}input Point${this.tags()} { ${this.input('n0', false)} n: Int s: String ${this.input('t', false)} }`,
      `${this.description()}input Choice @oneOf { a: Int b: String${this.tags()} }`,
      `interface I${this.tags()} {\n${shared.I.join('\n')}\n}`, `${this.description()}interface J {\n${shared.J.join('\n')}\n}`];
    for (const name of [...this.objects, ...(mutationName ? [mutationName] : [])]) {
      const implement = this.interfaces.filter(() => this.r.chance(0.3));
      const own = this.fields().map((f) => f.replace(/\bf(?=\d+[(:])/g, 'own'));
      const head = `${this.description()}type ${name}${implement.length ? ` implements ${implement.join(' & ')}` : ''}${this.tags()}`;
      parts.push(...this.split('type', head, [...implement.flatMap((i) => shared[i]), ...own]));
    }
    if (mutationName === 'Write' || this.r.chance(0.3))
      parts.push(`${this.description()}schema${this.tags()} { query: Query ${mutationName ? `mutation: ${mutationName}` : ''} }`);
    for (let i = parts.length - 1; i > 0; i--) {
      const j = this.r.below(i + 1);
      [parts[i], parts[j]] = [parts[j], parts[i]];
    }
    return parts.join('\n');
  }
}
