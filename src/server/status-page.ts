import { formatDuration } from '#kernel/duration.ts';
import type { InboxItem, Status, TaskStatus, TenantStatus } from '#app/views/status.ts';
import { html, type Markup } from './html.ts';
import { decisionsSection } from './decisions-section.ts';
import { STYLE } from './style.ts';

const percent = (part: number | null): string => (part === null ? 'unknown' : `${Math.round(part * 100)} %`);
const dollars = (usd: number): string => `$${usd.toFixed(4)}`;

/** The status page: what runs, what waits and why, what a person must look at, shares and money. It reloads itself. */
export function statusPage(status: Status): string {
  const engines = Object.entries(status.engines).map(([name, what]) => `${name}: ${what}`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="refresh" content="3" />
        <title>Maestro Conductor</title>
        ${STYLE}
      </head>
      <body>
        <h1>Maestro Conductor</h1>
        <p class="soft">${engines.join(' · ')}</p>
        ${inbox(status.inbox)}
        <h2>Tenants</h2>
        ${tenants(status.tenants)} ${decisionsSection(status.decisions)}
        <h2>Tasks</h2>
        ${tasks(status.tasks)} ${older(status.notShown)}
        <p class="soft">
          The same as JSON: <a href="/status.json">/status.json</a> · <a href="/api/docs">the API</a>
        </p>
        <form method="post" action="/sign-out"><button>Sign out</button></form>
      </body>
    </html>`.text;
}

function inbox(items: readonly InboxItem[]): Markup {
  if (items.length === 0) return html``;
  const rows = items.map(
    (item) =>
      html`<tr>
        <td><a href="/changes/${item.change}">${item.change}</a></td>
        <td>${item.tenant}</td>
        <td>
          ${item.title}<br />${item.asks.map(({ code, msg }) => html`<span class="soft">${code}: ${msg}</span><br />`)}
        </td>
        <td class="number">${formatDuration(item.ageMs)}</td>
      </tr>`,
  );
  return html`<h2>Waits for a person</h2>
    <table>
      <tr>
        <th>Change</th>
        <th>Tenant</th>
        <th>What is asked</th>
        <th class="number">Age</th>
      </tr>
      ${rows}
    </table>`;
}

function tenants(rows: readonly TenantStatus[]): Markup {
  const lines = rows.map(
    (row) =>
      html`<tr>
        <td>${row.tenant}</td>
        <td class="number">${row.weight}</td>
        <td class="number">${percent(row.shareGot)} of ${percent(row.shareDue)} due</td>
        <td class="number">${row.waiting}</td>
        <td class="number">${row.running}</td>
        <td class="number">${dollars(row.spentUsd)} + ${dollars(row.heldUsd)} of ${dollars(row.capUsd)}</td>
      </tr>`,
  );
  return html`<table>
    <tr>
      <th>Tenant</th>
      <th class="number">Weight</th>
      <th class="number">Share</th>
      <th class="number">Waiting</th>
      <th class="number">Running</th>
      <th class="number">Spent + held of cap</th>
    </tr>
    ${lines}
  </table>`;
}

function older(count: number): Markup {
  return count === 0
    ? html``
    : html`<p class="soft">And ${String(count)} that are not shown: <code>maestro task list</code></p>`;
}

function tasks(rows: readonly TaskStatus[]): Markup {
  const lines = rows.map(
    (row) =>
      html`<tr>
        <td>
          <a href="/tasks/${row.task}"><code>${row.key}</code></a>
        </td>
        <td>${row.tenant}</td>
        <td>${row.what}</td>
        <td class="${row.state}">${row.state}</td>
        <td>${row.doing}${row.reasons.map(({ msg }) => html`<div class="soft">${msg}</div>`)}</td>
        <td class="number">${formatDuration(row.waitedMs)}</td>
        <td class="number">${formatDuration(row.ranMs)}</td>
        <td class="number">${dollars(row.costUsd)}</td>
      </tr>`,
  );
  return html`<table>
    <tr>
      <th>Task</th>
      <th>Tenant</th>
      <th>What</th>
      <th>State</th>
      <th>Doing</th>
      <th class="number">Waited</th>
      <th class="number">Ran</th>
      <th class="number">Cost</th>
    </tr>
    ${lines}
  </table>`;
}
