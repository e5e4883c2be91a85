import type { Asked, FormatName, JsonObject } from '../formats/format.ts';

export function translateRequest(body: JsonObject, _from: FormatName, _to: FormatName): JsonObject {
  return body;
}
export function translateAnswer(body: JsonObject, _from: FormatName, _to: FormatName, _model: string): JsonObject {
  return body;
}
export class StreamTranslator {
  constructor(_from: FormatName, _to: FormatName, _asked: Asked) {}
  push(_event: string): string {
    return '';
  }
}
