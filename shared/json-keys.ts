/** What is wrong with the keys of a JSON text, which a parser would not tell. */
export interface KeyFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** An order goes eight levels deep; what goes much deeper is an attack on whoever walks it. */
export const JSON_DEPTH_MAX = 32;
/** One is enough to refuse it; a few show where it comes from. */
const TOLD_MAX = 20;

const TOO_DEEP = `is nested deeper than ${JSON_DEPTH_MAX} levels: no body here goes so deep`;
const TWICE = 'is given twice: leave one of the two out, for only the last would count';
const NEVER = 'is never a field: leave it out';

interface Level {
  /** Null in a list. */
  readonly keys: Set<string> | null;
  at: string | number;
  awaitsKey: boolean;
}

/**
 * Looks at the text before it is parsed: a parser keeps the last of two equal keys and says
 * nothing, and with two "bans" only one list would be watched. (RFC 7493 §2.3)
 */
export function keyFaults(text: string): KeyFault[] {
  const faults: KeyFault[] = [];
  const levels: Level[] = [];
  const tell = (message: string): void => {
    faults.push({ path: levels.map(({ at }) => at), message });
  };
  for (let i = 0; i < text.length && faults.length < TOLD_MAX; i++) {
    const level = levels.at(-1);
    switch (text[i]) {
      case '"': {
        const end = endOfString(text, i);
        if (level?.awaitsKey) takeKey(level, text.slice(i, end + 1), levels.at(-2), tell);
        i = end;
        break;
      }
      case '{':
      case '[':
        if (levels.length === JSON_DEPTH_MAX) {
          tell(TOO_DEEP);
          return faults;
        }
        levels.push(levelOf(text[i] === '{'));
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level?.keys) level.awaitsKey = true;
        else if (level) level.at = Number(level.at) + 1;
    }
  }
  return faults;
}

const levelOf = (isObject: boolean): Level =>
  isObject ? { keys: new Set(), at: '', awaitsKey: true } : { keys: null, at: 0, awaitsKey: false };

function takeKey(
  level: Level,
  quoted: string,
  around: Level | undefined,
  tell: (message: string) => void,
): void {
  const key = unquoted(quoted);
  level.at = key;
  level.awaitsKey = false;
  if (level.keys?.has(key)) tell(TWICE);
  const reachesPrototype = key === 'prototype' && around?.at === 'constructor';
  if (key === '__proto__' || reachesPrototype) tell(NEVER);
  level.keys?.add(key);
}

function endOfString(text: string, begin: number): number {
  for (let i = begin + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** The text may be no JSON at all: that is for the parser to say. */
function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
