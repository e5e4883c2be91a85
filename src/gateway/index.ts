export { AUTO, Catalog, type Target } from './catalog.ts';
export { GatewayError, type GatewayErrorCode } from './errors.ts';
export type { ClientAnswer, ClientCall } from './asking.ts';
export { KeptAnswers } from './cache/kept-answers.ts';
export { Gateway } from './gateway.ts';
export { FORMATS, type FormatName } from './formats/format.ts';
export { type KeyRequest, newToken, tokenHash, type VirtualKey } from './key.ts';
export { ModelTable } from './model-table.ts';
export { Purses } from './money/purses.ts';
export { PriceBook } from './prices/price-book.ts';
export { type PriceSheet, readPriceSheet } from './prices/sheet.ts';
export { readSignedSheet, signSheet } from './prices/signed.ts';
export { Breakers } from './routing/breaker.ts';
export { playRound } from './routing/line.ts';
export { ProviderLimits } from './routing/limits.ts';
export { Stop } from './stop.ts';
export type {
  AnswerCache,
  Brakes,
  CallAnswer,
  CallBook,
  CallPolicy,
  CallQuestion,
  CostSource,
  EndedCall,
  Holds,
  KeyBook,
  Line,
  Lines,
  OpenCall,
  Outages,
  Planned,
  Plans,
  Taken,
  Upstream,
} from './ports.ts';
