// Small damage to a text of GraphQL: most of it still parses, and breaks one rule or another.

const TOKENS = /"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\.\.\.|[^\s,]/g;
const KEYWORDS = new Set(
  (
    'type input enum interface union scalar implements extend schema directive on ' +
    'query mutation subscription fragment repeatable'
  ).split(' '),
);
const isName = (token) => /^[A-Za-z_]/.test(token) && !KEYWORDS.has(token);
const LITERALS = [
  'null',
  'true',
  '0',
  '-1',
  '2147483648',
  '1.5',
  '"x"',
  'RED',
  '[]',
  '[1, null]',
  '{}',
  '{a: 1}',
  '{id: 2}',
];

/** A name with one letter changed, so that suggestions are tried. */
function misspelt(random, name) {
  const at = random.below(name.length);
  const kinds = [
    name.slice(0, at) + 'x' + name.slice(at + 1),
    name.slice(0, at) + name.slice(at + 1) || 'x',
    name + random.pick(['s', '1', '_']),
    name.toUpperCase(),
  ];
  return random.pick(kinds).replace(/^(?=\d)/, '_');
}

/** Puts a member, selection or definition there twice: from a name to the next closing bracket or the next name. */
function duplicate(random, tokens, at) {
  let end = at + 1;
  for (let depth = 0; end < tokens.length && (depth > 0 || !isName(tokens[end])); end++) {
    if (/^[({[]$/.test(tokens[end])) depth++;
    if (/^[)}\]]$/.test(tokens[end]) && depth-- === 0) break;
  }
  tokens.splice(at, 0, ...tokens.slice(at, end));
}

function damage(random, tokens) {
  const names = tokens.flatMap((token, i) => (isName(token) ? [i] : []));
  if (!names.length) return;
  const at = random.pick(names);
  const any = random.below(tokens.length);
  const kind = random.below(20);
  if (kind < 8) tokens[at] = tokens[random.pick(names)];
  else if (kind < 11) tokens[at] = misspelt(random, tokens[at]);
  else if (kind === 11) tokens[at] = '__' + tokens[at];
  else if (kind === 12) tokens.splice(any, 1);
  else if (kind < 16) duplicate(random, tokens, at);
  else if (kind === 16) tokens.splice(at + 1, 0, '!');
  else if (kind === 17) tokens[any] = random.pick(LITERALS);
  else if (kind === 18)
    tokens.splice(at + 1, 0, random.pick(['@deprecated', '@skip(if: true)', '@unknown', '@oneOf', '@tag(name: 1)']));
  else tokens.splice(at, 1, tokens[random.pick(names)], ':', tokens[at]);
}

export function mutate(random, text) {
  const tokens = text.match(TOKENS);
  for (let n = 1 + random.below(3); n > 0; n--) damage(random, tokens);
  return tokens.map((token) => token + (random.chance(0.1) ? '\n' : ' ')).join('');
}
