import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';

// Makes dist/, the JavaScript that is published: Node strips no types under node_modules.
rmSync('dist', { recursive: true, force: true });
// The second gives types to whoever uses the entries bullmq-fair and client from TypeScript.
for (const project of ['tsconfig.build.json', 'tsconfig.types.json']) {
  const { status } = spawnSync('tsc', ['--project', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

// What is not code (SQL, pages) lies beside the code that reads it.
cpSync('src', 'dist', { recursive: true, filter: (path) => !['.ts', '.md'].includes(extname(path)) });

// The nearest package.json decides what `#` means, so dist has its own and the repository keeps running from src.
writeFileSync('dist/package.json', `${JSON.stringify({ type: 'module', imports: { '#*.ts': './*.js' } }, null, 2)}\n`);
