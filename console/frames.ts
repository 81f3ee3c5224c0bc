/** Runs what is to be done once for all that came in since the page was last drawn. */
export interface Frames {
  /** In the next frame; what is asked for while one runs still belongs to it. */
  next(run: () => void): void;
}

/**
 * A browser draws no frames of a page that is behind another window, and may be late under load:
 * there the clock's tick does, or a danger would sound only when somebody looks.
 */
export function frames(
  request: (run: () => void) => void,
  onTick: (run: () => void) => void,
): Frames {
  const due: (() => void)[] = [];
  const runAll = (): void => {
    for (let run = due.shift(); run !== undefined; run = due.shift()) run();
  };
  onTick(runAll);
  return {
    next(run) {
      due.push(run);
      if (due.length === 1) request(runAll);
    },
  };
}
