import type { Passwords } from '../../auth/passwords.ts';
import { hasControl } from '../../core/control-characters.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import type { User } from '../../core/user.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { PublicUser } from '../../operations/user-operations.ts';
import type { Audit } from '../../store/audit.ts';
import type { Registry } from '../../store/registry.ts';
import { asAuthor } from '../author.ts';

export interface UsersContext {
  readonly registry: Registry;
  readonly audit: Pick<Audit, 'note'>;
  readonly passwords: Passwords;
  /** Epoch ms. */
  readonly now: () => number;
}

export type UserHandlers = Pick<Handlers, 'users' | 'addUser' | 'changeUser' | 'removeUser' | 'signOutUser'>;

const MAX_NAME = 64;
const SHORTEST_PASSWORD = 10;
/** What the hash takes; longer ones would never match. */
const LONGEST_PASSWORD = 256;

/** The people who sign in to the dashboard. Who loses a role, the password or all of it notices with the next request. */
export function createUserHandlers({ registry, audit, passwords, now }: UsersContext): UserHandlers {
  return {
    async users() {
      return (await registry.list('user')).map(withoutHash);
    },
    async addUser(principal, { name, role, password }) {
      const problems: Problem[] = [];
      checkName(name, problems);
      checkPassword(password, problems);
      throwIfAny(problems);
      const passwordHash = await passwords.hash(password);
      const at = now();
      const added = await registry.add(
        'user',
        name,
        id => ({
          ...{ id, name, role, isEnabled: true, passwordHash },
          ...{ sessionsSince: at, createdAt: at, updatedAt: null },
        }),
        asAuthor(principal, now),
      );
      if (added !== undefined) return withoutHash(added);
      throw new AppError('conflict', `There is a user ${JSON.stringify(name)} already.`);
    },
    async changeUser(principal, { id, settings: { role, isEnabled, password } }) {
      const problems: Problem[] = [];
      if (password !== undefined) checkPassword(password, problems);
      throwIfAny(problems);
      const losesPower = (role !== undefined && role !== 'admin') || isEnabled === false;
      if (losesPower) await assertNotTheLastAdmin(registry, id);
      const passwordHash = password === undefined ? undefined : await passwords.hash(password);
      const changed = await registry.change(
        'user',
        id,
        old => ({
          ...old,
          role: role ?? old.role,
          isEnabled: isEnabled ?? old.isEnabled,
          passwordHash: passwordHash ?? old.passwordHash,
          sessionsSince: passwordHash !== undefined || isEnabled === false ? now() : old.sessionsSince,
          updatedAt: now(),
        }),
        asAuthor(principal, now),
      );
      return withoutHash(changed ?? fail(id));
    },
    async removeUser(principal, { id }) {
      await assertNotTheLastAdmin(registry, id);
      if (!(await registry.remove('user', id, asAuthor(principal, now)))) fail(id);
      return undefined;
    },
    async signOutUser(principal, { id }) {
      const changed = await registry.change('user', id, old => ({ ...old, sessionsSince: now() }));
      const { name } = changed ?? fail(id);
      const what = { action: 'changed', kind: 'user', subject: id, name } as const;
      await audit.note({ ...asAuthor(principal, now), ...what, changes: { sessions: [null, 'ended'] } });
      return undefined;
    },
  };
}

/** Whoever holds the operator token could still get in, but not all who look after a gate do. */
async function assertNotTheLastAdmin(registry: Registry, id: number): Promise<void> {
  const admins = (await registry.list('user')).filter(user => user.role === 'admin' && user.isEnabled);
  if (admins.length !== 1 || admins[0]?.id !== id) return;
  throw new AppError(
    'conflict',
    `${JSON.stringify(admins[0].name)} is the last administrator: make somebody else one first.`,
  );
}

function withoutHash({ passwordHash: _, sessionsSince: __, ...user }: User): PublicUser {
  return user;
}

function checkName(name: string, problems: Problem[]): void {
  if (name.trim() !== '' && name.length <= MAX_NAME && !hasControl(name)) return;
  problems.push({ field: 'name', message: `must be 1 to ${MAX_NAME} characters without control characters` });
}

function checkPassword(password: string, problems: Problem[]): void {
  if (password.length >= SHORTEST_PASSWORD && password.length <= LONGEST_PASSWORD) return;
  problems.push({
    field: 'password',
    message: `must be ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`,
  });
}

function throwIfAny(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first !== undefined) throw new AppError('invalid', `${first.field} ${first.message}.`, { problems });
}

function fail(id: number): never {
  throw new AppError('not_found', `There is no user ${id}.`);
}
