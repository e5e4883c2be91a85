import { formatDuration } from '#kernel/duration.ts';
import { AppError } from '#app/fault.ts';
import { changeDetails, changeDiff } from '#app/views/change-view.ts';
import { placeLine } from '#app/views/landing-place.ts';
import { getChange } from '#app/tenants/changes.ts';
import type { House } from '#app/house.ts';
import { taskTests } from '#app/views/task-tests.ts';
import { getTask, taskDetails } from '#app/views/task-view.ts';
import { cardAsText } from '#evidence/index.ts';
import { decisionsSection } from './decisions-section.ts';
import { html, type Markup } from './html.ts';
import { STYLE } from './style.ts';
import { testsSection } from './tests-section.ts';

/** Which tenants somebody may look at. */
export type Sees = (tenant: string) => boolean;

/** One task: state, reasons, tests, runs with their steps. Undefined when there is no such task. */
export async function taskPage(house: House, id: string, sees: Sees): Promise<string | undefined> {
  const task = await found(getTask(house, id));
  if (task === undefined || !sees(task.tenant)) return undefined;
  const { details, tests } = await house.store.within(task.tenant, async () => ({
    details: await taskDetails(house, task),
    tests: await taskTests(house, task, 'failed'),
  }));
  const steps = details.runs.flatMap(({ run, epoch, steps: rows }) =>
    rows.map(
      ({ name, state, ms, costUsd }) =>
        html`<tr><td>${run} (${epoch})</td><td>${name}</td><td>${state}</td><td class="number">${formatDuration(ms)}</td><td class="number">$${costUsd.toFixed(6)}</td></tr>`,
    ),
  );
  const change =
    details.change === null ? html`` : html`<p>Change <a href="/changes/${details.change}">${details.change}</a></p>`;
  const models = details.plan === null ? html`` : html`<p>Models: ${details.plan.rungs.join(', then ')}</p>`;
  return page(
    details.what,
    html`<p>Tenant ${details.tenant}, repository ${details.repo}: <b class="${details.state}">${details.state}</b> ${details.waitsFor}</p>
      ${details.reasons.map(({ code, msg, fix }) => html`<p>${code}: ${msg}<br /><span class="soft">next: ${fix}</span></p>`)}
      ${models}
      ${change}
      <p class="soft">Evidence: <code>maestro evidence show ${details.task}</code></p>
      ${decisionsSection(details.decisions)}
      ${testsSection(tests)}
      <h2>Steps</h2>
      <table><tr><th>Run (epoch)</th><th>Step</th><th>State</th><th class="number">Time</th><th class="number">Cost</th></tr>${steps}</table>`,
  );
}

/** One change: state, card, checks, diff. Undefined when there is no such change. */
export async function changePage(house: House, id: string, sees: Sees): Promise<string | undefined> {
  const change = await found(getChange(house, id));
  if (change === undefined || !sees(change.tenant)) return undefined;
  const details = await house.store.within(change.tenant, () => changeDetails(house, change));
  const checks = details.checks.map(
    ({ name, outcome, summary }) =>
      html`<tr><td>${name}</td><td class="${outcome}">${outcome}</td><td>${summary}</td></tr>`,
  );
  const comments = details.comments.map(({ author, body }) => html`<h2>${author}</h2><pre>${cardAsText(body)}</pre>`);
  return page(
    change.title,
    html`<p>Tenant ${change.tenant}, repository ${change.repo}, branch <code>${change.branch}</code>: <b class="${change.state}">${change.state}</b></p>
      ${details.line === null ? '' : html`<p>It ${placeLine(details.line)}.</p>`}
      ${change.asks.map(({ code, msg }) => html`<p>${code}: ${msg}</p>`)}
      <table>${checks}</table>
      ${comments}
      <h2>Difference</h2><pre>${await changeDiff(house, change)}</pre>`,
  );
}

async function found<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${STYLE}</head>
<body><p><a href="/">Maestro Conductor</a></p><h1>${title}</h1>${body}</body></html>`.text;
}
