import { createServer, type AddressInfo } from 'node:net';
import { Aedes } from 'aedes';

/** The embedded broker's library alone: what comes in goes out to whoever subscribed. */
const broker = await Aedes.createBroker();
const server = createServer((socket) => {
  socket.setNoDelay(true);
  broker.handle(socket);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
