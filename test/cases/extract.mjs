// Copies those encounter cases into this folder that may be copied. Run from the repository:
//   node test/cases/extract.mjs /path/to/cases
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Pools whose licence allows it; README.md names the sources. */
const POOLS = new Set(['nl', 'ut', 'lv']);
const SETS = ['simulated-noise', 'real-receivers'];
const INTERVALS_S = [5, 15, 60];

const folder = process.argv[2];
if (!folder) throw new Error('give the folder with simulated-noise/ and real-receivers/');

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;

for (const set of SETS) {
  const read = (name) => readFileSync(`${folder}/${set}/${name}`);
  const write = (name, data) => writeFileSync(new URL(`./${set}/${name}`, import.meta.url), data);
  mkdirSync(new URL(`./${set}/`, import.meta.url), { recursive: true });
  const truth = JSON.parse(read('truth.json'));
  const cases = truth.cases.filter(({ pool }) => POOLS.has(pool));
  const ids = new Set(cases.map(({ id }) => id));
  write('truth.json', json({ ...truth, cases }));

  const { devices, orders } = JSON.parse(read('setup.json'));
  write(
    'setup.json',
    json({
      devices: devices.filter(({ deviceId }) => ids.has(deviceId.slice(2))),
      orders: orders.filter(({ orderId }) => ids.has(orderId.slice('order-'.length))),
    }),
  );
  for (const intervalS of INTERVALS_S) {
    const name = `events-${intervalS}s.ndjson.gz`;
    const lines = gunzipSync(read(name))
      .toString()
      .trim()
      .split('\n')
      .filter((line) => ids.has(JSON.parse(line).topic.split('/')[2].slice(2)));
    // Node writes no time into the header of a gzip, so that equal cases give equal bytes.
    write(name, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
    console.log(`${set}/${name}: ${cases.length} cases, ${lines.length} messages`);
  }
}
