import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breakable, functionsOf, withoutComments } from './tidy/code-text.ts';
import {
  deadLinks,
  quotedIn,
  ruleIdsIn,
  scriptsNamedIn,
  settingsIn,
  testedIn,
} from './tidy/documents.ts';
import { cycles, layerFaults } from './tidy/layers.ts';
import {
  findings,
  isCode,
  isDocument,
  isTypeScript,
  readRepo,
  ROOT,
  type RepoFile,
} from './tidy/source-tree.ts';

/** House style that matters, as a test; the rest is prettier's and oxlint's. (STYLE rule 20) */

const LINES_PER_FILE_MAX = 300;
const LINES_PER_FUNCTION_MAX = 70;
const COLUMNS_MAX = 100;

type Ban = readonly [pattern: RegExp, remedy: string];

const BANNED_IN_CORE: readonly Ban[] = [
  [/\bDate\.now\(|\bnew Date\(/, 'take the time from the event'],
  [/\bMath\.random\(/, 'equal inputs must give equal outputs: take it from the event'],
  [/\basync\b|\bawait\b|\bPromise\b/, 'the core never waits: do that in server/service'],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\(/, 'time passes by an event'],
  [/\bprocess\.|\bperformance\.|\bconsole\./, 'the core knows no process: tell it by its result'],
];
const BANNED_IMPORTS_IN_CORE: Ban = [/from 'node:[^']+'/, 'only an adapter touches the outside'];
/** A digest is a function of its input. */
const HASH_IN_CORE = /import \{ createHash \} from 'node:crypto';/;

/** What the core stands on must be as pure; a `Date` made of a given instant is. */
const BANNED_IN_SHARED: readonly Ban[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'take the time as a parameter'],
  ...BANNED_IN_CORE.slice(1),
  BANNED_IMPORTS_IN_CORE,
];

const BANNED_ANYWHERE: readonly Ban[] = [
  [/\b(T[O]DO|F[I]XME|X[X]X)\b/, 'do it now, or write it down where work is planned'],
  [/\.(?:only|skip|todo)\(/, 'every test runs, always'],
  [/@ts-(?:ignore|nocheck|expect-error)/, 'give it its true type'],
  [/\bas (?:any)\b|: (?:any)\b|<(?:any)>/, 'use unknown and look at it, or name the type'],
];

/** One module that makes a thread of Node 20 read TypeScript, and three that were run once. */
const PLAIN_JAVASCRIPT = [
  'console/make-basemap.mjs',
  'device-sim/tracks/extract.mjs',
  'server/adapters/worker-tsx.mjs',
  'test/cases/extract.mjs',
];

const REGISTRY_HOSTS = new RegExp(
  [
    /registry\.[a-z0-9.-]+\.[a-z]{2,}/,
    /npm(?:js)\.(?:org|com)/,
    /(?:ghcr|docker|quay)\.(?:io)/,
    /pkg\.(?:github)\.com/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const files = readRepo();
const code = files.filter(isCode);
const typescript = code.filter(isTypeScript);
const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
const bansIn = (file: RepoFile, bans: readonly Ban[]): string[] =>
  bans.flatMap(([pattern, remedy]) => findings(file, pattern, remedy));

describe('imports', () => {
  test('point one way', () => expect(layerFaults(files)).toEqual([]));

  test('never go in a circle', () => expect(cycles(files)).toEqual([]));
});

describe('the core', () => {
  const within = (place: string): RepoFile[] =>
    typescript.filter(({ path }) => path.startsWith(place)).map(withoutComments);

  test('knows no clock, no chance, no waiting, no outside', () => {
    const faults = within('server/core/').flatMap((file) => {
      const mayHash = file.path === 'server/core/alert-lifecycle.ts';
      const text = mayHash ? file.text.replace(HASH_IN_CORE, '') : file.text;
      return bansIn({ ...file, text }, [...BANNED_IN_CORE, BANNED_IMPORTS_IN_CORE]);
    });
    expect(faults).toEqual([]);
  });

  test('stands on a vocabulary that is as pure', () => {
    expect(within('shared/').flatMap((file) => bansIn(file, BANNED_IN_SHARED))).toEqual([]);
  });
});

describe('sizes', () => {
  test(`a file has at most ${LINES_PER_FILE_MAX} lines`, () => {
    const faults = code
      .filter(({ path }) => /\.(ts|mjs|css|sh)$/.test(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_PER_FILE_MAX)
      .map(({ path, lines }) => `${path}: ${lines} lines: one thing per file, so split it`);
    expect(faults).toEqual([]);
  });

  test(`a function has at most ${LINES_PER_FUNCTION_MAX} lines`, () => {
    const faults = typescript.flatMap((file) =>
      functionsOf(file)
        .filter(({ lines }) => lines > LINES_PER_FUNCTION_MAX)
        .map(({ name, line, lines }) => {
          const remedy = 'decide in the parent, work in the leaves';
          return `${file.path}:${line}: ${name} has ${lines} lines: ${remedy}`;
        }),
    );
    expect(faults).toEqual([]);
  });

  test(`a line has at most ${COLUMNS_MAX} columns`, () => {
    const faults = code
      .filter(({ path }) => /\.(ts|mjs|css|sh|sql|html)$/.test(path))
      .flatMap(({ path, text }) =>
        breakable(text).flatMap((line, index) => {
          if (line.length <= COLUMNS_MAX) return [];
          return [`${path}:${index + 1}: ${line.length} columns: break the line`];
        }),
      );
    expect(faults).toEqual([]);
  });
});

describe('names', () => {
  test('are kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.[a-z]+$/;
    const faults = code
      .filter((file) => !isDocument(file) && !kebab.test(posix.basename(file.path)))
      .map(({ path }) => `${path}: write it in kebab-case`);
    expect(faults).toEqual([]);
  });

  test('say what is inside', () => {
    const vague = /(^|\/|-)(utils?|helpers?|managers?|common|misc)(-[^/]*)?\.[a-z]+$|\/index\.ts$/;
    const faults = code
      .filter(({ path }) => vague.test(path))
      .map(({ path }) => `${path}: name it after the one thing it holds`);
    expect(faults).toEqual([]);
  });

  test('of shared types are those of their schemas', () => {
    const faults = typescript
      .filter(({ path }) => path.startsWith('shared/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/type (\w+) = z\.(?:infer|output)<typeof (\w+)>/g)]
          .filter(([, type, schema]) => type !== schema)
          .map(([, type, schema]) => `${path}: type ${type} is of ${schema}: one thing, one name`),
      );
    expect(faults).toEqual([]);
  });
});

describe('text', () => {
  test('leaves nothing for later and nothing out', () => {
    const scripts = code.filter(({ path }) => /\.(ts|mjs|css|sh|sql)$/.test(path));
    expect(scripts.flatMap((file) => bansIn(file, BANNED_ANYWHERE))).toEqual([]);
  });

  test('is TypeScript', () => {
    const plain = code.map(({ path }) => path).filter((path) => /\.[cm]?jsx?$/.test(path));
    expect(plain, 'write it in TypeScript').toEqual(PLAIN_JAVASCRIPT);
  });

  test('names no package registry', () => {
    const remedy = 'whoever installs has a registry of their own: leave the host out';
    expect(files.flatMap((file) => findings(file, REGISTRY_HOSTS, remedy))).toEqual([]);
  });
});

describe('the specification', () => {
  const rules = ruleIdsIn(textOf('docs/SPEC.md'));

  test('has rules', () => {
    expect(rules.size, 'docs/SPEC.md: begin each rule with its number, as **CB1**').not.toBe(0);
  });

  test('has every rule that code quotes', () => {
    const faults = code
      .flatMap(quotedIn)
      .filter(({ id }) => !rules.has(id))
      .map(
        ({ id, path }) => `${path} quotes ${id}: write that rule in docs/SPEC.md, or correct it`,
      );
    expect([...new Set(faults)]).toEqual([]);
  });

  test('is tested, rule by rule', () => {
    const tested = new Set(code.filter(({ path }) => path.startsWith('test/')).flatMap(testedIn));
    const faults = [...rules]
      .filter((id) => !tested.has(id))
      .map((id) => `${id}: no test has [${id}] in its name: write one`);
    expect(faults).toEqual([]);
  });

  test('has every rule that a test names', () => {
    const faults = code
      .filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/tidy'))
      .flatMap((file) => testedIn(file).map((id) => ({ id, path: file.path })))
      .filter(({ id }) => !rules.has(id))
      .map(({ id, path }) => `${path} tests ${id}: no such rule in docs/SPEC.md`);
    expect([...new Set(faults)]).toEqual([]);
  });
});

describe('documents', () => {
  test('link to what exists', () => expect(deadLinks(files)).toEqual([]));

  test('name scripts that exist, and README all of them', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const unknown = files.filter(isDocument).flatMap(({ path, text }) =>
      scriptsNamedIn(text)
        .filter((name) => !(name in scripts))
        .map((name) => `${path}: npm run ${name}: no such script in package.json`),
    );
    const told = scriptsNamedIn(textOf('README.md'));
    const untold = Object.keys(scripts)
      .filter((name) => !told.includes(name))
      .map((name) => `README.md: tell what npm run ${name} does`);
    expect([...unknown, ...untold]).toEqual([]);
  });

  test('tell every setting', () => {
    const known = settingsIn(textOf('server/config.ts'));
    const faults = ['docs/OPERATIONS.md', '.env.example'].flatMap((path) => {
      const told = settingsIn(textOf(path));
      const missing = [...known].filter((name) => !told.has(name));
      const strange = [...told].filter((name) => !known.has(name));
      return [
        ...missing.map((name) => `${path}: tell what ${name} does`),
        ...strange.map((name) => `${path}: ${name} is no setting of server/config.ts`),
      ];
    });
    expect(faults).toEqual([]);
  });
});

describe('the package', () => {
  interface Locked {
    readonly resolved?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> };

  test('runs only files that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const faults = Object.entries(scripts).flatMap(([name, command]) =>
      [...command.matchAll(/\b[\w-]+(?:\/[\w.-]+)+\.(?:ts|sh|mjs)\b/g)]
        .filter(([path]) => !existsSync(join(ROOT, path)))
        .map(([path]) => `npm run ${name}: ${path} does not exist`),
    );
    expect(faults).toEqual([]);
  });

  test('is locked without addresses', () => {
    const faults = Object.entries(lock.packages)
      .filter(([, { resolved }]) => resolved !== undefined)
      .map(([path]) => `${path}: npm install --omit-lockfile-registry-resolved`);
    expect(faults).toEqual([]);
  });

  test('is locked for every platform, or npm ci refuses it', () => {
    const faults = Object.entries(lock.packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter((name) => !isLocked(path, name))
        .map((name) => `${path} lacks ${name}: pin a version of which all parts are published`),
    );
    expect(faults).toEqual([]);
  });

  /** As Node looks for it: beside the package that wants it, and outwards from there. */
  function isLocked(path: string, name: string): boolean {
    if (`${path}/node_modules/${name}` in lock.packages) return true;
    const outer = path.lastIndexOf('/node_modules/');
    if (outer >= 0) return isLocked(path.slice(0, outer), name);
    return `node_modules/${name}` in lock.packages;
  }
});
