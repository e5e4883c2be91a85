import { usd } from '#kernel/money.ts';
import { approve, comment, reject } from '#app/tenants/changes.ts';
import { changeDetails, changeDiff, changeDocument } from '#app/views/change-view.ts';
import { evidenceFiles, evidenceView, verifyOwnEvidence } from '#app/views/evidence-files.ts';
import { inbox } from '#app/views/inbox.ts';
import { changeIn, changesPage, taskIn, tasksPage } from '#app/views/lists.ts';
import { getRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { cancel, retry } from '#app/tasks/task-control.ts';
import { taskTests } from '#app/views/task-tests.ts';
import { taskDetails, taskDocument } from '#app/views/task-view.ts';
import type { WorkRoute } from '#api/index.ts';
import type { Handlers } from '../call.ts';

/** Tasks, evidence and changes. */
export const WORK: Handlers<WorkRoute> = {
  listTasks: async ({ house, tenant, query }) => {
    const { items, next } = await tasksPage(house, tenant, query);
    return { items: await Promise.all(items.map((task) => taskDocument(house, task))), next };
  },
  submitTask: async ({ house, tenant, body, caller, idempotencyKey }) => {
    const { work, priority, maxUsd, needs } = body;
    const key = body.key ?? idempotencyKey;
    const task = await submit(house, {
      tenant,
      repo: await getRepo(house, tenant, body.repo),
      work,
      priority,
      by: caller.principal,
      ...(key === undefined ? {} : { key }),
      ...(maxUsd === undefined ? {} : { maxNano: usd(maxUsd) }),
      ...(needs === undefined ? {} : { needs }),
    });
    return taskDocument(house, task);
  },
  showTask: async ({ house, tenant, params }) => taskDetails(house, await taskIn(house, tenant, params.task)),
  listTests: async ({ house, tenant, params, query }) => ({
    items: await taskTests(house, await taskIn(house, tenant, params.task), query.output),
  }),
  cancelTask: async ({ house, tenant, params, caller }) =>
    taskDocument(house, await cancel(house, await taskIn(house, tenant, params.task), caller.principal)),
  retryTask: async ({ house, tenant, params, caller }) =>
    taskDocument(house, await retry(house, await taskIn(house, tenant, params.task), caller.principal)),

  showEvidence: async ({ house, tenant, params }) => evidenceView(house, await taskIn(house, tenant, params.task)),
  exportEvidence: async ({ house, tenant, params }) => {
    const files = await evidenceFiles(house, await taskIn(house, tenant, params.task));
    return { files: [...files].map(([path, bytes]) => ({ path, base64: Buffer.from(bytes).toString('base64') })) };
  },
  verifyEvidence: async ({ house, tenant, params }) =>
    verifyOwnEvidence(house, await taskIn(house, tenant, params.task)),

  listChanges: async ({ house, tenant, query }) => {
    const { items, next } = await changesPage(house, tenant, query);
    return { items: items.map(changeDocument), next };
  },
  inbox: async ({ house, tenant }) => ({ items: await inbox(house, tenant.id) }),
  showChange: async ({ house, tenant, params }) => changeDetails(house, await changeIn(house, tenant, params.change)),
  changeDiff: async ({ house, tenant, params }) => changeDiff(house, await changeIn(house, tenant, params.change)),
  approveChange: async ({ house, tenant, params, caller }) =>
    taskDocument(house, await approve(house, await changeIn(house, tenant, params.change), caller.principal)),
  rejectChange: async ({ house, tenant, params, body, caller }) => {
    const change = await changeIn(house, tenant, params.change);
    return taskDocument(house, await reject(house, change, caller.principal, body.why));
  },
  commentChange: async ({ house, tenant, params, body, caller }) => {
    const change = await changeIn(house, tenant, params.change);
    await comment(house, change, caller.principal, body.body);
    return changeDetails(house, change);
  },
};
