/** The stream as it is, counted; `over` is called once when more bytes have come than allowed, and the rest is dropped. */
export function counted(
  stream: ReadableStream<Uint8Array>,
  most: number,
  over: () => void,
): ReadableStream<Uint8Array> {
  let count = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        const was = count;
        count += chunk.length;
        if (count <= most) controller.enqueue(chunk);
        else if (was <= most) over();
      },
    }),
  );
}
