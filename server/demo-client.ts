import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { ApiClientBody, PublicJwk, Scope } from '../shared/api-client.ts';
import type { Store } from './ports.ts';

/** The demo's own machine of CJIB, with a key pair as a real one would have. */

export const DemoClient = z.object({
  clientId: z.string(),
  tokenUrl: z.string(),
  privateJwk: z.looseObject({ kid: z.string(), x: z.string(), d: z.string() }),
});
export type DemoClient = z.infer<typeof DemoClient>;

export function newDemoClient(): DemoClient {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' }) as JsonWebKey & { x: string; d: string };
  const privateJwk = { ...jwk, kid: 'cjib-demo-1', alg: 'EdDSA' };
  return { clientId: 'cjib-demo', tokenUrl: '', privateJwk };
}

/** Unless it is registered as it should be: a restart is no news for the journal. */
export async function registerDemoClient(store: Store, client: DemoClient): Promise<void> {
  const { d: _secret, ...publicJwk } = client.privateJwk;
  const body = ApiClientBody.parse({
    name: 'CJIB (demo)',
    scopes: Scope.options,
    keys: [PublicJwk.parse(publicJwk)],
  });
  const { clientId: key } = client;
  const known = (await store.registrations()).find(
    (each) => each.kind === 'client' && each.key === key,
  );
  if (known && JSON.stringify(known.value) === JSON.stringify(body)) return;
  const atMs = Date.now();
  await store.append([
    { type: 'registration', kind: 'client', key, atMs, by: 'demo', value: body },
  ]);
}
