import type { Address } from '../../core/address.ts';
import type { TempMailSettings } from '../../core/temp-mail.ts';
import type { Author } from '../../store/audit.ts';
import type { Registry } from '../../store/registry.ts';

/** The settings that the administrator makes for all addresses, without the id of their record. */
export type Policy = Omit<TempMailSettings, 'id'>;

/** Reads and changes the policy. */
export interface PolicyStore {
  current(): Promise<Policy>;
  /** Absent fields stay as they are. */
  change(change: Partial<Policy>, author: Author): Promise<void>;
  close(): void;
}

const NAME = 'policy';
const DEFAULT_POLICY: Policy = {
  sendBlockList: [],
  sendLimits: { dailyEnabled: false, monthlyEnabled: false, dailyLimit: -1, monthlyLimit: -1 },
};

/** Holds the policy in memory until it changes in the registry. */
export function createPolicyStore(registry: Registry): PolicyStore {
  let cached: Promise<TempMailSettings | undefined> | undefined;
  const stop = registry.onChange(kind => {
    if (kind === 'tempMail') cached = undefined;
  });

  function record(): Promise<TempMailSettings | undefined> {
    if (cached === undefined) {
      const reading = registry.list('tempMail').then(([first]) => first);
      cached = reading;
      reading.catch(() => {
        if (cached === reading) cached = undefined;
      });
    }
    return cached;
  }

  return {
    current: async () => (await record()) ?? DEFAULT_POLICY,
    async change(change, author) {
      const added = await registry.add(
        'tempMail',
        NAME,
        id => ({ id, ...DEFAULT_POLICY, ...change }),
        author,
      );
      cached = undefined;
      if (added !== undefined) return;
      const [old] = await registry.list('tempMail');
      if (old !== undefined) {
        await registry.change('tempMail', old.id, before => ({ ...before, ...change }), author);
      }
      cached = undefined;
    },
    close: stop,
  };
}

/** Returns true if the text of the request, or the parsed address, contains an entry of the block list. Ignores case. */
export function isBlocked({ sendBlockList }: Policy, written: string, address: Address): boolean {
  const texts = [written.toLowerCase(), address.toLowerCase()];
  return sendBlockList.some(entry => entry !== '' && texts.some(text => text.includes(entry.toLowerCase())));
}
