import type { Address } from '../../core/address.ts';
import type { TempMailSettings } from '../../core/temp-mail.ts';
import type { Author } from '../../store/audit.ts';
import type { Registry } from '../../store/registry.ts';

/** What the administrator sets for all addresses, without the id of its record. */
export type Policy = Omit<TempMailSettings, 'id'>;

/** Reads and changes the policy. */
export interface PolicyBook {
  current(): Promise<Policy>;
  /** What is absent stays as it is. */
  change(change: Partial<Policy>, author: Author): Promise<void>;
  close(): void;
}

const NAME = 'policy';
const NOTHING_SET: Policy = {
  sendBlockList: [],
  sendLimits: { dailyEnabled: false, monthlyEnabled: false, dailyLimit: -1, monthlyLimit: -1 },
};

/** The policy as the registry has it, held in memory until it changes. */
export function createPolicyBook(registry: Registry): PolicyBook {
  let known: Promise<TempMailSettings | undefined> | undefined;
  const stop = registry.onChange(kind => {
    if (kind === 'tempMail') known = undefined;
  });

  function record(): Promise<TempMailSettings | undefined> {
    if (known === undefined) {
      const reading = registry.list('tempMail').then(([first]) => first);
      known = reading;
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
    }
    return known;
  }

  return {
    current: async () => (await record()) ?? NOTHING_SET,
    async change(change, author) {
      const made = await registry.add('tempMail', NAME, id => ({ id, ...NOTHING_SET, ...change }), author);
      known = undefined;
      if (made !== undefined) return;
      const [old] = await registry.list('tempMail');
      if (old !== undefined) {
        await registry.change('tempMail', old.id, before => ({ ...before, ...change }), author);
      }
      known = undefined;
    },
    close: stop,
  };
}

/** Whether a recipient, as written and as understood, contains an entry of the block list, in any capitals. */
export function isBlocked({ sendBlockList }: Policy, written: string, address: Address): boolean {
  const texts = [written.toLowerCase(), address.toLowerCase()];
  return sendBlockList.some(entry => entry !== '' && texts.some(text => text.includes(entry.toLowerCase())));
}
