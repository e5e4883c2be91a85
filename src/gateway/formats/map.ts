import { chat } from './chat.ts';
import type { FormatName, WireFormat } from './format.ts';
import { messages } from './messages.ts';
import { responses } from './responses.ts';

export const WIRE_FORMATS: { readonly [name in FormatName]: WireFormat } = Object.freeze({ chat, responses, messages });
