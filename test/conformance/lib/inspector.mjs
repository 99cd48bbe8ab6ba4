// @graphql-inspector/core beside our diff: its changes in our words.
import { diff } from '@graphql-inspector/core';
import { buildSchema, isNonNullType } from 'graphql';

export const levels = { NON_BREAKING: 'SAFE', DANGEROUS: 'DANGEROUS', BREAKING: 'BREAKING' };
const key = (c) => [c.kind, c.level, c.coordinate, c.subject ?? ''].join(' ');
export const keysOf = (changes) => changes.map(key).sort();

// The schema coordinate and what else the change is about, from the names that the oracle gives.
function placeOf({ type, path = '', meta }) {
  const m = (...names) => names.map((n) => meta[n]).find((v) => v !== undefined && v !== null);
  const directive = m('addedDirectiveName', 'removedDirectiveName');
  if (type.startsWith('DIRECTIVE_USAGE_ARGUMENT_') && !type.includes('DEFINITION')) {
    const member = meta.parentFieldName ?? meta.parentEnumValueName;
    const at = !meta.parentTypeName ? 'schema' : [meta.parentTypeName, member].filter(Boolean).join('.');
    return { coordinate: meta.parentArgumentName ? `${at}(${meta.parentArgumentName}:)` : at, subject: `@${meta.directiveName}(${m('addedArgumentName', 'removedArgumentName')}:)` };
  }
  if (type.startsWith('DIRECTIVE_USAGE_')) {
    const parts = path.split('.').filter(Boolean).filter((p) => !p.startsWith('@'));
    const coordinate = parts.length === 0 ? 'schema' : parts.length === 3 ? `${parts[0]}.${parts[1]}(${parts[2]}:)` : parts.join('.');
    return { coordinate, subject: `@${directive}` };
  }
  if (type.startsWith('DIRECTIVE_')) {
    const arg = m('addedDirectiveArgumentName', 'removedDirectiveArgumentName', 'directiveArgumentName');
    const name = m('directiveName', 'addedDirectiveName', 'removedDirectiveName');
    return { coordinate: arg ? `@${name}(${arg}:)` : `@${name}`, subject: m('addedDirectiveLocation', 'removedDirectiveLocation') };
  }
  if (type.startsWith('SCHEMA_')) return { coordinate: 'schema' };
  const [typeName, member, argument] = path.split('.').filter((p) => !p.startsWith('@'));
  return {
    coordinate: argument ? `${typeName}.${member}(${argument}:)` : member ? `${typeName}.${member}` : typeName,
    subject: m('addedUnionMemberTypeName', 'removedUnionMemberTypeName', 'addedInterfaceName', 'removedInterfaceName'),
  };
}

const becameRequired = (to) => isNonNullType(to.type) && to.defaultValue === undefined;

// Where we decide otherwise; docs/check.md has the reasons.
function corrected(change, schema) {
  const { type, meta } = change;
  if (type === 'ENUM_VALUE_DEPRECATION_REASON_ADDED' && schema.getType(meta.enumName).getValue(meta.enumValueName).deprecationReason == null)
    return { ...change, type: 'ENUM_VALUE_DEPRECATION_REASON_REMOVED' };
  const breaking = { ...change, criticality: { level: 'BREAKING' } };
  const directiveArg = () => schema.getDirective(meta.directiveName).args.find((a) => a.name === (meta.addedDirectiveArgumentName ?? meta.directiveArgumentName));
  if (type === 'DIRECTIVE_ARGUMENT_ADDED' && !meta.addedToNewDirective && isNonNullType(directiveArg().type) && !becameRequired(directiveArg()))
    return { ...change, criticality: { level: 'NON_BREAKING' } };
  if (type === 'DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED' && becameRequired(directiveArg())) return breaking;
  if (type === 'FIELD_ARGUMENT_DEFAULT_CHANGED' && becameRequired(schema.getType(meta.typeName).getFields()[meta.fieldName].args.find((a) => a.name === meta.argumentName))) return breaking;
  if (type === 'INPUT_FIELD_DEFAULT_VALUE_CHANGED' && becameRequired(schema.getType(meta.inputName).getFields()[meta.inputFieldName])) return breaking;
  return change;
}

// Changes as {kind, level, coordinate, subject}. Throws when graphql-js refuses a schema.
export async function inspect(from, to) {
  const schema = buildSchema(to);
  const changes = await diff(buildSchema(from), schema);
  return changes.map((c) => corrected(c, schema)).map((c) => ({ kind: c.type, level: levels[c.criticality.level], ...placeOf(c) }));
}
