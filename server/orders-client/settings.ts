import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ClientId } from '../../shared/api-client.ts';

/** Whom Cordon is told that asks. */
export type Identity =
  | { readonly type: 'token'; readonly token: string }
  | {
      readonly type: 'client';
      readonly clientId: string;
      readonly tokenUrl: string;
      readonly privateJwk: PrivateJwk;
    };

export interface Tls {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly ca?: Buffer;
}

export interface Connection {
  readonly url: string;
  readonly identity: Identity;
  readonly tls: Tls;
}

/** What the command line and the environment say. */
export interface Given {
  readonly url?: string | undefined;
  readonly credentials?: string | undefined;
  readonly clientId?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/** Told to whoever typed the command; nothing was sent. */
export class UsageError extends Error {}

export const PrivateJwk = z.looseObject({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  d: z.string().min(1),
  kid: z.string().min(1),
  alg: z.string().optional(),
});
export type PrivateJwk = z.infer<typeof PrivateJwk>;

const Client = z.object({
  clientId: ClientId,
  tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
  privateJwk: PrivateJwk,
});

/** The demo's file, one of your own, or the key that `keys` wrote. */
const CredentialsFile = z.looseObject({
  httpUrl: z.string().optional(),
  url: z.string().optional(),
  token: z.string().min(1).optional(),
  cjib: z.looseObject({ token: z.string().min(1).optional() }).optional(),
  cjibClient: Client.optional(),
});
type CredentialsFile = z.infer<typeof CredentialsFile>;

const DEFAULT_CREDENTIALS = 'data/demo/demo-credentials.json';
const NO_IDENTITY =
  'holds nobody to ask as: give "token", or "clientId" and "privateJwk", or a key and --client-id';

export function connectionOf(given: Given): Connection {
  const path = given.credentials ?? DEFAULT_CREDENTIALS;
  const file = jsonIn(path);
  const parsed = CredentialsFile.safeParse(file);
  if (!parsed.success) throw new UsageError(`${path}: ${z.prettifyError(parsed.error)}`);
  const url = originOf(given.url ?? parsed.data.url ?? parsed.data.httpUrl);
  return { url, identity: identityIn(path, parsed.data, given, url), tls: tlsOf(given) };
}

function originOf(url: string | undefined): string {
  if (url === undefined || url === '') throw new UsageError('give --url or CORDON_ORDERS_URL');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--url ${url}: give an http or https address`);
  }
  return url.replace(/\/+$/, '');
}

function identityIn(path: string, file: CredentialsFile, given: Given, url: string): Identity {
  const bareKey = PrivateJwk.safeParse(file);
  const named = bareKey.success ? { clientId: given.clientId, privateJwk: bareKey.data } : file;
  const client = Client.safeParse(file.cjibClient ?? named);
  if (client.success) {
    const { clientId, privateJwk, tokenUrl = `${url}/v1/tokens` } = client.data;
    return { type: 'client', clientId, tokenUrl, privateJwk };
  }
  const token = file.token ?? file.cjib?.token;
  if (token === undefined) throw new UsageError(`${path}: ${NO_IDENTITY}`);
  return { type: 'token', token };
}

function tlsOf({ cert, key, ca }: Given): Tls {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key go together');
  }
  return {
    ...(cert === undefined ? {} : { cert: bytesIn(cert) }),
    ...(key === undefined ? {} : { key: bytesIn(key) }),
    ...(ca === undefined ? {} : { ca: bytesIn(ca) }),
  };
}

export function bytesIn(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new UsageError(`${path}: cannot be read`);
  }
}

export function jsonIn(path: string): unknown {
  try {
    return JSON.parse(bytesIn(path).toString('utf8'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: is not one JSON value`);
  }
}
