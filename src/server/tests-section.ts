import { formatDuration } from '#kernel/duration.ts';
import type { AttemptDocument, TestsDocument } from '#app/views/task-tests.ts';
import { html, type Markup } from './html.ts';

/** The test runs of a task, for a page, each with what it printed where it did not pass; nothing when there were none. */
export function testsSection(tests: readonly TestsDocument[]): Markup {
  if (tests.length === 0) return html``;
  return html`<h2>Tests</h2>
    <table>
      <tr>
        <th>Step</th>
        <th>Tested</th>
        <th>Outcome</th>
        <th class="number">Passed</th>
        <th class="number">Time</th>
        <th>Sandbox</th>
        <th>Command</th>
      </tr>
      ${tests.map(row)}
    </table>`;
}

function row(of: TestsDocument): Markup {
  const { step, tested, tree, outcome, flaky, passed, wallMs, cached, sandbox, command, reasons, attempts } = of;
  const printed = attempts.flatMap((attempt, index) =>
    attempt.output === null ? [] : [details(index, attempt, attempt.output)],
  );
  const said = reasons.map(
    ({ code, msg, fix }) => html`<p>${code}: ${msg}<br /><span class="soft">next: ${fix}</span></p>`,
  );
  return html`<tr>
      <td>${step}</td>
      <td>${tested} <code>${tree.slice(0, 12)}</code></td>
      <td class="${outcome}">${outcome}${flaky ? ' (flaky)' : ''}</td>
      <td class="number">${passed ?? '-'}</td>
      <td class="number">${formatDuration(wallMs)}</td>
      <td>${cached ? 'from the cache' : sandbox}</td>
      <td><code>${command.join(' ')}</code></td>
    </tr>
    ${said.length + printed.length === 0 ? html`` : html`<tr><td></td><td colspan="6">${said}${printed}</td></tr>`}`;
}

function details(
  index: number,
  attempt: AttemptDocument,
  { stdout, stderr, whole }: NonNullable<AttemptDocument['output']>,
): Markup {
  const ended = attempt.exitCode === null ? 'ended by a signal or stopped' : `exit code ${attempt.exitCode}`;
  const title = `Output of attempt ${index + 1}: ${attempt.outcome}, ${ended}${whole ? '' : '; the beginning is not kept'}`;
  return html`<details>
    <summary>${title}</summary>
    ${stdout === '' ? html`` : html`<pre>${stdout}</pre>`}
    ${stderr === '' ? html`` : html`<p class="soft">Standard error</p><pre>${stderr}</pre>`}
    ${stdout + stderr === '' ? html`<p>It printed nothing.</p>` : html``}
  </details>`;
}
