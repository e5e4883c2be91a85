/** How the client sends a request; `adapters/api-client` does it by the platform's `fetch`. */
export type Transport = (url: string, request: RequestInit) => Promise<Response>;
