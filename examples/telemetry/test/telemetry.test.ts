import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alerts } from '../src/alert.ts';
import { parseLines } from '../src/parse.ts';
import { mean, percentile } from '../src/stats.ts';
import { windowMeans } from '../src/window.ts';

const LINES = `
{"sensor":"a","at":1000,"value":1}
{"sensor":"a","at":1500,"value":3}
not json
{"sensor":"b","at":2000,"value":9}
`;

test('lines that hold no sample are counted', () => {
  const { samples, skipped } = parseLines(LINES);
  assert.equal(samples.length, 3);
  assert.equal(skipped, 1);
});

test('percentiles take the nearest rank', () => {
  assert.equal(percentile([4, 1, 3, 2], 50), 2);
  assert.equal(percentile([4, 1, 3, 2], 100), 4);
  assert.throws(() => percentile([], 50), RangeError);
  assert.equal(mean([1, 2, 3]), 2);
});

test('alerts name the sensors above the limit', () => {
  assert.deepEqual(alerts(parseLines(LINES).samples, 5), [{ sensor: 'b', p95: 9 }]);
});

test('windows are aligned to the epoch', () => {
  assert.deepEqual(
    [...windowMeans(parseLines(LINES).samples, 1000)],
    [
      [1000, 2],
      [2000, 9],
    ],
  );
});
