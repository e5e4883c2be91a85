import { DiskFiles } from '#adapters/files/disk-files.ts';
import { printReport, type RecipeParams, runRecipe } from '#agents/index.ts';

/**
 * The program that runs inside the sandbox: a request as JSON on standard input, the workspace as working folder, a
 * report as the last line of standard output.
 */
async function main(): Promise<void> {
  let input = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) input += String(chunk);
  // The cast is true: only `recipeRunner` starts this program, with exactly this, and has checked what it passes on.
  const { name, params } = JSON.parse(input) as { readonly name: string; readonly params: RecipeParams };
  process.stdout.write(printReport(await runRecipe(new DiskFiles(process.cwd()), name, params)));
}

await main();
