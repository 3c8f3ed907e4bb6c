import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../gates/gate.ts';
import { parseDocument } from './documents.ts';

/** The block of a document in docs/, in that language, that has `part`. */
export function documentBlock(name: string, language: string, part: string): string {
  const path = join('docs', name);
  const { blocks } = parseDocument(path, readFileSync(join(ROOT, path), 'utf8'));
  const [found, ...others] = blocks.filter(block => block.language === language && block.text.includes(part));
  if (found === undefined || others.length > 0)
    throw new Error(`${path}: not exactly one block of ${language} has ${part}`);
  return found.text;
}
