import type { Queue } from '../store.ts';
import type { Commit } from './engine.ts';
import type { Journals } from './journals.ts';
import type { Room } from './room.ts';

/** The queue verbs, each in the transaction of its turn. */
export function createQueue(commit: Commit, room: Room, journals: Journals): Queue {
  return {
    async enqueue(message) {
      if (!room.hasRoom()) return { kind: 'full' };
      const result = await commit.run(engine => engine.accept(message));
      if (result.kind === 'accepted') room.moved(+1);
      return result;
    },
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
    async adopt(request) {
      const bootId = await commit.run(engine => engine.nodes.bootIdOf(request.from));
      const factOf = journals.read(request.from, bootId);
      const messages = await commit.run(engine => engine.leases.adopt(request));
      return messages.map(message => factOf(message));
    },
    moveLane: (from, to) => commit.run(engine => engine.interventions.moveLane(from, to)),
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
