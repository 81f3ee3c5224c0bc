import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { z } from 'zod';
import { CourtOrder } from '../shared/court-order.ts';
import { Device } from '../shared/device.ts';
import { fromInstant, Instant, toInstant } from '../shared/instant.ts';
import { pointerOf } from '../shared/problem.ts';
import { toAlert, type AlertChange } from './core/alert-record.ts';
import { Engine } from './core/engine.ts';

/** `setup.json`. (DESIGN §8) */
const Setup = z.object({ devices: z.array(Device), orders: z.array(CourtOrder) });
type Setup = z.infer<typeof Setup>;

const Line = z.object({ receivedAt: Instant, topic: z.string(), payload: z.unknown() });

/** Wrong input: told in one sentence, without a stack. */
class ReplayError extends Error {}

async function readSetup(path: string): Promise<Setup> {
  const parsed = Setup.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, 20)
    .map((i) => `  ${pointerOf(i.path)}: ${i.message}`);
  throw new ReplayError(`${path} is not a setup:\n${faults.join('\n')}`);
}

/** Lines of a file, however large, unpacked if it is gzip whatever its name. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const raw = createReadStream(path);
  const zipped = buffer[0] === 0x1f && buffer[1] === 0x8b;
  yield* createInterface({ input: zipped ? raw.pipe(createGunzip()) : raw, crlfDelay: Infinity });
}

function start(engine: Engine, setup: Setup, atMs: number): AlertChange[] {
  return [
    ...setup.devices.flatMap((device) => engine.setDevice(device, atMs)),
    ...setup.orders.flatMap((order) =>
      engine.setOrder({ order, version: 1, status: 'active' }, atMs),
    ),
  ];
}

const printed = (change: AlertChange): string =>
  JSON.stringify({
    at: toInstant(change.atMs),
    change: change.change,
    ...toAlert(change.record),
  }) + '\n';

/** Written in pieces of this size; the reader's pace is kept, so memory stays small. */
const OUTPUT_CHARS = 64 * 1024;

async function replay(setupPath: string, eventsPath: string): Promise<void> {
  const setup = await readSetup(setupPath);
  const engine = new Engine();
  const faults = new Map<string, number>();
  const count = (fault: string): void => void faults.set(fault, (faults.get(fault) ?? 0) + 1);
  let output = '';
  let lastMs: number | null = null;
  let number = 0;
  for await (const text of linesOf(eventsPath)) {
    number += 1;
    if (text.trim() === '') continue;
    const line = parseLine(text, number);
    if (!line) {
      count('malformed-line');
      continue;
    }
    const receivedAtMs = fromInstant(line.receivedAt);
    const begun = lastMs === null ? start(engine, setup, receivedAtMs) : [];
    if (lastMs !== null && receivedAtMs < lastMs) count('line-out-of-order');
    lastMs = Math.max(lastMs ?? 0, receivedAtMs);
    const handled = engine.message(line.topic, JSON.stringify(line.payload), receivedAtMs);
    handled.rejections.forEach(({ reason }) => count(reason));
    for (const change of [...begun, ...handled.changes]) output += printed(change);
    if (output.length > OUTPUT_CHARS) output = await written(output);
  }
  await written(output);
  for (const [fault, times] of faults) process.stderr.write(`replay: ${fault}: ${times}\n`);
}

function parseLine(text: string, number: number): z.infer<typeof Line> | null {
  try {
    return Line.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'not JSON';
    process.stderr.write(`replay: line ${number} left out: ${why}\n`);
    return null;
  }
}

async function written(output: string): Promise<string> {
  if (output !== '' && !process.stdout.write(output)) {
    await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return '';
}

const command = new Command('replay')
  .description('run recorded messages through the live code, on virtual time')
  .requiredOption('--setup <file>', 'devices and orders, setup.json')
  .requiredOption('--events <file>', 'recorded messages, events.ndjson or .ndjson.gz')
  .action(async (options: { setup: string; events: string }) => {
    await replay(options.setup, options.events);
  });

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has gone, as `replay | head` does.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

command.parseAsync().catch((error: unknown) => {
  const why = error instanceof ReplayError ? error.message : String(error);
  process.stderr.write(`replay: ${why}\n`);
  process.exit(1);
});
