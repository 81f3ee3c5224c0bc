import { connectAsync } from 'mqtt';
import { topicOf } from '../shared/topics.ts';
import { offsetBy } from '../shared/geodesy.ts';

/**
 * The crowd: `devices` walkers, `perSecond` positions in all over a few connections, far from
 * anyone they must not meet. Runs until killed. Arguments: url, username, password, devices,
 * perSecond.
 */
const [url, username, password, devices, perSecond] = process.argv.slice(2);
const CONNECTIONS = 8;
const TICK_MS = 10;

const clients = await Promise.all(
  Array.from({ length: CONNECTIONS }, (_, i) =>
    connectAsync(url!, { username, password, clientId: `crowd-${i}` } as never),
  ),
);
process.stdout.write('ready\n');
let sent = 0;
const begun = Date.now();
setInterval(() => {
  const due = ((Date.now() - begun) / 1000) * Number(perSecond);
  for (; sent < due; sent++) {
    const device = sent % Number(devices);
    const seq = Math.floor(sent / Number(devices));
    const [lon, lat] = offsetBy(4 + (device % 100) * 0.02, 51.5 + device * 0.001, seq, seq / 2);
    const position = { seq, time: new Date().toISOString(), lat, lon, accuracy: 6, speed: 1.4 };
    const topic = topicOf(`crowd-${device}`, 'position');
    clients[device % CONNECTIONS]!.publish(topic, JSON.stringify(position), { qos: 1 });
  }
}, TICK_MS);
