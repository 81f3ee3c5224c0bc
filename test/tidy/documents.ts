import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { isDocument, ROOT, type RepoFile } from './source-tree.ts';

const ID = '[A-Z]{2}\\d+';

/** Rules that the specification defines: an id that begins a line, a list item or a table row. */
export function ruleIdsIn(spec: string): ReadonlySet<string> {
  const defined = new RegExp(`^[\\s|*#-]*(?:\\*\\*|\`)?(${ID})\\b`, 'gm');
  return new Set([...spec.matchAll(defined)].map((match) => match[1]!));
}

/** `CB1`, `CB1, CB2` and `CB1–CB7`, as they stand in a comment or a test's name. */
export function idsIn(text: string): string[] {
  const parts = new RegExp(`(${ID})(?:[–-](${ID}))?`, 'g');
  return [...text.matchAll(parts)].flatMap(([, from, until]) => {
    const first = Number(from!.slice(2));
    const last = until === undefined ? first : Number(until.slice(2));
    return Array.from({ length: last - first + 1 }, (_, i) => `${from!.slice(0, 2)}${first + i}`);
  });
}

/** Rules quoted in code as `(SPEC …)`, and those that alerts name as their reason. */
export function quotedIn({ path, text }: RepoFile): { id: string; path: string }[] {
  const comments = [...text.matchAll(/\(SPEC ([^)]*)\)/g)].map((match) => match[1]!);
  const named = path.startsWith('server/core/')
    ? [...text.matchAll(new RegExp(`'(${ID})'`, 'g'))].map((match) => match[1]!)
    : [];
  return [...comments, ...named].flatMap((part) => idsIn(part).map((id) => ({ id, path })));
}

/** `[CB1]` in a test's name; a table of tests named `[%s]` has the ids in its rows. */
export function testedIn({ text }: RepoFile): string[] {
  const names = [...text.matchAll(new RegExp(`\\[(${ID}[^\\]\n]*)\\]`, 'g'))];
  const isTable = /\[(%s|\$rule|\$\{rule\})\]/.test(text);
  const rows = isTable ? [...text.matchAll(new RegExp(`'(${ID})'`, 'g'))] : [];
  return [...names, ...rows].flatMap((match) => idsIn(match[1]!));
}

/** Relative links and pictures that lead nowhere. */
export function deadLinks(files: readonly RepoFile[]): string[] {
  return files.filter(isDocument).flatMap(({ path, text }) => {
    const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/src="([^"]+)"/g)];
    return inline
      .map((match) => match[1]!)
      .filter((target) => !/^([a-z]+:|#)/.test(target))
      .filter((target) => {
        const file = posix.join(posix.dirname(path), target.split('#')[0]!);
        return !existsSync(join(ROOT, file));
      })
      .map((target) => `${path}: ${target} does not exist: correct the link or write the file`);
  });
}

/** Package scripts that a document tells its reader to run. */
export const scriptsNamedIn = (text: string): string[] => [
  ...[...text.matchAll(/\bnpm run (?:--silent )?([a-z][a-z-]*)/g)].map((match) => match[1]!),
  ...[...text.matchAll(/\bnpm (start|test)\b/g)].map((match) => match[1]!),
];

export const settingsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/\bCORDON_[A-Z_]+\b/g)].map((match) => match[0]));
