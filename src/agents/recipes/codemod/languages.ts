/** Languages that patterns can be written in: what the parser calls them, by the ending of the file. */
export const LANGUAGES: { readonly [language: string]: { readonly [ending: string]: string } } = {
  typescript: { ts: 'TypeScript', mts: 'TypeScript', cts: 'TypeScript', tsx: 'Tsx' },
  javascript: { js: 'JavaScript', mjs: 'JavaScript', cjs: 'JavaScript', jsx: 'JavaScript' },
  css: { css: 'Css' },
  html: { html: 'Html', htm: 'Html' },
};

export const DEFAULT_LANGUAGE = 'typescript';
