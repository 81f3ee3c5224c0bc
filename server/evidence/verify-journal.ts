import type { Checkpoint, JournalHead, JournalRow } from '../kept.ts';
import type { Archive, Decision } from '../ports.ts';
import { isGenuine } from './checkpoint.ts';
import { indexFaults, type JournalFault, Told } from './index-faults.ts';
import { decisionOf, GENESIS, hashAfter } from './journal-chain.ts';

export interface Verification {
  readonly rows: number;
  readonly checkpoints: number;
  /** Rows after the newest checkpoint: chained, but nobody has signed for them yet. */
  readonly unsigned: number;
  readonly head: JournalHead;
  readonly faults: readonly JournalFault[];
}

export interface Trust {
  /** By key id: the public keys, in PEM, that may sign checkpoints. */
  readonly keys: ReadonlyMap<string, string>;
  /** Checkpoints that somebody outside kept: they show what was cut off together with its own. */
  readonly witnessed: readonly Checkpoint[];
}

const ROWS_PER_READ = 1_000;
/** Within so many looks a journal that grows by a few rows a second stands still once. */
const INDEX_TRIES_MAX = 10;
/** A server that is stopped in between signs when it starts again, or when it stops. */
const UNSIGNED_MS_MAX = 600_000;
/** Of a journal that is wrong everywhere, so many faults are enough. */
const FAULTS_MAX = 100;

/** Reads the whole journal once and tells all that does not fit. (SPEC JN2) */
export async function verifyJournal(archive: Archive, trust: Trust): Promise<Verification> {
  const checkpoints = await archive.checkpoints();
  const walk = journalWalk([...checkpoints, ...trust.witnessed]);
  // First, for the journal may grow while it is read.
  const head = await archive.journalHead();
  await readOn(archive, walk);
  const index = await settledIndexFaults(archive, walk);
  const signedSeq = signedUpTo(checkpoints, walk, trust);
  const keys = new Map([...walk.keysImportedBefore(signedSeq), ...trust.keys]);
  const known = { ...trust, keys };
  const faults = [
    ...walk.faults,
    ...headFaults(head, walk.last, walk.hashOf(head.seq)),
    ...checkpoints.flatMap((each) => checkpointFaults(each, walk, known, 'checkpoint')),
    ...trust.witnessed.flatMap((each) =>
      checkpointFaults(each, walk, known, 'witnessed checkpoint'),
    ),
    ...unsignedFaults(signedSeq, walk),
    ...index,
  ];
  return {
    rows: walk.rows,
    checkpoints: checkpoints.length,
    unsigned: Math.max(0, walk.last.seq - signedSeq),
    head: walk.last,
    faults: faults.slice(0, FAULTS_MAX),
  };
}

/** Up to where somebody whom we trust has signed for what is there. */
function signedUpTo(checkpoints: readonly Checkpoint[], walk: Walk, trust: Trust): number {
  const good = checkpoints.filter(
    (each) => checkpointFaults(each, walk, trust, 'checkpoint').length === 0,
  );
  return Math.max(0, ...good.map(({ seq }) => seq));
}

/** A server signs once a minute: what nobody signed for long was written by no server of ours. */
function unsignedFaults(signedSeq: number, walk: Walk): JournalFault[] {
  const sinceMs = walk.timeAfter(signedSeq);
  if (sinceMs === null || walk.lastAtMs - sinceMs <= UNSIGNED_MS_MAX) return [];
  const minutes = Math.round((walk.lastAtMs - sinceMs) / 60_000);
  return [
    { seq: signedSeq + 1, what: `nobody signed for the ${minutes} minutes after ${signedSeq}` },
  ];
}

async function readOn(archive: Archive, walk: Walk): Promise<void> {
  let rows: readonly JournalRow[];
  do {
    rows = await archive.journal(walk.last.seq, ROWS_PER_READ);
    for (const row of rows) walk.take(row);
  } while (rows.length > 0 && walk.faults.length < FAULTS_MAX);
}

/** A server may write meanwhile: what differs only because of that agrees when read on. */
async function settledIndexFaults(archive: Archive, walk: Walk): Promise<JournalFault[]> {
  for (let tries = 1; ; tries++) {
    const { seq } = walk.last;
    const faults = await indexFaults(archive, walk.told);
    if (faults.length === 0 || tries === INDEX_TRIES_MAX) return faults;
    await readOn(archive, walk);
    if (walk.last.seq === seq) return faults;
  }
}

interface Walk {
  readonly faults: readonly JournalFault[];
  readonly rows: number;
  readonly last: JournalHead;
  readonly lastAtMs: number;
  readonly told: Told;
  take(row: JournalRow): void;
  /** Of a row for which there is a checkpoint, and of the last one. */
  hashOf(seq: number): string | null;
  /** Time of the row after one for which there is a checkpoint, or of the first; null if none. */
  timeAfter(seq: number): number | null;
  /** Keys of servers that this journal was taken over from, in rows up to this one. */
  keysImportedBefore(seq: number): readonly (readonly [keyId: string, publicKeyPem: string])[];
}

/** Walks along the chain, remembering what is compared afterwards. */
function journalWalk(checkpoints: readonly Checkpoint[], from = GENESIS): Walk {
  const faults: JournalFault[] = [];
  const marked = new Set(checkpoints.map(({ seq }) => seq));
  const hashes = new Map<number, string>();
  const told = new Told();
  const imported: { seq: number; key: readonly [string, string] }[] = [];
  const times = new Map<number, number>();
  let lastAtMs = 0;
  let last = from;
  let rows = 0;
  const note = (decision: Decision, seq: number): void => {
    told.note(decision);
    if (decision.type === 'system-event' && decision.kind === 'imported') {
      const { keyId, publicKey } = decision.detail;
      imported.push({ seq, key: [String(keyId), String(publicKey)] });
    }
  };
  return {
    faults,
    told,
    timeAfter: (seq) => times.get(seq) ?? null,
    keysImportedBefore: (seq) => imported.filter((each) => each.seq <= seq).map(({ key }) => key),
    get lastAtMs() {
      return lastAtMs;
    },
    get rows() {
      return rows;
    },
    get last() {
      return last;
    },
    hashOf: (seq) => (seq === last.seq ? last.hash : (hashes.get(seq) ?? null)),
    take(row) {
      faults.push(...rowFaults(last, row));
      if (marked.has(last.seq) || last.seq === from.seq) times.set(last.seq, row.atMs);
      lastAtMs = row.atMs;
      // From here on by what the row itself says: else one fault would be told for all that follow.
      last = { seq: row.seq, hash: row.hash };
      rows += 1;
      if (marked.has(row.seq)) hashes.set(row.seq, row.hash);
      const decision = readable(row);
      if (decision) note(decision, row.seq);
    },
  };
}

export function rowFaults(before: JournalHead, row: JournalRow): JournalFault[] {
  const { seq } = row;
  if (seq > before.seq + 1) {
    const first = before.seq + 1;
    const gone = first === seq - 1 ? `row ${first} is` : `rows ${first} to ${seq - 1} are`;
    return [{ seq, what: `${gone} missing` }];
  }
  if (seq <= before.seq) return [{ seq, what: `row ${seq} comes after row ${before.seq}` }];
  if (hashAfter(before.hash, row) !== row.hash) {
    return [
      { seq, what: `row ${seq} does not fit: it, or the one before it, was changed or moved` },
    ];
  }
  const decision = readable(row);
  if (decision === null) return [{ seq, what: `row ${seq} cannot be read` }];
  return decision.type === row.type ? [] : [{ seq, what: `row ${seq} is no ${row.type}` }];
}

function readable(row: JournalRow): Decision | null {
  try {
    return decisionOf(row);
  } catch {
    return null;
  }
}

function headFaults(head: JournalHead, last: JournalHead, hash: string | null): JournalFault[] {
  if (last.seq < head.seq) {
    return [{ seq: last.seq, what: `cut short: the last row is ${last.seq}, it was ${head.seq}` }];
  }
  if (hash === null || hash === head.hash || head.seq < last.seq) return [];
  return [{ seq: head.seq, what: `row ${head.seq} is not the one that was written last` }];
}

function checkpointFaults(
  checkpoint: Checkpoint,
  walk: Walk,
  { keys }: Trust,
  name: string,
): JournalFault[] {
  const { seq, keyId } = checkpoint;
  const key = keys.get(keyId);
  if (key === undefined) return [{ seq, what: `${name} ${seq} is signed by unknown key ${keyId}` }];
  if (!isGenuine(checkpoint, key)) return [{ seq, what: `${name} ${seq} is forged` }];
  if (seq > walk.last.seq) {
    return [{ seq, what: `cut short: ${name} ${seq} is beyond the last row, ${walk.last.seq}` }];
  }
  if (walk.hashOf(seq) === checkpoint.hash) return [];
  return [{ seq, what: `the rows up to ${seq} are not those that ${name} ${seq} was signed for` }];
}
