import { describe, expect, test } from 'vitest';
import type { OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeCursors(open: OpenRig): void {
  describe('the readers of the event log', () => {
    test('stand at 0 until they have come somewhere, each for itself', async () => {
      const rig = await open();
      const { history } = rig.store;
      await rig.hurry(history.keepCursor('webhook:1', '4711'));
      expect(await history.cursor('webhook:1')).toBe('4711');
      expect(await history.cursor('webhook:2')).toBe('0');
    });

    test('find where they were after a restart', async () => {
      const rig = await open();
      await rig.hurry(rig.store.history.keepCursor('notices', '7'));
      await rig.hurry(rig.store.history.keepCursor('notices', '999999999999999999'));
      await rig.restart();
      expect(await rig.store.history.cursor('notices')).toBe('999999999999999999');
    });

    test('can go back', async () => {
      const rig = await open();
      await rig.hurry(rig.store.history.keepCursor('notices', '7'));
      await rig.hurry(rig.store.history.keepCursor('notices', '0'));
      expect(await rig.store.history.cursor('notices')).toBe('0');
    });

    test('keep nothing that is no seq', async () => {
      const { history } = (await open()).store;
      for (const seq of ['', '-1', '1.5', 'seven', '1'.repeat(19)])
        await expect(history.keepCursor('notices', seq)).rejects.toMatchObject({ code: 'invalid' });
      expect(await history.cursor('notices')).toBe('0');
    });

    test('are told the newest event, and have nothing to read after it', async () => {
      const rig = await open();
      const { history } = rig.store;
      expect(await history.newest()).toBe('0');
      await rig.accept();
      await rig.accept();
      const events = await rig.events();
      expect(await history.newest()).toBe(events.at(-1)?.seq);
      expect(await history.events({ after: await history.newest(), limit: 9 })).toEqual([]);
    });
  });
}
