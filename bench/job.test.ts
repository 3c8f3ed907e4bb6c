import { expect, test } from 'vitest';
import { createJob } from './job.ts';
import { MARKER, PLACEHOLDER } from './stamp.ts';

test('the standard job has the size that the documented figures have', () => {
  const job = createJob(false);
  const { text, html } = JSON.parse(job.toString());
  expect(job.length / 6_900).toBeCloseTo(1, 1);
  expect(Buffer.byteLength(text)).toBe(2_260);
  expect(Buffer.byteLength(html)).toBe(4_320);
  expect(html).toMatch(/[^\0-\x7f]/);
});

test('the job is always the same, and has its number where the sink looks for it', () => {
  const job = createJob(false);
  expect(createJob(false)).toEqual(job);
  expect(job.toString()).toContain(MARKER + PLACEHOLDER);
});

test('the attachment is 100 KiB', () => {
  const [attachment] = JSON.parse(createJob(true).toString()).attachments;
  expect(Buffer.from(attachment.content, 'base64').length).toBe(102_400);
});
