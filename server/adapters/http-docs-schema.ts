import { type Html, html, joined } from './http-docs-html.ts';
import type { Part } from './http-openapi-finish.ts';

/** A JSON schema as a person reads it. */

const partsOf = (value: unknown): readonly Part[] => (Array.isArray(value) ? value : []) as Part[];
const code = (value: unknown): Html => html`<code>${String(value)}</code>`;

/** In a few words: what may stand here. */
export function kindOf(schema: Part): Html {
  const ref = /\/([^/]+)$/.exec(String(schema['$ref'] ?? ''))?.[1];
  if (ref !== undefined) return html`<a href="#schema-${ref}">${ref}</a>`;
  if (schema['const'] !== undefined) return code(schema['const']);
  if (Array.isArray(schema['enum'])) return joined(schema['enum'].map(code), ' or ');
  const options = partsOf(schema['anyOf'] ?? schema['oneOf']);
  if (options.length > 0) return joined(options.map(kindOf), ' or ');
  if (Array.isArray(schema['type'])) return html`${schema['type'].join(' or ')}`;
  if (schema['prefixItems'] !== undefined) {
    return html`[${joined(partsOf(schema['prefixItems']).map(kindOf), ', ')}]`;
  }
  if (schema['type'] === 'array') return html`list of ${kindOf((schema['items'] ?? {}) as Part)}`;
  if (schema['format'] === 'date-time') return html`time (RFC 3339)`;
  return html`${String(schema['type'] ?? 'anything')}${limitsOf(schema)}`;
}

const LIMITS: readonly [key: string, words: (limit: string) => string][] = [
  ['exclusiveMinimum', (limit) => `above ${limit}`],
  ['minimum', (limit) => `from ${limit}`],
  ['maximum', (limit) => `up to ${limit}`],
  ['maxLength', (limit) => `at most ${limit} characters`],
  ['pattern', (limit) => `as ${limit}`],
];

function limitsOf(schema: Part): string {
  const told = LIMITS.filter(([key]) => {
    const limit = schema[key];
    return limit !== undefined && !(typeof limit === 'number' && Math.abs(limit) > 1e15);
  }).map(([key, words]) => words(String(schema[key])));
  return told.length === 0 ? '' : `, ${told.join(', ')}`;
}

/** The fields of an object, those of objects inside it below them. */
export function fieldsOf(schema: Part): Html {
  const options = partsOf(schema['oneOf'] ?? schema['anyOf']);
  const objects = options.filter((option) => option['properties'] !== undefined);
  if (objects.length > 0) {
    return html`${objects.map(
      (option) =>
        html`<p>One of these:</p>
          ${fieldsOf(option)}`,
    )}`;
  }
  const properties = schema['properties'] as Record<string, Part> | undefined;
  if (properties === undefined) return html`<p>${kindOf(schema)}</p>`;
  const required = new Set((schema['required'] ?? []) as string[]);
  const items = Object.entries(properties).map(([name, field]) => {
    const must = required.has(name) ? html` <strong>required</strong>` : '';
    const inner = innerOf(field);
    return html`<li>
      <code>${name}</code>${must}: ${kindOf(field)}${inner === null ? '' : fieldsOf(inner)}
    </li> `;
  });
  return html`<ul>
    ${items}
  </ul>`;
}

/** The object that a field holds, alone, in a list, or beside null. */
function innerOf(field: Part): Part | null {
  if (field['properties'] !== undefined) return field;
  if (field['items'] !== undefined) return innerOf(field['items'] as Part);
  const options = partsOf(field['anyOf'] ?? field['oneOf']);
  return options.map(innerOf).find((option) => option !== null) ?? null;
}
