// npm run register: writes test/api-register.md from the pages of docs/apis/ and the names of all tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printRegister, REGISTER } from './api-register.ts';
import { readApiPages } from './api-rules.ts';
import { nameTests } from './run-vitest.ts';
import { root } from './tool.ts';

const { text, problems } = printRegister(readApiPages(), await nameTests());
for (const problem of problems) console.log(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else writeFileSync(join(root, REGISTER), text);
