import { WebSocket } from 'ws';

/** A console in a process of its own, that it may be stopped. Argument: the server's address. */
const url = `${process.argv[2]!.replace('http', 'ws')}/v1/console`;
const socket = new WebSocket(url, { headers: { cookie: process.env['COOKIE'] ?? '' } });
socket.once('message', () => process.stdout.write('seen\n'));
