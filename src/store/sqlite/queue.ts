import type { ProviderId } from '../../core/message.ts';
import type { AdoptedMessage, EnqueueResult, LeaseId, NewMessage, Queue } from '../store.ts';
import type { Commit } from './engine.ts';
import { MOVED_AT_ONCE } from './intervene.ts';
import type { Journals } from './journals.ts';
import type { Room } from './queue-capacity.ts';

/** The queue verbs, each in the transaction of its turn. */
export function createQueue(commit: Commit, room: Room, journals: Journals): Queue {
  return {
    enqueue: message => enqueue(commit, room, message),
    claim: request => commit.run(engine => engine.leases.claim(request)),
    async finish(finish) {
      const result = await commit.soon(engine => engine.finish(finish));
      if (result === 'ended') room.moved(-1);
      if (result !== 'stale') journals.forget(finish.id);
      return result !== 'stale';
    },
    async release(back) {
      const isReleased = await commit.soon(engine => engine.leases.release(back));
      if (isReleased) journals.forget(back.id);
      return isReleased;
    },
    adopt: request => adopt(commit, journals, request),
    moveLane: (from, to) => moveLane(commit, from, to),
    async cancel(request) {
      const result = await commit.run(engine => engine.interventions.cancel(request));
      if (result === 'cancelled') room.moved(-1);
      return result;
    },
    async retry(request) {
      const result = await commit.run(engine => engine.interventions.retry(request));
      if (result === 'restarted') room.moved(+1);
      return result === 'restarted' ? 'retried' : result;
    },
    depth: () => commit.run(engine => engine.depth()),
  };
}

async function enqueue(commit: Commit, room: Room, message: NewMessage): Promise<EnqueueResult> {
  // Taken before the commit, so that those that come in the same turn do not all see the last place free.
  if (!room.take()) return { kind: 'full' };
  let isAccepted = false;
  try {
    const result = await commit.run(engine => engine.accept(message));
    isAccepted = result.kind === 'accepted';
    return result;
  } finally {
    if (!isAccepted) room.moved(-1);
  }
}

async function adopt(
  commit: Commit,
  journals: Journals,
  { from, to, limit }: { from: LeaseId; to: LeaseId; limit: number },
): Promise<readonly AdoptedMessage[]> {
  const { bootId, messages } = await commit.run(engine => ({
    bootId: engine.nodes.bootIdOf(from),
    messages: engine.leases.held(from, limit),
  }));
  const adopted = messages.map(journals.read(from, bootId));
  // Before the leases are ours: should we die too, our successor looks into our journal only.
  for (const one of adopted) journals.inherit(one);
  const ids = messages.map(message => message.id);
  await commit.run(engine => engine.leases.move(ids, to));
  return adopted;
}

async function moveLane(commit: Commit, from: ProviderId, to: ProviderId): Promise<number> {
  if (from === to) return 0;
  for (let total = 0; ; ) {
    const moved = await commit.run(engine => engine.interventions.moveLane(from, to));
    total += moved;
    if (moved < MOVED_AT_ONCE) return total;
  }
}
