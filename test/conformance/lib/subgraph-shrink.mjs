// Makes a set of subgraphs that shows something as small as it goes, while it still shows it.
import { parse, print, visit } from 'graphql';

const LISTS = ['definitions', 'directives', 'fields', 'arguments', 'values', 'interfaces', 'types', 'locations'];

// The ways to take one thing away from a document, each as a function of the number of the thing.
function count(document) {
  let n = 0;
  visit(document, { enter(node) { for (const key of LISTS) if (Array.isArray(node[key])) n += node[key].length; if (node.description) n++; if (node.defaultValue) n++; } });
  return n;
}

function takeAway(document, wanted) {
  let n = 0;
  return visit(document, { enter(node) {
    for (const key of LISTS) {
      if (!Array.isArray(node[key])) continue;
      if (wanted >= n && wanted < n + node[key].length) {
        const at = wanted - n;
        n += node[key].length;
        return { ...node, [key]: node[key].filter((_, i) => i !== at) };
      }
      n += node[key].length;
    }
    for (const key of ['description', 'defaultValue'])
      if (node[key] && n++ === wanted) return { ...node, [key]: undefined };
    return undefined;
  } });
}

function* smaller(subgraphs) {
  if (subgraphs.length > 1) for (let i = 0; i < subgraphs.length; i++) yield subgraphs.filter((_, j) => j !== i);
  for (let i = 0; i < subgraphs.length; i++) {
    let document;
    try { document = parse(subgraphs[i].sdl, { noLocation: true }); } catch { continue; }
    for (let k = 0, n = count(document); k < n; k++)
      yield subgraphs.map((s, j) => (j === i ? { ...s, sdl: print(takeAway(document, k)) } : s));
  }
}

// `still` says whether a set shows it; at most `limit` questions are asked.
export async function shrinkSubgraphs(subgraphs, still, limit = 600) {
  for (let again = true; again;) {
    again = false;
    for (const candidate of smaller(subgraphs)) {
      if (limit-- <= 0) return subgraphs;
      if (await still(candidate)) { subgraphs = candidate; again = true; break; }
    }
  }
  return subgraphs;
}
