import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { address } from '../../test/helpers/stores/store-message.ts';
import type { MessageView, RecipientView } from '../core/message-view.ts';
import { changesTerms, filterTerms, messageTerms, wordsOf } from './search-terms.ts';

describe('the terms of a message', () => {
  test('are its account, addresses, domains, tags, words and telling states', () => {
    const terms = messageTerms({
      ...MESSAGE,
      tags: ['Reset', 'two words'],
      metadata: { referenceId: 'A 7' },
      subject: 'Your order: your Größe',
      recipients: [recipient('Ann@one.test', 'bounced'), recipient('bob@one.test', 'delivered')],
    });
    expect(terms.toSorted()).toEqual(
      [
        'account:7',
        'to:Ann@one.test',
        'to:@one.test',
        'to:bob@one.test',
        'state:bounced',
        'from:bounce@sender.test',
        'from:@sender.test',
        'from:shop@other.test',
        'from:@other.test',
        'tag:Reset',
        'tag:two words',
        'metadata:referenceId=A 7',
        'word:your',
        'word:order',
        'word:größe',
      ].toSorted(),
    );
  });

  test('leave out the senders that there are not', () => {
    const terms = messageTerms({ ...MESSAGE, sender: '', from: '' });
    expect(terms.filter(term => term.startsWith('from:'))).toEqual([]);
  });

  test('are single lines of bounded length, whatever is in the message', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', minLength: 150 }),
        (subject, tag) => {
          for (const term of messageTerms({ ...MESSAGE, subject, tags: [tag] })) {
            expect(term.length).toBeLessThanOrEqual(200);
            expect(term).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
    );
  });
});

describe('the terms of a filter', () => {
  test('are found again in every message that matches it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (subject, tag) => {
        const message = {
          ...MESSAGE,
          subject,
          tags: [tag],
          metadata: { [subject]: tag, order: '7' },
          recipients: [recipient('ann@one.test', 'unknown')],
        };
        const filters = [
          { account: 7, tag, words: [subject] },
          { metadata: { [subject]: tag } },
          { metadata: { order: '7' } },
          { words: wordsOf(subject), state: 'unknown' },
          { recipient: 'ann@one.test', sender: '@other.test' },
          { recipient: '@one.test', sender: 'bounce@sender.test' },
        ] as const;
        const known = messageTerms(message);
        for (const filter of filters) {
          for (const term of filterTerms(filter)) expect(known).toContain(term);
        }
      }),
    );
  });

  test('are none where the index cannot help', () => {
    expect(filterTerms({ state: 'queued', provider: 3, since: 5, words: ['a', '-'] })).toEqual([]);
    expect(filterTerms({})).toEqual([]);
  });
});

describe('words', () => {
  test('are runs of letters, marks and digits, in lower case', () => {
    expect(wordsOf('Re: [Order-4711] – ÜBER_uns, नमस्ते!')).toEqual([
      're',
      'order',
      '4711',
      'über',
      'uns',
      'नमस्ते',
    ]);
    expect(wordsOf('… – !')).toEqual([]);
  });

  test('are the same however their accents were typed', () => {
    expect(wordsOf('Cafe\u0301')).toEqual(wordsOf('Caf\u00e9'));
  });
});

test('only acceptance and telling states change the terms of a message', () => {
  const changing = ['accepted', 'bounced', 'failed', 'expired', 'cancelled', 'unknown'] as const;
  const others = ['deferred', 'delivered', 'retried', 'alert'] as const;
  expect(changing.every(changesTerms)).toBe(true);
  expect(others.some(changesTerms)).toBe(false);
});

const MESSAGE: MessageView = {
  id: '38fxz93000800',
  account: 7,
  dialect: 'test',
  sender: address('bounce@sender.test'),
  from: address('shop@other.test'),
  subject: '',
  messageIdHeader: '<1@sender.test>',
  tags: [],
  metadata: {},
  priority: 'normal',
  lane: 1,
  size: 1,
  createdAt: 0,
  expiresAt: 0,
  isLeased: false,
  recipients: [],
};

function recipient(to: string, state: RecipientView['state']): RecipientView {
  return { index: 0, address: address(to), state, attempts: 0 };
}
