// Writes docs/configuration.md from the schema. A test fails if the page is out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { configurationDocument } from '../src/config/configuration-document.ts';

const docs = new URL('../docs/', import.meta.url);
mkdirSync(docs, { recursive: true });
writeFileSync(new URL('configuration.md', docs), configurationDocument());
