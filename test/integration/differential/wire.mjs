// HTTP/1.1 over plain sockets, as far as one side that is under test and one that is not need it: whole bodies, kept connections.
// Node's own client and server cost more than everything else that a small operation needs.
import { connect, createServer } from 'node:net';

/** Calls `each(head, body)` for every message that has arrived whole; `head` is text, `body` a string. */
function messages(each) {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = held.length ? Buffer.concat([held, chunk]) : chunk;
    for (;;) {
      const end = held.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = held.latin1Slice(0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (held.length < end + 4 + length) return;
      const body = held.utf8Slice(end + 4, end + 4 + length);
      held = held.subarray(end + 4 + length);
      each(head, body);
    }
  };
}

/** A server on a free port of 127.0.0.1. `answer(path, body)` gives {status, body}, or nothing: then the connection is closed. */
export async function listen(answer) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', messages((head, body) => {
      const reply = answer(head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/')), body);
      if (!reply) return void socket.destroy();
      const bytes = Buffer.from(reply.body);
      socket.cork();
      socket.write(`HTTP/1.1 ${reply.status} X\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`);
      socket.write(bytes);
      socket.uncork();
    }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => (server.close(resolve), sockets.forEach((s) => s.destroy())));
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

/** A client of one server with one connection: `post(body)` gives {status, text}; one request at a time. */
export class Client {
  constructor(address) {
    this.address = address;
  }

  post(body) {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (!this.socket) this.open();
      const bytes = Buffer.from(body);
      this.socket.cork();
      this.socket.write(`POST /graphql HTTP/1.1\r\nhost: ${this.address}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`);
      this.socket.write(bytes);
      this.socket.uncork();
    });
  }

  open() {
    const [host, port] = this.address.split(':');
    this.socket = connect({ host, port: Number(port), noDelay: true });
    const fail = (error) => {
      this.socket = undefined;
      this.waiting?.reject(error ?? new Error('the router closed the connection'));
    };
    this.socket.on('error', fail).on('close', () => fail());
    this.socket.on('data', messages((head, text) => {
      const { resolve } = this.waiting;
      this.waiting = undefined;
      resolve({ status: Number(head.slice(9, 12)), text });
    }));
  }

  close() {
    this.waiting = undefined;
    this.socket?.destroy();
  }
}
