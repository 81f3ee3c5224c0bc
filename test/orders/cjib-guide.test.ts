import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServer, withoutOurs } from '../support/server-process.ts';

/** docs/CJIB.md does what it says: its commands are run, in order, against a real server. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = readFileSync(join(ROOT, 'docs/CJIB.md'), 'utf8');

interface Block {
  readonly heading: string;
  readonly commands: string;
  readonly expected: string;
}

/** Commands, and right after them what they say. */
function blocksIn(guide: string): Block[] {
  const pattern = /^#+ (.+)$|^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm;
  let heading = '';
  return [...guide.matchAll(pattern)].flatMap(([, title, commands, expected]) => {
    if (title !== undefined) heading = title;
    if (commands === undefined) return [];
    if (expected === undefined) throw new Error(`${heading}: say what these commands answer`);
    return [{ heading, commands, expected }];
  });
}

const blocks = blocksIn(GUIDE);

let server: ServerProcess;
let dir: string;
let said: readonly string[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-guide-'));
  server = await startServer({ env: { CORDON_APPROVAL: 'required' } });
  said = await answersOf(blocks);
}, 600_000);
afterAll(async () => {
  await server?.remove();
  rmSync(dir, { recursive: true, force: true });
});

/** In one shell, as a reader types them, so that what one sets the next has. */
async function answersOf(all: readonly Block[]): Promise<string[]> {
  const place = (text: string): string =>
    text
      .replaceAll('http://localhost:8080', server.httpUrl)
      .replaceAll('data/demo/', `${server.dataDir}/`);
  const script = all.map(({ commands }, i) => `{\n${place(commands)}} > ${dir}/said-${i} 2>&1\n`);
  writeFileSync(join(dir, 'guide.sh'), `set -u\n${script.join('')}`);
  const env = { ...withoutOurs(process.env), TMPDIR: dir };
  await promisify(execFile)('bash', [join(dir, 'guide.sh')], { cwd: ROOT, env });
  return all.map((_, i) => readFileSync(join(dir, `said-${i}`), 'utf8'));
}

/** `…` stands for anything. */
function patternOf(expected: string): RegExp {
  const parts = expected.trim().split('…');
  const literal = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${literal.join('[^]*?')}$`);
}

describe('the guide for CJIB says what its commands answer', () => {
  test.each(blocks.map((block, index) => ({ ...block, index })))(
    '$heading, commands $index',
    ({ index, expected }) => {
      expect(said[index]!.trim()).toMatch(patternOf(expected));
    },
  );
});

test('no block of commands is left out', () => {
  expect(blocks).toHaveLength(GUIDE.match(/^```sh$/gm)!.length);
});
