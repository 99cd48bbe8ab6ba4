// Random operations for a schema: valid as far as that is simple; now and then something is left out or overlaps.
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isEnumType,
} from 'graphql-js';

export class Operations {
  #random;
  #schema;
  #variables; // name → type as written, of the operation at hand
  #fragments;

  #variableChance;

  constructor(random, schema, variableChance = 0.15) {
    this.#random = random;
    this.#schema = schema;
    this.#variableChance = variableChance;
  }

  #literal(type, depth) {
    const random = this.#random;
    if (isNonNullType(type)) return this.value(type.ofType, depth, true);
    if (isListType(type))
      return random.chance(0.2)
        ? this.value(type.ofType, depth)
        : `[${random.many(0, 2, () => this.value(type.ofType, depth)).join(', ')}]`;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const given = type.isOneOf
        ? [random.pick(fields)]
        : fields.filter((f) => (isNonNullType(f.type) && !f.default) || (depth < 2 && random.chance(0.4)));
      return `{${given.map((f) => `${f.name}: ${this.value(f.type, depth + 1, type.isOneOf)}`).join(', ')}}`;
    }
    return (
      {
        Int: '3',
        Float: random.pick(['2', '0.5']),
        String: random.pick(['"s"', '"""b"""']),
        Boolean: 'false',
        ID: random.pick(['4', '"i"']),
      }[type.name] ?? '{ free: 1 }'
    );
  }

  value(type, depth = 0, required = false) {
    const random = this.#random;
    if (random.chance(this.#variableChance)) {
      const name = `v${this.#variables.size}`;
      this.#variables.set(
        name,
        `${type}`.replace(/!$/, '') + (required || isNonNullType(type) ? '!' : random.pick(['', '!'])),
      );
      return `$${name}`;
    }
    if (!required && !isNonNullType(type) && random.chance(0.05)) return 'null';
    return this.#literal(type, depth);
  }

  #directives() {
    const random = this.#random;
    if (!random.chance(0.15)) return '';
    return (
      ' ' +
      random.pick([
        '@skip(if: false)',
        '@include(if: true)',
        '@tag(name: "x")',
        '@tag(name: "x") @tag(name: "y", weight: 2)',
        '@once',
      ])
    );
  }

  /** Beside #directives(), on a fragment: labels are few, so that some meet. */
  #defer() {
    const random = this.#random;
    if (!random.chance(0.12)) return '';
    const label = random.pick(['', '', 'label: "l"', 'label: "m"', 'label: null', 'label: $l']);
    const condition = random.pick(['', '', 'if: true', 'if: false', 'if: $c']);
    const args = [label, condition].filter(Boolean).join(', ');
    if (label.includes('$')) this.#variables.set('l', 'String');
    if (condition.includes('$')) this.#variables.set('c', 'Boolean!');
    return ` @defer${args ? `(${args})` : ''}`;
  }

  #args(field) {
    const given = field.args.filter((a) => (isNonNullType(a.type) && !a.default) || this.#random.chance(0.4));
    return given.length ? `(${given.map((a) => `${a.name}: ${this.value(a.type)}`).join(', ')})` : '';
  }

  #field(type, depth) {
    const random = this.#random;
    const fields = type.getFields ? Object.values(type.getFields()) : [];
    if (!fields.length || random.chance(0.08)) return '__typename';
    const field = random.pick(fields);
    const below = getNamedType(field.type);
    const selections = isCompositeType(below) ? ` ${this.#selections(below, depth + 1)}` : '';
    const alias = random.chance(0.2) ? `${random.pick(['a', 'b', 'id', 'name'])}: ` : '';
    return `${alias}${field.name}${this.#args(field)}${this.#directives()}${selections}`;
  }

  #related(type) {
    const random = this.#random;
    if (isAbstractType(type) && this.#schema.getPossibleTypes(type).length && random.chance(0.7))
      return random.pick(this.#schema.getPossibleTypes(type));
    if (type.getInterfaces?.().length && random.chance(0.3)) return random.pick(type.getInterfaces());
    return type;
  }

  #selection(type, depth) {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 7 || depth > 4) return this.#field(type, depth);
    const on = this.#related(type);
    if (kind < 9)
      return `...${random.chance(0.8) ? ` on ${on}` : ''}${this.#directives()}${this.#defer()} ${this.#selections(on, depth + 1)}`;
    const known = [...this.#fragments].filter(([, f]) => f.on === on);
    if (known.length && random.chance(0.6)) return `...${random.pick(known)[0]}${this.#directives()}${this.#defer()}`;
    const name = `F${this.#fragments.size}`;
    const fragment = { on, text: null };
    this.#fragments.set(name, fragment);
    fragment.text = this.#selections(on, depth + 2);
    return `...${name}${this.#defer()}`;
  }

  #selections(type, depth) {
    return `{ ${this.#random.many(1, depth > 3 ? 1 : 4, () => this.#selection(type, depth)).join(' ')} }`;
  }

  #operation(i, lonely) {
    const random = this.#random;
    this.#variables = new Map();
    const kinds = ['query', 'query', 'query', 'mutation', 'subscription'].filter((k) => this.#schema.getRootType(k));
    const kind = random.pick(kinds);
    const body =
      kind === 'subscription'
        ? `{ ${this.#field(this.#schema.getRootType(kind), 0)} }`
        : this.#selections(this.#schema.getRootType(kind), 0);
    const name = lonely && random.chance(0.5) ? '' : ` Op${i}`;
    return { kind, name, body, variables: this.#variables };
  }

  /** A query of the one field with arguments, or null when there is no such field. */
  call() {
    const fields = Object.values(this.#schema.getQueryType().getFields()).filter((f) => f.args.length);
    if (!fields.length) return null;
    this.#variables = new Map();
    const field = this.#random.pick(fields);
    const args = this.#args(field);
    const below = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
    const defs = [...this.#variables].map(([name, type]) => `$${name}: ${type}${this.#default(type)}`);
    return `query${defs.length ? `(${defs.join(', ')})` : ''} { ${field.name}${args}${below} }`;
  }

  #default(type) {
    const literals = {
      Int: '8',
      String: '"d"',
      ID: '5',
      '[Int!]!': '[1, 2]',
      Enum0: 'RED',
      Choice: '{ right: "r" }',
    };
    return literals[type] && this.#random.chance(0.5) ? ` = ${literals[type]}` : '';
  }

  document() {
    this.#fragments = new Map();
    const n = this.#random.chance(0.8) ? 1 : 2;
    const operations = Array.from({ length: n }, (_, i) => this.#operation(i, n === 1));
    const texts = operations.map(({ kind, name, body, variables }) => {
      const defs = [...variables].map(([name, type]) => `$${name}: ${type}${this.#default(type)}`);
      const variablesText = defs.length ? `(${defs.join(', ')})` : '';
      const directives = this.#directives().replace(/@(skip|include)\(.*?\)/, '');
      return `${kind}${name}${variablesText}${directives} ${body}`;
    });
    for (const [name, { on, text }] of this.#fragments) texts.push(`fragment ${name} on ${on} ${text}`);
    return texts.join('\n');
  }
}
