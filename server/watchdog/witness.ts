import { join } from 'node:path';
import { z } from 'zod';
import { toInstant } from '../../shared/instant.ts';
import { Checkpoint, ServerId } from '../../shared/watchdog-message.ts';
import { openLedger, type Ledger } from './ledger.ts';

/**
 * The outside witness of each journal: it has seen how far the journal had come, and keeps that
 * where nobody who can change the journal can reach. What contradicts it is held against the server
 * until a person has looked and accepts it: a journal that was rewritten soon grows past the old
 * checkpoint.
 */

/** What a checkpoint says about the journal, beside the newest that was seen. */
export type Finding = 'new' | 'same' | 'checkpoint-backwards' | 'checkpoint-forked';

export function compareCheckpoint(newest: Checkpoint | null, given: Checkpoint): Finding {
  if (newest === null || given.seq > newest.seq) return 'new';
  if (given.seq < newest.seq) return 'checkpoint-backwards';
  return given.hash === newest.hash ? 'same' : 'checkpoint-forked';
}

const Fault = z.enum(['checkpoint-backwards', 'checkpoint-forked']);
type Fault = z.infer<typeof Fault>;

const SeenLine = z.object({ type: z.literal('seen'), serverId: ServerId, checkpoint: Checkpoint });
const FaultLine = SeenLine.extend({ type: z.literal('fault'), fault: Fault });
const AcceptedLine = z.object({ type: z.literal('accepted'), serverId: ServerId });
/** A line of `checkpoints.ndjson`; each also says `at` which time it was written. */
const Line = z.discriminatedUnion('type', [SeenLine, FaultLine, AcceptedLine]);
type Line = z.infer<typeof Line>;

export interface Witness {
  readonly unreadable: number;
  newest(serverId: string): Checkpoint | null;
  fault(serverId: string): Fault | null;
  /** Keeps a checkpoint, or what contradicts an earlier one, and gives what is held against it. */
  see(serverId: string, checkpoint: Checkpoint, atMs: number): Fault | null;
  /** A person knows why: the next checkpoint is taken as it comes. */
  accept(serverId: string, atMs: number): void;
  close(): void;
}

interface Known {
  readonly newest: Checkpoint | null;
  readonly fault: Fault | null;
  /** Of the last contradiction, so that the same is written once. */
  readonly contradiction: Checkpoint | null;
}

const NOTHING: Known = { newest: null, fault: null, contradiction: null };

export function openWitness(stateDir: string): Witness {
  const known = new Map<string, Known>();
  const of = (serverId: string): Known => known.get(serverId) ?? NOTHING;
  const take = (line: Line): void => void known.set(line.serverId, after(of(line.serverId), line));
  const ledger: Ledger = openLedger(join(stateDir, 'checkpoints.ndjson'), (line) =>
    take(Line.parse(line)),
  );
  const write = (line: Line, atMs: number): void => {
    ledger.append({ at: toInstant(atMs), ...line });
    take(line);
  };
  return {
    unreadable: ledger.unreadable,
    newest: (serverId) => of(serverId).newest,
    fault: (serverId) => of(serverId).fault,
    see(serverId, checkpoint, atMs) {
      const { newest, contradiction } = of(serverId);
      const finding = compareCheckpoint(newest, checkpoint);
      if (finding === 'new') write({ type: 'seen', serverId, checkpoint }, atMs);
      else if (finding !== 'same' && !isSame(contradiction, checkpoint)) {
        write({ type: 'fault', serverId, checkpoint, fault: finding }, atMs);
      }
      return of(serverId).fault;
    },
    accept: (serverId, atMs) => write({ type: 'accepted', serverId }, atMs),
    close: () => ledger.close(),
  };
}

function after(known: Known, line: Line): Known {
  switch (line.type) {
    case 'seen':
      return { ...known, newest: line.checkpoint };
    case 'fault':
      return { ...known, fault: line.fault, contradiction: line.checkpoint };
    case 'accepted':
      return NOTHING;
  }
}

const isSame = (a: Checkpoint | null, b: Checkpoint): boolean =>
  a !== null && a.seq === b.seq && a.hash === b.hash;
