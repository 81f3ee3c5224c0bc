import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** Where the certificate, its key, and the authority of clients' certificates lie. */
export interface TlsPaths {
  readonly certPath: string;
  readonly keyPath: string;
  readonly clientCaPath: string | null;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Whom the certificates of clients must come from; null asks for none. */
  readonly ca: string | null;
}

/** Reads and tries them: what does not go together must stop the start and name its setting. */
export function readTls({ certPath, keyPath, clientCaPath }: TlsPaths): TlsFiles {
  const cert = tried('CORDON_TLS_CERT', certPath, (text) => ({ cert: text }));
  const key = tried('CORDON_TLS_KEY', keyPath, (text) => ({ key: text, cert }));
  if (clientCaPath === null) return { cert, key, ca: null };
  const ca = tried('CORDON_TLS_CLIENT_CA', clientCaPath, (text) => ({ ca: text, cert: text }));
  return { cert, key, ca };
}

/** A text that is no certificate passes for an authority: as a certificate it does not. */
function tried(
  setting: string,
  path: string,
  optionsOf: (text: string) => SecureContextOptions,
): string {
  try {
    const text = readFileSync(path, 'utf8');
    createSecureContext(optionsOf(text));
    return text;
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`Cordon does not start: ${setting}: ${path}: ${why}`, { cause: error });
  }
}
