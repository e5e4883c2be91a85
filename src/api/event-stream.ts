/** The data of each server-sent event of an answer, as it comes; ends when the server ends it. */
export async function* eventsOf<T>(response: Response, read: (data: unknown) => T): AsyncGenerator<T> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  // The cast is true: the body of an answer is bytes.
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trimStart())
        .join('\n');
      if (data !== '') yield read(JSON.parse(data));
    }
  }
}
