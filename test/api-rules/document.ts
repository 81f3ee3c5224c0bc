/** The description of the interface, as far as rules look into it. */

export type Part = Record<string, unknown>;

export interface Parameter {
  name: string;
  in: string;
  deprecated?: boolean;
}

export interface Answer extends Part {
  headers?: Part;
  content?: Record<string, Part>;
}

export interface Operation extends Part {
  operationId?: string;
  summary?: string;
  description?: string;
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: Part;
  responses: Record<string, Answer>;
}

export interface Document extends Part {
  openapi: string;
  info: Part & { version: string; contact?: Part };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Part & { schemas: Record<string, Part>; responses: Record<string, Answer> };
}

export interface Call {
  /** As `PUT /orders/{orderId}`. */
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** Not a method, though it stands beside them. */
const BESIDE_METHODS = new Set(['servers', 'parameters', 'summary', 'description']);

export const callsOf = (document: Document): Call[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !BESIDE_METHODS.has(method))
      .map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        path,
        method,
        operation,
      })),
  );

/** Follows a reference within the document. */
export function resolved(document: Document, part: Part): Part {
  const ref = part['$ref'];
  if (typeof ref !== 'string') return part;
  const keys = ref.replace(/^#\//, '').split('/');
  const found = keys.reduce<unknown>((at, key) => (at as Part | undefined)?.[key], document);
  return (found ?? {}) as Part;
}

/** Every object in a value, with the key under which it stands. */
export function* walk(value: unknown, key = ''): Generator<[key: string, part: Part]> {
  if (typeof value !== 'object' || value === null) return;
  yield [key, value as Part];
  for (const [name, child] of Object.entries(value)) yield* walk(child, name);
}
