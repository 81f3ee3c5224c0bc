import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real certificates, by openssl as an administrator would make them, in a folder of the test. */

export interface Certificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of its DER form, base64url. */
  readonly sha256: string;
}

function openssl(...args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    const why = code === 'ENOENT' ? 'this test needs the program openssl: install it' : stderr;
    throw new Error(`openssl ${args[0]}: ${why}`, { cause: error });
  }
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const read = (certPath: string, keyPath: string): Certificate => {
  const cert = readFileSync(certPath, 'utf8');
  const sha256 = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');
  return { certPath, keyPath, cert, key: readFileSync(keyPath, 'utf8'), sha256 };
};

export function newAuthority(dir: string, name: string): Certificate {
  const [certPath, keyPath] = [join(dir, `${name}.pem`), join(dir, `${name}-key.pem`)];
  const subject = ['-subj', `/CN=${name}`, '-days', '2'];
  openssl('req', '-x509', ...CURVE, ...subject, '-keyout', keyPath, '-out', certPath);
  return read(certPath, keyPath);
}

/** Issued by this authority, for a server at localhost or for a client. */
export function newCertificate(dir: string, name: string, by: Certificate): Certificate {
  const [certPath, keyPath] = [join(dir, `${name}.pem`), join(dir, `${name}-key.pem`)];
  const [request, extensions] = [join(dir, `${name}.csr`), join(dir, `${name}.ext`)];
  writeFileSync(extensions, 'subjectAltName=DNS:localhost\n');
  openssl('req', ...CURVE, '-subj', `/CN=${name}`, '-keyout', keyPath, '-out', request);
  const authority = ['-CA', by.certPath, '-CAkey', by.keyPath, '-CAcreateserial'];
  const wish = ['-days', '2', '-extfile', extensions];
  openssl('x509', '-req', '-in', request, ...authority, ...wish, '-out', certPath);
  return read(certPath, keyPath);
}
