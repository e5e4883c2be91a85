// BullMQ ships its scripts without types under this path, and under the path that has types they do not load in Node.
declare module 'bullmq/dist/cjs/scripts/index.js' {
  const scripts: {
    readonly [name: string]: { readonly name: string; readonly content: string; readonly keys: number };
  };
  export = scripts;
}
