import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every machine that Linux runs on today. */
const TICKS_PER_S = 100;

/** The most memory that a process ever held. */
export function peakMemoryMb(pid: number): number {
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kb) / 1024;
}

/** What a process has used of all cores: does not grow while others use them. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S) * 1000;
}
