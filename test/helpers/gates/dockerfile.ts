import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './gate.ts';

/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly words: string;
}

/** What the Dockerfile says of the image it makes. */
export interface Image {
  /** The instructions of each stage, from its FROM on. */
  readonly stages: readonly (readonly Instruction[])[];
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** Reads the Dockerfile of the repository. */
export function readDockerfile(): Image {
  const stages: Instruction[][] = [];
  for (const instruction of instructionsOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  const last = stages.at(-1) ?? [];
  const wordsOf = (name: string) => last.findLast(one => one.name === name)?.words ?? '';
  return {
    stages,
    environment: Object.fromEntries(
      [...wordsOf('ENV').matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    ),
    entrypoint: parseExecForm(wordsOf('ENTRYPOINT')),
    command: parseExecForm(wordsOf('CMD')),
    healthcheck: parseExecForm(wordsOf('HEALTHCHECK').replace(/^.*?\bCMD\b/, '')),
  };
}

function instructionsOf(text: string): Instruction[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name = '', words = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name: name.toUpperCase(), words };
    });
}

/** Throws when it is the shell's form: then a shell would get the signals, and the gate none. */
function parseExecForm(words: string): readonly string[] {
  return JSON.parse(words) as readonly string[];
}
