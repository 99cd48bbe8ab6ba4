// Fields that a request may not ask for: what is @external in the subgraph and not provided on that path.
import { getNamedType, parse } from 'graphql';

/** The selections of a field below what @provides allows. */
const providedBelow = (sets, name) =>
  sets.flatMap((set) => set.selections.flatMap((s) => (s.kind !== 'Field' ? providedBelow([s.selectionSet], name) : s.name.value === name && s.selectionSet ? [s.selectionSet] : [])));
const provides = (set, name) => set.selections.some((s) => (s.kind === 'Field' ? s.name.value === name : provides(s.selectionSet, name)));

/** Does a selection ask for what is @external in the subgraph and not provided on this path? `sets`: what @provides allows here. */
function selectsExternal(subgraph, fragments, type, set, sets) {
  return set.selections.some((s) => {
    if (s.kind === 'FragmentSpread') s = fragments[s.name.value];
    const on = s.typeCondition ? subgraph.schema.getType(s.typeCondition.name.value) : type;
    if (s.kind !== 'Field') return selectsExternal(subgraph, fragments, on, s.selectionSet, sets);
    const name = s.name.value, at = `${type.name}.${name}`;
    if (name.startsWith('__')) return false;
    if (subgraph.external.has(at) && !subgraph.keyed.has(at) && !sets.some((p) => provides(p, name))) return true;
    if (!s.selectionSet) return false;
    const below = providedBelow(sets, name), given = subgraph.provides.get(at);
    return selectsExternal(subgraph, fragments, getNamedType(type.getFields()[name].type), s.selectionSet, given ? [...below, given] : below);
  });
}

/** Does a document ask the subgraph for a field that is @external there? */
export function asksExternal(subgraph, document) {
  const operation = document.definitions.find((d) => d.kind === 'OperationDefinition');
  const fragments = Object.fromEntries(document.definitions.filter((d) => d !== operation).map((f) => [f.name.value, f]));
  const root = { query: subgraph.schema.getQueryType(), mutation: subgraph.schema.getMutationType(), subscription: subgraph.schema.getSubscriptionType() }[operation.operation];
  return selectsExternal(subgraph, fragments, root, operation.selectionSet, []);
}

/** Does a plan of Apollo's ask a subgraph of the world for a field that is @external there? */
export function planAsksExternal(world, node) {
  if (!node) return false;
  if (node.kind === 'Fetch') return asksExternal(world.subgraphs.get(node.serviceName), parse(node.operation));
  return [node.node, node.ifClause, node.elseClause, node.primary, node.rest, ...(node.nodes ?? [])].some((n) => planAsksExternal(world, n));
}
