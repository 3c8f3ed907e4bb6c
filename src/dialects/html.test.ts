import { expect, test } from 'vitest';
import { html } from './html.ts';

test('html escapes values in content and in attributes', () => {
  const hostile = `"><script>alert('&')</script>`;
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;';
  expect(html`<a title="${hostile}">${hostile}</a>`.markup).toBe(`<a title="${escaped}">${escaped}</a>`);
});

test('html does not escape values that are Html', () => {
  const items = ['<', 2].map(value => html`<li>${value}</li>`);
  expect(html`<ul>${items}</ul>${html`<hr>`}${[]}`.markup).toBe('<ul><li>&lt;</li><li>2</li></ul><hr>');
});
