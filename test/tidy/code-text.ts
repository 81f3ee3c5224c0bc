import ts from 'typescript';
import type { RepoFile } from './source-tree.ts';

const parse = ({ path, text }: RepoFile): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** The same text with comments blanked out, so that lines keep their numbers. */
export function withoutComments(file: RepoFile): RepoFile {
  const source = parse(file);
  let text = '';
  const add = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) return children.forEach(add);
    const start = node.getStart(source);
    text +=
      file.text.slice(text.length, start).replace(/\S/g, ' ') + file.text.slice(start, node.end);
  };
  add(source);
  return { path: file.path, text };
}

export interface Measured {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Every function with a body, nested ones included both by themselves and in what holds them. */
export function functionsOf(file: RepoFile): Measured[] {
  const source = parse(file);
  const found: Measured[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body && !isSuite(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.end).line;
      found.push({ name: nameOf(node, source), line: first + 1, lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The body of a `describe` is a list of tests, not a function to be read at one go. */
function isSuite(node: ts.Node): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call)) return false;
  return /^describe\b/.test(call.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : null);
  return named?.getText(source) ?? 'a function';
}

const IGNORED = '// prettier-ignore';

/**
 * Lines without what cannot be broken: strings, addresses, and the rows of a table that prettier
 * was told to leave alone, which ends where the indentation is back.
 */
export function breakable(text: string): string[] {
  let tableIndent = -1;
  let rows = 0;
  return text.split('\n').map((line) => {
    const indent = line.search(/\S/);
    if (line.trim() === IGNORED) {
      tableIndent = indent;
      rows = 0;
    } else if (tableIndent >= 0) {
      rows += 1;
      if (rows > 1 && indent >= 0 && indent <= tableIndent) tableIndent = -1;
      else return '';
    }
    return line.replace(/\b[a-z]+:\/\/\S+/g, '').replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '');
  });
}
