import { type Api, apiOf } from '../gates/api.ts';
import { type ServedGate, type ServeOptions, startServe } from '../gates/serve.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from './smtp-sink.ts';

/** A scripted server and the provider that leads to it. */
export interface FarEnd extends SmtpSink {
  /** Id of the provider. */
  readonly provider: number;
}

/** A gate whose every provider leads to a scripted server, so that tests side by side need not know of each other. */
export interface GateWithFarEnds {
  readonly gate: ServedGate;
  /** With the scope `manage`. */
  readonly api: Api;
  /** Adds a far end for the mail of one sender domain: in clear text, unless the settings say otherwise. */
  add(
    senderDomain: string,
    sink?: SinkOptions,
    settings?: Readonly<Record<string, unknown>>,
  ): Promise<FarEnd>;
  /** Stops the gate and every far end. */
  stop(): Promise<void>;
}

/** Starts a gate in development mode without any provider, not even the inbox; `settings` by path. */
export async function startGateWithFarEnds(
  settings: ServeOptions['settings'] = {},
): Promise<GateWithFarEnds> {
  const gate = await startServe({ settings });
  const api = apiOf(gate, gate.adminToken);
  const { providers } = await api.ask<{ providers: { id: number }[] }>('GET', '/v1/providers');
  for (const { id } of providers) await api.ask('DELETE', `/v1/providers/${id}`);
  const sinks: SmtpSink[] = [];
  return {
    ...{ gate, api },
    async add(senderDomain, options, more) {
      const sink = await startSmtpSink(options);
      sinks.push(sink);
      const { host, port } = sink;
      const senderDomains = [senderDomain];
      const provider = await api.addProvider({ host, port, encryption: 'none', senderDomains, ...more });
      return { ...sink, provider };
    },
    async stop() {
      await gate.stop();
      await Promise.all(sinks.map(sink => sink.close()));
    },
  };
}
