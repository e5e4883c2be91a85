import { describe, expect, it } from 'vitest';
import { html } from './html.ts';

describe('the html template', () => {
  it('escapes what comes from outside', () => {
    const name = `<script>alert("1" & '2')</script>`;

    expect(html`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
        '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</p>',
    );
  });

  it('keeps markup that it made itself, one or many', () => {
    const cells = ['a', '<b>'].map((text) => html`<td>${text}</td>`);

    expect(html`<tr>${cells}</tr>`.text).toBe('<tr><td>a</td><td>&lt;b&gt;</td></tr>');
  });
});
