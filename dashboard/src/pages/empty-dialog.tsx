import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';

/** Deletes what the inbox of development mode keeps, once it was asked whether that is meant. */
export function EmptyDialog({ onClose }: { readonly onClose: () => void }) {
  const empty = useCall(onClose);
  return (
    <Dialog title="Delete all" onClose={onClose}>
      <p>Every message that has ended is deleted, with what became of it. What still waits stays.</p>
      {empty.error !== null && <Failure error={empty.error} />}
      <div className="dialog-foot">
        <button type="button" onClick={onClose}>
          Keep them
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
