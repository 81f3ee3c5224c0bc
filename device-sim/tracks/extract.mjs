// Cuts the recorded trips in this folder out of the encounter cases. Run once, from the repository:
//   node device-sim/tracks/extract.mjs /path/to/cases/simulated-noise
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const ATTRIBUTION =
  'Delft–Rotterdam car trips, TU Delft, BSD-2-Clause; receiver errors simulated on the real track';

/** Cut so that the pair comes within 500 m some 45 s after the start. */
const CUTS = [
  { caseId: 'pub-050', name: 'pursuit', beforeS: 45, afterS: 275 },
  { caseId: 'pub-042', name: 'motorway', beforeS: 45, afterS: 105 },
];
const DISTANCE_M = '500';

const folder = process.argv[2];
if (!folder) throw new Error('give the folder with truth.json and events-5s.ndjson.gz');

const truth = JSON.parse(readFileSync(`${folder}/truth.json`, 'utf8'));
const events = gunzipSync(readFileSync(`${folder}/events-5s.ndjson.gz`))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Late and doubled messages fall into place: a trip is what was measured, not how it arrived. */
function positionsOf(deviceId) {
  const byTime = new Map();
  for (const { topic, payload } of events) {
    if (topic.split('/')[2] === deviceId) byTime.set(Date.parse(payload.time), payload);
  }
  return [...byTime].sort(([a], [b]) => a - b);
}

for (const { caseId, name, beforeS, afterS } of CUTS) {
  const found = truth.cases.find(({ id }) => id === caseId);
  if (found?.pool !== 'nl') throw new Error(`${caseId} may not be copied`);
  const meetMs = found.thresholds[DISTANCE_M].firstBelowMs;
  const startMs = Math.ceil((meetMs - beforeS * 1_000) / 5_000) * 5_000;
  const endMs = meetMs + afterS * 1_000;
  for (const [prefix, role] of [
    ['o', 'wearer'],
    ['p', 'victim'],
  ]) {
    const rows = positionsOf(`${prefix}-${caseId}`)
      .filter(([atMs]) => atMs >= startMs && atMs <= endMs)
      .map(([atMs, p]) => [
        (atMs - startMs) / 1_000,
        p.lon,
        p.lat,
        p.accuracy ?? null,
        p.speed ?? null,
        p.heading ?? null,
        p.source ?? null,
      ]);
    const head = {
      name: `${name}-${role}`,
      attribution: ATTRIBUTION,
      columns: ['atS', 'lon', 'lat', 'accuracyM', 'speedMs', 'headingDeg', 'source'],
    };
    const samples = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
    const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "samples": [\n${samples}\n  ]\n}\n`;
    writeFileSync(new URL(`./${head.name}.json`, import.meta.url), text);
    console.log(`${head.name}.json: ${rows.length} samples`);
  }
}
