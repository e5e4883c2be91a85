import type { Asked, JsonObject } from './format.ts';
import { isObject, textIn } from './read.ts';

/** Most tokens that any provider is known to count for one image. */
const IMAGE_TOKENS = 50_000;
/** What providers add around a prompt, and around a list of tools (Anthropic: at most 530 tokens). */
const FRAME_TOKENS = 64;
const TOOL_FRAME_TOKENS = 1024;
const HAS_MEDIA = /"(image|image_url|input_image|file|input_file|document|input_audio)"/;

/**
 * Most tokens that a prompt can be, with certainty: a token is at least one byte of its UTF-8 text in every byte-level
 * tokenizer, and the JSON around the text is longer than what providers put in its place. Images count apart;
 * documents, whose pages become images, may fill the context window (Infinity here).
 */
export function inputBound(raw: string, bytes: number, body: JsonObject, asked: Pick<Asked, 'tools'>): number {
  const frame = FRAME_TOKENS + (asked.tools ? TOOL_FRAME_TOKENS : 0);
  if (!HAS_MEDIA.test(raw)) return bytes + frame;
  const media = { images: 0, bytes: 0, documents: 0 };
  count(body, media);
  if (media.documents > 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, bytes - media.bytes) + media.images * IMAGE_TOKENS + frame;
}

function count(value: unknown, media: { images: number; bytes: number; documents: number }): void {
  if (Array.isArray(value)) for (const item of value) count(item, media);
  if (!isObject(value)) return;
  const type = textIn(value, 'type');
  if (type === 'image_url' || type === 'input_image' || type === 'image') {
    media.images++;
    media.bytes += dataLength(value['image_url']) + dataLength(value['source']);
    return;
  }
  if (type === 'document' || type === 'file' || type === 'input_file' || type === 'input_audio') media.documents++;
  for (const member of Object.values(value)) count(member, media);
}

/** Length of inline data, which is no text of the prompt. */
function dataLength(value: unknown): number {
  if (typeof value === 'string') return value.startsWith('data:') ? value.length : 0;
  if (!isObject(value)) return 0;
  return dataLength(value['url']) + (textIn(value, 'data')?.length ?? 0);
}
