// Schema building, validation, coercion and introspection against graphql-js: the same texts are accepted, the same are
// refused with the same messages at the same places, the same values come out.
//
// graphql 17 (package graphql-js), whose rules are those of the September 2025 edition: 16 does not check default
// values, endless input objects or deprecated implementations. Where the documents differ on purpose, `known` says so.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parse as parse16 } from 'graphql';
import {
  buildASTSchema,
  buildSchema,
  getArgumentValues,
  getIntrospectionQuery,
  getVariableValues,
  GraphQLError,
  graphqlSync,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
  typeFromAST,
  validate,
  validateSchema,
} from 'graphql-js';
import { validateSDL } from 'graphql-js/validation/validate';
import { mutate } from './lib/mutate.mjs';
import { Operations } from './lib/operations.mjs';
import { Random, seedOfRun } from './lib/random.mjs';
import { Schemas } from './lib/schemas.mjs';
import { runSemantics } from './lib/semantics.mjs';

const COUNT = Number(process.env.COUNT ?? 1000);
const seed = seedOfRun();
console.log(`# SEED=${seed}`);
const random = new Random(seed);
const schemas = new Schemas(random);

const plain = ({ message, locations }) => ({ message, locations: (locations ?? []).map((l) => [l.line, l.column]) });

/**
 * Where messages quote a literal: 17 breaks long ones into lines, ours (like 16) does not, so white space and commas
 * do not count; and 17 shows the variables in it as null or not at all, ours as they are written.
 */
const squeezed = (message) =>
  message
    .replace(/(cannot represent [^:]*: )[[{].*/s, '$1(a list or object)')
    .replace(/[\s,]+/g, ' ')
    .replace(/([[{(]) | (?=[\]})])/g, '$1');
const asSet = (errors) => errors.map((e) => `${squeezed(e.message)} ${JSON.stringify(e.locations)}`).sort();

/** Errors that only ours reports, because the specification asks for them: variables in a required @oneOf. */
const known = (error) => /must be non-nullable to be used for OneOf/.test(error.message);

function sameErrors(ours, theirs, where) {
  const extra = ours.filter((e) => known(e) && !asSet(theirs).includes(asSet([e])[0]));
  if (theirs.length > 100 || ours.length > 100) return assert.ok(ours.length && theirs.length, where);
  assert.deepEqual(asSet(ours.filter((e) => !extra.includes(e))), asSet(theirs), where);
}

/** The document when both graphql 16 (the grammar of 2025) and 17 can read it. */
function readable(text) {
  try {
    parse16(text);
    return parse(text);
  } catch {
    return null;
  }
}

function schemaErrors(document) {
  const errors = validateSDL(document);
  if (errors.length) return errors.map(plain);
  try {
    return validateSchema(buildASTSchema(document, { assumeValidSDL: true })).map(plain);
  } catch (error) {
    return [{ ...plain(error), thrown: true }]; // graphql-js gives up at the first one of these
  }
}

function compareSchemas(texts) {
  const isSdl = (document) => document?.definitions.every((d) => !/^(Operation|Fragment)/.test(d.kind));
  const cases = texts.map((sdl) => ({ sdl, document: readable(sdl) })).filter((c) => isSdl(c.document));
  const ours = runSemantics(cases.map(({ sdl }) => ({ sdl })));
  let accepted = 0;
  cases.forEach(({ sdl, document }, i) => {
    const theirs = schemaErrors(document);
    const where = `SEED=${seed}, schema: ${sdl}`;
    accepted += !theirs.length;
    if (theirs[0]?.thrown) assert.ok(ours[i].errors.length, where);
    else sameErrors(ours[i].errors, theirs, where);
  });
  console.log(`# ${accepted} accepted, ${cases.length - accepted} refused, ${texts.length - cases.length} not read`);
  return accepted;
}

test('random schemas', () => {
  assert.ok(compareSchemas(Array.from({ length: COUNT / 4 }, () => schemas.sdl())) > COUNT / 20);
});

test('broken schemas', () => {
  compareSchemas(Array.from({ length: COUNT }, () => mutate(random, schemas.sdl())));
});

/** Valid schemas, each with what make() gives for it. */
function perSchema(n, make, more = '') {
  const out = [];
  while (out.length < n) {
    const sdl = schemas.sdl() + more;
    if (schemaErrors(parse(sdl)).length) continue;
    const schema = buildSchema(sdl);
    out.push({ sdl, schema, cases: make(schema) });
  }
  return out;
}

/** Runs all cases of all schemas in one go and gives them to check(). */
function runAll(groups, check) {
  const results = runSemantics(groups.flatMap(({ sdl, cases }) => [{ sdl }, ...cases]));
  let at = 0;
  for (const group of groups) {
    assert.deepEqual(results[at++], { errors: [] }, group.sdl);
    for (const one of group.cases)
      check(group.schema, one, results[at++], `SEED=${seed}, ${JSON.stringify(one)}, schema: ${group.sdl}`);
  }
}

const DEFER = '\ndirective @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT';

function compareOperations(broken) {
  const counts = { accepted: 0, refused: 0 };
  const groups = perSchema(Math.ceil(COUNT / 40), (schema) => {
    const operations = new Operations(random, schema);
    const texts = Array.from({ length: 40 }, () =>
      broken ? mutate(random, operations.document()) : operations.document(),
    );
    return texts.filter((text) => readable(text)).map((operation) => ({ operation }));
  }, DEFER);
  runAll(groups, (schema, { operation }, result, where) => {
    const theirs = validate(schema, parse(operation)).map(plain);
    sameErrors(result.errors, theirs, where);
    counts[theirs.length ? 'refused' : 'accepted']++;
  });
  console.log(`# ${counts.accepted} accepted, ${counts.refused} refused`);
  return counts;
}

test('random operations', () => assert.ok(compareOperations(false).accepted > COUNT / 20));
test('broken operations', () => assert.ok(compareOperations(true).refused > COUNT / 4));

/** A JSON value for a type, mostly right. */
function jsonValue(type, depth = 0) {
  const wrong = [
    null,
    1,
    -1,
    1.5,
    3e9,
    'x',
    'RED',
    true,
    [],
    [null],
    {},
    { id: 1 },
    { left: 1 },
    { left: 1, right: 'x' },
    { nope: { a: { b: { c: 1 } } } },
  ];
  if (random.chance(0.2)) return random.pick(wrong);
  if (isNonNullType(type)) return jsonValue(type.ofType, depth);
  if (random.chance(0.05)) return null;
  if (isListType(type))
    return random.chance(0.2)
      ? jsonValue(type.ofType, depth)
      : random.many(0, 3, () => jsonValue(type.ofType, depth));
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (!isInputObjectType(type))
    return (
      { Int: 5, Float: random.pick([2, 0.5]), String: 's', Boolean: true, ID: random.pick(['i', 12]) }[type.name] ?? {
        any: [1, 'x'],
      }
    );
  const fields = Object.values(type.getFields());
  const given = type.isOneOf
    ? [random.pick(fields)]
    : fields.filter((f) => isNonNullType(f.type) || (depth < 3 && random.chance(0.5)));
  return Object.fromEntries(given.map((f) => [f.name, jsonValue(f.type, depth + 1)]));
}

/** A query of one field that takes much of its input from variables, and values for these. */
function coercionCase(schema) {
  const of = new Operations(random, schema, 0.6).call();
  if (!of || validate(schema, parse(of)).length) return null;
  const types = parse(of).definitions[0].variableDefinitions?.map((v) => [
    v.variable.name.value,
    typeFromAST(schema, v.type),
  ]);
  const given = (types ?? []).filter(() => random.chance(0.9)).map(([name, type]) => [name, jsonValue(type)]);
  return { of, variables: Object.fromEntries(given) };
}

const json = (value) => JSON.parse(JSON.stringify(value));

function argumentsOf(schema, { of }, variableValues) {
  const node = parse(of).definitions[0].selectionSet.selections[0];
  const field = schema.getQueryType().getFields()[node.name.value];
  try {
    return { values: json(getArgumentValues(field, node, variableValues)), errors: [] };
  } catch (error) {
    assert.ok(error instanceof GraphQLError);
    return { values: null, errors: [plain(error)] };
  }
}

test('coercion of variables and arguments', () => {
  const counts = { accepted: 0, refused: 0 };
  const groups = perSchema(Math.ceil(COUNT / 20), (schema) =>
    Array.from({ length: 20 }, () => coercionCase(schema)).filter(Boolean),
  );
  runAll(groups, (schema, one, result, where) => {
    const theirs = getVariableValues(schema, parse(one.of).definitions[0].variableDefinitions ?? [], one.variables, {
      maxErrors: 50,
    });
    counts[theirs.errors ? 'refused' : 'accepted']++;
    if (theirs.errors) {
      assert.deepEqual(asSet(result.errors ?? []), asSet(theirs.errors.map(plain)), where);
      return;
    }
    assert.deepEqual(result.values, json(theirs.variableValues.coerced), where);
    const expected = argumentsOf(schema, one, theirs.variableValues);
    assert.deepEqual(result.arguments.values, expected.values, where);
    /* Ours do not know the field that an argument belongs to. */
    const bare = (errors) => asSet(errors).map((e) => e.replace(/^Argument "\S*?(\w+):\)"/, 'Argument "$1"'));
    assert.deepEqual(bare(result.arguments.errors), bare(expected.errors), where);
  });
  console.log(`# ${counts.accepted} accepted, ${counts.refused} refused`);
  assert.ok(counts.accepted > COUNT / 40 && counts.refused > COUNT / 40);
});

const ALL = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

const LEAF =
  /^\s*(description|name|isDeprecated|deprecationReason|defaultValue|kind|isOneOf|specifiedByURL|isRepeatable)\s*$/;

/** __schema and __type with the selections of an introspection query, some left out, doubled or given an alias. */
function introspectionCase(schema) {
  const kept = getIntrospectionQuery({ ...ALL, typeDepth: 2 + random.below(4) })
    .split('\n')
    .flatMap((line) => {
      if (!LEAF.test(line)) return [line];
      return random.pick([
        [line],
        [line],
        [line, line],
        ['__typename'],
        [`x${line.trim()}: ${line.trim()}`, line],
        [`${line} @skip(if: $yes)`, '__typename'],
      ]);
    });
  const name = random.pick([...Object.keys(schema.getTypeMap()), 'Nothing']);
  const text = kept
    .join('\n')
    .replace(/includeDeprecated: true/g, () => `includeDeprecated: ${random.pick(['true', 'false', '$yes'])}`);
  return {
    introspect: text.replace(
      'query IntrospectionQuery {',
      'query ($yes: Boolean!, $name: String!) { one: __type(name: $name) { ...FullType } ' +
        '__typename: __type(name: "Query") { name @include(if: $yes) }',
    ),
    with: { yes: random.chance(0.5), name },
  };
}

test('introspection', () => {
  const groups = perSchema(Math.ceil(COUNT / 20), (schema) => [
    { introspect: getIntrospectionQuery(ALL), with: {} },
    { introspect: getIntrospectionQuery({ descriptions: false }), with: {} },
    ...Array.from({ length: 4 }, () => introspectionCase(schema)),
  ]);
  runAll(groups, (schema, one, result, where) => {
    const theirs = graphqlSync({ schema, source: one.introspect, variableValues: one.with });
    if (theirs.errors) assert.deepEqual(asSet(result.errors), asSet(theirs.errors.map(plain)), where);
    else assert.equal(JSON.stringify(result), JSON.stringify(theirs), where);
  });
});
