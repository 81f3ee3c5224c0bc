import { connectAsync } from 'mqtt';
import { toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';

/**
 * A device gone mad, in a process of its own: publishes its position at QoS 1 as fast as the broker
 * takes it. Runs until killed, and says once a second how many were acknowledged. Arguments: url,
 * username, password, deviceId.
 */
const [url, username, password, deviceId] = process.argv.slice(2);
const IN_FLIGHT_MAX = 2_000;
const TOLD_EVERY_MS = 1_000;

const client = await connectAsync(url!, {
  clientId: deviceId!,
  username: username!,
  password: password!,
});
let seq = 0;
let inFlight = 0;
let acknowledged = 0;

function send(): void {
  while (inFlight < IN_FLIGHT_MAX) {
    seq += 1;
    inFlight += 1;
    const position = {
      seq,
      time: toInstant(Date.now()),
      lat: 52.3,
      lon: 6.1,
      accuracy: 5,
      speed: 0,
    };
    client.publish(topicOf(deviceId!, 'position'), JSON.stringify(position), { qos: 1 }, () => {
      inFlight -= 1;
      acknowledged += 1;
    });
  }
  setImmediate(send);
}
send();
setInterval(() => process.stdout.write(`${acknowledged}\n`), TOLD_EVERY_MS);
