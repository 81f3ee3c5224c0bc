import { posix } from 'node:path';
import ts from 'typescript';
import { isCode, isTypeScript, type RepoFile } from './source-tree.ts';

/** From the bottom up: each may import itself and what stands before it. */
const LAYERS: readonly (readonly string[])[] = [
  ['shared/'],
  ['server/core/'],
  ['server/kept.ts'],
  ['server/ports.ts'],
  ['server/evidence/'],
  ['server/service/'],
  ['server/adapters/'],
  ['server/config.ts'],
  ['server/stores.ts', 'server/buses.ts', 'server/proof-of-life.ts'],
  ['server/watch-over.ts'],
  ['server/start.ts', 'server/demo-client.ts'],
  ['server/main.ts', 'server/demo.ts', 'server/verify.ts', 'server/export.ts', 'server/import.ts'],
];

/** Programs beside the server: what they may import besides themselves. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'server/replay.ts': ['shared/', 'server/core/'],
  'server/watchdog/': ['shared/', 'server/evidence/signature.ts'],
  'server/orders-client/': ['shared/'],
  'device-sim/': ['shared/'],
  'console/': ['shared/'],
  'victim-app/': ['shared/'],
  'bench/': [''],
  'test/': [''],
};

/** They run when they are imported: nobody does, but whoever measures or tests them. */
const ENTRIES = new RegExp(
  '^(server/(main|demo|replay|verify|export|import|watchdog/main|orders-client/main)' +
    '|(device-sim|console)/main)\\.ts$',
);

export interface Import {
  readonly from: RepoFile;
  readonly to: string;
}

/** Relative imports, those of types included. */
export function importsOf(from: RepoFile): Import[] {
  const { importedFiles } = ts.preProcessFile(from.text, true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => ({ from, to: posix.join(posix.dirname(from.path), fileName) }));
}

/** Path prefixes that a file may import; null when it has no place. */
function allowedFor(path: string): readonly string[] | null {
  const own = Object.keys(BESIDE).find((place) => path.startsWith(place));
  if (own !== undefined) return [own, ...BESIDE[own]!];
  const layer = LAYERS.findIndex((places) => places.some((place) => path.startsWith(place)));
  return layer < 0 ? null : LAYERS.slice(0, layer + 1).flat();
}

export function layerFaults(files: readonly RepoFile[]): string[] {
  return files
    .filter(isCode)
    .filter(isTypeScript)
    .flatMap((file) => {
      const allowed = allowedFor(file.path);
      if (!allowed) return [`${file.path}: has no layer: give it one in test/tidy/layers.ts`];
      const free = allowed.includes('');
      return importsOf(file).flatMap(({ to }) => {
        if (!allowed.some((place) => to.startsWith(place))) {
          const remedy = `it may import ${allowed.join(', ')} only: move what both need further down`;
          return [`${file.path} imports ${to}: ${remedy}`];
        }
        if (ENTRIES.test(to) && !free) {
          return [`${file.path} imports ${to}: that runs a program: move what is shared out of it`];
        }
        return [];
      });
    });
}

/** Each cycle once, as the files on it. */
export function cycles(files: readonly RepoFile[]): string[] {
  const code = files.filter(isCode).filter(isTypeScript);
  const next = new Map(code.map((file) => [file.path, importsOf(file).map(({ to }) => to)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) {
      const ring = [...way.slice(at), path].join(' → ');
      found.push(`${ring}: move what both need into a file of its own`);
      return;
    }
    if (done.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return found;
}
