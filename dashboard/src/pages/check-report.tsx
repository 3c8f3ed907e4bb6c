import { useEffect, useRef } from 'react';
import type { Check, Stage } from '../data/shapes.ts';
import { StateLabel } from '../parts/state-label.tsx';
import { duration, Time } from '../parts/time.tsx';

const NAMES: Readonly<Record<string, string>> = {
  dns: 'DNS lookup',
  connect: 'Connection',
  greeting: 'Greeting',
  tls: 'TLS',
  ehlo: 'EHLO',
  auth: 'Authentication',
  noop: 'NOOP',
  directory: 'Directory',
  mail: 'Test message',
};

/** The result of each stage of a connection test. */
export function CheckReport({ check }: { readonly check: Check }) {
  const ref = useRef<HTMLDivElement>(null);
  // The report may be below the visible part of the dialog.
  useEffect(() => {
    ref.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div className="stack" role="status" ref={ref}>
      <p>
        <StateLabel state={check.ok ? 'ok' : 'failed'}>{check.ok ? 'Test passed' : 'Test failed'}</StateLabel>
      </p>
      <ol className="stages">
        {check.stages.map(stage => (
          <li key={stage.stage} className={stage.ok ? 'stage-good' : 'stage-bad'}>
            <p className="stage-name">
              <span className="visually-hidden">{stage.ok ? 'Passed: ' : 'Failed: '}</span>
              {NAMES[stage.stage] ?? stage.stage}
              <span className="quiet-text figures">{duration(stage.ms)}</span>
            </p>
            <StageDetail stage={stage} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function StageDetail({ stage: { stage, ok, detail, certificate, capabilities } }: { readonly stage: Stage }) {
  // The reply to EHLO is the list of capabilities, which has its own layout.
  const showsDetail = capabilities === undefined || capabilities.length === 0;
  return (
    <div>
      {showsDetail && <p className={ok || stage === 'mail' ? undefined : 'bad-text'}>{detail}</p>}
      {certificate !== undefined && <CertificateLine certificate={certificate} />}
      {!showsDetail && (
        <ul className="chips">
          {capabilities.map(capability => (
            <li key={capability} className="chip">
              {capability}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** With this many days left or fewer, the certificate needs attention. */
const SOON_DAYS = 21;

function CertificateLine({ certificate }: { readonly certificate: NonNullable<Stage['certificate']> }) {
  const { subject, issuer, validTo, daysLeft } = certificate;
  return (
    <p className="quiet-text">
      Certificate for {subject || '(no name)'}, issued by {issuer || '(no name)'}:{' '}
      <span className={daysLeft < SOON_DAYS ? 'bad-text' : undefined}>{expiryText(daysLeft)}</span>,{' '}
      <Time at={validTo} />
    </p>
  );
}

function expiryText(days: number): string {
  if (days < 0) return 'expired';
  return days === 1 ? 'expires in 1 day' : `expires in ${days} days`;
}
