import { join } from 'node:path';
import { exampleRepository, readExampleFile } from '#adapters/examples/index.ts';
import { z } from 'zod';
import { TASK_STATES } from '#domain/task.ts';
import type { House } from '../house.ts';
import type { Examples } from './main-job.ts';

const text = z.record(z.string(), z.string());
const tenants = z.array(
  z.object({
    id: z.string(),
    weight: z.number(),
    budgetUsd: z.number(),
    repo: z.string(),
    policy: z.object({ recipes: z.array(z.string()) }).optional(),
  }),
);
const tasks = z.array(
  z.object({ key: z.string(), tenant: z.string(), recipe: z.string(), params: text, maxUsd: z.number().optional() }),
);
const expected = z.record(z.string(), z.object({ state: z.enum(TASK_STATES), reason: z.string().optional() }));

/** The examples that come with the package; their repositories are made in the data directory. */
export function shippedExamples(house: House): Examples {
  return {
    tenants: tenants.parse(readExampleFile('tenants')),
    tasks: tasks.parse(readExampleFile('tasks')),
    expected: expected.parse(readExampleFile('expected')),
    repository: (name) => exampleRepository(house.git, join(house.dataDir, 'examples'), name),
  };
}
