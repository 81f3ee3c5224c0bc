import type { Health } from '../../server/ports.ts';
import { eventually } from './fault.ts';

/** Health as the server itself says it; null while nobody answers. */
export async function healthAt(httpUrl: string): Promise<Health | null> {
  try {
    return (await (await fetch(`${httpUrl}/health/ready`)).json()) as Health;
  } catch {
    return null;
  }
}

/** The moment at which the server says that it is ready. */
export async function backInService(httpUrl: string, withinMs: number): Promise<number> {
  const atMs = await eventually(withinMs, async () => {
    const health = await healthAt(httpUrl);
    return health?.ready === true ? performance.now() : null;
  });
  if (atMs === null) throw new Error(`not ready within ${withinMs} ms`);
  return atMs;
}
