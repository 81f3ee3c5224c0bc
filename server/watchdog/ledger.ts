import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** A checkpoint a minute makes 150 MB a year: read in pieces of this size. */
const PIECE_BYTES = 64 * 1024;

/** Lines of JSON in a file that only ever grows. */
export interface Ledger {
  /** Lines that could not be read: half written when the power failed, or spoilt since. */
  readonly unreadable: number;
  /** On disk when it returns. */
  append(line: unknown): void;
  close(): void;
}

/** Opens or makes the file; `read` gets each line that is there, oldest first. */
export function openLedger(path: string, read: (line: unknown) => void): Ledger {
  const file = openSync(path, 'a+', 0o600);
  let unreadable = 0;
  let endsWhole = true;
  for (const { line, whole } of linesOf(file)) {
    endsWhole = whole;
    if (!attempt(line, read)) unreadable += 1;
  }
  // The torn line stays: nothing that was written is ever taken away.
  let begin = endsWhole ? '' : '\n';
  return {
    unreadable,
    append(line) {
      const start = begin;
      // Should the disk be full half way, the next line begins on a line of its own.
      begin = '\n';
      writeSync(file, `${start}${JSON.stringify(line)}\n`);
      fsyncSync(file);
      begin = '';
    },
    close: () => closeSync(file),
  };
}

function attempt(line: string, read: (line: unknown) => void): boolean {
  try {
    read(JSON.parse(line));
    return true;
  } catch {
    return false;
  }
}

function* linesOf(file: number): Generator<{ line: string; whole: boolean }> {
  const piece = Buffer.alloc(PIECE_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (let at = 0; ;) {
    const bytes = readSync(file, piece, 0, PIECE_BYTES, at);
    if (bytes === 0) break;
    at += bytes;
    const lines = (rest + decoder.write(piece.subarray(0, bytes))).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield { line, whole: true };
  }
  rest += decoder.end();
  if (rest !== '') yield { line: rest, whole: false };
}
