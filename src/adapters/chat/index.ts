export { gatewayChat } from './chat.ts';
