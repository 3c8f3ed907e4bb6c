import { describe } from 'vitest';
import { type MakeHarness, rigOpener } from '../helpers/stores/store-rig.ts';
import { describeAcceptance } from './store/acceptance.ts';
import { describeAddresses } from './store/addresses.ts';
import { describeAdoption } from './store/adoption.ts';
import { describeAudit } from './store/audit.ts';
import { describeCancel } from './store/cancel.ts';
import { describeCharges } from './store/charges.ts';
import { describeClaims } from './store/claims.ts';
import { describeClosing } from './store/closing.ts';
import { describeCursors } from './store/cursors.ts';
import { describeEvents } from './store/events.ts';
import { describeFinish } from './store/finish.ts';
import { describeIdempotency } from './store/idempotency.ts';
import { describeLanes } from './store/lanes.ts';
import { describeLimits } from './store/limits.ts';
import { describeList } from './store/list.ts';
import { describeNodes } from './store/nodes.ts';
import { describePurge } from './store/purge.ts';
import { describeRandomWalk } from './store/random-walk.ts';
import { describeRegistry } from './store/registry.ts';
import { describeRelease } from './store/release.ts';
import { describeReports } from './store/reports.ts';
import { describeRetry } from './store/retry.ts';
import { describeRollingWindow } from './store/rolling-window.ts';

/** What every engine must do; nothing in it knows which one it is. */
export function describeStore(name: string, makeHarness: MakeHarness): void {
  describe(`the ${name} store`, () => {
    const open = rigOpener(makeHarness);
    describeAcceptance(open);
    describeIdempotency(open);
    describeCharges(open);
    describeClaims(open);
    describeRelease(open);
    describeFinish(open);
    describeCancel(open);
    describeRetry(open);
    describeLanes(open);
    describeNodes(open);
    describeAdoption(open);
    describeList(open);
    describeEvents(open);
    describeCursors(open);
    describePurge(open);
    describeRegistry(open);
    describeLimits(open);
    describeAddresses(open);
    describeReports(open);
    describeAudit(open);
    describeClosing(open);
    describeRandomWalk(makeHarness);
    describeRollingWindow(makeHarness);
  });
}
