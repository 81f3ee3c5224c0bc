/** What one wearer's devices sent and were sent, in one order. */
export type Line =
  | { readonly type: 'sent'; readonly topic: string; readonly payload: string }
  | { readonly type: 'heard'; readonly topic: string; readonly payload: string };

/**
 * Where two runs differ in what reaches the wearer, though he sent the same: topics, payloads,
 * their number and their place between his own messages count. Empty when he can't tell them apart.
 */
export function tellsApart(one: readonly Line[], other: readonly Line[]): string[] {
  const sent = (lines: readonly Line[]): string =>
    JSON.stringify(lines.filter(({ type }) => type === 'sent'));
  if (sent(one) !== sent(other)) throw new Error('two runs in which he did not send the same');
  const count = Math.max(one.length, other.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [textOf(one[i]), textOf(other[i])];
    if (a !== b) return [`line ${i}: ${a}, in the other world ${b}`];
  }
  return [];
}

const textOf = (line: Line | undefined): string =>
  line ? `${line.type} ${line.topic} ${line.payload}` : 'nothing';
