import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NotLetInError } from './access-token.ts';
import { type Cordon, UnreachableError } from './cordon.ts';
import { type Crs, type OrderFile, payloadOf, readOrderFile } from './order-file.ts';
import { type Outcome, putOver } from './put-order.ts';
import { type Identity, UsageError } from './settings.ts';

export interface Imported {
  readonly path: string;
  readonly orderId: string;
  readonly outcome: Outcome;
}

export interface ImportWish {
  /** Never more orders than these are under way. */
  readonly parallel: number;
  readonly crs: Crs;
  readonly signer: Identity | null;
  /** Hears of each file as soon as it is done. */
  readonly told: (done: Imported) => void;
}

/** In the order of their names, so that two runs can be laid side by side. */
export function orderFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch {
    throw new UsageError(`${folder}: is no folder that can be read`);
  }
}

/**
 * Every file has an outcome. Once nobody answers, or nobody lets us in, the rest is not tried: to
 * run it again goes on where this stopped. (SPEC OC4, OC5)
 */
export async function importOrders(
  cordon: Cordon,
  paths: readonly string[],
  wish: ImportWish,
): Promise<Imported[]> {
  const done: Imported[] = [];
  const named = new Map<string, string>();
  let next = 0;
  let stopped: string | null = null;
  const work = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const one = await importOne(cordon, path, wish, named, stopped);
      if ('stop' in one) stopped ??= one.stop;
      done.push(one.imported);
      wish.told(one.imported);
    }
  };
  await Promise.all(Array.from({ length: Math.min(wish.parallel, paths.length) }, work));
  return done.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

type One = { imported: Imported; stop?: string };

async function importOne(
  cordon: Cordon,
  path: string,
  wish: ImportWish,
  named: Map<string, string>,
  stopped: string | null,
): Promise<One> {
  const unanswered = (orderId: string, why: string): Imported => ({
    path,
    orderId,
    outcome: { type: 'unanswered', why },
  });
  let file: OrderFile;
  try {
    file = readOrderFile(path);
  } catch (error) {
    return { imported: unanswered('', (error as Error).message) };
  }
  const { orderId } = file;
  if (stopped !== null) return { imported: unanswered(orderId, 'not tried: the import stopped') };
  const twin = named.get(orderId);
  named.set(orderId, path);
  if (twin !== undefined) return { imported: { path, orderId, outcome: twinOf(orderId, twin) } };
  try {
    const payload = await payloadOf(file, wish.crs, wish.signer);
    return { imported: { path, orderId, outcome: await putOver(cordon, orderId, payload) } };
  } catch (error) {
    const why = (error as Error).message;
    const ends = error instanceof UnreachableError || error instanceof NotLetInError;
    if (!ends && !(error instanceof UsageError)) throw error;
    return { imported: unanswered(orderId, why), ...(ends ? { stop: why } : {}) };
  }
}

/** Which of the two is meant nobody can know: the second would overwrite the first. */
function twinOf(orderId: string, twin: string): Outcome {
  const detail = `"${orderId}" is also in ${twin}: leave one of the two out`;
  return {
    type: 'refused',
    problem: {
      type: 'urn:cordon:problem:order-twice',
      title: 'The same order twice',
      status: 0,
      detail,
      code: 'order-twice',
      errors: [{ pointer: '/orderId', detail }],
    },
  };
}
