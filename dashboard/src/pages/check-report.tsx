import { useEffect, useRef } from 'react';
import type { Check, Stage } from '../data/shapes.ts';
import { StateWord } from '../parts/state-word.tsx';
import { duration, Time } from '../parts/time.tsx';

const NAMES: Readonly<Record<string, string>> = {
  dns: 'Name',
  connect: 'Connect',
  greeting: 'Greeting',
  tls: 'TLS',
  ehlo: 'EHLO',
  auth: 'Sign-in',
  noop: 'NOOP',
  directory: 'Directory',
  mail: 'Test mail',
};

/** What each stage of a connection found. */
export function CheckReport({ check }: { readonly check: Check }) {
  const ref = useRef<HTMLDivElement>(null);
  // It may come below what is in view.
  useEffect(() => {
    ref.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div className="stack" role="status" ref={ref}>
      <p>
        <StateWord state={check.ok ? 'ok' : 'failed'}>{check.ok ? 'works' : 'does not work'}</StateWord>
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
  // The line of EHLO is the list itself, which is shown in a shape of its own.
  const isSaid = capabilities === undefined || capabilities.length === 0;
  return (
    <div>
      {isSaid && <p className={ok || stage === 'mail' ? undefined : 'bad-text'}>{detail}</p>}
      {certificate !== undefined && <CertificateLine certificate={certificate} />}
      {!isSaid && (
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

/** Days in which somebody should look after it. */
const SOON = 21;

function CertificateLine({ certificate }: { readonly certificate: NonNullable<Stage['certificate']> }) {
  const { subject, issuer, validTo, daysLeft } = certificate;
  return (
    <p className="quiet-text">
      Certificate of {subject || 'no name'}, by {issuer || 'nobody named'}:{' '}
      <span className={daysLeft < SOON ? 'bad-text' : undefined}>{leftText(daysLeft)}</span>, until{' '}
      <Time at={validTo} />
    </p>
  );
}

function leftText(days: number): string {
  if (days < 0) return 'it has ended';
  return days === 1 ? 'one day left' : `${days} days left`;
}
