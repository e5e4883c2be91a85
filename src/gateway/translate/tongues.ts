import type { FormatName } from '../formats/format.ts';
import { chatReader, chatWriter, readChatReply, writeChatReply } from './chat-reply.ts';
import { readChatRequest, writeChatRequest } from './chat-request.ts';
import type { Tongue } from './dialogue.ts';
import { messagesReader, messagesWriter, readMessagesReply, writeMessagesReply } from './messages-reply.ts';
import { readMessagesRequest, writeMessagesRequest } from './messages-request.ts';
import { readResponsesReply, responsesReader, writeResponsesReply } from './responses-reply.ts';
import { readResponsesRequest, writeResponsesRequest } from './responses-request.ts';
import { ResponsesWriter } from './responses-writer.ts';

/** Every format to and from what all of them can say, so that three formats need no nine translations. */
export const TONGUES: { readonly [format in FormatName]: Tongue } = Object.freeze({
  chat: {
    readRequest: readChatRequest,
    writeRequest: writeChatRequest,
    readReply: readChatReply,
    writeReply: writeChatReply,
    reader: chatReader,
    writer: chatWriter,
  },
  responses: {
    readRequest: readResponsesRequest,
    writeRequest: writeResponsesRequest,
    readReply: readResponsesReply,
    writeReply: writeResponsesReply,
    reader: responsesReader,
    writer: (named) => new ResponsesWriter(named),
  },
  messages: {
    readRequest: readMessagesRequest,
    writeRequest: writeMessagesRequest,
    readReply: readMessagesReply,
    writeReply: writeMessagesReply,
    reader: messagesReader,
    writer: messagesWriter,
  },
});
