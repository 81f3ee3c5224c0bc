import type { Duplex } from 'node:stream';

/** Who has not said yet who he is gets little: client id, name, password, a short will. */
const FIRST_PACKET_BYTES_MAX = 16 * 1024;

/** The length of a packet takes at most four bytes. [MQTT-2.2.3] */
const LENGTH_BYTES_MAX = 4;

/** Follows the packets of one connection by their headers; false once one is too long. */
export function packetGuard(packetBytesMax: number): (chunk: Uint8Array) => boolean {
  let bodyBytesLeft = 0;
  let lengthBytesRead = 0;
  let length = 0;
  let inHeader = false;
  let limitBytes = Math.min(FIRST_PACKET_BYTES_MAX, packetBytesMax);

  /** Reads one byte of the length; false when that makes it too long. */
  const readLength = (byte: number): boolean => {
    length += (byte & 0x7f) * 128 ** lengthBytesRead;
    lengthBytesRead++;
    const more = (byte & 0x80) !== 0;
    if (more) return lengthBytesRead < LENGTH_BYTES_MAX && length <= limitBytes;
    if (length > limitBytes) return false;
    bodyBytesLeft = length;
    inHeader = false;
    limitBytes = packetBytesMax;
    return true;
  };

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyBytesLeft > 0) {
        const skipped = Math.min(bodyBytesLeft, chunk.length - at);
        bodyBytesLeft -= skipped;
        at += skipped;
      } else if (inHeader) {
        if (!readLength(chunk[at]!)) return false;
        at++;
      } else {
        inHeader = true;
        lengthBytesRead = 0;
        length = 0;
        at++;
      }
    }
    return true;
  };
}

/**
 * aedes collects a packet until it is complete, however long it claims to be, and has no limit for
 * it. It takes every byte through `read`: there we look at the headers first.
 */
export function guardPackets(connection: Duplex, packetBytesMax: number): void {
  const accept = packetGuard(packetBytesMax);
  const read = connection.read.bind(connection);
  connection.read = (size?: number): unknown => {
    const chunk = read(size) as Buffer | null;
    if (chunk === null || accept(chunk)) return chunk;
    connection.destroy(new Error(`a packet is longer than ${packetBytesMax} bytes`));
    return null;
  };
}
