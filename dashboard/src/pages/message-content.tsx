import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { call, callText } from '../data/api.ts';
import type { Parts } from '../data/shapes.ts';
import { Empty, Fetched } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';

const TABS = ['Preview', 'Text', 'Headers', 'Attachments', 'Source'] as const;
type Tab = (typeof TABS)[number];
/** Characters of the source that the page shows; the download has all. */
const SHOWN_SOURCE = 500_000;

/** The parts of a message, as the gate parsed them. */
export function useParts(id: string) {
  return useQuery({
    queryKey: ['parts', id],
    queryFn: () => call<Parts>('GET', `/v1/messages/${encodeURIComponent(id)}/parts`),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The content of a message: rendered HTML, text, headers, attachments and source. */
export function MessageContent({ id }: { readonly id: string }) {
  const parts = useParts(id);
  const [chosen, choose] = useState<Tab>();
  return (
    <Fetched query={parts}>
      {data => {
        const tab = chosen ?? (data.hasHtml ? 'Preview' : 'Text');
        return (
          <>
            <Tabs tab={tab} onChoose={choose} attachments={data.attachments.length} />
            <div role="tabpanel" id="part" aria-labelledby={`tab-${tab}`} className="part">
              <Part id={id} parts={data} tab={tab} />
            </div>
          </>
        );
      }}
    </Fetched>
  );
}

/** A readable size: `12 kB`. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

interface TabsProps {
  readonly tab: Tab;
  readonly attachments: number;
  readonly onChoose: (tab: Tab) => void;
}

function Tabs({ tab, attachments, onChoose }: TabsProps) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
    onChoose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Message parts" className="tabs" onKeyDown={move}>
      {TABS.map(name => (
        <button
          type="button"
          role="tab"
          key={name}
          id={`tab-${name}`}
          aria-selected={name === tab}
          aria-controls="part"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onChoose(name)}
        >
          {name}
          {name === 'Attachments' && attachments > 0 && ` (${attachments})`}
        </button>
      ))}
    </div>
  );
}

function Part({ id, parts, tab }: { readonly id: string; readonly parts: Parts; readonly tab: Tab }) {
  switch (tab) {
    case 'Preview':
      return parts.hasHtml ? <Preview id={id} /> : <Empty title="This message has no HTML" />;
    case 'Text':
      return parts.text === null ? (
        <Empty title="This message has no text" />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable with the keyboard
        <pre tabIndex={0}>{parts.text}</pre>
      );
    case 'Headers':
      return <Headers parts={parts} />;
    case 'Attachments':
      return <Attachments id={id} parts={parts} />;
    case 'Source':
      return <Source id={id} />;
  }
}

function Preview({ id }: { readonly id: string }) {
  const [isPhone, setPhone] = useState(false);
  return (
    <>
      <p className="part-tools">
        <span className="hint">Scripts and remote content are blocked</span>
        <label>
          <input type="checkbox" checked={isPhone} onChange={event => setPhone(event.target.checked)} />{' '}
          Mobile
        </label>
      </p>
      {/* An empty sandbox permits no scripts, forms or navigation, and gives the frame an opaque origin. */}
      <iframe
        sandbox=""
        title="Rendered message"
        className={isPhone ? 'preview preview-phone' : 'preview'}
        src={`/v1/messages/${encodeURIComponent(id)}/parts/html`}
      />
    </>
  );
}

function Headers({ parts }: { readonly parts: Parts }) {
  return (
    <Table label="Headers" columns={['Header', 'Value']}>
      {parts.headers.map(({ name, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: header names can repeat, and the order never changes
        <tr key={index}>
          <th scope="row">{name}</th>
          <td className="wide">{value}</td>
        </tr>
      ))}
    </Table>
  );
}

function Attachments({ id, parts }: { readonly id: string; readonly parts: Parts }) {
  if (parts.attachments.length === 0) return <Empty title="This message has no attachments" />;
  return (
    <Table label="Attachments" columns={['Name', 'Type', 'Size']}>
      {parts.attachments.map(({ index, filename, contentType, size, isInline }) => (
        <tr key={index}>
          <td className="wide">
            <a href={`/v1/messages/${encodeURIComponent(id)}/parts/${index}`} download>
              {filename || `(no name, ${index})`}
            </a>
          </td>
          <td>
            {contentType}
            {isInline && ' · inline'}
          </td>
          <td className="figures">{fileSize(size)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Source({ id }: { readonly id: string }) {
  const path = `/v1/messages/${encodeURIComponent(id)}/raw`;
  const source = useQuery({
    queryKey: ['raw', id],
    queryFn: () => callText(path),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Fetched query={source}>
      {text => (
        <>
          <p className="part-tools">
            <span className="hint">
              {text.length > SHOWN_SOURCE && `Only the first ${fileSize(SHOWN_SOURCE)} are shown`}
            </span>
            <a href={path} download={`${id}.eml`}>
              Download
            </a>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable with the keyboard */}
          <pre tabIndex={0}>{text.slice(0, SHOWN_SOURCE)}</pre>
        </>
      )}
    </Fetched>
  );
}
