import { join } from 'node:path';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { exportEvidence } from '#app/views/evidence-files.ts';
import { openHouse } from '#app/open.ts';

// Exports the evidence of every task of a data directory; one process, since a process a task would take a minute.
const [dataDir = '', out = ''] = process.argv.slice(2);
await using house = await openHouse({ dataDir });
for (const task of await allTasks(house)) await exportEvidence(house, task, { out: join(out, task.id) });
