export { type Double, type DoubleOptions, startDouble } from './double.ts';
export { type InvoiceLine, type PriceList, readInvoice } from './invoice.ts';
export { readScript } from './script.ts';
