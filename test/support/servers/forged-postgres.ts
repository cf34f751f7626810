import { createServer, type Socket } from 'node:net';

export interface ForgedPostgres extends AsyncDisposable {
  readonly port: number;
  /** What clients sent: the letter of the message and its body. */
  readonly messages: readonly { readonly type: string; readonly body: string }[];
}

interface Answers {
  readonly columns?: readonly { readonly name: string; readonly type: number; readonly modifier: number }[];
  readonly rows?: readonly (readonly string[])[];
  /** Asks for a password first. */
  readonly asksPassword?: boolean;
  /** Says so often that a statement is done. */
  readonly completions?: number;
}

/** A server that speaks the protocol of PostgreSQL and answers every statement with the same rows. */
export async function startForgedPostgres({
  columns = [{ name: 'n', type: 23, modifier: -1 }],
  rows = [['1']],
  asksPassword = false,
  completions = 1,
}: Answers = {}): Promise<ForgedPostgres> {
  const messages: { type: string; body: string }[] = [];
  const done = Array.from({ length: completions }, () => message('C', text('SELECT 1')));
  const answers: Readonly<Record<string, () => readonly Buffer[]>> = {
    p: () => [message('R', int32(0)), READY],
    Q: () => [message('C', text('SET')), READY],
    P: () => [message('1')],
    B: () => [message('2')],
    D: () => [message('T', rowDescription(columns))],
    E: () => [...rows.map((row) => message('D', dataRow(row))), ...done],
    C: () => [message('3')],
    S: () => [READY],
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    let isStarted = false;
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const head = isStarted ? 1 : 0;
        if (bytes.length < head + 4) return;
        const end = head + bytes.readInt32BE(head);
        if (bytes.length < end) return;
        const type = isStarted ? bytes.toString('latin1', 0, 1) : 'start';
        // It speaks no TLS; the client comes again without.
        if (type === 'start' && bytes.readInt32BE(4) === SSL_REQUEST) {
          bytes = bytes.subarray(end);
          socket.write('N');
          continue;
        }
        messages.push({ type, body: bytes.toString('utf8', head + 4, end) });
        bytes = bytes.subarray(end);
        isStarted = true;
        const start = asksPassword ? [message('R', int32(3))] : [message('R', int32(0)), READY];
        for (const one of type === 'start' ? start : (answers[type]?.() ?? [])) socket.write(one);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    messages,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const SSL_REQUEST = 80877103;

const int32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(n);
  return bytes;
};
const int16 = (n: number): Buffer => int32(n).subarray(2);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const message = (type: string, body: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);

const READY = message('Z', Buffer.from('I'));

const rowDescription = (columns: NonNullable<Answers['columns']>): Buffer =>
  Buffer.concat([
    int16(columns.length),
    ...columns.flatMap(({ name, type, modifier }) => [
      text(name),
      int32(0),
      int16(0),
      int32(type),
      int16(-1),
      int32(modifier),
      int16(0),
    ]),
  ]);

const dataRow = (row: readonly string[]): Buffer =>
  Buffer.concat([int16(row.length), ...row.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)])]);
