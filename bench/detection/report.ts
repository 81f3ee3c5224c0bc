import type { Prediction } from './prediction.ts';
import { PACES } from './prediction.ts';
import {
  familyTable,
  markdownTable,
  type Measured,
  requirementTable,
} from './requirement-table.ts';
import { requirementsOf, verdictOf } from './requirements.ts';
import type { TruthCheck } from './truth-check.ts';

/** What the report says besides figures: where, when and over what they were measured. */
export interface Circumstances {
  readonly command: string;
  readonly machine: string;
  readonly date: string;
  readonly allCases: boolean;
  readonly seeds: number;
}

/** Requirements of each set and interval, then the same by family of cases. */
export function measuredText(measured: readonly Measured[]): string {
  const sections = measured.map((one) => {
    const { cases, pairDays } = one.outcome.cordon.overall;
    return [
      `## ${one.set}, reports every ${one.intervalS} s`,
      `${cases} cases, ${pairDays} pair-days.`,
      requirementTable(one),
      'By family of cases: missed % / median delay s / false alarms per pair-day.',
      familyTable(one),
    ].join('\n\n');
  });
  return [summary(measured), ...sections].join('\n\n');
}

function summary(measured: readonly Measured[]): string {
  const rows = measured.map(({ set, intervalS, outcome }) => {
    const verdicts = requirementsOf(set, intervalS).map((one) =>
      verdictOf(one, outcome.cordon.overall),
    );
    const count = (verdict: string): string =>
      String(verdicts.filter((one) => one === verdict).length);
    return [set, `${intervalS} s`, count('reached'), count('missed'), count('not measured')];
  });
  const heads = ['set', 'reports every', 'limits reached', 'missed', 'not measured'];
  return `## In short\n\n${markdownTable(heads, rows)}`;
}

export function reportText(
  circumstances: Circumstances,
  measured: readonly Measured[],
  check: TruthCheck,
  predictions: readonly Prediction[],
): string {
  return `${[
    head(circumstances),
    measuredText(measured),
    redrawnText(circumstances, check),
    estimatorText(predictions),
  ].join('\n\n')}\n`;
}

function head({ command, machine, date, allCases }: Circumstances): string {
  const which = allCases
    ? 'all encounter cases that lie beside the project'
    : 'the encounter cases of the project itself ([test/cases](../test/cases/README.md))';
  return `# Detection

\`${command}\` on ${machine}, ${date},
over ${which}. Nothing here depends on how fast the
machine is.

Recorded messages go through the live code on virtual time, as in \`replay\`; what it says is held
against the true distance.

| word | means |
| --- | --- |
| breach | a claim that is likely or certain |
| priority 1 | any alert that says "act now" |
| missed | nothing active between entry and a minute after exit |
| delay | from true entry to the first moment active; negative is before it |
| false | touches no true encounter within a minute |
| late at 100 m | an approach below 100 m that was told only below 100 m, or never |
| raw distance | the baseline: the newest fix of each, whenever it was, and nothing else |

![Median delay against false alarms per pair-day, Cordon and raw distance, by set and report
interval](../docs/detection-delay.svg)

![Share of encounters for which priority 1 was told at least so long before the
line](../docs/detection-lead.svg)`;
}

function redrawnText({ seeds }: Circumstances, check: TruthCheck): string {
  const one = (value: number): string => value.toFixed(1);
  const rows = [
    ['closest approach, m', one(check.closestOffMedianM), one(check.closestOffP90M)],
    ['beginning of an encounter, s', one(check.entryOffMedianS), one(check.entryOffP90S)],
  ];
  return `## Noise, re-drawn

A recording is one draw of noise; other noise on the same ways would have given other figures. The
columns *noise re-drawn* are mean ± standard deviation over ${seeds} seeds, each beside its figure.
They are for \`simulated-noise\` only: the errors of real receivers can't be drawn again.

**The truth under them is ours by definition.** The true tracks are not in the cases, so the fixes
of each device are smoothed, and the smooth track *is* the truth: encounters are worked out from it
anew, at steps of 1 s. So compare re-drawn figures with each other first. How far this truth is from
the recorded one, which no track is made from, though the smoother's constants were chosen with an
eye on it:

${markdownTable(['difference of', 'median', '90 % within'], rows)}

As many encounters as were recorded: ${one(check.sameCountPct)} % of cases and distances; the
beginnings compared are theirs.

Errors, losses, latency, stragglers, doubles and bursts are those of \`device-sim\`. In the open, the
sky is the model whose usual claim is nearest to what the receiver claimed in the two minutes
around. Under a roof (a Wi-Fi fix within a minute) each instant keeps the source that it had, and
only its error is new; speeds come out better there than recorded, where they were noisier.`;
}

function estimatorText(predictions: readonly Prediction[]): string {
  const rows = predictions.map((one) => [
    `${one.intervalS} s`,
    one.pace,
    one.estimator,
    String(one.count),
    ...[one.medianM, one.p90M, one.p95M].map((value) => value.toFixed(1)),
    ...[one.within68Pct, one.within95Pct].map((value) => value.toFixed(0)),
  ]);
  const order = (row: readonly string[]): number => PACES.findIndex((pace) => pace === row[1]);
  const sorted = rows.toSorted(
    (a, b) => Number.parseInt(a[0]!, 10) - Number.parseInt(b[0]!, 10) || order(a) - order(b),
  );
  const heads = ['every', 'moves', 'estimator', 'fixes', 'median m', 'p90 m', 'p95 m'];
  return `## Estimators

Where is a device at the instant of its next satellite fix, from all fixes before it? Over the
tracks of \`simulated-noise\`, each at three report intervals; the error is against the smoothed
track, not against the noisy fix. The last two columns are calibration: how many errors, in %, lie
within the radii that the estimator's own sigma makes of 68 % and of 95 %. The constants of the IMM
were chosen on these tracks. The smoothed track rests on the fixes that are predicted and on the
speeds that were told, so small differences say nothing.

${markdownTable([...heads, 'within 68 %', 'within 95 %'], sorted)}`;
}
