// Random GraphQL documents as lists of tokens, and ways to break them.

const NAMES = ['a', 'b', 'id', 'name', 'Customer', '_x9', 'on', 'query', 'type', 'fragment', 'true', 'null', 'extend',
  'input', 'implements', 'repeatable', 'schema', 'aVeryLongNameThatMakesLinesLong', 'anotherQuiteLongArgumentName'];
const SAFE_NAMES = NAMES.filter((n) => !['on', 'true', 'null'].includes(n));
const LOCATIONS = ['QUERY', 'FIELD', 'FRAGMENT_SPREAD', 'VARIABLE_DEFINITION', 'SCHEMA', 'OBJECT', 'FIELD_DEFINITION',
  'ENUM_VALUE', 'INPUT_FIELD_DEFINITION', 'ARGUMENT_DEFINITION'];
const STRINGS = ['""', '"x"', '"two words"', '"é"', '"日本"', '"𝄞 clef"', '"\\n\\t\\"\\\\\\/\\b\\f\\r"', '"\\u00e9"', '"\\u{1F600}"',
  '"\\uD834\\uDD1E"', '"\\u0000\\u001f\\u007f\\u0085"', '"a longer string, which makes the list of arguments too long"',
  '"\u007f\u0080\u009f\u00a0"', '"#no comment"'];
const BLOCKS = ['""""""', '"""x"""', '"""\n  two\n    lines\n"""', '"""  lead"""', '"""tail"\n"""', '"""back\\\n"""', '"""a\r\nb\rc"""',
  '"""\n\n  \tx\n\n   y\n \n"""', '"""say \\"""hi\\""" twice"""', '"""ends \\""""""', '"""é\n  日本 𝄞\n"""', '"""\n \n\t\n"""',
  '"""one line that is so long that the printer puts its quotes on lines of their own, as it does"""', '"""\n    a\n  b\n c"""',
  '"""a\n  b\n  c"""', '""" \n  a\n"""', '"""""x"""', '"""\\u0041"""'];
const NUMBERS = ['0', '-0', '7', '-12', '123456789012345678901234567890', '1.5', '-0.0', '1e10', '1E-3', '2.50e+7'];
const IGNORED = [' ', '  ', '\n', '\r\n', '\r', '\t', ',', ', ', '# comment\n', '#\n', '# é𝄞 日本 "\n', '\uFEFF', '\n\n  '];

/** Half a surrogate pair, which UTF-8 cannot carry, becomes U+FFFD. */
export const wellFormed = (text) => Buffer.from(text, 'utf8').toString('utf8');

export class Documents {
  constructor(random) {
    this.r = random;
  }

  name() {
    return this.r.pick(NAMES);
  }

  maybe(p, make) {
    return this.r.chance(p) ? make() : [];
  }

  list(lo, hi, make) {
    return this.r.many(lo, hi, () => make()).flat();
  }

  description() {
    return this.maybe(0.25, () => [this.r.pick(this.r.chance(0.6) ? BLOCKS : STRINGS)]);
  }

  value(constant, depth = 0) {
    const k = this.r.below(depth > 3 ? 7 : 10);
    if (k === 0) return constant ? ['null'] : ['$', this.name()];
    if (k < 3) return [this.r.pick(NUMBERS)];
    if (k < 5) return [this.r.pick(STRINGS)];
    if (k === 5) return [this.r.pick(BLOCKS)];
    if (k === 6) return [this.r.pick(['true', 'false', 'null', 'RED', 'on', 'type'])];
    if (k < 9) return ['[', ...this.list(0, 4, () => this.value(constant, depth + 1)), ']'];
    return ['{', ...this.list(0, 3, () => [this.name(), ':', ...this.value(constant, depth + 1)]), '}'];
  }

  args(constant, p = 0.35) {
    return this.maybe(p, () => ['(', ...this.list(1, 4, () => [this.name(), ':', ...this.value(constant)]), ')']);
  }

  directives(constant) {
    return this.maybe(0.2, () => this.list(1, 2, () => ['@', this.name(), ...this.args(constant)]));
  }

  type(depth = 0) {
    const inner = depth < 3 && this.r.chance(0.25) ? ['[', ...this.type(depth + 1), ']'] : [this.name()];
    return this.r.chance(0.3) ? [...inner, '!'] : inner;
  }

  selections(depth = 0) {
    return ['{', ...this.list(1, depth ? 3 : 5, () => this.selection(depth + 1)), '}'];
  }

  selection(depth) {
    const k = this.r.below(10);
    if (k === 0) return ['...', this.r.pick(SAFE_NAMES), ...this.directives(false)];
    if (k === 1 && depth < 5)
      return ['...', ...this.maybe(0.7, () => ['on', this.name()]), ...this.directives(false), ...this.selections(depth)];
    return [...this.maybe(0.2, () => [this.name(), ':']), this.name(), ...this.args(false), ...this.directives(false),
      ...this.maybe(depth < 5 ? 0.3 : 0, () => this.selections(depth))];
  }

  variable() {
    return [...this.description(), '$', this.name(), ':', ...this.type(), ...this.maybe(0.3, () => ['=', ...this.value(true)]),
      ...this.directives(true)];
  }

  executable() {
    const k = this.r.below(6);
    if (k === 0) return this.selections();
    if (k === 1)
      return [...this.description(), 'fragment', this.r.pick(SAFE_NAMES), 'on', this.name(), ...this.directives(false), ...this.selections()];
    return [...this.description(), this.r.pick(['query', 'query', 'mutation', 'subscription']), ...this.maybe(0.7, () => [this.name()]),
      ...this.maybe(0.4, () => ['(', ...this.list(1, 3, () => this.variable()), ')']), ...this.directives(false), ...this.selections()];
  }

  input() {
    return [...this.description(), this.name(), ':', ...this.type(), ...this.maybe(0.3, () => ['=', ...this.value(true)]),
      ...this.directives(true)];
  }

  field() {
    return [...this.description(), this.name(), ...this.maybe(0.3, () => ['(', ...this.list(1, 3, () => this.input()), ')']), ':',
      ...this.type(), ...this.directives(true)];
  }

  names(delimiter, make = () => this.name()) {
    const names = this.r.many(1, 3, make);
    return [...this.maybe(0.2, () => [delimiter]), ...names.flatMap((n, i) => (i ? [delimiter, n] : [n]))];
  }

  body(p, make) {
    return this.maybe(p, () => ['{', ...this.list(1, 4, make), '}']);
  }

  typeSystem() {
    const extend = this.r.chance(0.25) ? ['extend'] : this.description();
    const head = (word) => [...extend, word, this.name()];
    const implement = () => this.maybe(0.3, () => ['implements', ...this.names('&')]);
    switch (this.r.below(8)) {
      case 0: return [...extend, 'schema', ...this.directives(true),
        ...this.body(extend[0] === 'extend' ? 0.7 : 1, () => [this.r.pick(['query', 'mutation', 'subscription']), ':', this.name()])];
      case 1: return [...head('scalar'), ...this.directives(true)];
      case 2: return [...head('type'), ...implement(), ...this.directives(true), ...this.body(0.9, () => this.field())];
      case 3: return [...head('interface'), ...implement(), ...this.directives(true), ...this.body(0.9, () => this.field())];
      case 4: return [...head('union'), ...this.directives(true), ...this.maybe(0.9, () => ['=', ...this.names('|')])];
      case 5: return [...head('enum'), ...this.directives(true), ...this.body(0.9, () => [...this.description(),
        this.r.pick(SAFE_NAMES), ...this.directives(true)])];
      case 6: return [...head('input'), ...this.directives(true), ...this.body(0.9, () => this.input())];
      default: return [...this.description(), 'directive', '@', this.name(),
        ...this.maybe(0.5, () => ['(', ...this.list(1, 3, () => this.input()), ')']), ...this.maybe(0.3, () => ['repeatable']), 'on',
        ...this.names('|', () => this.r.pick(LOCATIONS))];
    }
  }

  document() {
    return this.list(1, 4, () => (this.r.chance(0.5) ? this.executable() : this.typeSystem()));
  }

  /** Tokens with ignored text between them: only where needed, or anywhere. */
  text(tokens) {
    let out = this.r.chance(0.1) ? this.r.pick(IGNORED) : '';
    tokens.forEach((token, i) => {
      const joins = i > 0 && /[\w".]$/.test(out) && /^[\w"\-.]/.test(token);
      if (joins || this.r.chance(0.3)) out += this.r.pick(IGNORED);
      out += token;
    });
    return out + (this.r.chance(0.3) ? this.r.pick(IGNORED) : '');
  }

  /** One to three random wounds, to the tokens or to the text. */
  broken() {
    const tokens = this.document();
    for (let i = this.r.below(3); i > 0; i--) this.breakTokens(tokens);
    let text = this.text(tokens);
    for (let i = this.r.below(3); i > 0; i--) text = this.breakText(text);
    return wellFormed(text);
  }

  breakTokens(tokens) {
    const at = this.r.below(tokens.length);
    const stray = [...'!$&()[]{}:=@|', '...', '"s"', '"""b"""', '1', '1.5', ...NAMES, 'DIRECTIVE_DEFINITION'];
    switch (this.r.below(4)) {
      case 0: tokens.splice(at, 1); break;
      case 1: tokens.splice(at, 0, this.r.pick(stray)); break;
      case 2: tokens[at] = this.r.pick(stray); break;
      default: [tokens[at], tokens[tokens.length - 1 - at]] = [tokens[tokens.length - 1 - at], tokens[at]];
    }
    if (!tokens.length) tokens.push('{');
  }

  breakText(text) {
    const at = this.r.below(text.length + 1);
    const stray = ['"', '""', '"""', '\\', '\\u', '\\u{', '\\uD800', '\\x', '.', '..', '-', '0', '01', '1e', '1.', '+', "'", '%', '?',
      '\n', '\r', '\0', '\x07', 'é', '日', '𝄞', '\u2028', '\uFEFF', '#', '\\u{110000}', '\\u{D800}', '\\u12', '~', ';'];
    switch (this.r.below(4)) {
      case 0: return text.slice(0, at) + text.slice(at + 1);
      case 1: return text.slice(0, at);
      default: return text.slice(0, at) + this.r.pick(stray) + text.slice(at);
    }
  }
}
