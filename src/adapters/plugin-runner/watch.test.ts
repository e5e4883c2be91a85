import { expect, test } from 'vitest';
import { Watch } from './watch.ts';

test('a worker calls for a look only when the next one would come too late', () => {
  const worker = new Watch();
  const supervisor = new Watch(worker.memory);

  expect(worker.begin(1, 1000)).toBe(true); // nobody looks yet
  const call = supervisor.lookAt(0);
  expect(call).toMatchObject({ seq: 1 });
  supervisor.lookAt(call?.until ?? 0);
  worker.end();

  expect(worker.begin(2, 60_000)).toBe(false); // the look that is planned comes earlier
  expect(worker.begin(3, 1)).toBe(true);
  worker.end();
  expect(supervisor.lookAt(0)).toBeNull();
});
