import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * SHA-256, in base64url, of the certificate that a connection was opened with; null without TLS,
 * and for one that the settings' authority has not issued. (RFC 8705 §3.1)
 */
export function certificateOf(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
  return raw ? createHash('sha256').update(raw).digest('base64url') : null;
}
