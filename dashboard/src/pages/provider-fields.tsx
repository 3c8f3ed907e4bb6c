import type { Problem } from '../data/api.ts';
import type { Preset, Provider } from '../data/shapes.ts';
import { Field } from '../parts/field.tsx';

export interface ProviderFieldsProps {
  readonly kind: Provider['kind'];
  readonly provider: Provider | undefined;
  readonly preset: Preset | undefined;
  readonly problems: readonly Problem[];
}

/** The settings of a provider. */
export function ProviderFields({ kind, provider, preset, problems }: ProviderFieldsProps) {
  const problemOf = (field: string) => problems.find(problem => problem.field === field)?.message;
  return (
    <>
      <div className="form-grid">
        <Field label="Name" problem={problemOf('caption')}>
          <input name="caption" maxLength={255} defaultValue={provider?.caption ?? preset?.caption ?? ''} />
        </Field>
        {kind === 'pickup' && (
          <Field label="Directory" problem={problemOf('directory')}>
            <input name="directory" defaultValue={provider?.directory} />
          </Field>
        )}
      </div>
      {kind === 'smtp' && <ServerFields provider={provider} preset={preset} problemOf={problemOf} />}
      <details open={preset !== undefined}>
        <summary>Limits, priority and senders</summary>
        <AdvancedFields provider={provider} preset={preset} problemOf={problemOf} />
      </details>
    </>
  );
}

interface GroupProps extends Pick<ProviderFieldsProps, 'provider' | 'preset'> {
  readonly problemOf: (field: string) => string | undefined;
}

function ServerFields({ provider, preset, problemOf }: GroupProps) {
  const known = provider ?? preset;
  return (
    <div className="form-grid">
      <Field label="Host" problem={problemOf('host')}>
        <input name="host" autoComplete="off" defaultValue={known?.host ?? ''} />
      </Field>
      <Field label="Port" problem={problemOf('port')}>
        <input name="port" inputMode="numeric" defaultValue={known?.port ?? 587} />
      </Field>
      <Field label="Encryption" problem={problemOf('encryption')}>
        <select name="encryption" defaultValue={known?.encryption ?? 'tls'}>
          <option value="tls">STARTTLS</option>
          <option value="ssl">Implicit TLS</option>
          <option value="none">None (unencrypted)</option>
        </select>
      </Field>
      <Field label="User name" hint={preset?.usernameHint} problem={problemOf('username')}>
        <input name="username" autoComplete="off" defaultValue={known?.username ?? ''} />
      </Field>
      <Field
        label="Password"
        hint={provider === undefined ? preset?.passwordHint : 'Leave empty to keep the stored password'}
        problem={problemOf('password')}
      >
        <input name="password" type="password" autoComplete="new-password" />
      </Field>
      <Field label="Max connections" problem={problemOf('maxConnections')}>
        <input name="maxConnections" inputMode="numeric" defaultValue={known?.maxConnections ?? 20} />
      </Field>
    </div>
  );
}

const LIMITS = [
  ['maxPerSecond', 'Recipients per second'],
  ['maxPerMinute', 'Recipients per minute'],
  ['maxPerHour', 'Recipients per hour'],
  ['maxPerDay', 'Recipients per day'],
] as const;

function AdvancedFields({ provider, preset, problemOf }: GroupProps) {
  const limitOf = (name: (typeof LIMITS)[number][0]) =>
    provider?.[name] ?? (preset === undefined ? undefined : Reflect.get(preset, name)) ?? '';
  return (
    <div className="form-grid">
      {LIMITS.map(([name, label]) => (
        <Field key={name} label={label} problem={problemOf(name)}>
          <input name={name} inputMode="numeric" placeholder="No limit" defaultValue={limitOf(name)} />
        </Field>
      ))}
      <Field label="Priority" hint="Lower values are tried first" problem={problemOf('priority')}>
        <input name="priority" inputMode="numeric" defaultValue={provider?.priority ?? 10} />
      </Field>
      <Field
        label="Weight"
        hint="Share of mail among providers with the same priority"
        problem={problemOf('weight')}
      >
        <input name="weight" inputMode="numeric" defaultValue={provider?.weight ?? 100} />
      </Field>
      <Field label="Sender domains" hint="Empty = all" problem={problemOf('senderDomains')}>
        <input name="senderDomains" defaultValue={provider?.senderDomains.join(', ')} />
      </Field>
      <Field label="Default sender" problem={problemOf('sendFrom')}>
        <input name="sendFrom" defaultValue={provider?.sendFrom} />
      </Field>
      <Field label="Sender name" problem={problemOf('sendFromName')}>
        <input name="sendFromName" defaultValue={provider?.sendFromName} />
      </Field>
    </div>
  );
}
