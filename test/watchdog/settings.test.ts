import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readSettings, SettingsError } from '../../server/watchdog/settings.ts';
import { LIMITS } from '../../server/watchdog/vigil.ts';
import { type Folder, folder, keyIn } from './watchdog-world.ts';

let dir: Folder;
beforeEach(() => {
  dir = folder('settings');
});
afterEach(() => {
  vi.unstubAllEnvs();
  dir.remove();
});

const ALARM = ['--webhook', 'https://alarm.example/in'];
const read = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return readSettings(['node', 'watchdog', ...args]);
};

test('with an alarm path alone it has the limits that are promised', () => {
  expect(read(ALARM)).toEqual({
    host: '127.0.0.1',
    port: 8090,
    stateDir: join('data', 'watchdog'),
    keys: null,
    expected: [],
    forget: [],
    acceptJournal: [],
    webhooks: ['https://alarm.example/in'],
    commands: [],
    limits: LIMITS,
  });
});

test('takes the environment for what the command line does not say', () => {
  const environment = {
    CORDON_WATCHDOG_PORT: '9000',
    CORDON_WATCHDOG_HOST: '0.0.0.0',
    CORDON_WATCHDOG_WEBHOOK: 'http://a.example/',
    CORDON_WATCHDOG_EXPECT: 'north',
    CORDON_WATCHDOG_SILENT_AFTER_S: '20',
    CORDON_WATCHDOG_URL: 'http://of.the.server/',
    CORDON_HTTP_PORT: '8080',
  };
  const settings = read(['--port', '9001'], environment);
  expect(settings).toMatchObject({ port: 9001, host: '0.0.0.0', expected: ['north'] });
  expect(settings.webhooks).toEqual(['http://a.example/']);
  expect(settings.limits.silentAfterMs).toBe(20_000);
});

test('takes several of what there may be several of, and reads keys', () => {
  const files = ['a', 'b'].map((name) => {
    const path = join(dir.path, `${name}.pem`);
    writeFileSync(path, keyIn(dir.path, name).publicKeyPem);
    return path;
  });
  const given = files.flatMap((path) => ['--key', path]);
  const settings = read([...ALARM, ...given, '--command', '/bin/a', '--command', '/bin/b']);
  expect(settings.keys).toEqual(['a', 'b'].map((name) => keyIn(dir.path, name).publicKeyPem));
  expect(settings.commands).toEqual(['/bin/a', '/bin/b']);
});

// prettier-ignore
const WRONG: [args: string[], environment: Record<string, string>, named: string][] = [
  [[],                                            {}, '--webhook'],
  [['--webhook', 'ftp://alarm.example'],          {}, '--webhook'],
  [[...ALARM, '--port', '80800'],                 {}, '--port'],
  [[...ALARM, '--silent-after-s', '0'],           {}, '--silent-after-s'],
  [[...ALARM, '--canary-after-s', 'soon'],        {}, '--canary-after-s'],
  [[...ALARM, '--key', '/no/such/file'],          {}, '/no/such/file'],
  [[...ALARM, '--expect', 'two words'],           {}, '--expect'],
  [ALARM, { CORDON_WATCHDOG_PORT: 'x' },              '--port'],
  [ALARM, { CORDON_WATCHDOG_PROT: '8090' },           'CORDON_WATCHDOG_PROT'],
  [[], { CORDON_WATCHDOG_ALARM_ON_STDERR_ONLY: '0' }, 'CORDON_WATCHDOG_ALARM_ON_STDERR_ONLY'],
];

test.each(WRONG)('%j %j is refused by name', (args, environment, named) => {
  expect(() => read(args, environment)).toThrow(SettingsError);
  expect(() => read(args, environment)).toThrow(named);
});

test('a key that is not Ed25519 is refused', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const path = join(dir.path, 'ec.pem');
  writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
  expect(() => read([...ALARM, '--key', path])).toThrow('no Ed25519 public key');
});

test('nobody who would hear it is refused, unless that is meant', () => {
  expect(() => read([])).toThrow('nobody would hear it');
  expect(read(['--alarm-on-stderr-only'])).toMatchObject({ webhooks: [], commands: [] });
});
