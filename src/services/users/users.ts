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
const MIN_PASSWORD = 10;
/** The limit of `passwords.ts`: a longer password would never match. */
const MAX_PASSWORD = 256;

/** Handlers for the users of the dashboard. A change of role, password or state takes effect with the user's next request. */
export function createUserHandlers({ registry, audit, passwords, now }: UsersContext): UserHandlers {
  return {
    async users() {
      return (await registry.list('user')).map(withoutHash);
    },
    async addUser(principal, { name, role, password }) {
      const problems: Problem[] = [];
      checkName(name, problems);
      checkPassword(password, problems);
      throwProblems(problems);
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
      throw new AppError('conflict', `A user with the name ${JSON.stringify(name)} already exists.`);
    },
    async changeUser(principal, { id, settings: { role, isEnabled, password } }) {
      const problems: Problem[] = [];
      if (password !== undefined) checkPassword(password, problems);
      throwProblems(problems);
      const losesAdminRole = (role !== undefined && role !== 'admin') || isEnabled === false;
      if (losesAdminRole) await assertNotLastAdmin(registry, id);
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
      return withoutHash(changed ?? throwNotFound(id));
    },
    async removeUser(principal, { id }) {
      await assertNotLastAdmin(registry, id);
      if (!(await registry.remove('user', id, asAuthor(principal, now)))) throwNotFound(id);
      return undefined;
    },
    async signOutUser(principal, { id }) {
      const changed = await registry.change('user', id, old => ({ ...old, sessionsSince: now() }));
      const { name } = changed ?? throwNotFound(id);
      const entry = { action: 'changed', kind: 'user', subject: id, name } as const;
      await audit.note({ ...asAuthor(principal, now), ...entry, changes: { sessions: [null, 'ended'] } });
      return undefined;
    },
  };
}

/** The operator token would still work, but not every administrator has it. */
async function assertNotLastAdmin(registry: Registry, id: number): Promise<void> {
  const admins = (await registry.list('user')).filter(user => user.role === 'admin' && user.isEnabled);
  if (admins.length !== 1 || admins[0]?.id !== id) return;
  throw new AppError(
    'conflict',
    `${JSON.stringify(admins[0].name)} is the last administrator. Give another user the role admin first.`,
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
  if (password.length >= MIN_PASSWORD && password.length <= MAX_PASSWORD) return;
  problems.push({
    field: 'password',
    message: `must be ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`,
  });
}

function throwProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first !== undefined) throw new AppError('invalid', `${first.field} ${first.message}.`, { problems });
}

function throwNotFound(id: number): never {
  throw new AppError('not_found', `There is no user ${id}.`);
}
