/** How the client sends a request: `fetch` of the platform unless told otherwise. */
export type Transport = (url: string, request: RequestInit) => Promise<Response>;
