// Our lexer, parser and printer against graphql-js: the same documents are accepted, with the same positions of all nodes
// and the same printed text; the same are refused, with the same message at the same place.
//
// graphql-js 17 goes beyond the September 2025 edition with empty selection sets, directives on directive definitions and
// extensions of them: here it is held to the edition. Only ours bounds the depth of nesting.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Kind, TokenKind, parseConstValue, parseType, print, visit } from 'graphql-js';
import { Parser } from 'graphql-js/language/parser.js';
import { Documents, wellFormed } from './lib/documents.mjs';
import { runDriver } from './lib/driver.mjs';
import { Random, seedOfRun } from './lib/random.mjs';

const COUNT = Number(process.env.COUNT ?? 4000);
const seed = seedOfRun();
console.log(`# SEED=${seed}`);

class EditionParser extends Parser {
  parseTypeSystemExtension() {
    const token = this._lexer.lookahead();
    if (token.kind === TokenKind.NAME && token.value === 'directive') throw this.unexpected(token);
    return super.parseTypeSystemExtension();
  }

  parseArgumentDefs() {
    const args = super.parseArgumentDefs();
    if (this.inDirective && this.peek(TokenKind.AT)) this.expectKeyword('on');
    return args;
  }

  parseDirectiveDefinition() {
    this.inDirective = true;
    const node = super.parseDirectiveDefinition();
    this.inDirective = false;
    return node;
  }
}

function parse(text) {
  const parser = new EditionParser(text, { allowEmptySelectionSets: false });
  const document = parser.parseDocument();
  return Object.defineProperty(document, 'tokenCount', { value: parser.tokenCount });
}

const parsers = { document: parse, value: parseConstValue, type: parseType };

/** Positions in the order of visit(), without the nodes for which our tree has no place of their own. */
function positions(document) {
  let out = '';
  visit(document, {
    enter(node, key, parent) {
      const shared = node.kind === Kind.NAME && [Kind.NAMED_TYPE, Kind.ARGUMENT, Kind.OBJECT_FIELD].includes(parent?.kind);
      const ofValue = node.kind === Kind.NAME && parent?.kind === Kind.VARIABLE && !parent.ofDefinition;
      const inDefinition = node.kind === Kind.VARIABLE && parent?.kind === Kind.VARIABLE_DEFINITION;
      if (inDefinition) node.ofDefinition = true;
      if (key === 'description' || node.kind === Kind.DOCUMENT || shared || ofValue || inDefinition) return;
      out += `${node.loc.startToken.line}:${node.loc.startToken.column} `;
    },
  });
  return out;
}

function expected({ mode, text }) {
  try {
    const node = parsers[mode](text);
    const result = { print: wellFormed(print(node)) };
    if (mode === 'document') Object.assign(result, { nodes: positions(node), tokens: node.tokenCount });
    return result;
  } catch (error) {
    if (!error.locations) throw error;
    return { error: { message: wellFormed(error.message), ...error.locations[0] } };
  }
}

/** What is left of a document when the form of its strings does not matter. */
function meaning(text) {
  return print(visit(parse(text), { StringValue: (node) => ({ ...node, block: false }) }));
}

function compare(cases) {
  const ours = runDriver(cases);
  const counts = { accepted: 0, refused: 0 };
  cases.forEach((one, i) => {
    const { compact, ...result } = ours[i];
    assert.deepEqual(result, expected(one), `SEED=${seed}, case ${i}, ${one.mode}: ${JSON.stringify(one.text)}`);
    if (compact !== undefined) assert.equal(meaning(compact), meaning(one.text), `SEED=${seed}, case ${i}: ${compact}`);
    counts[result.error ? 'refused' : 'accepted']++;
  });
  console.log(`# ${counts.accepted} accepted, ${counts.refused} refused`);
  return counts;
}

const documents = new Documents(new Random(seed));

test('random documents', () => {
  const cases = Array.from({ length: COUNT }, () => ({ mode: 'document', text: documents.text(documents.document()) }));
  assert.ok(compare(cases).accepted > COUNT / 2);
});

test('broken documents', () => {
  const cases = Array.from({ length: COUNT * 2 }, () => ({ mode: 'document', text: documents.broken() }));
  assert.ok(compare(cases).refused > COUNT / 2);
});

test('values and types, whole and broken', () => {
  const cases = Array.from({ length: COUNT }, (_, i) => {
    const mode = i % 2 ? 'value' : 'type';
    const text = documents.text(i % 2 ? documents.value(true) : documents.type());
    return { mode, text: documents.r.chance(0.5) ? wellFormed(documents.breakText(text)) : text };
  });
  compare(cases);
});

test('every string of one to three characters of the lexer', () => {
  const alphabet = [...'{}()[]!:=@|&$."\\#-0127eE+,\'%aun_ \n\r', '\uFEFF', 'é', '𝄞', '\u0000'];
  const texts = ['', ...alphabet, ...alphabet.flatMap((x) => alphabet.map((y) => x + y)),
    ...alphabet.flatMap((x) => alphabet.flatMap((y) => alphabet.map((z) => x + y + z)))];
  compare(texts.flatMap((text) => [{ mode: 'value', text }]));
});
