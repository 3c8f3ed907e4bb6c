import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';

/** Deletes all messages of the inbox of development mode, after a confirmation. */
export function EmptyDialog({ onClose }: { readonly onClose: () => void }) {
  const empty = useCall(onClose);
  return (
    <Dialog title="Delete all messages" onClose={onClose}>
      <p>This deletes every message in a final state, with its delivery history. Queued messages stay.</p>
      {empty.error !== null && <Failure error={empty.error} />}
      <div className="dialog-foot">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          disabled={empty.isPending}
          onClick={() => empty.mutate({ method: 'DELETE', path: '/v1/messages' })}
        >
          {empty.isPending ? 'Deleting…' : 'Delete all'}
        </button>
      </div>
    </Dialog>
  );
}
