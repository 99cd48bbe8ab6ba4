// Smaller operations and smaller systems that still show a difference.
import { parse, print, visit } from 'graphql';

const REMOVABLE = new Set(['Field', 'InlineFragment', 'FragmentSpread', 'Directive', 'Argument', 'FragmentDefinition', 'ObjectField']);

/** Every document that is `document` with one selection, argument or directive less. */
function* smaller(document) {
  let total = 0;
  visit(document, { enter: (node) => void (total += REMOVABLE.has(node.kind)) });
  for (let target = 0; target < total; target++) {
    let seen = 0;
    yield visit(document, { enter: (node) => (REMOVABLE.has(node.kind) && seen++ === target ? null : undefined) });
  }
}

function withoutUnused(document) {
  const fragments = new Set(), variables = new Set();
  visit(document, {
    FragmentSpread: (n) => void fragments.add(n.name.value),
    VariableDefinition: () => false,
    Variable: (n) => void variables.add(n.name.value),
  });
  return visit(document, {
    FragmentDefinition: (n) => (fragments.has(n.name.value) ? undefined : null),
    VariableDefinition: (n) => (variables.has(n.variable.name.value) ? undefined : null),
    SelectionSet: { leave: (n) => (n.selections.length ? undefined : null) },
  });
}

/** A smaller operation that `fails` (async) still. */
export async function shrinkOperation(operation, fails, until) {
  let { text } = operation;
  const { variables } = operation;
  text = print(parse(text));
  for (let again = true; again && Date.now() < until;) {
    again = false;
    for (const candidate of smaller(parse(text))) {
      if (Date.now() > until) break;
      let shorter;
      try {
        shorter = print(withoutUnused(candidate));
        parse(shorter);
      } catch {
        continue;
      }
      if (shorter.length < text.length && (await fails({ text: shorter, variables }))) {
        text = shorter;
        again = true;
        break;
      }
    }
  }
  const used = Object.fromEntries(Object.entries(variables).filter(([name]) => new RegExp(`\\$${name}\\b`).test(text)));
  return { text, variables: used };
}

const emptied = (sdl) => sdl.replace(/^(extend )?(type|interface) [^\n]*\{\n\}\n/gm, '');

function* without(subgraphs) {
  for (const [name, sdl] of Object.entries(subgraphs)) {
    const { [name]: _, ...others } = subgraphs;
    if (Object.keys(others).length) yield others;
    const lines = sdl.split('\n');
    for (let i = lines.length - 1; i >= 0; i--)
      if (/^ {2}\w|^(union|enum|scalar|input) /.test(lines[i])) yield { ...subgraphs, [name]: emptied(lines.filter((_l, k) => k !== i).join('\n')) };
    for (const found of sdl.matchAll(/ @(?:key|shareable|override|requires|provides|external|tag|inaccessible)(?:\((?:[^()"]|"(?:[^"\\]|\\.)*")*\))?| implements [\w& ]+?(?= [@{])/g))
      yield { ...subgraphs, [name]: sdl.slice(0, found.index) + sdl.slice(found.index + found[0].length) };
  }
}

/** Subgraphs with fewer fields and types that `fail` (async) still. */
export async function shrinkSystem(subgraphs, fails, until) {
  for (let again = true; again && Date.now() < until;) {
    again = false;
    for (const candidate of without(subgraphs)) {
      if (Date.now() > until) break;
      if (!(await fails(candidate))) continue;
      subgraphs = candidate;
      again = true;
      break;
    }
  }
  return subgraphs;
}
