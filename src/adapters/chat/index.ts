export { CHAT_ERRORS } from './errors.ts';
export { gatewayChat } from './chat.ts';
