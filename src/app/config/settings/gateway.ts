import { millis } from '#kernel/clock.ts';
import { address, duration, may, set, size, text } from '../setting.ts';

const DAY = 86_400_000;

/** The model gateway. */
export const GATEWAY_SETTINGS = {
  'gateway.file': set({
    kind: text,
    default: 'gateway.yaml',
    text: 'File of the model providers and models, in the data directory unless absolute; without it there is no gateway.',
    example: '/etc/maestro/gateway.yaml',
  }),
  'gateway.url': may({
    kind: address('http', 'https'),
    text: 'Gateway that runs of this process use; without it the process serves one to them itself.',
    example: 'http://10.0.0.7:4520',
  }),
  'gateway.prices': may({
    kind: text,
    text: 'File of own prices, which win over the public ones; in the data directory unless absolute.',
    example: 'prices.yaml',
  }),
  'gateway.priceSheet': may({
    kind: text,
    text: 'Signed price sheet (a DSSE envelope), which wins over both; in the data directory unless absolute.',
    example: 'price-sheet.json',
  }),
  'gateway.priceKey': may({
    kind: text,
    text: 'Public key (PEM) that must have signed the price sheet; in the data directory unless absolute.',
    example: 'price-key.pem',
  }),
  'gateway.maxBody': set({
    kind: size,
    default: 32 * 2 ** 20,
    text: 'Largest request that a client may send to a model.',
    example: '64MiB',
  }),
  'gateway.answerTimeout': set({
    kind: duration,
    default: millis(600_000),
    text: 'Longest wait for a provider to begin its answer, and between two pieces of it.',
    example: '2m',
  }),
  'gateway.drain': set({
    kind: duration,
    default: millis(30_000),
    text: 'How long the answer to a client that hung up is still read, to learn what it costs, and how long a gateway that is stopped waits for answers under way; then the most is charged.',
    example: '5s',
  }),
  'gateway.keyLife': set({
    kind: duration,
    default: millis(DAY),
    text: 'How long a new model key lives unless it is said.',
    example: '8h',
  }),
  'gateway.cacheFor': set({
    kind: duration,
    default: millis(DAY),
    text: 'How long the answer to a request with temperature 0 is given again to the same tenant.',
    example: '1h',
  }),
};
