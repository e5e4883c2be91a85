import { NO_OID } from './oid.ts';

/** One line of a push: `<old> <new> <ref>`. */
interface PushCommand {
  readonly ref: string;
  readonly deletes: boolean;
}

export interface PushRequest {
  readonly commands: readonly PushCommand[];
  readonly capabilities: readonly string[];
  /** Bytes that were read so far, the commands and perhaps more. */
  readonly read: Buffer;
}

/** Room for some ten thousand refs. */
const MAX_COMMAND_BYTES = 1024 * 1024;

/** What begins like no push that git makes. */
export class NotAPush extends Error {}

/** Reads the command list at the front of a push (gitprotocol-pack, "Reference Update Request") and leaves the pack unread. */
export async function readPush(chunks: AsyncIterator<Buffer>): Promise<PushRequest> {
  let read = Buffer.alloc(0);
  for (;;) {
    const lines = packetLines(read);
    if (lines !== undefined) return { ...parse(lines), read };
    if (read.length > MAX_COMMAND_BYTES) throw new NotAPush('the list of refs is too long');
    const next = await chunks.next();
    if (next.done === true) throw new NotAPush('it ended within the list of refs');
    read = Buffer.concat([read, next.value]);
  }
}

/** Lines before the first flush packet (`0000`), or undefined when it has not come yet. Four hex digits give each length. */
function packetLines(bytes: Buffer): readonly Buffer[] | undefined {
  const lines: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const digits = bytes.toString('latin1', at, at + 4);
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length === 0) return lines;
    if (length < 5) throw new NotAPush('it is not made of packet lines');
    if (at + length > bytes.length) return undefined;
    lines.push(bytes.subarray(at + 4, at + length));
    at += length;
  }
  return undefined;
}

function parse(lines: readonly Buffer[]): Pick<PushRequest, 'commands' | 'capabilities'> {
  const commands: PushCommand[] = [];
  let capabilities: readonly string[] = [];
  for (const line of lines) {
    const text = line.toString('utf8');
    if (/^shallow [0-9a-f]{40}\n?$/.test(text)) continue;
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)(?:\0([^\n]*))?\n?$/.exec(text);
    if (match === null) throw new NotAPush('it holds a line that is no ref update');
    const [, , to, ref = '', words] = match;
    if (words !== undefined) capabilities = words.split(' ').filter((word) => word !== '');
    commands.push({ ref, deletes: to === NO_OID });
  }
  return { commands, capabilities };
}

/** What receive-pack answers when it refuses every ref (gitprotocol-pack, "Report Status"). */
export function refusal(push: PushRequest, problems: ReadonlyMap<string, string>): Buffer {
  const lines = push.commands.map(
    ({ ref }) => `ng ${ref} ${problems.get(ref) ?? 'another ref of this push was refused'}\n`,
  );
  const report = Buffer.concat([...['unpack ok\n', ...lines].map((line) => packet(Buffer.from(line))), FLUSH]);
  if (!push.capabilities.includes('side-band-64k')) return report;
  const parts: Buffer[] = [];
  for (let at = 0; at < report.length; at += 60_000) {
    parts.push(packet(Buffer.concat([Buffer.of(1), report.subarray(at, at + 60_000)])));
  }
  return Buffer.concat([...parts, FLUSH]);
}

const FLUSH = Buffer.from('0000');

function packet(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0')), payload]);
}
