import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePages } from './docs/pages.ts';

mkdirSync('docs/reference', { recursive: true });
for (const [path, text] of Object.entries(referencePages())) {
  writeFileSync(path, text);
  console.log(path);
}
