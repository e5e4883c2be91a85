import { type ReadTextFileRequest, RequestError, type WriteTextFileRequest } from '@agentclientprotocol/sdk';
import { faultText, textOf } from '../native/tools/text.ts';
import type { RunContext } from '../runner.ts';
import { insidePath } from './paths.ts';

/** File requests of an agent: inside the workspace only, no link followed, and what policy lets be changed. */
export function fileHandlers(context: RunContext, root: string) {
  const pathOf = (path: string): string => {
    const inside = insidePath(path, root);
    if (inside === undefined) throw RequestError.invalidParams({ path }, `${path} is outside the workspace`);
    return inside;
  };
  const read = async ({ path, line, limit }: ReadTextFileRequest): Promise<{ content: string }> => {
    const bytes = await context.files.read(pathOf(path)).catch(faultText);
    if (bytes === undefined) throw RequestError.resourceNotFound(path);
    if (typeof bytes === 'string') throw RequestError.invalidParams({ path }, bytes);
    const text = textOf(bytes);
    if (text === undefined) throw RequestError.invalidParams({ path }, `${path} is not text`);
    if (line === undefined && limit === undefined) return { content: text };
    const from = Math.max(0, (line ?? 1) - 1);
    const lines = text.split('\n').slice(from, limit === undefined || limit === null ? undefined : from + limit);
    return { content: lines.join('\n') };
  };
  const write = async ({ path, content }: WriteTextFileRequest): Promise<Record<string, never>> => {
    const inside = pathOf(path);
    const refused = await context.mayChange([inside]);
    if (refused !== undefined) throw RequestError.invalidParams({ path, code: refused.code }, refused.msg);
    const fault = await context.files.write(inside, Buffer.from(content)).then(() => undefined, faultText);
    if (fault !== undefined) throw RequestError.invalidParams({ path }, fault);
    return {};
  };
  return { read, write };
}
