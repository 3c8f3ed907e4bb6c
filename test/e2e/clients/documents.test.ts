import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reader, startReader } from '../../helpers/documents/document-reader.ts';
import { type Document, isRun, readDocuments } from '../../helpers/documents/documents.ts';
import { differences } from '../../helpers/documents/sample-answer.ts';
import { needs, type Program } from '../../helpers/programs/outside.ts';

// Every block of README.md and docs/ is run as printed, but for the ports: the gate of a test listens on free ones. The
// blocks of a document run one after another in one terminal, as a reader would paste them. scripts/documents.test.ts
// finds blocks that are neither run nor marked.

for (const document of readDocuments().filter(({ blocks }) => blocks.some(isRun))) {
  const isThere = needs(`the blocks of ${document.path}`, ...programsOf(document));
  describe.runIf(isThere)(document.path, () => {
    let reader: Reader;
    beforeAll(async () => {
      reader = await startReader();
    });
    afterAll(() => reader?.close());

    for (const [index, block] of document.blocks.entries()) {
      const next = document.blocks[index + 1];
      if (block.mark?.kind === 'file') test(`has a file at line ${block.line}`, () => reader.save(block));
      if (!isRun(block)) continue;
      test(`has a block at line ${block.line} that runs as printed`, async () => {
        const output = await reader.run(block);
        if (next?.mark?.kind !== 'answer') return;
        expect(differences(JSON.parse(next.text), JSON.parse(output)), output).toEqual([]);
      });
    }

    test('has mail that is delivered, unless it is scheduled or cancelled', () => reader.reachEnd());
  });
}

/** The programs that the blocks of a document need, of those that may be missing. */
function programsOf({ blocks }: Document): readonly Program[] {
  const needed = blocks.filter(isRun).flatMap(({ language, text }): Program[] => {
    if (language === 'python') return ['python3'];
    return (['curl', 'openssl', 'php', 'python3'] as const).filter(name =>
      new RegExp(`\\b${name}\\b`).test(text),
    );
  });
  return [...new Set(needed)];
}
