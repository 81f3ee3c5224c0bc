import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 500;

/** `after` comes from a page's `next` and means nothing to the caller. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  after: z.string().min(1).max(300).optional(),
});

/** A collection; `next` is a link to the following page. (DESIGN §6) */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** Takes one item more than `limit` where there is one: that is how it knows of a next page. */
export function page<T>(
  request: FastifyRequest,
  found: readonly T[],
  limit: number,
  cursorOf: (last: T) => string,
): { items: T[]; next: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items, next: null };
  return { items, next: linkWith(request, { after: cursorOf(last) }) };
}

/** The address of this request with some of its query replaced. */
export function linkWith(request: FastifyRequest, query: Readonly<Record<string, string>>): string {
  const [path, given] = request.url.split('?', 2);
  const params = new URLSearchParams(given);
  for (const [key, value] of Object.entries(query)) params.set(key, value);
  return `${path}?${params}`;
}
