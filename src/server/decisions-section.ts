import type { DecisionDocument } from '#app/views/decisions.ts';
import { html, type Markup } from './html.ts';

/** What the system did by itself, for a page; nothing when it did nothing. */
export function decisionsSection(decisions: readonly DecisionDocument[]): Markup {
  if (decisions.length === 0) return html``;
  const rows = decisions.map(
    ({ at, tenant, task, title, decision, rule, reasons, nextStep }) =>
      html`<tr>
        <td>${new Date(at).toISOString().slice(0, 19)}</td>
        <td>${tenant}</td>
        <td>${task === null ? title : html`<a href="/tasks/${task}">${title}</a>`}</td>
        <td>
          ${decision}<br />${reasons.map(({ code, msg }) => html`<span class="soft">${code}: ${msg}</span><br />`)}
          <span class="soft">rule ${rule} · next: ${nextStep}</span>
        </td>
      </tr>`,
  );
  return html`<h2>Decided by the system</h2>
    <table>
      <tr>
        <th>When (UTC)</th>
        <th>Tenant</th>
        <th>About</th>
        <th>What, and why</th>
      </tr>
      ${rows}
    </table>`;
}
