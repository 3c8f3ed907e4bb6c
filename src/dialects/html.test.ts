import { expect, test } from 'vitest';
import { html } from './html.ts';

test('what is put into markup is text, also in attributes', () => {
  const hostile = `"><script>alert('&')</script>`;
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;';
  expect(html`<a title="${hostile}">${hostile}</a>`.markup).toBe(`<a title="${escaped}">${escaped}</a>`);
});

test('markup in markup stays', () => {
  const items = ['<', 2].map(value => html`<li>${value}</li>`);
  expect(html`<ul>${items}</ul>${html`<hr>`}${[]}`.markup).toBe('<ul><li>&lt;</li><li>2</li></ul><hr>');
});
