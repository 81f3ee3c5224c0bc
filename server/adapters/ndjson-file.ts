import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** It holds where people were: for its owner only. */
const MODE = 0o600;

export interface WrittenFile {
  readonly rows: number;
  /** SHA-256 of the file as it lies there, hexadecimal. */
  readonly sha256: string;
}

/** Writes one JSON value a line, packed, and returns when it is on disk. */
export async function writeNdjson(
  path: string,
  pages: AsyncIterable<readonly unknown[]>,
): Promise<WrittenFile> {
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const page of pages) {
      rows += page.length;
      if (page.length > 0) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
    }
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(path, { mode: MODE }));
  const file = await open(path, 'r');
  await file.sync();
  await file.close();
  return { rows, sha256: await sha256Of(path) };
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The values of such a file, in pages. */
export async function* readNdjson(path: string, rowsPerPage: number): AsyncGenerator<unknown[]> {
  const input = createReadStream(path).pipe(createGunzip());
  let page: unknown[] = [];
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    page.push(JSON.parse(line));
    if (page.length < rowsPerPage) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
