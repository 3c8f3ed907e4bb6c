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
};

/** What each stage of a connection found. */
export function CheckReport({ check }: { readonly check: Check }) {
  return (
    <div className="stack" role="status">
      <p>
        <StateWord state={check.ok ? 'ok' : 'failed'}>{check.ok ? 'works' : 'does not work'}</StateWord>
      </p>
      <ol className="stages">
        {check.stages.map(stage => (
          <li key={stage.stage}>
            <StateWord state={stage.ok ? 'ok' : 'failed'} />
            <span>
              {NAMES[stage.stage] ?? stage.stage}
              <br />
              <span className="quiet-text figures">{duration(stage.ms)}</span>
            </span>
            <StageDetail stage={stage} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function StageDetail({ stage: { detail, certificate, capabilities, addresses } }: { readonly stage: Stage }) {
  return (
    <div>
      <p>{detail}</p>
      {addresses !== undefined && <p className="quiet-text">{addresses.join(', ')}</p>}
      {certificate !== undefined && (
        <p className="quiet-text">
          {certificate.subject}, by {certificate.issuer}: {certificate.daysLeft} days left, until{' '}
          <Time at={certificate.validTo} />
        </p>
      )}
      {capabilities !== undefined && <p className="quiet-text">{capabilities.join(' · ')}</p>}
    </div>
  );
}
