import { relative } from 'node:path';
import { type ApiRule, type Page, readApiRules } from './api-rules.ts';
import type { Report } from './run-vitest.ts';
import type { StepResult } from './summary.ts';
import { root } from './tool.ts';

/** Where the register is, from the repository's root. */
export const REGISTER = 'test/api-register.md';

const INTRODUCTION = `# API rules and their tests

<!-- Printed by scripts/print-api-register.ts from docs/apis/ and the names of the tests: change those, not this page. -->

Each rule of a page in \`docs/apis/\` is a row here, with the tests that show it. A rule is a table row or a list item of a
page, or a paragraph that ends with a mark. The mark is a comment in the page, so readers do not see it:

\`\`\`
| \`{\` | 400 \`unexpected EOF\` | <!-- test: powermta { -->
\`\`\`

- The text of a mark is the end of the full name of exactly one test (the names of its \`describe\` blocks, then its own), and begins
  with a whole word. A mark with several tests has \` + \` between them.
- The whole run, \`npm test\`, fails when a rule has no mark, when a mark names no test or several, when a test of a mark failed, and when
  this page is stale. A test that was skipped counts as skipped, which CI does not accept.
- To add a rule: write the test, write the rule and its mark, then run \`npm run register\`. To rename a test: rename it in the marks too.
`;

/** A test that was found, whether it ran or not. */
interface FoundTest {
  /** From the repository's root. */
  readonly file: string;
  readonly fullName: string;
  /** One for each run of its file. */
  readonly statuses: readonly string[];
}

interface Resolved {
  readonly rule: ApiRule;
  /** In the order of the rule's marks; those that name no test, or several, are left out. */
  readonly tests: readonly (FoundTest & { readonly words: string })[];
}

/** The text of the register, and what is wrong with the pages: rules without a mark, marks that name no test or several. */
export function printRegister(
  pages: readonly Page[],
  report: Report,
): { readonly text: string; readonly problems: readonly string[]; readonly rules: readonly Resolved[] } {
  const names = testNames(report);
  const problems: string[] = [];
  const read = pages.map(page => ({ page, ...readApiRules(page) }));
  for (const { page, unmarked } of read)
    for (const says of unmarked) problems.push(`docs/apis/${page.name}: a rule without a test: ${says}`);
  const rules = read.flatMap(({ rules }) => rules.map(rule => resolve(rule, names, problems)));
  if (rules.length === 0) problems.push('docs/apis: there is no rule');
  return { text: `${INTRODUCTION}${tablesOf(rules)}`, problems, rules };
}

/** Compares pages, tests that ran and the register as it is: every rule must have tests, all of which passed. */
export function checkRegister(pages: readonly Page[], report: Report, register: string): StepResult {
  const { text, problems, rules } = printRegister(pages, report);
  const resultOf = rules.map(({ tests }) => ofAll(tests));
  const failures = [
    ...problems,
    ...rules
      .filter((_, i) => resultOf[i] === 'failed')
      .map(({ rule }) => `docs/apis/${rule.page}: a test of it failed: ${rule.says}`),
    ...(text === register ? [] : [`${REGISTER} is stale: npm run register`]),
  ];
  for (const failure of failures) console.log(`✗ ${failure}`);
  const count = (result: TestResult) => resultOf.filter(one => one === result).length;
  return { passed: count('passed'), failed: failures.length, skipped: count('skipped'), skips: [] };
}

type TestResult = 'passed' | 'failed' | 'skipped';

/** What the tests of a rule come to together; a rule whose mark names no test has failed already. */
function ofAll(tests: readonly FoundTest[]): TestResult | 'none' {
  if (tests.length === 0) return 'none';
  if (tests.some(({ statuses }) => statuses.includes('failed'))) return 'failed';
  return tests.every(({ statuses }) => statuses.includes('passed')) ? 'passed' : 'skipped';
}

function resolve(rule: ApiRule, { ending, nearest }: TestNames, problems: string[]): Resolved {
  const tests = rule.tests.flatMap(words => {
    const found = ending(words);
    if (found.length === 1) return found.map(test => ({ ...test, words }));
    const where = `docs/apis/${rule.page}: ${rule.says}: `;
    const name = `a name that ends with ${JSON.stringify(words)}`;
    problems.push(
      found.length > 1
        ? `${where}${found.length} tests have ${name}`
        : `${where}no test has ${name}; near it is ${JSON.stringify(nearest(words))}`,
    );
    return [];
  });
  return { rule, tests };
}

interface TestNames {
  /** The tests whose full name ends with these words. */
  ending(words: string): readonly FoundTest[];
  /** The full name that has most of these words: a test that was renamed, perhaps. */
  nearest(words: string): string;
}

function testNames(report: Report): TestNames {
  const tests = new Map<string, FoundTest>();
  for (const { name, assertionResults } of report.testResults) {
    const file = relative(root, name);
    for (const { fullName, status } of assertionResults) {
      // A file that runs with both engines is reported twice.
      const key = `${file} ${fullName}`;
      tests.set(key, { file, fullName, statuses: [...(tests.get(key)?.statuses ?? []), status] });
    }
  }
  const all = [...tests.values()];
  return {
    ending(words) {
      const found = all.filter(({ fullName }) => ` ${fullName}`.endsWith(` ${words}`));
      const exact = found.filter(({ fullName }) => fullName === words);
      return exact.length > 0 ? exact : found;
    },
    nearest(words) {
      const wanted = new Set(words.split(' '));
      const likeness = (name: string) => {
        const given = name.split(' ');
        return given.filter(word => wanted.has(word)).length / (given.length + wanted.size);
      };
      const names = all.map(({ fullName }) => ({ fullName, like: likeness(fullName) }));
      return names.reduce((best, one) => (one.like > best.like ? one : best), { fullName: '', like: 0 })
        .fullName;
    },
  };
}

function tablesOf(rules: readonly Resolved[]): string {
  const byPage = Map.groupBy(rules, ({ rule }) => rule.page);
  const pages = [...byPage].map(([page, all]) => {
    const sections = [...Map.groupBy(all, ({ rule }) => rule.section)].map(([section, rows]) => {
      const lines = rows.map(rowOf).join('\n');
      return `\n### ${section}\n\n| rule | shown by |\n|---|---|\n${lines}\n`;
    });
    return `\n## [${page}](../docs/apis/${page})\n${sections.join('')}`;
  });
  return pages.join('');
}

function rowOf({ rule, tests }: Resolved): string {
  // As in the mark: the whole name of some tests has a random seed in it.
  const shownBy = tests.map(({ file, words }) => `${code(words)} in ${file}`);
  return `| ${rule.says} | ${shownBy.join('<br>')} |`;
}

/** As code in a table cell, whatever is in it. */
function code(text: string): string {
  const inside = text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return inside.includes('`') ? `\`\` ${inside} \`\`` : `\`${inside}\``;
}
