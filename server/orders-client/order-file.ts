import { basename } from 'node:path';
import { CompactSign } from 'jose';
import { jsonOf } from './access-token.ts';
import { bytesIn, type Identity, UsageError } from './settings.ts';
import { signingKeyOf } from './signing-key.ts';

/** An order as it lies in a file: what is sent are its own bytes, faults and all. */
export interface OrderFile {
  readonly path: string;
  readonly orderId: string;
  readonly bytes: Buffer;
}

/** As large as Cordon takes one. */
const ORDER_BYTES_MAX = 5 * 2 ** 20;

/** Named by the command line, else by the order itself, else by its file. */
export function readOrderFile(path: string, orderId?: string): OrderFile {
  const bytes = bytesIn(path);
  if (bytes.length > ORDER_BYTES_MAX) {
    throw new UsageError(`${path}: is larger than the 5 MB that an order may have`);
  }
  const own = (jsonOf(bytes.toString('utf8')) as { orderId?: unknown } | null)?.orderId;
  const named = orderId ?? (typeof own === 'string' ? own : basename(path, '.json'));
  return { path, orderId: named, bytes };
}

export interface Payload {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

export type Crs = 'wgs84' | 'rd';
/** Coordinates in the metres of the Dutch map; Cordon keeps longitude and latitude. */
const RD = '<http://www.opengis.net/def/crs/EPSG/0/28992>';

/** Signed, an order says which order it is: a signature must not serve for another. (SPEC OC3) */
export async function payloadOf(
  { orderId, bytes, path }: OrderFile,
  crs: Crs,
  signer: Identity | null,
): Promise<Payload> {
  const headers = crs === 'rd' ? { 'content-crs': RD } : {};
  if (signer === null) {
    return { headers: { ...headers, 'content-type': 'application/json' }, body: bytes };
  }
  if (signer.type !== 'client') {
    throw new UsageError('--sign needs a key: give credentials with "clientId" and "privateJwk"');
  }
  const order = jsonOf(bytes.toString('utf8'));
  if (typeof order !== 'object' || order === null) {
    throw new UsageError(`${path}: is not one JSON object, so there is nothing to sign`);
  }
  const { header, key } = await signingKeyOf(signer.privateJwk);
  const body = await new CompactSign(Buffer.from(JSON.stringify({ ...order, orderId })))
    .setProtectedHeader({ ...header, cty: 'json' })
    .sign(key);
  return { headers: { ...headers, 'content-type': 'application/jose' }, body };
}
