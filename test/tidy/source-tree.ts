import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One text file of the repository; its path is relative to the root, with `/`. */
export interface RepoFile {
  readonly path: string;
  readonly text: string;
}

/** What .gitignore names, and git itself. */
const SKIPPED_DIRS = new Set(['.git', 'node_modules', 'dist', 'data', '.cordon']);
const SKIPPED_FILES = /\.(png|log|gz)$|^\.env$/;

function pathsIn(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
    if (SKIPPED_DIRS.has(entry.name)) return [];
    if (entry.isDirectory()) return pathsIn(path);
    return entry.isFile() && !SKIPPED_FILES.test(entry.name) ? [path] : [];
  });
}

export const readRepo = (): readonly RepoFile[] =>
  pathsIn('')
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** Folders of code: what lies elsewhere is documents and settings. */
export const isCode = ({ path }: RepoFile): boolean =>
  /^(shared|server|device-sim|console|victim-app|bench|test)\//.test(path);

export const isTypeScript = ({ path }: RepoFile): boolean => path.endsWith('.ts');
export const isDocument = ({ path }: RepoFile): boolean => path.endsWith('.md');

/** `path:line: what` for each match of a pattern, as editors and terminals can follow. */
export function findings(file: RepoFile, pattern: RegExp, remedy: string): string[] {
  const every = new RegExp(
    pattern,
    pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`,
  );
  return [...file.text.matchAll(every)].map(({ 0: found, index }) => {
    const line = file.text.slice(0, index).split('\n').length;
    return `${file.path}:${line}: "${found.trim()}": ${remedy}`;
  });
}
