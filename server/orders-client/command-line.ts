import { setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { checkOrderText } from './check-order.ts';
import { type Cordon, openCordon } from './cordon.ts';
import { importOrders, orderFilesIn } from './import-orders.ts';
import {
  exitCodeOf,
  linesOf,
  progressOn,
  tallyLine,
  tallyOf,
  writeReport,
} from './import-report.ts';
import { type Algorithm, ALGORITHMS, makeKeyPair } from './key-pair.ts';
import { type Crs, payloadOf, readOrderFile } from './order-file.ts';
import { type Outcome, orderPath, putOnce, refusalOf } from './put-order.ts';
import { getOk, pullEvents, RefusedError, standingOf } from './read-orders.ts';
import { bytesIn, type Connection, connectionOf, type Given } from './settings.ts';

const PARALLEL = 16;
/** More connections than these only wait for each other. */
const PARALLEL_MAX = 64;

type Exit = (code: number) => void;
interface Sending extends Given {
  readonly crs: Crs;
  readonly sign?: boolean;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);
const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

export function commandLine(exit: Exit): Command {
  const program = new Command('orders').description('sends court orders to Cordon').exitOverride();
  addPut(program, exit);
  addImport(program, exit);
  addReading(program, exit);
  addWithdraw(program, exit);
  addOffline(program, exit);
  return program;
}

const connected = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'of Cordon').env('CORDON_ORDERS_URL'))
    .addOption(
      new Option('--credentials <file>', 'whom to ask as').env('CORDON_ORDERS_CREDENTIALS'),
    )
    .option('--client-id <id>', 'when the credentials are a bare key')
    .option('--cert <file>', 'TLS certificate of this client, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--ca <file>', 'who signed the certificate of Cordon, PEM');

const sending = (command: Command): Command =>
  connected(command)
    .addOption(
      new Option('--crs <crs>', 'rd: coordinates in metres of the Dutch map (EPSG:28992)')
        .choices(['wgs84', 'rd'])
        .default('wgs84'),
    )
    .option('--sign', 'send each order as a JWS by the key of the credentials');

/** Opens a connection for one command, and ends it with what the command says. */
async function withCordon(
  given: Given,
  connectionsMax: number,
  exit: Exit,
  work: (cordon: Cordon, connection: Connection) => Promise<number>,
): Promise<void> {
  const connection = connectionOf(given);
  const cordon = openCordon(connection, { connectionsMax, told: complain });
  try {
    exit(await work(cordon, connection));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    exit(tell('asked', refusalOf(error.reply)));
  } finally {
    cordon.close();
  }
}

function tell(name: string, outcome: Outcome): number {
  const lines = linesOf(name, outcome).join('\n');
  if (outcome.type === 'accepted') say(lines);
  else complain(lines);
  return exitCodeOf({
    refused: outcome.type === 'refused' ? 1 : 0,
    unanswered: outcome.type === 'unanswered' ? 1 : 0,
  });
}

function addPut(program: Command, exit: Exit): void {
  sending(program.command('put <file>').description('puts one order'))
    .option('--order-id <id>', 'else "orderId" in the file, else its name')
    .option('--if-match <version>', 'the version to replace, from "etag" or "version"', tagOf)
    .action(async (path: string, options: Sending & { orderId?: string; ifMatch?: string }) =>
      withCordon(options, 1, exit, async (cordon, { identity }) => {
        const file = readOrderFile(path, options.orderId);
        const payload = await payloadOf(file, options.crs, options.sign ? identity : null);
        const ifMatch = options.ifMatch ?? null;
        return tell(file.orderId, await putOnce(cordon, file.orderId, payload, ifMatch));
      }),
    );
}

function tagOf(text: string): string {
  if (/^\d{1,15}$/.test(text)) return `"${text}"`;
  if (text === '*' || /^"\d{1,15}"$/.test(text)) return text;
  throw new InvalidArgumentError('Give a version, as 3, or * for whichever is current.');
}

function parallelOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= PARALLEL_MAX) return value;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${PARALLEL_MAX}.`);
}

function addImport(program: Command, exit: Exit): void {
  sending(program.command('import <folder>').description('puts every *.json of a folder'))
    .option('--parallel <n>', 'orders under way at once', parallelOf, PARALLEL)
    .option('--report <file>', 'one JSON line per file')
    .action(async (folder: string, options: Sending & { parallel: number; report?: string }) => {
      const paths = orderFilesIn(folder);
      await withCordon(options, options.parallel, exit, async (cordon, { identity }) => {
        const begunMs = performance.now();
        const progress = progressOn(process.stderr, paths.length);
        const done = await importOrders(cordon, paths, {
          parallel: options.parallel,
          crs: options.crs,
          signer: options.sign ? identity : null,
          told: progress.one,
        });
        progress.end();
        if (options.report !== undefined) writeReport(options.report, done);
        const tally = tallyOf(done);
        say(tallyLine(tally, (performance.now() - begunMs) / 1000));
        return exitCodeOf(tally);
      });
    });
}

function addReading(program: Command, exit: Exit): void {
  connected(program.command('get <id>').description('shows an order and what stands of it')).action(
    async (id: string, options: Given) =>
      withCordon(options, 1, exit, async (cordon) => {
        sayJson((await getOk(cordon, orderPath(id))).body);
        return 0;
      }),
  );
  connected(
    program.command('status').description('counts orders by where they stand, and bans by why not'),
  ).action(async (options: Given) =>
    withCordon(options, 1, exit, async (cordon) => {
      sayJson(await standingOf(cordon));
      return 0;
    }),
  );
  connected(program.command('events').description('what became of orders, oldest first'))
    .option('--after <sequence>', 'of the last event that you have')
    .option('--follow', 'go on asking')
    .action(async (options: Given & { after?: string; follow?: boolean }) =>
      withCordon(options, 1, exit, async (cordon) => {
        const { after, follow = false } = options;
        const told = (event: object): void => say(JSON.stringify(event));
        await pullEvents(cordon, { after, follow, wait: setTimeout, told });
        return 0;
      }),
    );
}

function addWithdraw(program: Command, exit: Exit): void {
  connected(program.command('withdraw <id>').description('asks for the end of an order'))
    .requiredOption('--reason <words>', 'for whoever looks at it')
    .action(async (id: string, options: Given & { reason: string }) =>
      withCordon(options, 1, exit, async (cordon) => {
        const reply = await cordon.ask('POST', `${orderPath(id)}/withdrawals`, {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ reason: options.reason }),
        });
        if (reply.status !== 201) return tell(id, refusalOf(reply));
        const { version, status } = reply.body as { version: number; status: string };
        return tell(id, { type: 'accepted', change: 'changed', version, status });
      }),
    );
}

function addOffline(program: Command, exit: Exit): void {
  program
    .command('check <file>')
    .description('all faults in the fields of an order, without asking the server')
    .action((path: string) => {
      const faults = checkOrderText(bytesIn(path).toString('utf8'));
      for (const { pointer, detail } of faults) complain(`${pointer || '(whole)'} ${detail}`);
      say(`${path}: ${faults.length === 0 ? 'no fault' : `${faults.length} faults`} in its fields`);
      exit(faults.length === 0 ? 0 : 1);
    });
  program
    .command('keys')
    .description('makes a pair of keys; prints the public one for the administrator of Cordon')
    .requiredOption('--out <file>', 'for the private key, readable by you alone')
    .addOption(new Option('--alg <name>', 'kind of key').choices(ALGORITHMS).default('EdDSA'))
    .action(async ({ out, alg }: { out: string; alg: Algorithm }) => {
      sayJson(await makeKeyPair(out, alg));
    });
}
